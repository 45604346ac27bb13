"""The forms of an appeal and of an answer to a notice, and those by which finance proposes penalties."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from payouts.desk import DayWidget
from payouts.models.audit.hearing import LONGEST_ANSWER
from payouts.models.audit.recovery import LARGEST_FINE, SMALLEST_FINE
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


class AnswerForm(forms.Form):
    """A firm's answer to a notice; `is_waiver` is the name of the button that waives it."""

    text = forms.CharField(
        label=_("Your answer"),
        required=False,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Facts that can be checked help most: what, when, which paper shows it."),
    )
    is_waiver = forms.BooleanField(required=False)


class FindingForm(forms.Form):
    """Why something is found about a firm, and the number of the document that it rests on."""

    because = forms.CharField(
        label=_("Reason, as the firm reads it"), max_length=300, widget=UnfoldAdminTextInputWidget
    )
    document_number = forms.CharField(
        label=_("Number of the document"), max_length=80, widget=UnfoldAdminTextInputWidget
    )


class FineForm(FindingForm):
    """A fine, as a percentage of the amount demanded."""

    percentage = forms.IntegerField(
        label=_("Fine in percent (10 to 50)"),
        min_value=SMALLEST_FINE,
        max_value=LARGEST_FINE,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    field_order = ("percentage", "because", "document_number")


class BanForm(FindingForm):
    """The first and the last day of a ban."""

    begins_on = forms.DateField(label=pgettext_lazy("day", "from"), widget=DayWidget)
    ends_on = forms.DateField(label=_("until (three years at most)"), widget=DayWidget)

    field_order = ("begins_on", "ends_on", "because", "document_number")
