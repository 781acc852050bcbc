"""Packs a compiled module into a wheel, installs that with pip into an environment of its own, and uses it there."""

import base64
import hashlib
import subprocess
import sys
import sysconfig
import venv
import zipfile

with open(sys.argv[1], "rb") as file:
    extension = file.read()
python = f"cp{sys.version_info.major}{sys.version_info.minor}"
tag = f"{python}-{python}-{sysconfig.get_platform().replace('-', '_')}"
files = {
    f"compiled{sysconfig.get_config_var('EXT_SUFFIX')}": extension,
    "compiled-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: compiled\nVersion: 1.0\n",
    "compiled-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
}


def line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(data)}\n"


record = "compiled-1.0.dist-info/RECORD"
files[record] = ("".join(line(*item) for item in files.items()) + f"{record},,\n").encode()
wheel = f"/tmp/compiled-1.0-{tag}.whl"
with zipfile.ZipFile(wheel, "w") as archive:
    for name, data in files.items():
        archive.writestr(name, data)

venv.create("/tmp/environment", with_pip=True)
quiet = ["--quiet", "--no-index", "--no-cache-dir", "--disable-pip-version-check"]
subprocess.run(["/tmp/environment/bin/pip", "install", *quiet, wheel], check=True)
code = "import compiled, importlib.metadata as m; print(m.version('compiled'), compiled.total([1, 2.5]))"
subprocess.run(["/tmp/environment/bin/python", "-c", code], check=True)
