"""Stored words in the reader's language: they are written down once, in English or in codes, and read in any."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payouts.models import Reply


def said(reason: str) -> str:
    """A stored reason: our own in the reader's language, a clerk's or the bank's as it was given."""
    return _(reason) if reason else ""


def contradiction(reply: Reply) -> str:
    """Why a reply and what its payout had become cannot both be true; empty where they can."""
    if not reply.contradicted_status:
        return ""
    sentence = (
        _("The bank says “%(outcome)s” of the latest attempt, but the payout was “%(status)s” by then.")
        if reply.contradicted_latest
        else _("The bank says “%(outcome)s” of an earlier attempt, but the payout was “%(status)s” by then.")
    )
    return sentence % {"outcome": reply.get_outcome_display(), "status": reply.get_contradicted_status_display()}
