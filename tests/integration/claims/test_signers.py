"""Who signs for a firm: the database asks for an acceptor, within the limit, where money and its way are opened."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from companies.firms.payee_accounts import NotTheirs, replace_account
from companies.models import Company, DataAuthorisation, Invitation, Membership, PayeeAccount, User
from companies.people.permissions import Act, MayNotAct, check_may, why_not
from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Claimed, Click
from payouts.claims.refusals import NotSigned
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Payout
from payouts.recovery.recover import appeal_against
from policies.models import Entitlement, PolicyVersion
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import insert_payout
from tests.factories.people import make_user
from tests.factories.rows import insert_guarded, refusal_of
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db

ACCOUNT = {"holder_name": "甲", "bank_name": "杭州银行", "bank_number": "313331000014", "number": "33050161000000001"}


def funded() -> PolicyVersion:
    version = make_version()
    open_funds(version_ids=[version.pk], now=NOW)
    return version


def click(right: Entitlement, user: User) -> Click:
    return Click([right.pk], right.company_id, "I commit.", user.pk, NOW, Decimal(right.amount_cny))


def claimed(*clicks: Click) -> list[Outcome]:
    return claim(clicks=clicks, now=NOW)


@pytest.mark.parametrize("role", ["preparer", "viewer", ""])
def test_only_an_acceptor_signs_and_the_other_clicks_of_the_set_are_claimed(role: str) -> None:
    version = funded()
    wanted, beside = make_entitlement(of=version), make_entitlement(of=version)
    user = act_for(wanted.company, make_user("nosy"), role=role) if role else make_user("nosy")
    owner = act_for(beside.company, make_user("owner"))
    refused, paid = claimed(click(wanted, user), click(beside, owner))
    assert isinstance(refused, NotSigned)
    assert "Only an acceptor" in str(refused) or "签署人" in str(refused)
    assert isinstance(paid, Claimed)
    assert set(Claim.objects.values_list("claimed_by", flat=True)) == {owner.pk}


def test_raw_sql_opens_no_payout_that_no_acceptor_signed() -> None:
    right = make_entitlement(of=funded())
    preparer = act_for(right.company, make_user("preparer"), role="preparer")
    signed = Claim.objects.create(company=right.company, claimed_at=NOW, claimed_by=preparer)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_payout(right, fund_id=right.version.fund.pk, claim=signed)
    assert constraint_of(refused.value) == "claim_is_signed_by_an_acceptor"


def test_whoever_became_a_preparer_meanwhile_signs_no_more() -> None:
    version, firm = funded(), make_company()
    first, second = make_entitlement(of=version, company=firm), make_entitlement(of=funded(), company=firm)
    owner = act_for(firm, make_user("owner"))
    assert isinstance(claimed(click(first, owner))[0], Claimed)
    Membership.objects.update(role="preparer")
    assert isinstance(claimed(click(second, owner))[0], NotSigned)


def test_a_limit_counts_all_claims_of_the_signer_on_the_day() -> None:
    firm = make_company()
    rights = [make_entitlement(of=funded(), company=firm, amount_cny=100) for _time in range(3)]
    clerk = act_for(firm, make_user("clerk"), role="acceptor", day_limit_cny=250)
    kinds = [type(claimed(click(right, clerk))[0]) for right in rights]
    assert kinds == [Claimed, Claimed, NotSigned]
    owner = act_for(firm, make_user("owner"))
    assert isinstance(claimed(click(rights[2], owner))[0], Claimed)


def test_a_limit_is_not_split_into_sets_and_raw_sql_does_not_pass_it() -> None:
    firm = make_company()
    right = make_entitlement(of=funded(), company=firm, amount_cny=100)
    clerk = act_for(firm, make_user("clerk"), role="acceptor", day_limit_cny=99)
    signed = Claim.objects.create(company=firm, claimed_at=NOW, claimed_by=clerk)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_payout(right, fund_id=right.version.fund.pk, claim=signed)
    assert constraint_of(refused.value) == "claim_is_within_the_limit_of_its_signer"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_of_one_moment_do_not_pass_the_limit_together() -> None:
    firm = make_company()
    rights = [make_entitlement(of=funded(), company=firm, amount_cny=100) for _time in range(2)]
    clerk = act_for(firm, make_user("clerk"), role="acceptor", day_limit_cny=150)
    barrier, kinds = Barrier(2), []

    def run(right: Entitlement) -> None:
        barrier.wait()
        try:
            kinds.append(type(claimed(click(right, clerk))[0]))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[right]) for right in rights]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kind.__name__ for kind in kinds) == ["Claimed", "NotSigned"]
    assert Payout.objects.count() == 1


@pytest.mark.parametrize("role", ["preparer", "viewer", ""])
def test_only_an_acceptor_tells_the_firms_account(role: str) -> None:
    firm = make_company(has_account=False)
    user = act_for(firm, make_user("nosy"), role=role) if role else make_user("nosy")
    with pytest.raises(NotTheirs):
        replace_account(company=firm, **ACCOUNT, actor=user, now=NOW)
    assert not PayeeAccount.objects.exists()


def test_raw_sql_makes_no_delivered_account_the_word_of_a_preparer() -> None:
    firm = make_company()
    preparer = act_for(firm, make_user("preparer"), role="preparer")
    told = "UPDATE companies_payeeaccount SET is_payees_word = true, entered_by_id = %s"
    assert refusal_of(told, preparer.pk) == "payee_account_is_told_by_an_acceptor"
    Membership.objects.update(role="acceptor")
    assert refusal_of(told, preparer.pk) is None


def test_only_an_acceptor_appeals() -> None:
    recovery = demanded(is_fraud=False)
    preparer = act_for(recovery.payout.company, make_user("preparer"), role="preparer")
    with pytest.raises(MayNotAct):
        appeal_against(recovery=recovery, text="我们没有停业。", actor=preparer, now=NOW)


TABLE = {
    # role: what the person may do
    "acceptor": {Act.CLAIM, Act.PREPARE, Act.CHANGE_ACCOUNT, Act.APPEAL, Act.ANSWER_NOTICE, Act.CHANGE_MEMBERS},
    "preparer": {Act.PREPARE},
    "viewer": set(),
    "": set(),
}


@pytest.mark.parametrize("role", TABLE)
def test_one_table_says_what_each_role_may_do(role: str) -> None:
    firm = make_company()
    user = act_for(firm, make_user("member"), role=role) if role else make_user("member")
    assert {act for act in Act if not why_not(act, user=user, company=firm)} == TABLE[role]


def test_an_official_does_nothing_for_a_firm_and_a_role_is_of_one_firm() -> None:
    firm, other = make_company(), make_company()
    official = act_for(firm, make_user("official", is_staff=True))
    with override("en"):
        assert all("official" in why_not(act, user=official, company=firm) for act in Act)
    user = act_for(firm, make_user("accountant"))
    act_for(other, user, role="viewer")
    check_may(Act.CLAIM, user=user, company=firm)
    with pytest.raises(MayNotAct):
        check_may(Act.CLAIM, user=user, company=other)


def authorise(firm: Company) -> DataAuthorisation:
    text = "我授权。"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return DataAuthorisation.objects.create(
        company=firm, person=make_user("representative"), text=text, text_sha256=digest, authorised_at=NOW
    )


def test_the_citys_identity_makes_members_of_firms_that_authorised_the_use_of_data_alone() -> None:
    firm, user = make_company(), make_user("representative")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Membership.objects.create(user=user, company=firm, capacity="representative")
    assert constraint_of(refused.value) == "membership_by_identity_is_of_an_authorised_firm"
    authorise(firm)
    Membership.objects.create(user=user, company=firm, capacity="representative")


def test_an_authorisation_is_kept_with_the_digest_of_its_own_text() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("companies_dataauthorisation", text="我授权。", text_sha256="0" * 64)
    assert constraint_of(refused.value) == "data_authorisation_has_its_hash"
    authorise(make_company())
    assert refusal_of("UPDATE companies_dataauthorisation SET text = ''") == "data_authorisation_is_kept"


def test_only_an_acceptor_invites_and_an_invitation_ends_once() -> None:
    firm = make_company()
    preparer = act_for(firm, make_user("preparer"), role="preparer")
    given = {"company_id": firm.pk, "invited_by_id": preparer.pk, "role": "acceptor"}
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("companies_invitation", **given)
    assert constraint_of(refused.value) == "invitation_is_by_an_acceptor"
    Membership.objects.update(role="acceptor")
    insert_guarded("companies_invitation", **given)
    Invitation.objects.update(ended_as="revoked", ended_at=NOW, ended_by=preparer)
    assert refusal_of("UPDATE companies_invitation SET ended_as = '', ended_at = NULL, ended_by_id = NULL") == (
        "invitation_is_ended_once"
    )
