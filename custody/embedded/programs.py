"""The command lines of the four processes that are Unbroken itself; docker-compose.yml holds the same ones.

The tests compare the two, so that what runs in production is what runs on a developer's machine.
"""

import sys
from pathlib import Path

from custody.embedded.addresses import Address

# Beside a WSGI process, gunicorn would open a control socket in the home folder of whoever starts it.
GUNICORN = ("--worker-class", "gthread", "--no-control-socket", "--graceful-timeout", "5")


def module(name: str) -> list[str]:
    """Return the start of a command line that runs a module with the Python we run under."""
    return [sys.executable, "-m", name]


def web(address: Address) -> list[str]:
    """Return the command of the pages, the API and the admin."""
    return [
        *module("gunicorn"),
        "custody.wsgi:application",
        *("--bind", str(address), "--workers", "2", "--threads", "4"),
        *GUNICORN,
        # Loaded once and then forked, which halves the time to the first page.
        "--preload",
    ]


def files(address: Address) -> list[str]:
    """Return the command of uploads and downloads: one process, a thread for each transfer under way."""
    return [
        *module("gunicorn"),
        "custody.wsgi_files:application",
        *("--bind", str(address), "--workers", "1", "--threads", "32"),
        *GUNICORN,
    ]


def worker() -> list[str]:
    """Return the command of the worker that carries out the jobs."""
    return [
        *module("celery"),
        *("--app", "workers.app", "worker", "--pool", "prefork", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def beat(schedule: Path) -> list[str]:
    """Return the command of the clock that rings for sweeps and daily work."""
    return [
        *module("celery"),
        *("--app", "workers.app", "beat", "--schedule", str(schedule), "--loglevel", "INFO"),
    ]


def manage(command: str, *arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "manage.py"), command, *arguments]
