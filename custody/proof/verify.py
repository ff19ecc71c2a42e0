"""Verify a report or a bundle offline, in the order that docs/proof-format.md prescribes.

    step  what                                                                        file
     0    input: one bundle, its seal if it is a PDF, the policy, what is wanted      verify.py, seal.py, pdf.py
     1    strict reading of bundle, entries and payloads                              reading.py
     2    checkpoint: form, origin, signatures of the log and of witnesses            verify_head.py
     3    every entry is in the log, at its place                                     verify_log.py
     4    map head: the last entry, signed by the log                                 verify_log.py
     5    nothing is left out about the wanted items and cases                        verify_log.py
     6    genesis is the pinned one; key events are complete          verify_records.py, verify_suspects.py
     7    signatures and roles                                                        verify_records.py
     8    the history of each item, by the rules of custody                           verify_records.py
     9    the heads that signers saw are beginnings of this log                       verify_records.py
    10    outside time stamps, and between which of them each record lies              verify_times.py
    11    opened statements are the signed ones                                       verify_statements.py
    12    files and other reports, the receipt of this one           verify_statements.py, verify_receipt.py

Works on bytes and returns a Verdict; it opens no file (verify_file.py) and prints nothing. Any failure, in
any step, is NOT VERIFIED; all steps that still can be run are run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.x509.oid import NameOID

from . import pdf, seal
from .compare import Proven
from .findings import STEPS, Audit, FindingCode, FoundError
from .policy import Policy
from .reading import Reading, read
from .timestamp import TimeStamp
from .verdict import Verdict, tell
from .verify_head import check_checkpoint
from .verify_log import (
    Coverage,
    Scope,
    check_completeness,
    check_entries,
    check_map_head,
    check_repeats,
    own_policy,
)
from .verify_receipt import check_receipt
from .verify_records import check_items, check_keys, check_seen, check_signatures
from .verify_statements import EvidenceFile, check_evidence, check_openings, check_other, check_takers
from .verify_suspects import check_suspects
from .verify_times import check_times


@dataclass(frozen=True)
class Question:
    """What the reader brings: a trusted policy, what must be complete, files, another report, a receipt, the day."""

    policy: Policy | None = None
    scope: Scope | None = None
    evidence: Sequence[EvidenceFile] = ()
    other: bytes | None = None
    receipt: bytes | None = None
    # The moment of reading decides which certificates of time stamps have expired; nothing else asks for it.
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def verify_bundle(data: bytes, *, policy: Policy | None = None, scope: Scope | None = None) -> Verdict:
    """Verify a bundle (custody-proof.json)."""
    return verify_report(data, Question(policy=policy, scope=scope))


def verify_report(data: bytes, question: Question, audit: Audit | None = None) -> Verdict:
    """Verify a report (PDF with its bundle inside) or a bundle."""
    audit = audit or Audit()
    # (0) Exactly one bundle; whose seal and which policy.
    bundle = _input(data, question, audit)
    if bundle is None:
        audit.not_run(range(1, len(STEPS)), "There is no bundle to verify.")
        return Verdict(audit.findings())
    # (1) Strict reading.
    reading = read(bundle, audit)
    if reading is None:
        audit.not_run(range(2, len(STEPS)), "The bundle could not be read.")
        return Verdict(audit.findings())
    return _prove(data, reading, question, audit)


def bundle_of(data: bytes) -> bytes:
    """Return the bundle itself, or the one in a PDF, whose seal is not looked at. Raises FoundError."""
    return pdf.embedded_bundle(data) if pdf.is_pdf(data) else data


def _input(data: bytes, question: Question, audit: Audit) -> bytes | None:
    policy = question.policy
    if policy is None:
        audit.add(
            FindingCode.POLICY_NOT_PINNED,
            "No policy was given: key and first entry of the log were taken from the bundle itself. That it "
            "contradicts itself nowhere does not show that it comes from the log you know.",
        )
    elif policy.genesis is None:
        audit.add(FindingCode.POLICY_NOT_PINNED, "The policy does not pin the first entry of the log.")
    if not pdf.is_pdf(data):
        audit.passed(0, "The file is a proof bundle.")
        return data
    _check_seal(data, policy, question.at, audit)
    try:
        bundle = pdf.embedded_bundle(data)
    except FoundError as error:
        audit.add(error.code, str(error))
        return None
    audit.passed(0, "The file is a report with exactly one proof bundle inside.")
    return bundle


def _check_seal(data: bytes, policy: Policy | None, at: datetime, audit: Audit) -> None:
    try:
        found = seal.check(data, policy.seals if policy else ())
    except FoundError as error:
        audit.add(error.code, str(error))
        return
    names = found.chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else "without a name"
    if not found.pinned:
        audit.add(
            FindingCode.SEAL_NOT_PINNED,
            f"The seal is whole, but no pinned certificate says whether its own ({name}) is the agency's.",
        )
    audit.passed(
        0, f"The seal ({name}) covers every byte of the report: it is unchanged since it was sealed."
    )
    if found.stamp is not None:
        _tell_stamp(found.stamp, policy.stampers if policy else (), at, audit)


def _tell_stamp(stamp: TimeStamp, pins: Sequence[str], at: datetime, audit: Audit) -> None:
    time = f"{stamp.latest:%Y-%m-%d %H:%M:%S} UTC"
    said = f"By the time stamp of {stamp.authority} the seal was there on {time}"
    if stamp.pin not in pins:
        because = "but the policy does not pin that authority, so anybody could have made it"
    elif at > stamp.expires:
        because = f"but its certificate expired on {stamp.expires:%Y-%m-%d}, and nothing renews it here"
    else:
        audit.passed(0, f"{said}.")
        return
    audit.add(FindingCode.SEAL_STAMP_NOT_COUNTED, f"{said}, {because}.")


def _prove(data: bytes, reading: Reading, question: Question, audit: Audit) -> Verdict:
    # (2) The head of the log, under the pinned policy or the log's own.
    policy = question.policy or own_policy(reading, audit)
    checkpoint = check_checkpoint(reading, policy, audit) if policy else None
    if policy is None or checkpoint is None:
        audit.not_run(range(3, len(STEPS)), "There is no head of the log to prove anything by.")
        return Verdict(audit.findings())
    # (3) Every entry under it, none a copy of another.
    check_repeats(reading, audit)
    check_entries(reading, checkpoint, audit)
    # (4), (5) Its map, and that nothing is left out.
    map_root = check_map_head(reading, checkpoint, policy, audit)
    if map_root is None:
        audit.not_run([5], "Without the map head nothing shows whether entries are left out.")
        coverage = Coverage((), {})
    else:
        coverage = check_completeness(reading, map_root, question.scope, audit)
    # (6), (7) The keys, and what was signed with them.
    keyring = check_keys(reading, policy.genesis, coverage, audit)
    check_signatures(reading, keyring, question.policy.passkeys if question.policy else (), audit)
    # (8) The items.
    check_items(reading, keyring, coverage, audit)
    # (9) The heads that were seen.
    check_seen(reading, checkpoint, audit)
    # (10) Times.
    windows = check_times(reading, checkpoint, policy.stampers, question.at, audit)
    # (6) again: what was signed with keys that may have been in other hands.
    check_suspects(reading, keyring, windows, audit)
    # (11) Statements.
    check_takers(reading, keyring, audit)
    check_openings(reading, audit)
    # (12) What else is at hand.
    check_evidence(question.evidence, reading, audit)
    fork: tuple[str, ...] = ()
    if question.other is not None and audit.failed(2, 3):
        audit.add(
            FindingCode.OTHER_NOT_COMPARED, "This report must verify before another can be compared with it."
        )
    elif question.other is not None:
        fork = check_other(Proven(reading, checkpoint), question.other, policy, audit)
    if question.receipt is not None:
        check_receipt(question.receipt, data, checkpoint, policy, keyring, audit)
    if not audit.mentions(12):
        audit.passed(12, "No file, no other report and no receipt was given to compare.")
    return Verdict(audit.findings(), tell(reading, keyring, windows), fork)
