"""Looks up the single rows that every click needs, by statements that are written once and planned once."""

from __future__ import annotations

from functools import cache
from typing import Any, LiteralString, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.http import HttpRequest
from django.utils import timezone

from qinqing.kernel.database.prepared_statements import fetch_rows_by_size

AnyModel = TypeVar("AnyModel", bound=models.Model)


def find_row(model: type[AnyModel], condition: LiteralString, **parameters: Any) -> AnyModel | None:
    """The one row of the model's table `own` for which the SQL condition holds, if there is one."""
    rows = fetch_rows_by_size(_statement(model, condition), **parameters)
    return model.from_db(DEFAULT_DB_ALIAS, _list_columns(model), rows[0]) if rows else None


def find_joined_row(
    model: type[AnyModel], join: LiteralString, value: LiteralString, **parameters: Any
) -> tuple[AnyModel, Any] | None:
    """The one row of the model's table `own` that the SQL join leaves, with a value of the joined row."""
    rows = fetch_rows_by_size(_joined_statement(model, join, value), **parameters)
    if not rows:
        return None
    *columns, found = rows[0]
    return model.from_db(DEFAULT_DB_ALIAS, _list_columns(model), columns), found


@cache
def _list_columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _statement(model: type[models.Model], condition: LiteralString) -> LiteralString:
    return _select(model, "", f"WHERE {condition}")


@cache
def _joined_statement(model: type[models.Model], join: LiteralString, value: LiteralString) -> LiteralString:
    return _select(model, f", {value}", join)


def _select(model: type[models.Model], value: LiteralString, rest: LiteralString) -> LiteralString:
    quoted = connection.ops.quote_name
    columns = ", ".join(f"own.{quoted(column)}" for field in model._meta.concrete_fields if (column := field.column))
    # The names are of our own models and the rest is our own: nothing here comes from outside.
    return f"SELECT {columns}{value} FROM {quoted(model._meta.db_table)} AS own {rest}"  # noqa: S608


class SessionStore(db.SessionStore):
    """Sessions in the database, as Django keeps them."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        session = find_row(
            self.model,
            "own.session_key = %(key)s AND own.expire_date > %(now)s",
            key=self.session_key,
            now=timezone.now(),
        )
        if session is None:
            self._session_key = None
        return session


class Accounts(ModelBackend):
    """Accounts by name and password, as Django checks them."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> Any:
        """The account, if both fit; a name with a NUL, which a header can carry, is nobody's."""
        if "\0" in (username or ""):
            return None
        return super().authenticate(request, username, password, **others)

    def get_user(self, user_id: int) -> Any:
        """The account of a session, if it may still be used."""
        user = find_row(get_user_model(), "own.id = %(id)s", id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
