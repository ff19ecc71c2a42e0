"""A program that takes seccomp away from itself, then uses the sandbox and prints what happened.

The kernel then answers its children as one without seccomp would: a filter that knows a single system call stands
in for it. Used by test_sandbox.py.
"""

import ctypes
import errno
import json
import struct
import sys

from evidence.metadata import seccomp
from evidence.metadata.sandbox import Confinement, Limits, SandboxError, run

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER = 22, 38, 2


def take_seccomp_away() -> None:
    machine = seccomp.this_machine()
    code = b"".join(
        struct.pack("=HBBI", *line)
        for line in (
            (seccomp.LOAD_WORD, 0, 0, seccomp.NUMBER_AT),
            (seccomp.JUMP_EQUAL, 0, 1, machine.seccomp),
            (seccomp.RETURN, 0, 0, seccomp.RET_ERRNO | errno.ENOSYS),
            (seccomp.RETURN, 0, 0, seccomp.RET_ALLOW),
        )
    )
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_SECCOMP, MODE_FILTER)):
        last = ctypes.c_char_p(program) if call[0] == PR_SET_SECCOMP else ctypes.c_ulong(0)
        if libc.prctl(ctypes.c_int(call[0]), ctypes.c_ulong(call[1]), last, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    take_seccomp_away()
    try:
        result = run(
            "tests.evidence.metadata.hostile_parsers:honest",
            file=b"abc",
            arguments={"say": "x"},
            limits=Limits(),
            confinement=Confinement(sys.argv[1]),
        )
    except SandboxError as problem:
        print(json.dumps({"error": type(problem).__name__}))
    else:
        print(json.dumps({"value": result.value, "protection": result.protection}))


if __name__ == "__main__":
    main()
