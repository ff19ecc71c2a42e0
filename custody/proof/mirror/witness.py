"""Decide whether a head is cosigned: only if it is recomputed here and continues the one cosigned before.

One head is judged at a time. What is cosigned is on disk before the signature leaves, so that no crash and no
second request makes this witness sign two histories. The messages are add_checkpoint.py's, the wire server.py's.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from .. import merkle
from ..checkpoint import Checkpoint, NoteSignature, parse_checkpoint, parse_note
from ..errors import ConsistencyError, MalformedError, PolicyError, ProofError
from ..note_keys import Cosigner, add_signatures
from ..policy import Policy, check_log
from .archive import Archive
from .errors import ForkError, RefusedError, SourceError, StateError
from .replay import Fetched, Replay, orders
from .source import Source, entries, leaves

# Entries taken in at once: what is held in memory before it is proven.
MAX_STEP = 1_000_000


class Witness:
    """A mirror of one log, with the keys that it cosigns with; without keys it only mirrors."""

    def __init__(
        self,
        archive: Archive,
        policy: Policy,
        cosigners: Sequence[Cosigner],
        source: Source,
        clock: Callable[[], float] = time.time,
    ) -> None:
        origins = {key.name for key in policy.logs}
        if len(origins) != 1:
            raise PolicyError("The policy of a mirror names the keys of exactly one log.")
        self.origin = origins.pop()
        self._archive, self._policy, self._cosigners = archive, policy, cosigners
        self._source, self._clock = source, clock
        self._lock = Lock()
        self._replay, self._note = self._restored()

    @property
    def size(self) -> int:
        """The size of the newest head that was accepted."""
        return self._replay.size

    @property
    def note(self) -> str:
        """The newest head that was accepted, with the cosignatures of this witness; empty before the first."""
        return self._note

    def follow(self, note: str) -> tuple[NoteSignature, ...]:
        """Judge the head that the log shows as its newest; an older one is a rollback and is kept as proof.

        Raises ProofError for a head that is not of this log, MirrorError for one that is not accepted.
        """
        with self._lock:
            head = self._head(note)
            if head.size < self.size:
                self._check_past(head, note)
                kept = self._archive.keep(self._note, note)
                text = f"The log shows a head over {head.size} entries as its newest, after one over {self.size}."
                raise ForkError(text, kept)
            return self._advance(head, note)

    def consider(self, old: int, proof: Sequence[bytes], note: str) -> tuple[NoteSignature, ...]:
        """Judge a head that comes with a consistency proof from `old`, which must be the newest one here.

        Raises StaleError, ConsistencyError, other ProofErrors as follow() does, and MirrorError.
        """
        with self._lock:
            head = self._head(note)
            if old > head.size:
                raise MalformedError("The old size is larger than that of the head.")
            if head.size <= self.size:
                self._check_past(head, note)
            if old != self.size:
                raise StaleError(self.size)
            if old == head.size and proof:
                raise ConsistencyError("A proof where none is due.")
            if 0 < old < head.size:
                self._check_consistency(head, proof, note)
            elif proof:
                raise ConsistencyError("A proof from nothing proves nothing.")
            return self._advance(head, note)

    def _head(self, note: str) -> Checkpoint:
        parsed = parse_note(note)
        head = parse_checkpoint(parsed.text)
        check_log(parsed, head, self._policy)
        return head

    def _check_past(self, head: Checkpoint, note: str) -> None:
        """Raise ForkError if the log has signed another past than the one that was accepted here."""
        if head.root != self._replay.root_at(head.size):
            text = f"The log has signed a head over {head.size} entries that is not the beginning of its own log."
            raise ForkError(text, self._archive.keep(self._note, note))

    def _check_consistency(self, head: Checkpoint, proof: Sequence[bytes], note: str) -> None:
        try:
            merkle.verify_consistency(self.size, self._replay.root(), head.size, head.root, proof)
        except ConsistencyError:
            self._look_for_fork(head, note)  # a proof may be wrong by mistake; the log's own hashes decide
            raise

    def _advance(self, head: Checkpoint, note: str) -> tuple[NoteSignature, ...]:
        if head.size > self.size:
            self._take_in(head, note)
        else:
            self._check_past(head, note)
        made = tuple(one.signature(head.text(), int(self._clock())) for one in self._cosigners)
        self._note = add_signatures(self._without_strangers(note), made)
        # A crash before this line leaves the old head; after it the new one, whose cosignature nobody has yet.
        self._archive.accept(self._note)
        self._archive.tidy(self._replay)
        return made

    def _take_in(self, head: Checkpoint, note: str) -> None:
        before = self.size
        if head.size - before > MAX_STEP:
            raise RefusedError(f"More than {MAX_STEP} new entries at once are not taken in.")
        fetched = list(_stream(self._source, before, head.size))
        try:
            self._extend(fetched, head, note)
            self._archive.write(self._replay, before, [one.data for one in fetched])
        except BaseException:
            self._replay, _ = self._restored()
            raise

    def _extend(self, fetched: list[Fetched], head: Checkpoint, note: str) -> None:
        try:
            withheld = any(one.data is None for one in fetched)
            self._replay.extend(fetched, orders(fetched) if withheld else {})
            if self._replay.root() != head.root:
                raise RefusedError(
                    "The entries that the log shows are not those under the head that it signed."
                )
            self._replay.check_publishable()
        except RefusedError:
            self._look_for_fork(head, note)
            raise

    def _look_for_fork(self, head: Checkpoint, note: str) -> None:
        """Raise ForkError if the log's hashes lead to its head but differ from those accepted here."""
        size = parse_checkpoint(parse_note(self._note).text).size if self._note else 0
        ours = self._replay.hashes[0][:size]
        try:
            theirs = list(leaves(self._source, 0, head.size))
        except SourceError:
            return
        if merkle.root(theirs) == head.root and theirs[:size] != ours:
            index = next(place for place in range(size) if theirs[place] != ours[place])
            text = f"The log has signed two histories: entry {index} is another one than it was."
            raise ForkError(text, self._archive.keep(self._note, note))

    def _restored(self) -> tuple[Replay, str]:
        """Recompute the archive from its entries; nothing but the policy is taken on trust."""
        replay, note = Replay(self._policy, self.origin), self._archive.newest()
        if note is None:
            return replay, ""
        try:
            head = self._head(note)
            source = self._archive.source
            withheld = any(one.data is None for one in _stream(source, 0, head.size))
            ordered = orders(_stream(source, 0, head.size)) if withheld else {}
            replay.extend(_stream(source, 0, head.size), ordered)
        except (ProofError, RefusedError, SourceError) as error:
            raise StateError(f"The mirror's own copy is damaged: {error}") from error
        if replay.root() != head.root:
            raise StateError("The mirror's own copy is damaged: it is not what was cosigned.")
        return replay, note

    def _without_strangers(self, note: str) -> str:
        """Drop the signatures of unknown keys, so that a note cannot be filled up with them."""
        parsed = parse_note(note)
        keys = [*self._policy.logs, *(one.key for one in self._policy.witnesses)]
        known = {(key.name, key.key_hash) for key in keys}
        kept = [one for one in parsed.signatures if (one.name, one.key_hash) in known]
        return add_signatures(parsed.text + "\n", kept)


def _stream(source: Source, start: int, end: int) -> Iterator[Fetched]:
    hashes = leaves(source, start, end)
    return (Fetched(data, leaf) for data, leaf in zip(entries(source, start, end), hashes, strict=True))


class StaleError(ProofError):
    """The request does not start from the newest head here; `size` is that head's."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The newest head here is over {size} entries.")
        self.size = size
