"""Read bytes as text or refuse: UTF-8, UTF-16, or a Western single-byte encoding. Guesses nothing else.

A text in another old encoding would look like harmless Western letters while naming somebody, so what does not look
Western is refused. Mail says which charset it uses; that is read by the name it gives.
"""

import codecs
import re
from collections.abc import Iterable

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.registry import Protected, Remark, UnsupportedError

MAX_TEXT = 32 * 1024 * 1024
# Codecs must be loaded before the sandbox closes; the last one decodes names of attachments.
CHARSETS = [
    "ascii", "utf_8", "utf_8_sig", "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "latin_1",
    "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_9",
    "iso8859_10", "iso8859_11", "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16", "cp437", "cp850",
    "cp852", "cp866", "cp874", "cp932", "cp949", "cp950", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "koi8_r", "koi8_u", "gb2312", "gbk", "gb18030", "big5",
    "euc_jp", "shift_jis", "iso2022_jp", "iso2022_kr", "euc_kr", "mac_roman", "tis_620",
    "raw_unicode_escape",
]  # fmt: skip

_NOT_TEXT = "The file is not text: it holds binary data."
_NOT_WESTERN = (
    "The text is neither UTF-8 nor UTF-16 nor in a Western encoding, so it cannot be searched safely."
)
# Starts of formats that are letters at first sight but keep their text elsewhere.
_DISGUISED = (
    b"%PDF-", b"%!PS", b"{\\rtf", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF",
    b"\xd0\xcf\x11\xe0",
)  # fmt: skip
# ISO 2022 writes other alphabets in seven bits.
_SHIFTED = re.compile(rb"\x1b[$(]")
# Letters above ASCII in a row: Western words hardly have three, words of other alphabets consist of them.
_FOREIGN = re.compile(rb"([\x80-\xff])(?!\1{3})[\x80-\xff]{3}")
# Signs that stand before letters in no Western word, but are half a letter in East Asian encodings.
_HALF_LETTERS = re.compile(rb"[\xa4\xa6\xa9\xac\xae\xb1-\xb3\xb6\xb9\xbc-\xbe][A-Za-z\xc0-\xff]")
_LEGACY = [
    "cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic", "cp1253", "iso8859_7", "cp1254",
    "cp1250", "iso8859_2", "cp1257", "cp1256", "iso8859_6", "cp1255", "cp874", "cp1258", "shift_jis",
    "euc_jp", "gb18030", "big5", "euc_kr", "cp437", "cp850", "mac_roman",
]  # fmt: skip
for _name in (*CHARSETS, *_LEGACY):
    codecs.lookup(_name)
_KNOWN = {codecs.lookup(name).name.replace("-", "_") for name in CHARSETS}
# Two plain letters in one sign of UTF-16 are rare in every language, and the rule in plain text.
_IS_PLAIN = bytes(0x20 <= code <= 0x7E for code in range(256))
_MAX_PAIRS = 0.4
_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Fewer bytes than this are found by chance.
_MIN_FOREIGN = 3
# Old terminals' logs have a few; more is not writing.
_MAX_CONTROL = 0.01


def decode(data: bytes, findings: Findings, finder: Finder) -> str:
    """Return the text of data. Raises UnsupportedError in words if it cannot be read with certainty."""
    if len(data) > MAX_TEXT:
        raise UnsupportedError(
            f"The text is larger than {MAX_TEXT // 2**20} MiB and is not redacted in one piece."
        )
    if data.startswith(_DISGUISED) or _SHIFTED.search(data):
        raise UnsupportedError(_NOT_TEXT)
    text = _unicode(data)
    if text is None:
        text = _western(data, findings)
        _refuse_foreign(data, finder.registry)
        findings.remark(Remark.TEXT_RECODED)
    elif data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in data:
        findings.remark(Remark.TEXT_RECODED)
    if len(_CONTROL.findall(text)) > _MAX_CONTROL * len(text):
        raise UnsupportedError(_NOT_TEXT)
    return text


def decode_as(data: bytes, charset: str, findings: Findings, finder: Finder) -> str:
    """Read data in the charset that a mail declares, or as decode() does where that fails.

    Raises UnsupportedError where the bytes themselves name somebody whom the declared charset makes unreadable.
    """
    try:
        name = codecs.lookup(charset).name.replace("-", "_")
    except (LookupError, ValueError):
        name = ""
    if name in ("ascii", "utf_8") or name not in _KNOWN:
        return decode(data, findings, finder)
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return decode(data, findings, finder)
    if name.startswith("utf_16"):
        _refuse_pairs(data)
    if finder.find_long(data.decode("latin-1")) and not finder.find_long(text):
        raise UnsupportedError(_NOT_TEXT)
    return text.removeprefix("\ufeff")


def _refuse_foreign(data: bytes, registry: Iterable[Protected]) -> None:
    """Refuse what looks Western but holds a registered name in another old encoding."""
    for word in {word for protected in registry for word in protected.value.split() if not word.isascii()}:
        for form in {word, word.lower(), word.upper(), word.title()}:
            for encoding in _LEGACY:
                try:
                    written = form.encode(encoding)
                except UnicodeEncodeError:
                    continue
                if (
                    len(written) >= _MIN_FOREIGN
                    and written in data
                    and written.decode("cp1252", "replace") != form
                ):
                    raise UnsupportedError(_NOT_WESTERN)


def _unicode(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return _strictly(data[len(codecs.BOM_UTF8) :], "utf-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse_pairs(data)
        return _strictly(data, "utf-16")
    if b"\0" in data:
        _refuse_pairs(data)
        return _strictly(data, _utf16_without_mark(data))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refuse_pairs(data: bytes) -> None:
    """Refuse plain letters that pass for UTF-16: a stray zero or a false mark would hide every name in them."""
    halves = [int.from_bytes(half.translate(_IS_PLAIN), "big") for half in (data[0::2], data[1::2])]
    if len(data) % 2 or (halves[0] & halves[1]).bit_count() > _MAX_PAIRS * len(data) / 2:
        raise UnsupportedError(_NOT_TEXT)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise UnsupportedError(_NOT_TEXT) from None


def _utf16_without_mark(data: bytes) -> str:
    """The zero halves of Western letters, spaces and line ends tell the order of the bytes."""
    big, little = data[0::2].count(0), data[1::2].count(0)
    if little == big:
        raise UnsupportedError(_NOT_TEXT)
    return "utf-16-le" if little > big else "utf-16-be"


def _western(data: bytes, findings: Findings) -> str:
    """Line by line, because appended logs mix UTF-8 with older text."""
    lines: list[str] = []
    kinds: set[bool] = set()
    for line in data.splitlines(keepends=True):
        try:
            lines.append(line.decode("utf-8"))
            kinds |= set() if line.isascii() else {True}
        except UnicodeDecodeError:
            kinds.add(False)
            lines.append(_western_line(line))
    if len(kinds) > 1:
        findings.remark(Remark.MIXED_ENCODINGS)
    return "".join(lines)


def _western_line(line: bytes) -> str:
    try:
        text = line.decode("cp1252")
    except UnicodeDecodeError:
        raise UnsupportedError(_NOT_WESTERN) from None
    if _FOREIGN.search(line) or len(_HALF_LETTERS.findall(line)) > 1:
        raise UnsupportedError(_NOT_WESTERN)
    return text
