"""The tasks: claim the row, do the one thing, say how it ended. Every task is safe to run twice."""

from __future__ import annotations

import logging
import uuid

from django.utils import timezone

from custody import bell, jobs
from custody.acts import anchor as anchors
from custody.acts import housekeeping
from custody.acts import reread as rereading
from custody.jobs import JobKind
from custody.ledger import cosigning
from workers import fixity, metadata, receive, redaction, reports
from workers.app import app
from workers.claim import claimed

log = logging.getLogger(__name__)

WORK = {
    JobKind.RECEIVE: receive.run,
    JobKind.METADATA: metadata.run,
    JobKind.REDACTION: redaction.run,
    JobKind.REPORT: reports.run,
    JobKind.FIXITY: fixity.run,
}


@app.task(name="workers.run_job")
def run_job(job_id: str) -> None:
    """Do one job, if it is there to be done."""
    with claimed(uuid.UUID(job_id)) as job:
        if job is not None:
            WORK[JobKind(job.kind)](job)


@app.task(name="workers.sweep")
def sweep() -> None:
    """Ring again for jobs whose bell or worker was lost."""
    for job_id in jobs.due(timezone.now()):
        bell.ring("workers.run_job", str(job_id))


@app.task(name="workers.publish")
def publish() -> None:
    """Publish a checkpoint over what was appended since the last one, and ask its witnesses."""
    cosigning.publish_when_due(timezone.now())


@app.task(name="workers.reread")
def reread() -> None:
    """Order the next readings of stored bytes."""
    rereading.plan(timezone.now())


@app.task(name="workers.anchor")
def anchor() -> None:
    """Have the newest head stamped by outside authorities, if it covers anything new."""
    anchors.stamp(timezone.now())


@app.task(name="workers.daily_log")
def daily_log() -> None:
    """Put the digest of each finished day of the access log into the ledger."""
    housekeeping.record_daily_log(timezone.now())


@app.task(name="workers.tidy")
def tidy() -> None:
    """Delete what has expired: drafts, tokens, sessions."""
    housekeeping.delete_expired(timezone.now())
