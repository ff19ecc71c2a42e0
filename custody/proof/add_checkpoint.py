"""Write and read the messages between a log and a witness: C2SP tlog-witness, add-checkpoint.

A request is the size that the witness cosigned last, a consistency proof from there, an empty line, and the new
signed head; the answer is lines of cosignatures. On a stick the same text is a file. Sends nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import digests
from .checkpoint import MAX_NOTE, NoteSignature, parse_note
from .errors import MalformedError

MAX_PROOF = 63  # hashes; C2SP
MAX_REQUEST = MAX_NOTE + (MAX_PROOF + 1) * 64
SIZE_TYPE = "text/x.tlog.size"

_OLD = re.compile("old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile("(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True)
class Request:
    """What a log asks a witness to cosign."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """Write it."""
        lines = [f"old {self.old}", *(digests.b64(one) for one in self.proof)]
        return "\n".join(lines) + "\n\n" + self.note


def parse_request(text: str) -> Request:
    """Read a request strictly. Raises MalformedError."""
    if len(text) > MAX_REQUEST:
        raise MalformedError(f"A request is larger than {MAX_REQUEST} characters.")
    head, gap, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if not gap or old is None or len(lines) > MAX_PROOF:
        raise MalformedError("A request is not an old size, a proof of at most 63 hashes and a signed head.")
    parse_note(note)
    return Request(int(old[1]), tuple(digests.unb64_hash(line) for line in lines), note)


def write_answer(cosignatures: Sequence[NoteSignature]) -> str:
    """Write the lines of the answer."""
    return "".join(one.line() for one in cosignatures)


def parse_answer(text: str, note: str) -> tuple[NoteSignature, ...]:
    """Read the lines of an answer as more signatures of this note. Raises MalformedError."""
    if len(text) > MAX_NOTE:
        raise MalformedError("The answer of a witness is too large.")
    before = len(parse_note(note).signatures)
    return parse_note(note + text).signatures[before:]


def parse_size(text: str) -> int:
    """Read the size that a witness says it cosigned last. Raises MalformedError."""
    size = _SIZE.fullmatch(text)
    if size is None:
        raise MalformedError("The answer of a witness is not a size.")
    return int(size[1])
