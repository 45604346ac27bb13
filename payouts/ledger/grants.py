"""More money for funds: entered by one clerk, approved by another."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from payouts.ledger.decisions import SamePerson, decide
from payouts.ledger.funds import open_funds
from payouts.ledger.reasons import NoReason
from payouts.models import Fund, Grant
from policies.models import PolicyVersion
from qinqing.kernel.database.integrity import refused_as
from qinqing.kernel.money import LARGEST_CNY
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class NotAGrant(Refusal):
    """The amount cannot be granted."""


@transaction.atomic
def enter_grant(*, version: PolicyVersion, amount_cny: Decimal, because: str, actor: User, now: datetime) -> Grant:
    """
    Enter money for the fund of a version; it is there once somebody else has approved it.

    Raises:
        NotAGrant: the amount is not positive, has parts of a fen, or is larger than a fund can hold; or the same grant
            waits for approval already.
        NoReason: `because` is blank.
    """
    if amount_cny <= 0 or amount_cny > LARGEST_CNY or amount_cny != round(amount_cny, 2):
        raise NotAGrant(_("Grant a positive amount in yuan with at most two decimals."))
    if not because.strip():
        raise NoReason(_("Say what the grant rests on, such as the number of the budget paper."))
    open_funds(version_ids=[version.pk], now=now)
    twice = NotAGrant(_("This grant has been entered and waits for approval; another one rests on something else."))
    with refused_as({"grant_entered_once": twice}):
        return Grant.objects.create(
            fund=Fund.objects.get(version=version),
            amount_cny=amount_cny,
            because=because.strip()[:200],
            entered_at=now,
            entered_by=actor,
        )


@transaction.atomic
def approve_grant(*, grant_id: int, actor: User, now: datetime) -> Fund:
    """
    Put the money into the fund; payouts that wait for it are served next.

    Raises:
        SamePerson: the actor entered it.
        AlreadyDecided: somebody approved it or turned it down meanwhile.
    """
    same = SamePerson(_("You entered this grant; somebody else has to approve it."))
    with refused_as({"grant_is_approved_by_another_person": same}):
        grant = decide(Grant, grant_id, Grant.Decision.APPROVED, actor=actor, now=now)
    log.info("grant_approved", grant=grant.pk, fund=grant.fund_id, amount_cny=str(grant.amount_cny))
    nudge("payouts.tasks.serve_waitlist")
    return Fund.objects.get(pk=grant.fund_id)


@transaction.atomic
def turn_down_grant(*, grant_id: int, actor: User, now: datetime) -> Grant:
    """
    Turn a grant down, or take back one's own; nothing is posted.

    Raises:
        AlreadyDecided: somebody approved it or turned it down meanwhile.
    """
    return decide(Grant, grant_id, Grant.Decision.TURNED_DOWN, actor=actor, now=now)
