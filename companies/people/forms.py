"""The forms of owners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from companies.datasets.column_types import is_account_number
from companies.firms.payee_accounts import ACCOUNT_NUMBER_RULE, BANK_NUMBER_RULE
from companies.firms.queries import account_warnings
from companies.models import Company
from qinqing.kernel.secrets import fingerprint

BANK_NUMBER = RegexValidator(r"^[0-9]{12}$", BANK_NUMBER_RULE)


def refuse_wrong_number(number: str) -> None:
    """
    Refuse a number that no account can have, by the same rule as for deliveries.

    Raises:
        ValidationError: with the sentence of the operation.
    """
    if not is_account_number(number):
        raise forms.ValidationError(ACCOUNT_NUMBER_RULE)


class DigitsField(forms.CharField):
    """A long number; spaces and dashes between groups of digits are removed."""

    def to_python(self, value: Any) -> str:
        """The digits, without spaces and dashes."""
        return str(super().to_python(value)).replace(" ", "").replace("-", "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Have a phone show its number pad."""
        return {**super().widget_attrs(widget), "inputmode": "numeric", "autocomplete": "off"}


class AccountForm(forms.Form):
    """The account for a company's money; the number is entered twice, because money follows it."""

    holder_name = forms.CharField(
        label=_("Account holder"), max_length=120, help_text=_("As the bank knows the firm, usually its full name.")
    )
    bank_name = forms.CharField(
        label=_("Bank and branch"), max_length=120, help_text=_("For example: Bank of Hangzhou, Wulin branch")
    )
    bank_number = DigitsField(
        label=_("Bank number"),
        validators=[BANK_NUMBER],
        help_text=_("The 12 digits of the branch, also called CNAPS code. Your bank knows it, and its app shows it."),
    )
    number = DigitsField(label=_("Account number"), validators=[refuse_wrong_number], help_text=_("Digits only."))
    number_again = DigitsField(label=_("Account number once more"))
    is_confirmed = forms.BooleanField(
        label=_("This account belongs to our firm. From now on our money goes there."),
        error_messages={"required": _("Tick to confirm that the account belongs to your firm.")},
    )
    # Proves which account the warnings were about; if the owner changes it afterwards, the form warns again.
    compared = forms.CharField(required=False)

    def __init__(self, *args: Any, company: Company, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["holder_name"].initial = company.name
        self._company = company
        self.warnings: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Warn once about entries that look mistyped, before any money follows them."""
        if not self.errors:
            told = {name: self.cleaned_data[name] for name in ("holder_name", "bank_number")}
            self.warnings = account_warnings(company=self._company, **told)
        if self.warnings and self.cleaned_data["compared"] != self.proof():
            self.add_error("compared", _("Look at this once more, and tick that you have compared it."))
        return self.cleaned_data

    def proof(self) -> str:
        """The value of the tick under the warnings; it stands for exactly this account."""
        return fingerprint("\n".join(self.account().values())).hex()

    def clean_number_again(self) -> str:
        """Refuse a second number that differs from the first."""
        again = str(self.cleaned_data["number_again"])
        if again != self.cleaned_data.get("number", again):
            raise forms.ValidationError(_("The two account numbers differ. Compare them with the bank's paper."))
        return again

    def account(self) -> dict[str, str]:
        """The fields of the account as `replace_account` takes them."""
        return {name: self.cleaned_data[name] for name in ("holder_name", "bank_name", "bank_number", "number")}
