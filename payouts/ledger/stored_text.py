"""Stored words in the reader's language: they are written down once, in English or in codes, and read in any."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from payouts.models import Outcome, Reply
from payouts.states import Status

# As `payouts.replies.apply` writes it down: the status is that of the moment, which no row keeps otherwise.
_CONTRADICTION = re.compile(r"The bank says (\w+) of (its latest|an earlier) attempt, but the payout is (\w+)\.")


def said(reason: str) -> str:
    """A stored reason: our own in the reader's language, a clerk's or the bank's as it was given."""
    return _(reason) if reason else ""


def contradiction(reply: Reply) -> str:
    """Why a reply and what its payout had become cannot both be true; empty where they can."""
    stored = _CONTRADICTION.fullmatch(reply.contradiction)
    if stored is None:
        return reply.contradiction
    outcome, attempt, status = stored.groups()
    sentence = (
        _("The bank says “%(outcome)s” of the latest attempt, but the payout was “%(status)s” by then.")
        if attempt == "its latest"
        else _("The bank says “%(outcome)s” of an earlier attempt, but the payout was “%(status)s” by then.")
    )
    return sentence % {"outcome": Outcome(outcome).label, "status": Status(status).label}
