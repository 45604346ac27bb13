"""The form of an appeal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.web.forms import TOO_SHORT


class AppealForm(forms.Form):
    """An appeal: the firm says why a demand is wrong."""

    text = forms.CharField(
        label=_("What is wrong with the demand"),
        min_length=10,
        max_length=2000,
        error_messages=TOO_SHORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Facts that can be checked help most: what, when, which paper shows it."),
    )
