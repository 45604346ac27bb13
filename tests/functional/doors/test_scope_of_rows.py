"""What people of a district read in lists, counts and choices, and what operations refuse them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, CompanyDistrict, User
from companies.people.scope import OutOfScope, narrow
from payouts.batches.assemble import open_batch
from payouts.batches.queries import count_funds_without_batch, find_waiting_funds
from payouts.batches.release import approve_batch, check_control_sum
from payouts.batches.seal import seal_sent_instructions
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.grants import propose_grant
from payouts.ledger.shares import propose_settlement
from payouts.models import Batch, Payout
from payouts.states import Role
from policies.authoring.draft import copy_version
from policies.authoring.suspend import suspend_version
from policies.models import Policy, PolicyVersion
from qinqing.worklist import list_work
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_file_fund, make_payout, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.rows import unguarded

pytestmark = pytest.mark.django_db
OWN, FAR = "330106", "330127"


def official(role: str, district: str = OWN, **fields: str) -> User:
    sign_in_official(role, f"{role} {district}", district=district, **fields)
    return User.objects.get(username=f"{role} {district}")


def payout_in(district: str) -> Payout:
    payout: Payout = make_payout()
    with unguarded():
        Payout.objects.filter(pk=payout.pk).update(district=district)
        Company.objects.filter(pk=payout.company_id).update(name=f"firm of {district}")
        CompanyDistrict.objects.filter(company=payout.company_id).update(district_id=district)
    return payout


def version_in(district: str) -> PolicyVersion:
    version = make_version()
    Policy.objects.filter(pk=version.policy_id).update(district=district)
    return PolicyVersion.objects.get(pk=version.pk)


def batch_in(district: str) -> Batch:
    batch: Batch = make_sealed_batch(1)
    Policy.objects.filter(pk=batch.fund.version.policy_id).update(district=district)
    return batch


def text_of(client: Client, name: str) -> str:
    return client.get(reverse(f"admin:{name}")).content.decode()


def test_lists_hold_the_rows_of_the_district_alone() -> None:
    own, far = payout_in(OWN), payout_in(FAR)
    clerk, city = sign_in(official("finance")), sign_in_official("finance")
    own_page, far_page = (reverse("admin:payouts_payout_change", args=[each.pk]) for each in (own, far))
    assert own_page in text_of(clerk, "payouts_payout_changelist")
    assert far_page not in text_of(clerk, "payouts_payout_changelist")
    assert far_page in text_of(city, "payouts_payout_changelist")
    assert f"firm of {FAR}" not in text_of(clerk, "companies_company_changelist")
    assert f"firm of {OWN}" in text_of(clerk, "companies_company_changelist")


def test_a_firm_of_unknown_district_is_the_citys_and_one_that_moved_is_its_new_districts() -> None:
    nowhere, moved = make_company("不详有限公司", district=""), make_company("迁入有限公司", district=FAR)
    CompanyDistrict.objects.create(company=moved, district_id=OWN, valid_from=TODAY)
    seen = narrow(Company.objects.all(), user=official("officer"))
    assert list(seen) == [moved]
    assert not narrow(Company.objects.all(), user=official("officer", FAR)).exists()
    assert set(narrow(Company.objects.all(), user=make_user("city", is_staff=True))) == {nowhere, moved}


def test_choices_offer_the_rows_of_the_district_alone() -> None:
    own, far = version_in(OWN).policy, version_in(FAR).policy
    client = sign_in(official("officer"))
    field = {"app_label": "policies", "model_name": "policyversion", "field_name": "policy"}
    offered = client.get(reverse("admin:autocomplete"), field).json()["results"]
    assert [each["id"] for each in offered] == [str(own.pk)]
    assert str(own.pk) != str(far.pk)


def test_counts_are_those_of_the_district() -> None:
    batch_in(OWN), batch_in(FAR), batch_in("")
    assert batches_to_check(official("finance_checker")) == 1
    assert batches_to_check(official("finance_checker", "")) == 3


def batches_to_check(person: User) -> int:
    work = {item.link: item.count for item in list_work(user=person, now=timezone.now())}
    return work[f"{reverse('admin:payouts_batch_changelist')}?waits=check"]


def test_funds_that_wait_for_a_batch_are_those_of_the_district() -> None:
    own, far = make_file_fund(1), make_file_fund(1)
    for fund, district in ((own, OWN), (far, FAR)):
        Policy.objects.filter(pk=fund.version.policy_id).update(district=district)
    maker = official("finance_maker")
    assert [each.fund for each in find_waiting_funds(user=maker)] == [own.pk]
    assert count_funds_without_batch(user=maker) == 1
    assert sign_in(maker).post(reverse("admin:payouts_batch_collect"), {"fund": far.pk}, follow=True).status_code == 200
    assert not Batch.objects.exists()
    with pytest.raises(OutOfScope):
        open_batch(fund=far, actor=maker, now=NOW)
    assert open_batch(fund=own, actor=maker, now=NOW).fund == own


def test_operations_refuse_the_rows_of_others() -> None:
    clerk, officer = official("finance_checker"), official("officer")
    far, batch, version = payout_in(FAR), batch_in(FAR), version_in(FAR)
    given = {"actor": clerk, "now": NOW}
    with pytest.raises(OutOfScope):
        cancel_payouts(payout_ids=[far.pk, payout_in(OWN).pk], role=Role.FINANCE, because="核实", **given)
    with pytest.raises(OutOfScope):
        approve_batch(batch=batch, **given)
    with pytest.raises(OutOfScope):
        propose_grant(version=version, amount_cny=Decimal(5), because="预算", **given)
    with pytest.raises(OutOfScope):
        seal_sent_instructions(**given)
    sides = {"fund": far.fund, "district": FAR, "debtor": "city", "creditor": "district"}
    with pytest.raises(OutOfScope):
        propose_settlement(**sides, amount_cny=Decimal(1), reference="V-1", settled_on=TODAY, **given)
    with pytest.raises(OutOfScope):
        suspend_version(version=version, reason="一看", actor=officer, now=NOW)
    with pytest.raises(OutOfScope):
        copy_version(version=version, actor=officer)


def test_operations_take_the_rows_of_the_district() -> None:
    clerk, own = official("finance_checker"), payout_in(OWN)
    batch = batch_in(OWN)
    check_control_sum(batch=batch, checked_sum_cny=Decimal(100), actor=clerk, now=NOW)
    assert approve_batch(batch=batch, actor=clerk, now=NOW).approved_by == clerk
    cancel_payouts(payout_ids=[own.pk], role=Role.FINANCE, because="核实", actor=clerk, now=NOW)
    own.refresh_from_db()
    assert own.status == "cancelled"


def test_a_policy_that_an_official_of_a_district_adds_is_the_districts() -> None:
    client = sign_in(official("officer"))
    rows = {f"versions-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    form = {"code": "W-1", "title_zh": "西湖政策", "department": "tax", "district": FAR} | rows
    assert client.post(reverse("admin:policies_policy_add"), form).status_code == 302
    assert Policy.objects.get(code="W-1").district == OWN


def test_a_department_sees_the_policies_that_it_is_in_charge_of() -> None:
    own, other = version_in("").policy, version_in("").policy
    Policy.objects.filter(pk=own.pk).update(department="tax")
    Policy.objects.filter(pk=other.pk).update(department="labour")
    assert list(narrow(Policy.objects.all(), user=official("officer", "", department="tax"))) == [own]
