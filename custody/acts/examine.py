"""Record what the extractors said of an item, and every opening of an unredacted original."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from custody import access
from custody.accounts.models import Person, note_access
from custody.acts import record
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan, Result, filled
from custody.acts.victims import refuse_names
from custody.ledger.append import Appended
from custody.proof import canonical
from custody.proof.canonical import JSON
from custody.proof.records import RecordType
from evidence import answers
from evidence.items import Item, Metadata
from evidence.metadata.outcome import Extraction


def record_metadata(item_id: uuid.UUID, extractions: list[Extraction], now: datetime) -> None:
    """Write what every extractor said, also nothing and failures, once; the record commits to all of it."""
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).select_related("stored").get(pk=item_id)
        if Metadata.objects.filter(item=item).exists():
            return

        def apply(entry: Appended) -> Result:
            Metadata.objects.bulk_create(
                Metadata(
                    item=item,
                    extractor=e.extractor,
                    version=e.version,
                    outcome=e.outcome,
                    sealed=answers.seal(item, e.extractor, answers.Answer(dict(e.values), e.message)),
                    entry=entry.index,
                )
                for e in extractions
            )
            Item.objects.filter(pk=item.pk).update(last_entry=entry.index)
            return {}

        claims = {
            "exhibit": item.exhibit_number,
            "input_sha256": item.sha256,
            "extractors": [
                {"extractor": e.extractor, "version": e.version, "outcome": e.outcome} for e in extractions
            ],
            "result_sha256": result_digest(extractions),
        }
        plan = Plan(
            type=RecordType.ITEM_METADATA, case=item.case_id, items=(item.uuid,), claims=claims, apply=apply
        )
        record.by_service(plan, now)


def result_digest(extractions: list[Extraction]) -> str:
    """Return the SHA-256 of all results in canonical form, in the order of the extractors' names."""
    whole: list[JSON] = [
        {
            "extractor": e.extractor,
            "version": e.version,
            "outcome": e.outcome,
            "values": dict(e.values),
            "message": e.message,
        }
        for e in sorted(extractions, key=lambda e: e.extractor)
    ]
    return hashlib.sha256(canonical.dumps(whole)).hexdigest()


def open_unredacted(person: Person, params: dict[str, Any], now: datetime, *, source: str) -> Item:
    """Record that a person opens the original, before the first byte leaves; the reason is mandatory."""
    fields = Fields(params)
    item_id = fields.key("item", "The exhibit")
    reason = fields.text("reason", "The reason for opening the unredacted original", most=MAX_TEXT)
    # Whether it may be opened at all is told before what the form lacks.
    access.content(person, item_id, now)
    fields.done()
    with transaction.atomic():
        item = access.item(person, item_id, "item.content", lock=True)
        access.open_case(person, item.case_id, "item.content")
        refuse_names(item.case, {"reason": reason})
        claims = {
            "exhibit": item.exhibit_number,
            "by": person.identity(),
            "reason": reason,
            "sha256": item.sha256,
            "authority": str(item.authority),
        }

        def apply(entry: Appended) -> Result:
            Item.objects.filter(pk=item.pk).update(last_entry=entry.index)
            return {}

        plan = Plan(
            type=RecordType.ACCESS_UNREDACTED,
            case=item.case_id,
            items=(item.uuid,),
            claims=filled(claims),
            apply=apply,
        )
        record.by_service(plan, now)
        note_access(
            person=person,
            act="item.content",
            now=now,
            object_kind="item",
            object_id=item.uuid,
            justification=reason,
            source=source,
            octets=item.size,
        )
    return item
