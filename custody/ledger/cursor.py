"""A cursor on Django's connection whose values the server puts in: arrays and bytes travel as they are.

Django's own cursor writes every value into the text of the statement, which for thousands of values takes longer
than what the statement does (ADR 22). What goes wrong is raised as Django's exceptions, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def server_cursor() -> Iterator[psycopg.Cursor[Any]]:  # Any: rows of whatever columns
    """Give a cursor for `%b` placeholders that answers in binary; it belongs to the current transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.format = psycopg.pq.Format.BINARY
        yield cursor
