"""Columns that hold sealed values or keyed hashes; each declares itself, so that a re-seal finds all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from qinqing.kernel.secrets import SealedColumn

ROWS_AT_ONCE = 1_000

if TYPE_CHECKING:
    # A type checker sees the generic field, whose types follow from `null`.
    _BytesField = models.BinaryField[Any, Any]
else:

    class _BytesField(models.BinaryField):
        """A column of bytes; a migration knows it as nothing else, because the database does not."""

        def deconstruct(self):
            """As a migration file writes it."""
            name, _path, arguments, options = super().deconstruct()
            return name, "django.db.models.BinaryField", arguments, options


class SealedField(_BytesField):
    """
    A column that holds what a `SealedColumn` seals.

    `identity` is SQL over one row of the table; it returns the text to which the row's value is bound. A re-seal holds
    `rows_at_once` in memory.
    """

    def __init__(self, *arguments: Any, identity: str = "", rows_at_once: int = ROWS_AT_ONCE, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.identity, self.rows_at_once = identity, rows_at_once

    def clone(self) -> SealedField:
        """A copy, with what migrations leave out."""
        copy = super().clone()
        copy.identity, copy.rows_at_once = self.identity, self.rows_at_once
        return copy

    @property
    def seal(self) -> SealedColumn:
        """The column by which its values are sealed and opened."""
        return SealedColumn(self.model._meta.db_table, str(self.column))


class KeyedHashField(_BytesField):
    """A column that holds a keyed hash; it depends on the oldest key for good (see `fingerprint`)."""


def list_sealed_fields() -> Iterator[SealedField]:
    """All sealed columns of all apps, table by table."""
    for model in sorted(apps.get_models(), key=lambda each: each._meta.db_table):
        yield from (field for field in model._meta.local_concrete_fields if isinstance(field, SealedField))
