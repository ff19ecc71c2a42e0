"""Step 12, the receipt of a report: the log records that this very file was issued.

1  the receipt is in its form
2  its head is signed as the policy asks, and the record is in the log under it
3  the record is a report.issued of this log, says what the receipt opens, and is signed by a key that may
4  the file has the hash that was recorded: all of it, or its first revision
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import envelope, records
from .checkpoint import Checkpoint
from .digests import leaf_hash
from .errors import MalformedError, ProofError
from .findings import Audit, FindingCode
from .keyring import Keyring
from .merkle import verify_inclusion
from .policy import Policy, verify_checkpoint
from .records import Record, RecordType
from .report_receipt import ReportReceipt, parse
from .rules import check_role

# A report has one revision and its seal; later seals and time stamps add some.
_MAX_REVISIONS = 64
_REVISION_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")


@dataclass(frozen=True)
class Issued:
    """What the log recorded when the report was issued; hashes in hexadecimal digits."""

    index: int
    sha256: str
    revision0_sha256: str
    variant: str


def check_receipt(
    receipt: bytes, report: bytes, head: Checkpoint, policy: Policy, keyring: Keyring, audit: Audit
) -> None:
    """(12) The receipt proves that this file is the report that was issued."""
    try:
        # (1) Form.
        found = parse(_text(receipt))
        # (2) Place in the log.
        newer = verify_checkpoint(found.checkpoint, policy)
        verify_inclusion(leaf_hash(found.entry), found.index, newer.size, list(found.proof), newer.root)
        # (3) What was recorded, and by whom.
        opened, record = _opened(found, newer.origin)
        _check_signer(opened, record, found.index, keyring, audit)
        issued = _issued(found, record)
    except ProofError as error:
        audit.add(FindingCode.RECEIPT_NOT_USABLE, f"The receipt proves nothing about this report: {error}")
        return
    if (newer.origin, newer.size) == (head.origin, head.size) and newer.root != head.root:
        audit.add(
            FindingCode.FORK_PROVEN,
            "Report and receipt have signed heads of the same size and different content. Keep both files.",
        )
        return
    # (4) The file.
    _check_file(issued, report, audit)


def _text(receipt: bytes) -> str:
    try:
        return receipt.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("The receipt is not text.") from error


def _opened(receipt: ReportReceipt, origin: str) -> tuple[envelope.Envelope, Record]:
    opened = envelope.parse_entry(receipt.entry)
    if opened.payload_type != records.RECORD_PAYLOAD_TYPE:
        raise MalformedError("The entry of the receipt is no record.")
    record = records.parse(opened.payload)
    if record.type is not RecordType.REPORT_ISSUED or record.log != origin:
        raise MalformedError("The record of the receipt is not the issue of a report of this log.")
    for one in receipt.openings:
        if record.claims.get(one.field) != one.commitment():
            raise MalformedError(f"The statement {one.field} in the receipt is not the one that was signed.")
    return opened, record


def _check_signer(
    opened: envelope.Envelope, record: Record, index: int, keyring: Keyring, audit: Audit
) -> None:
    """Judge the signature by the keys that the report shows; the log itself vouches for the record's place."""
    history = keyring.find(record.actor)
    if history is None:
        audit.add(
            FindingCode.RECEIPT_SIGNER_UNKNOWN,
            "The report does not show the key that signed its issue; that the log holds the record is proven.",
            index=index,
        )
        return
    if [signature.keyid for signature in opened.signatures] != [record.actor]:
        raise MalformedError("The record of the receipt is not signed by its actor alone.")
    keyring.actor_at(record.actor, index)
    check_role(record.type, history.key.roles)
    envelope.verify_signatures(opened, {record.actor: history.key.spki})


def _issued(receipt: ReportReceipt, record: Record) -> Issued:
    said = {one.field: str(one.value) for one in receipt.openings}
    if "sha256" not in said or "revision0_sha256" not in said:
        raise MalformedError("The receipt does not open the hashes of the report.")
    return Issued(receipt.index, said["sha256"], said["revision0_sha256"], said.get("variant", ""))


def _check_file(issued: Issued, report: bytes, audit: Audit) -> None:
    copy = f" as the {issued.variant} copy" if issued.variant else ""
    if hashlib.sha256(report).hexdigest() == issued.sha256:
        audit.passed(
            12,
            f"The receipt proves it: entry {issued.index} of the log records that this very file was issued{copy}.",
        )
    elif issued.revision0_sha256 in _revisions(report):
        audit.add(
            FindingCode.RECEIPT_LATER_BYTES,
            f"The beginning of this file is the report that entry {issued.index} records as issued{copy}; what was "
            "added behind it later is not in that record.",
            index=issued.index,
        )
    else:
        audit.add(
            FindingCode.RECEIPT_MISMATCH,
            f"This file is not the report whose issue entry {issued.index} records: its hash is another one.",
            index=issued.index,
        )


def _revisions(report: bytes) -> Iterator[str]:
    """Give the SHA-256 of each beginning of the file that is a whole PDF."""
    digest, done = hashlib.sha256(), 0
    for number, end in enumerate(_REVISION_END.finditer(report)):
        if number == _MAX_REVISIONS:
            return
        digest.update(report[done : end.end()])
        done = end.end()
        yield digest.hexdigest()
