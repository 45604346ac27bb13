"""A firm's money goes to a third party: the utility whose bill it pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from stdnum.cn import uscc

from companies.firms.payee_accounts import WrongAccount
from companies.firms.third_parties import (
    CheckedByMaker,
    NothingToCheck,
    WrongPayee,
    check_account,
    enter_account,
    turn_down_account,
)
from companies.models import Company, PayeeAccount, ThirdParty
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.write import write_files
from payouts.claims.automatic import claim_automatic
from payouts.formats.exports.layout import Kind
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Payout
from payouts.offers.queries import list_offers
from payouts.sending.account_replaced import resume_mended
from payouts.states import Status
from payouts.storage.blobs import read_blocks
from policies.authoring.draft import BadFields
from policies.models import Entitlement, PolicyVersion
from policies.preview.exact import preview
from policies.preview.figures import Preview, Unpayable
from policies.preview.presenter import forecast
from policies.preview.serialise import as_json, from_json
from policies.rules.rules import RuleRefused
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_account, make_company
from tests.factories.dataset_models import UtilityBill
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import check_batch, choose_bank, insert_payout, make_bank, settle_payouts
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, make_submitted, match_all
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

UTILITY = "91330100XX00001" + "00"
UTILITY += uscc.calc_check_digit(UTILITY)
OTHER = "91330100XX00002" + "00"
OTHER += uscc.calc_check_digit(OTHER)
RULES = {"subject": "bill", "payee": "third_party", "payee_feel": "bill.supplier", "track": "automatic"}
# The bills of a month name somebody who is no credit code; the bills of other months name their supplier.
MONTH_OF_NOBODY = "2026-02"
OR_NOBODY = {"payee_feel": f'if bill.month = "{MONTH_OF_NOBODY}" then "nobody" else bill.supplier'}


def entered(code: str = UTILITY, *, number: str = "33010000000000001", by: str = "maker") -> PayeeAccount:
    return enter_account(
        code=code,
        name="杭州市供电公司",
        kind="utility",
        bank_name="杭州银行",
        bank_number="313331000014",
        number=number,
        actor=make_user(by),
        now=NOW,
    )


def registered(code: str = UTILITY, *, number: str = "33010000000000001") -> PayeeAccount:
    account = entered(code, number=number)
    return check_account(account_id=account.pk, actor=make_user("checker"), now=NOW)


def billed(supplier: str | None = UTILITY, *, month: str = "2026-01", company: Company | None = None) -> Company:
    company = company or make_company(has_account=False)
    make_row(UtilityBill, company, kind="electricity", month=month, amount=1000, is_resident=False, supplier=supplier)
    return company


def in_force(**terms: str) -> PolicyVersion:
    version = make_published("bill.is_resident = false", amount="bill.amount * 0.1", **(RULES | terms))
    match_all()
    return version


def claimed() -> int:
    return claim_automatic(limit=100, now=NOW)


def test_the_utility_is_paid_and_nobody_clicks() -> None:
    make_all_deliveries()
    account, firm, teller = registered(), billed(), Teller()
    in_force()
    right = Entitlement.objects.get()
    assert (right.payee_code, right.amount_cny) == (UTILITY, Decimal("100.00"))
    assert right.evidence["facts"]["bill.supplier"] == UTILITY
    assert claimed() == 1
    settle_payouts(teller)
    payout = Payout.objects.get()
    assert (payout.status, payout.company, payout.account) == (Status.PAID, firm, account)
    (order,) = teller.orders
    assert (order.payee_name, order.payee_account) == ("杭州市供电公司", "33010000000000001")


def test_a_firm_without_an_account_of_its_own_is_helped_all_the_same() -> None:
    make_all_deliveries()
    registered()
    firm = billed()
    in_force()
    assert not firm.accounts.exists()
    assert claimed() == 1


@pytest.mark.parametrize(("supplier", "month"), [(None, "2026-01"), (OTHER, "2026-01"), (UTILITY, MONTH_OF_NOBODY)])
def test_an_unknown_payee_is_never_paid_and_is_named(supplier: str | None, month: str) -> None:
    make_all_deliveries()
    registered()
    firm = billed(supplier, month=month)
    make_account(company=firm)
    in_force(**OR_NOBODY)
    assert claimed() == 0
    assert Entitlement.objects.get().status == "open"
    (offer,) = list_offers(company=firm, on=TODAY).waiting
    assert offer.missing_payees == ((OTHER,) if supplier == OTHER else ())
    assert offer.waiting_cny == Decimal("100.00")


def test_it_goes_on_once_the_payee_is_registered() -> None:
    make_all_deliveries()
    billed()
    in_force()
    account = entered()
    assert claimed() == 0
    check_account(account_id=account.pk, actor=make_user("checker"), now=NOW)
    assert claimed() == 1


def test_the_supplier_that_was_delivered_later_is_the_one_that_is_paid() -> None:
    make_all_deliveries()
    registered(OTHER, number="33010000000000009")
    firm = billed()
    in_force()
    UtilityBill.objects.update(supplier=OTHER)
    make_delivery("utilities", touching=[firm])
    match_all()
    assert Entitlement.objects.get().payee_code == OTHER


def test_a_click_pays_the_third_party_too() -> None:
    make_all_deliveries()
    account, firm = registered(), billed()
    make_published("bill.is_resident = false", amount="bill.amount * 0.1", **RULES | {"track": "instant"})
    match_all()
    right = Entitlement.objects.get()
    opened = claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="", actor=make_user("owner"), now=NOW
    )
    assert Payout.objects.get(pk=opened.payout_ids[0]).account == account


def test_money_that_came_back_goes_to_the_account_that_was_checked_since() -> None:
    make_all_deliveries()
    registered()
    billed()
    in_force()
    claimed()
    settle_payouts(Teller(outcome="refused", reason="the account is closed"))
    assert resume_mended(limit=10, now=NOW) == 0
    newer = registered(number="33010000000000002")
    assert resume_mended(limit=10, now=NOW) == 1
    settle_payouts(Teller())
    payout = Payout.objects.get()
    assert payout.status == Status.APPROVED
    settle_payouts(Teller(), now=NOW + dt.timedelta(days=1))
    payout.refresh_from_db()
    assert (payout.status, payout.account) == (Status.PAID, newer)


def test_the_bank_file_carries_the_third_party() -> None:
    make_all_deliveries()
    registered()
    billed()
    version = in_force()
    open_funds(version_ids=[version.pk], now=NOW)
    fund = choose_bank(fund=Fund.objects.get(version=version), bank=make_bank())
    claimed()
    batch = open_batch(fund=fund, actor=make_user("maker"), now=NOW)
    batch = seal_batch(
        batch=batch,
        declared_count=1,
        declared_sum_cny=Decimal("100.00"),
        actor=make_user("maker"),
        now=NOW,
    )
    batch = check_batch(batch=batch, actor=make_user("checker"), now=NOW)
    (file,) = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    content = b"".join(read_blocks(stored=file.stored)).decode()
    assert "<Nm>杭州市供电公司</Nm>" in content
    assert "33010000000000001" in content


class TestTheRegister:
    def test_who_entered_does_not_check(self) -> None:
        account = entered(by="maker")
        with pytest.raises(CheckedByMaker):
            check_account(account_id=account.pk, actor=make_user("maker"), now=NOW)
        account.refresh_from_db()
        assert not account.is_active

    def test_a_replaced_account_stays_in_use_until_the_new_one_is_checked(self) -> None:
        old, new = registered(), entered(number="33010000000000002")
        old.refresh_from_db()
        assert (old.is_active, new.is_active) == (True, False)
        check_account(account_id=new.pk, actor=make_user("checker"), now=NOW)
        old.refresh_from_db()
        assert not old.is_active
        assert ThirdParty.objects.count() == 1

    def test_what_was_turned_down_is_gone_and_cannot_be_checked(self) -> None:
        account = entered()
        turn_down_account(account_id=account.pk, actor=make_user("checker"))
        with pytest.raises(NothingToCheck):
            check_account(account_id=account.pk, actor=make_user("checker"), now=NOW)

    def test_what_was_checked_is_not_turned_down(self) -> None:
        account = registered()
        with pytest.raises(NothingToCheck):
            turn_down_account(account_id=account.pk, actor=make_user("checker"))

    @pytest.mark.parametrize(
        "change",
        [{"code": UTILITY[:-1] + ("0" if UTILITY[-1] != "0" else "1")}, {"number": "6222021234567890"}],
    )
    def test_a_wrong_digit_is_refused(self, change: dict[str, str]) -> None:
        with pytest.raises((WrongPayee, WrongAccount)):
            entered(**change)
        assert not ThirdParty.objects.exists()

    def test_one_credit_code_has_one_name(self) -> None:
        registered()
        ThirdParty.objects.update(name="另一家")
        with pytest.raises(WrongPayee, match="另一家"):
            entered(number="33010000000000002")


def refusal(attempt: Callable[[], object]) -> str | None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        attempt()
    return constraint_of(refused.value)


def raw(statement: str, **values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class TestTheDatabase:
    def test_an_unchecked_account_is_not_put_in_use(self) -> None:
        account = entered()
        broken = refusal(
            lambda: raw("UPDATE companies_payeeaccount SET is_active = true WHERE id = %(id)s", id=account.pk)
        )
        assert broken in {"payee_account_of_third_party_is_checked", "payee_account_in_use_is_confirmed"}

    def test_the_maker_does_not_check(self) -> None:
        account = entered()
        statement = (
            "UPDATE companies_payeeaccount SET checked_by_id = entered_by_id, checked_at = now() WHERE id = %(id)s"
        )
        assert refusal(lambda: raw(statement, id=account.pk)) == "payee_account_is_checked_by_another_person"

    @pytest.mark.parametrize(
        "change",
        [
            "number_hash = sha256('x')",
            "number_encrypted = 'x'",
            "holder_name = 'x'",
            "bank_number = '000000000000'",
            "checked_by_id = NULL, is_active = false",
            "entered_by_id = NULL",
        ],
    )
    def test_a_checked_account_is_never_rewritten(self, change: str) -> None:
        account = registered()
        broken = refusal(lambda: raw(f"UPDATE companies_payeeaccount SET {change} WHERE id = %(id)s", id=account.pk))
        assert broken == "payee_account_stays_as_entered"

    def test_a_payee_is_never_deleted(self) -> None:
        payee = ThirdParty.objects.create(
            code=OTHER, name="另一家", kind="other", entered_at=NOW, entered_by=make_user("owner")
        )
        broken = refusal(lambda: raw("DELETE FROM companies_thirdparty WHERE id = %(id)s", id=payee.pk))
        assert broken == "third_party_is_never_deleted"

    def test_an_account_in_use_has_one_per_payee(self) -> None:
        account = registered()
        copy = PayeeAccount.objects.get(pk=account.pk)
        copy.pk = None
        assert refusal(copy.save) == "payee_account_one_active_per_third_party"

    @pytest.mark.parametrize("whose", ["company", "other"])
    def test_a_payout_goes_to_nobody_but_the_payee_that_was_decided(self, whose: str) -> None:
        make_all_deliveries()
        registered()
        firm = billed()
        version = in_force()
        own = make_account(company=firm)
        account = own if whose == "company" else registered(OTHER, number="33010000000000009")
        open_funds(version_ids=[version.pk], now=NOW)
        claim = Claim.objects.create(company=firm, claimed_at=NOW)
        fund, right = Fund.objects.get(version=version), Entitlement.objects.get()
        attempt = lambda: insert_payout(right, fund_id=fund.pk, claim=claim, account=account)  # noqa: E731
        assert refusal(attempt) == "payout_copies_its_entitlement"

    def test_a_payout_goes_to_no_account_that_nobody_has_checked(self) -> None:
        make_all_deliveries()
        account, firm = entered(), billed()
        version = in_force()
        open_funds(version_ids=[version.pk], now=NOW)
        claim = Claim.objects.create(company=firm, claimed_at=NOW)
        fund, right = Fund.objects.get(version=version), Entitlement.objects.get()
        make_account(company=firm)
        attempt = lambda: insert_payout(right, fund_id=fund.pk, claim=claim, account=account)  # noqa: E731
        # A clerk can still turn such an account down, which would leave the payout without an account.
        assert refusal(attempt) == "payout_copies_its_entitlement"

    def test_a_third_party_is_not_paid_what_is_the_firms(self) -> None:
        right = make_entitlement()
        version = right.version
        open_funds(version_ids=[version.pk], now=NOW)
        claim = Claim.objects.create(company=right.company, claimed_at=NOW)
        fund, account = Fund.objects.get(version=version), registered()
        attempt = lambda: insert_payout(right, fund_id=fund.pk, claim=claim, account=account)  # noqa: E731
        assert refusal(attempt) == "payout_copies_its_entitlement"


class TestTheVersion:
    @pytest.mark.parametrize("fields", [{"payee_feel": ""}, {"payee": "company"}])
    def test_a_third_party_has_its_rule_and_nobody_else_has(self, fields: dict[str, str]) -> None:
        with pytest.raises(BadFields, match="统一社会信用代码"):
            make_draft("bill.is_resident = false", **RULES | fields)

    def test_the_rule_is_a_text(self) -> None:
        with pytest.raises(RuleRefused, match="第三方"):
            make_draft("bill.is_resident = false", **RULES | {"payee_feel": "bill.amount"})

    def test_the_rule_is_sealed_with_the_version(self) -> None:
        one = make_submitted("bill.is_resident = false", **RULES)
        other = make_submitted("bill.is_resident = false", **RULES | {"payee_feel": f'"{UTILITY}"'})
        assert one.content_hash != other.content_hash


class TestThePreview:
    def test_it_names_the_payees_that_nobody_can_pay_yet(self) -> None:
        make_all_deliveries()
        registered()
        entered(OTHER, number="33010000000000009")
        for supplier in (UTILITY, OTHER, OTHER, None):
            billed(supplier)
        billed(UTILITY, month=MONTH_OF_NOBODY)
        version = make_draft("bill.is_resident = false", amount="bill.amount * 0.1", **(RULES | OR_NOBODY))
        seen = preview(version=version, now=NOW)
        assert seen.unpayable == Unpayable(4, Decimal("400.00"), unnamed=2, payees=1, codes=(OTHER,))
        assert from_json(Preview, as_json(seen)) == seen
        named, unnamed = forecast(version=version, preview=seen, names_firms=True).unpayable
        assert named.startswith("2 项")
        assert OTHER in named
        assert unnamed.startswith("2 项")

    def test_a_firm_that_is_paid_to_a_third_party_counts_too(self) -> None:
        make_all_deliveries()
        make_company()
        version = make_draft("true", **RULES | {"subject": "company", "payee_feel": f'"{UTILITY}"'})
        seen = preview(version=version, now=NOW)
        assert (seen.count, seen.total_cny) == (1, Decimal("100.00"))
        assert seen.unpayable == Unpayable(1, Decimal("100.00"), unnamed=0, payees=1, codes=(UTILITY,))

    def test_five_codes_are_named_and_the_rest_is_counted(self) -> None:
        make_all_deliveries()
        for number in range(7):
            code = f"91330100XX0001{number}00"
            billed(code + uscc.calc_check_digit(code))
        version = make_draft("bill.is_resident = false", **RULES)
        seen = preview(version=version, now=NOW)
        assert seen.unpayable is not None
        assert (seen.unpayable.count, seen.unpayable.payees, len(seen.unpayable.codes)) == (7, 7, 5)
        (sentence,) = forecast(version=version, preview=seen, names_firms=True).unpayable
        assert "等另外 2 个" in sentence

    def test_it_says_nothing_once_they_are_registered_nor_of_other_payees(self) -> None:
        make_all_deliveries()
        registered()
        billed()
        for rules in (RULES, {"subject": "bill"}):
            version = make_draft("bill.is_resident = false", **rules)
            assert preview(version=version, now=NOW).unpayable is None

    def test_figures_from_before_it_was_counted_are_still_shown(self) -> None:
        version = make_draft("true")
        seen = preview(version=version, now=NOW)
        stored = as_json(seen)
        del stored["unpayable"]
        assert from_json(Preview, stored) == seen
