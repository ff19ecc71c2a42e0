"""The roles of the house, with the words for people; what each may sign is in `custody.proof.rules`."""

from enum import StrEnum


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

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Role.EXAMINER: "Forensic examiner",
    Role.EVIDENCE_OFFICER: "Evidence officer",
    Role.SUPERVISOR: "Supervisor",
    Role.PROSECUTOR: "Prosecutor",
    Role.ADVOCATE: "Victim advocate",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
    Role.PARTNER: "Partner agency or defence",
    Role.SERVICE: "Machine of the agency",
}
# Supervisors approve there, administrators enrol, auditors read.
ADMIN_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
