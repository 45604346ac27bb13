"""Grants of more money to funds: one clerk proposes a grant, another confirms it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.funds import open_funds
from payouts.models import Fund
from policies.models import PolicyVersion
from qinqing.kernel.money import LARGEST_CNY
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

GRANT_KIND = "grant"


class NotAGrant(Refusal):
    """The amount cannot be granted."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def propose_grant(*, version: PolicyVersion, amount_cny: Decimal, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose a grant for the fund of a version; the fund gets the money when another person confirms it.

    Raises:
        NotAGrant: the amount is not positive, has parts of a fen, or is larger than a fund can hold.
        NoReason: `because` is blank; it says what the grant rests on.
        AlreadyProposed: the same grant waits already.
    """
    if amount_cny <= 0 or amount_cny > LARGEST_CNY or amount_cny != round(amount_cny, 2):
        raise NotAGrant(_("Grant a positive amount in yuan with at most two decimals."))
    open_funds(version_ids=[version.pk], now=now)
    return propose(
        kind=GRANT_KIND,
        subject_id=Fund.objects.get(version=version).pk,
        subject_name=str(version),
        # The reason is part of the grant: another grant of the same amount rests on another paper.
        after={"amount_cny": f"{amount_cny:.2f}", "paper": because.strip()},
        because=because,
        actor=actor,
        now=now,
    )
