"""A couple is paid once, whomever the two marry later and whatever the key; the database refuses a second claim."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from companies.models import Company, Employee
from payouts.claims.automatic import claim_automatic
from payouts.claims.refusals import NotOpen
from payouts.offers.queries import list_offers
from policies.explain.company import explain_company
from policies.explain.types import Verdict
from policies.models import ClaimedPerson, Entitlement, PolicyVersion
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_employment
from tests.factories.people import make_employee
from tests.factories.policies import make_published, match_all
from tests.factories.rows import refusal_of
from tests.factories.stacking import click, entitlement_statuses, paid_amounts, undo
from tests.superuser import unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


class Town:
    """Two firms, a couple of whom each firm employs one, and a policy for couples that pays the firms."""

    def __init__(self, *, swapped: bool = False, **fields: Any) -> None:
        make_all_deliveries()
        self.firms = [make_company(), make_company()]
        self.one = make_employee("王一")
        self.other = make_employee("李二", spouse=self.one)
        pair = [self.one, self.other]
        for company, somebody in zip(self.firms, reversed(pair) if swapped else pair, strict=True):
            make_employment(company, somebody)
        self.version: PolicyVersion = make_published("employee.insured_months >= 6", subject="couple", **fields)
        match_all()

    def couple(self, *members: Employee) -> Entitlement:
        return Entitlement.objects.get(subject_key=f"couple:{min(each.pk for each in members)}")

    def marry(self, one: Employee, other: Employee | None) -> None:
        """The register of marriages changes, and matching runs."""
        for each in (one, other):
            if each is not None:
                Employee.objects.filter(spouse=each).update(spouse=None)
        if other is None:
            Employee.objects.filter(pk=one.pk).update(spouse=None)
        else:
            Employee.objects.filter(pk=one.pk).update(spouse=other)
            Employee.objects.filter(pk=other.pk).update(spouse=one)
        make_delivery("marriage", touching=self.firms)
        match_all()

    @property
    def open(self) -> set[str]:
        return set(Entitlement.objects.filter(status="open").values_list("subject_key", flat=True))


@pytest.mark.parametrize("swapped", [False, True])
def test_neither_is_entitled_again_after_a_divorce_wherever_they_work(swapped: bool) -> None:
    town = Town(swapped=swapped)
    click(town.couple(town.one, town.other))
    town.marry(town.one, None)
    assert town.open == set()


def test_nor_with_somebody_new_who_was_not_paid() -> None:
    town = Town()
    newcomer, alone = make_employee("赵三"), make_employee("钱四")
    for each in (newcomer, alone):
        make_employment(town.firms[1], each)
    make_delivery("employees", touching=town.firms)
    match_all()
    click(town.couple(town.one, town.other))
    town.marry(town.other, newcomer)
    assert town.open == {f"couple:{alone.pk}"}
    town.marry(newcomer, None)
    assert town.open == {f"couple:{alone.pk}", f"couple:{newcomer.pk}"}


def test_a_cancelled_claim_lets_both_go() -> None:
    town = Town()
    couple = town.couple(town.one, town.other)
    click(couple)
    assert set(ClaimedPerson.objects.values_list("person", flat=True)) == {town.one.pk, town.other.pk}
    undo(couple)
    assert not ClaimedPerson.objects.exists()
    town.marry(town.one, None)
    assert town.open == {f"couple:{town.one.pk}", f"couple:{town.other.pk}"}


def test_the_reasons_say_that_one_of_them_has_claimed() -> None:
    town = Town()
    click(town.couple(town.one, town.other))
    town.marry(town.one, None)
    reasons = explain_company(version=town.version, company=town.firms[1], now=NOW)
    assert (reasons.verdict, reasons.shut_out_count, reasons.amount_cny) == (Verdict.INELIGIBLE, 1, 0)


def slipped_through(town: Town) -> tuple[Entitlement, Entitlement]:
    """Two open entitlements that share a person, as when a click comes while matching decides about a wedding."""
    newcomer = make_employee("赵三")
    make_employment(town.firms[1], newcomer)
    make_delivery("employees", touching=town.firms)
    match_all()
    couple, alone = town.couple(town.one, town.other), town.couple(newcomer)
    Entitlement.objects.filter(pk=alone.pk).update(persons=[newcomer.pk, town.other.pk])
    return couple, alone


def test_what_slipped_through_is_neither_offered_nor_claimed() -> None:
    couple, alone = slipped_through(Town())
    click(couple)
    with pytest.raises(NotOpen, match="One of a couple has claimed this already"):
        click(alone)
    assert not list_offers(company=alone.company, on=TODAY).claimable
    assert claim_automatic(limit=10, now=NOW) == 0


def test_the_sweep_claims_one_of_two_that_share_a_person() -> None:
    couple, alone = slipped_through(Town(track="automatic"))
    assert claim_automatic(limit=10, now=NOW) == 1
    assert claim_automatic(limit=10, now=NOW) == 0
    assert [amount is not None for amount in paid_amounts(couple, alone)] == [True, False]


def test_the_database_refuses_a_second_claim_that_shares_a_person() -> None:
    couple, alone = slipped_through(Town())
    claim = "UPDATE policies_entitlement SET status = 'claimed' WHERE id = %s"
    assert refusal_of(claim, couple.pk) is None
    assert refusal_of(claim, alone.pk) == "claimed_person_once"
    forget = "UPDATE policies_entitlement SET persons = NULL WHERE id = %s"
    assert refusal_of(forget, couple.pk) == "entitlement_claimed_is_never_rewritten"
    assert entitlement_statuses(couple, alone) == ["claimed", "open"]


def test_of_two_old_claims_of_a_couple_undoing_one_leaves_the_other_its_people() -> None:
    couple, alone = slipped_through(Town())
    click(couple)
    # Both are claimed, as in rows from before the database refused that; the earlier one holds the shared person.
    with unguarded():
        Entitlement.objects.filter(pk=alone.pk).update(status="claimed")
    assert refusal_of("UPDATE policies_entitlement SET status = 'open' WHERE id = %s", alone.pk) is None
    assert set(ClaimedPerson.objects.values_list("person", flat=True)) == set(couple.persons or ())


def test_one_that_is_written_as_claimed_is_refused_too() -> None:
    couple, alone = slipped_through(Town())
    click(couple)
    columns = [field.column for field in Entitlement._meta.concrete_fields if field.column not in ("id", "subject_key")]
    values = ["'claimed'" if name == "status" else name for name in columns]
    copied = (
        f"INSERT INTO policies_entitlement (subject_key, {', '.join(columns)})"
        f" SELECT 'another', {', '.join(values)} FROM policies_entitlement WHERE id = %s"
    )
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copied, [alone.pk])
    assert constraint_of(refused.value) == "claimed_person_once"


def test_nobody_but_the_entitlements_says_who_has_claimed() -> None:
    town = Town()
    click(town.couple(town.one, town.other))
    assert refusal_of("DELETE FROM policies_claimedperson") == "claimed_person_follows_its_claim"
    assert refusal_of("UPDATE policies_claimedperson SET person_id = 1") == "claimed_person_follows_its_claim"


def test_a_company_names_nobody() -> None:
    make_all_deliveries()
    company: Company = make_company()
    make_published("true")
    match_all()
    assert Entitlement.objects.get(company=company).persons is None
