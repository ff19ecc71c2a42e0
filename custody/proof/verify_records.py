"""Steps 6 to 9: the keys of the log, who signed each record, the history of each item, the heads they saw.

Works on a bundle whose entries were read (step 1) and whose places were checked (steps 2 to 5); a finding
there does not stop these steps, because a court wants every defect.
"""

from collections.abc import Sequence

from . import chain
from .checkpoint import Checkpoint
from .countersigned import COUNTERSIGNED, WRONG, are_right
from .digests import b64
from .errors import ChainError, ConsistencyError, SignatureError
from .findings import Audit, FindingCode, counted
from .keyring import KEY_EVENTS, Keyring
from .merkle import verify_consistency
from .passkey import PasskeyError, Site
from .prefix_map import POLICY_ID, Namespace
from .reading import MapId, Reading, RecordEntry, WithheldEntry
from .records import NO_ENTRY, NOTHING_SEEN, Seen
from .rules import check_role
from .signers import verify_signers
from .stated_policy import StatedPolicies
from .verify_log import Coverage


def check_keys(reading: Reading, pin: bytes | None, coverage: Coverage, audit: Audit) -> Keyring:
    """(6) The pinned genesis, the key events in order, and for each signer that all of them are shown."""
    keyring = Keyring()
    genesis = reading.at.get(0)
    if not isinstance(genesis, RecordEntry):
        audit.add(FindingCode.GENESIS_MISSING, "The first entry of the log, its genesis, is missing.")
    elif pin is not None and genesis.leaf != pin:
        audit.add(
            FindingCode.GENESIS_PIN,
            f"The log begins with {b64(genesis.leaf)}, but the policy pins {b64(pin)}: this is another log.",
            index=0,
        )
    for entry in reading.records:
        if entry.record.type in KEY_EVENTS:
            try:
                keyring.apply(entry.record, entry.index)
            except ChainError as error:
                audit.add(FindingCode.KEY_EVENT_INVALID, str(error), index=entry.index)
    actors = sorted({keyid for entry in reading.records for keyid in _judged(entry)})
    for actor in actors:
        if (Namespace.KEYCTL, actor) not in coverage.complete:
            audit.add(
                FindingCode.KEY_HISTORY_MISSING,
                f"The bundle does not prove that all is shown that was done to the key {actor}: "
                "a revocation could be hidden.",
            )
    by_policy = isinstance(genesis, RecordEntry) and StatedPolicies().at(genesis.record).enrollers > 0
    by_passkey = any(one.assertion for entry in reading.records for one in entry.envelope.signatures)
    if (by_policy or by_passkey) and (Namespace.POLICY, POLICY_ID) not in coverage.complete:
        audit.add(
            FindingCode.POLICY_HISTORY_MISSING,
            "The bundle does not prove that all is shown that the log stated about who enrols keys and where "
            "passkeys may be used: a change could be hidden.",
        )
    audit.passed(
        6, f"{counted(len(actors), 'signer')} checked: all that was ever done to their keys is shown."
    )
    return keyring


def _judged(entry: RecordEntry) -> set[str]:
    """Give the keys that a record counts on: its actor's, and those of others who signed with the actor."""
    enrolled = {key.keyid for key in entry.record.enrols()}
    others = {signature.keyid for signature in entry.envelope.signatures} - enrolled
    return {entry.record.actor} | (others if entry.record.type in COUNTERSIGNED else set())


def check_signatures(reading: Reading, keyring: Keyring, pinned: Sequence[Site], audit: Audit) -> None:
    """(7) Each record is signed by the keys that must sign it, valid at its place, in a role that may."""
    policies = StatedPolicies(pinned)
    for entry in reading.records:
        stated = policies.at(entry.record)
        signed_by = [signature.keyid for signature in entry.envelope.signatures]
        if not are_right(entry.record, signed_by, keyring, entry.index, stated.enrollers):
            audit.add(FindingCode.SIGNER_WRONG, WRONG, index=entry.index)
        history = keyring.find(entry.record.actor)
        if history is None:
            sentence = f"The key {entry.record.actor} was never registered in this log."
            audit.add(FindingCode.SIGNER_UNKNOWN, sentence, index=entry.index)
            continue
        try:
            keyring.actor_at(entry.record.actor, entry.index)
        except ChainError as error:
            audit.add(FindingCode.KEY_NOT_VALID, str(error), index=entry.index)
        try:
            check_role(entry.record.type, history.key.roles)
        except ChainError as error:
            audit.add(FindingCode.ROLE_NOT_ALLOWED, str(error), index=entry.index)
        try:
            verify_signers(entry.envelope, keyring, stated.sites)
        except PasskeyError as error:
            audit.add(FindingCode(f"passkey-{error.flaw}"), str(error), index=entry.index)
        except SignatureError as error:
            audit.add(FindingCode.SIGNATURE_INVALID, str(error), index=entry.index)
    audit.passed(
        7,
        f"{counted(len(reading.records), 'record')} checked: each is signed with the key it names, at a "
        "place of the log where that key counted, in a role that may sign it.",
    )


def check_items(reading: Reading, keyring: Keyring, coverage: Coverage, audit: Audit) -> None:
    """(8) The records of each wanted item follow each other, by the rules of custody."""
    items = [map_id for map_id in coverage.wanted if map_id[0] is Namespace.ITEM and map_id in reading.about]
    for map_id in items:
        indices = coverage.complete.get(map_id, ())
        if any(isinstance(reading.at[index], WithheldEntry) for index in indices):
            _check_links(map_id, reading, indices, audit)
        else:
            _check_rules(map_id, reading, keyring, audit)
    if not items:
        audit.passed(8, "There is no item whose history was to be checked.")


def _check_rules(map_id: MapId, reading: Reading, keyring: Keyring, audit: Audit) -> None:
    state: chain.ItemState | None = None
    for entry in reading.about[map_id]:
        history = keyring.find(entry.record.actor)
        try:
            if history is None:
                raise ChainError("key", "It is not known who signed the record.")
            state = chain.step(state, entry.record, entry.leaf, history.actor)
        except ChainError as error:
            code = FindingCode.CHAIN_BROKEN if error.code == "link" else FindingCode.CHAIN_RULE
            audit.add(code, f"Item {map_id[1]}: {error}", index=entry.index)
            return
    if state is not None:
        audit.passed(8, _summary(state))


def _summary(state: chain.ItemState) -> str:
    words = {
        chain.Status.HELD: f"it is held by person {state.holder}",
        chain.Status.QUARANTINED: "it is in quarantine",
        chain.Status.DISPOSED: "it is disposed of",
    }
    transfer = "; a transfer of it is open" if state.transfer else ""
    return (
        f"Item {state.item}: its history of {counted(state.seq, 'record')} has no gap and follows the rules "
        f"of custody; {words[state.status]}{transfer}."
    )


def _check_links(map_id: MapId, reading: Reading, indices: Sequence[int], audit: Audit) -> None:
    """Where entries were erased the rules cannot be followed; that the rest is linked can be checked."""
    seq, head = 0, NO_ENTRY
    for index in indices:
        entry = reading.at[index]
        if isinstance(entry, RecordEntry):
            own = next(subject for subject in entry.record.subjects if str(subject.item) == map_id[1])
            if (own.seq, own.prev) != (seq + 1, head):
                sentence = f"Item {map_id[1]}: the record does not follow from the item's record before it."
                audit.add(FindingCode.CHAIN_BROKEN, sentence, index=index)
                return
        seq, head = seq + 1, entry.leaf
    erased = sum(isinstance(reading.at[index], WithheldEntry) for index in indices)
    audit.add(
        FindingCode.CHAIN_NOT_FOLLOWED,
        f"Item {map_id[1]}: {erased} of {counted(len(indices), 'record')} erased by order, so the rules of "
        "custody could not be followed; what remains is linked without gap.",
    )


def check_seen(reading: Reading, checkpoint: Checkpoint, audit: Audit) -> None:
    """(9) Every head a signer saw is the beginning of this log, and older than the record that says so."""
    proofs = {Seen(part.size, part.root): part.proof for part in reading.parts.seen}
    heads: dict[Seen, int | None] = dict.fromkeys(proofs)
    for entry in reading.records:
        seen = entry.record.seen
        if seen.size > entry.index:
            audit.add(
                FindingCode.SEEN_AHEAD,
                f"The signer claims to have seen {seen.size} entries, more than there were.",
                index=entry.index,
            )
        elif seen != NOTHING_SEEN:
            heads.setdefault(seen, entry.index)
    for seen, index in heads.items():
        _check_head(seen, proofs.get(seen), checkpoint, index, audit)
    audit.passed(
        9, f"{counted(len(heads), 'head')} of the log that signers had seen: each is a beginning of this log."
    )


def _check_head(
    seen: Seen, proof: Sequence[bytes] | None, checkpoint: Checkpoint, index: int | None, audit: Audit
) -> None:
    if proof is None:
        audit.add(
            FindingCode.SEEN_NOT_PROVEN,
            f"The bundle does not prove that this log begins with the {seen.size} entries that a signer saw.",
            index=index,
        )
        return
    try:
        verify_consistency(seen.size, seen.root, checkpoint.size, checkpoint.root, proof)
    except ConsistencyError as error:
        audit.add(
            FindingCode.SEEN_FORK,
            f"A signer saw another log, of {seen.size} entries: {error} One of the two was made to deceive.",
            index=index,
        )
