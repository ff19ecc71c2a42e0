"""Checks each record while the entries pass: who signed, with which key, in which role; each item's history.

After a record that breaks an item's history the history is taken up again from that record, so that what is
wrong behind it is found as well. The rules are those of the verifier: `custody.proof.chain` and `.rules`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from custody.ledger.replay_findings import Code, Findings
from custody.proof import chain, countersigned
from custody.proof.envelope import Envelope
from custody.proof.errors import ChainError, SignatureError
from custody.proof.keyring import KEY_EVENTS, KeyHistory, Keyring
from custody.proof.records import NO_ENTRY, Record, Subject
from custody.proof.rules import check_role
from custody.proof.signers import verify_signers
from custody.proof.stated_policy import StatedPolicies


@dataclass(frozen=True)
class ItemTold:
    """What the entries say of one item; without a state its rules could not be followed to the end."""

    first: int
    last: int
    seq: int
    head: bytes
    state: chain.ItemState | None


class ReplayedRecords:
    """The keys of the log and the items, as the records so far tell them."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.keyring = Keyring()
        self._policies = StatedPolicies()
        self.items: dict[uuid.UUID, ItemTold] = {}

    def record(self, record: Record, envelope: Envelope, leaf: bytes, index: int) -> None:
        """Check one record."""
        if record.type in KEY_EVENTS:
            try:
                self.keyring.apply(record, index)
            except ChainError as error:
                self._findings.add(Code.KEY_EVENT_INVALID, str(error), index)
        signer = self._check_signer(record, envelope, index)
        for subject in record.subjects:
            self._follow(subject, record, leaf, index, signer)

    def unread(self, items: Iterable[str], leaf: bytes, index: int) -> None:
        """Pass an entry that cannot be read: its items' histories go on behind it, unjudged."""
        for item in _uuids(items):
            told = self.items.get(item, ItemTold(index, index, 0, NO_ENTRY, None))
            self.items[item] = replace(told, last=index, seq=told.seq + 1, head=leaf, state=None)

    def _check_signer(self, record: Record, envelope: Envelope, index: int) -> KeyHistory | None:
        stated = self._policies.at(record)
        signed_by = [signature.keyid for signature in envelope.signatures]
        if not countersigned.are_right(record, signed_by, self.keyring, index, stated.enrollers):
            self._findings.add(Code.SIGNER_WRONG, countersigned.WRONG, index)
        history = self.keyring.find(record.actor)
        if history is None:
            text = f"The key {record.actor} was never registered in this log."
            self._findings.add(Code.SIGNER_UNKNOWN, text, index)
            return None
        try:
            self.keyring.actor_at(record.actor, index)
        except ChainError as error:
            self._findings.add(Code.KEY_NOT_VALID, str(error), index)
        try:
            check_role(record.type, history.key.roles)
        except ChainError as error:
            self._findings.add(Code.ROLE_NOT_ALLOWED, str(error), index)
        try:
            verify_signers(envelope, self.keyring, stated.sites)
        except SignatureError as error:
            self._findings.add(Code.SIGNATURE_INVALID, str(error), index)
        return history

    def _follow(
        self, subject: Subject, record: Record, leaf: bytes, index: int, signer: KeyHistory | None
    ) -> None:
        told = self.items.get(subject.item)
        try:
            if told is not None and told.state is None:
                self._check_link(told, subject)
                state = None
            elif signer is None:
                raise ChainError("key", "It is not known who signed the record.")
            else:
                state = chain.step(told.state if told else None, record, leaf, signer.actor)
        except ChainError as error:
            code = Code.CHAIN_BROKEN if error.code == "link" else Code.CHAIN_RULE
            self._findings.add(code, f"Item {subject.item}: {error}", index)
            state = told.state if told else None
        if state is not None:
            state = replace(state, seq=subject.seq, head=leaf)
        first = told.first if told else index
        self.items[subject.item] = ItemTold(first, index, subject.seq, leaf, state)

    def _check_link(self, told: ItemTold, subject: Subject) -> None:
        """Where the rules cannot be followed any more, that the records are linked can still be checked."""
        if (subject.seq, subject.prev) != (told.seq + 1, told.head):
            raise ChainError("link", "The record does not follow from the item's newest record.")

    def close(self) -> None:
        """Report the items whose rules could not be followed."""
        for item, told in self.items.items():
            if told.state is None:
                text = f"Item {item}: the rules of custody could not be followed through all of its history."
                self._findings.add(Code.CHAIN_NOT_FOLLOWED, text, told.first)


def _uuids(texts: Iterable[str]) -> Iterator[uuid.UUID]:
    """Give the ids among what the index says; what else stands there the index's own check reports."""
    for text in texts:
        try:
            yield uuid.UUID(text)
        except ValueError:
            continue
