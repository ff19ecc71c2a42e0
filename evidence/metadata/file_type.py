"""Name the kind of a file from its content, never from its name, with libmagic.

Loaded only inside the sandbox. It says what the bytes look like to libmagic, not that the file is valid, and
a file can be built to look like two kinds at once.
"""

import contextlib
import ctypes.util
from typing import Any, BinaryIO

from evidence.metadata.table import Table

# The wheel's libmagic, where it is installed, gives the same answer on every machine; the system's is the
# fallback.
with contextlib.suppress(ImportError):
    import pylibmagic  # noqa: F401 - importing it tells ctypes and libmagic where the wheel keeps its files

# python-magic would start ldconfig and a compiler to look for a library whose name is fixed.
ctypes.util.find_library = lambda name: f"lib{name}.so.1"

import magic  # noqa: E402 - only after the two lines above

# libmagic looks at no more than this in its widest tests (FILE_BYTES_MAX of libmagic 5.45).
HEAD = 8 * 1024 * 1024
# Formats of forensic work for which libmagic has a description and no content type.
SIGNATURES = (
    (b"EVF\x09\x0d\x0a\xff\x00", "application/x-ewf"),
    (b"EVF2\x0d\x0a\x81\x00", "application/x-ewf2"),
    (b"LVF\x09\x0d\x0a\xff\x00", "application/x-ewf-logical"),
    (b"!BDN", "application/vnd.ms-outlook-pst"),
)
UNKNOWN = "application/octet-stream"
MIME = magic.Magic(mime=True, mime_encoding=True)
WORDS = magic.Magic()
VERSION: int = magic.version()  # type: ignore[no-untyped-call]


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with content type, character set and libmagic's description."""
    head = file.read(HEAD)
    content_type, _, charset = MIME.from_buffer(head).partition("; charset=")
    if content_type == UNKNOWN:
        content_type = next((name for mark, name in SIGNATURES if head.startswith(mark)), UNKNOWN)
    table = Table()
    table.put("content_type", content_type)
    table.put("charset", charset or "unknown")
    table.put("description", WORDS.from_buffer(head))
    table.put("libmagic", "{}.{:02}".format(*divmod(VERSION, 100)))
    return table.answer(empty="libmagic has no answer.")
