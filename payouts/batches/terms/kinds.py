"""The kinds of proposals about the terms of banks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.batch_states import Channel
from payouts.batches.terms import accounts, lives
from payouts.formats.exports.layout import Content
from payouts.models import Bank, BankTemplate, ReplyTemplate, TemplateColumn
from payouts.models.banks.layout_life import LayoutStatus
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_yuan


def _field(model: type[Model], name: str, describe: Callable[[Any], str] = str) -> Term:
    """The term of a field, under the name of its column."""
    field: Any = model._meta.get_field(name)
    return Term(field.attname, field.verbose_name, describe)


def _named(model: type[Model]) -> Callable[[Any], str]:
    """Describe a row by its name, whatever became of it since."""
    return lambda number: str(model._default_manager.filter(pk=number).first() or f"#{number}")


def _word(words: Any) -> Callable[[Any], str]:
    return lambda value: str(dict(words).get(value, value))


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - a value of the proposal
    return _("yes") if value else _("no")


def _choice(model: type[Model], name: str) -> Term:
    return _field(model, name, _word(model._meta.get_field(name).choices))  # type: ignore[union-attr]


def _list_columns(columns: list[dict[str, Any]]) -> str:
    """Describe the cells of a layout in their order, each with its place, title, content and length."""
    return "; ".join(map(_describe_column, columns))


def _describe_column(column: dict[str, Any]) -> str:
    place = TemplateColumn.Section(column["part"]).label
    told = [f"{place} {column['position']}", str(Content(column["content"]).label)]
    told += [f"“{column[name]}”" for name in ("title", "text") if column[name]]
    return " ".join([*told, *([f"≤ {column['longest']}"] if column["longest"] else [])])


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


def _describe_step(proposal: Proposal, *, sample: str = "") -> list[str]:
    """Say what becomes of a layout."""
    if proposal.after and proposal.after["status"] == LayoutStatus.RETIRED:
        return [_("No bank and no batch gets it any more; what left in it is taken in it further on.")]
    copied = _("On the left stands the layout that it was copied from, which stays in use until it is retired.")
    told = [_("From then on it can be given to a bank, and nobody edits it any more.")]
    if len(proposal.before) > 1:
        told.append(copied)
    return [*told, *([_("A line of it: %(line)s") % {"line": sample}] if sample else [])]


def _describe_template_step(proposal: Proposal) -> list[str]:
    template = BankTemplate.objects.get(pk=proposal.subject_id)
    return _describe_step(proposal, sample=lives.write_sample(template).line if template.is_draft else "")


def _check_template(proposal: Proposal) -> None:
    """Refuse to take a draft into use in which no batch could be written any more, or no reply be understood."""
    (model,) = (model for model, kind in lives.KINDS.items() if kind == proposal.kind)
    layout = model._default_manager.get(pk=proposal.subject_id)
    if layout.is_draft:
        lives.check_usable(layout)


BANK_TEMPLATE = Kind(
    name=lives.KINDS[BankTemplate],
    title=gettext_lazy("layout of batch files"),
    reads="payouts.view_banktemplate",
    decides="payouts.change_banktemplate",
    terms=(
        _choice(BankTemplate, "status"),
        _field(BankTemplate, "name"),
        *(_choice(BankTemplate, name) for name in ("kind", "encoding", "delimiter", "line_end")),
        _field(BankTemplate, "has_titles", _yes_or_no),
        *(_choice(BankTemplate, name) for name in ("amount_form", "date_form")),
        _field(BankTemplate, "reason_from_cny", describe_yuan),
        *(_field(BankTemplate, name) for name in ("row_limit", "batch_number")),
        _field(BankTemplate, "is_guarded", _yes_or_no),
        Term("columns", gettext_lazy("columns"), _list_columns),
    ),
    url_name="admin:payouts_banktemplate_change",
    consequences=_describe_template_step,
    refusals=lives.list_refusals,
    check=_check_template,
)


REPLY_TEMPLATE = Kind(
    name=lives.KINDS[ReplyTemplate],
    title=gettext_lazy("layout of replies"),
    reads="payouts.view_replytemplate",
    decides="payouts.change_replytemplate",
    terms=(
        _choice(ReplyTemplate, "status"),
        _field(ReplyTemplate, "name"),
        _choice(ReplyTemplate, "delimiter"),
        *(_field(ReplyTemplate, f"{name}_title") for name in ("id", "result", "amount", "reference", "reason")),
        *(_field(ReplyTemplate, f"{name}_words") for name in ("paid", "refused", "returned", "pending")),
    ),
    url_name="admin:payouts_replytemplate_change",
    consequences=_describe_step,
    refusals=lives.list_refusals,
    check=_check_template,
)
