"""The auditor's page of pairs who decide about each other's work."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.people.scope import scope_of
from payouts.controls.pairs import ALWAYS_FROM, LARGEST_PAGE, list_pairs
from payouts.desk import ReadOnlyAdmin
from qinqing.proposals.kinds import find_kind

MAY_SEE = "companies.view_pairs"
# What the first person did, and the second decided.
KINDS: dict[str, Promise | str] = {
    "batch_checked": gettext_lazy("batches: made, checked"),
    "batch_released": gettext_lazy("batches: checked, released"),
    "demand": gettext_lazy("breaches: found, demanded back"),
    "recovery": gettext_lazy("recoveries: demanded, ended"),
    "account": gettext_lazy("accounts: entered, checked"),
    "version": gettext_lazy("policy versions: submitted, published"),
    "stop": gettext_lazy("suspensions: made, lifted"),
    "objection": gettext_lazy("objections: taken up, decided"),
    "white_list": gettext_lazy("lists: checked, published"),
}


class PairsPage(ReadOnlyAdmin):
    """An admin that also holds the page of pairs."""

    def get_urls(self) -> list[URLPattern]:
        """The address of the page of pairs, before those of single rows."""
        pairs = path("pairs/", self.admin_site.admin_view(self.pairs_page), name="payouts_pairs")
        return [pairs, *super().get_urls()]

    def pairs_page(self, request: HttpRequest) -> HttpResponse:
        """Show who decides about whose work, how often, and what part of it all that is."""
        if not request.user.has_perm(MAY_SEE):
            raise PermissionDenied
        if not scope_of(request.user).is_whole:
            raise Http404
        rows = [{"pair": pair, "kind": _name_kind(pair.kind), **_percentages(pair)} for pair in list_pairs()]
        context = {
            "rows": rows,
            "is_cut": len(rows) == LARGEST_PAGE,
            "always_from": ALWAYS_FROM,
            "back": reverse("admin:index"),
        }
        return self.page(request, "admin/payouts/pairs.html", _("Who decides about whose work"), context)


def _name_kind(name: str) -> Promise | str:
    """What was done and decided; what is none of `KINDS` is a kind of proposal."""
    return KINDS.get(name) or capfirst(str(find_kind(name).title))


def _percentages(pair: object) -> dict[str, str]:
    return {name: f"{getattr(pair, name) * 100:.0f} %" for name in ("of_first", "of_second")}
