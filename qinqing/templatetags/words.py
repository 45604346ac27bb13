"""How amounts and durations are written for people."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.conf import settings
from django.utils.translation import gettext, ngettext

from policies.explain.evidence import label_of, value_with_unit
from qinqing.kernel.text import mask

register = template.Library()

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600
DAY_SECONDS = 86_400


@register.simple_tag
def has_city_identity() -> bool:
    """Whether people can sign in by the city's identity."""
    return bool(settings.IDENTITY_URL)


@register.simple_tag
def service_desk() -> str:
    """The service desk, as a part of a sentence."""
    return str(settings.SERVICE_DESK)


@register.filter
def cny(amount: Decimal | None) -> str:
    """An amount in yuan as ¥1,234.56; a dash where there is none."""
    return "–" if amount is None else f"¥{amount:,.2f}"


@register.filter
def cny_whole(amount: Decimal | None) -> str:
    """An amount in whole yuan as ¥1,235, for totals whose fen nobody reads."""
    return "–" if amount is None else f"¥{amount:,.0f}"


@register.filter
def cny_signed(amount: Decimal) -> str:
    """A difference in yuan with its sign: +¥1,234.56, −¥1,234.56."""
    sign = "+" if amount > 0 else "−" if amount < 0 else "±"
    return f"{sign}¥{abs(amount):,.2f}"


@register.filter(name="masked")
def masked_number(number: str) -> str:
    """A number with its middle hidden."""
    return mask(number)


@register.filter
def counted(number: int) -> str:
    """A number with its thousands separated."""
    return f"{number:,}"


@register.filter
def duration(seconds: float | None) -> str:
    """A duration as people say it: 3.2 seconds, 4 minutes, 2 hours, 3 days 5 hours."""
    if seconds is None:
        return "–"
    if seconds < MINUTE_SECONDS:
        return gettext("%(seconds).1f seconds") % {"seconds": seconds}
    if seconds < HOUR_SECONDS:
        minutes = int(seconds // MINUTE_SECONDS)
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    days, hours = divmod(int(seconds // HOUR_SECONDS), DAY_SECONDS // HOUR_SECONDS)
    said = (
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours or not days else "",
    )
    return " ".join(part for part in said if part)


@register.filter
def enumerated(names: Iterable[object]) -> str:
    """The names in a row, with the comma of the active language."""
    return gettext(", ").join(str(name) for name in names)


@register.filter
def fen(amount: Decimal) -> str:
    """An amount in fen, for the script that adds up ticked boxes in whole numbers."""
    return str(int(amount * 100))


@register.simple_tag
def worded(value: object, path: str, subject: str) -> str:
    """A fact's value as people write it, with its unit; its path tells what kind of value it is."""
    return value_with_unit(path=path, value=value, subject=subject)


@register.filter
def named(path: str, subject: str) -> str:
    """What a path of the rule language is called, for a policy that pays once per `subject`."""
    return label_of(path=path, subject=subject)
