"""Makes the database and its two roles: an owner for migrations, and an application role that owns nothing.

What the application role may do with each table is in the migrations; here it gets only the door.

    python -m custody.embedded.roles     (the one-shot service `roles` of docker-compose.yml)

reads UNBROKEN_SERVER_URL (a superuser), DATABASE_URL and UNBROKEN_OWNER_DATABASE_URL, or the files that the
same names with _FILE point to, and makes the database and the two roles with the passwords they hold.
"""

from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from custody import env
from custody.embedded.errors import StartError

OWNER = "unbroken_owner"
APPLICATION = "unbroken_app"


def provision(server_url: str, *, database: str, owner_password: str, application_password: str) -> None:
    """Bring server, roles and database to the wanted state; safe to run again."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        make_role(connection, OWNER, owner_password)
        make_role(connection, APPLICATION, application_password)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if found is None:
            make_database(connection, database)
        close_to_others(connection, database)


def make_role(connection: psycopg.Connection, name: str, password: str) -> None:
    """Make a role that may log on and nothing else, or give it this password."""
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = "CREATE ROLE {} WITH {} PASSWORD {}" if found is None else "ALTER ROLE {} WITH {} PASSWORD {}"
    powers = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), powers, sql.Literal(password)))


def make_database(connection: psycopg.Connection, name: str, *, template: str = "template1") -> None:
    """Make a database that belongs to the owner role."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    connection.execute(
        statement.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template))
    )


def close_to_others(connection: psycopg.Connection, name: str) -> None:
    """Let only the owner and the application role connect; only the owner may make temporary tables."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    connection.execute(grant.format(database, sql.Identifier(APPLICATION)))


def password_in(variable: str, *, role: str) -> str:
    """Return the password in a database address, which must be of that role."""
    parts = urlsplit(env.text(variable))
    if unquote(parts.username or "") != role or not parts.password:
        raise StartError(f"{variable} must be postgresql://{role}:PASSWORD@HOST/DATABASE")
    return unquote(parts.password)


def provision_from_environment() -> None:
    """Make what the addresses in the environment name."""
    database = unquote(urlsplit(env.text("DATABASE_URL")).path.lstrip("/"))
    provision(
        env.text("UNBROKEN_SERVER_URL"),
        database=database,
        owner_password=password_in("UNBROKEN_OWNER_DATABASE_URL", role=OWNER),
        application_password=password_in("DATABASE_URL", role=APPLICATION),
    )
    print(f"The database {database} and the roles {OWNER} and {APPLICATION} are ready.")


if __name__ == "__main__":
    provision_from_environment()
