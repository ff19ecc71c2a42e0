"""The values of redaction: who is protected, what was hit, what came out, what was found left over.

Holds no search, no folding and no decoding: the redactor and the leak check both use these values, and this is all
that they share. What counts as naming a person is fixed here in words, because both sides build it on their own:

- a whole identifier, whatever stands between its letters and digits as long as it is neither letter nor digit;
  from LONG letters and digits on also inside a longer word, below that only where a word begins and ends;
- two parts of one name next to each other, in any order; one part of a name alone (from PART letters) as a word;
- a date of birth in numbers or with the month in words; a telephone number with or without its country code;
- but nothing short inside a code (a digest, an identifier, a key): random letters spell "ada" every day.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

LONG = 7
PART = 3
# A code of letters and digits changes its kind of sign at least this often; words and names do not.
CODE_CHANGES = 0.42
# Words that belong to many names and to every text: never searched alone.
PARTICLES = frozenset({
    "van", "von", "der", "den", "del", "della", "dos", "das", "los", "las", "les", "the", "and", "bin",
    "ibn", "bint", "abu", "ter", "ten", "zur", "zum", "und", "mac", "san",
})  # fmt: skip

# A pseudonym stands in JSON, CSV, HTML and mail headers without quoting, so it holds nothing these would read.
PSEUDONYM = re.compile(r"[^\W\d_](?:[\w .#-]{0,38}\w)?")


class Kind(StrEnum):
    """What an identifier is; decides how many ways there are to write it."""

    NAME = "name"
    ALIAS = "alias"
    OTHER_SCRIPT = "other_script"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    ADDRESS = "address"
    DOCUMENT = "document"


NAME_KINDS = frozenset({Kind.NAME, Kind.ALIAS, Kind.OTHER_SCRIPT})


class Spelling(StrEnum):
    """How sure a hit is: the whole identifier, or one part of a name (which may be a common word)."""

    STRONG = "strong"
    TOKEN = "token"  # noqa: S105 - a spelling, no password


class Remark(StrEnum):
    """What a reader of a redacted copy must know about it."""

    PIXELS_NOT_EXAMINED = "pixels_not_examined"
    COLOUR_PROFILE_DROPPED = "colour_profile_dropped"
    FURTHER_FRAMES_DROPPED = "further_frames_dropped"
    PSEUDONYM_COLLISION = "pseudonym_collision"
    TEXT_RECODED = "text_recoded"
    MIXED_ENCODINGS = "mixed_encodings"
    EMBEDDED_DATA_WITHHELD = "embedded_data_withheld"
    ATTACHMENTS_WITHHELD = "attachments_withheld"
    HEADERS_WITHHELD = "headers_withheld"
    MARKUP_REBUILT = "markup_rebuilt"
    PARTS_WITHHELD = "parts_withheld"
    HITS_NOT_ALL_LISTED = "hits_not_all_listed"


REMARK_SENTENCES = {
    Remark.PIXELS_NOT_EXAMINED: "What the picture shows was not examined: faces and written names may be visible.",
    Remark.COLOUR_PROFILE_DROPPED: "The colour profile was dropped; colours may look slightly different.",
    Remark.FURTHER_FRAMES_DROPPED: "The file held further pictures; only the first one is in this copy.",
    Remark.PSEUDONYM_COLLISION: "The original itself already contains this pseudonym; not each mention is ours.",
    Remark.TEXT_RECODED: "The original text was not UTF-8; this copy is.",
    Remark.MIXED_ENCODINGS: "The original mixes text encodings; some letters may be read wrongly.",
    Remark.EMBEDDED_DATA_WITHHELD: "Encoded data inside the text could not be examined and was withheld.",
    Remark.ATTACHMENTS_WITHHELD: "Attachments that are not text were withheld.",
    Remark.HEADERS_WITHHELD: "Technical headers of the message were withheld.",
    Remark.MARKUP_REBUILT: "The formatting of the message was rebuilt; scripts, pictures and comments are not in it.",
    Remark.PARTS_WITHHELD: "Parts of the message that could not be read as text were withheld.",
    Remark.HITS_NOT_ALL_LISTED: "There were more hits than are listed; all of them were replaced.",
}


class RedactionError(Exception):
    """No redacted copy was made."""


class UnsupportedError(RedactionError):
    """The file cannot be redacted safely; reason is a sentence for the reader and quotes nothing from the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Protected:
    """One registered identifier of one victim. Its value never appears in repr, logs or errors."""

    pseudonym: str
    kind: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not PSEUDONYM.fullmatch(self.pseudonym):
            raise ValueError(
                "a pseudonym is letters, digits, spaces and . # - only, and begins with a letter"
            )
        Kind(self.kind)
        if not self.value.strip():
            raise ValueError(f"an identifier of {self.pseudonym} is empty")


@dataclass(frozen=True)
class Hit:
    """One place where a person was named: position counts characters of the decoded part, never the text itself."""

    pseudonym: str
    kind: str
    spelling: Spelling
    part: str
    position: int

    def to_json(self) -> dict[str, str | int]:
        """Return the hit as it is stored beside the copy."""
        return {
            "pseudonym": self.pseudonym,
            "kind": str(self.kind),
            "spelling": str(self.spelling),
            "part": self.part,
            "position": self.position,
        }


@dataclass(frozen=True)
class Redacted:
    """A finished copy: a new file, not yet checked for leaks."""

    data: bytes = field(repr=False)
    content_type: str
    hits: list[Hit]
    remarks: list[str]
    tool: str


@dataclass(frozen=True)
class Leak:
    """One reason not to release a copy; pseudonym and kind are empty where no person but the form is the reason."""

    code: str
    where: str
    pseudonym: str = ""
    kind: str = ""


@dataclass(frozen=True)
class LeakReport:
    """The verdict of the leak check. not_checked holds sentences: not checked is not fine."""

    passed: bool
    findings: list[Leak]
    engines: list[dict[str, str]]
    not_checked: list[str]

    def to_json(self) -> dict[str, Any]:  # Any: JSON
        """Return the report as it is stored beside the copy; it quotes nothing from it."""
        return {
            "passed": self.passed,
            "findings": [asdict(finding) for finding in self.findings],
            "engines": self.engines,
            "not_checked": self.not_checked,
        }


def remark_sentence(remark: str) -> str:
    """Return the sentence for a remark; a collision names its pseudonym after a colon."""
    code, _, subject = remark.partition(": ")
    sentence = REMARK_SENTENCES[Remark(code)]
    return f"{subject}: {sentence}" if subject else sentence


def to_arguments(registry: Iterable[Protected]) -> list[dict[str, str]]:
    """Return the registry as JSON values for the sandbox's pipe."""
    return [{"pseudonym": p.pseudonym, "kind": str(p.kind), "value": p.value} for p in registry]


def from_arguments(rows: Sequence[Any]) -> list[Protected]:  # Any: JSON from the pipe
    """Read back what to_arguments wrote."""
    return [Protected(pseudonym=row["pseudonym"], kind=row["kind"], value=row["value"]) for row in rows]
