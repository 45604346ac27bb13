"""The kinds of proposals about the way by which money reaches a bank."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.batches.fund_banks import KIND, list_refusals
from payouts.models import Bank
from qinqing.kernel.money import yuan
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal


def _describe_bank(number: int) -> str:
    """Describe a bank by its name, its channel and the whole account that it pays from."""
    bank = Bank.objects.get(pk=number)
    payer = f"{bank.payer_name} {bank.payer_account} ({bank.payer_bank_number})"
    return " · ".join((bank.name, str(bank.get_channel_display()), payer))


def _describe_consequences(_proposal: Proposal) -> list[str]:
    return [
        _("A bank with an interface is paid through at once; for one that takes files, finance makes batches."),
        _("Without a bank, the interface that the settings name pays the fund."),
    ]


FUND_BANK = Kind(
    name=KIND,
    title=gettext_lazy("bank and channel of a fund"),
    reads="payouts.view_fund",
    decides="payouts.change_fund",
    terms=(
        Term("bank", gettext_lazy("paying bank"), _describe_bank),
        Term("granted", gettext_lazy("granted"), lambda value: yuan(Decimal(value))),
        Term("available", gettext_lazy("available"), lambda value: yuan(Decimal(value))),
    ),
    url_name="admin:payouts_fund_change",
    consequences=_describe_consequences,
    refusals=list_refusals,
)
