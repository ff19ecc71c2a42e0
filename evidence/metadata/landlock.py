"""Ask the kernel's Landlock to refuse this process every file, TCP port and signal to others.

A second wall behind seccomp.py, where the kernel has it (5.13 and later). It grants nothing: the child has
read all its code before. It does not replace the seccomp filter, which also covers what Landlock does not
know.
"""

import ctypes
import os
import struct

# The same numbers on every machine.
CREATE_RULESET = 444
RESTRICT_SELF = 446
WANT_VERSION = 1

ACCESS_FILES_V1 = (1 << 13) - 1
ACCESS_REFER = 1 << 13
ACCESS_TRUNCATE = 1 << 14
ACCESS_DEVICE = 1 << 15
ACCESS_TCP = 0b11
SCOPE_SOCKETS_AND_SIGNALS = 0b11


def refuse_everything() -> bool:
    """Enter an empty Landlock domain for good; False where the kernel has no Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(
        ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(WANT_VERSION)
    )
    if version < 1:
        return False
    request = ruleset(version)
    handle = libc.syscall(
        ctypes.c_long(CREATE_RULESET),
        ctypes.c_char_p(request),
        ctypes.c_size_t(len(request)),
        ctypes.c_uint(0),
    )
    if handle < 0:
        return False
    try:
        return int(libc.syscall(ctypes.c_long(RESTRICT_SELF), ctypes.c_int(handle), ctypes.c_uint(0))) == 0
    finally:
        os.close(handle)


def ruleset(version: int) -> bytes:
    """Everything that this version of Landlock can refuse, in the kernel's struct of that version."""
    files = ACCESS_FILES_V1
    files |= ACCESS_REFER if version >= 2 else 0
    files |= ACCESS_TRUNCATE if version >= 3 else 0
    files |= ACCESS_DEVICE if version >= 5 else 0
    request = struct.pack("=Q", files)
    request += struct.pack("=Q", ACCESS_TCP) if version >= 4 else b""
    request += struct.pack("=Q", SCOPE_SOCKETS_AND_SIGNALS) if version >= 6 else b""
    return request
