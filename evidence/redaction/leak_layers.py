"""Undo what can hide a name in a finished copy, layer by layer: encodings, escapes, markup, encoded words, archives.

Yields texts to search and, for bytes that are no text, these bytes as they lie. Limits end a search that would not
end; the check then fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.redaction.leak_escapes import ESCAPE_SIGN, QUOTE_SIGN, unescaped, unquoted
from evidence.redaction.leak_unpack import MIN_FILE, LayerLimitError, encoded_words, is_file, members

MAX_DEPTH = 6
MAX_ESCAPES = 4
# Everything that layers may unfold to, together: a bomb is a reason to refuse, not to go on.
MAX_UNFOLDED = 512 * 1024 * 1024

_TAG = re.compile(r"<[/!?]?[A-Za-z-][^<>]{0,5000}>|\x1b\[[0-9;]{0,40}[A-Za-z]")
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32)])
_UNASSIGNED = re.compile("[\ufffd\ue000-\uf8ff\ud800-\udfff\0-\x08\x0e-\x1f]")
_READABLE = 0.85
# Bytes that are no UTF-8 may be Western text if most of them are plain letters.
_MIN_WESTERN = 12
_WESTERN = 0.7
# Bytes before a damage that are worth a search, and the longest name that is looked for in ideographs alone.
_MIN_WHOLE = 6
_MAX_NAME = 32
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_HIGH = bytes(range(128, 256))
# A letter of no name: where something is left out no word begins or ends.
_CUT = "\ua66e"
_BARRIER = f"\n {_CUT} \n"
# What is searched around an escape; one identifier with its signs is shorter.
_REACH = 1_000


@dataclass(frozen=True)
class Layer:
    """A text and how it was reached; surely_text is False for bytes that only may be text."""

    path: str
    text: str
    surely_text: bool = True
    is_file: bool = False


@dataclass
class _Budget:
    left: int = MAX_UNFOLDED
    seen: set[int] = field(default_factory=set)

    def take(self, text: str) -> bool:
        """Count a text; False if the very same one was there already."""
        key = hash(text)
        if key in self.seen:
            return False
        self.seen.add(key)
        self.left -= len(text)
        if self.left < 0:
            raise LayerLimitError
        return True


def layers_of_bytes(data: bytes) -> Iterator[Layer]:
    """Yield every text that data can be read as. Raises LayerLimitError."""
    yield from _bytes(data, "bytes", 0, _Budget())


def layers_of_text(text: str) -> Iterator[Layer]:
    """Yield text and every text hidden in it. Raises LayerLimitError."""
    yield from _text(text, "text", 0, _Budget())


def _bytes(data: bytes, path: str, depth: int, budget: _Budget) -> Iterator[Layer]:
    if depth > MAX_DEPTH:
        raise LayerLimitError
    for member in members(data):
        yield from _bytes(member, path + ">archive", depth + 1, budget)
    texts = _one_byte_texts(data)
    for text in texts + _two_byte_texts(data):
        yield from _text(text, path, depth, budget)
    if not texts:
        raw = data.decode("latin-1")
        yield Layer(path, raw, surely_text=False)
        # UTF-16 of Western letters inside other bytes, wherever it begins.
        yield Layer(path, raw.replace("\0", ""), surely_text=False)


def _one_byte_texts(data: bytes) -> list[str]:
    """Return what data says if it is UTF-8, up to where it is damaged, or Western text."""
    try:
        texts = [data.decode("utf-8")]
    except UnicodeDecodeError as damage:
        western = len(data.translate(None, _HIGH)) >= _WESTERN * len(data) and len(data) >= _MIN_WESTERN
        texts = [data.decode("latin-1")] if western else []
        texts += [data[: damage.start].decode("utf-8")] if damage.start >= _MIN_WHOLE else []
    return list(filter(_readable, texts))


def _two_byte_texts(data: bytes) -> list[str]:
    """Return what data can say in UTF-16, from either byte on; any bytes make signs, but hardly only assigned ones."""
    texts: list[str] = []
    control = len(data.translate(None, _CONTROL)) != len(data)
    for shift in (0, 1) if control or len(data) <= _MAX_NAME else ():
        for encoding in ("utf-16-le", "utf-16-be"):
            text = data[shift:].decode(encoding, "replace").rstrip("\ufffd")
            likely = not _UNASSIGNED.search(text) and _readable(text) if control else _DENSE.fullmatch(text)
            texts += [text] if likely else []
    return texts


def _readable(text: str) -> bool:
    sample = text[:65536]
    return sum(letter.isprintable() or letter in "\t\r\n" for letter in sample) >= _READABLE * len(sample)


def _text(text: str, path: str, depth: int, budget: _Budget) -> Iterator[Layer]:
    if depth == 0 and not text.isascii():
        # Plain letters that somebody read as UTF-16 look like ideographs; their bytes still spell.
        for encoding in ("utf-16-le", "utf-16-be"):
            raw = text.encode(encoding, "surrogatepass").replace(b"\0", b" ").decode("latin-1")
            yield Layer(path + ">pairs", raw, surely_text=False)
    for label, reading in _readings(text):
        if not budget.take(reading):
            continue
        yield Layer(path + label, reading)
        yield from _embedded(reading, path + label, depth, budget)


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield text, then what lies around its escapes with these undone, once and again, each also without markup."""
    level = {text: ""}
    seen = {text}
    for _ in range(MAX_ESCAPES + 1):
        deeper: dict[str, str] = {}
        for reading, label in level.items():
            yield label, reading
            marked = _around(reading, _TAG)
            if marked:
                yield label + ">markup", _TAG.sub("", marked)
                yield label + ">markup", _TAG.sub(" ", marked)
            # "q=12" may be quoted-printable or not, so that is undone apart.
            undone = (unescaped(_around(reading, ESCAPE_SIGN)), unquoted(_around(reading, QUOTE_SIGN)))
            deeper |= dict.fromkeys(undone, label + ">escapes")
        level = {reading: label for reading, label in deeper.items() if reading and reading not in seen}
        seen.update(level)


def _around(text: str, sign: re.Pattern[str]) -> str:
    """Return the surroundings of every sign, with a letter of no name where something is left out."""
    windows: list[list[int]] = []
    for match in sign.finditer(text):
        start, end = max(0, match.start() - _REACH), match.end() + _REACH
        if windows and start <= windows[-1][1]:
            windows[-1][1] = end
        else:
            windows.append([start, end])
    return _CUT.join(text[start:end] for start, end in windows)


def _embedded(text: str, path: str, depth: int, budget: _Budget) -> Iterator[Layer]:
    """Decode words of base64 and hexadecimal; short readable ones are searched together."""
    readable: list[str] = []
    garbled: list[str] = []
    for data in encoded_words(text):
        if is_file(data):
            yield Layer(path + ">encoded", "", is_file=True)
            continue
        if len(data) >= MIN_FILE or data[:1] in (b"P", b"\x1f", b"x"):
            for member in members(data):
                yield Layer(path + ">encoded", "", is_file=True)
                yield from _bytes(member, path + ">encoded>archive", depth + 1, budget)
        texts = _one_byte_texts(data)
        readable += texts + _two_byte_texts(data)
        if not texts and len(data) >= MIN_FILE:
            garbled.append(data.decode("latin-1"))
    together = _BARRIER.join(garbled)
    if together and budget.take(together):
        yield Layer(path + ">encoded", together, surely_text=False)
    if readable:
        if depth >= MAX_DEPTH:
            raise LayerLimitError
        yield from _text(_BARRIER.join(readable), path + ">encoded", depth + 1, budget)
