"""What an extractor says about a file: found, damaged, nothing, failed or not applicable, and the values it read.

Values are text or whole numbers, so that they fit the ledger's canonical form. Nothing here reads a file.
"""

from dataclasses import dataclass
from enum import StrEnum

Value = str | int


class Outcome(StrEnum):
    """Every extractor gives one of these for every file; silence is not an answer."""

    FOUND = "found"
    # Read, and the file contradicts its own checksums, digests or structure; the message names the places.
    DAMAGED = "damaged"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Extraction:
    """One extractor's answer about one file. The message is for people: reasons, warnings, gaps."""

    extractor: str
    version: str
    outcome: Outcome
    values: dict[str, Value]
    message: str
