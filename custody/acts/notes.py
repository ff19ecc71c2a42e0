"""Add to the history of an exhibit in words: a note, or a correction of an earlier record.

Nothing is edited: a correction is a record of its own that names the one it corrects, and both are shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import Person
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan, Result
from custody.acts.victims import refuse_names
from custody.errors import InvalidError
from custody.ledger import history
from custody.ledger.append import Appended
from custody.proof.records import RecordType
from evidence.items import Item


def note(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """Add a remark about the exhibit; it changes nothing."""
    fields = Fields(params)
    item = access.item(person, fields.key("item", "The exhibit"), "note", lock=True)
    text = fields.text("note", "The note", most=MAX_TEXT)
    fields.done()
    refuse_names(item.case, {"note": text})
    return _plan(
        RecordType.NOTE,
        item,
        claims={"note": text, "by": person.identity()},
        summary=(("Note about exhibit", item.exhibit_number), ("Note", text)),
    )


def correct(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """State what is wrong in an earlier record about the exhibit, and what is right."""
    fields = Fields(params)
    item = access.item(person, fields.key("item", "The exhibit"), "correct", lock=True)
    index = fields.whole("entry", "The record")
    wrong = fields.text("wrong", "What is wrong", most=MAX_TEXT)
    right = fields.text("right", "What is right", most=MAX_TEXT)
    reason = fields.text("reason", "How it came about", most=MAX_TEXT)
    fields.done()
    refuse_names(item.case, {"wrong": wrong, "right": right, "reason": reason})
    told = record_about(item, index)
    return _plan(
        RecordType.CORRECT,
        item,
        refs=(told.leaf,),
        claims={"wrong": wrong, "right": right, "reason": reason, "by": person.identity()},
        summary=(
            ("Correct a record", f"record {index}, {told.record.type}"),
            ("Exhibit", item.exhibit_number),
            ("Wrong", wrong),
            ("Right", right),
            ("Reason", reason),
        ),
    )


def record_about(item: Item, index: int) -> history.Told:
    """Return the record at this index. Raises InvalidError unless it is about the exhibit."""
    told = history.of_item(item.pk, index)
    if told is None:
        raise InvalidError("This record is not about this exhibit.", fields={"entry": "Choose a record."})
    return told


def _plan(record: RecordType, item: Item, **parts: Any) -> Plan:
    def apply(entry: Appended) -> Result:
        Item.objects.filter(pk=item.pk).update(last_entry=entry.index)
        return {"item": str(item.uuid), "entry": entry.index}

    return Plan(type=record, case=item.case_id, items=(item.uuid,), apply=apply, **parts)
