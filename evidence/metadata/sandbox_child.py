"""The program that runs inside the sandbox: load the parser, lock every door, then read the evidence.

Started by sandbox.py as a fresh interpreter, never imported by it. The order matters: code is loaded while
files can still be opened and no byte of evidence has been read; after lock() no file can be opened at all, so
a parser must import everything it needs at the top of its module. It holds no settings, no secrets, no handle
but its input.
"""

import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec
from io import BufferedReader, BytesIO
from types import ModuleType
from typing import Any, BinaryIO, NoReturn

MAGIC = b"UNBROKEN"
NOBODY = 65534
MAX_DETAIL = 2000
# One thread, a few handles: input, result, noise and whatever dup() a parser makes.
MAX_HANDLES = 24
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
M_ARENA_MAX = -8


class OutputLimitError(Exception):
    """The parser wrote more output than its caller allowed."""


class UnavailableError(Exception):
    """A wall that must stand could not be built."""


class Output(BytesIO):
    """Output bytes in memory, never more than the caller allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:  # Any: the buffer protocol has no name before Python 3.12
        if self.tell() + memoryview(data).nbytes > self._limit:
            raise OutputLimitError
        return super().write(data)


class ClosedFinder:
    """Say clearly why an import after lock() fails: a parser has to load its code before."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        raise ModuleNotFoundError(f"{name} was not loaded before the sandbox was closed", name=name)


def main() -> NoReturn:
    """Take the order from the first handle, evidence from the second, answer on the third."""
    order = json.loads(_read_all(int(sys.argv[1])))
    result = int(sys.argv[3])
    # The interpreter itself sets LC_CTYPE.
    os.environ.clear()
    # The isolated interpreter knows its own library only; the parent tells where this project and its
    # libraries lie.
    sys.path[:] = [*sys.path, *order["path"]]
    try:
        restrain(order)
        function = load(order["target"])
        load("evidence.metadata.range_file:RangeFile")
        protection = lock(must=order["confinement"] == "required")
    except UnavailableError as problem:
        answer(result, {"unavailable": str(problem)})
    except (ImportError, AttributeError, SyntaxError) as problem:
        answer(result, {"unloadable": f"{type(problem).__name__}: {problem}"})
    with evidence(int(sys.argv[2]), order["ranges_of"]) as file:
        serve(function, file, order, result, protection)


def evidence(handle: int, ranges_of: int | None) -> BinaryIO:
    """The evidence as a seekable file: memory, or ranges of a larger file that the parent sends on request."""
    if ranges_of is None:
        return os.fdopen(handle, "rb")
    from evidence.metadata.range_file import RangeFile

    return BufferedReader(RangeFile(handle, ranges_of), RangeFile.LARGEST)


def serve(
    function: Callable[..., Any],  # Any: what a parser returns is checked by json.dumps
    file: BinaryIO,
    order: dict[str, Any],
    result: int,
    protection: list[str],
) -> NoReturn:
    """Run the parser and send its value and output, or the name of what went wrong."""
    output = Output(order["output_bytes"])
    try:
        value = function(file, order["arguments"], output)
        head = {"value": value, "protection": protection}
        text = json.dumps(head, allow_nan=False).encode("ascii")
        if len(text) + len(output.getbuffer()) > order["output_bytes"]:
            raise OutputLimitError
    except MemoryError:
        answer(result, {"limit": "memory"})
    except OutputLimitError:
        answer(result, {"limit": "output"})
    except Exception as problem:  # noqa: BLE001 - any error of a parser is an answer about this file
        answer(result, {"error": type(problem).__name__, "detail": str(problem)[:MAX_DETAIL]})
    send(result, text, output.getbuffer())


def restrain(order: dict[str, Any]) -> None:
    """Limit time and memory, and die with the parent. Comes before any code but this file is loaded."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise UnavailableError("the kernel has no PR_SET_NO_NEW_PRIVS")
    _die_with_parent(order["parent"])
    if hasattr(libc, "mallopt"):
        # Each arena of the GNU allocator reserves 64 MiB of address space, which RLIMIT_AS counts.
        libc.mallopt(M_ARENA_MAX, 1)
    seconds = int(order["seconds"]) + 1
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, order["memory_bytes"]),
    ):
        _lower(kind, value)


def load(target: str) -> Callable[..., Any]:
    """Import "package.module:function" and the modules that its PRELOAD names (text codecs, plugins)."""
    from importlib import import_module

    name, _, attribute = target.partition(":")
    module = import_module(name)
    for extra in getattr(module, "PRELOAD", ()):
        import_module(extra)
    function: Callable[..., Any] = getattr(module, attribute)
    return function


def lock(*, must: bool) -> list[str]:
    """Close every door and return the names of the walls that stand.

    Raises UnavailableError where the seccomp filter, the wall that must stand, does not.
    """
    from evidence.metadata import landlock, seccomp

    parent = os.getppid()
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        _lower(kind, 0)
    _lower(resource.RLIMIT_NOFILE, MAX_HANDLES)
    walls = ["limits"]
    if _become_nobody():
        walls.append("nobody")
    # A change of user clears the order to die with the parent.
    _die_with_parent(parent)
    if landlock.refuse_everything():
        walls.append("landlock")
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, ClosedFinder]
    try:
        seccomp.install(seccomp.this_machine())
        _try_the_door()
        walls.append("seccomp")
    except seccomp.SeccompError as problem:
        if must:
            raise UnavailableError(str(problem)) from problem
    return walls


def answer(result: int, head: dict[str, Any]) -> NoReturn:
    send(result, json.dumps(head).encode("ascii"), memoryview(b""))


def send(result: int, head: bytes, output: memoryview) -> NoReturn:
    """Write one frame and end at once: nothing after the answer runs."""
    _write_all(result, MAGIC + struct.pack(">QQ", len(head), len(output)) + head)
    _write_all(result, output)
    os._exit(0)


def _try_the_door() -> None:
    """Believe the wall only after walking into it; some container runtimes accept a filter and ignore it."""
    from evidence.metadata.seccomp import SeccompError

    try:
        handle = os.open("/", os.O_RDONLY)
    except PermissionError:
        return
    os.close(handle)
    raise SeccompError(1, "the kernel took the seccomp filter but does not apply it")


def _become_nobody() -> bool:
    """Give up root and its capabilities where we have them; the filter holds for root as well."""
    if os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        # A container without CAP_SETUID, or a user namespace without that user.
        return False
    return True


def _die_with_parent(parent: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the order above was given.
        os._exit(1)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _read_all(handle: int) -> bytes:
    with os.fdopen(handle, "rb") as file:
        return file.read()


def _write_all(handle: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


if __name__ == "__main__":
    main()
