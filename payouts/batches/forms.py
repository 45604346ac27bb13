"""Forms of the finance desk for batches, banks and reply files."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from payouts.batches.layouts import list_layouts_of
from payouts.models import Bank


class DeclarationForm(forms.Form):
    """The count and the sum that the maker of a batch declares from her own papers."""

    declared_count = forms.IntegerField(
        label=_("Number of lines"), min_value=1, max_value=10_000_000, widget=UnfoldAdminIntegerFieldWidget
    )
    declared_sum_cny = forms.DecimalField(
        label=_("Sum in yuan"),
        min_value=Decimal("0.01"),
        max_digits=16,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )


class ControlSumForm(forms.Form):
    """The control sum of a batch that its checker types from her own papers."""

    checked_sum_cny = forms.DecimalField(
        label=_("Control sum in yuan"),
        min_value=Decimal("0.01"),
        max_digits=16,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )


def make_layout_form(bank: Bank | None, *, has_reason: bool) -> type[forms.Form]:
    """Make the form that asks for the layout in which files for a bank leave, and for a reason if it has one."""
    layouts = {layout.key: layout for layout in list_layouts_of(bank=bank)}
    fields: dict[str, forms.Field] = {
        "layout": forms.TypedChoiceField(
            label=_("Layout"),
            choices=[(key, layout.name) for key, layout in layouts.items()],
            initial=next(iter(layouts)),
            coerce=layouts.__getitem__,
            widget=UnfoldAdminSelectWidget,
        )
    }
    if has_reason:
        fields["because"] = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)
    return type("LayoutForm", (forms.Form,), fields)


class UploadForm(forms.Form):
    """A reply file, and the bank that sent it."""

    bank = forms.ModelChoiceField(
        label=_("Bank"),
        queryset=Bank.objects.order_by("name", "pk"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Needed for tables; a pain.002 or camt message speaks for itself."),
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"class": "officer-drop", "accept": ".xml,.csv,.txt,.xlsx"}),
        help_text=_("pain.002, camt.053, camt.054, CSV or xlsx, up to 200 MB. Drop it here or choose it."),
    )


class BankChoiceForm(forms.Form):
    """The bank that pays a fund."""

    bank = forms.ModelChoiceField(
        label=_("Bank"),
        queryset=Bank.objects.order_by("name", "pk"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Left empty: the interface that the settings name."),
    )
    because = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


class MatchForm(forms.Form):
    """The instruction that a row of a reply file is about."""

    end_to_end_id = forms.CharField(label=_("End-to-end id"), max_length=35, widget=UnfoldAdminTextInputWidget)
    because = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)
