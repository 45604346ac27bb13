"""
Payouts with an outstanding attempt: at most a file that a person brought says that the bank did not pay it.

One person proposes what becomes of the payout and another confirms it; neither brought, applied or matched the file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.models import Payout
from payouts.states import Role, Status
from qinqing.kernel.database.statements import first_column
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "retry_after_file"


class StillValid(Refusal):
    """The bank may still pay the attempt."""


class Taken(NamedTuple):
    """The number of payouts that a step moved at once, and of those for which it was proposed to a colleague."""

    done: int
    proposed: int


def find_outstanding(*, payout_ids: Collection[int]) -> set[int]:
    """Find those of the payouts that have an outstanding attempt, and have stopped or wait for the answer to a file."""
    return set(first_column(_OUTSTANDING, ids=list(payout_ids)))


@within_scope(payouts=Payout)
@transaction.atomic
def move_or_propose(*, payouts: Sequence[Payout], after: Status, because: str, actor: User, now: datetime) -> Taken:
    """
    Pay payouts again or cancel them, all or none; those with an outstanding attempt only when a colleague confirms it.

    Raises:
        NoReason, IllegalMove, AlreadyProposed, Concerned: as `retry_payouts`, `cancel_payouts`, `propose_repetition`.
    """
    waiting = find_outstanding(payout_ids=[payout.pk for payout in payouts])
    free = [payout.pk for payout in payouts if payout.pk not in waiting]
    if free and after is Status.CANCELLED:
        cancel_payouts(payout_ids=free, role=Role.FINANCE, actor=actor, because=because, now=now)
    elif free:
        retry_payouts(payout_ids=free, actor=actor, because=because, now=now)
    for payout in payouts:
        if payout.pk in waiting:
            propose_repetition(payout=payout, after=after, because=because, actor=actor, now=now)
    return Taken(len(free), len(waiting))


@within_scope(payout=Payout)
def propose_repetition(
    *, payout: Payout, after: Status, because: str, document_number: str = "", actor: User, now: datetime
) -> Proposal:
    """
    Propose to declare the outstanding attempts of a payout void, and to pay it again or cancel it.

    Raises:
        NoReason: `because` is blank.
        AlreadyProposed: a proposal about the payout waits.
        Concerned: the actor brought, applied or matched the file that says that the payment was not made.
        NotFound: no attempt of the payout is outstanding any more.
    """
    assert after in (Status.APPROVED, Status.CANCELLED)
    return propose(
        kind=KIND,
        subject_id=payout.pk,
        subject_name=f"{payout.policy.code} · {payout.company} · #{payout.pk}",
        after={"status": after.value},
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def finish_repetition(proposal: Proposal, now: datetime) -> None:
    """Cancel the payout whose attempts the proposal voided, or have it sent again."""
    if proposal.after == {"status": Status.CANCELLED.value}:
        assert proposal.decided_by is not None
        cancel_payouts(
            payout_ids=[proposal.subject_id],
            role=Role.FINANCE,
            actor=proposal.decided_by,
            because=proposal.because,
            now=now,
        )
        return
    nudge("payouts.tasks.send_due")


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the promises that a confirmation may break."""
    return {
        "attempt_is_voided_after_its_validity": StillValid(
            _("The bank may still pay it: its answer is awaited until the end of the file’s validity.")
        ),
        "payout_that_the_bank_paid_is_not_paid_again": StillValid(
            _("The bank says that it has paid it. Ask it, and write down on the page of its reply what was found.")
        ),
    }


_OUTSTANDING = """
    SELECT DISTINCT o.payout_id FROM payouts_outstanding_attempt o JOIN payouts_payout p ON p.id = o.payout_id
    WHERE o.payout_id = ANY(%(ids)s)
        AND (p.status IN ('failed', 'returned') OR p.status IN ('sent', 'in_doubt') AND o.channel = 'file')
"""
