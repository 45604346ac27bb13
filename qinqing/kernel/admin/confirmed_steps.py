"""Steps that a person confirms on a page of their own, after the page has told their consequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.widgets import UnfoldAdminTextareaWidget

from qinqing.kernel.admin.read_only import FramedAdmin
from qinqing.kernel.refusals import Refusal


class NoForm(forms.Form):
    """The form of a step that needs nothing but a yes."""


def make_reason_form(question: str) -> type[forms.Form]:
    """Make the form that asks a person for the reason `because`; the operation refuses an empty one, and says why."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "required": True})
    because = forms.CharField(label=question, max_length=300, required=False, widget=widget)
    return type("ReasonForm", (forms.Form,), {"because": because})


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The row that a step changed or wrote, and a sentence that says so.

    The log keeps the verb and the reason with the row, and the page of the row comes next.
    """

    row: Model
    sentence: str


@dataclass(frozen=True, slots=True)
class Step:
    """
    A step that a person confirms after a page has told its consequences.

    `run` takes the step and says what happened. It returns an outcome if the log has to keep the step; otherwise the
    page `back` comes next. The page shows `subject` before the verb, and `about` below both.
    """

    verb: str
    consequences: Sequence[str]
    run: Callable[[dict[str, Any]], str | Outcome]
    back: str
    is_confirmed: bool
    form: type[forms.Form] = NoForm
    hidden: Sequence[tuple[str, str]] = field(default_factory=list)
    initial: dict[str, Any] | None = None
    subject: str = ""
    about: str = ""

    @property
    def title(self) -> str:
        """The title of the page."""
        return f"{self.subject}: {self.verb}" if self.subject else self.verb


class StepPages(FramedAdmin):
    """Rows with steps that a person confirms on pages of their own."""

    def confirmed(self, request: HttpRequest, step: Step) -> HttpResponse:
        """Ask a person to confirm the step; a POST runs it. After a refusal the filled-in form is shown again."""
        form = step.form(request.POST if step.is_confirmed else None, initial=step.initial)
        if step.is_confirmed and form.is_valid():
            try:
                return self._take(request, step, form.cleaned_data)
            except Refusal as refusal:
                if not form.fields:
                    messages.error(request, str(refusal))
                    return redirect(step.back)
                form.add_error(None, str(refusal))
        return self.page(request, "admin/step.html", step.title, {"step": step, "form": form})

    def _take(self, request: HttpRequest, step: Step, given: dict[str, Any]) -> HttpResponse:
        outcome = step.run(given)
        if isinstance(outcome, str):
            messages.success(request, outcome)
            return redirect(step.back)
        row = outcome.row
        self.log_change(request, row, ": ".join(filter(None, (step.verb, given.get("because")))))
        messages.success(request, outcome.sentence)
        return redirect(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", row.pk)
