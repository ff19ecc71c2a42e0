"""The supervisor, with small real processes in place of the servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from custody.embedded.children import Child, last_lines, set_aside
from custody.embedded.errors import ChildFailedError, StepFailedError, StopRequested
from custody.embedded.plan import PROJECT
from custody.embedded.supervisor import RESTARTS, Supervisor

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


class Stage:
    """A supervisor, what it said, and children made of one line of Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.supervisor = Supervisor(record=folder / "children.json", say=self.said.append)

    def child(
        self,
        name: str,
        code: str = "import time; time.sleep(60)",
        *,
        stop_signals: tuple[tuple[signal.Signals, float], ...] = (
            (signal.SIGTERM, 5.0),
            (signal.SIGKILL, 5.0),
        ),
        is_ready: Callable[[], bool] = lambda: True,
        ready_within: float = 20.0,
    ) -> Child:
        return Child(
            name=name,
            command=[sys.executable, "-c", code],
            log=self.folder / f"{name}.log",
            environment=dict(os.environ),
            stop_signals=stop_signals,
            is_ready=is_ready,
            ready_within=ready_within,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.supervisor.stop()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def says_up(log: Path) -> bool:
    return "up" in last_lines(log)


def alive(pid: int) -> bool:
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stdout.startswith("Z")


def test_the_last_started_stops_first_and_the_first_last(stage: Stage) -> None:
    code = """
import pathlib, signal, sys, time
def stop(number, frame):
    with open({order!r}, "a") as file: file.write({name!r} + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(60)
"""
    order = stage.folder / "order"
    for name in ("database", "queue", "web"):
        stage.supervisor.start(stage.child(name, code.format(order=str(order), name=name)))
        until(partial(says_up, stage.folder / f"{name}.log"))
    stage.supervisor.stop()
    assert order.read_text() == "web queue database "


def test_a_process_that_ignores_the_polite_request_is_ended_all_the_same(stage: Stage) -> None:
    stage.supervisor.start(
        stage.child("worker", STUBBORN, stop_signals=((signal.SIGTERM, 0.3), (signal.SIGKILL, 5.0)))
    )
    until(partial(says_up, stage.folder / "worker.log"))
    [one] = stage.supervisor.running
    stage.supervisor.stop()
    assert one.exit_code == -signal.SIGKILL


def test_a_process_that_dies_is_started_again_and_this_is_said(stage: Stage) -> None:
    stage.supervisor.start(stage.child("web"))
    [one] = stage.supervisor.running
    first = one.process.pid
    os.kill(first, signal.SIGKILL)
    one.process.wait()
    stage.supervisor.watch()
    assert one.exit_code is None
    assert one.process.pid != first
    assert stage.said[0].startswith(
        f"web stopped unexpectedly (exit code -9); started again (1 of {RESTARTS})"
    )


def test_a_process_that_dies_again_and_again_stops_the_system_with_the_end_of_its_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custody.embedded.supervisor.PAUSE_SECONDS", 0.001)
    stage.supervisor.start(stage.child("web", "raise SystemExit('the port is on fire')"))
    [one] = stage.supervisor.running
    with pytest.raises(ChildFailedError, match=r"(?s)web stopped again and again.*the port is on fire"):
        while True:
            one.process.wait()
            stage.supervisor.watch()
    assert len(stage.said) == RESTARTS


def test_a_process_that_ends_during_the_start_stops_the_start(stage: Stage) -> None:
    stage.supervisor.start(stage.child("web", "raise SystemExit('no settings')", is_ready=lambda: False))
    with pytest.raises(ChildFailedError, match=r"(?s)web ended during the start.*no settings"):
        stage.supervisor.wait_until_ready("web")


def test_a_process_that_never_answers_stops_the_start(stage: Stage) -> None:
    stage.supervisor.start(stage.child("web", is_ready=lambda: False, ready_within=0.2))
    with pytest.raises(ChildFailedError, match="web was not ready after"):
        stage.supervisor.wait_until_ready("web")


def test_a_step_that_fails_shows_the_end_of_its_output(stage: Stage) -> None:
    command = [sys.executable, "-c", "print('a\\n' * 100); raise SystemExit('the last word')"]
    with pytest.raises(StepFailedError, match=r"(?s)The migration failed.*the last word") as caught:
        stage.supervisor.run_step("The migration", command, log=stage.folder / "step.log", environment={})
    assert str(caught.value).count("\n") < 30


def test_each_line_of_a_command_run_aloud_is_heard_and_its_exit_code_returned(stage: Stage) -> None:
    heard: list[str] = []
    command = [
        sys.executable,
        "-c",
        "print('one'); print('zwei ü'); print('end', end=''); raise SystemExit(3)",
    ]
    code = stage.supervisor.run_aloud(command, environment={"PYTHONUTF8": "1"}, hear=heard.append)
    assert (code, heard) == (3, ["one", "zwei ü", "end"])


def test_a_stop_asked_for_during_a_step_ends_the_step(stage: Stage) -> None:
    stage.supervisor.listen()
    try:
        command = [
            sys.executable,
            "-c",
            f"import os, signal, time; os.kill({os.getpid()}, signal.SIGTERM); time.sleep(60)",
        ]
        begun = time.monotonic()
        with pytest.raises(StopRequested):
            stage.supervisor.run_step("A step", command, log=stage.folder / "step.log", environment={})
        assert time.monotonic() - begun < 20
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def test_processes_of_a_killed_supervisor_are_ended_at_the_next_start(stage: Stage) -> None:
    code = f"""
import sys
from pathlib import Path
from custody.embedded.children import Child
from custody.embedded.supervisor import Supervisor
folder = Path({str(stage.folder)!r})
supervisor = Supervisor(record=folder / "children.json", say=print)
command = [sys.executable, "-c", "import time; time.sleep(60)"]
supervisor.start(Child(name="web", command=command, log=folder / "web.log", environment={{}}))
print(supervisor.running[0].process.pid, flush=True)
import time; time.sleep(60)
"""
    killed = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    with killed:
        assert killed.stdout is not None
        orphan = int(killed.stdout.readline())
        killed.kill()
    assert alive(orphan)
    stage.supervisor.end_leftovers()
    until(lambda: not alive(orphan))
    assert stage.said == [f"Ending web, left over from an earlier run (process {orphan})."]
    assert not (stage.folder / "children.json").exists()


def test_a_stranger_with_the_number_of_an_old_process_is_left_alone(stage: Stage) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        row = f'[{{"name": "web", "pid": {stranger.pid}, "started": 1.5, "signals": [[9, 1.0]]}}]'
        (stage.folder / "children.json").write_text(row)
        stage.supervisor.end_leftovers()
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_log_is_set_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custody.embedded.children.LOG_BYTES", 10)
    log = tmp_path / "web.log"
    for text in ("first " * 9, "second " * 9):
        log.write_text(text)
        set_aside(log)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log.1"]
    assert "second" in (tmp_path / "web.log.1").read_text()
