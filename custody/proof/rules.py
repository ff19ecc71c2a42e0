"""Which role may sign which type of record.

One table, read by the server before it appends and by the verifier in step 7, so both apply the same rule. It
does not know items, custody or two-person rules (chain.py) and does not know who holds a key (keyring.py).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .errors import ChainError
from .records import RecordType, Role

_CUSTODIANS = frozenset({Role.EXAMINER, Role.EVIDENCE_OFFICER})
_STAFF = frozenset(Role) - {Role.SERVICE, Role.PARTNER}
_SERVICE = frozenset({Role.SERVICE})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
# Foreseen by the format and signed by nobody yet: an old verifier refuses what it cannot judge.
_NOBODY: frozenset[Role] = frozenset()

SIGNERS: Mapping[RecordType, frozenset[Role]] = MappingProxyType(
    {
        RecordType.GENESIS: _ADMINISTRATOR,
        RecordType.KEY_REGISTER: _ADMINISTRATOR,
        # Everybody may declare their own key lost; keyring.py lets only administrators do so for others.
        RecordType.KEY_REVOKE: frozenset(Role),
        RecordType.KEY_SUSPECT: frozenset(Role),
        RecordType.POLICY_UPDATE: _ADMINISTRATOR,
        RecordType.CASE_OPEN: _SUPERVISOR,
        RecordType.CASE_CLOSE: _SUPERVISOR,
        RecordType.CASE_ASSIGN: _SUPERVISOR,
        RecordType.AUTHORITY_ADD: frozenset({Role.SUPERVISOR, Role.EXAMINER}),
        RecordType.AUTHORITY_END: frozenset({Role.SUPERVISOR, Role.EXAMINER}),
        RecordType.ITEM_INTAKE: _CUSTODIANS,
        RecordType.ITEM_QUARANTINE: _SERVICE,
        RecordType.ITEM_METADATA: _SERVICE,
        RecordType.TRANSFER_OFFER: _CUSTODIANS,
        RecordType.TRANSFER_ACCEPT: _CUSTODIANS,
        RecordType.TRANSFER_REFUSE: _CUSTODIANS,
        RecordType.TRANSFER_WITHDRAW: _CUSTODIANS,
        RecordType.TRANSFER_APPROVE: _SUPERVISOR,
        RecordType.TRANSFER_REJECT: _SUPERVISOR,
        RecordType.STORAGE_IN: _CUSTODIANS,
        RecordType.STORAGE_OUT: _CUSTODIANS,
        RecordType.SEAL_APPLY: _CUSTODIANS,
        RecordType.SEAL_BREAK: _CUSTODIANS,
        RecordType.EXAM_START: frozenset({Role.EXAMINER}),
        RecordType.EXAM_END: frozenset({Role.EXAMINER}),
        RecordType.HASH_VERIFY: _CUSTODIANS,
        RecordType.COPY_MAKE: _CUSTODIANS,
        RecordType.DERIVATIVE_MAKE: _SERVICE,
        RecordType.REDACTION_PLAN: frozenset({Role.EXAMINER}),
        RecordType.REDACTION_APPROVE: _NOBODY,
        RecordType.REDACTION_RELEASE: frozenset({Role.EXAMINER, Role.SUPERVISOR, Role.ADVOCATE}),
        RecordType.FIXITY_CHECK: _SERVICE,
        RecordType.ACCESS_UNREDACTED: _SERVICE,
        RecordType.REVEAL_REQUEST: frozenset({Role.EXAMINER, Role.PROSECUTOR, Role.ADVOCATE}),
        RecordType.REVEAL_APPROVE: _SUPERVISOR,
        RecordType.REVEAL_REFUSE: _SUPERVISOR,
        RecordType.DISCLOSURE_GRANT: _SUPERVISOR,
        RecordType.DISCLOSURE_PACKAGE: _SERVICE,
        RecordType.DISCLOSURE_DOWNLOAD: _SERVICE,
        RecordType.DISCLOSURE_RECEIPT: frozenset({Role.PROSECUTOR, Role.PARTNER}),
        RecordType.DISCLOSURE_REVOKE: _SUPERVISOR,
        RecordType.HOLD_PLACE: _SUPERVISOR,
        RecordType.HOLD_RELEASE: _SUPERVISOR,
        RecordType.DISPOSE: _NOBODY,
        RecordType.DISPOSE_PROPOSE: frozenset({Role.EVIDENCE_OFFICER, Role.SUPERVISOR}),
        RecordType.DISPOSE_APPROVE: _SUPERVISOR,
        RecordType.DISPOSE_DONE: frozenset({Role.EVIDENCE_OFFICER}),
        RecordType.NOTE: _STAFF,
        RecordType.CORRECT: _STAFF,
        RecordType.ANCHOR: _SERVICE,
        RecordType.ERASURE: _SUPERVISOR,
        RecordType.REPORT_ISSUED: _SERVICE,
        RecordType.LOG_DAILY: _SERVICE,
        RecordType.TOOL_RUN: _SERVICE,
    }
)


def check_role(record_type: RecordType, roles: Iterable[Role]) -> None:
    """Raises ChainError (code "role") unless one of the roles may sign this type of record."""
    allowed = SIGNERS[record_type]
    if allowed.isdisjoint(roles):
        held = ", ".join(sorted(role.value for role in roles)) or "none"
        raise ChainError("role", f"a record of type {record_type.value} cannot be signed in the role {held}.")
