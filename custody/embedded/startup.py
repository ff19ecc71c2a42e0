"""Brings one system up, in order: servers, migrations, the log, the programs; hands each its passwords.

The order is also the reverse order of the stop. `manage.py up` owns the terminal and decides what follows.
"""

import shlex
from collections.abc import Callable

from custody.embedded import programs, roles
from custody.embedded.addresses import require_free
from custody.embedded.children import POSTGRES, Child
from custody.embedded.errors import StartError
from custody.embedded.health import answers
from custody.embedded.plan import PROJECT, Plan
from custody.embedded.postgres import Postgres
from custody.embedded.supervisor import Supervisor
from custody.embedded.valkey import Valkey

DATABASE = "unbroken"


class System:
    """A plan being carried out."""

    def __init__(self, plan: Plan, *, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.say = say
        self.data = plan.data
        self.supervisor = Supervisor(record=plan.data.run / "children.json", say=say)
        self.database_url = plan.database_url
        self.owner_url = plan.owner_url
        self.redis_url = plan.redis_url

    def start(self) -> None:
        """Bring everything up; when this returns, the pages answer. The data folder must be locked."""
        self.supervisor.end_leftovers()
        require_free(self.plan.web, variable="UNBROKEN_ADDRESS")
        require_free(self.plan.files, variable="UNBROKEN_FILES_ADDRESS")
        self._start_servers()
        self._write_environment()
        self._migrate()
        people = ["--demo"] if self.plan.demonstration else []
        self._step(
            "Opening the custody log", programs.manage("open_log", "--skip-checks", *people), "open_log.log"
        )
        self._start_programs()

    def _start_servers(self) -> None:
        servers = []
        sockets = self.data.socket_folder()
        if not self.redis_url:
            valkey = Valkey(folder=self.data.valkey, socket_folder=sockets)
            self.redis_url = valkey.broker_url
            servers.append(self._server("valkey", valkey.command(), is_ready=valkey.is_ready))
        if self.database_url:
            self.supervisor.start(*servers)
            self.supervisor.wait_until_ready("valkey")
            return
        if not self.data.postgres.exists():
            self.say("Making the database (first start) …")
        postgres = Postgres(
            folder=self.data.postgres,
            socket_folder=sockets,
            password=self.data.secret("database_superuser"),
            say=self.say,
        )
        postgres.initialise()
        # The first stage is the last to stop: the database outlives everything that writes to it.
        self.supervisor.start(self._postgres(postgres))
        self.supervisor.start(*servers)
        self.supervisor.wait_until_ready("postgres", "valkey")
        self._provision(postgres)

    def _postgres(self, postgres: Postgres) -> Child:
        return Child(
            name="postgres",
            command=postgres.command(),
            log=self.data.logs / "postgres.log",
            environment=self.plan.environment,
            stop_signals=POSTGRES,
            is_ready=postgres.is_ready,
            # After a power cut the server first replays its log.
            ready_within=300,
            popen_options=postgres.popen_options,
        )

    def _server(self, name: str, command: list[str], *, is_ready: Callable[[], bool]) -> Child:
        log = self.data.logs / f"{name}.log"
        return Child(
            name=name, command=command, log=log, environment=self.plan.environment, is_ready=is_ready
        )

    def _provision(self, postgres: Postgres) -> None:
        owner_password = self.data.secret("database_owner")
        application_password = self.data.secret("database_application")
        roles.provision(
            postgres.superuser_url,
            database=DATABASE,
            owner_password=owner_password,
            application_password=application_password,
        )
        self.owner_url = postgres.url(user=roles.OWNER, password=owner_password, database=DATABASE)
        self.database_url = postgres.url(
            user=roles.APPLICATION, password=application_password, database=DATABASE
        )

    def _migrate(self) -> None:
        """Migrate as the owner; without the owner's address, only look whether somebody has."""
        if not self.owner_url:
            try:
                self._step(
                    "The check for missing migrations", programs.manage("migrate", "--check"), "migrate.log"
                )
            except StartError as error:
                raise StartError(
                    f"{error}\nThe database of DATABASE_URL is not migrated: "
                    "give UNBROKEN_OWNER_DATABASE_URL too, or run `manage.py migrate` as the owner first."
                ) from error
            return
        environment = self.environment() | {
            "DATABASE_URL": self.owner_url,
            "UNBROKEN_OWNER_DATABASE_URL": self.owner_url,
        }
        self.supervisor.run_step(
            "The migration of the database",
            programs.manage("migrate", "--no-input", "--skip-checks"),
            log=self.data.logs / "migrate.log",
            environment=environment,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of every program of this system."""
        values = dict(self.plan.environment)
        for name in ("DATABASE_URL_FILE", "REDIS_URL_FILE"):
            values.pop(name, None)
        if not values.keys() & {"UNBROKEN_SECRET_KEY", "UNBROKEN_SECRET_KEY_FILE"}:
            values["UNBROKEN_SECRET_KEY_FILE"] = str(self.data.secret_file("django_secret"))
        return values | {
            "UNBROKEN_DATA": str(self.data.root),
            "UNBROKEN_ADDRESS": str(self.plan.web.reachable),
            "UNBROKEN_FILES_ADDRESS": str(self.plan.files.reachable),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
        }

    def _write_environment(self) -> None:
        """Leave the environment for `make manage`, in a file that a shell can read."""
        ours = self.environment().items() - dict(self.plan.environment).items()
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(ours)]
        file = self.data.run / "environment"
        file.touch(mode=0o600)
        file.write_text("".join(lines), encoding="utf-8")

    def _step(self, name: str, command: list[str], log: str) -> None:
        self.supervisor.run_step(name, command, log=self.data.logs / log, environment=self.environment())

    def _start_programs(self) -> None:
        web, files = self.plan.web, self.plan.files
        beat = programs.beat(self.data.run / "beat-schedule")
        self.supervisor.start(
            self._program("web", programs.web(web), is_ready=lambda: answers(web)),
            self._program("files", programs.files(files), is_ready=lambda: answers(files)),
        )
        # While they load, everything is checked once; nobody is told of the page before this has passed.
        self._step("The system check", programs.manage("check", "--database", "default"), "check.log")
        # The person at the terminal waits for the page; the rest would only take the processor from it.
        self.supervisor.wait_until_ready("web", "files")
        self.supervisor.start(self._program("worker", programs.worker()), self._program("beat", beat))

    def _program(
        self, name: str, command: list[str], *, is_ready: Callable[[], bool] = lambda: True
    ) -> Child:
        return Child(
            name=name,
            command=command,
            log=self.data.logs / f"{name}.log",
            environment=self.environment(),
            is_ready=is_ready,
            folder=PROJECT,
        )
