"""Make a custody report, or say in words why it was not issued."""

from __future__ import annotations

from django.utils import timezone

from custody.acts import make_report, report
from custody.errors import NotReadyError
from custody.jobs import MAX_ATTEMPTS, Job
from workers.claim import GiveUpError, RetryLaterError


def run(job: Job) -> None:
    """One report; a second run finds it issued."""
    try:
        make_report.make(job.subject, timezone.now())
    except NotReadyError as error:
        if job.attempts < MAX_ATTEMPTS:
            raise RetryLaterError(str(error)) from error
        report.failed(job.subject, f"{error} Order the report again when they have cosigned.")
        raise GiveUpError(str(error)) from error
    except make_report.NotIssuedError as error:
        report.failed(job.subject, str(error))
        raise GiveUpError(str(error)) from error
