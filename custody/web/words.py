"""The words and signs of the pages for what records hold: one line for each record type and each claim.

Roles and states have their words beside their enums; here is only what the ledger names by machine words.
"""

from __future__ import annotations

from dataclasses import dataclass

from custody.proof.records import RecordType


@dataclass(frozen=True)
class Words:
    """What a record is called, its icon (a name of bootstrap-icons), and the claims told at once."""

    title: str
    icon: str
    told: tuple[str, ...] = ()


RECORDS: dict[RecordType, Words] = {
    RecordType.ITEM_INTAKE: Words("Taken in", "box-arrow-in-down"),
    RecordType.ITEM_QUARANTINE: Words("Quarantined", "exclamation-octagon", ("problem",)),
    RecordType.ITEM_METADATA: Words("Metadata read", "list-columns-reverse"),
    RecordType.TRANSFER_OFFER: Words("Offered", "arrow-right", ("taker", "purpose", "place")),
    RecordType.TRANSFER_ACCEPT: Words("Accepted after re-reading", "check2", ("note",)),
    RecordType.TRANSFER_REFUSE: Words("Refused by the taker", "x-lg", ("reason",)),
    RecordType.TRANSFER_WITHDRAW: Words("Offer withdrawn", "arrow-counterclockwise", ("reason",)),
    RecordType.TRANSFER_APPROVE: Words(
        "Transfer approved, custody moved", "person-check", ("custodian", "place", "note")
    ),
    RecordType.TRANSFER_REJECT: Words("Transfer rejected by the supervisor", "x-lg", ("reason",)),
    RecordType.FIXITY_CHECK: Words("Stored copy read again", "arrow-repeat", ("outcome", "detail")),
    RecordType.ACCESS_UNREDACTED: Words("Original opened", "eye", ("reason",)),
    RecordType.REDACTION_PLAN: Words("Redacted copy asked for", "eraser"),
    RecordType.DERIVATIVE_MAKE: Words(
        "Redacted copy made and checked", "file-earmark-minus", ("leak_check",)
    ),
    RecordType.REDACTION_RELEASE: Words(
        "Redacted copy decided", "clipboard-check", ("decision", "reason", "pixels_reason")
    ),
    RecordType.NOTE: Words("Note", "pencil", ("note",)),
    RecordType.CORRECT: Words("Correction", "pencil-square", ("wrong", "right", "reason")),
    RecordType.ERASURE: Words("Words of a record erased by order", "eraser-fill", ("reference", "reason")),
    RecordType.DISCLOSURE_DOWNLOAD: Words("Copy downloaded", "download", ("recipient",)),
}

# What stands on the page already, or says nothing to a reader; the whole record is one click away.
UNTOLD = frozenset(
    {"authority", "case", "category", "class", "content_type", "exhibit", "filename", "received", "sheet"}
)

CLAIMS: dict[str, str] = {
    "approver": "Approved by",
    "blake3": "BLAKE3",
    "by": "By",
    "checkers": "Checked with",
    "custodian": "Custodian from now on",
    "decision": "Decision",
    "declared": "Declared digests",
    "derivative": "Redacted copy",
    "detail": "Detail",
    "filename": "File name",
    "expected_sha256": "SHA-256 recorded at intake",
    "extractors": "Extractors",
    "fixity_entry": "Record of the re-reading",
    "giver": "From",
    "input_sha256": "SHA-256 of what was read",
    "leak_check": "Leak check",
    "note": "Note",
    "outcome": "Outcome",
    "parent_sha256": "SHA-256 of the original",
    "pixels_reason": "About the pixels",
    "place": "Place",
    "preview": "Preview before the decision",
    "problem": "Problem",
    "purpose": "Purpose",
    "reason": "Reason",
    "recipe": "Recipe",
    "recipient": "Recipient",
    "reference": "Order",
    "remarks": "Remarks",
    "replacements": "Replacements",
    "report": "Report",
    "right": "Right",
    "result_sha256": "SHA-256 of the results",
    "seal_condition": "Condition of the seal",
    "seal_number": "Seal number",
    "sha256": "SHA-256",
    "sheet": "Exhibit form",
    "size": "Size in bytes",
    "taker": "To",
    "tool": "Tool",
    "uploaded_by": "Uploaded by",
    "wrong": "Wrong",
}
