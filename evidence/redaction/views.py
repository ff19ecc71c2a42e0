"""Other readings of a text: escapes undone, markup taken out, each traceable to the characters it came from.

A view is only for searching. What is found in it is replaced in the original text. Encoded words that hide whole
texts (base64, hexadecimal) are not views: see embedded.py.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.redaction.encoded_words import ENCODED_RUN, decode_run

# Escapes inside escapes ("%2541"): deeper nesting than this is not writing any more.
MAX_NESTING = 4
# A view shows this much around what was decoded; one identifier with its signs is shorter.
REACH = 1_000
# A letter of no name marks where a view leaves something out: no word begins or ends there.
CUT = "\ua66e"

_PERCENT = r"(?:%[0-9A-Fa-f]{2})+"
_QUOTED_PRINTABLE = r"(?:=[0-9A-F]{2})+|=[ \t]{0,80}\r?\n"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
_BACKSLASH = (
    r"(?:\\u[0-9A-Fa-f]{4})+|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|(?:\\x[0-9A-Fa-f]{2})+|(?:\\[0-3][0-7]{2})+"
    r"|\\[nrtbfv0/\"'\\]"
)
# UTF-8 that was once read as Western text: "GonzÃ¡lez". The second bytes of a letter, read in two ways.
_SECOND = "".join(bytes(range(0x80, 0xC0)).decode(name, "ignore") for name in ("latin-1", "cp1252"))
_MISREAD = f"[\xc2-\xdf][{_SECOND}]|[\xe0-\xef][{_SECOND}]{{2}}|[\xf0-\xf4][{_SECOND}]{{3}}"
# "q=12" is no quoted-printable: it is read both ways.
_ESCAPES = (
    re.compile(f"{ENCODED_RUN.pattern}|{_PERCENT}|{_ENTITY}|{_BACKSLASH}|{_MISREAD}"),
    re.compile(_QUOTED_PRINTABLE),
)
_ESCAPE_SIGNS = (re.compile(rf"[%&\\]|=\?|[\xc2-\xf4][{_SECOND}]"), re.compile(r"=[0-9A-F]{2}|=[ \t]*\r?\n"))
# Tags of markup and colour codes of terminals.
_MARKUP = re.compile(r"<[/!?]?[A-Za-z-][^<>]{0,5000}>|\x1b\[[0-9;]{0,40}[A-Za-z]")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@dataclass(frozen=True)
class View:
    """A text read from another: pieces say which run of the source each run of the view stands for."""

    text: str
    starts: list[int]
    sources: list[tuple[int, int, bool]]

    def origin(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the runs of the source that characters start to end of the view came from."""
        runs: list[tuple[int, int]] = []
        place = bisect_right(self.starts, start) - 1
        while place < len(self.starts) and self.starts[place] < end:
            begin, finish, literal = self.sources[place]
            if literal:
                shift = begin - self.starts[place]
                begin, finish = max(begin, start + shift), min(finish, end + shift)
            if runs and runs[-1][1] == begin:
                runs[-1] = (runs[-1][0], finish)
            elif begin < finish:
                runs.append((begin, finish))
            place += 1
        return runs


def readings(text: str) -> Iterator[list[View]]:
    """Yield chains of views: the first view reads text, each further one reads the view before it."""
    seen = {text}
    yield from _without_markup(text, [])
    level: list[list[View]] = [[]]
    for _ in range(MAX_NESTING):
        deeper: list[list[View]] = []
        for chain in level:
            source = chain[-1].text if chain else text
            for signs, expression in zip(_ESCAPE_SIGNS, _ESCAPES, strict=True):
                if not signs.search(source):
                    continue
                view = _replaced(source, expression, _unescape)
                if view.text and view.text not in seen:
                    seen.add(view.text)
                    deeper.append([*chain, view])
                    yield deeper[-1]
                    yield from _without_markup(view.text, deeper[-1])
        level = deeper


def to_source(chain: list[View], start: int, end: int) -> list[tuple[int, int]]:
    """Trace a run of the last view of a chain back to the text that the first view read."""
    runs = [(start, end)]
    for view in reversed(chain):
        runs = [source for run in runs for source in view.origin(*run)]
    return runs


def _without_markup(text: str, chain: list[View]) -> Iterator[list[View]]:
    if "<" in text or "\x1b" in text:
        view = _replaced(text, _MARKUP, lambda tag: [("", len(tag))])
        if view.text:
            yield [*chain, view]


def _replaced(text: str, expression: re.Pattern[str], decode: Callable[[str], list[tuple[str, int]]]) -> View:
    """Read text with each match decoded; decode gives pieces and how many characters each one took."""
    view = _Builder(text)
    done = 0
    for match in expression.finditer(text):
        place = match.start()
        view.keep(done, place)
        for decoded, taken in decode(match[0]):
            view.put(decoded, place, place + taken)
            place += taken
        done = match.end()
    if done:
        view.keep(done, len(text))
    return view.view()


class _Builder:
    """Puts a view together; what lies far from anything decoded is left out, for it is searched as it lies."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._sources: list[tuple[int, int, bool]] = []
        self._length = 0

    def keep(self, start: int, end: int) -> None:
        """Take over a run as it is, or its two ends if it is long."""
        if end - start <= 2 * REACH:
            self._add(self._text[start:end], start, end, literal=True)
            return
        self._add(self._text[start : start + REACH], start, start + REACH, literal=True)
        self._add(CUT, start + REACH, start + REACH, literal=False)
        self._add(self._text[end - REACH : end], end - REACH, end, literal=True)

    def put(self, decoded: str, start: int, end: int) -> None:
        """Set decoded text in the place of a run."""
        self._add(decoded, start, end, literal=False)

    def view(self) -> View:
        """Return the finished view."""
        return View("".join(self._pieces), self._starts, self._sources)

    def _add(self, piece: str, start: int, end: int, *, literal: bool) -> None:
        if piece:
            self._pieces.append(piece)
            self._starts.append(self._length)
            self._sources.append((start, end, literal))
            self._length += len(piece)


def _unescape(escape: str) -> list[tuple[str, int]]:
    first = escape[0]
    if escape.startswith("=?"):
        return [(decode_run(escape), len(escape))]
    if first == "&":
        return [(html.unescape(escape), len(escape))]
    if first == "\\":
        return _unbackslash(escape)
    if first >= "\x80":
        return [(_reread(escape), len(escape))]
    if not escape.strip("= \t\r\n"):
        # A soft line break of quoted-printable parts nothing.
        return [("", len(escape))]
    return _letters(bytes.fromhex(escape.replace(first, "")), width=3)


def _unbackslash(escape: str) -> list[tuple[str, int]]:
    kind = escape[1]
    if kind == "x":
        return _letters(bytes.fromhex(escape.replace("\\x", "")), width=4)
    if kind.isdigit() and len(escape) > 2:
        return _letters(bytes(int(octal, 8) for octal in escape.split("\\")[1:]), width=4)
    if kind == "u" and escape[2] != "{":
        units = bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "surrogatepass")
        return [(letter, 6 * (1 + (ord(letter) > 0xFFFF))) for letter in units]
    if kind in "uU":
        code = int(escape[2:].strip("{}"), 16)
        return [(chr(code) if code < 0x110000 else "\ufffd", len(escape))]
    return [(_SIMPLE.get(kind, kind), len(escape))]


def _reread(letters: str) -> str:
    try:
        data = b"".join(c.encode("latin-1" if c <= "\xff" else "cp1252") for c in letters)
        return data.decode("utf-8")
    except UnicodeError:
        return letters


def _letters(data: bytes, *, width: int) -> list[tuple[str, int]]:
    """Decode escaped bytes letter by letter, each with the length of the escapes it took."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [(letter, width) for letter in data.decode("latin-1")]
    return [(letter, width * len(letter.encode("utf-8"))) for letter in text]
