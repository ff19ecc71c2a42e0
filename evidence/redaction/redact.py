"""Make a redacted copy of one file: choose the redactor by content type, and check that the type is true.

The copy is a new file, the same for the same input and registry. It is not released by this: the leak check, which
shares no code with this side, reads it first. Runs in the sandbox (sandboxed.py); redact() itself does not confine.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import PIL

from evidence.redaction.encoding import decode
from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.image import redact_image
from evidence.redaction.json_text import redact_json
from evidence.redaction.mail import redact_mail
from evidence.redaction.mask import mask
from evidence.redaction.registry import Protected, Redacted, UnsupportedError, from_arguments
from evidence.redaction.table import redact_table

# Other versions of any of these may make other bytes of the same input.
TOOL = f"unbroken redaction 1 (Unicode {unicodedata.unidata_version}, Pillow {PIL.__version__})"
_TABLES = ("text/csv", "application/csv", "text/tab-separated-values")
_JSON = ("application/json", "text/json", "application/x-ndjson", "application/jsonl")
_SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
SUPPORTED = frozenset({"text/plain", *_TABLES, *_JSON, "message/rfc822", *_SIGNATURES})


def redact(data: bytes, content_type: str, registry: Sequence[Protected]) -> Redacted:
    """Return a redacted copy of data. Raises UnsupportedError, with a sentence, for what cannot be redacted safely."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in SUPPORTED:
        raise UnsupportedError("Files of this type cannot be redacted yet; the item stays withheld.")
    if not data:
        raise UnsupportedError("The file is empty.")
    findings = Findings()
    finder = Finder(registry)
    copy = _copy(data, kind, finder, findings)
    if not copy:
        raise UnsupportedError("The file holds no text, only the mark of its encoding.")
    return Redacted(copy, kind, findings.hits, list(findings.remarks), TOOL)


def redact_words(text: str, registry: Sequence[Protected]) -> str:
    """Return a short text (a file name, a title) with everything replaced that names a person."""
    return mask(text, Finder(registry), Findings(), part="words")


def redact_child(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Redact inside the sandbox: the registry comes through the pipe, the copy goes out the same way."""
    try:
        redacted = redact(file.read(), arguments["content_type"], from_arguments(arguments["registry"]))
    except UnsupportedError as refusal:
        return {"unsupported": refusal.reason}
    output.write(redacted.data)
    hits = [[h.pseudonym, h.kind, h.spelling.value, h.part, h.position] for h in redacted.hits]
    return {
        "content_type": redacted.content_type,
        "hits": hits,
        "remarks": redacted.remarks,
        "tool": redacted.tool,
    }


def _copy(data: bytes, kind: str, finder: Finder, findings: Findings) -> bytes:
    if kind in _SIGNATURES:
        if not data.startswith(_SIGNATURES[kind]):
            raise UnsupportedError("The file is not of the type that it claims to be.")
        return redact_image(data, kind, findings)
    if kind == "message/rfc822":
        return redact_mail(data, finder, findings)
    text = decode(data, findings, finder)
    return _redact_text(kind)(text, finder, findings).encode("utf-8")


def _redact_text(kind: str) -> Callable[[str, Finder, Findings], str]:
    if kind in _TABLES:
        return redact_table
    if kind in _JSON:
        return redact_json
    return _redact_plain


def _redact_plain(text: str, finder: Finder, findings: Findings) -> str:
    return mask(text, finder, findings, part="text")
