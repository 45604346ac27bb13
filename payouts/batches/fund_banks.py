"""The bank of a fund: one person proposes another one, and a second one confirms it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batches.assemble import BatchUnderWay
from payouts.models import Bank, Fund
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "fund_bank"


@within_scope(fund=Fund)
def propose_bank(*, fund: Fund, bank: Bank | None, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose the bank that pays a fund; without a bank, the interface of the settings pays it.

    Raises:
        BatchUnderWay: a batch of the fund is under way, or a payout that was tried over the bank's channel may still be
            paid.
        NoReason, AlreadyProposed: as `propose` says.
    """
    ((is_tied,),) = fetch_rows("SELECT payouts_fund_is_tied(%(fund)s)", fund=fund.pk)
    if is_tied:
        raise _under_way()
    return propose(
        kind=KIND,
        subject_id=fund.pk,
        subject_name=str(fund),
        after={"bank": bank.pk if bank else None},
        because=because,
        actor=actor,
        now=now,
    )


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the promises that a confirmation may break."""
    return {"fund_stays_with_its_bank": _under_way()}


def _under_way() -> BatchUnderWay:
    return BatchUnderWay(
        _("Payments of this fund are on their way over its bank’s channel. A batch of it is not answered in full, or a"
          " payout was tried and is neither paid nor cancelled; the fund changes its bank after that.")
    )  # fmt: skip
