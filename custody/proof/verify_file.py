"""Open the files a reader brings, within limits, and have them verified; every trouble becomes a finding.

Evidence files may be larger than memory and are hashed as they are read. Nothing is written.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from .errors import MalformedError
from .findings import STEPS, Audit, FindingCode, FoundError
from .policy import MAX_POLICY, Policy, parse_policy
from .report_receipt import MAX_RECEIPT
from .verdict import Verdict
from .verify import Question, bundle_of, verify_report
from .verify_log import Scope
from .verify_statements import EvidenceFile

# A bundle of the largest size, twice over for the pages around it and photographs on them.
MAX_REPORT = 192 * 1024 * 1024
_CHUNK = 1024 * 1024


def verify_file(
    file: Path,
    *,
    policy: Path | None = None,
    scope: Scope | None = None,
    evidence: Sequence[Path] = (),
    other: Path | None = None,
    at: datetime | None = None,
    receipt: Path | None = None,
) -> Verdict:
    """Verify a report (PDF) or a bundle (JSON)."""
    audit = Audit()
    try:
        data = _read(file, MAX_REPORT, FindingCode.INPUT_UNREADABLE)
        question = Question(
            policy=_policy(policy) if policy else None,
            scope=scope,
            evidence=_evidence(evidence, audit),
            other=_other(other, audit) if other else None,
            at=at or datetime.now(UTC),
            receipt=_read(receipt, MAX_RECEIPT, FindingCode.RECEIPT_NOT_USABLE) if receipt else None,
        )
    except FoundError as error:
        audit.add(error.code, str(error))
        audit.not_run(range(1, len(STEPS)), "The files could not be read.")
        return Verdict(audit.findings())
    return verify_report(data, question, audit)


def _read(path: Path, limit: int, code: FindingCode) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise FoundError(code, f"The file {path} cannot be read: {error.strerror}.") from error
    if len(data) > limit:
        raise FoundError(code, f"The file {path} is larger than {limit} bytes.")
    return data


def _policy(path: Path) -> Policy:
    data = _read(path, MAX_POLICY, FindingCode.POLICY_UNREADABLE)
    try:
        return parse_policy(data.decode("utf-8"))
    except (UnicodeDecodeError, MalformedError) as error:
        raise FoundError(
            FindingCode.POLICY_UNREADABLE, f"The policy {path} cannot be used: {error}"
        ) from error


def _evidence(paths: Sequence[Path], audit: Audit) -> tuple[EvidenceFile, ...]:
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                found.append(EvidenceFile(path.name, _sha256(file)))
        except OSError as error:
            audit.add(
                FindingCode.EVIDENCE_UNREADABLE, f"The file {path.name} cannot be read: {error.strerror}."
            )
    return tuple(found)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _other(path: Path, audit: Audit) -> bytes | None:
    try:
        return bundle_of(_read(path, MAX_REPORT, FindingCode.OTHER_NOT_USABLE))
    except FoundError as error:
        audit.add(FindingCode.OTHER_NOT_USABLE, f"The other report was not compared: {error}")
        return None
