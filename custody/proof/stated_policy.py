"""What the log states about itself for its own records: where passkeys may be used, how many enrol a key.

It says so in the policy of genesis and of each policy.update. Each counts for the records behind it, up to the
next; genesis for itself too. A log whose genesis does not speak of enrolment lets one administrator enrol for ever, so
that nothing it states later can be hidden. What a reader trusts is another policy, the reader's own (policy.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import members, passkey
from .errors import MalformedError
from .passkey import Site
from .records import Record, RecordType

# The actor, an old key and the new one sign too, and an entry has room for eight signatures.
MAX_ENROLLERS = 6
_PIN = "enrolment"
_NUMBER = re.compile(f"[1-{MAX_ENROLLERS}]")


@dataclass(frozen=True)
class Stated:
    """What counts for one record: the sites of passkeys, and how many administrators must sign an enrolment."""

    sites: tuple[Site, ...] = ()
    enrollers: int = 0  # 0: nothing is said of it


class StatedPolicies:
    """What the log states, fed with its records in ascending order."""

    def __init__(self, pinned: Sequence[Site] = ()) -> None:
        """A reader's own policy may pin sites too; then only those count that both name."""
        self._pinned = pinned
        self._stated = Stated()

    def at(self, record: Record) -> Stated:
        """Give what counts for this record, and take in what it states for those behind it.

        Genesis counts for itself too: it is pinned as a whole, and nothing could come before it.
        """
        before = self.now()
        if record.type not in (RecordType.GENESIS, RecordType.POLICY_UPDATE):
            return before
        try:
            stated = read_stated(members.text(record.extra["policy"], "policy"))
        except MalformedError:
            # No passkey counts under a policy that cannot be read, and no fewer sign than before.
            stated = Stated(enrollers=self._stated.enrollers)
        if record.type is RecordType.GENESIS:
            self._stated = stated
            return self.now()
        # One enrols where nothing more is stated; where genesis is silent, nothing that is stated later counts.
        self._stated = Stated(stated.sites, max(stated.enrollers, 1) if before.enrollers else 0)
        return before

    def now(self) -> Stated:
        """Give what counts for the record behind the last one."""
        sites = tuple(site for site in self._stated.sites if not self._pinned or site in self._pinned)
        return Stated(sites, self._stated.enrollers)


def read_stated(policy: str) -> Stated:
    """Read the pins `webauthn` and `enrolment` of a policy, whatever else it says. Raises MalformedError."""
    pins = [found[1:] for line in policy.split("\n") if (found := words(line))[:1] == ["#pin"]]
    sites = [_site(values) for kind, *values in filter(None, pins) if kind == passkey.PIN]
    if len(set(sites)) != len(sites):
        raise MalformedError("A policy lists a site of passkeys twice.")
    numbers = [read_enrollers(" ".join(values)) for kind, *values in filter(None, pins) if kind == _PIN]
    if len(numbers) > 1:
        raise MalformedError("A policy says twice how many administrators enrol a key.")
    return Stated(tuple(sites), numbers[0] if numbers else 0)


def _site(values: Sequence[str]) -> Site:
    if len(values) != 2:
        raise MalformedError("A webauthn pin of a policy is not a domain and an origin.")
    return passkey.read_site(*values)


def read_enrollers(value: str) -> int:
    """Read how many administrators must sign an enrolment. Raises MalformedError."""
    if not _NUMBER.fullmatch(value):
        raise MalformedError(f"An enrolment pin of a policy is not a number from 1 to {MAX_ENROLLERS}.")
    return int(value)


def write_enrollers(number: int) -> str:
    """Write the number as a line of a policy."""
    return f"#pin {_PIN} {number}"


def words(line: str) -> list[str]:
    """Split a line of a policy."""
    return [word for word in re.split("[ \t]+", line) if word]
