"""What became of a company's claims: live progress and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from payouts.models import Claim, Objection, Payout
from payouts.queries.followed import STAGES, Objected, Page, Part, PayoutLine, Progress, Stage
from payouts.queries.mending import STOPPED, mend_by
from payouts.queries.recovery import asked_back
from payouts.queries.wording import said
from payouts.states import Status
from policies.models import Subject, Track
from qinqing.kernel.text import Bilingual

PAGE_SIZE = 50
# A page that is asked for every second stays small.
PROGRESS_PAGE_SIZE = 12


class NoSuchClaim(Exception):
    """The company has no claim, or no payout, of that id."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """What one policy paid, or is paying, without being asked."""

    code: str
    title: Bilingual
    count: int
    amount_cny: Decimal
    paid_count: int
    third_parties: tuple[str, ...] = ()


def history(*, company: Company, stage: Stage | None = None, before: int | None = None) -> Page:
    """A page of the company's payouts; `before` is the `older` of the page before it."""
    return _page(_payouts(company), stage, before)


def progress(*, company: Company, claim_id: int, before: int | None = None, now: datetime) -> Progress:
    """
    How far a claim of the company has come.

    Raises:
        NoSuchClaim: it is not the company's, or does not exist.
    """
    claim = Claim.objects.filter(company=company, id=claim_id).first()
    if claim is None:
        raise NoSuchClaim(_("This firm has no such claim."))
    payouts = _payouts(company).filter(claim=claim)
    counts = (
        payouts.order_by()
        .values_list("status")
        .annotate(
            Count("id"), Sum("amount_cny"), Max("paid_at"), at_others=Count("id", filter=Q(account__company=None))
        )
    )
    rows = [_Count(*row) for row in counts]
    parts = _parts(rows)
    standing = {stage: part for stage, part in parts.items() if stage != Stage.ENDED} or parts
    is_final = not (parts.get(Stage.RESERVED) or parts.get(Stage.BANK))
    last = max((row.last_paid_at for row in rows if row.last_paid_at), default=None)
    return Progress(
        claim_id=claim.pk,
        claimed_at=claim.claimed_at,
        amount_cny=sum((part.amount_cny for part in standing.values()), Decimal(0)),
        count=sum(part.count for part in parts.values()),
        parts=parts,
        elapsed_seconds=((last if is_final and last else now) - claim.claimed_at).total_seconds(),
        page=_page(payouts, None, before, PROGRESS_PAGE_SIZE),
        asked_back=asked_back(claim=claim) if parts.get(Stage.BACK) else None,
        failed_elsewhere=sum(row.at_others for row in rows if STAGES[Status(row.status)] == Stage.FAILED),
        is_automatic=claim.claimed_by_id is None,
        objected_count=_objected_count(payouts) if parts.get(Stage.PUBLIC) else 0,
    )


def claim_of(*, company: Company, payout_ids: Sequence[int]) -> int | None:
    """The claim that opened the first of these payouts of the company."""
    payouts = Payout.objects.filter(company=company, id__in=payout_ids).order_by("id")
    return payouts.values_list("claim_id", flat=True).first()


def paid_without_applying(*, company: Company) -> tuple[Automatic, ...]:
    """What the automatic track has opened for the company, by policy."""
    payouts = Payout.objects.filter(
        company=company, claim__claimed_by=None, fund__version__track=Track.AUTOMATIC
    ).exclude(status=Status.CANCELLED)
    rows = payouts.values(
        code=F("policy__code"), title_zh=F("policy__title_zh"), title_en=F("policy__title_en")
    ).annotate(
        n=Count("id"),
        sum=Sum("amount_cny"),
        paid=Count("paid_at"),
        payees=ArrayAgg(
            "account__third_party__name", filter=Q(account__third_party__isnull=False), distinct=True, default=[]
        ),
    )
    return tuple(
        Automatic(
            row["code"],
            Bilingual(row["title_zh"], row["title_en"]),
            row["n"],
            row["sum"],
            row["paid"],
            tuple(sorted(row["payees"])),
        )
        for row in rows.order_by("code")
    )


def claimed_codes(*, company: Company) -> frozenset[str]:
    """The policies that the company has a payout of, cancelled ones aside."""
    payouts = Payout.objects.filter(company=company).exclude(status=Status.CANCELLED)
    return frozenset(payouts.order_by().values_list("policy__code", flat=True).distinct())


def _payouts(company: Company) -> QuerySet[Payout]:
    return Payout.objects.filter(company=company).order_by("-id")


def _objected_count(payouts: QuerySet[Payout]) -> int:
    waiting = Objection.objects.filter(is_upheld=None, publication__payout=OuterRef("pk"))
    return payouts.order_by().filter(Exists(waiting), status=Status.PUBLICISED).count()


def with_objections(payouts: QuerySet[Payout]) -> QuerySet[Payout, Any]:
    """The payouts with what became of the objections to each."""
    said = Objection.objects.filter(publication__payout=OuterRef("pk")).order_by()
    decided = said.filter(is_upheld__isnull=False).order_by("-is_upheld", "pk").values("is_upheld")[:1]
    return payouts.annotate(
        is_objected_to=Exists(said.filter(is_upheld=None)),
        was_upheld=Subquery(decided, output_field=BooleanField()),
    )


def _objected(payout: Any) -> Objected | None:
    if payout.status == Status.PUBLICISED and payout.is_objected_to:
        return Objected.OPEN
    if payout.was_upheld is None:
        return None
    return Objected.UPHELD if payout.was_upheld else Objected.REJECTED


def _page(payouts: QuerySet[Payout], stage: Stage | None, before: int | None, size: int = PAGE_SIZE) -> Page:
    if stage:
        payouts = payouts.filter(status__in=[status for status, its in STAGES.items() if its == stage])
    if before:
        payouts = payouts.filter(id__lt=before)
    rows = list(
        with_objections(payouts).select_related(
            "policy", "employee", "entitlement", "publication", "account__third_party"
        )[: size + 1]
    )
    older = rows[size - 1].pk if len(rows) > size else None
    return Page(tuple(line_of(payout) for payout in rows[:size]), older)


def line_of(payout: Payout) -> PayoutLine:
    """A payout as a line of a list; `with_objections` had it read."""
    third_party = payout.account.third_party
    return PayoutLine(
        id=payout.pk,
        claim_id=payout.claim_id,
        code=payout.policy.code,
        title=Bilingual(payout.policy.title_zh, payout.policy.title_en),
        about=_about(payout),
        amount_cny=payout.amount_cny,
        stage=STAGES[Status(payout.status)],
        status=str(Status(payout.status).label),
        reason=said(payout.moved_because),
        claimed_at=payout.claimed_at,
        paid_at=payout.paid_at,
        public_until=_public_until(payout),
        mend_by=mend_by(payout.moved_at) if payout.status in STOPPED and payout.account.company_id else None,
        third_party=third_party.name if third_party else "",
        objected=_objected(payout),
    )


def _public_until(payout: Payout) -> date | None:
    if payout.status != Status.PUBLICISED:
        return None
    return payout.publication.ends_on


def _about(payout: Payout) -> str:
    if payout.employee:
        return payout.employee.name
    kind, _separator, key = payout.entitlement.subject_key.partition(":")
    return payout.entitlement.period_key or ("" if kind == Subject.COMPANY else key)


class _Count(NamedTuple):
    status: str
    number: int
    amount_cny: Decimal
    last_paid_at: datetime | None
    at_others: int


def _parts(rows: Sequence[_Count]) -> dict[Stage, Part]:
    parts: dict[Stage, Part] = {}
    for row in rows:
        stage = STAGES[Status(row.status)]
        so_far = parts.get(stage, Part(0, Decimal(0)))
        parts[stage] = Part(so_far.count + row.number, so_far.amount_cny + row.amount_cny)
    return parts
