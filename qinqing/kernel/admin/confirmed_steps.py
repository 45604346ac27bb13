"""Steps that a person confirms on a page of their own, after the page has told their consequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.refusals import Refusal


class NoForm(forms.Form):
    """The form of a step that needs nothing but a yes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a person confirms after a page has told its consequences; `run` takes it and says what happened."""

    verb: str
    consequences: Sequence[str]
    run: Callable[[dict[str, Any]], str]
    back: str
    is_confirmed: bool
    form: type[forms.Form] = NoForm
    hidden: Sequence[tuple[str, str]] = field(default_factory=list)
    initial: dict[str, Any] | None = None


class StepPages(ReadingAdmin):
    """Rows that only operations write, each on a page that a person confirms."""

    def confirmed(self, request: HttpRequest, step: Step) -> HttpResponse:
        """Ask a person to confirm the step; a POST runs it. After a refusal the filled-in form is shown again."""
        form = step.form(request.POST if step.is_confirmed else None, initial=step.initial)
        if step.is_confirmed and form.is_valid():
            try:
                messages.success(request, step.run(form.cleaned_data))
                return redirect(step.back)
            except Refusal as refusal:
                if not form.fields:
                    messages.error(request, str(refusal))
                    return redirect(step.back)
                form.add_error(None, str(refusal))
        return self.page(request, "admin/step.html", step.verb, {"step": step, "form": form})
