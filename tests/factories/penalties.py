"""Fraud, fines and bans that two people found after the firm was heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from payouts.models import Blacklisting, Recovery
from payouts.recovery.penalties import last_day_of_ban, propose_ban, propose_fine, propose_fraud, propose_lifting
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.people import make_user

DOCUMENT = "杭财罚〔2026〕1号"
# Five working days are over after so many days, whatever holidays lie between.
HEARD = timedelta(days=60)


def make_fraud(
    recovery: Recovery, *, because: str = "虚报", now: datetime = NOW, proposer: str = "prosecutor"
) -> Proposal:
    """A proposal to find fraud, of which the firm was given notice."""
    given = {"because": because, "document_number": DOCUMENT, "actor": make_user(proposer), "now": now}
    return propose_fraud(recovery=recovery, **given)


def make_fine(
    recovery: Recovery, percentage: int = 20, *, now: datetime = NOW, proposer: str = "prosecutor"
) -> Proposal:
    """A proposal of a fine, of which the firm was given notice."""
    given = {"because": "虚报", "document_number": DOCUMENT, "actor": make_user(proposer), "now": now}
    return propose_fine(recovery=recovery, percentage=percentage, **given)


def make_ban(
    recovery: Recovery, *, now: datetime = NOW, since: datetime | None = None, proposer: str = "prosecutor"
) -> Proposal:
    """A proposal of a ban of three years since a moment, of which the firm was given notice."""
    first = localdate(since or now)
    given = {"because": "虚报", "document_number": DOCUMENT, "actor": make_user(proposer), "now": now}
    return propose_ban(recovery=recovery, begins_on=first, ends_on=last_day_of_ban(first), **given)


def judge(proposal: Proposal, *, now: datetime = NOW, by: str = "magistrate") -> Proposal:
    """The proposal, confirmed by another person."""
    return confirm(proposal_id=proposal.pk, actor=make_user(by), now=now)


def find_fraud(recovery: Recovery, *, now: datetime = NOW) -> Recovery:
    """The demand, which was found to be for fraud after a hearing without an answer."""
    judge(make_fraud(recovery, now=now - HEARD), now=now)
    return recovery


def punish(recovery: Recovery, percentage: int = 20, *, now: datetime = NOW) -> Recovery:
    """The demand, with fraud found, a fine of so many percent, and a ban of three years from now."""
    find_fraud(recovery, now=now)
    judge(make_fine(recovery, percentage, now=now - HEARD), now=now)
    judge(make_ban(recovery, now=now - HEARD, since=now), now=now)
    recovery.refresh_from_db()
    return recovery


def lift_ban(listed: Blacklisting, *, because: str = "法院判决", now: datetime = NOW) -> Proposal:
    """The firm, taken off the blacklist by two people before its time."""
    proposal = propose_lifting(blacklisting=listed, because=because, actor=make_user("advocate"), now=now)
    return judge(proposal, now=now, by="pardoner")
