"""What pages say about policies and payouts in one sentence or a part of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext

from qinqing.templatetags.words import cny, cny_whole, enumerated

register = template.Library()


class Priced(Protocol):
    """A policy by what it pays."""

    fixed_cny: Decimal | None
    cap_cny: Decimal | None
    subject: str


class Timed(Protocol):
    """A policy by when it pays."""

    opens_later: bool
    is_automatic: bool
    opens_on: date
    closes_on: date | None


@register.simple_tag
def worth(policy: Priced) -> str:
    """What a policy pays for each of its subjects."""
    each = policy.subject
    if policy.fixed_cny is not None:
        return gettext("%(amount)s for %(each)s") % {"amount": cny(policy.fixed_cny), "each": each}
    if policy.cap_cny:
        return gettext("up to %(cap)s for %(each)s") % {"cap": cny_whole(policy.cap_cny), "each": each}
    return gettext("by formula, for %(each)s") % {"each": each}


@register.simple_tag
def window(policy: Timed) -> str:
    """When a policy can be claimed."""
    if policy.opens_later:
        return gettext("opens on %(on)s") % {"on": date_format(policy.opens_on)}
    if policy.is_automatic:
        return gettext("paid without a click")
    if policy.closes_on:
        return gettext("until %(on)s") % {"on": date_format(policy.closes_on)}
    return gettext("since %(on)s") % {"on": date_format(policy.opens_on)}


@register.simple_tag
def pooled() -> str:
    """What it means that a policy's money is a pool."""
    return gettext(
        "The money is divided in proportion among everybody entitled: what the rules come to is the most that one gets."
    )


@register.simple_tag
def arrival(how: str) -> str:
    """When the money of a claim arrives, by how its policies pay, and what happens to the rest."""
    match how:
        case "seconds":
            arrives = gettext("The money is reserved at once and usually arrives within seconds.")
        case "mixed":
            arrives = gettext(
                "The money is reserved at once. Part of it usually arrives within seconds, the rest in some days, "
                "as each policy says."
            )
        case "publicised":
            arrives = gettext("The money is reserved at once, and paid when its days on the public list are over.")
        case "batch":
            arrives = gettext("The money is reserved at once and paid with the next batch of its bank, in some days.")
        case _:
            arrives = gettext("The money is reserved at once and arrives in some days, as each policy says.")
    return " ".join((arrives, gettext("What you untick stays claimable.")))


@register.simple_tag
def paid_to(names: Sequence[object]) -> str:
    """To whom a payout goes in place of the firm."""
    return gettext("paid to %(names)s for you") % {"names": enumerated(names)}
