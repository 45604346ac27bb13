"""After payment: samples, risks, findings, demands, repayments in parts, appeals, and who may not claim."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from payouts.claims.automatic import claim_automatic
from payouts.claims.refusals import Blacklisted
from payouts.controls.post_audit import (
    NotASample,
    NotPaid,
    ask_for_check,
    draw_samples,
    finish_check,
    plan_sampling,
    raise_risks,
)
from payouts.controls.reconcile import invariants
from payouts.ledger.funds import open_funds
from payouts.models import Appeal, Blacklisting, Claim, Fund, Payout, PostCheck, Recovery, Repayment, SamplingPlan
from payouts.recovery.penalties import propose_lifting
from payouts.recovery.queries import owed_cny
from payouts.recovery.recover import (
    NotABreach,
    NotAppealable,
    NotARepayment,
    NotEnded,
    appeal_against,
    decide_appeal,
    demand_repayment,
    end_recovery,
    record_repayment,
)
from payouts.states import Status
from policies.models import Track
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, SamePerson
from qinqing.proposals.propose import Concerned
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.payouts import insert_payout, make_paid, make_payout, settle_payouts
from tests.factories.penalties import lift_ban, punish
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.batches.test_batches import statement
from tests.superuser import unguarded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

BANK = Teller()


@pytest.fixture(autouse=True)
def bank() -> Teller:
    """The bank of this test, without orders of other tests."""
    BANK.orders.clear()
    return BANK


def paid_on(*numbers: str) -> None:
    """Pay a new firm on each of these accounts."""
    for number in numbers:
        firm = make_company(account_number=number)
        right = make_entitlement(company=firm)
        claim_entitlements(entitlement_ids=[right.pk], company=firm, commitment="", actor=make_user("owner"), now=NOW)
    settle_payouts(BANK)


def breach(payout: Payout) -> PostCheck:
    check = ask_for_check(payout=payout, because="举报", actor=make_user("officer"), now=NOW)
    return finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=make_user("officer2"), now=NOW)


def demanded(payout: Payout | None = None, *, is_fraud: bool = True, **fields: Any) -> Recovery:
    """A demand of 100 yuan; for fraud it has a fine of 20 % and a ban from the same day."""
    asked = {"amount_cny": Decimal(100), "because": "虚报", "actor": make_user("finance"), "now": NOW} | fields
    recovery = demand_repayment(check=breach(payout or make_paid(gateway=BANK)), **asked)
    return punish(recovery, now=asked["now"]) if is_fraud else recovery


def repay(recovery: Recovery, amount: int | str, reference: str, actor: str = "finance") -> Repayment:
    return record_repayment(
        recovery_id=recovery.pk,
        amount_cny=Decimal(amount),
        received_on=TODAY,
        bank_reference=reference,
        actor=make_user(actor),
        now=NOW,
    )


def balances(payout: Payout) -> tuple[Decimal, Decimal, Decimal]:
    payout.fund.refresh_from_db()
    return payout.fund.available_cny, payout.fund.disbursed_cny, payout.fund.recovered_cny


def test_a_sample_is_drawn_by_its_seed_and_can_be_drawn_again() -> None:
    version = make_version()
    claim_entitlements(
        entitlement_ids=make_entitlements(200, of=version), company=None, commitment="", actor=None, now=NOW
    )
    settle_payouts(BANK)
    plan_sampling(version=version, percentage=Decimal(20), actor=make_user("officer"), now=NOW)
    drawn = draw_samples(now=NOW)
    assert 15 < drawn < 70
    seed = SamplingPlan.objects.get(version=version).seed
    payouts = Payout.objects.filter(fund__version=version).values_list("pk", flat=True)
    again = {pk for pk in payouts if int(hashlib.sha256(f"{seed}:{pk}".encode()).hexdigest()[:8], 16) < 0.2 * 2**32}
    assert set(PostCheck.objects.values_list("payout", flat=True)) == again
    assert draw_samples(now=NOW) == 0
    late = make_paid(gateway=BANK, of=version)
    assert draw_samples(now=NOW + timedelta(minutes=5)) in {0, 1}
    assert PostCheck.objects.filter(payout=late).count() <= 1
    whole = make_version()
    make_paid(gateway=BANK, of=whole)
    plan_sampling(version=whole, percentage=Decimal(100), actor=make_user("officer"), now=NOW)
    assert draw_samples(now=NOW) == 1


def test_a_plan_is_a_percentage_and_is_not_changed() -> None:
    version, officer = make_version(), make_user("officer")
    with pytest.raises(NotASample):
        plan_sampling(version=version, percentage=Decimal(101), actor=officer, now=NOW)
    plan_sampling(version=version, percentage=Decimal("2.5"), actor=officer, now=NOW)
    with pytest.raises(NotASample):
        plan_sampling(version=version, percentage=Decimal(5), actor=officer, now=NOW)
    assert refusal_of("UPDATE payouts_samplingplan SET seed = 'mine'") == "sampling_plan_is_not_changed"
    assert refusal_of("DELETE FROM payouts_samplingplan") == "sampling_plan_is_kept"


def test_one_account_that_collects_for_many_firms_is_a_risk() -> None:
    other = make_paid(gateway=BANK)
    paid_on("6222021000000001", "6222021000000001")
    assert raise_risks(now=NOW) == 0
    paid_on("6222021000000001")
    assert raise_risks(now=NOW) == 3
    assert raise_risks(now=NOW) == 0
    assert not PostCheck.objects.filter(payout=other).exists()


def test_only_what_was_paid_is_checked_and_for_a_reason() -> None:
    with pytest.raises(NotPaid):
        ask_for_check(payout=make_payout(), because="x", actor=make_user("owner"), now=NOW)
    with pytest.raises(NoReason):
        ask_for_check(payout=make_paid(gateway=BANK), because=" ", actor=make_user("owner"), now=NOW)
    statement = (
        "INSERT INTO payouts_postcheck (payout_id, reason, detail, opened_at, result, finding)"
        " VALUES (%s, 'sample', '', now(), '', '')"
    )
    assert refusal_of(statement, make_payout().pk) == "post_check_is_about_what_was_paid"


def test_a_check_is_finished_once_by_another_person() -> None:
    officer = make_user("officer")
    check = ask_for_check(payout=make_paid(gateway=BANK), because="x", actor=officer, now=NOW)
    finding = {"check_id": check.pk, "is_breach": False, "finding": "无异常", "now": NOW}
    with pytest.raises(SamePerson):
        finish_check(**finding, actor=officer)
    with pytest.raises(NoReason):
        finish_check(**(finding | {"finding": ""}), actor=make_user("b"))
    finish_check(**finding, actor=make_user("b"))
    with pytest.raises(AlreadyDecided):
        finish_check(**finding, actor=make_user("b"))
    assert refusal_of("UPDATE payouts_postcheck SET finding = 'other'") == "post_check_is_finished_once"
    assert refusal_of("DELETE FROM payouts_postcheck") == "post_check_is_kept"


def test_a_demand_follows_a_breach_once_and_asks_no_more_than_was_paid() -> None:
    kept = ask_for_check(payout=make_paid(gateway=BANK), because="x", actor=make_user("a"), now=NOW)
    finish_check(check_id=kept.pk, is_breach=False, finding="ok", actor=make_user("b"), now=NOW)
    asked = {"amount_cny": Decimal(100), "because": "x", "now": NOW}
    with pytest.raises(NotABreach):
        demand_repayment(check=PostCheck.objects.get(pk=kept.pk), **asked, actor=make_user("finance"))
    found = breach(make_paid(gateway=BANK))
    for wrong in ({"amount_cny": Decimal(101)}, {"amount_cny": Decimal(0)}):
        with pytest.raises(NotABreach):
            demand_repayment(check=found, **(asked | wrong), actor=make_user("finance"))
    with pytest.raises(NoReason):
        demand_repayment(check=found, **(asked | {"because": ""}), actor=make_user("finance"))
    with pytest.raises(SamePerson):
        demand_repayment(check=found, **asked, actor=make_user("officer2"))
    recovery = demand_repayment(check=found, **asked, actor=make_user("finance"))
    with pytest.raises(NotABreach):
        demand_repayment(check=found, **asked, actor=make_user("finance"))
    assert (recovery.payout.status, recovery.due_on) == (Status.RECOVERING, date(2026, 4, 1))


def test_repayments_come_in_parts_and_the_books_balance(bank: Teller) -> None:
    recovery = demanded()
    payout = recovery.payout
    assert (recovery.fine_cny, owed_cny(recovery=recovery)) == (20, 120)
    before = balances(payout)
    first = repay(recovery, "60.50", "R1")
    assert (first.principal_cny, first.fine_cny) == (Decimal("60.50"), 0)
    second = repay(recovery, 50, "R2")
    assert (second.principal_cny, second.fine_cny) == (Decimal("39.50"), Decimal("10.50"))
    assert balances(payout) == (before[0] + 100, before[1], 100)
    with pytest.raises(NotEnded):
        end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    repay(recovery, "9.50", "R3")
    assert owed_cny(recovery=recovery) == 0
    end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    payout.refresh_from_db()
    assert payout.status == Status.RECOVERED
    assert invariants(bank_books=statement(bank)).hold


def test_no_more_comes_in_than_was_demanded_and_no_reference_twice() -> None:
    recovery = demanded()
    repay(recovery, 100, "R1")
    for amount, reference in (("20.01", "R2"), ("0", "R2"), ("5", "R1"), ("5", " "), ("-100.01", "R2")):
        with pytest.raises(NotARepayment):
            repay(recovery, amount, reference)
    assert owed_cny(recovery=recovery) == 20
    insert = (
        "INSERT INTO payouts_repayment (recovery_id, principal_cny, fine_cny, received_on, bank_reference,"
        " recorded_at, recorded_by_id) VALUES (%s, %s, %s, '2026-03-02', 'X', now(), %s)"
    )
    clerk = make_user("finance").pk
    assert refusal_of(insert, recovery.pk, 1, 0, clerk) == "repayment_keeps_to_its_demand"
    assert refusal_of(insert, recovery.pk, 5, -5, clerk) == "repayment_is_an_amount"
    assert refusal_of(insert, recovery.pk, 0, 0, clerk) == "repayment_is_an_amount"
    assert refusal_of(insert, recovery.pk, "NaN", 0, clerk) == "payouts_repayment_principal_cny_check"
    assert refusal_of("UPDATE payouts_repayment SET principal_cny = 1") == "repayment_is_kept"
    assert refusal_of("DELETE FROM payouts_repayment") == "repayment_is_kept"
    post = (
        "INSERT INTO payouts_posting (fund_id, repayment_id, debit, credit, amount_cny, posted_at)"
        " SELECT fund_id, %s, 'recovered', 'available', 5, now() FROM payouts_payout WHERE id = %s"
    )
    # The fine goes to the treasury, so this repayment has no posting in the fund.
    fine = repay(recovery, 20, "R4")
    assert refusal_of(post, fine.pk, recovery.payout_id) == "posting_is_written_by_the_move"


def test_who_demanded_or_took_the_money_does_not_close() -> None:
    recovery = demanded()
    repay(recovery, 120, "R1", actor="teller")
    for person in ("finance", "teller"):
        with pytest.raises(SamePerson):
            end_recovery(recovery_id=recovery.pk, actor=make_user(person), now=NOW)
    end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    with pytest.raises(AlreadyDecided):
        end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    assert refusal_of("UPDATE payouts_recovery SET ended_as = 'withdrawn'") == "recovery_ends_once"
    assert refusal_of("DELETE FROM payouts_recovery") == "recovery_is_kept"


def test_fraud_may_not_claim_for_three_years() -> None:
    company = demanded().payout.company
    listed = Blacklisting.objects.get(company=company)
    assert listed.ends_on == date(2029, 3, 2)
    right = make_entitlement(company=company)
    ask = {"entitlement_ids": [right.pk], "commitment": "", "actor": make_user("owner")}
    with pytest.raises(Blacklisted, match="2029"):
        claim_entitlements(**ask, company=company, now=NOW)
    make_entitlement(company=company, of=make_version(track=Track.AUTOMATIC))
    assert claim_automatic(limit=10, now=NOW) == 0
    with pytest.raises(Blacklisted):
        claim_entitlements(**ask, company=None, now=NOW)
    open_funds(version_ids=[right.version_id], now=NOW)
    claim = Claim.objects.create(company=company, claimed_at=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        insert_payout(right, fund_id=Fund.objects.get(version=right.version).pk, claim=claim)
    assert constraint_of(refusal.value) == "payout_is_not_for_a_blacklisted_firm"
    for who in ("prosecutor", "magistrate"):
        with pytest.raises(Concerned):
            propose_lifting(blacklisting=listed, because="x", actor=make_user(who), now=NOW)
    with pytest.raises(NoReason):
        propose_lifting(blacklisting=listed, because="", actor=make_user("advocate"), now=NOW)
    lift_ban(listed)
    listed.refresh_from_db()
    assert (listed.lifted_at, listed.lifted_by.username) == (NOW, "pardoner")
    assert len(claim_entitlements(**ask, company=company, now=NOW).payout_ids) == 1
    assert refusal_of("UPDATE payouts_blacklisting SET ends_on = begins_on + 1") == "blacklisting_is_lifted_once"
    assert refusal_of("DELETE FROM payouts_blacklisting") == "blacklisting_is_kept"


def test_an_appeal_holds_up_the_end_and_is_decided_by_somebody_else() -> None:
    recovery = demanded()
    owner = act_for(recovery.payout.company, make_user("owner"))
    with pytest.raises(NoReason):
        appeal_against(recovery=recovery, text=" ", actor=owner, now=NOW)
    appeal = appeal_against(recovery=recovery, text="我们没有停业", actor=owner, now=NOW)
    with pytest.raises(NotAppealable):
        appeal_against(recovery=recovery, text="再次申诉", actor=owner, now=NOW)
    repay(recovery, 120, "R1")
    with pytest.raises(NotEnded):
        end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    decision = {"appeal_id": appeal.pk, "is_upheld": False, "decision": "查实停业", "now": NOW}
    for person in ("officer2", "finance", "owner"):
        with pytest.raises(SamePerson):
            decide_appeal(**decision, actor=make_user(person))
    decide_appeal(**decision, actor=make_user("officer"))
    with pytest.raises(AlreadyDecided):
        decide_appeal(**decision, actor=make_user("officer"))
    end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    with pytest.raises(NotAppealable):
        appeal_against(recovery=recovery, text="再次申诉", actor=owner, now=NOW)


def test_an_appeal_that_is_right_undoes_the_demand(bank: Teller) -> None:
    recovery = demanded()
    payout = recovery.payout
    before = balances(payout)
    repay(recovery, 110, "R1")
    appeal = appeal_against(recovery=recovery, text="我们没有停业", actor=make_user("owner"), now=NOW)
    decision = {"appeal_id": appeal.pk, "is_upheld": True, "decision": "申诉属实", "actor": make_user("officer")}
    with pytest.raises(NotEnded), transaction.atomic():
        decide_appeal(**decision, now=NOW)
    assert Appeal.objects.get().is_upheld is None
    back = repay(recovery, -110, "R2")
    assert (back.principal_cny, back.fine_cny) == (-100, -10)
    decide_appeal(**decision, now=NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.paid_at) == (Status.PAID, NOW)
    assert balances(payout) == before
    assert Blacklisting.objects.get().lifted_because == "申诉属实"
    assert invariants(bank_books=statement(bank)).hold
    assert Recovery.objects.get().ended_as == "withdrawn"


MOVE = (
    "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = %s, moved_by_id = %s,"
    " paid_at = paid_at WHERE id = %s"
)


def test_the_database_recovers_by_demand_alone() -> None:
    clerk = make_user("finance").pk
    assert (
        refusal_of(MOVE, "recovering", "finance", clerk, make_paid(gateway=BANK).pk) == "payout_is_recovered_on_demand"
    )
    payout = demanded().payout
    assert refusal_of(MOVE, "recovered", "finance", clerk, payout.pk) == "payout_is_recovered_when_repaid"
    assert refusal_of(MOVE, "paid", "officer", clerk, payout.pk) == "payout_is_kept_when_the_demand_is_withdrawn"
    end = "UPDATE payouts_recovery SET ended_as = %s, ended_at = now(), ended_by_id = %s"
    for how in ("repaid", "withdrawn"):
        assert refusal_of(end, how, make_user("checker").pk) == "recovery_ends_when_it_is_repaid"


def test_the_fine_is_its_percentage() -> None:
    found, clerk = breach(make_paid(gateway=BANK)), make_user("finance").pk
    insert = (
        "INSERT INTO payouts_recovery (check_found_id, payout_id, amount_cny, fine_percentage, fine_cny, because,"
        " due_on, demanded_at, demanded_by_id, ended_as) VALUES (%s, %s, 100, %s, %s, 'x', '2026-04-01', now(), %s, '')"
    )
    assert refusal_of(insert, found.pk, found.payout_id, 20, 20, clerk) == "recovery_enters_without_a_fine"
    recovery = demanded(is_fraud=False)
    with unguarded():
        fined = "UPDATE payouts_recovery SET fine_percentage = %s, fine_cny = %s WHERE id = %s"
        assert refusal_of(fined, 20, 21, recovery.pk) == "recovery_fine_is_its_percentage"
        assert refusal_of(fined, 60, 60, recovery.pk) == "recovery_fine_is_10_to_50_percent"
    officer = make_user("officer2").pk
    assert refusal_of(insert, found.pk, found.payout_id, 0, 0, officer) == "recovery_is_demanded_by_another_person"


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(date(2026, 11, 26), date(2029, 11, 26)), (date(2028, 2, 29), date(2031, 2, 28))],
)
def test_three_years_end_on_the_same_day(begins: date, ends: date) -> None:
    noon = datetime.combine(begins, time(4), UTC)
    demanded(now=noon)
    assert Blacklisting.objects.get().ends_on == ends
