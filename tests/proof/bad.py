"""One bad bundle, report or question for each finding code: BAD[code](folder) gives the verdict on it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from custody.proof import bundle, records
from custody.proof.bundle import BundleParts, EntryPart, WithheldPart
from custody.proof.findings import FindingCode
from custody.proof.note_keys import NoteSigner, sign_note
from custody.proof.policy import Policy
from custody.proof.prefix_map import MapProof, Namespace
from custody.proof.records import Seen, Subject
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.verdict import Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from custody.proof.verify_file import verify_file
from custody.proof.verify_log import Scope
from custody.proof.verify_statements import EvidenceFile
from tests.proof import bad_anchors, bad_repeats, sealed
from tests.proof.bad_erasures import BAD_ERASURES
from tests.proof.bad_heads import BAD_HEADS
from tests.proof.bad_passkeys import BAD_PASSKEYS
from tests.proof.bad_receipts import BAD_RECEIPTS
from tests.proof.world import ORIGIN, Person, Story, T, World, story, without

_C = FindingCode
STORY = story()
WORLD = STORY.world
AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal of the agency")
POLICY = replace(WORLD.policy, seals=(AUTHORITY.pin,))
REPORT = sealed.seal(sealed.report(WORLD.bundle(STORY.item)), SIGNER)

Bad = Callable[[Path], Verdict]


def judge(parts: BundleParts, policy: Policy | None = WORLD.policy, **asked: Scope) -> Verdict:
    return verify_bundle(bundle.build(parts), policy=policy, **asked)


def judge_world(world: World) -> Verdict:
    return judge(world.parts(), world.policy)


def report(pdf: bytes, policy: Policy | None = POLICY) -> Verdict:
    return verify_report(pdf, Question(policy=policy))


def with_entry(parts: BundleParts, index: int, changed: EntryPart) -> BundleParts:
    """Put another part in the place of the one of this entry."""
    entries = [changed if part.index == index else part for part in parts.entries]
    return replace(parts, entries=tuple(entries))


def _parts() -> BundleParts:
    return WORLD.parts(STORY.item)


def _after(act: Callable[[Story], object]) -> Verdict:
    """Let one more thing happen in a story of its own, then judge the whole case."""
    told = story()
    act(told)
    told.world.publish()
    return judge_world(told.world)


# -- step 0 --------------------------------------------------------------------------------------------------


def _unreadable_policy(folder: Path) -> Verdict:
    (folder / "report.pdf").write_bytes(REPORT)
    (folder / "policy.txt").write_text("trust everybody\n")
    return verify_file(folder / "report.pdf", policy=folder / "policy.txt")


def _no_bundle(folder: Path) -> Verdict:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return report(sealed.seal(sealed.write_pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, page), SIGNER))


def _two_bundles(folder: Path) -> Verdict:
    data = WORLD.bundle(STORY.second)
    more = (
        b"<</Type/Filespec/F(other.json)/EF<</F 8 0 R>>>>",
        sealed.stream(b"/Type/EmbeddedFile", data),
    )
    return report(sealed.seal(sealed.report(WORLD.bundle(STORY.item), *more), SIGNER))


def _damaged_bundle(folder: Path) -> Verdict:
    pdf = sealed.report(WORLD.bundle(STORY.item)).replace(b"/Filter/FlateDecode", b"/Filter/LZWDecode  ")
    return report(sealed.seal(pdf, SIGNER))


def _flipped(place: int) -> bytes:
    return REPORT[:place] + bytes([REPORT[place] ^ 1]) + REPORT[place + 1 :]


def _gap() -> tuple[int, int]:
    """Where the hexadecimal digits of the seal begin and end."""
    start = REPORT.rindex(b"/Contents <") + len(b"/Contents <")
    return start, REPORT.index(b">", start)


def _something_behind_the_seal(folder: Path) -> Verdict:
    return report(_flipped(_gap()[1] - 1))


def _other_signature(folder: Path) -> Verdict:
    start, end = _gap()
    last = start + len(REPORT[start:end].rstrip(b"0")) - 1
    digit = b"2" if REPORT[last : last + 1] == b"1" else b"1"
    return report(REPORT[:last] + digit + REPORT[last + 1 :])


# -- steps 1 and 2 -------------------------------------------------------------------------------------------


def _malformed_entry(folder: Path) -> Verdict:
    padded = replace(WORLD.entry_part(STORY.offer), entry=WORLD.entries[STORY.offer] + b" ")
    return judge(with_entry(_parts(), STORY.offer, padded))


def _misplaced_entry(folder: Path) -> Verdict:
    misplaced = replace(WORLD.entry_part(STORY.offer), index=STORY.offer - 1)
    return judge(with_entry(_parts(), STORY.offer, misplaced))


def _unknown_origin(folder: Path) -> Verdict:
    signer = NoteSigner("elsewhere.test/log", WORLD.log_key)
    return judge(_parts(), replace(WORLD.policy, logs=(signer.public,)))


def _foreign_signature(folder: Path) -> Verdict:
    thief = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
    return judge(replace(_parts(), checkpoint=sign_note(WORLD.checkpoint.text(), [thief])))


# -- step 3 --------------------------------------------------------------------------------------------------


def _swapped(folder: Path) -> Verdict:
    parts = _parts()
    first, second, *rest = parts.entries
    return judge(replace(parts, entries=(second, first, *rest)))


def _entry_of_another_log(folder: Path) -> Verdict:
    return _after(lambda told: told.world.record(T.CASE_ASSIGN, told.world.sara, log="elsewhere.test/log"))


def _erased(ordered: bool) -> Verdict:
    """Withhold the bytes of a transfer's acceptance, with or without an order to erase them."""
    told = story()
    indices = [told.accept] if ordered else [told.offer]
    order = told.world.erase(told.world.sara, *indices)
    told.world.publish()
    parts = without(told.world.parts(), told.accept)
    hidden = WithheldPart(told.accept, told.world.leaf(told.accept), order, told.world.inclusion(told.accept))
    entries = tuple(sorted((*parts.entries, hidden), key=lambda part: part.index))
    return judge(replace(parts, entries=entries), told.world.policy)


# -- steps 4 and 5 -------------------------------------------------------------------------------------------


def _map_head(size_off_by: int, key: SigningKey | None = None) -> Verdict:
    """End the log with a map head that states another size, or that another key has signed."""
    told = story()
    told.world.record(T.CASE_ASSIGN, told.world.sara)
    told.world.publish(size_off_by=size_off_by, key=key)
    return judge_world(told.world)


def _no_scope(folder: Path) -> Verdict:
    parts = without(_parts(), *WORLD.indices((Namespace.ITEM, str(STORY.item))))
    general = (Namespace.KEYCTL, Namespace.POLICY)
    return judge(replace(parts, maps=tuple(part for part in parts.maps if part.ns in general)))


def _nothing_about_it(folder: Path) -> Verdict:
    stranger = uuid4()
    parts = _parts()
    absent = WORLD.map_part((Namespace.ITEM, str(stranger)))
    return judge(replace(parts, maps=(*parts.maps, absent)), scope=Scope(Namespace.ITEM, stranger))


def _wrong_sibling(folder: Path) -> Verdict:
    parts = _parts()
    first, *rest = parts.maps
    siblings = (bytes(32), *first.proof.siblings[1:])
    changed = replace(first, proof=MapProof(siblings, first.proof.terminal))
    return judge(replace(parts, maps=(changed, *rest)))


def _mentioned_item(folder: Path) -> Verdict:
    parts = _parts()
    second = [
        WORLD.entry_part(index)
        for index in WORLD.indices((Namespace.ITEM, str(STORY.second)))
        if index not in {part.index for part in parts.entries}
    ]
    return judge(
        replace(parts, entries=tuple(sorted((*parts.entries, *second), key=lambda part: part.index)))
    )


# -- steps 6 to 8 --------------------------------------------------------------------------------------------


def _no_keyctl(folder: Path) -> Verdict:
    parts = _parts()
    maps = tuple(part for part in parts.maps if (part.ns, part.id) != (Namespace.KEYCTL, WORLD.ana.key.keyid))
    return judge(replace(parts, maps=maps))


def _suspect(told: Story) -> None:
    told.world.suspect(told.world.ana, told.world.now)
    told.world.record(T.NOTE, told.world.ana, told.second)


def _stranger_signs(told: Story) -> None:
    told.world.record(T.NOTE, Person.make("Nobody", records.Role.EXAMINER), told.item)


def _signature_over_something_else(told: Story) -> None:
    world = told.world
    index = world.record(T.CASE_ASSIGN, world.sara)
    world.entries[index] = world.resigned(index, by=world.sara.key, over=b"something else")


def _revoked_signs(told: Story) -> None:
    told.world.revoke(told.world.ana)
    told.world.record(T.NOTE, told.world.ana, told.second)


def _wrong_prev(told: Story) -> None:
    subject = Subject(told.item, 6, bytes([7]) * 32)
    told.world.record(T.NOTE, told.world.otto, told.item, subjects=[subject])


def _accepts_own_offer(told: Story) -> None:
    world = told.world
    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second)
    world.record(T.TRANSFER_ACCEPT, world.ana, told.second, refs=[offer])


# -- steps 9 to 12 -------------------------------------------------------------------------------------------


def _foreign_head(folder: Path) -> Verdict:
    told = story()
    seen = Seen(told.world.seen.size, bytes([9]) * 32)
    told.world.record(T.CASE_ASSIGN, told.world.sara, seen=seen)
    told.world.publish()
    return judge_world(told.world)


def _other_value(folder: Path) -> Verdict:
    parts = _parts()
    first, *rest = parts.openings
    changed = replace(first, opening=replace(first.opening, value="something else"))
    return judge(replace(parts, openings=(changed, *rest)))


def _opening_of_nothing(folder: Path) -> Verdict:
    parts = _parts()
    stray = replace(parts.openings[0], opening=records.make_opening("name", "invented"))
    return judge(replace(parts, openings=(*parts.openings, stray)))


def evidence(data: bytes, parts: BundleParts) -> Verdict:
    file = EvidenceFile("disk.img", hashlib.sha256(data).hexdigest())
    return verify_report(bundle.build(parts), Question(policy=WORLD.policy, evidence=(file,)))


def compare(one: bytes, other: bytes, policy: Policy = WORLD.policy) -> Verdict:
    return verify_report(one, Question(policy=policy, other=other))


def _unreadable_evidence(folder: Path) -> Verdict:
    (folder / "b.json").write_bytes(WORLD.bundle())
    return verify_file(folder / "b.json", evidence=[folder / "missing.img"])


def _forked(folder: Path) -> Verdict:
    told = story()
    other = told.world.fork(told.accept)
    other.record(T.TRANSFER_REFUSE, other.otto, told.item, refs=[told.offer])
    other.publish()
    return compare(told.world.bundle(told.item), other.bundle(told.item), told.world.policy)


def _too_little_in_common(folder: Path) -> Verdict:
    told = story()
    told.world.record(T.CASE_ASSIGN, told.world.sara)
    told.world.publish()  # at a size that is no power of two, or the first entry's proof would tell
    early = told.world.bundle(told.item)
    for _ in range(40):
        told.world.record(T.CASE_ASSIGN, told.world.sara, seen=records.NOTHING_SEEN)
    told.world.publish()
    late = replace(told.world.parts(told.item), seen=())
    kept = {0, told.world.checkpoint.size - 1}
    entries = tuple(part for part in late.entries if part.index in kept)
    thin = replace(late, entries=entries, maps=(), openings=())
    return compare(early, bundle.build(thin), told.world.policy)


BAD: Mapping[FindingCode, Bad] = {
    _C.PASSED: lambda folder: judge(_parts()),
    _C.STEP_NOT_RUN: lambda folder: verify_bundle(b"{}"),
    _C.INPUT_UNREADABLE: lambda folder: verify_file(folder / "missing.pdf"),
    _C.POLICY_UNREADABLE: _unreadable_policy,
    _C.POLICY_NOT_PINNED: lambda folder: judge(_parts(), policy=None),
    _C.PDF_BUNDLE_MISSING: _no_bundle,
    _C.PDF_BUNDLE_SEVERAL: _two_bundles,
    _C.PDF_BUNDLE_DAMAGED: _damaged_bundle,
    _C.SEAL_MISSING: lambda folder: report(sealed.report(WORLD.bundle(STORY.item))),
    _C.SEAL_RANGE: lambda folder: report(REPORT + b"% one more line\n"),
    _C.SEAL_MALFORMED: _something_behind_the_seal,
    _C.SEAL_DIGEST: lambda folder: report(_flipped(100)),
    _C.SEAL_SIGNATURE: _other_signature,
    _C.SEAL_CERTIFICATE: lambda folder: report(REPORT, replace(POLICY, seals=(sealed.root().pin,))),
    _C.SEAL_NOT_PINNED: lambda folder: report(REPORT, replace(POLICY, seals=())),
    _C.BUNDLE_MALFORMED: lambda folder: verify_bundle(WORLD.bundle() + b" ", policy=POLICY),
    _C.ENTRY_MALFORMED: _malformed_entry,
    _C.CHECKPOINT_MALFORMED: lambda folder: judge(replace(_parts(), checkpoint="three lines\n")),
    _C.CHECKPOINT_ORIGIN: _unknown_origin,
    _C.CHECKPOINT_SIGNATURE: _foreign_signature,
    _C.CHECKPOINT_POLICY: lambda folder: judge(without(_parts(), 0), policy=None),
    _C.NO_POST_QUANTUM_KEY: lambda folder: judge(_parts()),
    _C.ENTRY_ORDER: _swapped,
    _C.ENTRY_NOT_INCLUDED: _misplaced_entry,
    _C.ENTRY_OTHER_LOG: _entry_of_another_log,
    _C.MAP_HEAD_MISSING: lambda folder: judge(without(_parts(), WORLD.checkpoint.size - 1)),
    _C.MAP_HEAD_INVALID: lambda folder: _map_head(1),
    _C.MAP_HEAD_SIGNATURE: lambda folder: _map_head(0, SigningKey.generate(Algorithm.ED25519)),
    _C.SCOPE_NOT_STATED: _no_scope,
    _C.SCOPE_EMPTY: _nothing_about_it,
    _C.MAP_PROOF_MISSING: lambda folder: judge(_parts(), scope=Scope(Namespace.ITEM, STORY.second)),
    _C.MAP_PROOF_INVALID: _wrong_sibling,
    _C.ENTRIES_MISSING: lambda folder: judge(without(_parts(), STORY.approve + 1)),
    _C.ITEM_NOT_COVERED: _mentioned_item,
    _C.GENESIS_MISSING: lambda folder: judge(without(_parts(), 0)),
    _C.GENESIS_PIN: lambda folder: judge(_parts(), replace(WORLD.policy, genesis=bytes(32))),
    _C.KEY_EVENT_INVALID: lambda folder: _after(lambda told: told.world.enrol(told.world.ana)),
    _C.KEY_HISTORY_MISSING: _no_keyctl,
    _C.KEY_SUSPECT: lambda folder: _after(_suspect),
    _C.SIGNER_UNKNOWN: lambda folder: _after(_stranger_signs),
    _C.SIGNER_WRONG: lambda folder: _after(
        lambda told: told.world.record(
            T.CASE_ASSIGN, told.world.sara, signers=(told.world.sara.key, told.world.ana.key)
        )
    ),
    _C.SIGNATURE_INVALID: lambda folder: _after(_signature_over_something_else),
    _C.KEY_NOT_VALID: lambda folder: _after(_revoked_signs),
    _C.ROLE_NOT_ALLOWED: lambda folder: _after(lambda told: told.world.record(T.CASE_CLOSE, told.world.ana)),
    _C.CHAIN_BROKEN: lambda folder: _after(_wrong_prev),
    _C.CHAIN_RULE: lambda folder: _after(_accepts_own_offer),
    _C.SEEN_NOT_PROVEN: lambda folder: judge(replace(_parts(), seen=())),
    _C.SEEN_FORK: _foreign_head,
    _C.SEEN_AHEAD: lambda folder: _after(
        lambda told: told.world.record(T.CASE_ASSIGN, told.world.sara, seen=Seen(999, bytes(32)))
    ),
    _C.NO_TIME_STAMP: lambda folder: judge(_parts()),
    **bad_anchors.BAD,
    **bad_repeats.BAD,
    _C.TIME_BACKWARDS: lambda folder: _after(
        lambda told: told.world.record(
            T.CASE_ASSIGN, told.world.sara, time=told.world.now - timedelta(days=1)
        )
    ),
    _C.OPENING_UNKNOWN: _opening_of_nothing,
    _C.OPENING_MISMATCH: _other_value,
    _C.CLAIMS_WITHHELD: lambda folder: judge(replace(_parts(), openings=())),
    _C.EVIDENCE_UNREADABLE: _unreadable_evidence,
    _C.EVIDENCE_MISMATCH: lambda folder: evidence(b"other bytes", _parts()),
    _C.EVIDENCE_NOT_COMPARED: lambda folder: evidence(b"any bytes", replace(_parts(), openings=())),
    _C.FORK_PROVEN: _forked,
    _C.OTHER_NOT_USABLE: lambda folder: compare(WORLD.bundle(), b"not a bundle"),
    _C.OTHER_NOT_COMPARED: _too_little_in_common,
    **BAD_ERASURES,
    **BAD_HEADS,
    **BAD_PASSKEYS,
    **BAD_RECEIPTS,
}
