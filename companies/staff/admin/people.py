"""The accounts of people: who they are, what they may do, and what two people have decided about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.classifications.roles import role_name
from companies.contracts.departments import departments
from companies.models import User
from companies.staff.admin.proposing import ProposingPages
from companies.staff.kinds import describe_roles
from companies.staff.queries import find_proposals
from qinqing.proposals.admin import address_of
from qinqing.proposals.kinds import find_kind
from qinqing.proposals.models import Proposal

# The page shows the newest proposals; all are kept.
SHOWN = 20


class RoleFilter(admin.RelatedFieldListFilter):
    """The filter of accounts by role."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The roles by their names for people."""
        return [(key, role_name(str(name))) for key, name in super().field_choices(field, request, model_admin)]


@admin.register(User)
class UserAdmin(ProposingPages):
    """The accounts and their rights; nobody changes them here by hand."""

    list_display = ("username", "first_name", "last_name", "department_shown", "district", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", ("groups", RoleFilter), "department", "district")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username",)}),
        (gettext_lazy("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (
            gettext_lazy("Rights"),
            {"fields": ("is_active", "is_staff", "department_shown", "district", "roles_shown")},
        ),
        (gettext_lazy("Times"), {"fields": (("last_login", "date_joined"),)}),
        (gettext_lazy("Proposals about this account"), {"fields": ("proposals",)}),
    )
    readonly_fields = ("department_shown", "roles_shown", "proposals")

    @admin.display(description=gettext_lazy("department"), ordering="department")
    def department_shown(self, user: User) -> str:
        """The department by its name."""
        return str(departments().get(user.department, ""))

    @admin.display(description=gettext_lazy("roles"))
    def roles_shown(self, user: User) -> str:
        """The roles by their names for people."""
        return describe_roles(user.groups.order_by("name").values_list("name", flat=True))

    @admin.display(description=gettext_lazy("newest first"))
    def proposals(self, user: User) -> SafeString | str:
        """What was proposed about the account, by whom, and who decided it."""
        rows = [_row(proposal) for proposal in find_proposals(person=user)[:SHOWN]]
        if not rows:
            return "–"
        head = (_("what changes"), _("reason"), _("proposed by"), _("at"), _("decision"), _("decided by"))
        heads = format_html_join("", '<th scope="col">{}</th>', ((capfirst(each),) for each in head))
        body = format_html_join("", "<tr>{}</tr>", ((row,) for row in rows))
        return format_html(
            '<div class="officer-scroll" tabindex="0"><table class="officer-table"><thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>",
            heads,
            body,
        )


def _row(proposal: Proposal) -> SafeString:
    title = capfirst(str(find_kind(proposal.kind).title))
    link = format_html('<a class="officer-link" href="{}">{}</a>', address_of(proposal), title)
    cells = (
        link,
        proposal.because,
        proposal.proposed_by,
        f"{localtime(proposal.proposed_at):%Y-%m-%d %H:%M}",
        proposal.get_decision_display() if proposal.decision else _("to be confirmed"),
        proposal.decided_by or "",
    )
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in cells))
