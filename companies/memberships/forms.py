"""The forms of roles and invitations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import FirmRole
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS


class RoleForm(forms.Form):
    """A role in the firm and, for an acceptor, a limit for a day."""

    role = forms.ChoiceField(label=_("Role"), choices=FirmRole.choices, initial=FirmRole.PREPARER)
    day_limit_cny = forms.DecimalField(
        label=_("Limit for a day, in yuan"),
        required=False,
        min_value=1,
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Only for acceptors: what one may claim for the firm on one day. Empty: no limit."),
    )

    def clean_role(self) -> FirmRole:
        """The role as the operations take it."""
        return FirmRole(self.cleaned_data["role"])


class InvitationForm(RoleForm):
    """An invitation: the name is what the firm's members read until it is accepted."""

    invited_name = forms.CharField(label=_("Name of your colleague"), max_length=60)
    field_order = ("invited_name", "role", "day_limit_cny")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["invited_name"].widget.attrs["autocomplete"] = "off"
