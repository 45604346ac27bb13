"""Notices as the firm reads them, and those that it may still answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from companies.models import Company
from payouts.models import HearingNotice, Recovery
from payouts.recovery.allegation import describe_allegation


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """
    A notice as the firm reads it.

    `decision` is empty while nothing is decided. `answered_at` is None until the firm has answered; the answer is
    empty if it waived it.
    """

    id: int
    recovery_id: int
    allegation: str
    because: str
    document_number: str
    given_at: datetime
    answer_until: date
    decision: str
    decided_at: datetime | None
    answered_at: datetime | None
    answer: str
    is_waiver: bool

    @property
    def may_answer(self) -> bool:
        """Whether the firm can still answer."""
        return not self.decision and self.answered_at is None


def list_notices(*, company: Company) -> QuerySet[HearingNotice]:
    """All notices that a company ever got, newest first."""
    found = HearingNotice.objects.filter(recovery__payout__company=company)
    return found.select_related("proposal", "recovery__payout__company", "answer").order_by("-pk")


def list_open_notices(*, company: Company) -> list[ShownNotice]:
    """The notices of which nothing is decided and that the company has not answered, newest first."""
    return [
        present_notice(notice=notice)
        for notice in list_notices(company=company).filter(proposal__decision="", answer=None)
    ]


def list_of_demand(*, company: Company, recovery: Recovery) -> list[ShownNotice]:
    """The notices about one demand, newest first."""
    return [present_notice(notice=notice) for notice in list_notices(company=company).filter(recovery=recovery)]


def present_notice(*, notice: HearingNotice) -> ShownNotice:
    """Present a notice to the firm."""
    proposal, answer = notice.proposal, getattr(notice, "answer", None)
    return ShownNotice(
        id=notice.pk,
        recovery_id=notice.recovery_id,
        allegation=describe_allegation(proposal),
        because=proposal.because,
        document_number=proposal.document_number,
        given_at=notice.given_at,
        answer_until=notice.answer_until,
        decision=proposal.decision,
        decided_at=proposal.decided_at,
        answered_at=answer.answered_at if answer else None,
        answer=answer.text if answer else "",
        is_waiver=answer is not None and answer.is_waiver,
    )
