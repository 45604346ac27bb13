"""The pages that all layouts share: a draft is edited and taken into use, a layout in use is copied or retired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.batches.terms.lives import Layout, copy_to_draft, propose_retirement, propose_use
from payouts.models.banks.layout_life import LayoutStatus
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Step
from qinqing.kernel.labels import Colours, Labelled
from qinqing.proposals.models import Proposal
from qinqing.proposals.proposing_admin import Proposing, ProposingAdmin, WhyFields

_COLOURS = Colours({LayoutStatus.DRAFT: "warning", LayoutStatus.IN_USE: "success"})


def is_edited(layout: Layout | None) -> bool:
    """Whether a layout may be edited: it is new, or a draft."""
    return layout is None or layout.is_draft


class LayoutLifeAdmin(ProposingAdmin):
    """Layouts of a kind of file."""

    actions_detail = ("take_into_use", "retire", "copy")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody types the state of a layout."""
        return ("status_shown", "copied_from", *super().get_readonly_fields(request, obj))

    @display(description=gettext_lazy("status"), ordering="status", label=_COLOURS)
    def status_shown(self, layout: Layout) -> Labelled:
        """The status as a coloured label."""
        return Labelled(layout.status, str(layout.get_status_display()))

    def has_change_permission(self, request: HttpRequest, obj: Layout | None = None) -> bool:
        """Finance edits drafts."""
        return is_edited(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Layout | None = None) -> bool:
        """Layouts are retired, not deleted, because files were written in them."""
        return False

    def has_take_into_use_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes to take drafts into use."""
        return self._may_move(request, object_id, LayoutStatus.DRAFT)

    def has_retire_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes to retire layouts in use."""
        return self._may_move(request, object_id, LayoutStatus.IN_USE)

    def has_copy_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance copies any layout to a draft."""
        return bool(self.has_add_permission(request))

    def _may_move(self, request: HttpRequest, object_id: int | str | None, status: LayoutStatus) -> bool:
        layouts = self.model._default_manager.filter(pk=object_id or 0, status=status)
        is_possible = object_id is None or is_pressed(request) or layouts.exists()
        return is_possible and self.has_change_permission(request)

    @action(
        description=gettext_lazy("Propose to take it into use"), url_path="take-into-use", permissions=["take_into_use"]
    )
    def take_into_use(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to take a draft into use, as it is now."""
        told = [_("It is taken into use exactly as it is now; nobody edits it after that.")]
        return self._propose(request, object_id, _("Propose to take it into use"), told, propose_use)

    @action(description=gettext_lazy("Propose to retire it"), url_path="retire", permissions=["retire"])
    def retire(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to retire a layout in use."""
        told = [_("No bank and no batch gets it any more; what left in it is taken in it further on.")]
        return self._propose(request, object_id, _("Propose to retire it"), told, propose_retirement)

    @action(description=gettext_lazy("Copy to a draft"), url_path="copy", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Copy a layout to a draft, which is edited freely."""
        layout = get_object_or_404(self.get_queryset(request), pk=object_id)
        if request.method == "POST":
            draft = copy_to_draft(layout=layout, actor=signed_in(request))
            self.log_addition(request, draft, _("Copied from %(layout)s") % {"layout": layout})
            messages.success(
                request, _("%(draft)s is a draft: edit it, then propose to take it into use.") % {"draft": draft}
            )
            return redirect(self._address(draft.pk))
        step = Step(
            verb=_("Copy to a draft"),
            consequences=[
                str(layout),
                _("The copy is a draft, which is edited freely; the layout itself stays as it is."),
            ],
            run=lambda _given: "",
            back=self._address(object_id),
            is_confirmed=False,
        )
        return self.page(request, "admin/step.html", step.verb, {"step": step, "form": NoForm()})

    def _propose(
        self, request: HttpRequest, object_id: int, verb: str, told: list[str], propose: Callable[..., Proposal]
    ) -> HttpResponse:
        layout = get_object_or_404(self.get_queryset(request), pk=object_id)

        def run(given: dict[str, Any]) -> Proposal:
            return propose(layout=layout, **given, actor=signed_in(request), now=timezone.now())

        proposing = Proposing(verb=verb, told=[str(layout), *told], run=run, back=self._address(object_id))
        form = WhyFields(request.POST if request.method == "POST" else None)
        return self.proposing_page(request, proposing, form)

    def _address(self, number: int) -> str:
        return reverse(f"admin:payouts_{self.model._meta.model_name}_change", args=[number])
