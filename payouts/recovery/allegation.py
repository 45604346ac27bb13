"""What is proposed about a firm, in a sentence that the firm reads."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_day, describe_yuan

FRAUD_KIND, FINE_KIND, BAN_KIND, LIFTING_KIND = "fraud", "fine", "ban", "lift_ban"
# What a firm is heard about.
PENALTIES = (FRAUD_KIND, FINE_KIND, BAN_KIND)


def describe_allegation(proposal: Proposal) -> str:
    """Say what is alleged and which amount is at stake, with the firm as the reader."""
    demanded = describe_yuan(proposal.before["demanded"])
    if proposal.kind == FRAUD_KIND:
        return _("It is proposed to find that your firm got %(amount)s by fraud.") % {"amount": demanded}
    after = proposal.after or {}
    if proposal.kind == FINE_KIND:
        return _("A fine of %(fine)s is proposed, %(percentage)s %% of the %(amount)s that were got by fraud.") % {
            "fine": describe_yuan(after["fine_cny"]),
            "percentage": after["percentage"],
            "amount": demanded,
        }
    return _("It is proposed that your firm may claim nothing from %(first)s to %(last)s.") % {
        "first": describe_day(after["begins_on"]),
        "last": describe_day(after["ends_on"]),
    }
