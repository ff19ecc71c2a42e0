"""The gate: who may see or do what, and why not. Doors and acts fetch objects only through here.

Access = the role permits it, and the person is assigned (supervisors: of the unit), and, for work on
evidence, the legal authority covers it today, and the training is in date, and a reason was given
where one is due. Someone else's thing is "not found".
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.errors import NotAllowedError, NotFoundError
from custody.reports.models import Report
from custody.transfers import Transfer
from evidence.cases import Assignment, Case, CaseStatus, LegalAuthority
from evidence.derivatives import Derivative, DerivativeState
from evidence.items import Item, ItemClass
from evidence.uploads import Upload
from evidence.victims import Victim

_Row = TypeVar("_Row", bound=Model)

# What each role may do. Reading is here too; what may be signed is `custody.proof.rules` as well.
_E, _O, _S, _P, _A, _U = (
    Role.EXAMINER,
    Role.EVIDENCE_OFFICER,
    Role.SUPERVISOR,
    Role.PROSECUTOR,
    Role.ADVOCATE,
    Role.AUDITOR,
)
MAY: dict[str, frozenset[Role]] = {
    "case.view": frozenset({_E, _O, _S, _P, _A, _U}),
    "case.open": frozenset({_S}),
    "case.assign": frozenset({_S}),
    "case.close": frozenset({_S}),
    "authority.add": frozenset({_S, _E}),
    "authority.end": frozenset({_S}),
    "item.view": frozenset({_E, _O, _S, _P, _U}),
    "item.chain": frozenset({_E, _O, _S, _P, _U}),
    "item.metadata": frozenset({_E, _S}),
    "item.content": frozenset({_E}),
    "upload.make": frozenset({_E}),
    "item.intake": frozenset({_E}),
    "transfer.view": frozenset({_E, _O, _S, _U}),
    "transfer.offer": frozenset({_E, _O}),
    "transfer.accept": frozenset({_E, _O}),
    "transfer.refuse": frozenset({_E, _O}),
    "transfer.withdraw": frozenset({_E, _O}),
    "transfer.approve": frozenset({_S}),
    "transfer.reject": frozenset({_S}),
    "note": frozenset({_E, _O, _S, _P, _U}),
    "correct": frozenset({_E, _O, _S}),
    "erasure": frozenset({_S}),
    "victim.view": frozenset({_E, _S, _A}),
    "victim.register": frozenset({_E}),
    "derivative.view": frozenset({_E, _S, _P, _A}),
    "derivative.download": frozenset({_E, _S, _P, _A}),
    "redaction.plan": frozenset({_E}),
    "redaction.release": frozenset({_E, _S}),
    "report.view": frozenset({_P, _S, _E, _U}),
    "report.request": frozenset({_P, _S, _E}),
    "report.download": frozenset({_P, _S, _E}),
    "key.register": frozenset({Role.ADMINISTRATOR}),
    "key.revoke": frozenset({Role.ADMINISTRATOR}),
    "key.suspect": frozenset({Role.ADMINISTRATOR}),
    "policy.update": frozenset({Role.ADMINISTRATOR}),
    "ledger.view": frozenset({_E, _O, _S, _P, _U}),
}


def may(person: Person, act: str) -> bool:
    """Tell whether the person's role permits the act at all."""
    return person.is_active and Role(person.role) in MAY[act]


def require_role(person: Person, act: str) -> None:
    """Raise NotAllowedError with the reason unless the role permits the act."""
    if not may(person, act):
        label = Role(person.role).label.lower()
        raise NotAllowedError(f"The role {label} does not include this: {act.replace('.', ' ')}.")


def cases(person: Person) -> QuerySet[Case]:
    """Return the cases that this person may know of."""
    if not may(person, "case.view"):
        return Case.objects.none()
    if person.role == Role.AUDITOR:
        return Case.objects.all()
    if person.role == Role.SUPERVISOR:
        return Case.objects.filter(Q(unit=person.unit) | Q(assignment__in=_current(person))).distinct()
    return Case.objects.filter(assignment__in=_current(person))


def _current(person: Person) -> QuerySet[Assignment]:
    return Assignment.objects.filter(person=person, until_entry__isnull=True)


def is_assigned(person: Person, case: Case) -> bool:
    """Tell whether this person works on the case now (supervisors: their unit's cases)."""
    return cases(person).filter(pk=case.pk).exists()


def case(person: Person, case_id: uuid.UUID, act: str = "case.view") -> Case:
    """Return the case, or refuse: not found when it is not theirs, not allowed when the role does not."""
    found = _one(cases(person), case_id, "The case")
    require_role(person, act)
    return found


def open_case(person: Person, case_id: uuid.UUID, act: str) -> Case:
    """Return the case for work that a closed case does not allow."""
    found = case(person, case_id, act)
    if found.status != CaseStatus.OPEN:
        raise NotAllowedError(
            f"The case {found.number} is closed; nothing can be added to it.", code="case_closed"
        )
    return found


def items(person: Person) -> QuerySet[Item]:
    """Return the items this person may know of."""
    if not may(person, "item.view"):
        return Item.objects.none()
    return Item.objects.filter(case__in=cases(person)).select_related(
        "case", "authority", "custodian", "stored"
    )


def item(person: Person, item_id: uuid.UUID, act: str = "item.view", *, lock: bool = False) -> Item:
    """Return the item; `lock` takes its row for the transaction (always before the ledger's head)."""
    if lock:
        Item.objects.select_for_update().filter(pk=item_id).first()
    found = _one(items(person), item_id, "The exhibit")
    require_role(person, act)
    return found


def content(person: Person, item_id: uuid.UUID, now: datetime) -> Item:
    """Return an item whose unredacted bytes this person may open now."""
    found = item(person, item_id, "item.content")
    if found.item_class == ItemClass.CONTRABAND:
        raise NotAllowedError(
            "Contraband imagery never leaves the vault and is never shown.", code="contraband"
        )
    if found.custodian_id != person.pk:
        raise NotAllowedError(
            "Only the present custodian opens the unredacted original.", code="not_custodian"
        )
    require_authority(found.authority, found.category, now)
    require_training(person, found, now)
    return found


def require_authority(authority: LegalAuthority, category: str, now: datetime) -> None:
    """Raise NotAllowedError when the authority does not cover this category of data now."""
    objection = authority.objection(category, now)
    if objection:
        raise NotAllowedError(objection, code="authority")


def require_training(person: Person, found: Item, now: datetime) -> None:
    """Restricted classes ask for a training certificate that is in date."""
    if found.item_class == ItemClass.GENERAL:
        return
    if person.training_until is None or person.training_until < now.date():
        raise NotAllowedError(
            "Material of this class needs a training certificate in date; an administrator enters it.",
            code="training",
        )


def authority(person: Person, authority_id: uuid.UUID, act: str = "case.view") -> LegalAuthority:
    """Return a legal authority of a case of theirs."""
    found = _one(LegalAuthority.objects.filter(case__in=cases(person)), authority_id, "The legal authority")
    require_role(person, act)
    return found


def uploads(person: Person) -> QuerySet[Upload]:
    """Return the person's own uploads; nobody else sees a file before its intake is signed."""
    if not may(person, "upload.make"):
        return Upload.objects.none()
    return Upload.objects.filter(person=person, case__in=cases(person)).select_related("case", "stored")


def upload(person: Person, upload_id: uuid.UUID, *, lock: bool = False) -> Upload:
    """Return one of the person's own uploads."""
    if lock:
        Upload.objects.select_for_update().filter(pk=upload_id).first()
    found = _one(uploads(person), upload_id, "The upload")
    require_role(person, "upload.make")
    return found


def transfers(person: Person) -> QuerySet[Transfer]:
    """Return the transfers of items this person may know of."""
    if not may(person, "transfer.view"):
        return Transfer.objects.none()
    return Transfer.objects.filter(item__in=items(person)).select_related(
        "item__case", "giver", "taker", "approver"
    )


def transfer(
    person: Person, transfer_id: uuid.UUID, act: str = "transfer.view", *, lock: bool = False
) -> Transfer:
    """Return the transfer; `lock` takes the item's row first, then the transfer's."""
    if lock:
        row = Transfer.objects.filter(pk=transfer_id).values_list("item_id", flat=True).first()
        Item.objects.select_for_update().filter(pk=row or uuid.UUID(int=0)).first()
        Transfer.objects.select_for_update().filter(pk=transfer_id).first()
    found = _one(transfers(person), transfer_id, "The transfer")
    require_role(person, act)
    return found


def victims(person: Person, case_id: uuid.UUID) -> QuerySet[Victim]:
    """Return the case's victims by pseudonym; identifiers stay sealed."""
    return Victim.objects.filter(case=case(person, case_id, "victim.view"))


def derivatives(person: Person) -> QuerySet[Derivative]:
    """Return redacted copies: prosecutors and advocates see what was released, and nothing before."""
    if not may(person, "derivative.view"):
        return Derivative.objects.none()
    found = Derivative.objects.filter(item__case__in=cases(person)).select_related(
        "item__case", "planner", "decider"
    )
    if person.role in {Role.PROSECUTOR, Role.ADVOCATE}:
        return found.filter(state=DerivativeState.RELEASED)
    return found


def item_of_derivatives(person: Person, item_id: uuid.UUID) -> Item:
    """Return the item whose redacted copies are asked for; advocates see copies of items they do not see."""
    found = _one(Item.objects.filter(case__in=cases(person)), item_id, "The exhibit")
    require_role(person, "derivative.view")
    return found


def derivative(
    person: Person, derivative_id: uuid.UUID, act: str = "derivative.view", *, lock: bool = False
) -> Derivative:
    """Return one redacted copy; `lock` takes the item's row first."""
    if lock:
        row = Derivative.objects.filter(pk=derivative_id).values_list("item_id", flat=True).first()
        Item.objects.select_for_update().filter(pk=row or uuid.UUID(int=0)).first()
    found = _one(derivatives(person), derivative_id, "The redacted copy")
    require_role(person, act)
    return found


def reports(person: Person) -> QuerySet[Report]:
    """Return the custody reports of the cases this person may know of."""
    if not may(person, "report.view"):
        return Report.objects.none()
    return Report.objects.filter(case__in=cases(person)).select_related("case", "item", "requested_by")


def report(person: Person, report_id: uuid.UUID, act: str = "report.view") -> Report:
    """Return one custody report."""
    found = _one(reports(person), report_id, "The report")
    require_role(person, act)
    return found


def colleagues(case_: Case, act: str) -> list[Person]:
    """Return the people assigned to the case whose role permits the act, for choosing a taker."""
    roles = [role.value for role in MAY[act]]
    assigned = Assignment.objects.filter(case=case_, until_entry__isnull=True).values_list(
        "person_id", flat=True
    )
    return list(Person.objects.filter(pk__in=assigned, role__in=roles, is_active=True).order_by("name"))


def _one(rows: QuerySet[_Row], key: uuid.UUID, what: str) -> _Row:
    """Return the row by its uuid, or refuse in words that tell nothing of other people's things."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFoundError(what)
    return found
