"""What levels owe each other: two persons settle it, in both directions."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from payouts.controls.post_audit import ask_for_check, finish_check
from payouts.ledger.level_debts import find_unsettled_debts
from payouts.ledger.shares import NotOwed, propose_settlement
from payouts.models import Payout, Settlement
from payouts.recovery.recover import demand_repayment, record_repayment
from qinqing.proposals.decide import AlreadyDecided, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.functional.conftest import browser  # noqa: F401 - a fixture
from tests.integration.ledger.test_shares import HALF, paid, shared

pytestmark = pytest.mark.django_db


def test_what_the_advance_payer_paid_is_owed_and_settled() -> None:
    version = shared(HALF, advance_payer="district")
    payout = paid(version, "100.01")
    (debt,) = find_unsettled_debts()
    assert (debt.debtor, debt.creditor, debt.district) == ("city", "district", payout.district)
    assert (debt.share_cny, debt.owed_cny) == (Decimal("50.01"), Decimal("50.01"))
    booking = {
        "fund": payout.fund,
        "district": payout.district,
        "debtor": "city",
        "creditor": "district",
        "settled_on": TODAY,
        "actor": make_user("finance"),
        "now": NOW,
    }
    second = make_user("second")
    first = propose_settlement(**booking, amount_cny=Decimal(20), reference="V-1")
    (debt,) = find_unsettled_debts()
    assert (debt.owed_cny, debt.booked_cny, debt.bookable_cny) == (Decimal("50.01"), Decimal(20), Decimal("30.01"))
    confirm(proposal_id=first.pk, actor=second, now=NOW)
    (debt,) = find_unsettled_debts()
    assert (debt.owed_cny, debt.booked_cny, debt.bookable_cny) == (Decimal("30.01"), 0, Decimal("30.01"))
    for amount, reference in (("30.02", "V-2"), ("0", "V-2"), ("-5", "V-2"), ("5", "V-1"), ("5", " ")):
        with pytest.raises(NotOwed):
            propose_settlement(**booking, amount_cny=Decimal(amount), reference=reference)
    for wrong in ({"creditor": "province"}, {"debtor": "district", "creditor": "city"}, {"district": "330127"}):
        with pytest.raises(NotOwed):
            propose_settlement(**(booking | wrong), amount_cny=Decimal(1), reference="V-3")
    slip = propose_settlement(**booking, amount_cny=Decimal("3.01"), reference="V-4")
    turn_down(proposal_id=slip.pk, actor=booking["actor"], now=NOW)
    with pytest.raises(AlreadyDecided):
        confirm(proposal_id=slip.pk, actor=second, now=NOW)
    rest = propose_settlement(**booking, amount_cny=Decimal("30.01"), reference="V-4")
    assert find_unsettled_debts() != ()
    confirm(proposal_id=rest.pk, actor=second, now=NOW)
    assert find_unsettled_debts() == ()


def test_what_came_back_meanwhile_is_not_confirmed() -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    told = {"settled_on": TODAY, "actor": make_user("finance"), "now": NOW}
    booked = propose_settlement(**sides, **told, amount_cny=Decimal(50), reference="V-1")
    repaid(payout, Decimal(10))
    with pytest.raises(NotOwed):
        confirm(proposal_id=booked.pk, actor=make_user("second"), now=NOW)
    turn_down(proposal_id=booked.pk, actor=make_user("second"), now=NOW)
    with pytest.raises(NotOwed):
        propose_settlement(**sides, **told, amount_cny=Decimal(50), reference="V-1")
    rest = propose_settlement(**sides, **told, amount_cny=Decimal(45), reference="V-1")
    confirm(proposal_id=rest.pk, actor=make_user("second"), now=NOW)
    assert find_unsettled_debts() == ()


def test_what_came_back_after_it_was_settled_is_owed_back_by_the_level_that_paid_first() -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    place = {"fund": payout.fund, "district": payout.district, "settled_on": TODAY, "now": NOW}
    forth = place | {"debtor": "city", "creditor": "district", "actor": make_user("finance")}
    back = forth | {"debtor": "district", "creditor": "city"}
    second = make_user("second")
    booked = propose_settlement(**forth, amount_cny=Decimal(50), reference="V-1")
    confirm(proposal_id=booked.pk, actor=second, now=NOW)
    with pytest.raises(NotOwed):
        propose_settlement(**back, amount_cny=Decimal("0.01"), reference="V-2")
    repaid(payout, Decimal(10))
    (debt,) = find_unsettled_debts()
    assert (debt.debtor, debt.creditor, debt.owed_cny, debt.bookable_cny) == ("district", "city", 5, 5)
    for amount, way in (("5.01", back), ("0.01", forth)):
        with pytest.raises(NotOwed):
            propose_settlement(**way, amount_cny=Decimal(amount), reference="V-2")
    first = propose_settlement(**back, amount_cny=Decimal(2), reference="V-2")
    with pytest.raises(NotOwed):
        propose_settlement(**back, amount_cny=Decimal("3.01"), reference="V-3")
    (debt,) = find_unsettled_debts()
    assert (debt.owed_cny, debt.booked_cny, debt.bookable_cny) == (5, 2, 3)
    with pytest.raises(SamePerson):
        confirm(proposal_id=first.pk, actor=forth["actor"], now=NOW)
    rest = propose_settlement(**back, amount_cny=Decimal(3), reference="V-3")
    for each in (first, rest):
        confirm(proposal_id=each.pk, actor=second, now=NOW)
    assert find_unsettled_debts() == ()


def repaid(payout: Payout, amount_cny: Decimal) -> None:
    """Find a breach, and have the firm repay part of the money."""
    payout.refresh_from_db()
    check = ask_for_check(payout=payout, because="举报", actor=make_user("asker"), now=NOW)
    finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=make_user("finder"), now=NOW)
    check.refresh_from_db()
    terms = {"amount_cny": Decimal(100), "because": "已停业"}
    recovery = demand_repayment(check=check, **terms, actor=make_user("asker"), now=NOW)
    record_repayment(
        recovery_id=recovery.pk,
        amount_cny=amount_cny,
        received_on=TODAY,
        bank_reference="R-1",
        actor=make_user("asker"),
        now=NOW,
    )


def test_a_settlement_takes_two_persons_whoever_writes() -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    told = {"amount_cny": Decimal(30), "reference": "V-1", "settled_on": TODAY, "now": NOW}
    proposal = propose_settlement(**sides, **told, actor=make_user("finance"))
    book = (
        "INSERT INTO payouts_settlement (fund_id, district, debtor, creditor, amount_cny, reference, settled_on,"
        " proposal_id) VALUES (%s, %s, 'city', 'district', 5, 'V-2', '2026-03-02', %s)"
    )
    assert refusal_of(book, payout.fund_id, payout.district, proposal.pk) == "settlement_takes_two_people"
    decide = "UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = %s"
    assert refusal_of(decide, make_user("finance").pk) == "proposal_is_confirmed_by_another"
    assert refusal_of(decide, make_user("second").pk) is None
    assert refusal_of("UPDATE payouts_settlement SET amount_cny = 1") == "settlement_is_kept"
    assert refusal_of("DELETE FROM payouts_settlement") == "settlement_is_kept"


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"amount_cny": "50.01"}, "settlement_is_owed"),
        ({"amount_cny": "-1"}, "settlement_is_owed"),
        ({"debtor": "district"}, "settlement_is_owed"),
        ({"reference": "V-0"}, "settlement_voucher_once"),
    ],
)
def test_what_is_not_owed_is_not_even_proposed_whoever_writes(changed: dict[str, str], promise: str) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    told = {"amount_cny": Decimal(30), "reference": "V-0", "settled_on": TODAY, "now": NOW}
    first = propose_settlement(**sides, **told, actor=make_user("finance"))
    given = {**first.after, "amount_cny": "1", "reference": "V-1"} | changed
    statement = (
        "INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because, document_number,"
        " excluded_ids, proposed_at, proposed_by_id, decision)"
        " VALUES ('settlement', %s, 'x', 'x', '{}', %s, 'x', '', '{}', now(), %s, '')"
    )
    assert refusal_of(statement, payout.fund_id, json.dumps(given), make_user("finance").pk) == promise


@pytest.fixture
def people(browser: Callable[..., Client]) -> dict[str, Client]:  # noqa: F811 - the fixture
    return {role: browser(role, role=role) for role in ("officer", "finance", "auditor", "department")}


def test_finance_settles_what_is_owed(people: dict[str, Client]) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    address = reverse("admin:payouts_settlement_owed")
    page = people["auditor"].get(address).content.decode()
    assert "¥50.00" in page
    assert "fund=" not in page
    assert "fund=" in people["finance"].get(address).content.decode()
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    assert people["finance"].get(address, where).status_code == 200
    said = {"amount_cny": "50", "reference": "V-1", "settled_on": "2026-03-02"}
    for role in ("auditor", "officer", "department"):
        assert people[role].post(address, where | said).status_code == 403
    assert people["finance"].post(address, where | said).status_code == 302
    assert Proposal.objects.get(kind="settlement").proposed_by.username == "finance"
    people["finance"].post(address, where | said | {"reference": "V-2"})
    assert Proposal.objects.filter(kind="settlement").count() == 1
    course = reverse("admin:payouts_fund_course", args=[payout.fund_id])
    assert "¥50.00" in people["auditor"].get(course).content.decode()


@pytest.mark.parametrize(("language", "name"), [("en", "Shangcheng 330102"), ("zh-hans", "上城区 330102")])
def test_a_district_is_named_and_not_only_numbered(
    language: str,
    name: str,
    people: dict[str, Client],
    browser: Callable[..., Client],  # noqa: F811 - the fixture
) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    address = reverse("admin:payouts_settlement_owed")
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "20", "reference": "V-1", "settled_on": "2026-03-02"}
    people["finance"].post(address, where | said)
    booked, reader = Proposal.objects.get(kind="settlement"), browser("reader", role="finance", language=language)
    assert name in reader.get(address, where).content.decode()
    for page in (
        address,
        reverse("admin:proposals_proposal_change", args=[booked.pk]),
        reverse("admin:proposals_proposal_confirm", args=[booked.pk]),
        reverse("admin:payouts_fund_course", args=[payout.fund_id]),
    ):
        assert name in reader.get(page).content.decode()


def test_a_day_to_come_is_told_apart_from_a_day_left_out(people: dict[str, Client]) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "5", "reference": "V-1", "settled_on": "2999-01-01"}
    answer = people["finance"].post(reverse("admin:payouts_settlement_owed"), where | said).content.decode()
    assert "That day has not come yet" in answer
    assert not Proposal.objects.filter(kind="settlement").exists()


def test_what_is_booked_beyond_what_is_owed_by_now_is_said(people: dict[str, Client]) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    address = reverse("admin:payouts_settlement_owed")
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "50", "reference": "V-1", "settled_on": "2026-03-02"}
    people["finance"].post(address, where | said)
    assert "¥0.00 is left to book" in people["finance"].get(address, where).content.decode()
    repaid(payout, Decimal(10))
    page = people["finance"].get(address, where).content.decode()
    assert "¥50.00 is booked and waits to be confirmed, more than is owed by now" in page
    assert "left to book" not in page


def test_another_clerk_confirms_at_the_desk(people: dict[str, Client], browser: Callable[..., Client]) -> None:  # noqa: F811
    payout = paid(shared(HALF, advance_payer="district"))
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "50", "reference": "V-1", "settled_on": "2026-03-02"}
    people["finance"].post(reverse("admin:payouts_settlement_owed"), where | said)
    booked = Proposal.objects.get(kind="settlement")
    page = reverse("admin:proposals_proposal_change", args=[booked.pk])
    confirm = reverse("admin:proposals_proposal_confirm", args=[booked.pk])
    turn_down = reverse("admin:proposals_proposal_turn_down", args=[booked.pk])
    people["finance"].post(confirm)
    assert not Settlement.objects.exists()
    take_back = reverse("admin:proposals_proposal_take_back", args=[booked.pk])
    for role in ("auditor", "officer", "department"):
        assert people[role].post(confirm).status_code == 403
        assert people[role].post(turn_down).status_code == 403
    assert confirm not in people["finance"].get(page).content.decode()
    assert take_back in people["finance"].get(page).content.decode()
    second = browser("second", role="finance")
    assert confirm in second.get(page).content.decode()
    assert "¥50.00" in second.get(confirm).content.decode()
    assert second.post(confirm).status_code == 302
    booked.refresh_from_db()
    assert (booked.decision, booked.decided_by.username) == ("confirmed", "second")
    assert second.post(turn_down).status_code == 302
    booked.refresh_from_db()
    assert booked.decision == "confirmed"
    assert find_unsettled_debts() == ()


def test_the_desk_says_who_owes_whom_and_books_it_back(people: dict[str, Client]) -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    address = reverse("admin:payouts_settlement_owed")
    forth = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "50", "reference": "V-1", "settled_on": "2026-03-02"}
    assert "The city owes the district ¥50.00." in people["auditor"].get(address).content.decode()
    people["finance"].post(address, forth | said)
    confirm(proposal_id=Proposal.objects.get(kind="settlement").pk, actor=make_user("second"), now=NOW)
    repaid(payout, Decimal(10))
    back, sentence = forth | {"debtor": "district", "creditor": "city"}, "The district owes the city ¥5.00 back"
    page = people["finance"].get(address).content.decode()
    assert sentence in page
    assert "debtor=district&amp;creditor=city" in page
    assert sentence in people["finance"].get(address, back).content.decode()
    course = reverse("admin:payouts_fund_course", args=[payout.fund_id])
    assert sentence in people["auditor"].get(course).content.decode()
    chinese = people["auditor"].get(address, headers={"accept-language": "zh-hans"}).content.decode()
    assert "区县应退还市级¥5.00" in chinese
    said |= {"amount_cny": "5", "reference": "V-2"}
    people["finance"].post(address, forth | said)
    proposed = Proposal.objects.filter(kind="settlement").order_by("pk")
    assert proposed.count() == 1
    assert people["finance"].post(address, back | said).status_code == 302
    assert [each.after["debtor"] for each in proposed] == ["city", "district"]
