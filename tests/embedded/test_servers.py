"""The embedded PostgreSQL and Valkey: started for real, looked at as the roles see them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from custody.embedded import roles
from custody.embedded.children import POSTGRES, Child
from custody.embedded.data_folder import DataFolder
from custody.embedded.errors import StartError
from custody.embedded.postgres import Postgres
from custody.embedded.supervisor import Supervisor
from custody.embedded.valkey import Valkey

OWNER_PASSWORD, APPLICATION_PASSWORD = 'owner\'s "word" %/@', "application"


@pytest.fixture(scope="module")
def data(servers_folder: Path) -> DataFolder:
    made = DataFolder(servers_folder / "data")
    made.prepare()
    return made


@pytest.fixture(scope="module")
def supervisor(data: DataFolder) -> Iterator[Supervisor]:
    made = Supervisor(record=data.run / "children.json", say=print)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def postgres(data: DataFolder, supervisor: Supervisor) -> Postgres:
    made = Postgres(
        folder=data.postgres,
        socket_folder=data.socket_folder(),
        password=data.secret("database_superuser"),
        say=print,
        durable=False,
    )
    made.initialise()
    supervisor.start(
        Child(
            name="postgres",
            command=made.command(),
            log=data.logs / "postgres.log",
            environment=dict(os.environ),
            stop_signals=POSTGRES,
            is_ready=made.is_ready,
            popen_options=made.popen_options,
        )
    )
    supervisor.wait_until_ready("postgres")
    for _ in range(2):  # a second start finds everything made
        roles.provision(
            made.superuser_url,
            database="unbroken",
            owner_password=OWNER_PASSWORD,
            application_password=APPLICATION_PASSWORD,
        )
    return made


def connect(postgres: Postgres, user: str, password: str) -> psycopg.Connection:
    return psycopg.connect(postgres.url(user=user, password=password, database="unbroken"), autocommit=True)


def test_the_database_is_reached_through_a_closed_folder_and_no_port(postgres: Postgres) -> None:
    with psycopg.connect(postgres.superuser_url) as connection:
        shown = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert shown == ("",)
    assert stat.S_IMODE(postgres.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.folder.stat().st_mode) == 0o700


def test_the_database_keeps_checksums_of_its_pages(postgres: Postgres) -> None:
    with psycopg.connect(postgres.superuser_url) as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)


@pytest.mark.parametrize("user", ["postgres", roles.OWNER, roles.APPLICATION])
def test_a_wrong_password_opens_nothing(postgres: Postgres, user: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(postgres, user, "wrong")


def test_the_application_role_owns_nothing_and_makes_nothing(postgres: Postgres) -> None:
    with connect(postgres, roles.OWNER, OWNER_PASSWORD) as owner:
        owner.execute("CREATE TABLE kept (id int)")
    with connect(postgres, roles.APPLICATION, APPLICATION_PASSWORD) as application:
        for forbidden in (
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE ROLE mine",
            "CREATE DATABASE mine",
            "SET ROLE unbroken_owner",
            "SET session_replication_role = replica",
            "DROP TABLE kept",
            "ALTER TABLE kept DISABLE TRIGGER ALL",
            "SELECT * FROM kept",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName)):
                application.execute(forbidden)
        owned = application.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = 'unbroken_app'::regrole"
        ).fetchone()
    assert owned == (0,)


def test_the_owner_role_is_no_superuser(postgres: Postgres) -> None:
    with connect(postgres, roles.OWNER, OWNER_PASSWORD) as owner:
        powers = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert owner.execute(powers).fetchone() == (False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_the_log_of_the_database_repeats_no_values(postgres: Postgres, data: DataFolder) -> None:
    with connect(postgres, roles.OWNER, OWNER_PASSWORD) as owner:
        owner.execute("CREATE TABLE victim (name text UNIQUE)")
        for _ in range(2):
            try:
                owner.execute("INSERT INTO victim VALUES (%s)", ["Katharina Musterfrau"])
            except psycopg.errors.UniqueViolation as error:
                assert "Katharina" in str(error)
        with pytest.raises(psycopg.errors.UndefinedColumn):
            owner.execute("SELECT * FROM victim WHERE nam = 'Katharina Musterfrau'")
    log = (data.logs / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "Katharina" not in log


def test_a_crash_while_the_database_is_made_leaves_nothing_that_looks_whole(
    postgres: Postgres, servers_folder: Path
) -> None:
    folder = servers_folder / "crashed"
    half = folder / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    again = Postgres(folder=folder / "postgres", socket_folder=folder, password="x", say=print, durable=False)
    again.initialise()
    assert (folder / "postgres" / "global" / "pg_control").exists()
    assert not half.exists()


def test_data_of_another_version_are_not_touched(servers_folder: Path) -> None:
    folder = servers_folder / "old"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    old = Postgres(folder=folder / "postgres", socket_folder=folder, password="x", say=print)
    with pytest.raises(StartError, match="made by PostgreSQL 17"):
        old.initialise()


def test_the_queue_listens_on_a_closed_socket_and_survives_a_restart(
    data: DataFolder, supervisor: Supervisor
) -> None:
    valkey = Valkey(folder=data.valkey, socket_folder=data.socket_folder())
    assert not valkey.is_ready()
    child = Child(
        name="valkey",
        command=valkey.command(),
        log=data.logs / "valkey.log",
        environment=dict(os.environ),
        is_ready=valkey.is_ready,
    )
    supervisor.start(child)
    supervisor.wait_until_ready("valkey")
    assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o700
    with Redis(unix_socket_path=str(valkey.socket)) as client:
        assert client.config_get("port") == {"port": "0"}
        client.rpush("bell", "ring")
    one = supervisor.running[-1]
    one.process.terminate()
    one.process.wait()
    supervisor.watch()
    supervisor.wait_until_ready("valkey")
    with Redis(unix_socket_path=str(valkey.socket)) as client:
        assert client.lrange("bell", 0, -1) == [b"ring"]
