"""The money that the platform paid is a dataset of its own: instalments and top-ups read it, and follow it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.models import Company
from payouts.controls.post_audit import ask_for_check, finish_check
from payouts.ledger.move import move
from payouts.models import Payout, Recovery
from payouts.recovery.recover import demand_repayment, end_recovery, record_repayment
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Role, Status
from policies.editor.vocabulary import vocabulary
from policies.explain.company import explain_company
from policies.matching.entitlements import is_settled
from policies.matching.payout_dependencies import versions_reading
from policies.models import Entitlement, PolicyVersion, ReceivedChange, Subject
from qinqing.cockpit.queries import count
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries, make_employment
from tests.factories.people import make_employee, make_user
from tests.factories.policies import make_policy, make_published, match_all
from tests.factories.stacking import click
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def award(amount_cny: Decimal | int, *, code: str = "P-1") -> PolicyVersion:
    """A version that owes each firm this amount."""
    return make_published("company.size != null", policy=make_policy(code), amount=str(amount_cny))


def pay(firm: Company, version: PolicyVersion) -> Payout:
    """Match, claim and pay what the version owes the firm."""
    match_all()
    right = Entitlement.objects.get(version=version, company=firm)
    payout = Payout.objects.get(pk=click(right).payout_ids[0])
    with_bank(payout)
    return payout


def with_bank(payout: Payout) -> None:
    while send_due(gateway=Teller(), limit=10, now=NOW).count:
        continue
    while apply_replies(limit=10, now=NOW):
        continue
    payout.refresh_from_db()
    assert payout.status == Status.PAID


def amounts(version: PolicyVersion) -> list[Decimal]:
    open_ones = Entitlement.objects.filter(version=version, status="open")
    return list(open_ones.order_by("pk").values_list("amount_cny", flat=True))


def test_the_next_instalment_follows_the_first() -> None:
    firm, first = make_company(), award(100)
    second = make_published('count(received[policy = "P-1"]) = 1', amount="200")
    match_all()
    assert amounts(second) == []
    pay(firm, first)
    assert not is_settled()
    match_all()
    assert (amounts(second), is_settled()) == ([200], True)


def test_a_top_up_pays_the_rest() -> None:
    firm, first = make_company(), award(100)
    top_up = make_published(
        'sum(received[policy = "P-1" and paid_on >= date("2026-01-01")].amount) < 250',
        amount='250 - sum(已兑付[政策编号 = "P-1"].金额)',
    )
    pay(firm, first)
    match_all()
    assert amounts(top_up) == [150]


def test_money_that_comes_back_was_not_received() -> None:
    firm, first = make_company(), award(100)
    second = make_published('count(received[policy = "P-1"]) = 1', amount="200")
    payout = pay(firm, first)
    match_all()
    move(
        payouts=[payout.pk],
        before=Status.PAID,
        after=Status.RETURNED,
        role=Role.SYSTEM,
        actor=None,
        because="wrong account",
        now=NOW,
    )
    match_all()
    assert amounts(second) == []


def test_a_person_has_received_what_was_claimed_for_the_person() -> None:
    firm, one, other = make_company(), make_employee(), make_employee("王二")
    make_all_deliveries()
    for someone in (one, other):
        make_employment(firm, someone)
    first = make_published("employee.insured_months > 0", policy=make_policy("P-1"), subject="employee", amount="100")
    second = make_published('count(person_received[policy = "P-1"]) = 1', subject="employee", amount="50")
    match_all()
    right = Entitlement.objects.get(version=first, employee=one)
    with_bank(Payout.objects.get(pk=click(right).payout_ids[0]))
    match_all()
    assert list(Entitlement.objects.filter(version=second).values_list("employee", flat=True)) == [one.pk]


def test_only_who_looks_at_a_policy_is_decided_when_it_pays() -> None:
    one, other = make_company(), make_company()
    first, second = award(100), award(50, code="P-2")
    of_first = make_published('count(received[policy = "P-1"]) = 1', amount="200")
    of_any = make_published("count(received) = 1", amount="7")
    news = [(pay(one, first).company_id, "P-1"), (pay(other, second).company_id, "P-2")]
    # Matching decided about the first payment while the test paid the second.
    assert list(ReceivedChange.objects.values_list("company_id", "policy__code")) == news[1:]
    assert versions_reading(news=news, versions=[of_first, of_any]) == {
        frozenset({one.pk}): [of_first],
        frozenset({one.pk, other.pk}): [of_any],
    }
    assert versions_reading(news=[(other.pk, None)], versions=[of_first]) == {frozenset({other.pk}): [of_first]}
    match_all()
    assert (amounts(of_first), amounts(of_any), is_settled()) == ([200], [7, 7], True)


def test_nobody_is_told_when_no_rule_asks() -> None:
    pay(make_company(), award(100))
    assert not ReceivedChange.objects.exists()


def test_the_reasons_name_the_treasury() -> None:
    firm = make_company()
    version = make_published('count(received[policy = "P-1"]) = 1', amount="200")
    told = explain_company(company=firm, version=version, now=NOW)
    assert told.clauses[0].verdict is False
    assert [str(fact.department.en) for fact in told.clauses[0].facts] == ["Treasury"]


def test_the_vocabulary_has_it_in_both_languages() -> None:
    groups = {group.name.en: group for group in vocabulary()}
    assert [word.path_zh for word in groups["Received"].words] == [
        "已兑付.政策编号",
        "已兑付.周期",
        "已兑付.金额",
        "已兑付.到账日期",
    ]
    of_persons = {s for group in vocabulary() if group.name.en == "Received by the person" for s in group.subjects}
    assert {Subject.EMPLOYEE.label, Subject.COUPLE.label} <= of_persons
    assert Subject.COMPANY.label not in of_persons


def asked_back(payout: Payout, amount_cny: Decimal | int) -> Recovery:
    """A demand without fraud, so the firm may go on claiming."""
    check = ask_for_check(payout=payout, because="举报", actor=make_user("officer"), now=NOW)
    finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=make_user("officer2"), now=NOW)
    check.refresh_from_db()
    return demand_repayment(
        check=check,
        amount_cny=Decimal(amount_cny),
        because="多付",
        actor=make_user("finance"),
        now=NOW,
    )


def repay(recovery: Recovery, amount_cny: Decimal | int, reference: str) -> None:
    record_repayment(
        recovery_id=recovery.pk,
        amount_cny=Decimal(amount_cny),
        received_on=TODAY,
        bank_reference=reference,
        actor=make_user("finance"),
        now=NOW,
    )


def test_what_is_asked_back_is_received_until_it_comes_back() -> None:
    firm, first = make_company(), award(100)
    top_up = make_published(
        'sum(received[policy = "P-1"].amount) < 250', amount='250 - sum(received[policy = "P-1"].amount)'
    )
    never = make_published('count(received[policy = "P-1"]) = 0', amount="7")
    payout = pay(firm, first)
    match_all()
    recovery = asked_back(payout, "0.01")
    assert is_settled()
    assert (amounts(top_up), amounts(never)) == ([150], [])
    repay(recovery, "0.01", "R-1")
    assert not is_settled()
    match_all()
    assert (amounts(top_up), amounts(never)) == ([Decimal("150.01")], [])
    end_recovery(recovery_id=recovery.pk, actor=make_user("closer"), now=NOW)
    match_all()
    assert (amounts(top_up), amounts(never)) == ([Decimal("150.01")], [])
    assert count(now=NOW).headline.paid_cny == Decimal("99.99")


def test_what_came_back_in_full_was_not_received() -> None:
    firm, first = make_company(), award(100)
    never = make_published('count(received[policy = "P-1"]) = 0', amount="7")
    payout = pay(firm, first)
    match_all()
    recovery = asked_back(payout, 100)
    repay(recovery, 60, "R-1")
    match_all()
    assert (amounts(never), count(now=NOW).headline.paid_cny) == ([], 40)
    repay(recovery, 40, "R-2")
    match_all()
    headline = count(now=NOW).headline
    assert (amounts(never), headline.paid_cny, headline.companies) == ([7], 0, 0)
    repay(recovery, -40, "R-3")
    match_all()
    assert (amounts(never), count(now=NOW).headline.companies) == ([], 1)
