"""Checks the signed heads while the entries pass: map heads, checkpoints, and the keys of the log itself.

The keys of the log are those its own genesis and policy updates state; whether that log is the one this
installation pinned is checked once, against the policy file outside the database.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from custody.ledger.models import Checkpoint
from custody.ledger.replay_findings import Code, Findings
from custody.proof import checkpoint as notes
from custody.proof import members, note_keys
from custody.proof.envelope import Envelope, verify_signatures
from custody.proof.errors import MalformedError, ProofError, SignatureError
from custody.proof.note_keys import NoteKey
from custody.proof.policy import Policy, parse_policy
from custody.proof.records import MapHead, Record, RecordType, Seen


class ReplayedHeads:
    """What the log signed about itself: map heads, and a checkpoint over each."""

    def __init__(self, findings: Findings, pinned: Policy | None) -> None:
        self._findings = findings
        self._pinned = pinned
        self._keys: tuple[NoteKey, ...] = ()
        # Whose cosignatures can be checked: those that the log has stated, and those of the pinned policy.
        self._witnesses = {one.key for one in pinned.witnesses} if pinned else set()
        rows = Checkpoint.objects.order_by("size").prefetch_related("cosignatures")
        self._rows: Iterator[Checkpoint] = rows.iterator(chunk_size=500)
        self._row = next(self._rows, None)
        # Roots over the entries at each map head, for the heads that signers say they saw.
        self._roots: dict[int, frozenset[bytes]] = {}
        self.newest = 0

    def genesis(self, leaf: bytes) -> None:
        """Compare the first entry with the pin outside the database."""
        if self._pinned is None or self._pinned.genesis is None:
            text = "No pinned policy was found, so nothing outside the database says which log this is."
            self._findings.add(Code.GENESIS_NOT_PINNED, text, 0)
        elif self._pinned.genesis != leaf:
            self._findings.add(
                Code.GENESIS_PIN, "The log begins with another genesis than the pinned one.", 0
            )

    def policy(self, record: Record, index: int) -> None:
        """Take the log's keys from genesis or a policy update."""
        if record.type not in (RecordType.GENESIS, RecordType.POLICY_UPDATE):
            return
        try:
            stated = parse_policy(members.text(record.extra["policy"], "policy"))
        except MalformedError as error:
            self._findings.add(Code.LOG_KEY_OTHER, f"The policy of the log cannot be used: {error}", index)
            return
        self._keys = tuple(key for key in stated.logs if key.name == settings.LOG_ORIGIN)
        self._witnesses |= {one.key for one in stated.witnesses}
        pinned = {key.public for key in self._pinned.logs} if self._pinned else None
        if not self._keys or (pinned is not None and pinned.isdisjoint(key.public for key in self._keys)):
            text = "The log states another signing key than the pinned one of this installation."
            self._findings.add(Code.LOG_KEY_OTHER, text, index)

    def map_head(self, head: MapHead, envelope: Envelope, index: int, map_root: bytes) -> None:
        """Check one map head: it covers all before it, its root is that of the entries, the log signed it."""
        if head.size != index:
            text = f"The map head covers {head.size} entries, but {index} are before it."
            self._findings.add(Code.MAP_HEAD_SIZE, text, index)
        if head.root != map_root:
            text = (
                "The map head does not count the entries before it: one was hidden, added or changed "
                f"after entry {self.newest or 'the first'}."
            )
            self._findings.add(Code.MAP_HEAD_ROOT, text, index)
        try:
            verify_signatures(envelope, {key.keyid: key.spki for key in self._keys})
        except SignatureError as error:
            text = f"The map head is not signed by the log: {error}"
            self._findings.add(Code.MAP_HEAD_SIGNATURE, text, index)

    def published(self, size: int, roots: frozenset[bytes]) -> None:
        """Check the checkpoint that must stand over these entries, the last of which is a map head."""
        self._pass_others(size)
        self._roots[size] = roots
        if self._row is None or self._row.size != size:
            text = f"The signed head over {size} entries is missing."
            self._findings.add(Code.CHECKPOINT_MISSING, text, size - 1)
        else:
            self._check(self._row, roots)
            self._row = next(self._rows, None)
        self.newest = size

    def seen(self, seen: Seen, index: int) -> None:
        """Check that the head which a signer saw is a beginning of this log, and older than the record."""
        if seen.size > index:
            text = f"The signer claims to have seen {seen.size} entries, more than there were."
            self._findings.add(Code.SEEN_AHEAD, text, index)
        elif seen.size and self._contradicts(seen):
            text = f"The signer saw another log of {seen.size} entries than this one."
            self._findings.add(Code.SEEN_FORK, text, index)

    def _contradicts(self, seen: Seen) -> bool:
        """No head of that size was published; behind a gap the root is unknown and contradicts nothing."""
        roots = self._roots.get(seen.size)
        return roots is None or (bool(roots) and seen.root not in roots)

    def close(self, count: int) -> None:
        """Report what is left over: heads beyond the end, entries that no head covers."""
        self._pass_others(count + 1)
        while self._row is not None:
            text = f"A signed head covers {self._row.size} entries, but only {count} are there."
            self._findings.add(Code.CHECKPOINT_AHEAD, text, count)
            self._row = next(self._rows, None)
        if count > self.newest:
            text = f"The newest {count - self.newest} entries are not covered by a signed head yet."
            self._findings.add(Code.UNPUBLISHED, text, self.newest)

    def _pass_others(self, size: int) -> None:
        while self._row is not None and self._row.size < size:
            text = f"A signed head stands over {self._row.size} entries, the last of which is no map head."
            self._findings.add(Code.CHECKPOINT_WITHOUT_MAP_HEAD, text, self._row.size - 1)
            self._row = next(self._rows, None)

    def _check(self, row: Checkpoint, roots: frozenset[bytes]) -> None:
        index = row.size - 1
        try:
            note = notes.parse_note(row.note)
            stated = notes.parse_checkpoint(note.text)
            if stated != notes.Checkpoint(settings.LOG_ORIGIN, row.size, bytes(row.root)):
                raise MalformedError("Its text says another log, size or root than its row.")
        except ProofError as error:
            text = f"The signed head over {row.size} entries cannot be used: {error}"
            self._findings.add(Code.CHECKPOINT_MALFORMED, text, index)
            return
        if roots and stated.root not in roots:
            text = (
                f"The signed head over {row.size} entries is not over these: after entry "
                f"{max(self.newest - 1, 0)} one was changed, added, moved or removed."
            )
            self._findings.add(Code.CHECKPOINT_ROOT, text, index)
        try:
            note_keys.verify_note(note, self._keys)
            lines = "".join(one.line for one in row.cosignatures.all())
            note_keys.verified(notes.parse_note(row.note + lines), sorted(self._witnesses, key=str))
        except ProofError as error:
            text = f"A signature under the head over {row.size} entries is missing or wrong: {error}"
            self._findings.add(Code.CHECKPOINT_SIGNATURE, text, index)
