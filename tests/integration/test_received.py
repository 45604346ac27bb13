"""What the platform has paid is a dataset of its own: instalments and top-ups read it, and follow it."""

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
from policies.matching.payout_dependencies import concerned
from policies.models import Entitlement, PolicyVersion, ReceivedChange
from qinqing.cockpit.queries import count
from tests.factories import payouts as made
from tests.factories import policies as written
from tests.factories.stacking import click
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def award(amount_cny: Decimal | int, *, code: str = "P-1") -> PolicyVersion:
    """A version whose entitlement a firm is paid by."""
    return written.published("company.size != null", policy=written.programme(code), amount=str(amount_cny))


def pay(firm: Company, version: PolicyVersion) -> Payout:
    """Match, claim and pay what the version owes the firm."""
    written.matched()
    if not firm.accounts.exists():
        made.account(company=firm)
    right = Entitlement.objects.get(version=version, company=firm)
    payout = Payout.objects.get(pk=click(right).payout_ids[0])
    with_bank(payout)
    return payout


def with_bank(payout: Payout) -> None:
    while send_due(gateway=Teller(), limit=10, now=made.NOW).count:
        continue
    while apply_replies(limit=10, now=made.NOW):
        continue
    payout.refresh_from_db()
    assert payout.status == Status.PAID


def amounts(version: PolicyVersion) -> list[Decimal]:
    open_ones = Entitlement.objects.filter(version=version, status="open")
    return list(open_ones.order_by("pk").values_list("amount_cny", flat=True))


def test_the_next_instalment_follows_the_first() -> None:
    firm, first = written.firm(), award(100)
    second = written.published('count(received[policy = "P-1"]) = 1', amount="200")
    written.matched()
    assert amounts(second) == []
    pay(firm, first)
    assert not is_settled()
    written.matched()
    assert (amounts(second), is_settled()) == ([200], True)


def test_a_top_up_pays_the_rest() -> None:
    firm, first = written.firm(), award(100)
    top_up = written.published(
        'sum(received[policy = "P-1" and paid_on >= date("2026-01-01")].amount) < 250',
        amount='250 - sum(已兑付[政策编号 = "P-1"].金额)',
    )
    pay(firm, first)
    written.matched()
    assert amounts(top_up) == [150]


def test_money_that_comes_back_was_not_received() -> None:
    firm, first = written.firm(), award(100)
    second = written.published('count(received[policy = "P-1"]) = 1', amount="200")
    payout = pay(firm, first)
    written.matched()
    move(
        payouts=[payout.pk],
        before=Status.PAID,
        after=Status.RETURNED,
        role=Role.SYSTEM,
        actor=None,
        because="wrong account",
        now=made.NOW,
    )
    written.matched()
    assert amounts(second) == []


def test_a_person_has_received_what_was_claimed_for_the_person() -> None:
    firm, one, other = written.firm(), written.person(), written.person("王二")
    written.all_delivered()
    for someone in (one, other):
        written.employed(firm, someone)
    first = written.published(
        "employee.insured_months > 0", policy=written.programme("P-1"), subject="employee", amount="100"
    )
    second = written.published('count(person_received[policy = "P-1"]) = 1', subject="employee", amount="50")
    written.matched()
    made.account(company=firm)
    right = Entitlement.objects.get(version=first, employee=one)
    with_bank(Payout.objects.get(pk=click(right).payout_ids[0]))
    written.matched()
    assert list(Entitlement.objects.filter(version=second).values_list("employee", flat=True)) == [one.pk]


def test_only_who_looks_at_a_policy_is_decided_when_it_pays() -> None:
    one, other = written.firm(), written.firm()
    first, second = award(100), award(50, code="P-2")
    of_first = written.published('count(received[policy = "P-1"]) = 1', amount="200")
    of_any = written.published("count(received) = 1", amount="7")
    news = [(pay(one, first).company_id, "P-1"), (pay(other, second).company_id, "P-2")]
    # The first was decided on the way to the second.
    assert list(ReceivedChange.objects.values_list("company_id", "policy__code")) == news[1:]
    assert concerned(news=news, versions=[of_first, of_any]) == {
        frozenset({one.pk}): [of_first],
        frozenset({one.pk, other.pk}): [of_any],
    }
    assert concerned(news=[(other.pk, None)], versions=[of_first]) == {frozenset({other.pk}): [of_first]}
    written.matched()
    assert (amounts(of_first), amounts(of_any), is_settled()) == ([200], [7, 7], True)


def test_nobody_is_told_when_no_rule_asks() -> None:
    pay(written.firm(), award(100))
    assert not ReceivedChange.objects.exists()


def test_the_reasons_name_the_treasury() -> None:
    firm = written.firm()
    version = written.published('count(received[policy = "P-1"]) = 1', amount="200")
    told = explain_company(company=firm, version=version, now=written.NOW)
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
    assert {"employee", "couple"} <= of_persons
    assert "company" not in of_persons


def asked_back(payout: Payout, amount_cny: Decimal | int) -> Recovery:
    """A demand without fraud: the firm may go on claiming."""
    check = ask_for_check(payout=payout, because="举报", actor=made.person("officer"), now=made.NOW)
    finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=made.person("officer2"), now=made.NOW)
    check.refresh_from_db()
    return demand_repayment(
        check=check,
        amount_cny=Decimal(amount_cny),
        fine_percentage=0,
        is_fraud=False,
        because="多付",
        actor=made.person("finance"),
        now=made.NOW,
    )


def repay(recovery: Recovery, amount_cny: Decimal | int, reference: str) -> None:
    record_repayment(
        recovery_id=recovery.pk,
        amount_cny=Decimal(amount_cny),
        received_on=made.TODAY,
        bank_reference=reference,
        actor=made.person("finance"),
        now=made.NOW,
    )


def test_what_is_asked_back_is_received_until_it_comes_back() -> None:
    firm, first = written.firm(), award(100)
    top_up = written.published(
        'sum(received[policy = "P-1"].amount) < 250', amount='250 - sum(received[policy = "P-1"].amount)'
    )
    never = written.published('count(received[policy = "P-1"]) = 0', amount="7")
    payout = pay(firm, first)
    written.matched()
    recovery = asked_back(payout, "0.01")
    assert is_settled()
    assert (amounts(top_up), amounts(never)) == ([150], [])
    repay(recovery, "0.01", "R-1")
    assert not is_settled()
    written.matched()
    assert (amounts(top_up), amounts(never)) == ([Decimal("150.01")], [])
    end_recovery(recovery_id=recovery.pk, actor=made.person("closer"), now=made.NOW)
    written.matched()
    assert (amounts(top_up), amounts(never)) == ([Decimal("150.01")], [])
    assert count(now=made.NOW).headline.paid_cny == Decimal("99.99")


def test_what_came_back_in_full_was_not_received() -> None:
    firm, first = written.firm(), award(100)
    never = written.published('count(received[policy = "P-1"]) = 0', amount="7")
    payout = pay(firm, first)
    written.matched()
    recovery = asked_back(payout, 100)
    repay(recovery, 60, "R-1")
    written.matched()
    assert (amounts(never), count(now=made.NOW).headline.paid_cny) == ([], 40)
    repay(recovery, 40, "R-2")
    written.matched()
    headline = count(now=made.NOW).headline
    assert (amounts(never), headline.paid_cny, headline.companies) == ([7], 0, 0)
    repay(recovery, -40, "R-3")
    written.matched()
    assert (amounts(never), count(now=made.NOW).headline.companies) == ([], 1)
