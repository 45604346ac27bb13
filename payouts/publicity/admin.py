"""The admin of the public list, and of objections, which officers decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.desk import DecisionForm, ReadOnlyAdmin, SpokenObjectionForm, payout_number
from payouts.models import Objection, Payout, Publication
from payouts.models.claims.publicity import Triage
from payouts.publicity.publicise import decide_objection, object_to
from payouts.publicity.triage import set_aside, take_up
from payouts.states import Status
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """The publications, present and past."""

    list_display = (payout_number, "code", "company", "amount", "begins_on", "ends_on", "status", "objection_count")
    list_filter = ("payout__status", "payout__policy", "ends_on")
    list_select_related = ("payout__policy", "payout__company")
    search_fields = ("=payout__company__credit_code", "=payout__id")
    search_help_text = gettext_lazy("Credit code or number of the payout")
    fields = ("payout", "code", "company", "amount", "begins_on", "ends_on", "status", "objection_count")
    readonly_fields = ("code", "company", "amount", "status", "objection_count")
    actions_detail = ("take_down",)

    @admin.display(description=gettext_lazy("policy"), ordering="payout__policy__code")
    def code(self, publication: Publication) -> str:
        """The policy's code."""
        return publication.payout.policy.code

    @admin.display(description=gettext_lazy("company"))
    def company(self, publication: Publication) -> str:
        """The firm that is paid, or whose employee is."""
        return str(publication.payout.company)

    @admin.display(description=gettext_lazy("amount"), ordering="payout__amount_cny")
    def amount(self, publication: Publication) -> str:
        """The amount of the payout."""
        return yuan(publication.payout.amount_cny)

    @admin.display(description=gettext_lazy("status"), ordering="payout__status")
    def status(self, publication: Publication) -> str:
        """The status of the payout."""
        return str(Status(publication.payout.status).label)

    @admin.display(description=gettext_lazy("objections"))
    def objection_count(self, publication: Publication) -> int:
        """The number of objections."""
        return len(publication.objections.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        """The publications with their objections, in one query for the whole list."""
        return super().get_queryset(request).prefetch_related("objections")

    def has_take_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers record objections by telephone or letter, while the payout is on the list."""
        may: bool = request.user.has_perm("payouts.change_objection")
        shown = Publication.objects.filter(pk=object_id or 0, payout__status=Status.PUBLICISED)
        return may and (object_id is None or is_pressed(request) or shown.exists())

    @action(description=gettext_lazy("Record an objection"), url_path="object", permissions=["take_down"])
    def take_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record an objection that came by telephone or letter."""
        publication = get_object_or_404(Publication.objects.select_related("payout__company"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            object_to(payout_id=publication.payout_id, **given, recorded_by=signed_in(request), now=timezone.now())
            return _("The objection is recorded; the payout waits for its decision.")

        step = Step(
            verb=_("Record an objection"),
            consequences=[
                f"{self.code(publication)}, {self.company(publication)}: {self.amount(publication)}",
                _("The payout waits until another officer has decided."),
            ],
            run=run,
            back=reverse("admin:payouts_publication_change", args=[publication.pk]),
            is_confirmed=request.method == "POST",
            form=SpokenObjectionForm,
        )
        return self.confirmed(request, step)


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    """The objections; a filter shows those that wait for a decision."""

    list_display = ("number", "code", "company", "amount", "raised_at", "standing", "decided_by")
    list_filter = (
        WaitsForYou,
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("triage", admin.EmptyFieldListFilter),
        "triage",
        ("is_upheld", admin.EmptyFieldListFilter),
        "is_upheld",
        "publication__payout__policy",
    )
    list_select_related = ("publication__payout__policy", "publication__payout__company", "decided_by")
    search_fields = ("=id", "=publication__payout__company__credit_code")
    search_help_text = gettext_lazy("Number of the objection or credit code")
    fieldsets = (
        (None, {"fields": ("standing", "payout", "company", "amount")}),
        (gettext_lazy("What was said"), {"fields": ("text", "name", "contact_masked", "raised_at", "recorded_by")}),
        (gettext_lazy("On first sight"), {"fields": ("confirmed_at", "triage_because", "triaged_by", "triaged_at")}),
        (gettext_lazy("What was decided"), {"fields": ("decision", "decided_by", "decided_at")}),
    )
    readonly_fields = ("standing", "payout", "company", "amount", "contact")
    actions_detail = ("take_up", "set_aside", "uphold", "reject")

    def get_fieldsets(self, request: HttpRequest, obj: Objection | None = None) -> Any:
        """The fields; the officer who decides sees the contact in full to answer, everybody else sees it masked."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or obj.decided_by_id != signed_in(request).pk:
            return sets
        return [(title, _with_contact(options)) for title, options in sets]

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, objection: Objection) -> str:
        """The objection's number."""
        return str(objection.pk)

    @admin.display(description=gettext_lazy("policy"), ordering="publication__payout__policy__code")
    def code(self, objection: Objection) -> str:
        """The policy's code."""
        return _payout(objection).policy.code

    @admin.display(description=gettext_lazy("company"))
    def company(self, objection: Objection) -> str:
        """The firm whose payout is objected to."""
        return str(_payout(objection).company)

    @admin.display(description=gettext_lazy("contact, to answer the objector"))
    def contact(self, objection: Objection) -> str:
        """The masked contact of the sender."""
        return objection.contact

    @admin.display(description=gettext_lazy("payout"))
    def payout(self, objection: Objection) -> str:
        """The payout, with its number and status."""
        payout = _payout(objection)
        return f"#{payout.pk} {payout.policy.code} · {Status(payout.status).label}"

    @admin.display(description=gettext_lazy("amount"))
    def amount(self, objection: Objection) -> str:
        """The amount of the payout."""
        return yuan(_payout(objection).amount_cny)

    @display(
        description=gettext_lazy("standing"),
        label=Colours(
            {
                "unconfirmed": "info",
                "new": "warning",
                "aside": "info",
                "open": "warning",
                "upheld": "danger",
                "rejected": "success",
            }
        ),
    )
    def standing(self, objection: Objection) -> Labelled:
        """What the objection waits for, or what became of it."""
        if objection.triage == Triage.SET_ASIDE:
            return Labelled("aside", _("set aside"))
        if not objection.triage and objection.confirmed_at is None:
            return Labelled("unconfirmed", _("contact not confirmed"))
        if not objection.triage:
            return Labelled("new", _("to be looked at"))
        if objection.is_upheld is None:
            return Labelled("open", _("to be decided"))
        return Labelled("upheld", _("upheld")) if objection.is_upheld else Labelled("rejected", _("rejected"))

    def has_decide_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers decide objections that another officer recorded or took up."""
        if not self.may(request, "change"):
            return False
        if object_id is None:
            return True
        others = Objection.objects.filter(pk=object_id).exclude(recorded_by=signed_in(request))
        if is_pressed(request):
            return others.exists()
        waiting = others.filter(is_upheld=None, triage=Triage.TAKEN_UP)
        return waiting.exclude(triaged_by=signed_in(request)).exists()

    def has_triage_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers look at what came by the public form, once the contact is confirmed."""
        if not self.may(request, "change") or object_id is None:
            return self.may(request, "change")
        waiting = {} if is_pressed(request) else {"confirmed_at__isnull": False, "triage": ""}
        return Objection.objects.filter(pk=object_id, **waiting).exists()

    @action(description=gettext_lazy("Take up"), url_path="take-up", permissions=["triage"])
    def take_up(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take the objection up, so that the payout waits."""

        def run(_given: dict[str, Any]) -> str:
            take_up(objection_id=object_id, actor=signed_in(request), now=timezone.now())
            return _("The objection is taken up; the payout waits for its decision.")

        consequences = [_("The payout waits until another officer has decided.")]
        return self._step(request, object_id, _("Take up"), consequences, run)

    @action(description=gettext_lazy("Set aside"), url_path="set-aside", permissions=["triage"])
    def set_aside(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Set the objection aside; the objector is told why."""

        def run(given: dict[str, Any]) -> str:
            asked = {"because": given["because"], "actor": signed_in(request), "now": timezone.now()}
            set_aside(objection_id=object_id, **asked)
            return _("The objection is set aside; the objector is told why.")

        consequences = [_("The payout goes on."), _("An e-mail tells the objector your reason.")]
        return self._step(request, object_id, _("Set aside"), consequences, run, form=DecisionForm)

    @action(description=gettext_lazy("Uphold"), url_path="uphold", permissions=["decide"])
    def uphold(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Uphold the objection, which cancels the payout."""
        consequences = [_("The payout is cancelled for good, and its money is free again."), _kept()]
        return self._decide(request, object_id, _("Uphold"), consequences, is_upheld=True)

    @action(description=gettext_lazy("Reject"), url_path="reject", permissions=["decide"])
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Reject the objection, so that the payout goes on."""
        consequences = [_("The payout goes on when its publicity is over and no other objection stands."), _kept()]
        return self._decide(request, object_id, _("Reject"), consequences, is_upheld=False)

    def _decide(
        self, request: HttpRequest, object_id: int, verb: str, consequences: list[str], *, is_upheld: bool
    ) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            decide_objection(
                objection_id=object_id,
                is_upheld=is_upheld,
                decision=given["because"],
                actor=signed_in(request),
                now=timezone.now(),
            )
            done = _("The objection was upheld.") if is_upheld else _("The objection was rejected.")
            answer = _("Now tell the objector what was decided; the contact stands below.")
            return f"{done} {answer}"

        return self._step(request, object_id, verb, consequences, run, form=DecisionForm)

    def _step(
        self,
        request: HttpRequest,
        object_id: int,
        verb: str,
        consequences: list[str],
        run: Callable[[dict[str, Any]], str],
        form: type[Form] = NoForm,
    ) -> HttpResponse:
        objection = get_object_or_404(Objection.objects.select_related(*self.list_select_related), pk=object_id)
        what = f"{self.payout(objection)}, {self.company(objection)}: {self.amount(objection)}"
        step = Step(
            verb=verb,
            # The text and the full contact, for the officer who decides and may ask back.
            consequences=[what, f"{objection.name}, {objection.contact}", objection.text, *consequences],
            run=run,
            back=reverse("admin:payouts_objection_change", args=[objection.pk]),
            is_confirmed=request.method == "POST",
            form=form,
        )
        return self.confirmed(request, step)


def _with_contact(options: Any) -> dict[str, Any]:
    fields = tuple("contact" if name == "contact_masked" else name for name in options["fields"])
    return {**options, "fields": fields}


def _payout(objection: Objection) -> Payout:
    return objection.publication.payout


def _kept() -> str:
    return _("The decision is kept with your name, and the firm can read it.")
