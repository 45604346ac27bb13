"""The forms by which a security administrator proposes what changes about an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from companies.classifications.districts import district_choices
from companies.classifications.roles import ROLE_NAMES
from companies.contracts.departments import offices
from companies.models import User
from qinqing.proposals.proposing_admin import WhyFields


def _text(label: Any, *, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, widget=UnfoldAdminTextInputWidget, **options)


class PersonForm(WhyFields):
    """Whose the account is."""

    last_name = _text(_("last name"), longest=150, required=False)
    first_name = _text(_("first name"), longest=150)
    email = forms.EmailField(
        label=_("e-mail address"), widget=UnfoldAdminTextInputWidget, help_text=_("The link for a password goes there.")
    )

    field_order: tuple[str, ...] = ("last_name", "first_name", "email", "because")


class RolesForm(WhyFields):
    """What an official may do, and for which part of the city."""

    roles = forms.MultipleChoiceField(
        label=_("roles"), choices=list(ROLE_NAMES.items()), required=False, widget=UnfoldAdminSelectMultipleWidget
    )
    district = forms.ChoiceField(
        label=_("district"), choices=district_choices, required=False, widget=UnfoldAdminSelectWidget
    )
    department = forms.ChoiceField(
        label=_("department"),
        choices=lambda: [("", "–"), *((code, str(name)) for code, name in offices().items())],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    field_order: tuple[str, ...] = ("roles", "district", "department", "because")


class NewAccountForm(PersonForm, RolesForm):
    """The account of a new official."""

    username = _text(_("account name"), longest=150, validators=[User.username_validator])

    field_order = (
        "username", "last_name", "first_name", "email", "roles", "district", "department", "because",
    )  # fmt: skip
