"""The kinds of proposals that change the ledger: grants, and settlements between levels of government."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from payouts.ledger.grants import GRANT_KIND
from payouts.ledger.level_debts import name_district
from payouts.ledger.shares import SETTLEMENT_KIND, list_settlement_refusals
from payouts.models import Fund
from payouts.models.ledger.share import Level
from qinqing.kernel.money import yuan
from qinqing.kernel.nudges import nudge
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_day, describe_yuan


def describe_waitlist(fund: Fund) -> str:
    """Say how much money of a fund is available, and how many payouts wait for money."""
    count = fund.payouts.filter(status="waitlisted").count()
    words = ngettext(
        "%(amount)s is available now; %(count)s payout waits for money.",
        "%(amount)s is available now; %(count)s payouts wait for money.",
        count,
    )
    return words % {"amount": yuan(fund.available_cny), "count": number_format(count, force_grouping=True)}


def _describe_grant(proposal: Proposal) -> list[str]:
    return [
        describe_waitlist(Fund.objects.get(pk=proposal.subject_id)),
        _("A grant is posted with your name and cannot be taken back."),
    ]


def _serve_waitlist(_proposal: Proposal, _now: dt.datetime) -> None:
    nudge("payouts.tasks.serve_waitlist")


def _describe_settlement(_proposal: Proposal) -> list[str]:
    return [_("Compare it with the voucher. It is kept with your name and cannot be taken back.")]


def _describe_level(value: str) -> str:
    return str(Level(value).label)


GRANT = Kind(
    name=GRANT_KIND,
    title=gettext_lazy("grant"),
    reads="payouts.view_grant",
    decides="payouts.change_grant",
    terms=(
        Term("granted_cny", gettext_lazy("granted so far"), describe_yuan),
        Term("amount_cny", gettext_lazy("amount"), describe_yuan),
        Term("paper", gettext_lazy("what it rests on")),
    ),
    url_name="admin:payouts_fund_change",
    consequences=_describe_grant,
    may_wait_beside_others=True,
    follow_up=_serve_waitlist,
)

SETTLEMENT = Kind(
    name=SETTLEMENT_KIND,
    title=gettext_lazy("settlement"),
    reads="payouts.view_settlement",
    decides="payouts.change_settlement",
    terms=(
        Term("district", gettext_lazy("district"), name_district),
        Term("debtor", pgettext_lazy("level", "from"), _describe_level),
        Term("creditor", pgettext_lazy("level", "to"), _describe_level),
        Term("amount_cny", gettext_lazy("amount"), describe_yuan),
        Term("reference", gettext_lazy("voucher")),
        Term("settled_on", gettext_lazy("settled on"), describe_day),
    ),
    url_name="admin:payouts_fund_change",
    consequences=_describe_settlement,
    may_wait_beside_others=True,
    refusals=list_settlement_refusals,
)
