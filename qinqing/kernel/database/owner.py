"""The owner of the tables, as whom migrations alone connect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from qinqing.kernel.database.roles import grant_rows
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.transport import refuse_plain_addresses

_ADDRESS = ("USER", "PASSWORD", "HOST", "PORT")


class OwnerUnknown(Refusal):
    """Nobody said how to connect as the owner."""


@contextmanager
def connected_as_owner() -> Iterator[str]:
    """
    Connect the default connection to its database as the owner, for the block; yields the owner's name.

    Raises:
        OwnerUnknown: the environment names no owner.
        PlainAddress: others could read what goes to the database, or answer in its place.
    """
    refuse_plain_addresses()
    if settings.OWNER_DATABASE is None:
        raise OwnerUnknown(
            "Migrations run as the owner of the tables: set OWNER_DATABASE_URL."
            " “manage.py roles --as postgres://SUPERUSER:PASSWORD@HOST/DATABASE” makes the roles that addresses name."
        )
    before: dict[str, Any] = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {name: settings.OWNER_DATABASE[name] for name in _ADDRESS}
    connection.settings_dict["OPTIONS"] = settings.OWNER_DATABASE["OPTIONS"]
    try:
        yield settings.OWNER_DATABASE["USER"]
    finally:
        connection.close()
        connection.settings_dict |= {name: before[name] for name in (*_ADDRESS, "OPTIONS")}


def grant_to_product() -> None:
    """Grant the rows to the two roles of the product; the connection is the owner's."""
    connection.ensure_connection()
    app, reader = settings.DATABASE["USER"], settings.READER_DATABASE["USER"]
    grant_rows(connection.connection, app=app, reader=reader)
