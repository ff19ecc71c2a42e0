"""Replay the key events of a log: which key counts at which place, whose it is, and since when it is suspect.

The order in the log decides, never a claimed time: a key counts for the entries after its registration and
before its revocation; root keys count from genesis on. Signatures are not verified here (verify_records.py
does that), and completeness of the events is shown by the keyctl map proofs (verify_log.py).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .chain import Actor
from .enrolment import EnrolledKey, read_revoked, read_suspected
from .errors import ChainError
from .records import Record, RecordType, Role

KEY_EVENTS = frozenset(
    {RecordType.GENESIS, RecordType.KEY_REGISTER, RecordType.KEY_REVOKE, RecordType.KEY_SUSPECT}
)


@dataclass(frozen=True)
class KeyHistory:
    """A key with the places in the log that begin and end its time."""

    key: EnrolledKey
    registered: int
    revoked: int | None = None
    suspect_since: datetime | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.key.keyid, self.key.person, self.key.roles)


class Keyring:
    """All keys of a log, fed with its key events in ascending order."""

    def __init__(self) -> None:
        self._keys: dict[str, KeyHistory] = {}

    def apply(self, record: Record, index: int) -> None:
        """Take a key event in. Raises ChainError (code "key") if it contradicts the events before it."""
        if record.type in (RecordType.GENESIS, RecordType.KEY_REGISTER):
            for key in record.enrols():
                self._enrol(key, index)
        elif record.type is RecordType.KEY_REVOKE:
            history = self._controlled(read_revoked(record.extra["key"]), record.actor)
            if history.revoked is not None:
                raise ChainError("key", "The key is revoked already.")
            self._keys[history.key.keyid] = replace(history, revoked=index)
        elif record.type is RecordType.KEY_SUSPECT:
            keyid, since = read_suspected(record.extra["key"])
            history = self._controlled(keyid, record.actor)
            earliest = min(since, history.suspect_since or since)
            self._keys[keyid] = replace(history, suspect_since=earliest)

    def find(self, keyid: str) -> KeyHistory | None:
        """Return what is known of a key, whether or not it counts anywhere."""
        return self._keys.get(keyid)

    def actor_at(self, keyid: str, index: int) -> Actor:
        """Return who signs with this key at this place. Raises ChainError (code "key") if nobody does."""
        history = self._keys.get(keyid)
        if history is None:
            raise ChainError("key", f"The key {keyid} was never registered.")
        # Genesis is signed by the root keys it names itself.
        if index <= history.registered and not index == history.registered == 0:
            raise ChainError("key", f"The key {keyid} was registered only at entry {history.registered}.")
        # At the very place of its revocation a key can only have signed that: its own last act.
        if history.revoked is not None and index > history.revoked:
            raise ChainError("key", f"The key {keyid} was revoked at entry {history.revoked}.")
        return history.actor

    def _enrol(self, key: EnrolledKey, index: int) -> None:
        if key.keyid in self._keys:
            raise ChainError("key", f"The key {key.keyid} is registered already.")
        self._keys[key.keyid] = KeyHistory(key, registered=index)

    def _controlled(self, keyid: str, actor: str) -> KeyHistory:
        """Find the key that an event is about; its actor must be an administrator or the key's own person."""
        history, by = self._keys.get(keyid), self._keys.get(actor)
        if history is None:
            raise ChainError("key", f"The key {keyid} was never registered.")
        own = by is not None and by.key.person == history.key.person
        if not own and (by is None or Role.ADMINISTRATOR not in by.key.roles):
            raise ChainError("key", "Only an administrator can revoke or suspect another person's key.")
        return history
