"""The public list of what is about to be paid, and the form to object to it."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from payouts import operations
from payouts.forms import ObjectionForm, number
from payouts.queries.publicity import PublicPolicy, public_list, public_policies, publicised
from qinqing.kernel.visits import visitor_of

# How old the counts beside the public list may be.
COUNTED_SECONDS = 60


@require_safe
def publicity(request: HttpRequest) -> HttpResponse:
    """Show what is publicised now, to anybody."""
    code = request.GET.get("policy", "")
    shown = public_list(on=timezone.localdate(), code=code, before=number(request.GET.get("before", "")))
    context = {"list": shown, "policies": _policies(), "code": code}
    return render(request, "payouts/publicity.html", context)


def _policies() -> tuple[PublicPolicy, ...]:
    """Counting the whole list for every reader would cost more than the page."""
    counted: tuple[PublicPolicy, ...] | None = cache.get_or_set("public-policies", public_policies, COUNTED_SECONDS)
    assert counted is not None
    return counted


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def objection(request: HttpRequest, payout_id: int) -> HttpResponse:
    """Ask what is wrong with a publicised payout, and take it down."""
    shown = publicised(payout_id=payout_id, on=timezone.localdate())
    if shown is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_taken_down(request, payout_id, form):
        messages.success(request, _("Your objection was taken down. The payout waits until an officer has decided it."))
        return redirect("publicity")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payouts/objection.html", {"shown": shown, "form": form}, status=status)


def _is_taken_down(request: HttpRequest, payout_id: int, form: ObjectionForm) -> bool:
    try:
        operations.object_to(payout_id=payout_id, **form.said(), sender=visitor_of(request), now=timezone.now())
    except operations.ObjectionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
