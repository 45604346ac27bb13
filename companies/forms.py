"""What owners fill in about their company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from companies.deliveries.kinds import is_account_number
from companies.operations.accounts import ACCOUNT_NUMBER_RULE

BANK_NUMBER = RegexValidator(r"^[0-9]{12}$", _("A bank number has 12 digits. It stands on the account opening permit."))


def refuse_wrong_number(number: str) -> None:
    """
    Refuse a number that no account can have, by the rule of deliveries.

    Raises:
        ValidationError: with the sentence of the operation.
    """
    if not is_account_number(number):
        raise forms.ValidationError(ACCOUNT_NUMBER_RULE)


class DigitsField(forms.CharField):
    """A long number; the spaces and dashes that people write between its groups are taken out."""

    def to_python(self, value: Any) -> str:
        """The digits, without what stood between them."""
        return str(super().to_python(value)).replace(" ", "").replace("-", "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A phone shows its number pad."""
        return {**super().widget_attrs(widget), "inputmode": "numeric", "autocomplete": "off"}


class AccountForm(forms.Form):
    """The account that a company wants its money on; the number is typed twice because money follows it."""

    holder_name = forms.CharField(
        label=_("Account holder"), max_length=120, help_text=_("As the bank knows the firm, usually its full name.")
    )
    bank_name = forms.CharField(
        label=_("Bank and branch"), max_length=120, help_text=_("For example: Bank of Hangzhou, Wulin branch")
    )
    bank_number = DigitsField(
        label=_("Bank number"), validators=[BANK_NUMBER], help_text=_("12 digits, also called CNAPS code.")
    )
    number = DigitsField(label=_("Account number"), validators=[refuse_wrong_number], help_text=_("Digits only."))
    number_again = DigitsField(label=_("Account number once more"))
    is_confirmed = forms.BooleanField(
        label=_("This account belongs to our firm. From now on our money goes there."),
        error_messages={"required": _("Tick to confirm that the account belongs to your firm.")},
    )

    def clean_number_again(self) -> str:
        """Refuse a second number that differs from the first."""
        again = str(self.cleaned_data["number_again"])
        if again != self.cleaned_data.get("number", again):
            raise forms.ValidationError(_("The two account numbers differ. Compare them with the bank's paper."))
        return again

    def account(self) -> dict[str, str]:
        """The fields of the account as `replace_account` takes them."""
        return {name: self.cleaned_data[name] for name in ("holder_name", "bank_name", "bank_number", "number")}

    def mistypable(self) -> dict[str, str]:
        """What may be mistyped without being impossible."""
        return {name: self.cleaned_data[name] for name in ("holder_name", "bank_number", "number")}
