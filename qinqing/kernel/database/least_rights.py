"""Refuses to work as a role of the database that could switch the guards of the money off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core import checks
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.refusals import Refusal

_RIGHTS = read_sql("qinqing.kernel", "rights_beyond_rows.sql")
_WORDS = {
    "superuser": "is a superuser, or may become one",
    "role_maker": "may make roles",
    "owner": "owns tables, or may become their owner",
    "maker_of_tables": "may make tables",
    "emptier": "may empty tables or add triggers to them",
    "replica": "may switch triggers off for a session",
    "writer": "may write rows",
}
_ADVICE = (
    "CREATE ROLE {role} LOGIN PASSWORD '…'; GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};"
    " GRANT USAGE ON SCHEMA public TO {role}; GRANT {rights} ON ALL TABLES IN SCHEMA public TO {role};"
    " GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};"
    " “manage.py roles” and “manage.py migrate” make such roles and grant this."
)

log = structlog.get_logger(__name__)


class TooMuchRight(Refusal):
    """The role that the product would work as could do more than it needs."""


def role_faults(connection: BaseDatabaseWrapper) -> str:
    """What the role that signed in could do beyond its task, with what to grant instead; empty if nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS)
        found = [word for (word,) in cursor.fetchall() if word != "writer" or connection.alias != "default"]
        if not found:
            return ""
        cursor.execute("SELECT session_user, current_database()")
        role, database = cursor.fetchone()
    advised = ("qinqing_app", "SELECT, INSERT, UPDATE, DELETE")
    if connection.alias != "default":
        advised = ("qinqing_reader", "SELECT")
    advice = _ADVICE.format(role=advised[0], rights=advised[1], database=database)
    return f"The role “{role}” {', '.join(_WORDS[word] for word in found)}. Work as one that has rows alone: {advice}"


def refuse_rights_beyond_rows() -> None:
    """
    Refuse each connection of this process whose role has more rights than its task needs, from now on.

    A database that is away is no obstacle to the start: the check follows with the first connection.

    Raises:
        TooMuchRight: the role is a superuser, an owner, or the like.
    """
    connection_created.connect(_check, dispatch_uid="qinqing.least_rights")
    for alias in ("default", "reader"):
        try:
            connections[alias].ensure_connection()
        except OperationalError:
            log.warning("database.away", alias=alias)
        finally:
            # Each process and thread opens its own.
            connections[alias].close()


def _check(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    if faults := role_faults(connection):
        # Django would go on with the open connection at the next statement.
        connection.close()
        raise TooMuchRight(faults)


@checks.register(checks.Tags.database)
def check_roles(*, databases: Sequence[str] | None = None, **_others: object) -> list[checks.CheckMessage]:
    """Check the roles of the databases that `manage.py check --database …` names."""
    # A migration alone connects as somebody else than the settings name, on purpose.
    checked = [name for name in databases or () if connections[name].settings_dict["USER"] == _named_user(name)]
    faults = [role_faults(connections[name]) for name in checked]
    return [checks.Error(sentence, id="qinqing.E002") for sentence in faults if sentence]


def _named_user(alias: str) -> str:
    return str((settings.DATABASE if alias == "default" else settings.READER_DATABASE)["USER"])
