"""Asks the image's loader for every program and library in the image; prints what it does not find, and how many there are."""

import os
import re
import subprocess

LOADER = "/lib64/ld-linux-x86-64.so.2"
OTHER_SYSTEMS = re.compile(r"/(proc|sys|dev|run|programs)(/|$)")


def programs():
    for folder, _, names in os.walk("/"):
        if OTHER_SYSTEMS.match(folder):
            continue
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK):
                with open(path, "rb") as file:
                    if file.read(4) == b"\x7fELF":
                        yield path


count = 0
for path in programs():
    count += 1
    result = subprocess.run([LOADER, "--list", path], capture_output=True, text=True)
    said = result.stdout + result.stderr
    if "not found" in said or "cannot open" in said:
        print(path, *re.findall(r"\S+(?= => not found)|\S+(?=: cannot open)", said))
print(count)
