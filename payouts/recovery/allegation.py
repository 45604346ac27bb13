"""What is proposed about a firm, in a sentence that the firm reads."""

from __future__ import annotations

from decimal import Decimal

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qinqing.kernel.money import yuan
from qinqing.proposals.models import Proposal

FRAUD_KIND, FINE_KIND, BAN_KIND, LIFTING_KIND = "fraud", "fine", "ban", "lift_ban"
# What a firm is heard about.
PENALTIES = (FRAUD_KIND, FINE_KIND, BAN_KIND)


def describe_allegation(proposal: Proposal) -> str:
    """Say what is alleged and which amount is at stake, with the firm as the reader."""
    demanded = yuan(Decimal(proposal.before["demanded"]))
    if proposal.kind == FRAUD_KIND:
        return _("It is proposed to find that your firm got %(amount)s by fraud.") % {"amount": demanded}
    after = proposal.after or {}
    if proposal.kind == FINE_KIND:
        return _("A fine of %(fine)s is proposed, %(percentage)s %% of the %(amount)s that were got by fraud.") % {
            "fine": yuan(Decimal(after["fine_cny"])),
            "percentage": after["percentage"],
            "amount": demanded,
        }
    return _("It is proposed that your firm may claim nothing from %(first)s to %(last)s.") % {
        "first": describe_day(after["begins_on"]),
        "last": describe_day(after["ends_on"]),
    }


def describe_day(value: str) -> str:
    """A day of a proposal, as people write it."""
    day = parse_date(value)
    return date_format(day) if day else value
