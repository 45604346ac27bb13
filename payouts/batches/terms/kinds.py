"""The kinds of proposals about the terms of banks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.batch_states import Channel
from payouts.batches.terms import accounts
from payouts.models import Bank, BankTemplate, ReplyTemplate
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal


def _field(model: type[Model], name: str, describe: Callable[[Any], str] = str) -> Term:
    """The term of a field, under the name of its column."""
    field: Any = model._meta.get_field(name)
    return Term(field.attname, field.verbose_name, describe)


def _named(model: type[Model]) -> Callable[[Any], str]:
    """Describe a row by its name, whatever became of it since."""
    return lambda number: str(model._default_manager.filter(pk=number).first() or f"#{number}")


def _word(words: Any) -> Callable[[Any], str]:
    return lambda value: str(dict(words).get(value, value))


def _describe_account_consequences(proposal: Proposal) -> list[str]:
    compare = _("Compare the payer’s account with the bank’s own paper, digit by digit; your name stays with it.")
    if proposal.subject_id == accounts.NEW:
        return [_("From then on the bank can be chosen for a fund, which takes two people as well."), compare]
    pays = Bank(pk=proposal.subject_id).funds.count()
    return [_("Funds that are paid over this bank: %(count)s.") % {"count": pays}, compare]


BANK_ACCOUNT = Kind(
    name=accounts.KIND,
    title=gettext_lazy("account and channel of a bank"),
    reads="payouts.view_bank",
    decides="payouts.change_bank",
    terms=(
        _field(Bank, "name"),
        _field(Bank, "channel", _word(Channel.choices)),
        *(_field(Bank, name) for name in ("payer_name", "payer_account", "payer_bank_number")),
        _field(Bank, "template", _named(BankTemplate)),
        _field(Bank, "reply_template", _named(ReplyTemplate)),
        _field(Bank, "answer_days"),
    ),
    url_name="admin:payouts_bank_change",
    consequences=_describe_account_consequences,
    refusals=accounts.list_refusals,
)
