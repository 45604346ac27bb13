"""A database for one campaign, beside the one we are told to use, so that nothing in that one is touched."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from django.db import connection
from django.db.utils import ProgrammingError

from qinqing.celery import app

_LONGEST_NAME = 63


class MayNotCreateDatabases(Exception):
    """The role of DATABASE_URL may not create a database."""


def use_fresh_database(*, suffix: str) -> str:
    """
    Drop and create `<database>_<suffix>` on the same server, and make it the database of this process.

    Returns its address, for the processes that we start.

    Raises:
        MayNotCreateDatabases: the role has no right to.
    """
    name = f"{connection.settings_dict['NAME'][: _LONGEST_NAME - len(suffix) - 1]}_{suffix}"
    quoted = connection.ops.quote_name(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quoted}")
    except ProgrammingError as refused:
        role = connection.settings_dict["USER"]
        raise MayNotCreateDatabases(
            f"A campaign runs on a database of its own, and the role “{role}” may not create “{name}” ({refused})."
            f" Give it the right (ALTER ROLE {role} CREATEDB), or run on the database of DATABASE_URL with --here."
        ) from refused
    return _use(name)


def _use(name: str) -> str:
    connection.close()
    connection.settings_dict["NAME"] = name
    # This process nudges the workers of the new database, not those of the old one.
    app.conf.broker_transport_options = app.conf.broker_transport_options | {"global_keyprefix": f"{name}:"}
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    os.environ["DATABASE_URL"] = address
    return address
