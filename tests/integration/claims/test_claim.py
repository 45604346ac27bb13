"""The click: what it opens, and what it refuses."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from structlog.testing import capture_logs

from companies.models import Company, PayeeAccount
from payouts.claims.automatic import claim_automatic
from payouts.claims.clicks import Claimed
from payouts.claims.refusals import (
    AlreadyClaimed,
    AmountChanged,
    Blacklisted,
    CommitmentChanged,
    NotCommitted,
    NotEntitled,
    NotOpen,
)
from payouts.claims.reserve import serve_waitlist
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.grants import NotAGrant, propose_grant
from payouts.models import Claim, Fund, Payout, Posting
from payouts.offers.queries import list_offers
from payouts.states import Role, Status
from policies.authoring.publish import close_version
from policies.models import Entitlement, EntitlementStatus, Payee, Subject, Track
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.payouts import count_statuses, grant_more
from tests.factories.people import make_employee, make_user
from tests.factories.rows import insert

pytestmark = pytest.mark.django_db


def click(*rights: Entitlement, company: Company | None = None, **changes: Any) -> Claimed:
    given = {"commitment": "I commit.", "actor": make_user("owner"), "now": NOW} | changes
    return claim_entitlements(
        entitlement_ids=[right.pk for right in rights], company=company or rights[0].company, **given
    )


def test_a_click_opens_an_approved_payout_and_reserves_its_money() -> None:
    right = make_entitlement(of=make_version(granted_cny=1_000), amount_cny=Decimal("100.50"))
    claimed = click(right)
    payout = Payout.objects.get(pk=claimed.payout_ids[0])
    assert (payout.status, payout.amount_cny, payout.account) == (
        Status.APPROVED,
        Decimal("100.50"),
        right.company.accounts.get(),
    )
    fund = Fund.objects.get(version=right.version)
    assert (fund.granted_cny, fund.available_cny, fund.reserved_cny) == (1_000, Decimal("899.50"), Decimal("100.50"))
    right.refresh_from_db()
    assert right.status == EntitlementStatus.CLAIMED


def test_the_commitment_is_kept_with_its_hash() -> None:
    claimed = click(make_entitlement(), commitment="我承诺")
    signed = Claim.objects.get(pk=claimed.claim_ids[0])
    assert (signed.commitment, signed.claimed_by) == ("我承诺", make_user("owner"))
    assert signed.commitment_hash == hashlib.sha256("我承诺".encode()).hexdigest()


def test_one_click_is_one_claim_of_many_policies() -> None:
    firm = make_company()
    rights = [make_entitlement(company=firm) for _each in range(3)]
    claimed = click(*rights)
    assert len(claimed.claim_ids) == 1
    assert len(claimed.payout_ids) == 3


def test_a_second_click_shows_the_first_payout() -> None:
    right = make_entitlement()
    first = click(right)
    with pytest.raises(AlreadyClaimed) as refusal:
        click(right)
    assert refusal.value.payout_ids == first.payout_ids
    assert Payout.objects.count() == 1


def test_where_part_was_claimed_the_rest_is_not_passed_over_in_silence() -> None:
    firm = make_company()
    first, second = make_entitlement(company=firm), make_entitlement(company=firm)
    click(first)
    with pytest.raises(NotOpen, match=r"已经兑付过"):
        click(first, second)
    assert Payout.objects.count() == 1
    assert len(click(second).payout_ids) == 1
    with pytest.raises(AlreadyClaimed) as refusal:
        click(first, second)
    assert len(refusal.value.payout_ids) == 2


def test_somebody_elses_entitlement_is_none_of_mine() -> None:
    right, mine = make_entitlement(), make_company()
    with capture_logs() as logged, pytest.raises(NotEntitled) as refusal:
        click(right, company=mine)
    (event,) = [each for each in logged if each["event"] == "claim_of_somebody_elses_entitlement"]
    assert (event["company"], event["actor"], event["entitlements"]) == (mine.pk, make_user("owner").pk, 1)
    assert not isinstance(refusal.value, NotOpen)
    assert not Claim.objects.exists()


def test_an_entitlement_that_does_not_exist_is_refused_alike() -> None:
    with pytest.raises(NotEntitled):
        claim_entitlements(
            entitlement_ids=[0], company=make_company(), commitment="", actor=make_user("owner"), now=NOW
        )


def test_a_claim_opens_all_or_nothing() -> None:
    firm = make_company()
    mine, foreign = make_entitlement(company=firm), make_entitlement()
    with pytest.raises(NotEntitled):
        click(mine, foreign)
    assert not Payout.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"), [(date(2025, 12, 31), "2026年1月1日"), (date(2027, 1, 1), "2026年12月31日")]
)
def test_the_window_is_kept(day: date, sentence: str) -> None:
    with pytest.raises(NotOpen, match=sentence):
        click(make_entitlement(), now=datetime(day.year, day.month, day.day, 4, tzinfo=UTC))


@pytest.mark.parametrize(("hour", "is_open"), [(15, True), (16, False)])
def test_the_window_ends_at_midnight_in_china(hour: int, is_open: bool) -> None:
    right, now = make_entitlement(), datetime(2026, 12, 31, hour, tzinfo=UTC)
    if is_open:
        assert click(right, now=now).payout_ids
    else:
        with pytest.raises(NotOpen):
            click(right, now=now)


def test_a_closed_policy_cannot_be_claimed() -> None:
    right = make_entitlement()
    close_version(version=right.version, actor=make_user("officer"), because="no money left", now=NOW)
    with override("en"), pytest.raises(NotOpen, match="closed"):
        click(right)


@pytest.mark.parametrize("status", [EntitlementStatus.WITHDRAWN, EntitlementStatus.LAPSED])
def test_what_the_facts_took_away_cannot_be_claimed(status: EntitlementStatus) -> None:
    right = make_entitlement()
    Entitlement.objects.filter(pk=right.pk).update(status=status)
    with pytest.raises(NotOpen):
        click(right)


def test_the_commitment_must_be_signed_where_a_policy_asks_for_it() -> None:
    right = make_entitlement(of=make_version(commitment_zh="我承诺"))
    with pytest.raises(NotCommitted):
        click(right, commitment=" ")
    assert click(make_entitlement(), commitment="").payout_ids


def test_each_commitment_that_is_signed_was_read() -> None:
    firm = make_company()
    rights = [make_entitlement(of=make_version(commitment_zh="我承诺"), company=firm) for _each in range(2)]
    first, second = (right.version_id for right in rights)
    with pytest.raises(CommitmentChanged):
        click(*rights, read={first})
    assert not Payout.objects.exists()
    assert len(click(*rights, read={first, second}).payout_ids) == 2


@pytest.mark.parametrize(
    ("from_day", "to_day", "is_listed"),
    [(0, 1, True), (-1, 0, True), (1, 2, False), (-2, -1, False)],
    ids=["on the first day", "on the last day", "the day before", "the day after"],
)
def test_a_listed_firm_claims_nothing_from_the_first_day_to_the_last(
    from_day: int, to_day: int, is_listed: bool
) -> None:
    right = make_entitlement()
    begins_on, ends_on = (TODAY + timedelta(days=days) for days in (from_day, to_day))
    insert("payouts_blacklisting", company_id=right.company_id, begins_on=begins_on, ends_on=ends_on)
    if is_listed:
        with pytest.raises(Blacklisted):
            click(right)
    else:
        assert click(right).payout_ids


def test_the_owner_gets_what_the_page_showed_or_looks_again() -> None:
    right = make_entitlement(amount_cny=100)
    with pytest.raises(AmountChanged):
        click(right, shown_cny=Decimal("101.00"))
    assert click(right, shown_cny=Decimal("100.00")).payout_ids


def test_without_an_account_the_entitlement_stays_open() -> None:
    right = make_entitlement(company=make_company(has_account=False))
    assert click(right) == Claimed(without_account=(right.pk,))
    right.refresh_from_db()
    assert right.status == EntitlementStatus.OPEN
    make_account(company=right.company)
    assert click(right).payout_ids


def test_an_employees_money_goes_to_the_employee() -> None:
    to_people = make_version(payee=Payee.EMPLOYEE, subject=Subject.EMPLOYEE)
    someone = make_employee()
    theirs = make_account(employee=someone)
    right = make_entitlement(of=to_people, employee=someone)
    payout = Payout.objects.get(pk=click(right).payout_ids[0])
    assert payout.account == theirs


@pytest.mark.parametrize("payee", [Payee.COMPANY, Payee.EMPLOYEE])
def test_an_account_that_was_replaced_is_not_paid_and_counts_nothing_twice(payee: Payee) -> None:
    firm, someone = make_company(has_account=False), make_employee()
    subject = Subject.EMPLOYEE if payee is Payee.EMPLOYEE else Subject.COMPANY
    right = make_entitlement(of=make_version(payee=payee, subject=subject), company=firm, employee=someone)
    owner = {"employee": someone} if payee is Payee.EMPLOYEE else {"company": firm}
    make_account(**owner)
    PayeeAccount.objects.filter(**owner).update(is_active=False)
    in_use = make_account(**owner)
    assert list_offers(company=firm, on=TODAY).amount_cny == right.amount_cny
    assert Payout.objects.get(pk__in=click(right).payout_ids).account == in_use


def test_an_exhausted_fund_waitlists_in_the_order_of_the_entitlements() -> None:
    firm, poor = make_company(), make_version(granted_cny=250)
    rights = [make_entitlement(of=poor, company=firm) for _each in range(4)]
    claimed = click(*reversed(rights))
    assert claimed.waitlisted == claimed.payout_ids[2:]
    assert count_statuses(claimed.payout_ids) == {"approved": 2, "waitlisted": 2}
    poor.fund.refresh_from_db()
    assert poor.fund.available_cny == 50


def test_nobody_overtakes_those_who_wait() -> None:
    poor = make_version(granted_cny=100)
    waiting = click(make_entitlement(of=poor, amount_cny=150))
    small = click(make_entitlement(of=poor, amount_cny=10))
    assert waiting.waitlisted
    assert small.waitlisted


def test_new_money_serves_those_who_wait_in_their_order() -> None:
    poor = make_version(granted_cny=0)
    payouts = [click(make_entitlement(of=poor, amount_cny=amount)).payout_ids[0] for amount in (100, 300, 10)]
    grant_more("150.00", to=poor)
    assert serve_waitlist(limit=10, now=NOW) == 1
    assert Payout.objects.get(pk=payouts[0]).status == Status.APPROVED
    grant_more("1000.00", to=poor)
    assert serve_waitlist(limit=1, now=NOW) == 1
    assert Payout.objects.get(pk=payouts[1]).status == Status.APPROVED
    assert serve_waitlist(limit=10, now=NOW) == 1
    assert serve_waitlist(limit=10, now=NOW) == 0
    poor.fund.refresh_from_db()
    assert (poor.fund.available_cny, poor.fund.reserved_cny) == (740, 410)


def test_a_grant_names_who_approved_it() -> None:
    fund = grant_more(7, to=make_version())
    first, second = Posting.objects.filter(fund=fund).order_by("pk")
    assert (first.amount_cny, first.posted_by) == (1_000_000, None)
    assert (second.amount_cny, second.posted_by) == (7, make_user("approver"))
    assert fund.available_cny == 1_000_007


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000000000"])
def test_what_is_no_amount_is_not_granted(amount: str) -> None:
    with pytest.raises(NotAGrant):
        propose_grant(
            version=make_version(), amount_cny=Decimal(amount), because="x", actor=make_user("owner"), now=NOW
        )


def test_the_platform_claims_for_many_companies_at_once() -> None:
    ids = make_entitlements(50, of=make_version())
    claimed = claim_entitlements(entitlement_ids=ids, company=None, commitment="", actor=None, now=NOW)
    assert len(claimed.claim_ids) == len(claimed.payout_ids) == 50
    assert set(Claim.objects.values_list("claimed_by", flat=True)) == {None}


def test_nothing_claimed_is_nothing_opened() -> None:
    nothing = claim_entitlements(entitlement_ids=[], company=None, commitment="", actor=None, now=NOW)
    assert nothing == Claimed()


def test_the_automatic_track_needs_no_click() -> None:
    automatic = make_version(track=Track.AUTOMATIC)
    make_entitlements(3, of=automatic)
    make_entitlement(of=automatic, company=make_company(has_account=False))
    make_entitlement()
    make_entitlement(of=make_version(track=Track.AUTOMATIC, opens_on=date(2026, 6, 1)))
    assert claim_automatic(limit=2, now=NOW) == 2
    assert claim_automatic(limit=2, now=NOW) == 1
    assert claim_automatic(limit=2, now=NOW) == 0


def test_what_a_clerk_cancelled_is_not_claimed_again_by_itself() -> None:
    make_entitlements(1, of=make_version(track=Track.AUTOMATIC))
    claim_automatic(limit=5, now=NOW)
    payout = Payout.objects.get()
    cancel_payouts(payout_ids=[payout.pk], role=Role.FINANCE, actor=make_user("clerk"), because="a mistake", now=NOW)
    assert claim_automatic(limit=5, now=NOW) == 0
