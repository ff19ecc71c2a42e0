"""Erase words of a record: a supervisor signs the order, the openings and the copies of them in our tables go.

The record itself, its commitments, its signatures and every proof stay; what is erased is only what the
commitments said. Digests and officials' names cannot be erased this way: without them the chain says nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from custody import access
from custody.accounts.models import Person
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.notes import record_about
from custody.acts.plan import Plan, Result
from custody.acts.victims import refuse_names
from custody.errors import ConflictError
from custody.ledger import erase as ledger
from custody.ledger import history
from custody.ledger.append import Appended
from custody.proof.erasure import write_openings
from custody.proof.records import RecordType
from custody.transfers import Transfer
from evidence.derivatives import Derivative
from evidence.items import Item
from evidence.uploads import Upload

# What people wrote in their own words; the rest of a record is digests, officials and states.
WORDS = (
    "filename",
    "note",
    "pixels_reason",
    "place",
    "purpose",
    "reason",
    "right",
    "seal_condition",
    "seal_number",
    "sheet",
    "wrong",
)
GONE = "(erased)"


def words_of(told: history.Told, opened: dict[str, Any]) -> list[str]:
    """Return the claims of a record that still say something and may be erased."""
    own = told.record.type is not RecordType.ERASURE
    return [name for name in WORDS if own and name in opened]


def erase(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor orders that words of one record about an exhibit be forgotten."""
    fields = Fields(params)
    item = access.item(person, fields.key("item", "The exhibit"), "erasure", lock=True)
    index = fields.whole("entry", "The record")
    names = fields.several("fields", "What is to be erased", WORDS)
    reference = fields.text("reference", "The order or reason in law", most=300)
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()
    refuse_names(item.case, {"reference": reference, "reason": reason})
    told = record_about(item, index)
    left = words_of(told, history.openings([index]).get(index, {}))
    if not set(names) <= set(left):
        raise ConflictError("Some of these words are erased already, or were never part of this record.")

    def apply(entry: Appended) -> Result:
        ledger.erase(entry.index)
        _forget(item, told, names, entry)
        return {"item": str(item.uuid), "entry": index}

    return Plan(
        type=RecordType.ERASURE,
        case=item.case_id,
        items=(item.uuid,),
        refs=(told.leaf,),
        apply=apply,
        claims={"by": person.identity(), "reference": reference, "reason": reason},
        extra={"openings": write_openings({index: names}), "erased": []},
        summary=(
            ("Erase words of a record, for good", f"record {index}, {told.record.type}"),
            ("Exhibit", str(item.pk)),
            ("What is erased", ", ".join(names)),
            ("Order", reference),
            ("Reason", reason),
        ),
    )


def _forget(item: Item, told: history.Told, names: list[str], order: Appended) -> None:
    """Blank the columns that repeat what was erased; the item's row follows its newest entry."""
    of, said = told.record.type, dict.fromkeys(names, GONE)
    words = said.get("reason") or said.get("pixels_reason") or said.get("note")
    own: dict[str, Any] = {"last_entry": order.index}
    if of in (RecordType.ITEM_INTAKE, RecordType.ITEM_QUARANTINE):
        intake: dict[str, Any] = {"filename": said.get("filename"), "sheet": {} if "sheet" in said else None}
        own |= _given(intake) | ({"location": ""} if "sheet" in said else {})
        Upload.objects.filter(item=item).update(**{"problem": "", **_given(intake)})
    elif of is RecordType.TRANSFER_OFFER:
        _blank(Transfer.objects.filter(offer_entry=told.index), said)
    elif of is RecordType.TRANSFER_ACCEPT:
        _blank(Transfer.objects.filter(accept_entry=told.index), {"accept_note": said.get("note")})
    elif of is RecordType.REDACTION_RELEASE:
        _blank(Derivative.objects.filter(decision_entry=told.index), {"decision_reason": words})
    else:
        _blank(Transfer.objects.filter(end_entry=told.index), {"end_reason": words})
    if of is RecordType.TRANSFER_APPROVE and "place" in said:
        own["location"] = ""
    Item.objects.filter(pk=item.pk).update(**own)


def _given(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value is not None}


def _blank(rows: QuerySet[Any], columns: dict[str, Any]) -> None:
    """Set the columns whose words were erased."""
    if found := _given(columns):
        rows.update(**found)
