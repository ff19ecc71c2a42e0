"""What a supervisor should look at before saying yes to a transfer, gathered from the ledger and the tables.

Facts come from the opened statements of the records, which are checked against what was signed; the tables
only say what waits. It decides nothing: the act does, and the page shows what speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import Role
from custody.errors import ConflictError
from custody.ledger import history
from custody.ledger.models import Entry, Subject
from custody.proof.errors import ProofError
from custody.proof.prefix_map import Namespace
from custody.transfers import Transfer, TransferState
from evidence.cases import CaseStatus
from evidence.derivatives import DerivativeState
from evidence.items import FixityOutcome, Item, ItemState
from evidence.uploads import Upload, UploadState


@dataclass(frozen=True)
class Remark:
    """Something to know; `bad` where nobody should say yes before it is explained."""

    text: str
    bad: bool = False


@dataclass(frozen=True)
class Seal:
    """The seal at one end of the hand-over."""

    number: str
    condition: str


@dataclass(frozen=True)
class Statement:
    """What one record states, or why it cannot be relied upon."""

    index: int | None
    values: dict[str, Any]
    objection: str = ""

    def text(self, name: str) -> str:
        return str(self.values.get(name, ""))


@dataclass(frozen=True)
class Approval:
    """One transfer, ready to be looked at."""

    transfer: Transfer
    item: Item
    given: Seal
    received: Seal
    intake_digest: str
    intake_entry: int | None
    accept_digest: str
    authority_objection: str
    previous: list[Transfer]
    remarks: list[Remark]

    @property
    def digests_equal(self) -> bool:
        return bool(self.intake_digest) and self.intake_digest == self.accept_digest

    @property
    def seal_changed(self) -> bool:
        return self.given != self.received

    @property
    def stopped(self) -> bool:
        """Tell whether something is wrong that no supervisor can wave through."""
        return not self.digests_equal or any(remark.bad for remark in self.remarks)


def look(transfer: Transfer, now: datetime) -> Approval:
    """Gather one transfer."""
    item = Item.objects.select_related("case", "authority", "custodian").get(pk=transfer.item_id)
    intake = _statement(_first_entry(item))
    offer = _statement(transfer.offer_entry)
    accept = _statement(transfer.accept_entry)
    statements = {"intake": intake, "offer": offer, "acceptance": accept}
    remarks = [
        *_unreliable(statements),
        *_disagreeing(transfer, item, intake, accept),
        *_standing(transfer, item),
        *_earlier_checks(item),
        *_quarantines(item),
    ]
    return Approval(
        transfer=transfer,
        item=item,
        given=Seal(offer.text("seal_number"), offer.text("seal_condition")),
        received=Seal(accept.text("seal_number"), accept.text("seal_condition")),
        intake_digest=intake.text("sha256"),
        intake_entry=intake.index,
        accept_digest=accept.text("sha256"),
        authority_objection=item.authority.objection(item.category, now),
        previous=list(item.transfers.exclude(pk=transfer.pk).select_related("giver", "taker", "approver")),
        remarks=remarks,
    )


def why_not(person: Person, transfer: Transfer) -> str:
    """Return why this person cannot decide, or an empty string."""
    if transfer.state != TransferState.ACCEPTED:
        return f"This transfer is {TransferState(transfer.state).label}; there is nothing to decide."
    if not access.may(person, "transfer.approve"):
        return f"The role {Role(person.role).label.lower()} does not decide on transfers."
    if person.pk in {transfer.giver_id, transfer.taker_id}:
        part = "giving the exhibit" if person.pk == transfer.giver_id else "taking it over"
        return f"You are {part} in this transfer; a third person decides. Ask another supervisor."
    if not SigningKey.objects.filter(person=person, state=KeyState.REGISTERED).exists():
        return "You have no enrolled signing key. Make one under 'My keys' and have it enrolled."
    return ""


def _first_entry(item: Item) -> int | None:
    rows = Subject.objects.filter(namespace=Namespace.ITEM, key=str(item.pk)).order_by("entry")
    return rows.values_list("entry", flat=True).first()


def _statement(index: int | None) -> Statement:
    if index is None:
        return Statement(None, {}, "no record of it is in the ledger")
    try:
        told = history.read(index)
        opened = history.openings([index]).get(index, {})
        return Statement(index, dict(history.verified_openings(told, opened)))
    except Entry.DoesNotExist:
        return Statement(index, {}, f"record {index} is not in the ledger")
    except (ProofError, ConflictError) as error:
        return Statement(index, {}, str(error))


def _unreliable(statements: dict[str, Statement]) -> Iterator[Remark]:
    for what, statement in statements.items():
        if statement.objection:
            text = f"What was signed at {what} cannot be relied upon: {statement.objection}"
            yield Remark(text, bad=True)


def _disagreeing(transfer: Transfer, item: Item, intake: Statement, accept: Statement) -> Iterator[Remark]:
    """The tables must say what the records say; where they do not, somebody changed a table."""
    if accept.values and transfer.accept_digest != accept.text("sha256"):
        yield Remark("The database shows another digest at acceptance than the taker signed.", bad=True)
    if intake.values and item.sha256 != intake.text("sha256"):
        yield Remark("The database shows another digest at intake than was signed.", bad=True)
    if item.custodian_id != transfer.giver_id:
        yield Remark("By the database the giver is not the present custodian.", bad=True)


def _standing(transfer: Transfer, item: Item) -> Iterator[Remark]:
    if item.state == ItemState.QUARANTINED:
        yield Remark("The exhibit is in quarantine.", bad=True)
    if item.case.status != CaseStatus.OPEN:
        yield Remark(f"The case {item.case.number} is closed.")
    taker = transfer.taker
    if not taker.is_active:
        yield Remark(f"The account of the taker, {taker.name}, was deactivated after the acceptance.")
    elif taker not in access.colleagues(item.case, "transfer.accept"):
        yield Remark(f"The taker, {taker.name}, is not assigned to the case any more.")
    if transfer.accept_note:
        yield Remark(f"Note of the taker: {transfer.accept_note}")
    waiting = item.derivatives.filter(state=DerivativeState.MADE).count()
    if waiting:
        yield Remark(f"Redacted copies of the exhibit that wait for a decision: {waiting}.")


def _earlier_checks(item: Item) -> Iterator[Remark]:
    for check in item.fixity_checks.exclude(outcome=FixityOutcome.MATCH):
        when = f"{check.checked_at:%Y-%m-%d %H:%M} UTC"
        if check.outcome == FixityOutcome.MISMATCH:
            text = f"On {when} the stored bytes did not match the digest of intake. {check.detail}"
            yield Remark(text.strip(), bad=True)
        else:
            yield Remark(
                f"On {when} the stored bytes could not be read; that is not tampering. {check.detail}"
            )


def _quarantines(item: Item) -> Iterator[Remark]:
    rows = Upload.objects.filter(
        case=item.case, exhibit_number=item.exhibit_number, state=UploadState.QUARANTINED
    )
    for upload in rows:
        yield Remark(f"An earlier upload under this exhibit number was quarantined: {upload.problem}")
