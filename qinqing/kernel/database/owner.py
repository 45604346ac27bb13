"""The owner of the tables, as whom migrations alone connect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

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
    owner = _owner()
    before: dict[str, Any] = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {name: owner[name] for name in _ADDRESS}
    connection.settings_dict["OPTIONS"] = owner["OPTIONS"]
    try:
        yield owner["USER"]
    finally:
        connection.close()
        connection.settings_dict |= {name: before[name] for name in (*_ADDRESS, "OPTIONS")}


@contextmanager
def owner_works() -> Iterator[None]:
    """
    Work as the owner for the block, in one transaction.

    A connection that has assumed the role of the product assumes the owner's; another one connects anew, and so has no
    transaction open.

    Raises:
        OwnerUnknown: the environment names no owner.
    """
    if connection.settings_dict["OPTIONS"].get("assume_role"):
        with transaction.atomic(), connection.cursor() as cursor:
            _assume(cursor, _owner()["USER"])
            yield
            _assume(cursor, settings.DATABASE["USER"])
    else:
        with connected_as_owner(), transaction.atomic():
            yield


def _owner() -> dict[str, Any]:
    if settings.OWNER_DATABASE is None:
        raise OwnerUnknown(
            "Migrations run as the owner of the tables: set OWNER_DATABASE_URL."
            " “manage.py roles --as postgres://SUPERUSER:PASSWORD@HOST/DATABASE” makes the roles that addresses name."
        )
    return settings.OWNER_DATABASE


def _assume(cursor: CursorWrapper, role: str) -> None:
    cursor.execute("SELECT set_config('role', %s, true)", [role])


def grant_to_product() -> None:
    """Grant the rows to the two roles of the product; the connection is the owner's."""
    connection.ensure_connection()
    app, reader = settings.DATABASE["USER"], settings.READER_DATABASE["USER"]
    grant_rows(connection.connection, app=app, reader=reader)
