"""Rings for the workers: a message that says which row to look at, and nothing else.

A lost bell loses nothing: the sweep of `workers/schedule.py` finds the row. So a broker that is down
is logged and never fails the act that rang.
"""

import logging
import uuid
from functools import cache

from celery import Celery
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


@cache
def _sender() -> Celery:
    app = Celery("bell", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    # A page must not hang because the broker does.
    app.conf.broker_transport_options = {"socket_connect_timeout": 1, "socket_timeout": 2}
    app.conf.broker_connection_retry = False
    app.conf.task_ignore_result = True
    return app


def ring(task: str, *args: str) -> None:
    """Send one message now."""
    try:
        _sender().send_task(task, args=args, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning(
            "the bell for %s was not heard (%s); the sweep will find the row", task, type(error).__name__
        )


def ring_job_on_commit(job_id: uuid.UUID) -> None:
    """Ring for a job once its row is there to be found."""
    transaction.on_commit(lambda: ring("workers.run_job", str(job_id)))


def ring_publish_on_commit() -> None:
    """Ask for a checkpoint over what was just appended."""
    transaction.on_commit(lambda: ring("workers.publish"))
