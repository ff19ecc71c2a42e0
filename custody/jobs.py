"""Jobs: the row is the job, the message is only a bell.

A worker claims a row by a lease and renews it while it works; a lease that ran out is claimed by
the next one. Nothing here runs a job: `workers/` does.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q

LEASE = timedelta(seconds=45)
# A job that killed its worker this often is not tried again: somebody must look at it.
MAX_ATTEMPTS = 5


class JobKind(models.TextChoices):
    RECEIVE = "receive", "check a received upload"
    METADATA = "metadata", "extract metadata"
    REDACTION = "redaction", "make a redacted copy"
    REPORT = "report", "make a custody report"
    FIXITY = "fixity", "re-read the stored bytes"


class JobState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class Job(models.Model):
    """One piece of work about one thing by one recipe, done once however often it is rung for."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=JobKind.choices)
    subject = models.UUIDField()
    recipe = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "recipe"], name="job_once_per_kind_item_and_recipe"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_running_has_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed"]) | Q(finished__isnull=False),
                name="job_ended_has_a_time",
            ),
        ]
        indexes = [
            # The sweep looks for what waits and for leases that ran out.
            models.Index(fields=["state", "lease_until"], name="job_to_claim"),
        ]


def add(*, kind: JobKind, subject: uuid.UUID, recipe: str, now: datetime) -> Job:
    """Write the job in the caller's transaction; a second call for the same work returns the first row."""
    job, _ = Job.objects.get_or_create(kind=kind, subject=subject, recipe=recipe, defaults={"created": now})
    return job


def claim(job_id: uuid.UUID, now: datetime) -> Job | None:
    """Take the lease of a job that waits or whose lease ran out; None when another has it or it is done."""
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(pk=job_id)
            .filter(Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, lease_until__lt=now))
            .first()
        )
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _end(
                job,
                JobState.FAILED,
                now,
                f"given up after {job.attempts} attempts that ended without a result",
            )
            return None
        job.state, job.attempts, job.lease_until = JobState.RUNNING, job.attempts + 1, now + LEASE
        job.save(update_fields=["state", "attempts", "lease_until"])
        return job


def renew(job: Job, now: datetime) -> bool:
    """Push the lease on; False when the job is no longer ours."""
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
    return mine.update(lease_until=now + LEASE) == 1


def finish(job: Job, now: datetime) -> None:
    """Mark the job done; a job that another worker took over meanwhile stays theirs."""
    Job.objects.filter(pk=job.pk, attempts=job.attempts).update(
        state=JobState.DONE, finished=now, lease_until=None, problem=""
    )


def fail(job: Job, now: datetime, problem: str) -> None:
    """Mark the job failed for good, with a reason for a person. The reason holds no evidence content."""
    _end(job, JobState.FAILED, now, problem)


def _end(job: Job, state: JobState, now: datetime, problem: str) -> None:
    job.state, job.finished, job.lease_until, job.problem = state, now, None, problem
    job.save(update_fields=["state", "finished", "lease_until", "problem"])


def due(now: datetime, limit: int = 200) -> list[uuid.UUID]:
    """Return jobs whose bell or worker was lost: waiting, or with a lease that ran out."""
    lost = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, lease_until__lt=now)
    return list(Job.objects.filter(lost).order_by("created").values_list("pk", flat=True)[:limit])
