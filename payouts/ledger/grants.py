"""Grants of more money to funds: one clerk enters a grant, another approves it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.decisions import SamePerson, decide
from payouts.ledger.funds import open_funds
from payouts.ledger.reasons import NoReason
from payouts.models import Fund, Grant
from policies.models import PolicyVersion
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.money import LARGEST_CNY
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class NotAGrant(Refusal):
    """The amount cannot be granted."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def enter_grant(*, version: PolicyVersion, amount_cny: Decimal, because: str, actor: User, now: datetime) -> Grant:
    """
    Enter a grant for the fund of a version; the fund gets the money when another person approves the grant.

    Raises:
        NotAGrant: the amount is not positive, has parts of a fen, or is larger than a fund can hold; or the same grant
            already waits for approval.
        NoReason: `because` is blank.
    """
    if amount_cny <= 0 or amount_cny > LARGEST_CNY or amount_cny != round(amount_cny, 2):
        raise NotAGrant(_("Grant a positive amount in yuan with at most two decimals."))
    if not because.strip():
        raise NoReason(_("Say what the grant rests on, such as the number of the budget paper."))
    open_funds(version_ids=[version.pk], now=now)
    twice = NotAGrant(_("This grant has been entered and waits for approval; another one rests on something else."))
    with translate_refusals({"grant_entered_once": twice}):
        return Grant.objects.create(
            fund=Fund.objects.get(version=version),
            amount_cny=amount_cny,
            because=because.strip()[:200],
            entered_at=now,
            entered_by=actor,
        )


@within_scope(grant_id=Grant)
@transaction.atomic
def approve_grant(*, grant_id: int, actor: User, now: datetime) -> Fund:
    """
    Approve a grant: the fund gets the money, and the payouts that wait for money are served next.

    Raises:
        SamePerson: the actor entered the grant.
        AlreadyDecided: somebody approved it or turned it down meanwhile.
    """
    same = SamePerson(_("You entered this grant; somebody else has to approve it."))
    with translate_refusals({"grant_is_approved_by_another_person": same}):
        grant = decide(Grant, grant_id, Grant.Decision.APPROVED, actor=actor, now=now)
    log.info("grant_approved", grant=grant.pk, fund=grant.fund_id, amount_cny=str(grant.amount_cny))
    nudge("payouts.tasks.serve_waitlist")
    return Fund.objects.get(pk=grant.fund_id)


@within_scope(grant_id=Grant)
@transaction.atomic
def turn_down_grant(*, grant_id: int, actor: User, now: datetime) -> Grant:
    """
    Turn a grant down, or withdraw one's own; nothing is posted.

    Raises:
        AlreadyDecided: somebody approved it or turned it down meanwhile.
    """
    return decide(Grant, grant_id, Grant.Decision.TURNED_DOWN, actor=actor, now=now)
