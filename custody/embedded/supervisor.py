"""Keeps the processes of the system running, and ends them in order, the database last.

It knows nothing of what they do: each is a `Child`. A process that dies is started again; one that dies again
and again stops the system with the end of its log. Processes left over from a supervisor that was killed are
ended at the next start, recognised by number and time of birth.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import IO

import psutil  # type: ignore[import-untyped]

from custody.embedded.children import Child, Running, last_lines, started_at, stop_together, sweep_group
from custody.embedded.errors import StepFailedError, StopRequested
from custody.embedded.plan import PROJECT

RESTARTS = 5
# Deaths longer ago than this are forgiven: one a day is a matter for the log, not for a stop.
RESTART_WINDOW_SECONDS = 600.0
PAUSE_SECONDS = 0.1


def nothing() -> None:
    return


class Supervisor:
    """The running processes, in the order of their start."""

    def __init__(self, *, record: Path, say: Callable[[str], None]) -> None:
        self.record = record
        self.say = say
        self.stages: list[list[Running]] = []
        self.stop_asked = False

    @property
    def running(self) -> list[Running]:
        return [one for stage in self.stages for one in stage]

    def listen(self) -> None:
        """From now on Ctrl-C, SIGTERM and SIGHUP end the system in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True

    def start(self, *children: Child) -> None:
        """Start processes that do not need each other; they are one stage of the stop."""
        stage: list[Running] = []
        self.stages.append(stage)
        for child in children:
            stage.append(Running(child))
        self._write_record()

    def wait_until_ready(self, *names: str) -> None:
        """Wait for the named ones; a process that ends or stays silent at this point stops the start."""
        for one in self.running:
            if one.child.name not in names:
                continue
            patience = time.monotonic() + one.child.ready_within
            while not one.child.is_ready():
                if one.exit_code is not None:
                    raise one.failed(f"ended during the start (exit code {one.exit_code})")
                if time.monotonic() > patience:
                    raise one.failed(f"was not ready after {one.child.ready_within:.0f} seconds")
                self.pause()

    def pause(self) -> None:
        """Wait a moment. Raises StopRequested once a stop was asked for."""
        if self.stop_asked:
            raise StopRequested
        time.sleep(PAUSE_SECONDS)
        if self.stop_asked:
            raise StopRequested

    def watch(self) -> None:
        """Start again what died. Raises ChildFailedError when that does not help."""
        for one in self.running:
            if one.exit_code is not None:
                self._start_again(one)

    def _start_again(self, one: Running) -> None:
        now = time.monotonic()
        one.deaths = [at for at in one.deaths if now - at < RESTART_WINDOW_SECONDS]
        if len(one.deaths) == RESTARTS:
            raise one.failed(f"stopped again and again (last exit code {one.exit_code})")
        one.deaths.append(now)
        sweep_group(one.process.pid)
        self.say(
            f"{one.child.name} stopped unexpectedly (exit code {one.exit_code}); "
            f"started again ({len(one.deaths)} of {RESTARTS}). Its log: {one.child.log}"
        )
        # The first time at once; then slower, so that a fault that needs a moment to pass gets it.
        for _ in range(10 * (len(one.deaths) - 1)):
            self.pause()
        one.start()
        self._write_record()

    def run_for_ever(self) -> None:
        """Watch until a stop is asked for."""
        while True:
            self.pause()
            self.watch()

    def stop(self) -> None:
        """End all processes, the last started stage first; each stage is gone before the next is asked."""
        while self.stages:
            stop_together(self.stages[-1])
            self.stages.pop()
        self.record.unlink(missing_ok=True)

    def run_step(self, name: str, command: list[str], *, log: Path, environment: Mapping[str, str]) -> None:
        """Run a command to its end, its output in a log. Raises StepFailedError if it fails."""
        with log.open("wb") as file:
            process = start_step(command, environment=environment, output=file)
            self._see_through(process)
        if process.returncode != 0:
            raise StepFailedError(name, log, last_lines(log))

    def run_aloud(
        self, command: list[str], *, environment: Mapping[str, str], hear: Callable[[str], None]
    ) -> int:
        """Run a command to its end, handing on each line it prints; return its exit code."""
        process = start_step(command, environment=environment, output=subprocess.PIPE)
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        rest = b""

        def listen() -> None:
            nonlocal rest
            assert process.stdout is not None
            *lines, rest = (rest + (process.stdout.read() or b"")).split(b"\n")
            for line in lines:
                hear(line.decode("utf-8", errors="replace"))

        with process.stdout:
            self._see_through(process, meanwhile=listen)
            listen()
        if rest:
            hear(rest.decode("utf-8", errors="replace"))
        return int(process.returncode)

    def _see_through(
        self, process: subprocess.Popen[bytes], *, meanwhile: Callable[[], None] = nothing
    ) -> None:
        try:
            while process.poll() is None:
                self.pause()
                self.watch()
                meanwhile()
        finally:
            # Early when a stop was asked for: a step is safe to break off, and runs again at the next start.
            if process.poll() is None:
                sweep_group(process.pid)
                process.wait()

    def _write_record(self) -> None:
        rows = [
            {
                "name": one.child.name,
                "pid": one.process.pid,
                "started": one.started,
                "signals": signals_of(one.child),
            }
            for one in self.running
        ]
        fresh = self.record.with_suffix(".new")
        fresh.write_text(json.dumps(rows), encoding="ascii")
        fresh.replace(self.record)

    def end_leftovers(self) -> None:
        """End the processes of a supervisor that was killed; the last started goes first."""
        if not self.record.exists():
            return
        for row in reversed(json.loads(self.record.read_text(encoding="ascii"))):
            if row["started"] and started_at(row["pid"]) == row["started"]:
                self.say(f"Ending {row['name']}, left over from an earlier run (process {row['pid']}).")
                end_process(psutil.Process(row["pid"]), row["signals"])
                sweep_group(row["pid"])
        self.record.unlink()


def start_step(
    command: list[str], *, environment: Mapping[str, str], output: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    """Start a command that ends by itself, out of reach of the terminal's Ctrl-C."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # Unbuffered: the lines of a person's progress come at once, and a traceback after what led to it.
        env={**environment, "PYTHONUNBUFFERED": "1"},
        cwd=PROJECT,
        start_new_session=True,
    )


def signals_of(child: Child) -> list[list[float]]:
    return [[int(number), seconds] for number, seconds in child.stop_signals]


def end_process(process: psutil.Process, signals: list[list[float]]) -> None:
    """Ask a process that is not our child to stop, more firmly as time passes."""
    for number, seconds in signals:
        try:
            process.send_signal(int(number))
            process.wait(timeout=seconds)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            return
        return
