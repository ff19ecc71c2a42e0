"""One long-running process of the system: how it is started, watched, and asked to stop.

It does not decide what happens when one dies; `supervisor.py` does.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from custody.embedded.errors import ChildFailedError

# A log that grows past this is set aside as `name.log.1` at the next start of its process.
LOG_BYTES = 20 * 1024 * 1024
TAIL_LINES = 20

# What to send, and how many seconds to wait before the next, harsher one.
POLITE = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 5.0))
# PostgreSQL: SIGINT is a fast and clean shutdown (SIGTERM would wait for clients), SIGQUIT an immediate one
# that replays its log at the next start; SIGKILL would leave shared memory behind.
POSTGRES = ((signal.SIGINT, 25.0), (signal.SIGQUIT, 10.0))


def always_ready() -> bool:
    return True


@dataclass(frozen=True)
class Child:
    """What to run and how to treat it."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str]
    stop_signals: tuple[tuple[signal.Signals, float], ...] = POLITE
    is_ready: Callable[[], bool] = always_ready
    ready_within: float = 60.0
    popen_options: Mapping[str, Any] = field(default_factory=dict)  # Any: keyword arguments of Popen
    folder: Path = Path("/")


class Running:
    """A child and its process of the moment."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.deaths: list[float] = []
        self.start()

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        set_aside(self.child.log)
        with self.child.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.child.environment),
                cwd=self.child.folder,
                start_new_session=True,
                **self.child.popen_options,
            )
        self.started = started_at(self.process.pid)

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    def failed(self, reason: str) -> ChildFailedError:
        """Return the error that stops the whole system, with the end of the log."""
        return ChildFailedError(self.child.name, reason, self.child.log, last_lines(self.child.log))


def started_at(pid: int) -> float:
    """Return when a process began, which with its number tells it from every other; 0.0 if it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return 0.0


def stop_together(running: list[Running]) -> None:
    """Ask all of them to stop, more firmly as time passes, and return when all are gone."""
    begun = time.monotonic()
    stages = {one: iter(one.child.stop_signals) for one in running}
    deadlines = dict.fromkeys(running, begun)
    while waiting := [one for one in running if one.exit_code is None]:
        for one in waiting:
            if time.monotonic() < deadlines[one]:
                continue
            step = next(stages[one], None)
            if step is None:
                raise one.failed(f"does not stop (process {one.process.pid})")
            deadlines[one] = time.monotonic() + step[1]
            send(one.process.pid, step[0])
        time.sleep(0.05)
    for one in running:
        sweep_group(one.process.pid)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process, or to its whole session where nothing is left to be tidied up."""
    try:
        if number == signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return


def sweep_group(pid: int) -> None:
    """End what a process left of its own session (a worker whose master was killed)."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nobody left; on macOS a group of zombies answers with the second.
        return


def set_aside(log: Path) -> None:
    """Rename a long log, so that the disk holds two of them at most."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(log: Path) -> str:
    """Return the end of a log for a person to read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode("utf-8", errors="replace")
    except OSError as error:
        return f"(the log cannot be read: {error.strerror})"
    return "\n".join(text.splitlines()[-TAIL_LINES:]) or "(the log is empty)"
