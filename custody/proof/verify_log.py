"""Steps 3 to 5: every entry under the signed head of the log, and that nothing wanted is left out.

Each function takes what earlier steps have established, adds its findings to the audit, and goes on after a
finding where it can. Who signed the records, and whether they follow the rules, is verify_records.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from .checkpoint import Checkpoint
from .envelope import verify_signatures
from .errors import InclusionError, MalformedError, SignatureError
from .findings import Audit, FindingCode, counted
from .members import text
from .merkle import verify_inclusion
from .policy import Policy, parse_policy
from .prefix_map import Namespace, accumulate_all, mapkey, verify_proof
from .reading import MapHeadEntry, MapId, Reading, RecordEntry, WithheldEntry
from .records import RecordType

# Items and cases that a sentence lists by name.
_LISTED = 20


@dataclass(frozen=True)
class Scope:
    """What the reader wants to be complete: one item or one case."""

    ns: Namespace
    id: UUID

    @property
    def map_id(self) -> MapId:
        return self.ns, str(self.id)


@dataclass(frozen=True)
class Coverage:
    """What step 5 was asked for, and what it found complete, with the indices of all its entries."""

    wanted: tuple[MapId, ...]
    complete: Mapping[MapId, tuple[int, ...]]


def own_policy(reading: Reading, audit: Audit) -> Policy | None:
    """Take the policy that the log states about itself: the newest policy.update, else genesis."""
    stated = [
        entry.record
        for entry in reading.records
        if entry.record.type in (RecordType.GENESIS, RecordType.POLICY_UPDATE)
    ]
    if not stated:
        audit.add(FindingCode.CHECKPOINT_POLICY, "The bundle does not say with which key the log signs.")
        return None
    try:
        return parse_policy(text(stated[-1].extra["policy"], "policy"))
    except MalformedError as error:
        audit.add(FindingCode.CHECKPOINT_POLICY, f"The log's own policy cannot be used: {error}")
        return None


def check_entries(reading: Reading, checkpoint: Checkpoint, audit: Audit) -> None:
    """(3) Ascending indices, inclusion of each entry, the log's own name in each."""
    last = -1
    for entry in reading.entries:
        if entry.index <= last:
            audit.add(FindingCode.ENTRY_ORDER, "The entries are not in ascending order.", index=entry.index)
        last = entry.index
        try:
            verify_inclusion(entry.leaf, entry.index, checkpoint.size, entry.proof, checkpoint.root)
        except InclusionError as error:
            audit.add(FindingCode.ENTRY_NOT_INCLUDED, str(error), index=entry.index)
    names = {entry.index: entry.record.log for entry in reading.records}
    names |= {entry.index: entry.head.log for entry in reading.map_heads}
    for index, name in names.items():
        if name != checkpoint.origin:
            audit.add(FindingCode.ENTRY_OTHER_LOG, f"The entry is of another log, {name}.", index=index)
    _check_withheld(reading, audit)
    audit.passed(3, f"{counted(len(reading.entries), 'entry')} checked: each lies in the log at its place.")


def check_repeats(reading: Reading, audit: Audit) -> None:
    """(3) No record is in the log twice: whoever keeps the log could bring back what was withdrawn since.

    Its nonce makes each statement one of its own. Signatures do not count in the comparison: an ECDSA signature
    has a twin that anybody can compute, so the copy need not have the leaf hash of the original.
    """
    first: dict[bytes, int] = {}
    for entry in reading.entries:
        said = entry.leaf if isinstance(entry, WithheldEntry) else entry.envelope.signed_bytes()
        again = [
            first[mark] for mark in (entry.leaf, said) if first.setdefault(mark, entry.index) != entry.index
        ]
        if again:
            audit.add(
                FindingCode.ENTRY_REPEATED,
                f"The entry repeats what was signed once, for entry {again[0]}.",
                index=entry.index,
            )


def _check_withheld(reading: Reading, audit: Audit) -> None:
    for entry in reading.withheld:
        if entry.index in reading.ordered:
            audit.add(
                FindingCode.ENTRY_WITHHELD,
                f"Entry {entry.index} was erased by the order in entry {entry.order}; its place is proven.",
                index=entry.index,
            )
        else:
            audit.add(
                FindingCode.WITHHELD_WITHOUT_ORDER,
                f"Entry {entry.index} is withheld, but the bundle shows no order to erase it.",
                index=entry.index,
            )


def check_map_head(reading: Reading, checkpoint: Checkpoint, policy: Policy, audit: Audit) -> bytes | None:
    """(4) The last entry is the map head over all before it, signed by the log. Returns the map's root."""
    for entry in reading.map_heads:
        _check_one_map_head(entry, checkpoint, policy, audit)
    last = reading.at.get(checkpoint.size - 1)
    if not isinstance(last, MapHeadEntry):
        audit.add(FindingCode.MAP_HEAD_MISSING, "The last entry of the log, the map head, is missing.")
        return None
    audit.passed(4, "The log has signed the list of what belongs to each item, case and key.")
    return last.head.root


def _check_one_map_head(entry: MapHeadEntry, checkpoint: Checkpoint, policy: Policy, audit: Audit) -> None:
    if entry.head.size != entry.index:
        audit.add(
            FindingCode.MAP_HEAD_INVALID,
            f"The map head covers {entry.head.size} entries, but {entry.index} are before it.",
            index=entry.index,
        )
    keys = {key.keyid: key.spki for key in policy.log_keys(checkpoint.origin)}
    try:
        verify_signatures(entry.envelope, keys)
    except SignatureError as error:
        sentence = f"The map head is not signed by the log: {error}"
        audit.add(FindingCode.MAP_HEAD_SIGNATURE, sentence, index=entry.index)


def check_completeness(reading: Reading, map_root: bytes, scope: Scope | None, audit: Audit) -> Coverage:
    """(5) Every map proof holds and counts exactly the entries shown; every wanted item and case has one."""
    complete = _check_map_proofs(reading, map_root, audit)
    wanted = _wanted(reading, scope)
    proven = {(part.ns, part.id) for part in reading.parts.maps}
    for map_id in wanted:
        if map_id not in proven:
            sentence = f"It is not proven what the log holds about {name_of(map_id)}."
            audit.add(FindingCode.MAP_PROOF_MISSING, sentence)
        elif complete.get(map_id) == ():
            audit.add(FindingCode.SCOPE_EMPTY, f"The log holds nothing about {name_of(map_id)}.")
    _remark_on_the_rest(reading, wanted, scope, audit)
    _say_what_is_complete(wanted, complete, audit)
    return Coverage(wanted, complete)


def _check_map_proofs(reading: Reading, map_root: bytes, audit: Audit) -> dict[MapId, tuple[int, ...]]:
    complete: dict[MapId, tuple[int, ...]] = {}
    for part in reading.parts.maps:
        map_id = part.ns, part.id
        try:
            expected = verify_proof(mapkey(part.ns, part.id), part.proof, map_root)
        except (InclusionError, MalformedError) as error:
            audit.add(FindingCode.MAP_PROOF_INVALID, f"About {name_of(map_id)}: {error}")
            continue
        indices = _matching(reading, map_id, expected)
        if indices is None:
            shown = len(reading.about.get(map_id, ()))
            audit.add(
                FindingCode.ENTRIES_MISSING,
                f"The log holds {counted(expected[0], 'entry')} about {name_of(map_id)}; the bundle shows "
                f"{shown}, and they are not the same.",
            )
        else:
            complete[map_id] = indices
    return complete


def _wanted(reading: Reading, scope: Scope | None) -> tuple[MapId, ...]:
    """List the items and cases to be complete: those asked for, and those that the bundle claims to be complete about.

    With a case come its items: their entries could otherwise go on under another case.
    """
    first = [scope.map_id] if scope else []
    first += [
        (part.ns, part.id) for part in reading.parts.maps if part.ns in (Namespace.ITEM, Namespace.CASE)
    ]
    found = dict.fromkeys(first)
    for ns, case in first:
        if ns is Namespace.CASE:
            for entry in reading.about.get((ns, case), ()):
                found |= {(Namespace.ITEM, str(subject.item)): None for subject in entry.record.subjects}
    return tuple(found)


def _matching(reading: Reading, map_id: MapId, expected: tuple[int, bytes]) -> tuple[int, ...] | None:
    """Return the indices, shown or withheld, that have this count and accumulator; None if they have not.

    What a withheld entry was about is said by the order to erase it; the accumulator shows if that is true. A key
    event is never erased, or an order of erasure could hide a revocation.
    """
    indices = [entry.index for entry in reading.about.get(map_id, ())]
    if map_id[0] not in (Namespace.KEYCTL, Namespace.POLICY):
        indices += reading.erased_about.get(mapkey(*map_id), [])
    indices.sort()
    return tuple(indices) if accumulate_all(indices) == expected else None


def _remark_on_the_rest(
    reading: Reading, wanted: tuple[MapId, ...], scope: Scope | None, audit: Audit
) -> None:
    if not wanted:
        audit.add(
            FindingCode.SCOPE_NOT_STATED, "The bundle does not claim to be complete about any item or case."
        )
    known = set(wanted)
    items = {map_id for map_id in reading.about if map_id[0] is Namespace.ITEM} - known
    if scope is not None:  # who asks for one item of a box knows that the others are not told
        items = {one for one in items if not all(_is_about(entry, known) for entry in reading.about[one])}
    for map_id in sorted(items):
        audit.add(
            FindingCode.ITEM_NOT_COVERED,
            f"{name_of(map_id)} is mentioned, but this bundle does not show its history.",
        )


def _is_about(entry: RecordEntry, items: set[MapId]) -> bool:
    return any((Namespace.ITEM, str(subject.item)) in items for subject in entry.record.subjects)


def _say_what_is_complete(
    wanted: tuple[MapId, ...], complete: Mapping[MapId, tuple[int, ...]], audit: Audit
) -> None:
    sentences = [
        f"All that the log holds about {name_of(map_id)} is shown: {counted(len(complete[map_id]), 'entry')}."
        for map_id in wanted
        if complete.get(map_id)
    ]
    if len(sentences) > _LISTED:
        rest = len(sentences) - _LISTED
        sentences = [*sentences[:_LISTED], f"The same holds for {counted(rest, 'other')}."]
    for sentence in sentences:
        audit.passed(5, sentence)


def name_of(map_id: MapId) -> str:
    """Say an item, case or key in words."""
    if map_id[0] is Namespace.POLICY:
        return "the policy of the log"
    words = {Namespace.ITEM: "item", Namespace.CASE: "case"}
    return f"{words.get(map_id[0], 'key')} {map_id[1]}"
