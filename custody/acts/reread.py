"""Plan the re-reading of all stored bytes: the longest unread first, no faster than the store is allowed to be read.

The outcome of each reading is a record (check_fixity.py) and stands in the exhibit's history; what is told here is how
far the readings have come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, DateTimeField, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from custody import bell, jobs
from custody.jobs import Job, JobKind, JobState
from evidence.items import FixityCheck, FixityOutcome, Item

# How often the clock asks for more; one round of readings takes about as long.
EVERY = timedelta(minutes=10)
MOST = 500  # exhibits of one round, however small they are
RECIPE = "scheduled-"
WAITS = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True)
class Standing:
    """How far the readings have come; times in UTC, sizes in bytes."""

    exhibits: int
    size: int
    overdue: int  # exhibits that should have been read again by now
    oldest: datetime | None  # the longest unread exhibit was read, or taken in, then
    wrong: tuple[Item, ...]  # whose last reading did not match, or did not succeed

    @property
    def hours(self) -> float:
        """How long one reading of everything takes at the allowed rate."""
        return self.size / rate() / 3600


def rate() -> int:
    """Return how many bytes a second scheduled readings may read."""
    return settings.FIXITY_MIB_PER_S << 20


def period() -> timedelta:
    """Return the time within which everything is to be read again."""
    return timedelta(days=settings.FIXITY_DAYS)


def with_last_reading(items: QuerySet[Item]) -> QuerySet[Any]:
    """Add when each was read last (at intake, if never since) and how that ended: `read_at`, `outcome`."""
    newest = FixityCheck.objects.filter(item=OuterRef("pk")).order_by("-id")
    return items.annotate(
        read_at=Coalesce(
            Subquery(newest.values("checked_at")[:1]), F("received_at"), output_field=DateTimeField()
        ),
        outcome=Coalesce(Subquery(newest.values("outcome")[:1]), Value(str(FixityOutcome.MATCH))),
    )


def plan(now: datetime) -> int:
    """Order the next readings, at most what one round may read; return how many. Nothing while a round goes on."""
    with transaction.atomic():
        if Job.objects.filter(kind=JobKind.FIXITY, recipe__startswith=RECIPE, state__in=WAITS).exists():
            return 0
        budget, ordered = rate() * int(EVERY.total_seconds()), 0
        due = with_last_reading(Item.objects.all()).filter(read_at__lt=now - period())
        for item in due.order_by("read_at", "pk")[:MOST]:
            if ordered and item.size > budget:
                break
            job = jobs.add(
                kind=JobKind.FIXITY, subject=item.uuid, recipe=f"{RECIPE}{now:%Y%m%d%H%M%S}", now=now
            )
            bell.ring_job_on_commit(job.uuid)
            budget, ordered = budget - item.size, ordered + 1
    return ordered


def is_scheduled(job: Job) -> bool:
    """Tell a reading by the clock, which goes slowly, from one that a person waits for."""
    return job.recipe.startswith(RECIPE)


def standing(now: datetime) -> Standing:
    """Return how far the readings of everything have come."""
    items = with_last_reading(Item.objects.all())
    told = items.aggregate(
        exhibits=Count("pk"),
        total=Sum("size"),
        late=Count("pk", filter=Q(read_at__lt=now - period() - 2 * EVERY)),
        oldest=Min("read_at"),
    )
    return Standing(
        exhibits=told["exhibits"],
        size=told["total"] or 0,
        overdue=told["late"],
        oldest=told["oldest"],
        wrong=tuple(wrong(Item.objects.all())),
    )


def wrong(items: QuerySet[Item]) -> QuerySet[Any]:
    """Return those whose stored bytes did not match, or could not be read, when they were read last."""
    ever = FixityCheck.objects.exclude(outcome=FixityOutcome.MATCH)
    found = with_last_reading(items.filter(pk__in=ever.values("item"))).exclude(outcome=FixityOutcome.MATCH)
    return found.select_related("case").order_by("case__number", "exhibit_number")
