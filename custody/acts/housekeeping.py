"""What machines do by the clock: the access log's daily digest, and deleting what has expired."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from custody.accounts.models import AccessLog, ApiToken
from custody.acts import record
from custody.acts.plan import Plan
from custody.drafts import Draft
from custody.ledger.models import Opening
from custody.proof import canonical
from custody.proof.records import RecordType

# Days further back than this were recorded while they were recent, or the machine stood still.
DAYS_BACK = 7


def day_digest(day: date) -> tuple[int, str]:
    """Return how many rows the access log has for a UTC day, and their SHA-256 in canonical form."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = AccessLog.objects.filter(when__gte=begin, when__lt=begin + timedelta(days=1)).order_by("id")
    whole, count = hashlib.sha256(), 0
    for row in rows.select_related("person").iterator(chunk_size=1000):
        line = {
            "when": row.when.astimezone(UTC).isoformat(timespec="microseconds"),
            "person": str(row.person.uuid) if row.person else "",
            "act": row.act,
            "object": f"{row.object_kind} {row.object_id}".strip(),
            "outcome": row.outcome,
            "justification": row.justification,
            "recipient": row.recipient,
            "source": row.source,
        }
        whole.update(canonical.dumps(line) + b"\n")
        count += 1
    return count, whole.hexdigest()


def record_daily_log(now: datetime) -> int:
    """Record the digest of each finished day that has none yet; return how many were recorded."""
    done = 0
    recorded = set(Opening.objects.filter(field="day").values_list("value", flat=True))
    for back in range(DAYS_BACK, 0, -1):
        day = now.astimezone(UTC).date() - timedelta(days=back)
        count, digest = day_digest(day)
        if day.isoformat() in recorded or not count:
            continue
        with transaction.atomic():
            claims = {"day": day.isoformat(), "rows": count, "sha256": digest}
            record.by_service(Plan(type=RecordType.LOG_DAILY, claims=claims, apply=lambda entry: {}), now)
        done += 1
    return done


def delete_expired(now: datetime) -> None:
    """Delete drafts, tokens and sessions whose time has run out."""
    Draft.objects.filter(expires__lt=now).delete()
    ApiToken.objects.filter(expires__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
