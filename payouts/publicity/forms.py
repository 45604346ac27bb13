"""Forms of the public list: the search, and the objection that anybody may file."""

from __future__ import annotations

from typing import TypedDict

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.web.forms import TOO_SHORT

LONGEST_SEARCH = 60


class ObjectionText(TypedDict):
    """The fields of an objection."""

    name: str
    contact: str
    text: str


class ObjectionForm(forms.Form):
    """An objection against a publicised payout, with the sender's contact."""

    name = forms.CharField(label=_("Your name"), max_length=60)
    contact = forms.EmailField(
        label=_("E-mail"),
        max_length=60,
        help_text=_("We send a code there. Only the officer who decides sees the address, to answer you."),
    )
    text = forms.CharField(
        label=_("What is wrong"),
        min_length=10,
        max_length=2000,
        error_messages=TOO_SHORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Facts that can be checked help most: what, when, how you know."),
    )

    def as_arguments(self) -> ObjectionText:
        """The fields as arguments of `object_to`."""
        cleaned = self.cleaned_data
        return {"name": cleaned["name"], "contact": cleaned["contact"], "text": cleaned["text"]}


class CodeForm(forms.Form):
    """The code that confirms the contact."""

    code = forms.CharField(
        label=_("Code from the e-mail"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def read_search_words(request: HttpRequest) -> str:
    """The text of the page's search field, cut to the longest search."""
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]
