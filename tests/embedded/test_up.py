"""`manage.py up` as a person meets it: started, used, disturbed, stopped, started again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from custody.embedded.addresses import choose_free
from custody.embedded.health import answers
from custody.embedded.plan import PROJECT


class Terminal:
    """A person's terminal: a data folder, two addresses, and `up` running or not."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "terminal.txt"
        self.web, self.files = choose_free(2)
        kept = ("PATH", "HOME", "LANG", "UNBROKEN_NODE_MODULES")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "UNBROKEN_DATA": str(self.data),
            "UNBROKEN_ADDRESS": str(self.web),
            "UNBROKEN_FILES_ADDRESS": str(self.files),
            "UNBROKEN_ADMIN_PASSWORD": "a password of the tests",
            "UNBROKEN_ROOT_PASSPHRASE": "a passphrase of the tests",
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def shown(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def up(self, **changed: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(PROJECT / "manage.py"), "up", "--empty"]
        environment = self.environment | changed
        with self.log.open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def start(self) -> None:
        times = self.shown.count("Unbroken is running") if self.log.exists() else 0
        self.process = self.up()
        self.until(lambda: self.shown.count("Unbroken is running") > times, seconds=300)

    def refused(self, **changed: str) -> int:
        return self.up(**changed).wait(timeout=150)

    def until(self, condition: Callable[[], bool], *, seconds: float = 150) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.shown
            assert self.process is not None
            assert self.process.poll() is None, self.shown
            time.sleep(0.1)

    def children(self) -> dict[str, int]:
        rows = json.loads((self.data / "run" / "children.json").read_text())
        return {row["name"]: row["pid"] for row in rows}

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=150)


@pytest.fixture
def terminal(servers_folder: Path) -> Iterator[Terminal]:
    made = Terminal(servers_folder)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_starts_recovers_survives_a_kill_and_stops_with_the_database_last(terminal: Terminal) -> None:
    # 1. The first start ends with answering servers and all six processes.
    terminal.start()
    terminal.until(lambda: answers(terminal.web))
    terminal.until(lambda: answers(terminal.files))
    first = terminal.children()
    assert set(first) == {"postgres", "valkey", "web", "files", "worker", "beat"}

    # 2. A second one on the same folder, or on the same address, is refused and does no harm.
    assert terminal.refused() == 1
    assert f"Unbroken already runs on {terminal.data}" in terminal.shown
    assert terminal.refused(UNBROKEN_DATA=str(terminal.data.with_name("other"))) == 1
    assert f"Another program already listens on {terminal.web}" in terminal.shown
    terminal.until(lambda: answers(terminal.web))

    # 3. A process that dies comes back, and the terminal says so.
    os.kill(first["web"], signal.SIGKILL)
    terminal.until(
        lambda: "web stopped unexpectedly (exit code -9); started again (1 of 5)" in terminal.shown
    )
    terminal.until(lambda: answers(terminal.web))

    # 4. Killed outright, it leaves processes behind; the next start ends them and keeps the data.
    secret = (terminal.data / "keys" / "django_secret").read_text()
    abandoned = terminal.children()
    assert terminal.process is not None
    terminal.process.kill()
    terminal.process.wait(timeout=10)
    assert not gone(abandoned["postgres"])
    terminal.start()
    assert all(gone(pid) for pid in abandoned.values())
    assert "Ending postgres, left over from an earlier run" in terminal.shown
    assert (terminal.data / "keys" / "django_secret").read_text() == secret
    opened = (terminal.data / "logs" / "open_log.log").read_text()
    assert "is open" not in opened, "the log of the first start was opened a second time"

    # 5. Ctrl-C ends everything within seconds, the database in peace.
    last = terminal.children()
    begun = time.monotonic()
    assert terminal.stop() == 0
    assert time.monotonic() - begun < 30
    assert all(gone(pid) for pid in last.values())
    assert "database system is shut down" in (terminal.data / "logs" / "postgres.log").read_text()
    assert re.search(r"Stopping …\nStopped\. The data stays", terminal.shown)

    # 6. Nothing secret was printed, and nobody else may read what was written.
    for name in ("database_superuser", "database_owner", "database_application", "django_secret"):
        assert (terminal.data / "keys" / name).read_text() not in terminal.shown
    open_files = [path for path in terminal.data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert open_files == []


def test_a_stop_during_the_start_leaves_nothing_running(terminal: Terminal) -> None:
    terminal.process = terminal.up()
    record = terminal.data / "run" / "children.json"
    terminal.until(lambda: record.exists() and "postgres" in terminal.children())
    started = terminal.children()
    assert terminal.stop() == 0
    assert all(gone(pid) for pid in started.values())
    assert not record.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"UNBROKEN_ADDRESS": "eight thousand"}, "UNBROKEN_ADDRESS must look like 127.0.0.1:8000"),
        ({"DATABASE_URL": "postgresql://unbroken_app@127.0.0.1:1/unbroken"}, "UNBROKEN_OWNER_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_said_plainly_and_leaves_nothing_running(
    terminal: Terminal, changed: dict[str, str], said: str
) -> None:
    assert terminal.refused(**changed) == 1
    assert said in terminal.shown
    assert "Traceback" not in terminal.shown.partition("its end:")[0]
    assert not (terminal.data / "run" / "children.json").exists()
