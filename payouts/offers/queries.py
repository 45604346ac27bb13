"""Queries for the firm's page: what a company can claim, grouped by policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from companies.contracts.departments import department_name
from companies.firms.queries import companies_of
from companies.models import Company, PayeeAccount, ThirdParty, User
from payouts.batch_states import Channel
from payouts.offers.claimable import Obstacle
from payouts.offers.commitments import commitment_text, digest
from payouts.offers.firms import Firm, annotate_troubles, find_trouble, search_companies
from payouts.offers.rights import Right, find_claimable_rights, find_shown_rights, sum_rights
from payouts.offers.seats import SeatOccupancy, SeatRequest, explain_limits, read_occupancy
from payouts.offers.types import NOTHING, ExcludedOffer, ExplainedEntitlement, Line, Offer, Offers
from policies.explain.evidence import shown_facts
from policies.models import Clause, Entitlement, EntitlementStatus, PolicyVersion, Subject
from policies.stacking.allowances import Allowance, Limit, SeatKey
from policies.stacking.seat_keys import find_rivals
from policies.subjects import name_in_key
from qinqing.kernel.refusals import NotFound
from qinqing.kernel.text import Bilingual

Evidence = Mapping[str, Mapping[str, object]]


class NoSuchEntitlement(NotFound):
    """The company has no entitlement of that id."""


def list_firms(*, user: User, on: date, words: str = "") -> tuple[Firm, ...]:
    """
    List the companies that the user acts for, with the sum that one click brings each of them, and their troubles.

    Companies in trouble come first, then those that can claim. `words` narrow the list by name and credit code.
    """
    companies = list(annotate_troubles(search_companies(companies_of(user=user), words=words), on=on))
    ids = [company.pk for company in companies]
    sums = {each.company_id: each for each in sum_rights(company_ids=ids, on=on)}
    lost = _sum_stacking_losses(find_claimable_rights(company_ids=ids, is_stacked=True, on=on), on)
    firms = (
        Firm(
            name=company.name,
            credit_code=company.credit_code,
            claimable_cny=sums[company.pk].claimable_cny - lost.get(company.pk, NOTHING)
            if company.pk in sums
            else NOTHING,
            trouble=find_trouble(company, is_unpayable=company.pk in sums and sums[company.pk].lacks_account),
        )
        for company in companies
    )
    return tuple(sorted(firms, key=lambda firm: firm.rank))


def _sum_stacking_losses(rights: Sequence[Right], on: date) -> dict[int, Decimal]:
    """
    Compute for each company how much stacking groups take off the sum that its owner clicks on.

    Entitlements of the automatic track take their seats, as on the firm's page.
    """
    asked: dict[int, list[SeatRequest]] = defaultdict(list)
    clicked: dict[int, set[int]] = defaultdict(set)
    for right in rights:
        asked[right.company_id].append(right.seat_request)
        if not right.comes_by_itself:
            clicked[right.company_id].add(right.id)
    ids = [right.id for right in rights]
    occupancy, competitors = _read_competition(ids, asked=ids, on=on) if ids else (SeatOccupancy({}, {}), [])
    # A click claims for one firm, so the owner's entitlements at other firms only compete.
    beside: dict[SeatKey, list[SeatRequest]] = defaultdict(list)
    for each in [*competitors, *(each._replace(is_asked=False) for own in asked.values() for each in own)]:
        for key in occupancy.seat_keys.get(each.entitlement_id, ()):
            beside[key].append(each)
    return {company: _sum_losses(asked[company], of, occupancy, beside) for company, of in clicked.items()}


def _sum_losses(
    own: Sequence[SeatRequest],
    of: Collection[int],
    occupancy: SeatOccupancy,
    beside: Mapping[SeatKey, Sequence[SeatRequest]],
) -> Decimal:
    ids = {each.entitlement_id for each in own}
    wanted = {key for each in ids for key in occupancy.seat_keys.get(each, ())}
    rivals = {each for key in wanted for each in beside[key] if each.entitlement_id not in ids}
    found = occupancy.allowances([*own, *rivals])
    lost = (each.amount_cny - found[each.entitlement_id].amount_cny for each in own if each.entitlement_id in of)
    return sum(lost, NOTHING)


def _read_competition(ids: Sequence[int], *, asked: Sequence[int], on: date) -> tuple[SeatOccupancy, list[SeatRequest]]:
    """Read the seats of entitlements, and the claimable rivals of those that are asked for."""
    occupancy = read_occupancy(entitlement_ids=ids)
    grouped = [each for each in asked if each in occupancy.seat_keys]
    others = find_rivals(entitlement_ids=grouped) if grouped else []
    rivals = find_claimable_rights(ids=others, on=on) if others else []
    competitors = [right.seat_request._replace(is_asked=False) for right in rivals]
    if not competitors:
        return occupancy, competitors
    return read_occupancy(entitlement_ids=[*ids, *(each.entitlement_id for each in competitors)]), competitors


def list_offers(*, company: Company, on: date) -> Offers:
    """List what `company` can claim on that day."""
    shown = find_shown_rights(company_id=company.pk, on=on)
    versions = _read_versions({right.version_id for right in shown})
    limited = _find_limits(shown, on)
    free = [e for e in shown if e.obstacle is not Obstacle.SUPERSEDED and not _is_excluded(e, limited)]
    known = _OfferFacts(_read_evidence(free, versions), _read_third_parties(free), limited)
    grouped = [
        _make_offer(versions[version_id], list(group), known, is_automatic=comes)
        for (version_id, comes), group in groupby(free, key=lambda e: (e.version_id, e.comes_by_itself))
    ]
    later = {right.version_id for right in free if right.obstacle in (Obstacle.NOT_YET, Obstacle.UNDIVIDED)}
    now_open = [offer for offer in grouped if offer.version_id not in later]
    return Offers(
        claimable=tuple(offer for offer in now_open if offer.lines and not offer.is_automatic),
        automatic=tuple(offer for offer in now_open if offer.lines and offer.is_automatic),
        later=tuple(offer for offer in grouped if offer.version_id in later),
        waiting=tuple(offer for offer in now_open if offer.waiting_count),
        excluded=_make_excluded_offers(shown, versions, limited),
        has_account=PayeeAccount.objects.filter(company=company, is_active=True).exists(),
        on=on,
    )


def explain_entitlement(*, company: Company, entitlement_id: int) -> ExplainedEntitlement:
    """
    Present one entitlement of the company with the facts that decided it.

    Raises:
        NoSuchEntitlement: it is not the company's, or does not exist.
    """
    found = Entitlement.objects.filter(company=company, id=entitlement_id).select_related("employee", "version__policy")
    entitlement = found.first()
    if entitlement is None:
        raise NoSuchEntitlement(_("This firm has no such entitlement."))
    version, person = entitlement.version, entitlement.employee
    return ExplainedEntitlement(
        title=version.policy.title,
        code=version.policy.code,
        label=_label(person.name if person else None, entitlement),
        note=person.id_number_masked if person else "",
        amount_cny=entitlement.amount_cny,
        as_of_on=entitlement.as_of_on,
        standing="" if entitlement.status == EntitlementStatus.OPEN else str(entitlement.get_status_display()),
        conditions=_list_conditions(version),
        facts=shown_facts(evidence=entitlement.evidence, subject=version.subject),
    )


class _Limited(NamedTuple):
    allowance: Allowance
    why: str


def _find_limits(rights: Sequence[Right], on: date) -> dict[int, _Limited]:
    """Find the entitlements that stacking groups cut, with the sentence that gives the reason."""
    wanted = {right.id: right.seat_request for right in rights}
    now = [right.id for right in rights if right.is_offered]
    occupancy, rivals = _read_competition(list(wanted), asked=now, on=on)
    allowances = occupancy.allowances([*(wanted[each] for each in now), *rivals])
    # An entitlement that cannot be claimed yet takes no seat, so each is compared alone with the seats as they are.
    for each in occupancy.seat_keys.keys() & wanted.keys() - allowances.keys():
        allowances |= occupancy.allowances([wanted[each]])
    less = {each: allowance for each, allowance in allowances.items() if allowance.limit is not None}
    why = explain_limits(limited=set(less.values())) if less else {}
    return {each: _Limited(allowance, str(why[allowance])) for each, allowance in less.items()}


def _is_excluded(entitlement: Right, limited: Mapping[int, _Limited]) -> bool:
    return entitlement.id in limited and limited[entitlement.id].allowance.is_excluded


def _make_excluded_offers(
    entitlements: Sequence[Right], versions: Mapping[int, PolicyVersion], limited: Mapping[int, _Limited]
) -> tuple[ExcludedOffer, ...]:
    def group_key(entitlement: Right) -> tuple[int, Allowance]:
        return entitlement.version_id, limited[entitlement.id].allowance

    nothing_left = [e for e in entitlements if _is_excluded(e, limited)]
    return tuple(
        _make_excluded_offer(versions[version_id], list(group), limited)
        for (version_id, _allowance), group in groupby(nothing_left, key=group_key)
    )


def _make_excluded_offer(
    version: PolicyVersion, entitlements: Sequence[Right], limited: Mapping[int, _Limited]
) -> ExcludedOffer:
    amount_cny = sum((e.amount_cny for e in entitlements), NOTHING)
    allowance, why = limited[entitlements[0].id]
    is_choice = allowance.limit is Limit.CHOSEN and all(e.is_offered for e in entitlements)
    ids = ".".join(str(e.id) for e in entitlements)
    shown = digest(commitment_text(version.policy.title, _commitment(version)))
    return ExcludedOffer(
        code=version.policy.code,
        title=version.policy.title,
        department=department_name(version.policy.department),
        amount_cny=amount_cny,
        why=why,
        ticket=f"{ids}={amount_cny}~{shown}" if is_choice else "",
        commitment=_commitment(version),
    )


def _read_versions(ids: Iterable[int]) -> dict[int, PolicyVersion]:
    versions = PolicyVersion.objects.filter(id__in=list(ids)).select_related("policy", "fund__bank")
    return {version.pk: version for version in versions.prefetch_related("clauses")}


def _read_evidence(entitlements: Sequence[Right], versions: Mapping[int, PolicyVersion]) -> dict[int, Evidence]:
    alone = [e.id for e in entitlements if versions[e.version_id].subject == Subject.COMPANY]
    return dict(Entitlement.objects.filter(id__in=alone).values_list("id", "evidence"))


def _read_third_parties(entitlements: Sequence[Right]) -> dict[str, str]:
    codes = {entitlement.payee_code for entitlement in entitlements if entitlement.payee_code}
    return dict(ThirdParty.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


class _OfferFacts(NamedTuple):
    """What offers need beside the entitlements: evidence, names of third parties, and the cuts by stacking groups."""

    evidence: Mapping[int, Evidence]
    third_parties: Mapping[str, str]
    limited: Mapping[int, _Limited]

    def payees(self, entitlements: Iterable[Right]) -> tuple[str, ...]:
        """The payees of entitlements, each once: by name, or by the credit code if the register has no name."""
        codes = sorted({entitlement.payee_code for entitlement in entitlements if entitlement.payee_code})
        return tuple(self.third_parties.get(code, code) for code in codes)


def _make_offer(
    version: PolicyVersion, entitlements: Sequence[Right], known: _OfferFacts, *, is_automatic: bool
) -> Offer:
    limited = known.limited
    payable = [entitlement for entitlement in entitlements if entitlement.has_account]
    waiting = [entitlement for entitlement in entitlements if not entitlement.has_account]
    return Offer(
        version_id=version.pk,
        code=version.policy.code,
        title=version.policy.title,
        department=department_name(version.policy.department),
        commitment=_commitment(version),
        subject=version.subject,
        is_automatic=is_automatic,
        publicise_days=version.publicise_days,
        counts_working_days=version.counts_working_days,
        opens_on=version.opens_on,
        closes_on=version.closes_on,
        conditions=_list_conditions(version),
        facts=shown_facts(evidence=known.evidence.get(entitlements[0].id, {}), subject=version.subject),
        payee=version.payee,
        third_parties=known.payees(payable),
        missing_payees=known.payees(waiting),
        lines=tuple(_make_line(entitlement, limited) for entitlement in payable),
        waiting_count=len(waiting),
        waiting_cny=sum((entitlement.amount_cny for entitlement in waiting), NOTHING),
        limits=tuple(dict.fromkeys(limited[each.id].why for each in payable if each.id in limited)),
        is_undivided=any(entitlement.is_undivided for entitlement in entitlements),
        is_paid_by_file=_is_paid_by_file(version),
    )


def _is_paid_by_file(version: PolicyVersion) -> bool:
    # Before its first claim a version may have no fund.
    fund = getattr(version, "fund", None)
    return bool(fund and fund.bank and fund.bank.channel == Channel.FILE)


def _list_conditions(version: PolicyVersion) -> tuple[Bilingual, ...]:
    clauses: list[Clause] = sorted(version.clauses.all(), key=lambda clause: clause.position)
    return tuple(clause.title for clause in clauses)


def _commitment(version: PolicyVersion) -> Bilingual:
    return Bilingual(version.commitment_zh, version.commitment_en)


def _label(person: str | None, entitlement: Right | Entitlement) -> str:
    named = name_in_key(entitlement.subject_key, company_id=entitlement.company_id)
    return person or entitlement.period_key or named


def _make_line(entitlement: Right, limited: Mapping[int, _Limited]) -> Line:
    return Line(
        entitlement_id=entitlement.id,
        label=_label(entitlement.person, entitlement),
        note=entitlement.id_number_masked or "",
        amount_cny=limited[entitlement.id].allowance.amount_cny
        if entitlement.id in limited
        else entitlement.amount_cny,
    )
