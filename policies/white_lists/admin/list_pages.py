"""What the pages of departments' lists share."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from companies.models import User
from policies.authoring.admin.steps import Confirmation
from policies.models import PolicyVersion
from qinqing.kernel.admin.read_only import FramedAdmin, ReadingAdmin
from qinqing.kernel.refusals import Refusal


def own_department(user: User) -> str | None:
    """The department whose lists alone a person sees, "" for none at all; None for whoever sees the lists of all."""
    if user.has_perm("policies.change_whitelist"):
        return None
    # Whoever brings lists does so for a department; whoever only reads may belong to none.
    return user.department if user.department or user.has_perm("policies.add_whitelist") else None


class ConfirmedPages(FramedAdmin):
    """Rows whose steps are confirmed on a page of their own."""

    def confirmed(
        self, request: HttpRequest, row: Model, version: PolicyVersion | None, step: Confirmation, back: str
    ) -> HttpResponse:
        """Ask by a page, act by POST; a reason stays beside the refusal, to be sent again."""
        context = {"step": step, "version": version, "back": back}
        if request.method != "POST":
            return self.page(request, "admin/policies/confirm.html", f"{row}: {step.verb}", context)
        why = request.POST.get("because", "")
        try:
            step.run(why)
        except Refusal as refusal:
            if step.asks_why:
                context |= {"why": why, "refusal": str(refusal)}
                return self.page(request, "admin/policies/confirm.html", f"{row}: {step.verb}", context)
            messages.error(request, str(refusal))
        else:
            self.log_change(request, row, ": ".join(filter(None, (step.verb, why.strip()))))
            messages.success(request, step.done)
        return redirect(back)


class ListPages(ConfirmedPages, ReadingAdmin):
    """What the pages of lists share: own departments only, and steps that are confirmed."""

    def may_change(self, request: HttpRequest) -> bool:
        """Officers take the steps of a list."""
        return request.user.has_perm("policies.change_whitelist")
