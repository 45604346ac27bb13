"""Replies that contradict wait for a person, who asks the bank and writes down what is true."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.utils.translation import gettext as _

from companies.models import User
from payouts.models import Clarification
from payouts.operations.deciding import AlreadyDecided
from payouts.operations.mending import NoReason
from qinqing.kernel.integrity import refused_as

log = structlog.get_logger()


class NotAContradiction(Exception):
    """The reply agrees with its payout; there is nothing to find out."""


def clarify(*, reply_id: int, because: str, actor: User, now: datetime) -> Clarification:
    """
    Write down what was found out about a reply that contradicts; nothing moves by it.

    Raises:
        NoReason: `because` is blank.
        AlreadyDecided: somebody wrote it down before.
        NotAContradiction: the reply agrees with its payout.
    """
    if not because.strip():
        raise NoReason(_("Say what the bank told you; it is kept with the reply."))
    refusals = {
        "payouts_clarification_reply_id_key": AlreadyDecided(_("This was decided already; nothing was changed.")),
        "clarification_is_of_a_contradiction": NotAContradiction(_("This reply contradicts nothing.")),
    }
    with refused_as(refusals):
        clarified = Clarification.objects.create(
            reply_id=reply_id, because=because.strip()[:200], clarified_at=now, clarified_by=actor
        )
    log.info("contradiction_clarified", reply=reply_id)
    return clarified
