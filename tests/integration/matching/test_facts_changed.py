"""Facts change after a claim: the claim stays as it is, and a clerk looks at the payment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.models import Company
from payouts.controls.post_audit import raise_risks
from payouts.models import Payout, PostCheck
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from policies.explain.evidence import shown_changes
from policies.models import Entitlement, FactChange, PolicyVersion
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import InsuranceMonth, TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row, undeliver
from tests.factories.policies import make_published, make_submitted, match_all, publish_version
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

CLAUSE = "tax[year = 2025].revenue < 5000000"
AMOUNT = "tax[year = 2025].tax_paid * 0.1"


def taxed(revenue: int | None = 1_000_000, tax_paid: int = 20_000) -> Company:
    company = make_company()
    make_row(TaxYear, company, year=2025, revenue=revenue, tax_paid=tax_paid)
    return company


def paid(*companies: Company, **fields: object) -> PolicyVersion:
    """A version under which these companies were paid."""
    make_all_deliveries()
    version = make_published(CLAUSE, amount=AMOUNT, **fields)
    match_all()
    claimed(version)
    send_due(gateway=Teller(), limit=100, now=NOW)
    apply_replies(limit=100, now=NOW)
    return version


def claimed(version: PolicyVersion) -> None:
    rights = Entitlement.objects.filter(version=version, status="open").values_list("pk", flat=True)
    claim_entitlements(entitlement_ids=list(rights), company=None, commitment="", actor=None, now=NOW)


def delivered(company: Company, dataset: str = "tax", **columns: object) -> None:
    TaxYear.objects.filter(company=company).update(**columns)
    make_delivery(dataset, touching=[company])
    match_all()


def test_a_verdict_that_would_be_another_raises_one_check() -> None:
    firm, other = taxed(), taxed()
    version = paid(firm, other)
    before = Entitlement.objects.get(company=firm)
    delivered(firm, revenue=9_000_000)
    (change,) = FactChange.objects.all()
    assert (change.entitlement, change.amount_cny) == (before, None)
    assert change.facts == {"tax[year = 2025].revenue": [1_000_000, 9_000_000]}
    assert raise_risks(now=NOW) == 1
    assert raise_risks(now=NOW) == 0
    check = PostCheck.objects.get()
    assert (check.reason, check.payout.company, check.opened_by) == (PostCheck.Reason.FACTS, firm, None)
    after = Entitlement.objects.get(company=firm)
    assert (after.status, after.amount_cny, after.evidence) == ("claimed", before.amount_cny, before.evidence)
    (shown,) = shown_changes(facts=change.facts, subject=version.subject)
    assert (shown.then, shown.now) == ("1,000,000 元", "9,000,000 元")


def test_an_amount_that_would_be_another_raises_a_check() -> None:
    firm = taxed()
    paid(firm)
    delivered(firm, tax_paid=15_000)
    assert FactChange.objects.get().amount_cny == Decimal("1500.00")
    assert raise_risks(now=NOW) == 1


def test_a_fact_that_is_not_known_any_more_is_a_change() -> None:
    firm = taxed()
    paid(firm)
    undeliver(TaxYear.objects.all())
    make_delivery("tax", touching=[firm])
    match_all()
    assert FactChange.objects.get().amount_cny is None


@pytest.mark.parametrize("columns", [{"revenue": 2_000_000}, {"revenue": 1_000_000}])
def test_a_change_that_changes_nothing_raises_nothing(columns: dict[str, int]) -> None:
    firm = taxed()
    paid(firm)
    delivered(firm, **columns)
    assert not FactChange.objects.exists()
    assert raise_risks(now=NOW) == 0


def test_other_datasets_other_firms_and_stale_data_raise_nothing() -> None:
    firm, other = taxed(), taxed()
    paid(firm, other)
    TaxYear.objects.filter(company=firm).update(revenue=9_000_000)
    make_row(InsuranceMonth, firm, month="2025-12", insured=3)
    make_delivery("insurance", touching=[firm])
    make_delivery("tax", touching=[other])
    match_all()
    assert not FactChange.objects.exists()


def test_facts_that_come_back_take_the_change_away() -> None:
    firm = taxed()
    paid(firm)
    delivered(firm, revenue=9_000_000)
    delivered(firm, revenue=1_000_000)
    assert not FactChange.objects.exists()
    assert raise_risks(now=NOW) == 0


def test_what_is_not_paid_yet_is_looked_at_once_it_is() -> None:
    firm = taxed()
    make_all_deliveries()
    version = make_published(CLAUSE, amount=AMOUNT)
    match_all()
    claimed(version)
    delivered(firm, revenue=9_000_000)
    assert FactChange.objects.count() == 1
    assert raise_risks(now=NOW) == 0
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert Payout.objects.get().status == Status.PAID
    assert raise_risks(now=NOW) == 1


def test_the_rules_are_those_it_was_claimed_by() -> None:
    firm = taxed()
    version = paid(firm)
    newer = make_submitted("tax[year = 2025].revenue < 1", policy=version.policy, amount=AMOUNT)
    publish_version(newer, replaces=version)
    match_all()
    delivered(firm, revenue=1_000_001)
    assert not FactChange.objects.exists()
    delivered(firm, revenue=6_000_000)
    assert FactChange.objects.get().entitlement.version == version


def test_what_the_platform_itself_paid_is_no_change() -> None:
    firm = taxed()
    make_all_deliveries()
    version = make_published('count(received[policy = "NONE"]) = 0 and ' + CLAUSE, amount=AMOUNT)
    match_all()
    claimed(version)
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    match_all()
    delivered(firm, revenue=1_000_000)
    assert not FactChange.objects.exists()


def test_many_are_one_statement(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    firms = [taxed() for _each in range(30)]
    paid(*firms)
    TaxYear.objects.filter(company__in=firms[:20]).update(revenue=9_000_000)
    make_delivery("tax", touching=firms)
    with django_assert_max_num_queries(80):  # type: ignore[operator]
        match_all()
    assert FactChange.objects.count() == 20
    assert raise_risks(now=NOW) == 20
