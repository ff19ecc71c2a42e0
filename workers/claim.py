"""Holds a job's lease while it is worked on, and writes down how it ended."""

from __future__ import annotations

import logging
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from custody import jobs
from custody.jobs import Job

log = logging.getLogger(__name__)
# Three renewals fit one lease, so that one slow database call does not lose it.
HEARTBEAT_SECONDS = jobs.LEASE.total_seconds() / 3


class GiveUpError(Exception):
    """The job cannot succeed however often it is tried; the text is for a person and holds no content."""


class RetryLaterError(Exception):
    """The machine, not the job, is at fault: the lease runs out and the sweep rings again, a few times."""


@contextmanager
def claimed(job_id: uuid.UUID) -> Iterator[Job | None]:
    """Yield the job with its lease held, or None; finish, fail or leave it to the sweep afterwards."""
    if not connection.in_atomic_block:
        close_old_connections()
    job = jobs.claim(job_id, timezone.now())
    if job is None:
        yield None
        return
    stop = threading.Event()
    beat = threading.Thread(target=_renew, args=(job, stop), daemon=True)
    beat.start()
    try:
        yield job
    except GiveUpError as error:
        log.warning("job %s %s given up: %s", job.kind, job.pk, error)
        jobs.fail(job, timezone.now(), str(error))
    except RetryLaterError as error:
        log.warning("job %s %s is tried again later: %s", job.kind, job.pk, error)
    except (OperationalError, InterfaceError) as error:
        # The database went away: the lease runs out and the sweep rings again.
        log.warning("job %s %s lost the database (%s)", job.kind, job.pk, type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it was, the row must say that the job failed
        # The text of an exception can quote evidence; its type and the places in our code cannot.
        places = " < ".join(
            f"{f.name}:{f.lineno}" for f in reversed(traceback.extract_tb(error.__traceback__))
        )
        log.error("job %s %s failed with %s at %s", job.kind, job.pk, type(error).__name__, places)
        jobs.fail(job, timezone.now(), f"stopped by an error of the kind {type(error).__name__}")
    else:
        jobs.finish(job, timezone.now())
    finally:
        stop.set()
        beat.join(timeout=5)


def _renew(job: Job, stop: threading.Event) -> None:
    """Renew the lease from a thread of its own until the work ends."""
    try:
        while not stop.wait(HEARTBEAT_SECONDS):
            if not jobs.renew(job, timezone.now()):
                log.warning("the lease of job %s was lost", job.pk)
                return
    except (OperationalError, InterfaceError) as error:
        log.warning("the lease of job %s could not be renewed (%s)", job.pk, type(error).__name__)
    finally:
        connection.close()
