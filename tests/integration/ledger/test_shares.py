"""Shares of levels in the books: split to the fen, nothing lost, overrides and top-ups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from payouts.controls.reconcile import invariants
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.level_debts import read_level_balances
from payouts.ledger.shares import ShareRefused, set_shares
from payouts.models import Payout, Share, ShareBalance, SharePosting
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Role
from policies.models import Policy, PolicyVersion
from qinqing.demo.policies.loading import load_policies
from qinqing.demo.policies.twenty import POLICIES
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version, put_in_force
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.functional.conftest import browser  # noqa: F401 - a fixture
from tests.integration.batches.test_batches import statement
from tests.superuser import unguarded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

HALF = {"city": Decimal(1), "district": Decimal(1)}
ONE_TO_THREE = {"city": Decimal(1), "district": Decimal(3)}
TOP_UP = {"province": Decimal(1), "city": Decimal("0.5")}


def draft(code: str = "S-1", **fields: object) -> PolicyVersion:
    policy = Policy.objects.create(code=code, title_zh="分担政策", title_en="Shared", department="finance")
    return PolicyVersion.objects.create(
        policy=policy, number=1, amount_feel="100", granted_cny=1_000_000, opens_on="2026-01-01", **fields
    )


def shared(parts: dict[str, Decimal], *, advance_payer: str = "", code: str = "S-1") -> PolicyVersion:
    version = draft(code)
    set_shares(version=version, parts=parts, advance_payer=advance_payer)
    return put_in_force(version)


def paid(version: PolicyVersion, amount: str = "100", bank: Teller | None = None) -> Payout:
    payout = make_payout(of=version, amount_cny=Decimal(amount))
    send_due(gateway=bank or Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    return payout


def split(payout: Payout, credit: str) -> dict[str, Decimal]:
    rows = SharePosting.objects.filter(posting__payout=payout, posting__credit=credit)
    return dict(rows.values_list("level", "amount_cny"))


@pytest.mark.parametrize(
    ("parts", "amount", "expected"),
    [
        (HALF, "100", {"city": "50", "district": "50"}),
        (HALF, "0.01", {"city": "0.01", "district": "0"}),
        (ONE_TO_THREE, "100.01", {"city": "25.01", "district": "75"}),
        (TOP_UP, "750000", {"province": "500000", "city": "250000"}),
        (TOP_UP, "100", {"province": "66.66", "city": "33.34"}),
        ({"province": 1, "city": 1, "district": 1}, "100", {"province": "33.33", "city": "33.34", "district": "33.33"}),
        ({"province": 1, "district": 2}, "0.05", {"province": "0.02", "district": "0.03"}),
        ({"district": 7}, "12.34", {"district": "12.34"}),
    ],
)
def test_a_posting_is_split_to_the_fen_and_the_city_takes_what_remains(
    parts: dict[str, Any], amount: str, expected: dict[str, str]
) -> None:
    version = shared({level: Decimal(part) for level, part in parts.items()})
    payout = make_payout(of=version, amount_cny=Decimal(amount))
    assert split(payout, "reserved") == {level: Decimal(part) for level, part in expected.items()}
    assert sum(split(payout, "reserved").values()) == Decimal(amount)


def test_a_district_has_shares_of_its_own() -> None:
    version = draft()
    set_shares(version=version, parts=HALF)
    set_shares(version=version, parts={"city": Decimal(1)}, district="330127")
    put_in_force(version)
    usual = make_payout(of=version)
    mountain = make_entitlement(of=version, amount_cny=100)
    mountain.district = "330127"
    mountain.save()
    claim_entitlements(entitlement_ids=[mountain.pk], company=None, commitment="", actor=None, now=NOW)
    assert split(usual, "reserved") == {"city": 50, "district": 50}
    assert split(Payout.objects.get(entitlement=mountain), "reserved") == {"city": 100}


def test_what_was_reserved_is_what_is_released_or_paid(django_assert_max_num_queries: Any) -> None:
    version, bank = shared(ONE_TO_THREE), Teller()
    kept, given_up = make_payout(of=version, amount_cny=Decimal("33.33")), make_payout(of=version)
    cancel_payouts(payout_ids=[given_up.pk], role=Role.FINANCE, actor=make_user("f"), because="x", now=NOW)
    assert [(each.level, each.reserved_cny) for each in read_level_balances(fund=kept.fund)] == [
        ("city", Decimal("8.34")),
        ("district", Decimal("24.99")),
    ]
    send_due(gateway=bank, limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert [(each.reserved_cny, each.disbursed_cny) for each in read_level_balances(fund=kept.fund)] == [
        (0, Decimal("8.34")),
        (0, Decimal("24.99")),
    ]
    with django_assert_max_num_queries(30):
        claim_entitlements(
            entitlement_ids=make_entitlements(1_000, of=version), company=None, commitment="", actor=None, now=NOW
        )
    assert SharePosting.objects.filter(posting__credit="reserved").count() == 2_000 + 4
    assert invariants(bank_books=statement(bank)).books_balance


def test_without_shares_nothing_is_split() -> None:
    paid(make_version())
    assert not SharePosting.objects.exists()
    assert not ShareBalance.objects.exists()


def test_shares_change_only_while_their_version_is_a_draft() -> None:
    version = draft()
    with pytest.raises(ShareRefused):
        set_shares(version=version, parts={"city": Decimal(0)})
    with pytest.raises(ShareRefused):
        set_shares(version=version, parts={"city": Decimal(1)}, advance_payer="district")
    set_shares(version=version, parts=HALF)
    set_shares(version=version, parts=ONE_TO_THREE)
    assert sorted(map(str, Share.objects.filter(version=version))) == sorted(["市级 1", "区县 3"])
    put_in_force(version)
    with pytest.raises(ShareRefused):
        set_shares(version=version, parts=HALF)
    assert refusal_of("UPDATE payouts_share SET parts = 2") == "share_is_final"
    assert refusal_of("DELETE FROM payouts_share") == "share_is_final"


def test_the_database_keeps_the_shares_books() -> None:
    payout = paid(shared(HALF, advance_payer="district"))
    posting = payout.postings.first()
    assert posting is not None
    insert = "INSERT INTO payouts_shareposting (posting_id, level, district, amount_cny) VALUES (%s, 'province', '', 1)"
    assert refusal_of(insert, posting.pk) == "share_posting_is_written_by_the_posting"
    assert refusal_of("UPDATE payouts_shareposting SET amount_cny = 1") == "share_posting_is_kept"
    assert refusal_of("DELETE FROM payouts_shareposting") == "share_posting_is_kept"
    assert refusal_of("UPDATE payouts_sharebalance SET disbursed_cny = 1") == "share_balance_follows_its_postings"
    assert refusal_of("DELETE FROM payouts_sharebalance") == "share_balance_is_kept"
    book = (
        "INSERT INTO payouts_settlement (fund_id, district, debtor, creditor, amount_cny, reference, settled_on,"
        " proposal_id) VALUES (%s, %s, 'city', %s, %s, 'V', '2026-03-02', 0)"
    )
    with unguarded():
        assert refusal_of(book, payout.fund_id, payout.district, "city", "5") == "settlement_has_two_sides"
        assert refusal_of(book, payout.fund_id, payout.district, "district", "0") == "settlement_amount_is_positive"


@pytest.fixture
def people(browser: Callable[..., Client]) -> dict[str, Client]:  # noqa: F811 - the fixture
    return {role: browser(role, role=role) for role in ("officer", "finance", "auditor", "department")}


def test_officers_write_shares_at_the_desk(people: dict[str, Client]) -> None:
    version, address = draft(), reverse("admin:payouts_share_write")
    asked = {"version": version.pk, "place": "", "province": "", "city": "1", "district": "3", "advance_payer": ""}
    for role in ("finance", "auditor", "department"):
        assert people[role].post(address, asked).status_code == 403
    assert people["officer"].get(address).status_code == 200
    assert people["officer"].post(address, asked | {"place": "12"}).status_code == 200
    assert not Share.objects.exists()
    assert people["officer"].post(address, asked).status_code == 302
    assert Share.objects.count() == 2
    assert people["officer"].get(reverse("admin:payouts_share_changelist")).status_code == 200


def test_parts_are_shown_without_the_noughts_of_the_database(people: dict[str, Client]) -> None:
    shared(TOP_UP)
    page = people["auditor"].get(reverse("admin:payouts_share_changelist")).content.decode()
    assert "0.5" in page
    assert "0.5000" not in page
    assert "1.0000" not in page


def test_the_demo_matches_the_provinces_award_and_lets_districts_pay_first() -> None:
    writer, publisher = make_user("writer"), make_user("publisher")
    wanted = [demo for demo in POLICIES if demo.code in {"P-23", "P-40"}]
    load_policies(actor=writer, publisher=publisher, today=NOW.date(), now=NOW, wanted=wanted)
    shares = Share.objects.values_list("version__policy__code", "district", "level", "parts", "is_advance_payer")
    assert {(code, district, level): (float(parts), first) for code, district, level, parts, first in shares} == {
        ("P-40", "", "province"): (1, False),
        ("P-40", "", "city"): (0.5, False),
        ("P-23", "", "city"): (1, False),
        ("P-23", "", "district"): (1, True),
        ("P-23", "330127", "city"): (3, True),
        ("P-23", "330127", "district"): (1, False),
    }
