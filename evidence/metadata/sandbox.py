"""Run one parser over one hostile file in a process that can do nothing else.

The child (sandbox_child.py) is a fresh interpreter without environment, settings, secrets or inherited
handles. Its input is an anonymous memory file, or, for a file larger than memory, a socket on which it asks the
parent for ranges of that one file: plaintext evidence never touches a disk by our hand (swap is the operator's
to encrypt). When it starts to read evidence it can open no file, reach no network, start no
process and signal nobody. What it answers is data to be judged: it may lie about the file, it cannot do harm.
This file does not interpret answers, and it does not decide what happens to a file that broke its parser.
"""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any, BinaryIO, Protocol

MIB = 1024 * 1024
# Evidence larger than this is not copied to memory; callers report it as not examined.
MAX_INPUT = 256 * MIB
# Complaints of C libraries on stderr; more than this is an attack on the reader of logs.
MAX_NOISE = 256 * 1024
COPY_STEP = MIB
FRAME = struct.Struct(">8sQQ")
# What the child asks for on its socket: where, and how many bytes. range_file.py writes it.
RANGE = struct.Struct(">QI")
LARGEST_RANGE = MIB
MAGIC = b"UNBROKEN"
PROJECT = Path(__file__).resolve().parents[2]
CHILD = PROJECT / "evidence" / "metadata" / "sandbox_child.py"


class SandboxError(Exception):
    """The parser gave no answer about this file."""


class SandboxTimeout(SandboxError):
    """The parser used up its time."""


class SandboxLimit(SandboxError):
    """The parser, or its input, went over a limit of memory or size."""


class SandboxCrashed(SandboxError):
    """The parser stopped on an error or was killed; detail may quote evidence, so it stays out of logs."""

    def __init__(self, message: str, *, error: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.error = error
        self.detail = detail


class SandboxUnavailable(SandboxError):
    """This machine cannot build the walls; nothing was parsed."""


class SandboxUnloadable(SandboxError):
    """The target itself could not be imported: our error, not the file's."""


class Confinement(StrEnum):
    """What to do where the kernel has no seccomp: refuse, or go on with the other walls only."""

    REQUIRED = "required"
    DEGRADED = "degraded"


@dataclass(frozen=True)
class Limits:
    """Wall-clock time, address space (code included, so never below 128 MiB) and size of the answer."""

    seconds: float = 20
    memory_bytes: int = 512 * MIB
    output_bytes: int = 8 * MIB


@dataclass(frozen=True)
class SandboxResult:
    """The parser's value (JSON), its output, and the walls that stood: limits, nobody, landlock, seccomp."""

    value: Any  # Any: JSON has no better name in Python's types
    output: bytes
    protection: tuple[str, ...]


@dataclass(frozen=True)
class MemoryInput:
    """Evidence in an anonymous, sealed memory file; made by memory_input(), shared by several runs."""

    handle: int
    size: int


@dataclass(frozen=True)
class RangeInput:
    """Evidence too large for memory: a seekable file of the parent, of which the child gets ranges on request."""

    file: BinaryIO
    size: int


class Parser(Protocol):
    """What a target looks like inside the child. All its imports are at the top of its module.

    file is seekable and read-only; output takes bytes up to Limits.output_bytes; the answer must be JSON.
    A module may name further modules to load in PRELOAD = ("encodings.cp1252", …): nothing loads later.
    """

    def __call__(self, file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> Any: ...


@contextmanager
def memory_input(source: BinaryIO | bytes) -> Iterator[MemoryInput]:
    """Copy evidence once to memory for several runs. Raises SandboxLimit above MAX_INPUT."""
    handle = os.memfd_create("evidence", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        size = 0
        for chunk in _chunks(source):
            size += len(chunk)
            if size > MAX_INPUT:
                raise SandboxLimit(f"the file is larger than {MAX_INPUT // MIB} MiB")
            _write_all(handle, chunk)
        fcntl(handle, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)
        yield MemoryInput(handle, size)
    finally:
        os.close(handle)


def run(
    target: str,
    *,
    file: BinaryIO | bytes | MemoryInput | RangeInput,
    arguments: dict[str, Any],
    limits: Limits,
    confinement: Confinement = Confinement.REQUIRED,
) -> SandboxResult:
    """Call target ("package.module:function", see Parser) in a locked child and return its answer.

    Raises SandboxTimeout, SandboxLimit, SandboxCrashed, SandboxUnloadable or SandboxUnavailable, which are
    all SandboxError.
    """
    order = {
        "target": target,
        "arguments": arguments,
        "path": _import_path(),
        "parent": os.getpid(),
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
        "output_bytes": limits.output_bytes,
        "confinement": confinement.value,
        "ranges_of": file.size if isinstance(file, RangeInput) else None,
    }
    with ExitStack() as stack:
        service: _RangeService | None = None
        if isinstance(file, RangeInput):
            service = stack.enter_context(_RangeService(file))
            evidence = service.theirs.fileno()
        else:
            source = file if isinstance(file, MemoryInput) else stack.enter_context(memory_input(file))
            evidence = _reader(source, stack)
        # The order may hold victims' names for the redactors: a memory file, never the command line.
        order_file = stack.enter_context(memory_input(json.dumps(order).encode("ascii")))
        answer = _converse(evidence, _reader(order_file, stack), service, limits)
    return _interpret(answer)


class _RangeService:
    """Answers the child's requests for ranges of the one file; what is not a request ends the child."""

    def __init__(self, source: RangeInput) -> None:
        self.socket, self.theirs = socket.socketpair()
        self._source = source

    def __enter__(self) -> "_RangeService":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.theirs.close()

    def answer_one(self, seconds: float) -> bool:
        """Serve one range; False when the child has closed its end. Raises TimeoutError, SandboxCrashed."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            request = self.socket.recv(RANGE.size)
        except ConnectionError as problem:
            raise SandboxCrashed("the parser broke off its input") from problem
        if not request:
            return False
        data = self._range(request)
        try:
            self.socket.sendall(data)
        except ConnectionError as problem:
            raise SandboxCrashed("the parser broke off its input") from problem
        return True

    def _range(self, request: bytes) -> bytes:
        if len(request) != RANGE.size:
            raise SandboxCrashed("the parser asked for bytes in another form than agreed")
        place, count = RANGE.unpack(request)
        if count > LARGEST_RANGE or place + count > self._source.size:
            raise SandboxCrashed("the parser asked for bytes that the file does not have")
        self._source.file.seek(place)
        data = self._source.file.read(count)
        if len(data) != count:
            raise SandboxLimit("the file is shorter than its caller said")
        return data


def _converse(evidence: int, order: int, service: _RangeService | None, limits: Limits) -> bytes:
    """Start the child, collect its frame, and leave no process behind whatever happens."""
    deadline = monotonic() + limits.seconds
    result_out, result_in = os.pipe()
    with os.fdopen(result_out, "rb", buffering=0) as result:
        try:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    "-X",
                    "utf8",
                    str(CHILD),
                    str(order),
                    str(evidence),
                    str(result_in),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={},
                cwd="/",
                pass_fds=(order, evidence, result_in),
                start_new_session=True,
            )
        except OSError as problem:
            raise SandboxUnavailable(f"no process could be started: {problem}") from problem
        finally:
            os.close(result_in)
            if service is not None:
                # Only the child holds the other end now, so its death ends a request that it began.
                service.theirs.close()
        with child:
            try:
                answer = _collect(child, result, service, limits, deadline)
                status = child.wait(max(0.0, deadline - monotonic()))
            except (subprocess.TimeoutExpired, TimeoutError):
                raise SandboxTimeout(f"the parser did not end within {limits.seconds:g} s") from None
            finally:
                _kill_group(child)
    return _checked(answer, status, limits)


def _collect(
    child: "subprocess.Popen[bytes]",
    result: BinaryIO,
    service: _RangeService | None,
    limits: Limits,
    deadline: float,
) -> bytes:
    """Read answer and noise until the child closes both, each with its limit, and serve ranges meanwhile."""
    answer, noise = bytearray(), 0
    largest = limits.output_bytes + FRAME.size
    with DefaultSelector() as selector:
        selector.register(result, EVENT_READ)
        if child.stdout is not None:
            selector.register(child.stdout, EVENT_READ)
        if service is not None:
            selector.register(service.socket, EVENT_READ)
        while _speaks(selector, service):
            ready = selector.select(max(0.0, deadline - monotonic()))
            if not ready:
                raise SandboxTimeout(f"the parser did not end within {limits.seconds:g} s")
            for key, _ in ready:
                if service is not None and key.fileobj is service.socket:
                    if not service.answer_one(deadline - monotonic()):
                        selector.unregister(service.socket)
                    continue
                chunk = os.read(key.fd, COPY_STEP)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is result:
                    answer += chunk
                else:
                    noise += len(chunk)
            if len(answer) > largest:
                raise SandboxLimit(f"the answer is larger than {limits.output_bytes} bytes")
            if noise > MAX_NOISE:
                raise SandboxLimit(f"the parser printed more than {MAX_NOISE} bytes")
    return bytes(answer)


def _speaks(selector: DefaultSelector, service: _RangeService | None) -> bool:
    """Whether the child still has answer or noise open; our own socket alone says nothing."""
    return any(service is None or key.fileobj is not service.socket for key in selector.get_map().values())


def _checked(answer: bytes, status: int, limits: Limits) -> bytes:
    if status == -signal.SIGXCPU:
        raise SandboxTimeout(f"the parser used more than {limits.seconds:g} s of processor time")
    if status < 0:
        raise SandboxCrashed(f"the parser was killed by {_signal_name(-status)}", error=_signal_name(-status))
    if status > 0:
        raise SandboxCrashed(f"the parser ended with status {status}")
    return answer


def _interpret(answer: bytes) -> SandboxResult:
    """Take the frame apart; the child may be under an attacker's control, so every field is checked."""
    try:
        magic, head_size, output_size = FRAME.unpack_from(answer)
        if magic != MAGIC or len(answer) != FRAME.size + head_size + output_size:
            raise ValueError("frame")
        head = json.loads(answer[FRAME.size : FRAME.size + head_size], parse_constant=_refuse_constant)
        if not isinstance(head, dict):
            raise ValueError("head")
    except (ValueError, struct.error, RecursionError) as problem:
        raise SandboxCrashed("the parser gave no readable answer") from problem
    return _result(head, answer[FRAME.size + head_size :])


def _result(head: dict[str, Any], output: bytes) -> SandboxResult:
    if "unavailable" in head:
        raise SandboxUnavailable(f"this machine cannot confine a parser: {head['unavailable']}")
    if "unloadable" in head:
        raise SandboxUnloadable(f"the sandbox could not load its target: {head['unloadable']}")
    if "limit" in head:
        raise SandboxLimit(f"the parser went over its limit of {head['limit']}")
    if "error" in head:
        error = str(head["error"])
        raise SandboxCrashed(f"the parser stopped: {error}", error=error, detail=str(head.get("detail", "")))
    walls = head.get("protection")
    if "value" not in head or not isinstance(walls, list):
        raise SandboxCrashed("the parser gave no readable answer")
    return SandboxResult(value=head["value"], output=output, protection=tuple(str(wall) for wall in walls))


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    """Kill the child and whatever it started; it is the leader of its own group."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _reader(source: MemoryInput, stack: ExitStack) -> int:
    """Open the memory file anew, read-only: the child gets its own position and cannot write."""
    try:
        handle = os.open(f"/proc/self/fd/{source.handle}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        raise SandboxUnavailable(f"this machine has no usable /proc: {problem}") from problem
    stack.callback(os.close, handle)
    return handle


def _import_path() -> list[str]:
    """Where the child finds code: the libraries of this interpreter, then this project."""
    libraries = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    return [*libraries, str(PROJECT)]


def _chunks(source: BinaryIO | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while chunk := source.read(COPY_STEP):
        yield chunk


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
