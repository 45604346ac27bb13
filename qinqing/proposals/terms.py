"""How the values of proposals read, which JSON keeps as texts."""

from __future__ import annotations

from decimal import Decimal

from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from qinqing.kernel.money import yuan


def describe_yuan(value: str) -> str:
    """Write an amount as pages show it."""
    return yuan(Decimal(value))


def describe_day(value: str) -> str:
    """Write a day as the reader's language does; another text stays as it is."""
    day = parse_date(value)
    return date_format(day) if day else value
