"""Write and read the head of the log: C2SP tlog-checkpoint (three lines) in the form of a C2SP signed note.

A signed note is a text, an empty line, and signature lines `— name base64(key id || signature)`. Who signs with
which key is note_keys.py's, which signatures are enough policy.py's. Does not decide what a checkpoint must
contain (prefix_map.py, verify.py).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from . import digests
from .errors import MalformedError
from .merkle import EMPTY_ROOT, MAX_SIZE

# Sixteen signatures, which C2SP asks for at least, of 5 kB each, the largest post-quantum ones, fit twice.
MAX_NOTE = 160 * 1024
MAX_NOTE_SIGNATURES = 32
MAX_NAME = 255

_SIGNATURE_LINE = re.compile("\u2014 ([^ ]+) ([^ ]+)")
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the three lines, each with its newline: what the log signs and what a time stamp is over."""
        return f"{self.origin}\n{self.size}\n{digests.b64(self.root)}\n"


@dataclass(frozen=True)
class NoteSignature:
    name: str
    key_hash: bytes  # four bytes; with the name it says which key, but proves nothing
    sig: bytes

    def line(self) -> str:
        """Write the line, with its newline."""
        return f"\u2014 {self.name} {digests.b64(self.key_hash + self.sig)}\n"


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[NoteSignature, ...]


@lru_cache(maxsize=64)
def check_name(name: str) -> None:
    """Raise MalformedError unless the text can name a key and be the origin of a log."""
    if not 1 <= len(name) <= MAX_NAME or "+" in name or any(map(_is_gap, name)):
        raise MalformedError(
            "A name of a log or key is empty, too long, or has a space, a plus or a control character."
        )


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the three lines strictly; extension lines are refused."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise MalformedError("A checkpoint does not have exactly three lines.")
    origin, size_text, root_text, _ = lines
    check_name(origin)
    if not _DECIMAL.fullmatch(size_text) or int(size_text) >= MAX_SIZE:
        raise MalformedError("The size in a checkpoint is not a whole number.")
    size, root = int(size_text), digests.unb64_hash(root_text)
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedError("A checkpoint of an empty log has a root that is not the empty one.")
    return Checkpoint(origin, size, root)


def parse_note(note: str) -> Note:
    """Split a signed note into its text and its signatures. Verifies nothing."""
    try:
        size = len(note.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise MalformedError("A note has characters that are not Unicode text.") from error
    if size > MAX_NOTE:
        raise MalformedError(f"A note is larger than {MAX_NOTE} bytes.")
    if any(character < " " and character != "\n" for character in note):
        raise MalformedError("A note has control characters.")
    text, gap, block = note.rpartition("\n\n")
    if not gap or not text or not block.endswith("\n"):
        raise MalformedError("A note is not a text, an empty line and signature lines.")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise MalformedError(f"A note has more than {MAX_NOTE_SIGNATURES} signatures.")
    return Note(text + "\n", tuple(_parse_signature_line(line) for line in lines))


def _is_gap(character: str) -> bool:
    return character <= " " or character == "\x7f" or character.isspace()


def _parse_signature_line(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise MalformedError("A signature line of a note is not dash, name, signature.")
    check_name(match[1])
    data = digests.unb64(match[2])
    if len(data) < 5:
        raise MalformedError("A signature of a note is too short.")
    return NoteSignature(match[1], data[:4], data[4:])
