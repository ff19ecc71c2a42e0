"""Parsers that an attacker has taken over: each does one forbidden thing inside the sandbox.

Used as targets by test_sandbox.py. They run in the child, so they must not rely on anything of the tests.
"""

import ctypes
import hashlib
import mmap
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

Arguments = dict[str, Any]


def honest(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    data = file.read()
    output.write(data[::-1])
    return {"size": len(data), "said": arguments["say"]}


def open_socket(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    family = getattr(socket, arguments["family"])
    return socket.socket(family, getattr(socket, arguments["type"])).fileno()


def make_pair_of_sockets(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return [end.fileno() for end in socket.socketpair()]


def write_file(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    with Path(arguments["path"]).open("wb") as target:
        return target.write(b"out")


def change_input(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return os.write(file.fileno(), b"changed")


def read_file(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    with Path(arguments["path"]).open("rb") as target:
        return target.read(100).hex()


def list_folder(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return [entry.name for entry in Path(arguments["path"]).iterdir()]


def ask_for_file(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return Path(arguments["path"]).stat().st_size


def change_tree(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return getattr(os, arguments["call"])(*arguments["with"])


def execute(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    os.execv("/bin/sh", ["sh", "-c", "echo out"])


def start_process(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return subprocess.run(["/bin/true"]).returncode


def fork_endlessly(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    while True:
        os.fork()


def start_thread(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    import threading

    threading.Thread(target=time.sleep, args=(1,)).start()


def eat_memory(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def loop(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    while True:
        pass


def sleep(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    time.sleep(600)


def print_a_gigabyte(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    for _ in range(1024):
        os.write(1, b"x" * 1024 * 1024)


def complain_a_gigabyte(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    for _ in range(1024):
        os.write(2, b"x" * 1024 * 1024)


def write_too_much_output(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    while True:
        output.write(b"x" * 1024 * 1024)


def answer_too_much(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return "x" * arguments["size"]


def flood_the_result(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    """Write past our own limits straight to the result pipe, as injected code would."""
    while True:
        os.write(int(sys.argv[3]), b"x" * 1024 * 1024)


def forge_the_result(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    os.write(int(sys.argv[3]), bytes.fromhex(arguments["frame"]))
    os._exit(0)


def read_environment(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return dict(os.environ)


def name_open_handles(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    found = []
    for handle in range(256):
        try:
            os.fstat(handle)
        except OSError:
            continue
        found.append(handle)
    return {"open": found, "folder_is_known": "HOME" in os.environ, "user": os.geteuid()}


def kill_parent(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    os.kill(os.getppid(), arguments["signal"])


def kill_self(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    os.abort()


def crash(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    ctypes.string_at(8)


def trace_parent(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return _call(101 if arguments["machine"] == "x86_64" else 117, 16, os.getppid(), 0, 0)


def call_kernel(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return _call(*arguments["call"])


def make_code(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))


def load_late(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    import sqlite3

    return sqlite3.sqlite_version


def fail(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    raise ValueError("about the file")


def answer_not_json(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    return float("nan")


def _call(number: int, *values: int) -> int:
    """Make one system call; a refusal is raised as the OSError that Python would raise."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = int(libc.syscall(ctypes.c_long(number), *(ctypes.c_long(value) for value in values)))
    if answer == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def digest_of_all(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    """Honest: the SHA-256 of the file read whole, and some bytes out of its middle and end."""
    whole = hashlib.sha256()
    while data := file.read(arguments["step"]):
        whole.update(data)
    pieces = []
    for place, whence, count in arguments["pieces"]:
        file.seek(place, whence)
        pieces.append(file.read(count).hex())
    return {"sha256": whole.hexdigest(), "pieces": pieces}


def ask_for_a_range(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    """Write a request of its own to the socket, past the class that makes true ones."""
    handle = file.raw._handle  # type: ignore[attr-defined]
    os.write(handle, bytes.fromhex(arguments["request"]))
    if arguments.get("close"):
        os.close(handle)
    return os.read(handle, 100).hex()


def ask_and_read_nothing(file: BinaryIO, arguments: Arguments, output: BinaryIO) -> Any:
    handle = file.raw._handle  # type: ignore[attr-defined]
    for _ in range(1000):
        os.write(handle, bytes.fromhex(arguments["request"]))
    time.sleep(60)
    return None
