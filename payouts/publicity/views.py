"""The pages of the public list, and of an objection."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from payouts.models import Objection
from payouts.publicity.forms import CodeForm, ObjectionForm, read_search_words
from payouts.publicity.publicise import object_to
from payouts.publicity.queries import PublicPolicy, find_publicised, public_list, public_policies, was_publicised
from payouts.publicity.refusals import ObjectionRefused
from payouts.publicity.triage import confirm_contact
from qinqing.kernel.text import number
from qinqing.kernel.web.rate_limit import refuse_search, visitor_address

# The age in seconds that the counts beside the public list may reach.
COUNTED_SECONDS = 60


@require_safe
def publicity(request: HttpRequest) -> HttpResponse:
    """Show the payouts that are publicised now, to anybody."""
    code, words = request.GET.get("policy", ""), read_search_words(request)
    refusal = refuse_search(request) if words else ""
    before = number(request.GET.get("before", ""))
    context = {
        "list": public_list(on=timezone.localdate(), code=code, words="" if refusal else words, before=before),
        "policies": _policies(),
        "code": code,
        "words": words,
        "kept": {"policy": code},
        "refusal": refusal,
    }
    status = HTTPStatus.TOO_MANY_REQUESTS if refusal else HTTPStatus.OK
    return render(request, "payouts/publicity.html", context, status=status)


def _policies() -> tuple[PublicPolicy, ...]:
    """The policies on the list, from the cache: counting the whole list would cost more than the page."""
    counted: tuple[PublicPolicy, ...] | None = cache.get_or_set("public-policies", public_policies, COUNTED_SECONDS)
    assert counted is not None
    return counted


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def objection(request: HttpRequest, payout_id: int) -> HttpResponse:
    """Show the form of an objection to a publicised payout; a POST records the objection."""
    shown, is_sent = find_publicised(payout_id=payout_id, on=timezone.localdate()), request.method == "POST"
    # If the payout left the list while somebody wrote, the page says so and shows the text again.
    if shown is None and not (is_sent and was_publicised(payout_id=payout_id)):
        raise Http404
    form = ObjectionForm(request.POST if is_sent else None)
    if shown and is_sent and form.is_valid() and (recorded := _record(request, payout_id, form)):
        return redirect("objection-contact", recorded.reference)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or not shown else HTTPStatus.OK
    return render(request, "payouts/objection.html", {"shown": shown, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def contact(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Ask for the code that was sent to the objector; a POST with the right one hands the objection to an officer."""
    objection = get_object_or_404(Objection, reference=reference, recorded_by=None)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _confirm(reference, form):
        messages.success(request, _numbered(objection))
        return redirect("publicity")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "form": form,
        # As text, for a number of an objection has no thousands.
        "number": str(objection.pk),
        "address": objection.contact_masked,
        "is_confirmed": objection.confirmed_at is not None,
    }
    return render(request, "payouts/objection_contact.html", context, status=status)


def _confirm(reference: UUID, form: CodeForm) -> bool:
    try:
        confirm_contact(reference=reference, code=form.cleaned_data["code"], now=timezone.now())
    except ObjectionRefused as refusal:
        form.add_error("code", str(refusal))
        return False
    return True


def _numbered(objection: Objection) -> str:
    sentence = _(
        "Your objection is confirmed; its number is %(number)s. An officer looks at it, and answers you under the"
        " address you gave."
    )
    return sentence % {"number": objection.pk}


def _record(request: HttpRequest, payout_id: int, form: ObjectionForm) -> Objection | None:
    sender = visitor_address(request)
    try:
        return object_to(payout_id=payout_id, **form.as_arguments(), sender=sender, now=timezone.now())
    except ObjectionRefused as refusal:
        form.add_error(None, str(refusal))
        return None
