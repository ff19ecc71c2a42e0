"""The list of system calls a parser of evidence may still make, as a seccomp filter.

It names what is allowed; everything else answers EPERM: opening any file, sockets, new processes and threads,
exec, ptrace, signals to others, mounts, keys, io_uring. The list is closed, so a call that a newer kernel
adds is refused without anyone thinking of it. It does not limit time or memory; sandbox_child.py sets those.
"""

import ctypes
import errno
import os
import struct
from dataclasses import dataclass

RET_ALLOW = 0x7FFF0000
RET_ERRNO = 0x00050000
RET_KILL = 0x80000000

LOAD_WORD = 0x20
JUMP_EQUAL = 0x15
JUMP_SET = 0x45
RETURN = 0x06

# struct seccomp_data: nr at 0, arch at 4, instruction pointer at 8, six 64-bit arguments from 16. Both
# machines are little endian, so the low word of an argument comes first; every argument tested below is a C
# int or a bit in the low word.
NUMBER_AT = 0
MACHINE_AT = 4
ARGUMENTS_AT = 16

AT_EMPTY_PATH = 0x1000
PROT_EXEC = 0x4
F_DUPFD_CLOEXEC = 1030
SET_MODE_FILTER = 1
FLAG_TSYNC = 1


@dataclass(frozen=True)
class Machine:
    """One processor family: its audit number and its column in the tables below."""

    audit: int
    column: int
    seccomp: int


MACHINES = {
    "x86_64": Machine(audit=0xC000003E, column=0, seccomp=317),
    "aarch64": Machine(audit=0xC00000B7, column=1, seccomp=277),
}

# name: (x86_64, aarch64); None where the family has no such call.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "lseek": (8, 62),
    "brk": (12, 214),
    "munmap": (11, 215),
    "futex": (202, 98),
    "close": (3, 57),
    "fstat": (5, 80),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

# The C library falls back to an older call when these say "no such call", and gives up when they say
# "refused".
ABSENT: dict[str, tuple[int, int]] = {"statx": (332, 291), "clone3": (435, 435)}

MMAP, MPROTECT = (9, 222), (10, 226)
NEWFSTATAT, FCNTL, TGKILL = (262, 79), (72, 25), (234, 131)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL: not F_SETOWN, which sends signals to other processes.
FCNTL_COMMANDS = (0, 1, 2, 3, F_DUPFD_CLOEXEC)


class SeccompError(OSError):
    """The kernel or the machine does not take the filter."""


def this_machine() -> Machine:
    """Return the processor family; raises SeccompError where the tables have none."""
    name = os.uname().machine
    machine = MACHINES.get(name)
    if machine is None or struct.calcsize("P") != 8:
        raise SeccompError(errno.ENOSYS, f"no system call table for {name}")
    return machine


def build_filter(machine: Machine, process_id: int) -> bytes:
    """Assemble the filter; process_id is the only process the child may signal (raise and abort need it)."""
    column = machine.column
    code = [_op(LOAD_WORD, MACHINE_AT), _op(JUMP_EQUAL, machine.audit, 1, 0), _op(RETURN, RET_KILL)]
    code.append(_op(LOAD_WORD, NUMBER_AT))
    for numbers in ALLOWED.values():
        number = numbers[column]
        if number is not None:
            code += [_op(JUMP_EQUAL, number, 0, 1), _op(RETURN, RET_ALLOW)]
    for absent in ABSENT.values():
        code += [_op(JUMP_EQUAL, absent[column], 0, 1), _op(RETURN, RET_ERRNO | errno.ENOSYS)]
    # No memory may become executable once the code is loaded.
    code += _when(MMAP[column], 2, [_op(JUMP_SET, PROT_EXEC, 1, 0)])
    code += _when(MPROTECT[column], 2, [_op(JUMP_SET, PROT_EXEC, 1, 0)])
    # The C library's fstat on x86_64 is newfstatat with an empty path; a stat by path has no such flag.
    code += _when(NEWFSTATAT[column], 3, [_op(JUMP_SET, AT_EMPTY_PATH, 0, 1)])
    commands = len(FCNTL_COMMANDS)
    code += _when(
        FCNTL[column],
        1,
        [
            _op(JUMP_EQUAL, command, commands - place - 1, 0 if place < commands - 1 else 1)
            for place, command in enumerate(FCNTL_COMMANDS)
        ],
    )
    code += _when(TGKILL[column], 0, [_op(JUMP_EQUAL, process_id, 0, 1)])
    code.append(_op(RETURN, RET_ERRNO | errno.EPERM))
    return b"".join(code)


def install(machine: Machine) -> None:
    """Put the filter on every thread of this process, for good. PR_SET_NO_NEW_PRIVS must be set before."""
    code = build_filter(machine, os.getpid())
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(
        ctypes.c_long(machine.seccomp),
        ctypes.c_ulong(SET_MODE_FILTER),
        ctypes.c_ulong(FLAG_TSYNC),
        ctypes.c_char_p(program),
    )
    if answer != 0:
        number = ctypes.get_errno()
        raise SeccompError(number, f"the kernel refused the seccomp filter: {os.strerror(number)}")


def _op(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _when(number: int, argument: int, test: list[bytes]) -> list[bytes]:
    """Allow the call where the test falls through to the next line, refuse it one line further."""
    inner = [_op(LOAD_WORD, ARGUMENTS_AT + 8 * argument), *test]
    inner += [_op(RETURN, RET_ALLOW), _op(RETURN, RET_ERRNO | errno.EPERM)]
    return [_op(JUMP_EQUAL, number, 0, len(inner)), *inner]
