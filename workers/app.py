"""The Celery app. Messages are bells: they name a row, carry no content, and losing one loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "custody.settings")

app = Celery("unbroken", include=["workers.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_store_eager_result=False,
    # The lease decides who does a job; the broker need not hold the message until then.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=200,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    beat_schedule={
        "sweep": {"task": "workers.sweep", "schedule": 15.0},
        "publish": {"task": "workers.publish", "schedule": 60.0},
        "reread": {"task": "workers.reread", "schedule": 600.0},
        "anchor": {"task": "workers.anchor", "schedule": 900.0},
        "daily-log": {"task": "workers.daily_log", "schedule": 3600.0},
        "tidy": {"task": "workers.tidy", "schedule": 3600.0},
    },
)
