"""A mixin of the pages of departments' lists, and their confirmation page."""

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
    """The department whose lists alone a person sees: "" for none at all, None for a person who sees all lists."""
    if user.has_perm("policies.change_whitelist"):
        return None
    # A person who uploads lists does so for a department; a person who only reads may belong to no department.
    return user.department if user.department or user.has_perm("policies.add_whitelist") else None


class ConfirmedPages(FramedAdmin):
    """A mixin of an admin whose steps are confirmed on a page of their own."""

    def confirmed(
        self, request: HttpRequest, row: Model, version: PolicyVersion | None, step: Confirmation, back: str
    ) -> HttpResponse:
        """
        Show the page of a step, or take the step by POST; after a refusal the page keeps the reason that the person
        gave.
        """
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
    """A mixin of the admin of lists: a department sees only its own lists, and steps are confirmed."""

    def may_change(self, request: HttpRequest) -> bool:
        """Whether the person is an officer, who takes the steps of a list."""
        return request.user.has_perm("policies.change_whitelist")
