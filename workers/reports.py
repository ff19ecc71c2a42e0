"""Make a custody report, or say in words why it was not issued."""

from __future__ import annotations

from django.utils import timezone

from custody.acts import make_report, report
from custody.jobs import Job
from workers.claim import GiveUpError


def run(job: Job) -> None:
    """One report; a second run finds it issued."""
    try:
        make_report.make(job.subject, timezone.now())
    except make_report.NotIssuedError as error:
        report.failed(job.subject, str(error))
        raise GiveUpError(str(error)) from error
