"""The base of admins whose rows change by proposal: pages that propose, and a note while a proposal waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from qinqing.kernel.admin.read_only import FramedAdmin
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.web.step_up import ask_for_second_factor, has_fresh_second_factor
from qinqing.proposals.admin import address_of, compare
from qinqing.proposals.models import Proposal
from qinqing.proposals.queries import find_open


class WhyFields(forms.Form):
    """Why something is proposed, by which a colleague decides, and the document that it rests on."""

    because = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)
    document_number = forms.CharField(
        label=_("Number of the document"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """
    What a page proposes.

    Attributes:
        verb: the title of the page and of its button.
        told: sentences about what follows, once a colleague confirms it.
        run: makes the proposal from the cleaned values of the form.
        back: the address of the page that led here.
    """

    verb: str
    told: Sequence[str]
    run: Callable[[dict[str, Any]], Proposal]
    back: str


class ProposingAdmin(FramedAdmin):
    """Rows of which a proposal changes something; the page of a row shows the proposal that waits for a colleague."""

    # The kind of the proposals about these rows.
    proposal_kind: ClassVar[str]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The parts of the page of a row; a proposal that waits stands before them."""
        fieldsets = super().get_fieldsets(request, obj)
        return [(None, {"fields": ("waiting",)}), *fieldsets] if self._find_waiting(obj) else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What is only read here: a proposal is decided on its own page."""
        names = tuple(super().get_readonly_fields(request, obj))
        return ("waiting", *names) if self._find_waiting(obj) else names

    @admin.display(description=_("Waits for a colleague"))
    def waiting(self, row: Any) -> SafeString:
        """The proposal about the row that waits, with a link to the page that decides it."""
        proposal = self._find_waiting(row)
        assert proposal is not None
        return compare(proposal, link=address_of(proposal))

    def proposing_page(self, request: HttpRequest, proposing: Proposing, form: forms.BaseForm) -> HttpResponse:
        """Show the form; a valid one proposes and leads to the proposal. A refused form is shown again."""
        if not has_fresh_second_factor(request):
            return ask_for_second_factor(request)
        if proposal := _propose(proposing, form):
            self.log_change(request, proposal, proposing.verb)
            messages.success(request, gettext("Nothing has changed yet: a colleague has to confirm this proposal."))
            return redirect(address_of(proposal))
        media = self.media + form.media
        told = [*proposing.told, gettext("A colleague has to confirm it.")]
        step = {"consequences": told, "verb": proposing.verb, "back": proposing.back}
        return self.page(request, "admin/step.html", proposing.verb, {"step": step, "form": form, "media": media})

    def make_model_form(
        self, request: HttpRequest, form: type[forms.ModelForm[Any]], fields: Iterable[str]
    ) -> type[forms.ModelForm[Any]]:
        """The class of a form of these fields of a row, with the widgets of the admin; nobody saves the form."""
        return forms.modelform_factory(
            self.model,
            form=form,
            fields=list(fields),
            formfield_callback=partial(self._make_field, request=request),
        )

    def _make_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The field as the admin makes it, without links that add rows."""
        if db_field.is_relation:
            return self.formfield_for_foreignkey(db_field, request, **options)
        return self.formfield_for_dbfield(db_field, request=request, **options)

    def _find_waiting(self, row: Any) -> Proposal | None:
        return find_open(kind=self.proposal_kind, subject_id=row.pk) if row and row.pk else None


@transaction.atomic
def _propose(proposing: Proposing, form: forms.BaseForm) -> Proposal | None:
    """Propose what a valid form says; a refusal is written into the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return proposing.run(form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
