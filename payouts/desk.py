"""The parts that all pages of the clerks' desk share: rows that nobody edits, forms and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from companies.models import ThirdParty
from payouts.models.ledger.share import Level
from policies.models import PolicyVersion
from qinqing.kernel.admin.confirmed_steps import StepPages
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.web.forms import TOO_SHORT


class ReadOnlyAdmin(KeysetLists, StepPages, ReadingAdmin):
    """The base of admins whose rows only operations write."""

    def may(self, request: HttpRequest, action: str) -> bool:
        """Whether the person's role permits the action on these rows."""
        options = self.model._meta
        may: bool = request.user.has_perm(f"{options.app_label}.{action}_{options.model_name}")
        return may


class ReasonForm(forms.Form):
    """The reason of a step; it is kept with the payout."""

    because = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


class DecisionForm(forms.Form):
    """The finding of a clerk or officer; it is kept, and those whom it concerns read it."""

    because = forms.CharField(label=_("What was found"), max_length=200, widget=UnfoldAdminTextInputWidget)


class FindingForm(DecisionForm):
    """Whether the bank made a payment, as the bank says when a clerk asks."""

    was_paid = forms.TypedChoiceField(
        label=_("What the bank says"),
        choices=[("", ""), ("yes", _("The bank paid it.")), ("no", _("The bank did not pay it."))],
        coerce=lambda answer: answer == "yes",
        widget=UnfoldAdminSelectWidget,
    )

    field_order = ("was_paid", "because")


class SpokenObjectionForm(forms.Form):
    """An objection that came by telephone or letter."""

    name = forms.CharField(label=_("Objector"), max_length=60, widget=UnfoldAdminTextInputWidget)
    contact = forms.CharField(
        label=_("Telephone or e-mail"),
        min_length=6,
        max_length=60,
        error_messages=TOO_SHORT,
        widget=UnfoldAdminTextInputWidget,
    )
    text = forms.CharField(label=_("What is wrong"), max_length=2000, widget=UnfoldAdminTextareaWidget)


class AmountForm(forms.Form):
    """An amount in yuan."""

    amount_cny = forms.DecimalField(
        label=_("Amount in yuan"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )


class GrantForm(AmountForm):
    """The amount of a grant, and the paper that it rests on."""

    because = forms.CharField(
        label=_("What it rests on, such as the budget paper"), max_length=200, widget=UnfoldAdminTextInputWidget
    )


def _parts(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=10_000,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget,
    )


class SamplingForm(forms.Form):
    """A policy version, and the share of its payouts that is checked."""

    version = forms.ModelChoiceField(
        label=_("Policy version"),
        queryset=PolicyVersion.objects.filter(status__in=("published", "suspended"))
        .select_related("policy")
        .order_by("policy__code", "pk"),
        widget=UnfoldAdminSelectWidget,
    )
    percentage = forms.DecimalField(
        label=_("Share in percent"),
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )


class DemandForm(AmountForm):
    """The amount of a demand, and its reason."""

    because = forms.CharField(
        label=_("Reason, as the firm reads it"), max_length=200, widget=UnfoldAdminTextInputWidget
    )


class DayWidget(UnfoldAdminTextInputWidget):
    """The browser's own field for a day."""

    input_type = "date"


class RepaymentForm(forms.Form):
    """A repayment, as the bank's statement shows it."""

    amount_cny = forms.DecimalField(
        label=_("Amount in yuan"), max_digits=14, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    received_on = forms.DateField(label=_("Received on"), widget=DayWidget)
    bank_reference = forms.CharField(label=_("Bank reference"), max_length=35, widget=UnfoldAdminTextInputWidget)


class SharesForm(forms.Form):
    """The parts of a draft's money that the levels of government carry."""

    version = forms.ModelChoiceField(
        label=_("Policy version"),
        queryset=PolicyVersion.objects.filter(status="draft").select_related("policy").order_by("policy__code", "pk"),
        widget=UnfoldAdminSelectWidget,
    )
    place = forms.RegexField(
        regex=r"^[0-9]{6}$",
        label=_("District (empty: everywhere)"),
        required=False,
        error_messages={"invalid": _("A district has a code of 6 digits, such as 330106.")},
        widget=UnfoldAdminTextInputWidget,
    )
    province = _parts(_("Province"))
    city = _parts(_("City"))
    district = _parts(_("District"))
    advance_payer = forms.ChoiceField(
        label=_("Who pays all of it first"),
        required=False,
        choices=[("", _("nobody")), *Level.choices],
        widget=UnfoldAdminSelectWidget,
    )


class ThirdPartyForm(forms.Form):
    """A third party and its account, as they stand on its paper."""

    code = forms.RegexField(
        regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$",
        label=_("Credit code"),
        error_messages={"invalid": _("A credit code has 18 digits and capital letters.")},
        widget=UnfoldAdminTextInputWidget,
    )
    name = forms.CharField(label=_("Name and account holder"), max_length=120, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(label=_("Kind"), choices=ThirdParty.Kind.choices, widget=UnfoldAdminSelectWidget)
    bank_name = forms.CharField(label=_("Bank"), max_length=120, widget=UnfoldAdminTextInputWidget)
    bank_number = forms.CharField(label=_("Bank number (12 digits)"), max_length=12, widget=UnfoldAdminTextInputWidget)
    number = forms.CharField(label=_("Account number"), max_length=32, widget=UnfoldAdminTextInputWidget)


class SettlementForm(AmountForm):
    """A settlement between two levels of government."""

    reference = forms.CharField(label=_("Voucher"), max_length=40, widget=UnfoldAdminTextInputWidget)
    settled_on = forms.DateField(label=_("Settled on"), widget=DayWidget)


@admin.display(description=_("payout"), ordering="payout_id")
def payout_number(row: Any) -> str:
    """The number of the payout that a row of a list is about."""
    return f"#{row.payout_id}" if row.payout_id else "—"


def table(heads: Iterable[Any], rows: Iterable[Sequence[Any]]) -> SafeString:
    """A plain table of texts."""
    head = format_html_join("", '<th scope="col">{}</th>', ((capfirst(each),) for each in heads))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in rows))
    table = format_html('<table class="officer-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, body)
    return format_html('<div class="officer-scroll" tabindex="0">{}</div>', table)


def _cells(row: Sequence[Any]) -> SafeString:
    return format_html_join("", "<td>{}</td>", (("" if cell is None else cell,) for cell in row))
