"""Step 6, keys that may have been in other hands: which of their records are shown to be older than that?

The thief states any time, and whoever keeps the log may help. So a record of a suspected key is marked unless
others vouch for its age: an outside time stamp, or a person whose own key is not suspected, who states a time before
the suspicion and names the record or had seen a head over it. The service does not vouch: its key is the keeper's.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from .findings import Audit, FindingCode
from .keyring import Keyring
from .reading import Reading, RecordEntry
from .records import Record, Role
from .verify_times import Window


def check_suspects(reading: Reading, keyring: Keyring, windows: Mapping[int, Window], audit: Audit) -> None:
    """(6) Remark on each record of a suspected key of which nobody shows that it is older than the suspicion."""
    vouchers = _Vouchers(reading, keyring)
    for entry in reading.records:
        history = keyring.find(entry.record.actor)
        since = history.suspect_since if history else None
        if history is None or since is None:
            continue
        ends = windows[entry.index].not_after
        stamped = ends is not None and ends < since
        vouched = stamped or vouchers.vouch(entry, since, history.key.person)
        if entry.record.time >= since or not vouched:
            audit.add(
                FindingCode.KEY_SUSPECT,
                f"The key that signed this entry may have been in other hands since {since:%Y-%m-%d}, and nobody "
                "else shows that the entry is older.",
                index=entry.index,
            )


class _Vouchers:
    """What people with keys that are not suspected had seen, by the time they state."""

    def __init__(self, reading: Reading, keyring: Keyring) -> None:
        said: list[tuple[Record, UUID]] = []
        for entry in reading.records:
            history = keyring.find(entry.record.actor)
            if history and history.suspect_since is None and Role.SERVICE not in history.key.roles:
                said.append((entry.record, history.key.person))
        said.sort(key=lambda one: one[0].time)
        self._times = [record.time for record, _ in said]
        # The two persons who named a record first, as the one they answer or the one before theirs.
        self._naming: dict[bytes, dict[UUID, datetime]] = {}
        # After each: the largest head of one person, and the largest of any other, for nobody vouches for themselves.
        self._largest: list[tuple[int, UUID | None, int]] = [(0, None, 0)]
        for record, person in said:
            self._largest.append(_larger(*self._largest[-1], record.seen.size, person))
            for leaf in (*record.refs, *(subject.prev for subject in record.subjects)):
                named = self._naming.setdefault(leaf, {})
                if len(named) < 2:
                    named.setdefault(person, record.time)

    def vouch(self, entry: RecordEntry, since: datetime, person: UUID) -> bool:
        """Tell whether anybody but this person shows that the entry is older than this time."""
        if any(time < since and who != person for who, time in self._naming.get(entry.leaf, {}).items()):
            return True
        first, whose, second = self._largest[bisect_left(self._times, since)]
        return entry.index < (second if whose == person else first)


def _larger(
    first: int, whose: UUID | None, second: int, size: int, person: UUID
) -> tuple[int, UUID | None, int]:
    if person == whose:
        return max(first, size), whose, second
    return (size, person, first) if size > first else (first, whose, max(second, size))
