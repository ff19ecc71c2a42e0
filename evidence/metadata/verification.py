"""Collects what the verification of one image found: values, damage by place, digests, and what was not read.

Loaded only inside the sandbox. It decides the outcome: an image with any damage is `damaged`, whatever else was
found; what was not read is said, and is never counted as sound.
"""

import hashlib
from time import monotonic
from typing import Any

from evidence.metadata.outcome import Outcome, Value
from evidence.metadata.table import MAX_TEXT, Table

# The first of these are told one by one; the rest is counted.
MAX_TOLD = 12
# Of many damaged chunks the first runs are listed, and all are counted.
MAX_RUNS = 100
DIGESTS = ("md5", "sha1", "sha256", "sha512", "blake2b")
VERDICT = "verification"
DAMAGED = "damaged"
VERIFIED = "verified"
IN_PART = "verified in part"
NOT_VERIFIED = "nothing to verify against"


class OutOfTimeError(Exception):
    """The time given for this file has passed."""


class Clock:
    """The time that one verification may take, asked for between two chunks."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = monotonic() + seconds

    def check(self) -> None:
        """Raise OutOfTimeError when the time has passed."""
        if monotonic() > self._end:
            raise OutOfTimeError(f"the time of {self.seconds:.0f} s for a file of this size has passed")


class Runs:
    """Numbers of damaged or unread chunks, kept as runs: count, first, and a list for people."""

    def __init__(self) -> None:
        self.count = 0
        self._runs: list[tuple[int, int]] = []
        self._more = False

    def add(self, number: int) -> None:
        """Add a number; numbers come in rising order."""
        self.count += 1
        if self._runs and not self._more and self._runs[-1][1] + 1 == number:
            self._runs[-1] = (self._runs[-1][0], number)
        elif len(self._runs) < MAX_RUNS:
            self._runs.append((number, number))
        else:
            self._more = True

    @property
    def first(self) -> int:
        return self._runs[0][0]

    def words(self) -> str:
        """The runs as "3, 7-9"; the list says where it ends before the last."""
        text = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in self._runs)
        return text + (", and more" if self._more else "")


class Verification:
    """The findings about one image, and the answer made of them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.table = Table()
        # First of all values, and never one that is left out for want of room.
        self.table.put(VERDICT, NOT_VERIFIED)
        self._damage: list[str] = []
        self._damages = 0
        self._unread: list[str] = []
        self._matched = 0

    def put(self, name: str, value: Value) -> None:
        """Add a value; an empty one says nothing and is left out."""
        if value != "":
            self.table.put(name, value)

    def damaged(self, sentence: str) -> None:
        """Mark the image as damaged, with the place."""
        self._damages += 1
        if len(self._damage) < MAX_TOLD:
            self._damage.append(sentence)

    def count_damage(self) -> None:
        """Mark one more place of a kind that was told before; a summary names it."""
        self._damages += 1

    def not_read(self, sentence: str) -> None:
        """Say what was left unread or unverified, and why."""
        self._unread.append(sentence)

    def matched(self) -> None:
        """Count a checksum or digest of content that was found right."""
        self._matched += 1

    @property
    def is_damaged(self) -> bool:
        return self._damages > 0

    def compare(self, what: str, algorithm: str, stored: str, computed: str) -> None:
        """Compare a stored digest of content with the one computed."""
        if stored == computed:
            self._matched += 1
        else:
            self.damaged(f"The {algorithm.upper()} of {what} is not the stored one.")

    def answer(self) -> dict[str, Any]:
        """The child's answer: the verdict first, then damage, then what was not read."""
        self.table.values[VERDICT] = self._verdict()
        words = []
        if self._damages:
            places = "1 place" if self._damages == 1 else f"{self._damages} places"
            words.append(f"This image is damaged, in {places}.")
        for sentence in (*self._damage, *self._unread[:MAX_TOLD]):
            words.append(self.table.sentence(sentence))
        if self._damages > len(self._damage):
            words.append(
                f"{self._damages - len(self._damage)} of the damaged places are not listed one by one."
            )
        if len(self._unread) > MAX_TOLD:
            words.append(f"{len(self._unread) - MAX_TOLD} further unread parts are not listed.")
        return {
            "outcome": Outcome.DAMAGED if self._damages else Outcome.FOUND,
            "values": self.table.values,
            "message": self.table.message(tuple(words)),
        }

    def _verdict(self) -> str:
        if self._damages:
            return DAMAGED
        if not self._matched:
            return NOT_VERIFIED
        return IN_PART if self._unread else VERIFIED


class StreamDigests:
    """SHA-256 of a stream and the digests that the image states of it; without any, those of a tool's protocol."""

    def __init__(self, stated: dict[str, str]) -> None:
        self._stated = {name: value.lower() for name, value in stated.items() if name in DIGESTS}
        # MD5 and SHA-1 only compare with what the tool wrote; they prove nothing by themselves.
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False)
            for name in {"sha256", *(self._stated or ("md5", "sha1"))}
        }

    def update(self, data: bytes | memoryview) -> None:
        for one in self._hashes.values():
            one.update(data)

    def report(self, verification: Verification, prefix: str, what: str) -> None:
        """Put the computed digests among the values and compare them with the stated ones."""
        for name in DIGESTS:
            if name in self._hashes:
                verification.put(f"{prefix}computed.{name}", self._hashes[name].hexdigest())
        self.compare(verification, what)

    def compare(self, verification: Verification, what: str) -> None:
        """Compare the computed digests with the stated ones."""
        for name, stated in self._stated.items():
            verification.compare(what, name, stated, self._hashes[name].hexdigest())


def shortened(text: str) -> str:
    """A list for one value of the table."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 10] + ", and more"
