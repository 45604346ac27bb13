"""The public list: payouts that are about to be paid, and the last day for objections to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from payouts.models import Objection, Publication
from payouts.models.claims.publicity import Triage
from payouts.states import Status
from qinqing.kernel.text import Bilingual, mask_name

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class PublicPayout:
    """A payout as the public sees it: a firm by its name, a person by the first character of the name."""

    payout_id: int
    code: str
    title: Bilingual
    company: str
    person: str
    amount_cny: Decimal
    begins_on: date
    ends_on: date
    # Whether an open objection keeps the payout on the list after its last day.
    is_stopped: bool
    # Whether the last day is over, so that nobody can object.
    is_over: bool


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    """A policy with payouts on the list."""

    code: str
    title: Bilingual
    count: int


@dataclass(frozen=True, slots=True)
class PublicList:
    """A page of the list, newest first; `older` is the payout before which the next page begins, None on the last."""

    rows: tuple[PublicPayout, ...]
    older: int | None


def public_list(*, on: date, code: str = "", words: str = "", before: int | None = None) -> PublicList:
    """
    Return a page of the payouts that are publicised now, of all policies or of one.

    `words` are part of a firm's name, or its credit code; persons are not searched for.
    """
    publications = _publicised()
    if words:
        # The search reads no more than the list of now, which the index `payout_of_seldom_status` finds.
        named = Q(payout__company__name__icontains=words) | Q(payout__company__credit_code=words.upper())
        publications = publications.filter(named)
    if code:
        publications = publications.filter(payout__policy__code=code)
    if before:
        publications = publications.filter(payout__lt=before)
    rows = list(_with_names(publications).order_by("-payout")[: PAGE_SIZE + 1])
    return PublicList(
        rows=tuple(_shown(publication, on) for publication in rows[:PAGE_SIZE]),
        older=rows[PAGE_SIZE - 1].payout_id if len(rows) > PAGE_SIZE else None,
    )


def public_policies() -> tuple[PublicPolicy, ...]:
    """The policies with payouts on the list, and the number of these payouts."""
    policies = (
        _publicised()
        .values(code=F("payout__policy__code"))
        .annotate(zh=F("payout__policy__title_zh"), en=F("payout__policy__title_en"), n=Count("pk"))
        .order_by("code")
    )
    return tuple(PublicPolicy(row["code"], Bilingual(row["zh"], row["en"]), row["n"]) for row in policies)


def find_publicised(*, payout_id: int, on: date) -> PublicPayout | None:
    """One payout of the list; None if it is not on the list now."""
    publication = _with_names(_publicised()).filter(payout=payout_id).first()
    return _shown(publication, on) if publication else None


def was_publicised(*, payout_id: int) -> bool:
    """Whether a payout was ever on the list."""
    return Publication.objects.filter(payout=payout_id).exists()


def _publicised() -> QuerySet[Publication]:
    return Publication.objects.filter(payout__status=Status.PUBLICISED)


def _with_names(publications: QuerySet[Publication]) -> QuerySet[Publication, Any]:
    waiting = Objection.objects.filter(publication=OuterRef("pk"), is_upheld=None, triage=Triage.TAKEN_UP)
    named = publications.select_related("payout__policy", "payout__company", "payout__employee")
    return named.annotate(is_objected_to=Exists(waiting))


def _shown(publication: Any, on: date) -> PublicPayout:
    payout = publication.payout
    return PublicPayout(
        payout_id=payout.pk,
        code=payout.policy.code,
        title=payout.policy.title,
        company=payout.company.name,
        person=mask_name(payout.employee.name) if payout.employee else "",
        amount_cny=payout.amount_cny,
        begins_on=publication.begins_on,
        ends_on=publication.ends_on,
        is_stopped=publication.ends_on < on and publication.is_objected_to,
        is_over=publication.ends_on < on,
    )
