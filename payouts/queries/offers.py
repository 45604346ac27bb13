"""What a company can claim now, grouped by policy, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from companies.datasets.departments import DEPARTMENTS
from companies.models import Company, PayeeAccount, User
from companies.queries import companies_of
from payouts.models import Payout
from policies.models import Clause, Entitlement, EntitlementStatus, Payee, PolicyVersion, Subject, Track, VersionStatus
from policies.queries.evidence import ShownFact, shown_facts
from qinqing.kernel.text import Bilingual

# A disclosure of people stays readable; the rest of a large firm's people is claimed for all the same.
LINES_SHOWN = 100
NOTHING = Decimal(0)
Evidence = Mapping[str, Mapping[str, object]]


class NoSuchEntitlement(Exception):
    """The company has no entitlement of that id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entitlement of an offer: the person, the month or the certificate it is about, and its amount."""

    entitlement_id: int
    label: str
    note: str
    amount_cny: Decimal

    @property
    def ticket(self) -> str:
        """The entitlement and the amount that was shown, as the form sends it back."""
        return f"{self.entitlement_id}={self.amount_cny}"


@dataclass(frozen=True, slots=True)
class Offer:
    """
    All that one policy version offers a company.

    `lines` can be claimed now; `waiting_count` more, worth `waiting_cny`, have no account to be paid to yet.
    """

    code: str
    title: Bilingual
    department: Bilingual
    commitment: Bilingual
    subject: str
    is_automatic: bool
    # How many days it is shown to everybody before it is paid; None when it is not.
    publicise_days: int | None
    opens_on: date
    closes_on: date | None
    conditions: tuple[Bilingual, ...]
    facts: tuple[ShownFact, ...]
    is_paid_to_people: bool
    lines: tuple[Line, ...]
    waiting_count: int
    waiting_cny: Decimal

    @property
    def amount_cny(self) -> Decimal:
        """The sum in yuan."""
        return _sum(self.lines)

    @property
    def rest(self) -> tuple[Line, ...]:
        """What goes with the offer's own tick: all lines that have none of their own."""
        return self.lines[LINES_SHOWN:] if self.is_grouped else self.lines

    @property
    def rest_cny(self) -> Decimal:
        """The sum of `rest`, in yuan."""
        return _sum(self.rest)

    @property
    def ticket(self) -> str:
        """The entitlements of `rest` and their sum, as the form sends them back."""
        ids = ".".join(str(line.entitlement_id) for line in self.rest)
        return f"{ids}={self.rest_cny}" if ids else ""

    @property
    def is_for_people(self) -> bool:
        """Whether each entitlement is about a person."""
        return self.subject in (Subject.EMPLOYEE, Subject.COUPLE)

    @property
    def is_grouped(self) -> bool:
        """Whether there is a list worth showing."""
        return self.subject != Subject.COMPANY

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        """The first lines."""
        return self.lines[:LINES_SHOWN]


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One entitlement with the conditions it meets and the facts they were decided by."""

    title: Bilingual
    code: str
    label: str
    note: str
    amount_cny: Decimal
    as_of_on: date
    conditions: tuple[Bilingual, ...]
    facts: tuple[ShownFact, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """A company in the list of those one acts for; `claimable_cny` is what one click would bring, in yuan."""

    name: str
    credit_code: str
    claimable_cny: Decimal


@dataclass(frozen=True)
class Offers:
    """What a company can claim on a day, what comes by itself, and what opens later."""

    claimable: tuple[Offer, ...]
    automatic: tuple[Offer, ...]
    later: tuple[Offer, ...]
    # Offers of which nothing can be paid for want of an account.
    waiting: tuple[Offer, ...]
    has_account: bool

    @cached_property
    def amount_cny(self) -> Decimal:
        """What one click brings, in yuan."""
        return sum((offer.amount_cny for offer in self.claimable), NOTHING)

    @cached_property
    def count(self) -> int:
        """How many entitlements one click claims."""
        return sum(len(offer.lines) for offer in self.claimable)

    @property
    def waiting_cny(self) -> Decimal:
        """What only lacks an account to be claimed, in yuan."""
        return sum((offer.waiting_cny for offer in self.waiting), NOTHING)

    @property
    def has_commitment(self) -> bool:
        """Whether a commitment goes with the click."""
        return any(offer.commitment.zh for offer in self.claimable)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The policies that offer anything at all."""
        return frozenset(offer.code for offer in (*self.claimable, *self.automatic, *self.later, *self.waiting))


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount_cny for line in lines), NOTHING)


def firms_of(*, user: User, on: date) -> tuple[Firm, ...]:
    """The companies that the user acts for, by credit code, with what one click would bring each on that day."""
    companies = companies_of(user=user)
    rows = _open().filter(company__in=companies, has_account=True, comes_by_itself=False, version__opens_on__lte=on)
    in_window = rows.filter(Q(version__closes_on=None) | Q(version__closes_on__gte=on)).order_by()
    sums = dict(in_window.values_list("company").annotate(Sum("amount_cny")))
    return tuple(Firm(company.name, company.credit_code, sums.get(company.pk, NOTHING)) for company in companies)


def offers(*, company: Company, on: date) -> Offers:
    """What `company` can claim on that day."""
    entitlements = _open_entitlements(company)
    versions = _versions({entitlement.version_id for entitlement in entitlements})
    evidence = _evidence(entitlements, versions)
    grouped = [
        _offer(versions[version_id], list(group), evidence, is_automatic=comes)
        for (version_id, comes), group in groupby(entitlements, key=lambda e: (e.version_id, e.comes_by_itself))
    ]
    grouped = [offer for offer in grouped if offer.closes_on is None or offer.closes_on >= on]
    now_open = [offer for offer in grouped if offer.opens_on <= on]
    return Offers(
        claimable=tuple(offer for offer in now_open if offer.lines and not offer.is_automatic),
        automatic=tuple(offer for offer in now_open if offer.lines and offer.is_automatic),
        later=tuple(offer for offer in grouped if offer.opens_on > on),
        waiting=tuple(offer for offer in now_open if offer.waiting_count),
        has_account=PayeeAccount.objects.filter(company=company, is_active=True).exists(),
    )


def explained_line(*, company: Company, entitlement_id: int) -> ExplainedLine:
    """
    One entitlement of the company with the facts behind it.

    Raises:
        NoSuchEntitlement: it is not the company's, or does not exist.
    """
    found = Entitlement.objects.filter(company=company, id=entitlement_id).select_related("employee", "version__policy")
    entitlement = found.first()
    if entitlement is None:
        raise NoSuchEntitlement(_("This firm has no such entitlement."))
    version, person = entitlement.version, entitlement.employee
    return ExplainedLine(
        title=_title(version),
        code=version.policy.code,
        label=_label(person.name if person else None, entitlement.period_key, entitlement.subject_key),
        note=person.id_number_masked if person else "",
        amount_cny=entitlement.amount_cny,
        as_of_on=entitlement.as_of_on,
        conditions=_conditions(version),
        facts=shown_facts(evidence=entitlement.evidence, subject=version.subject),
    )


def commitment(*, company: Company, entitlement_ids: Sequence[int]) -> str:
    """The commitments of the policies behind these entitlements, as the form showed them, in the active language."""
    versions = (
        PolicyVersion.objects.filter(entitlements__company=company, entitlements__in=entitlement_ids)
        .select_related("policy")
        .order_by("policy__code", "id")
        .distinct()
    )
    return "\n\n".join(commitment_text(_title(version), _commitment(version)) for version in versions)


def commitment_text(title: Bilingual, commitment: Bilingual) -> str:
    """One policy's part of the commitment."""
    return f"{title}\n{commitment}".strip()


class _Open(NamedTuple):
    id: int
    version_id: int
    subject_key: str
    period_key: str
    amount_cny: Decimal
    employee__name: str | None
    employee__id_number_masked: str | None
    has_account: bool
    comes_by_itself: bool


def _open_entitlements(company: Company) -> list[_Open]:
    ordered = _open().filter(company=company)
    ordered = ordered.order_by("policy__code", "version_id", F("comes_by_itself"), "period_key", "id")
    return [_Open(*row) for row in ordered.values_list(*_Open._fields)]


def _open() -> QuerySet[Entitlement, Any]:
    accounts = PayeeAccount.objects.filter(is_active=True)
    to_employee = Exists(accounts.filter(employee=OuterRef("employee")))
    to_company = Exists(accounts.filter(company=OuterRef("company")))
    # Once a clerk has cancelled its payout, an automatic entitlement waits for a click like any other.
    was_cancelled = Exists(Payout.objects.filter(entitlement=OuterRef("pk")))
    published = Entitlement.objects.filter(status=EntitlementStatus.OPEN, version__status=VersionStatus.PUBLISHED)
    return published.annotate(
        has_account=Case(
            When(version__payee=Payee.EMPLOYEE, then=to_employee), default=to_company, output_field=BooleanField()
        ),
        comes_by_itself=Case(
            When(version__track=Track.AUTOMATIC, then=~was_cancelled), default=False, output_field=BooleanField()
        ),
    )


def _versions(ids: Iterable[int]) -> dict[int, PolicyVersion]:
    versions = PolicyVersion.objects.filter(id__in=list(ids)).select_related("policy")
    return {version.pk: version for version in versions.prefetch_related("clauses")}


def _evidence(entitlements: Sequence[_Open], versions: Mapping[int, PolicyVersion]) -> dict[int, Evidence]:
    alone = [e.id for e in entitlements if versions[e.version_id].subject == Subject.COMPANY]
    return dict(Entitlement.objects.filter(id__in=alone).values_list("id", "evidence"))


def _offer(
    version: PolicyVersion,
    entitlements: Sequence[_Open],
    evidence: Mapping[int, Evidence],
    *,
    is_automatic: bool,
) -> Offer:
    payable = [entitlement for entitlement in entitlements if entitlement.has_account]
    waiting = [entitlement for entitlement in entitlements if not entitlement.has_account]
    department = version.policy.department
    return Offer(
        code=version.policy.code,
        title=_title(version),
        department=DEPARTMENTS.get(department, Bilingual(department, department)),
        commitment=_commitment(version),
        subject=version.subject,
        is_automatic=is_automatic,
        publicise_days=version.publicise_days,
        opens_on=version.opens_on,
        closes_on=version.closes_on,
        conditions=_conditions(version),
        facts=shown_facts(evidence=evidence.get(entitlements[0].id, {}), subject=version.subject),
        is_paid_to_people=version.payee == Payee.EMPLOYEE,
        lines=tuple(_line(entitlement) for entitlement in payable),
        waiting_count=len(waiting),
        waiting_cny=sum((entitlement.amount_cny for entitlement in waiting), NOTHING),
    )


def _conditions(version: PolicyVersion) -> tuple[Bilingual, ...]:
    clauses: list[Clause] = sorted(version.clauses.all(), key=lambda clause: clause.position)
    return tuple(Bilingual(clause.title_zh, clause.title_en) for clause in clauses)


def _title(version: PolicyVersion) -> Bilingual:
    return Bilingual(version.policy.title_zh, version.policy.title_en)


def _commitment(version: PolicyVersion) -> Bilingual:
    return Bilingual(version.commitment_zh, version.commitment_en)


def _label(person: str | None, period_key: str, subject_key: str) -> str:
    return person or period_key or subject_key.partition(":")[2]


def _line(entitlement: _Open) -> Line:
    return Line(
        entitlement_id=entitlement.id,
        label=_label(entitlement.employee__name, entitlement.period_key, entitlement.subject_key),
        note=entitlement.employee__id_number_masked or "",
        amount_cny=entitlement.amount_cny,
    )
