"""What takes two people: one proposes it, and another confirms it."""

from __future__ import annotations

from datetime import datetime

from companies.models import User
from payouts.exceptions.outstanding import propose_repetition
from payouts.models import Payout, Reply, ReplyFile, ReplyLine
from payouts.replies.apply_file import propose_application, propose_match
from payouts.states import Status
from policies.authoring.lift import propose_lifting
from policies.models import PolicyVersion
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.people import make_officer, make_user


def confirm_proposal(proposal: Proposal, *, actor: User | None = None, now: datetime = NOW) -> Proposal:
    """Confirm a proposal as another person than whoever made it."""
    return confirm(proposal_id=proposal.pk, actor=actor or make_user("confirmer"), now=now)


def apply_file(*, file: ReplyFile, now: datetime = NOW, actor: User | None = None) -> int:
    """Have two people apply a reply file; return the number of new replies."""
    before = Reply.objects.count()
    proposal = propose_application(file=file, because="the day's file", actor=make_user("proposer"), now=now)
    confirm_proposal(proposal, actor=actor, now=now)
    return Reply.objects.count() - before


def lift_by_two(version: PolicyVersion, *, because: str = "looked at", now: datetime = NOW) -> None:
    """Have two officers lift the suspension of a version."""
    proposal = propose_lifting(version=version, because=because, actor=make_officer("proposes to lift"), now=now)
    confirm_proposal(proposal, actor=make_officer("lifts"), now=now)


def match_row(*, line: ReplyLine, end_to_end_id: str, now: datetime = NOW) -> None:
    """Have two people match a row of a reply file to an instruction."""
    asked = {"end_to_end_id": end_to_end_id, "because": "asked the bank", "actor": make_user("proposer"), "now": now}
    confirm_proposal(propose_match(line=line, **asked), now=now)


def repeat_by_two(
    *, payout: Payout, after: Status = Status.APPROVED, because: str = "asked the bank", now: datetime = NOW
) -> None:
    """Have two people, who had no hand in the file, pay a payout again or cancel it."""
    asked = {"after": after, "because": because, "actor": make_user("second proposer"), "now": now}
    confirm_proposal(propose_repetition(payout=payout, **asked), actor=make_user("second confirmer"), now=now)
