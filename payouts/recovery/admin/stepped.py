"""The base of admins whose rows have steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from payouts.desk import ReadOnlyAdmin
from qinqing.kernel.admin.confirmed_steps import NoForm, Step


class SteppedAdmin(ReadOnlyAdmin):
    """The base of admins whose rows have steps that a person confirms on a page of their own."""

    def step(
        self,
        request: HttpRequest,
        row: Any,
        verb: str,
        consequences: Sequence[str],
        run: Callable[[dict[str, Any]], str],
        form: type[forms.Form] = NoForm,
    ) -> HttpResponse:
        """Ask a person to confirm a step of a row; a POST takes the step."""
        back = reverse(f"admin:payouts_{self.model._meta.model_name}_change", args=[row.pk])
        asked = Step(verb, consequences, run, back, request.method == "POST", form)
        return self.confirmed(request, asked)
