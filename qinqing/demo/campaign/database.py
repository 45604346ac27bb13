"""Creates a database for one campaign beside the configured one, so that the campaign changes nothing in that one."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from django.db import connection, connections
from django.db.utils import ProgrammingError

from qinqing.celery import app
from qinqing.kernel.database.owner import connected_as_owner

_LONGEST_NAME = 63
_ADDRESSES = ("DATABASE_URL", "OWNER_DATABASE_URL", "READER_DATABASE_URL")


class MayNotCreateDatabases(Exception):
    """The role of OWNER_DATABASE_URL may not create a database."""


def current_database() -> str:
    """The name of the database this process uses."""
    return str(connection.settings_dict["NAME"])


def database_beside(suffix: str) -> str:
    """The name of a database beside the current one."""
    return f"{current_database()[: _LONGEST_NAME - len(suffix) - 1]}_{suffix}"


def use_fresh_database(name: str, *, template: str | None = None) -> None:
    """
    Drop and create a database on the same server, and make it the database of this process and those it starts.

    It is empty, or a copy of the database `template`, to which nobody may be connected.

    Raises:
        MayNotCreateDatabases: the role may not create a database.
    """
    quoted = connection.ops.quote_name(name)
    copied = f" TEMPLATE {connection.ops.quote_name(template)}" if template else ""
    try:
        with connected_as_owner() as role, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quoted}{copied}")
    except ProgrammingError as refused:
        raise MayNotCreateDatabases(
            f"A campaign runs on a database of its own, and the role “{role}” may not create “{name}”"
            f" ({str(refused).strip()}). Give it the right (ALTER ROLE {role} CREATEDB), or run on the database of"
            " DATABASE_URL with --here."
        ) from refused
    use_database(name)


def use_database(name: str) -> None:
    """Make a database of the same server the one of this process and of those that it starts."""
    for each in connections.all():
        each.close()
        each.settings_dict["NAME"] = name
    for address in _ADDRESSES:
        os.environ[address] = urlunsplit(urlsplit(os.environ[address])._replace(path=f"/{name}"))
    # This process nudges the workers of the new database, not those of the old one.
    app.conf.broker_transport_options = app.conf.broker_transport_options | {"global_keyprefix": f"{name}:"}
