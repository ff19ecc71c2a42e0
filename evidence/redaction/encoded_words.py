"""Decode RFC 2047 words ("=?utf-8?B?TWFyaWE=?=") to the text a person reads.

Neighbouring words of one charset are joined before decoding, because mailers split letters between them. Unknown
charsets are read as Western text: the result is searched, never shown as the truth.
"""

import base64
import binascii
import quopri
import re

ENCODED_WORD = r"=\?[A-Za-z0-9_.:+\-]{1,40}(?:\*[^?\s]{0,20})?\?[BbQq]\?[^?\r\n]{0,2000}\?="
ENCODED_RUN = re.compile(rf"{ENCODED_WORD}(?:[ \t\r\n]{{0,8}}{ENCODED_WORD}){{0,500}}")
_WORD = re.compile(r"=\?([^?*]+)(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=")


def decode_words(text: str) -> str:
    """Return text with every run of encoded words decoded."""
    return ENCODED_RUN.sub(lambda match: decode_run(match[0]), text)


def decode_run(run: str) -> str:
    """Decode one run of encoded words."""
    pieces: list[tuple[str, bytes]] = []
    for charset, encoding, body in _WORD.findall(run):
        data = (
            _base64(body) if encoding in "Bb" else quopri.decodestring(body.replace("_", " ").encode("utf-8"))
        )
        if pieces and pieces[-1][0] == charset.lower():
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + data)
        else:
            pieces.append((charset.lower(), data))
    return "".join(_decode(data, charset) for charset, data in pieces)


def _base64(body: str) -> bytes:
    letters = re.sub(r"[^A-Za-z0-9+/]", "", body)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return body.encode("utf-8")


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        return data.decode("utf-8", "replace") if charset == "utf-8" else data.decode("latin-1")
