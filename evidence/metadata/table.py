"""Collect what a file says about itself as short, printable values, and count what had to be cut.

A file may hold a megabyte in its title, or characters that reverse the text on a page; a report must show
neither. This does not judge whether a value is true.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from evidence.metadata.outcome import Outcome, Value

# A person reads the table; a report prints it. What is longer stays in the file itself.
MAX_VALUES = 2000
MAX_TEXT = 2000
MAX_NAME = 200
MAX_REMARKS = 40
# Whole numbers beyond this change when a JavaScript reader parses them (RFC 8259, section 6).
LARGEST_NUMBER = 2**53 - 1
# Joiners shape words in Persian, Hindi and emoji; taking them apart would misspell names.
SHAPING = "\u200c\u200d"
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
CUT_MARK = "... [cut, {} characters in all]"
CUT_MARK_ROOM = 60


def visible(text: str) -> str:
    """Write every control, direction-changing, unpaired or unassigned character as ⟨U+0000⟩."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _shows(char) else f"⟨U+{ord(char):04X}⟩" for char in text)


def fits(name: Any, value: Any) -> bool:  # Any: the pair comes from a child that may lie
    """Whether a name and value have the form that Table gives them."""
    if not isinstance(name, str) or len(name) > MAX_NAME + CUT_MARK_ROOM:
        return False
    if not name.isascii() or not name.isprintable():
        return False
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    return isinstance(value, str) and len(value) <= MAX_TEXT + CUT_MARK_ROOM and visible(value) == value


class Table:
    """The values of one extraction in the order found; long ones cut, too many left out, both counted."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self._remarks: list[str] = []
        self._cut = 0
        self._left_out = 0

    def put(self, name: str, value: Value) -> None:
        """Add a value; a second value of the same name gets a number."""
        if len(self.values) >= MAX_VALUES:
            self._left_out += 1
            return
        # The ledger's canonical form takes ASCII names only.
        name = self._shorten(_ascii(name[:MAX_TEXT]), MAX_NAME)
        free, count = name, 1
        while free in self.values:
            count += 1
            free = f"{name} ({count})"
        if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
            value = str(value) if value.bit_length() < 1024 else f"a number of {value.bit_length()} bits"
        self.values[free] = value if isinstance(value, int) else self._shorten(value, MAX_TEXT)

    def put_all(self, prefix: str, values: Mapping[str, Value]) -> None:
        for name, value in values.items():
            self.put(prefix + name, value)

    def remark(self, sentence: str) -> None:
        """Say something a person must know beside the values."""
        sentence = self.sentence(sentence)
        if sentence not in self._remarks:
            self._remarks.append(sentence)

    def sentence(self, text: str) -> str:
        """A sentence as it may stand in a message: short and visible."""
        return self._shorten(text, MAX_NAME)

    def answer(self, *, empty: str) -> dict[str, Any]:
        """The child's answer: found, or nothing with the given words."""
        outcome = Outcome.FOUND if self.values else Outcome.NOTHING
        return {
            "outcome": outcome,
            "values": self.values,
            "message": self.message(() if self.values else (empty,)),
        }

    def message(self, first: tuple[str, ...] = ()) -> str:
        sentences = [*first, *self._remarks[:MAX_REMARKS]]
        if len(self._remarks) > MAX_REMARKS:
            sentences.append(f"{len(self._remarks) - MAX_REMARKS} further remarks are not shown.")
        if self._cut:
            sentences.append(f"{self._cut} long values are shown in part.")
        if self._left_out:
            sentences.append(f"{self._left_out} further values are not shown.")
        return " ".join(sentences)

    def _shorten(self, text: str, limit: int) -> str:
        shown = visible(text[: limit + 1])
        if len(text) <= limit and len(shown) <= limit:
            return shown
        self._cut += 1
        return shown[:limit] + CUT_MARK.format(len(text))


def failed(reason: str) -> dict[str, Any]:
    """The child's answer where the file is of the right kind and could not be read."""
    return {"outcome": Outcome.FAILED, "values": {}, "message": visible(reason)[:MAX_TEXT]}


def not_applicable(reason: str) -> dict[str, Any]:
    """The child's answer where the file turns out to be of another kind."""
    return {"outcome": Outcome.NOT_APPLICABLE, "values": {}, "message": visible(reason)[:MAX_TEXT]}


def _ascii(name: str) -> str:
    return "".join(char if " " <= char <= "~" else f"<U+{ord(char):04X}>" for char in name)


def _shows(char: str) -> bool:
    return char in SHAPING or unicodedata.category(char) not in HIDDEN
