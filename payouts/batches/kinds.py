"""The kinds of proposals about the way by which money reaches a bank."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.batches import batch_layout, fund_banks
from payouts.formats.exports.layout import Kind as FileKind
from payouts.models import Bank, BankTemplate
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_yuan


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
    name=fund_banks.KIND,
    title=gettext_lazy("bank and channel of a fund"),
    reads="payouts.view_fund",
    decides="payouts.change_fund",
    terms=(
        Term("bank", gettext_lazy("paying bank"), _describe_bank),
        Term("granted", gettext_lazy("granted"), describe_yuan),
        Term("available", gettext_lazy("available"), describe_yuan),
    ),
    url_name="admin:payouts_fund_change",
    consequences=_describe_consequences,
    refusals=fund_banks.list_refusals,
)


def _describe_layout_change(_proposal: Proposal) -> list[str]:
    return [
        _("You confirm that the bank has not taken the file in the first layout: else it would pay twice."),
        _("From now on the file is taken in the new layout, and no more in the first."),
    ]


BATCH_LAYOUT = Kind(
    name=batch_layout.KIND,
    title=gettext_lazy("layout of a batch that is with the bank"),
    reads="payouts.view_batch",
    decides="payouts.change_batch",
    terms=(
        Term("kind", gettext_lazy("kind of file"), lambda value: str(FileKind(value).label)),
        Term("template", gettext_lazy("layout"), lambda value: str(BankTemplate.objects.get(pk=value))),
        Term("lines", gettext_lazy("lines"), str),
        Term("total", gettext_lazy("control sum"), describe_yuan),
        Term("downloads", gettext_lazy("downloads of the file"), str),
    ),
    url_name="admin:payouts_batch_change",
    consequences=_describe_layout_change,
    refusals=batch_layout.list_refusals,
)
