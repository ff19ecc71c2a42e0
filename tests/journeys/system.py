"""The real product as a person starts it: `manage.py up` in a process of its own, with a folder of its own.

It starts, waits and stops, gives addresses, processes and connections; what is tried out is in the tests. Nothing
of the product runs in the test's own process but the command-line client.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import psycopg

from custody.client.cast import Cast, read_accounts
from custody.client.drafts import Session
from custody.client.profile import Profile
from custody.client.session import open_session
from custody.embedded import roles
from custody.embedded.addresses import choose_free
from custody.embedded.data_folder import DataFolder
from custody.embedded.plan import PROJECT
from custody.embedded.postgres import Postgres
from tests.services import Services, quiet

# From nothing to a played case; the rest is for machines that are busy with something else.
START_SECONDS = 900.0
DEMONSTRATION = "DEMO-2026-001"


class System:
    """One running system."""

    def __init__(self, folder: Path, services: Services) -> None:
        self.folder = folder
        self.data = DataFolder(folder / "data")
        self.scratch = folder / "tmp"
        self.scratch.mkdir(mode=0o1777)
        self.log = folder / "terminal.txt"
        self.web, self.files = choose_free(2)
        self.owner_url = ""
        kept = ("PATH", "HOME", "LANG", "UNBROKEN_NODE_MODULES")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "TMPDIR": str(self.scratch),
            "UNBROKEN_DATA": str(self.data.root),
            "UNBROKEN_ADDRESS": str(self.web),
            "UNBROKEN_FILES_ADDRESS": str(self.files),
            **self._given_servers(services),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def _given_servers(self, services: Services) -> dict[str, str]:
        """Use the servers that the tests were given, as the tests' other databases do."""
        values = {}
        if services.given_redis:
            values["REDIS_URL"] = services.redis_url
        if services.given_database:
            database = f"{services.database}_journeys"
            urls = {role: services.url(role, database) for role in (roles.OWNER, roles.APPLICATION)}
            passwords = {role: unquote(urlsplit(url).password or "") for role, url in urls.items()}
            with services._alone():  # the roles are those of the other test processes too
                roles.provision(
                    services.given_database,
                    database=database,
                    owner_password=passwords[roles.OWNER],
                    application_password=passwords[roles.APPLICATION],
                )
            # The session drops the databases of its name at its end, if this file says that it made any.
            (services.folder / "template").touch()
            self.owner_url = urls[roles.OWNER]
            values |= {"DATABASE_URL": urls[roles.APPLICATION], "UNBROKEN_OWNER_DATABASE_URL": self.owner_url}
        return values

    @property
    def page(self) -> str:
        return f"http://{self.web}"

    @property
    def shown(self) -> str:
        """What the terminal shows."""
        return self.log.read_text(encoding="utf-8")

    @property
    def policy(self) -> Path:
        return self.data.root / "policy.txt"

    def start(self) -> None:
        """Return when the demonstration has ended, whether it succeeded or not."""
        command = [sys.executable, str(PROJECT / "manage.py"), "up"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT
            )
        self.until(lambda: "Unbroken is running" in self.shown, seconds=START_SECONDS)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=120)

    def until(self, condition: Callable[[], object], *, seconds: float, pause: float = 0.1) -> None:
        """Wait until something is so, while the system runs."""
        end = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.shown
            assert time.monotonic() < end, f"not within {seconds:.0f} seconds\n{self.shown[-4000:]}"
            time.sleep(pause)

    def pid(self, name: str) -> int:
        """The process of this name, as the supervisor has it now."""
        rows = json.loads((self.data.run / "children.json").read_text(encoding="ascii"))
        return next(int(row["pid"]) for row in rows if row["name"] == name)

    def children(self, name: str) -> list[psutil.Process]:
        """The processes below this one; resource trackers and the like included."""
        return psutil.Process(self.pid(name)).children()

    def manage(self, *arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a command against the running system, as `make manage` does."""
        lines = (self.data.run / "environment").read_text(encoding="utf-8").splitlines()
        written = dict(word.partition("=")[::2] for line in lines for word in shlex.split(line))
        return subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env=self.environment | written,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def owner(self) -> psycopg.Connection[Any]:
        """Connect to the database as the owner of its tables."""
        if not self.owner_url:
            postgres = Postgres(
                folder=self.data.postgres,
                socket_folder=self.data.socket_folder(),
                password=self.data.secret("database_superuser"),
                say=quiet,
            )
            password = self.data.secret("database_owner")
            self.owner_url = postgres.url(user=roles.OWNER, password=password, database="unbroken")
        return psycopg.connect(self.owner_url, autocommit=True)

    def people(self) -> Returning:
        """Let the people of the demonstration come back, each with their own key."""
        accounts = read_accounts(self.data.root / "demo-accounts.json")
        return Returning(self.data.root / "demo", self.page, accounts)


class Returning(Cast):
    """People whose log-on of the demonstration is still valid; whoever is needed unlocks their key."""

    def session(self, username: str) -> Session:
        if username not in self._sessions:
            profile = Profile(self.folder / username)
            self._sessions[username] = open_session(profile, self.account(username).passphrase)
        return super().session(username)
