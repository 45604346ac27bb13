"""What a steward declares with an item, an officer chooses at once as what a policy pays once for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.contracts.contract import Subject, Type
from companies.models import User
from policies.models import PolicyVersion
from tests.factories.clients import sign_in
from tests.factories.companies import make_company
from tests.factories.contracts import FIRM, PERSON, declare, make_column, make_contract, retire
from tests.factories.deliveries import deliver_file, make_all_deliveries
from tests.factories.policies import make_draft, make_policy, make_published, match_all
from tests.functional.officers.test_editor import asked, suggested
from tests.functional.officers.test_policy_admin import address, form

pytestmark = pytest.mark.django_db
ADD = reverse("admin:policies_policyversion_add")
ROAD = make_column("road", Type.TEXT, is_required=True)
FEE = make_column("fee", Type.YUAN)
RULE = [("1", "toll.fee > 10")]


@pytest.fixture
def _tolls() -> None:
    declare(make_contract(properties=(FIRM, ROAD, FEE), key=("credit_code", "road"), item="toll"))


@pytest.mark.usefixtures("_tolls")
def test_the_form_offers_it_in_both_languages(officer: Client) -> None:
    assert '<option value="toll">each toll</option>' in officer.get(ADD).content.decode()
    chinese = sign_in(User.objects.get(username="officer"), language="zh-hans")
    assert '<option value="toll">每条过路费</option>' in chinese.get(ADD).content.decode()


def test_it_is_no_choice_before_and_afterwards(officer: Client) -> None:
    assert "each toll" not in officer.get(ADD).content.decode()
    sent = form(clauses=RULE, policy=make_policy("P-71").pk, subject="toll")
    assert (
        "Select a valid choice. toll is not one of the available choices." in officer.post(ADD, sent).content.decode()
    )
    assert not PolicyVersion.objects.exists()


@pytest.mark.usefixtures("_tolls")
def test_an_officer_writes_a_draft_that_pays_for_it(officer: Client) -> None:
    policy = make_policy("P-71")
    sent = form(clauses=RULE, policy=policy.pk, subject="toll", amount_feel="toll.fee * 0.5")
    assert officer.post(ADD, sent).status_code == 302
    draft = PolicyVersion.objects.get(policy=policy)
    assert draft.subject == "toll"
    shown = officer.get(address(draft)).content.decode()
    assert '<option value="toll" selected>each toll</option>' in shown
    refused = officer.post(address(draft), form(draft, clauses=RULE, subject="toll", payee="employee"))
    assert "Only a policy whose subject is a person can pay the person." in refused.content.decode()


def test_a_person_is_paid_where_the_row_names_one(officer: Client) -> None:
    columns, key = (FIRM, PERSON, FEE), ("credit_code", "id_number")
    declare(make_contract(properties=columns, key=key, subject=Subject.COMPANY_PERSON, item="toll"))
    policy = make_policy("P-71")
    assert officer.post(ADD, form(clauses=RULE, policy=policy.pk, subject="toll", payee="employee")).status_code == 302
    assert PolicyVersion.objects.get(policy=policy).payee == "employee"


@pytest.mark.usefixtures("_tolls")
def test_the_editor_knows_its_words(officer: Client) -> None:
    make_all_deliveries()
    firm = make_company()
    deliver_file("tolls", [{"credit_code": firm.credit_code, "road": road, "fee": 20} for road in ("G2", "G60")])
    assert 'data-insert="toll.fee"' in suggested(officer, "fe", subject="toll")
    counted = asked(officer, "count", "toll.fee > 10", subject="toll")
    assert "each toll" in counted
    assert "There is no fact called" in asked(officer, "check", "toll.fee > 10", subject="company")
    page = officer.get(ADD).content.decode()
    assert "This toll" in page
    assert "each toll" in page


@pytest.mark.usefixtures("_tolls")
def test_the_public_reads_what_it_pays_for(client: Client) -> None:
    version = make_published("toll.fee > 10", subject="toll")
    match_all()
    page = client.get(reverse("policy", args=[version.policy.code]), headers={"accept-language": "en"})
    assert "each toll" in page.content.decode()


@pytest.mark.usefixtures("_tolls")
def test_a_draft_of_a_retired_dataset_is_still_shown(officer: Client) -> None:
    draft = make_draft("true", subject="toll")
    retire("tolls")
    assert officer.get(address(draft)).status_code == 200
    posted = officer.post(address(draft), form(draft, clauses=[("1", "true")], subject="toll"))
    assert "is not one of the available choices" in posted.content.decode()
