"""Uses what of Python depends on other libraries, on data or on the system; prints what it found as JSON."""

import asyncio
import bz2
import concurrent.futures
import ctypes
import ctypes.util
import datetime
import decimal
import getpass
import gzip
import hashlib
import json
import locale
import lzma
import multiprocessing
import os
import platform
import pwd
import socket
import sqlite3
import ssl
import subprocess
import sys
import uuid
import zlib
import zoneinfo
from xml.etree import ElementTree

LIBRARIES = ["c", "m", "crypto", "ssl", "sqlite3", "z", "lzma", "bz2", "expat", "ffi", "uuid", "readline"]


def square(number):
    return number * number


def libraries():
    """Names of libraries that are found by their short names, and loaded."""
    paths = [ctypes.util.find_library(name) for name in [*LIBRARIES, "stdc++", "gomp"]]
    return [path for path in paths if ctypes.CDLL(path)]


def database():
    with sqlite3.connect("/tmp/test.sqlite") as connection:
        connection.execute("create virtual table texts using fts5(text)")
        connection.executemany("insert into texts values (?)", [("distroless images",), ("nothing",)])
        query = "select json_object('found', text) from texts where texts match 'images'"
        return connection.execute(query).fetchone()[0]


def pooled(method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        return sum(pool.map(square, range(10)))


def threaded():
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        return sum(executor.map(square, range(10)))


async def echo():
    async def answer(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"echo")
    writer.write_eof()
    return (await reader.read()).decode()


def environment():
    """A virtual environment without pip, and a program in it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "/tmp/environment"], check=True)
    code = "import sys; print(sys.prefix, sys.prefix != sys.base_prefix)"
    command = ["/tmp/environment/bin/python", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    data = b"distroless " * 1000
    noon = datetime.datetime(2024, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    facts = {
        "version": "%d.%d" % sys.version_info[:2],
        "machine": platform.machine(),
        "distribution": platform.freedesktop_os_release()["VERSION_CODENAME"],
        "user": [os.getuid(), getpass.getuser(), os.path.expanduser("~"), pwd.getpwuid(0).pw_name],
        "libraries": libraries(),
        "nothing": ctypes.util.find_library("nothing"),
        "call": ctypes.CDLL(None).strlen(b"four"),
        "sqlite": database(),
        "time": noon.isoformat(),
        "zones": len(zoneinfo.available_timezones()) > 400,
        "locale": [locale.setlocale(locale.LC_ALL, ""), sys.getfilesystemencoding(), sys.stdout.encoding],
        "compression": [each.decompress(each.compress(data)) == data for each in (zlib, gzip, bz2, lzma)],
        "hashes": [hashlib.new(name, b"x").hexdigest()[:4] for name in ("sha256", "sha3_256", "blake2b", "md5")],
        "scrypt": hashlib.scrypt(b"x", salt=b"y", n=2, r=1, p=1, dklen=2).hex(),
        "processes": [pooled(method) for method in ("fork", "spawn", "forkserver")],
        "threads": threaded(),
        "asyncio": asyncio.run(echo()),
        "venv": environment(),
        "xml": ElementTree.fromstring("<a><b>text</b></a>").findtext("b"),
        "uuid": uuid.uuid1().version,
        "bundle": ssl.get_default_verify_paths().cafile,
        "names": [socket.gethostbyname("localhost"), socket.getservbyname("https"), socket.getprotobyname("udp")],
        "decimal": str(decimal.Decimal(2).sqrt())[:6],
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
