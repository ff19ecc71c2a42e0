"""Record a re-reading of stored bytes. Three outcomes; unreadable is never stored as tampering."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from custody.acts import record
from custody.acts.plan import Plan, Result, filled
from custody.ledger.append import Appended
from custody.proof.records import RecordType
from evidence.items import FixityCheck, FixityOutcome, Item


def check(item_id: uuid.UUID, outcome: FixityOutcome, sha256: str, detail: str, now: datetime) -> FixityCheck:
    """Write the outcome and its record."""
    with transaction.atomic():
        item = Item.objects.select_for_update().get(pk=item_id)
        made: list[FixityCheck] = []

        def apply(entry: Appended) -> Result:
            made.append(
                FixityCheck.objects.create(
                    item=item,
                    outcome=outcome,
                    sha256=sha256,
                    detail=detail,
                    checked_at=now,
                    entry=entry.index,
                )
            )
            Item.objects.filter(pk=item.pk).update(last_entry=entry.index)
            return {}

        claims = {
            "exhibit": item.exhibit_number,
            "outcome": outcome,
            "expected_sha256": item.sha256,
            "sha256": sha256,
            "detail": detail,
        }
        plan = Plan(
            type=RecordType.FIXITY_CHECK,
            case=item.case_id,
            items=(item.uuid,),
            claims=filled(claims),
            apply=apply,
        )
        record.by_service(plan, now)
        return made[0]
