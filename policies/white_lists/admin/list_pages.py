"""A mixin of the pages of departments' lists, and which department sees which lists."""

from __future__ import annotations

from django.http import HttpRequest

from companies.models import User
from qinqing.kernel.admin.confirmed_steps import StepPages
from qinqing.kernel.admin.read_only import ReadingAdmin


def own_department(user: User) -> str | None:
    """The department whose lists alone a person sees: "" for none at all, None for a person who sees all lists."""
    if user.has_perm("policies.change_whitelist"):
        return None
    # A person who uploads lists does so for a department; a person who only reads may belong to no department.
    return user.department if user.department or user.has_perm("policies.add_whitelist") else None


class ListPages(StepPages, ReadingAdmin):
    """A mixin of the admin of lists: a department sees only its own lists, and steps are confirmed."""

    def may_change(self, request: HttpRequest) -> bool:
        """Whether the person is an officer, who takes the steps of a list."""
        return request.user.has_perm("policies.change_whitelist")
