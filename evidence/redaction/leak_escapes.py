"""Undo escapes for the leak check: percent, entities, backslashes, quoted-printable, mail headers, misread UTF-8.

Each function takes a text and returns it with one round of escapes undone, by the standard library where it can. Which
rounds to make and what to search is leak_layers.py's business.
"""

import binascii
import codecs
import html
import re
from email.header import decode_header
from functools import partial
from urllib.parse import unquote_to_bytes

# The names of encodings that a header may give; nothing can be loaded once the sandbox is closed.
CHARSETS = (
    "utf_8", "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "latin_1", "iso8859_2", "iso8859_5",
    "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_9", "iso8859_15", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8_r", "koi8_u", "gb2312",
    "gbk", "gb18030", "big5", "euc_jp", "shift_jis", "iso2022_jp", "euc_kr",
)  # fmt: skip
for _name in CHARSETS:
    codecs.lookup(_name)

_ENCODED_WORDS = re.compile(
    r"=\?[^?\s]{1,60}\?[BbQq]\?[^?\r\n]*\?=(?:[ \t\r\n]{0,8}=\?[^?\s]{1,60}\?[BbQq]\?[^?\r\n]*\?=)*"
)
_CONTINUED = re.compile(r'"?;[ \t\r\n]*[\w-]{1,40}\*[0-9]{1,3}\*?="?(?:[\w-]{0,40}\'[\w-]{0,40}\')?')
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_QUOTED = re.compile(r"(?:=[0-9A-F]{2})+")
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_BACKSLASH = re.compile(
    r"(?:\\u[0-9A-Fa-f]{4})+|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|(?:\\x[0-9A-Fa-f]{2})+|(?:\\[0-3][0-7]{2})+"
    r"|\\[nrtbfv/\"'\\]"
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
# One letter beyond ASCII in UTF-8, as Western text: a lead and one to three signs of the upper half.
_UPPER_HALF = "".join(
    dict.fromkeys(bytes(range(128, 256)).decode(name, "ignore") for name in ("latin-1", "cp1252"))
)
_WESTERN_SIGNS = re.compile(
    f"[\xc2-\xdf][{_UPPER_HALF}]|[\xe0-\xef][{_UPPER_HALF}]{{2}}|[\xf0-\xf4][{_UPPER_HALF}]{{3}}"
)
# Where escapes may stand: quick to find, not always one.
ESCAPE_SIGN = re.compile(
    rf"=\?|\*[0-9]{{1,3}}\*?=|&[#A-Za-z]|%[0-9A-Fa-f]{{2}}|\\[^\s]|[\xc2-\xf4][{_UPPER_HALF}]"
)
QUOTE_SIGN = re.compile(r"=[0-9A-F]{2}|=[ \t]*\r?\n")


def unquoted(text: str) -> str:
    """Undo quoted-printable."""
    if "=" not in text:
        return text
    return _QUOTED.sub(partial(_from_hex, "="), _SOFT_BREAK.sub("", text))


def unescaped(text: str) -> str:
    """Undo all other escapes, one round."""
    if "=?" in text:
        text = _ENCODED_WORDS.sub(lambda match: _header(match[0]), text)
    if "*" in text:
        text = _CONTINUED.sub("", text)
    if not text.isascii():
        text = _WESTERN_SIGNS.sub(_misread, text)
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = _PERCENT.sub(partial(_from_hex, "%"), text)
    if "\\" in text:
        text = _BACKSLASH.sub(_unbackslash, text)
    return text


def _unbackslash(match: re.Match[str]) -> str:
    """One pass from the left: a doubled backslash is a backslash, and what follows it waits for the next pass."""
    escape = match[0]
    if escape.startswith("\\x"):
        return _from_hex("\\x", match)
    if escape.startswith("\\u") and "{" not in escape:
        return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "replace")
    if escape[1].isdigit():
        return _text(bytes(int(octal, 8) for octal in escape.split("\\")[1:]))
    if escape[1] in "uU":
        code = int(escape[2:].strip("{}"), 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _SIMPLE.get(escape[1], escape[1])


def _misread(run: re.Match[str]) -> str:
    """UTF-8 that somebody read as Western text, read back."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return run[0].encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return run[0]


def _header(words: str) -> str:
    try:
        pieces = decode_header(words)
        return "".join(p if isinstance(p, str) else _charset(p, name or "utf-8") for p, name in pieces)
    except (ValueError, LookupError, binascii.Error):
        return words


def _charset(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        return data.decode("latin-1")


def _from_hex(sign: str, run: re.Match[str]) -> str:
    return _text(unquote_to_bytes(run[0].replace(sign, "%")))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
