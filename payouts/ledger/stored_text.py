"""Translation of stored texts: the database holds English or codes, and pages show the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payouts.models import Reply


def translate_reason(reason: str) -> str:
    """Translate a stored reason of the platform; a reason that a clerk or a bank wrote stays as it is."""
    return _(reason) if reason else ""


def describe_contradiction(reply: Reply) -> str:
    """Say how a reply contradicts the status of its payout; empty if it does not."""
    if not reply.contradicted_status:
        return ""
    sentence = (
        _("The bank says “%(outcome)s” of the latest attempt, but the payout was “%(status)s” by then.")
        if reply.contradicted_latest
        else _("The bank says “%(outcome)s” of an earlier attempt, but the payout was “%(status)s” by then.")
    )
    return sentence % {"outcome": reply.get_outcome_display(), "status": reply.get_contradicted_status_display()}
