"""PostgreSQL and Valkey for the tests: started when first needed, shared by all test processes, then removed.

With DATABASE_URL set (a superuser of a server that holds nothing of value) databases are made there and
dropped again; otherwise an embedded server is started in a temporary folder. REDIS_URL likewise. Each test
process gets a database of its own, copied from one that was migrated once as the owner; tests connect as the
application role.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from custody.embedded import roles
from custody.embedded.children import POSTGRES, Child, started_at
from custody.embedded.data_folder import DataFolder
from custody.embedded.plan import PROJECT
from custody.embedded.postgres import Postgres
from custody.embedded.supervisor import Supervisor
from custody.embedded.valkey import Valkey

# Set by the first process of a test session, inherited by the workers of pytest-xdist.
FOLDER, GIVEN_DATABASE, GIVEN_REDIS = "UNBROKEN_TEST_FOLDER", "UNBROKEN_TEST_DATABASE", "UNBROKEN_TEST_REDIS"
PREFIX = "unbroken-tests-"


@dataclass(frozen=True)
class Services:
    """What one test process works with."""

    folder: Path
    process: str
    given_database: str
    given_redis: str

    @property
    def data(self) -> DataFolder:
        """The folder of the servers; the tests' own data are beside it."""
        return DataFolder(self.folder / "servers")

    @property
    def template(self) -> str:
        """The migrated database that the others are copied from."""
        return f"unbroken_test_{self.folder.name.removeprefix(PREFIX)}"

    @property
    def database(self) -> str:
        return f"{self.template}_{self.process}"

    @property
    def admin_url(self) -> str:
        return self.given_database or self._postgres().superuser_url

    def url(self, role: str, database: str) -> str:
        """Return the address of a database for one of the two roles."""
        if not self.given_database:
            return self._postgres().url(user=role, password=self._password(role), database=database)
        parts = urlsplit(self.given_database)
        place = parts.netloc.rpartition("@")[2]
        netloc = f"{role}:{self._password(role)}@{place}"
        return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))

    @property
    def redis_url(self) -> str:
        number = 15 - int(hashlib.sha256(self.process.encode()).hexdigest(), 16) % 8
        if self.given_redis:
            return urlunsplit(urlsplit(self.given_redis)._replace(path=f"/{number}"))
        return f"{self._valkey().broker_url}?virtual_host={number}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the programs under test, before anything runs."""
        return {
            "DATABASE_URL": self.url(roles.APPLICATION, self.database),
            "UNBROKEN_OWNER_DATABASE_URL": self.url(roles.OWNER, self.database),
            "REDIS_URL": self.redis_url,
            "UNBROKEN_DATA": str(self.folder / f"data-{self.process}"),
            # Shared: the log that the template holds was opened with these keys.
            "UNBROKEN_KEYS": str(self.folder / "keys"),
            "UNBROKEN_SECRET_KEY": "a secret key of the tests, which protects nothing but the tests",
        }

    def ensure(self) -> None:
        """Start the servers, migrate the template, make this process's database: what is not there yet."""
        with self._alone():
            self._start_servers()
            with psycopg.connect(self.admin_url, autocommit=True) as admin:
                if not exists(admin, self.template):
                    self._make_template(admin)
                if not exists(admin, self.database):
                    self._copy_template(admin)

    def renew(self) -> None:
        """Replace this process's database by a fresh copy, after a test whose commits were real."""
        with self._alone(), psycopg.connect(self.admin_url, autocommit=True) as admin:
            drop(admin, self.database)
            self._copy_template(admin)

    def stop(self) -> None:
        """Drop the databases, end the servers, remove the folder."""
        if self.given_database and (self.folder / "template").exists():
            with psycopg.connect(self.admin_url, autocommit=True) as admin:
                found = admin.execute(
                    "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{self.template}"]
                )
                for (name,) in found.fetchall():
                    drop(admin, name)
        Supervisor(record=self.data.run / "children.json", say=quiet).end_leftovers()
        shutil.rmtree(self.folder)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _password(self, role: str) -> str:
        if not self.given_database:
            return self.data.secret(role)
        # Two test sessions on one server set the same password, so neither shuts the other out.
        return hashlib.sha256(f"{role} {self.given_database}".encode()).hexdigest()

    def _postgres(self) -> Postgres:
        return Postgres(
            folder=self.data.postgres,
            socket_folder=self.data.socket_folder(),
            password=self.data.secret("superuser"),
            say=quiet,
            durable=False,
        )

    def _valkey(self) -> Valkey:
        return Valkey(folder=self.data.valkey, socket_folder=self.data.socket_folder())

    def _start_servers(self) -> None:
        record = self.data.run / "children.json"
        if record.exists():
            return
        # The record alone holds what runs; this object is forgotten, and `stop` reads the record.
        supervisor = Supervisor(record=record, say=quiet)
        if not self.given_database:
            postgres = self._postgres()
            postgres.initialise()
            supervisor.start(self._child("postgres", postgres.command(), postgres=postgres))
        if not self.given_redis:
            supervisor.start(self._child("valkey", self._valkey().command()))
        if not self.given_database:
            supervisor.wait_until_ready("postgres")

    def _child(self, name: str, command: list[str], *, postgres: Postgres | None = None) -> Child:
        log = self.data.logs / f"{name}.log"
        environment = {"PATH": os.environ["PATH"]}
        if postgres is None:
            return Child(name=name, command=command, log=log, environment=environment)
        return Child(
            name=name,
            command=command,
            log=log,
            environment=environment,
            stop_signals=POSTGRES,
            is_ready=postgres.is_ready,
            popen_options=postgres.popen_options,
        )

    def _make_template(self, admin: psycopg.Connection) -> None:
        if self.given_database and exists(admin, "unbroken"):
            raise RuntimeError(
                "DATABASE_URL names a server with a database 'unbroken', which may be a real one; "
                "the tests would reset the passwords of its roles. Use another server, or none."
            )
        # A name of its own until the migration is complete: a template that exists is a whole one.
        draft = f"{self.template}_draft"
        drop(admin, draft)
        roles.provision(
            self.admin_url,
            database=draft,
            owner_password=self._password(roles.OWNER),
            application_password=self._password(roles.APPLICATION),
        )
        (self.folder / "template").touch()
        self._manage(
            draft, roles.OWNER, [str(PROJECT / "manage.py"), "migrate", "--no-input", "--verbosity", "0"]
        )
        cast = "import django; django.setup(); from tests.cast import establish; establish()"
        self._manage(draft, roles.APPLICATION, ["-c", cast])
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(draft), sql.Identifier(self.template)))

    def _manage(self, database: str, role: str, arguments: list[str]) -> None:
        """Run Python on a database as one of the two roles."""
        environment = {**os.environ, **self.environment(), "DJANGO_SETTINGS_MODULE": "custody.settings"}
        environment |= {"DATABASE_URL": self.url(role, database)}
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"the template could not be made:\n{done.stdout}{done.stderr}")

    def _copy_template(self, admin: psycopg.Connection) -> None:
        roles.make_database(admin, self.database, template=self.template)
        roles.close_to_others(admin, self.database)


def quiet(text: str) -> None:
    """Say nothing: the tests' servers are nobody's business."""


def exists(admin: psycopg.Connection, database: str) -> bool:
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None


def drop(admin: psycopg.Connection, database: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def of_this_process() -> Services:
    """Return the services of this test session, choosing their folder if this is its first process."""
    if FOLDER not in os.environ:
        end_abandoned()
        folder = tempfile.mkdtemp(prefix=PREFIX)
        os.environ[FOLDER] = folder
        os.environ[GIVEN_DATABASE] = os.environ.get("DATABASE_URL", "")
        os.environ[GIVEN_REDIS] = os.environ.get("REDIS_URL", "")
        Path(folder, "owner").write_text(f"{os.getpid()} {started_at(os.getpid())}", encoding="ascii")
        made = from_environment()
        made.data.prepare()
        for role in (roles.OWNER, roles.APPLICATION):
            made.data.secret(role)
        made.data.secret("superuser")
    return from_environment()


def from_environment() -> Services:
    return Services(
        folder=Path(os.environ[FOLDER]),
        process=os.environ.get("PYTEST_XDIST_WORKER", "main"),
        given_database=os.environ[GIVEN_DATABASE],
        given_redis=os.environ[GIVEN_REDIS],
    )


def end_abandoned() -> None:
    """Clean up after test sessions that were killed and could not do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            pid, started = (folder / "owner").read_text(encoding="ascii").split()
        except OSError:
            continue  # its session is this moment being set up or taken down, or is another user's
        if started_at(int(pid)) != float(started):
            Supervisor(record=folder / "servers" / "run" / "children.json", say=quiet).end_leftovers()
            shutil.rmtree(folder, ignore_errors=True)
