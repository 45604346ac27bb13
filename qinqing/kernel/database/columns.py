"""Columns that keep a promise of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models

from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    # A type checker sees the generic field, whose types follow from `null`.
    NumberField = models.DecimalField
    MoneyField = models.DecimalField
else:

    class NumberField(models.DecimalField):
        """A number; PostgreSQL's NaN, which is larger than any number and would pass for one, is refused."""

        def db_check(self, connection):
            """The check that a migration writes beside a new column; an older column needs `numbers_alone`."""
            # A numeric with a fixed number of digits cannot hold infinity.
            return f"{connection.ops.quote_name(self.column)} <> 'NaN'"

    class MoneyField(NumberField):
        """Yuan."""


def money(name: StrOrPromise) -> models.DecimalField[Decimal | int, Decimal]:
    """A column for an amount that a firm may be paid."""
    return MoneyField(name, max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
