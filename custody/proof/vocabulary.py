"""List the closed sets a record may use: its types, the roles of people, the kinds of keys.

Does not say which role may sign which type (rules.py). A new word needs a line in docs/proof-format.md.
"""

from enum import StrEnum


class RecordType(StrEnum):
    GENESIS = "genesis"
    KEY_REGISTER = "key.register"
    KEY_REVOKE = "key.revoke"
    KEY_SUSPECT = "key.suspect"
    POLICY_UPDATE = "policy.update"
    ITEM_INTAKE = "item.intake"
    ITEM_QUARANTINE = "item.quarantine"
    ITEM_METADATA = "item.metadata"
    TRANSFER_OFFER = "transfer.offer"
    TRANSFER_ACCEPT = "transfer.accept"
    TRANSFER_REFUSE = "transfer.refuse"
    TRANSFER_WITHDRAW = "transfer.withdraw"
    TRANSFER_APPROVE = "transfer.approve"
    TRANSFER_REJECT = "transfer.reject"
    STORAGE_IN = "storage.in"
    STORAGE_OUT = "storage.out"
    SEAL_APPLY = "seal.apply"
    SEAL_BREAK = "seal.break"
    EXAM_START = "exam.start"
    EXAM_END = "exam.end"
    HASH_VERIFY = "hash.verify"
    COPY_MAKE = "copy.make"
    DISPOSE = "dispose"
    NOTE = "note"
    CORRECT = "correct"
    ANCHOR = "anchor"
    ERASURE = "erasure"
    REPORT_ISSUED = "report.issued"
    CASE_OPEN = "case.open"
    CASE_CLOSE = "case.close"
    CASE_ASSIGN = "case.assign"
    AUTHORITY_ADD = "authority.add"
    AUTHORITY_END = "authority.end"
    DERIVATIVE_MAKE = "derivative.make"
    REDACTION_PLAN = "redaction.plan"
    REDACTION_APPROVE = "redaction.approve"
    REDACTION_RELEASE = "redaction.release"
    FIXITY_CHECK = "fixity.check"
    ACCESS_UNREDACTED = "access.unredacted"
    REVEAL_REQUEST = "reveal.request"
    REVEAL_APPROVE = "reveal.approve"
    REVEAL_REFUSE = "reveal.refuse"
    DISCLOSURE_GRANT = "disclosure.grant"
    DISCLOSURE_PACKAGE = "disclosure.package"
    DISCLOSURE_DOWNLOAD = "disclosure.download"
    DISCLOSURE_RECEIPT = "disclosure.receipt"
    DISCLOSURE_REVOKE = "disclosure.revoke"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    DISPOSE_PROPOSE = "dispose.propose"
    DISPOSE_APPROVE = "dispose.approve"
    DISPOSE_DONE = "dispose.done"
    LOG_DAILY = "log.daily"
    TOOL_RUN = "tool.run"


class Role(StrEnum):
    EXAMINER = "examiner"
    EVIDENCE_OFFICER = "evidence_officer"
    SUPERVISOR = "supervisor"
    PROSECUTOR = "prosecutor"
    ADVOCATE = "advocate"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"
    SERVICE = "service"


class KeyKind(StrEnum):
    SOFTWARE = "software"
    SERVICE = "service"
    WEBAUTHN = "webauthn"


# Statements about the log itself: no case, no item.
ABOUT_THE_LOG = frozenset(
    {
        RecordType.GENESIS,
        RecordType.KEY_REGISTER,
        RecordType.KEY_REVOKE,
        RecordType.KEY_SUSPECT,
        RecordType.POLICY_UPDATE,
        RecordType.LOG_DAILY,
        RecordType.ANCHOR,
    }
)
# These may stand outside any case, or span several.
CASE_OPTIONAL = frozenset({RecordType.TOOL_RUN, RecordType.NOTE, RecordType.CORRECT, RecordType.ERASURE})
