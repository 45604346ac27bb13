"""A row of a dataset that a steward declares with an item is paid for: matched, previewed, explained, claimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from companies.contracts.change import StillNeeded, propose_change, propose_retirement
from companies.contracts.contract import Contract, Property, Role, Subject, Type, Word
from companies.contracts.declare import CannotDeclare, declare_contract, read_draft
from companies.contracts.write import write_contract
from companies.models import Company, Employee, User
from payouts.offers.queries import explain_entitlement, list_offers
from policies.authoring.dataset_reliance import list_reliances
from policies.authoring.draft import BadFields
from policies.authoring.review import submit_version
from policies.deadlines.notices import notice
from policies.explain.company import explain_company
from policies.explain.types import Verdict
from policies.models import Entitlement, EntitlementStatus, PolicyVersion
from policies.portable.export import export
from policies.portable.import_policy import import_policy
from policies.portable.read_dmn import UnreadablePolicy, read
from policies.preview.exact import preview
from policies.rules.rules import RuleRefused, checked_rules_of
from policies.trial.worked_examples import facts_of
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_account, make_company
from tests.factories.contracts import FIRM, PERSON, make_column, retire
from tests.factories.deliveries import deliver_file, make_all_deliveries
from tests.factories.people import make_employee, make_officer, make_user, read_id_number
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all

pytestmark = pytest.mark.django_db
OPEN, CLAIMED, WITHDRAWN = EntitlementStatus.OPEN, EntitlementStatus.CLAIMED, EntitlementStatus.WITHDRAWN
YEAR = make_column("year", Type.YEAR, is_required=True)
PROJECT = make_column("project", Type.TEXT, is_required=True)
AMOUNT = make_column("amount", Type.YUAN)
QUARTER = make_column("quarter", Type.QUARTER, is_required=True, role=Role.PERIOD)


def contract_of(*columns: Property, item: str = "investment", **terms: object) -> Contract:
    """A dataset "equipment" whose key has the required columns beside the firm."""
    key = tuple(each.name for each in columns if each.is_required)
    usual = {
        "name": "equipment",
        "word": Word("设备投资", "Equipment investment"),
        "version": "1.0.0",
        "department": "economy",
        "subject": Subject.COMPANY,
        "properties": (FIRM, *columns),
        "key": ("credit_code", *key),
        "item": item,
        "freshness_days": 400,
    }
    return Contract(**(usual | terms))


@pytest.fixture
def steward() -> User:
    return make_user("steward", department="economy")


@pytest.fixture
def firm() -> Company:
    return make_company()


def declare(steward: User, contract: Contract) -> None:
    draft = read_draft(text=write_contract(contract), actor=steward)
    declare_contract(draft=draft, actor=steward, now=NOW)
    make_all_deliveries(but=["equipment"])


def row_of(firm: Company, **columns: object) -> dict[str, object]:
    return {"credit_code": firm.credit_code, "year": 2024, "project": "SB-1", "amount": "100", **columns}


def deliver(*rows: dict[str, object]) -> None:
    delivery = deliver_file("equipment", rows)
    assert delivery.landed_count == len(rows), list(delivery.quarantined_rows.values())


def keys_of(version: PolicyVersion) -> Iterable[str]:
    return entitlements_of(version).keys()


def test_each_row_is_an_entitlement_and_a_delivery_updates_it(steward: User, firm: Company) -> None:
    declare(steward, contract_of(YEAR, PROJECT, AMOUNT))
    deliver(row_of(firm, amount=1000), row_of(firm, project="SB-2", amount=400), row_of(firm, year=2023, amount=5000))
    version = make_published("investment.year = 2024", amount="investment.amount * 0.1", subject="investment")
    assert version.datasets == ["equipment", "registration"]
    match_all()
    first, second = (f"equipment:{firm.pk}:2024:SB-{number}" for number in (1, 2))
    assert entitlements_of(version) == {first: (Decimal(100), OPEN), second: (Decimal(40), OPEN)}
    deliver(row_of(firm, amount=3000), row_of(firm, project="SB-2", amount=""))
    match_all()
    assert entitlements_of(version) == {first: (Decimal(300), OPEN), second: (Decimal(40), WITHDRAWN)}


def test_the_role_period_says_in_which_period_a_row_is_paid(steward: User, firm: Company) -> None:
    declare(steward, contract_of(PROJECT, QUARTER, AMOUNT))
    deliver(row_of(firm, quarter="2024Q1"), row_of(firm, quarter="2024Q2"), row_of(firm, quarter="2024Q1", project="X"))
    version = make_published("true", amount="investment.amount", subject="investment", period_label="2024")
    match_all()
    keys = [f"equipment:{firm.pk}:{each}" for each in ("SB-1 2024Q1", "SB-1 2024Q2", "X 2024Q1")]
    assert sorted(keys_of(version)) == keys


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [(Type.DAY, "2024-03-09", "2024-03-09"), (Type.YEAR, "2024", "2024"), (Type.MONTH, "2024-03", "2024-03")],
)
def test_every_period_is_written_as_in_its_file(steward: User, firm: Company, kind: Type, value: str, key: str) -> None:
    declare(steward, contract_of(make_column("moment", kind, is_required=True, role=Role.PERIOD), AMOUNT))
    deliver(row_of(firm, moment=value))
    version = make_published("true", amount="investment.amount", subject="investment")
    match_all()
    assert list(keys_of(version)) == [f"equipment:{firm.pk} {key}"]


def test_two_rows_never_share_a_key(steward: User, firm: Company) -> None:
    part = make_column("part", Type.TEXT, is_required=True)
    declare(steward, contract_of(PROJECT, part, AMOUNT))
    texts = [("a:b", "c"), ("a", "b:c"), ("a\\", "b"), ("a", "\\b"), ("a\\:b", "c")]
    deliver(*(row_of(firm, project=project, part=second) for project, second in texts))
    version = make_published("true", amount="investment.amount", subject="investment")
    match_all()
    assert len(list(keys_of(version))) == len(texts)


def test_a_long_key_is_kept_as_its_digest(steward: User, firm: Company) -> None:
    declare(steward, contract_of(replace(PROJECT, length=200), AMOUNT))
    long = ["S" * 150 + end for end in ("1", "2")]
    deliver(*(row_of(firm, project=project) for project in long), row_of(firm))
    version = make_published("true", amount="investment.amount", subject="investment")
    match_all()
    keys = sorted(keys_of(version))
    assert [len(each) for each in keys[1:]] == [80, 80]
    assert keys[0] == f"equipment:{firm.pk}:SB-1"
    assert len(set(keys)) == 3


def person_row(firm: Company, person: Employee, **columns: object) -> dict[str, object]:
    return row_of(firm, id_number=read_id_number(person), **columns)


def test_a_row_about_a_person_can_pay_the_person(steward: User, firm: Company) -> None:
    declare(steward, contract_of(PERSON, YEAR, AMOUNT, subject=Subject.COMPANY_PERSON))
    one, other = make_employee(), make_employee(spouse=make_employee())
    make_account(employee=one)
    deliver(person_row(firm, one), person_row(firm, other, amount=50))
    # The person's own datasets count.
    rule = "count(unemployment_benefits) = 0 and investment.amount > 0"
    version = make_published(rule, amount="investment.amount", subject="investment", payee="employee")
    match_all()
    assert entitlements_of(version) == {
        f"equipment:{firm.pk}:{one.pk}:2024": (Decimal(100), OPEN),
        f"equipment:{firm.pk}:{other.pk}:2024": (Decimal(50), OPEN),
    }
    assert set(Entitlement.objects.values_list("employee", flat=True)) == {one.pk, other.pk}
    [offer] = list_offers(company=firm, on=TODAY).claimable
    assert [line.label for line in offer.lines] == [one.name]
    assert offer.waiting_count == 1


def test_a_row_without_a_person_cannot_pay_one(steward: User) -> None:
    declare(steward, contract_of(YEAR, AMOUNT))
    with pytest.raises(BadFields, match="whose subject is a person"), translation.override("en"):
        make_draft("true", subject="investment", payee="employee")


def test_a_firm_reads_why_and_for_what(steward: User, firm: Company) -> None:
    declare(steward, contract_of(YEAR, PROJECT, AMOUNT))
    deliver(row_of(firm, amount=1000), row_of(firm, project="SB-2", amount=5))
    version = make_published("investment.amount > 10", amount="investment.amount", subject="investment")
    match_all()
    [offer] = list_offers(company=firm, on=TODAY).claimable
    assert [(line.label, line.amount_cny) for line in offer.lines] == [("2024:SB-1", Decimal(1000))]
    with translation.override("en"):
        explained = explain_entitlement(company=firm, entitlement_id=offer.lines[0].entitlement_id)
        assert [fact.label for fact in explained.facts] == ["This investment · Column"]
        assert notice(version=version).subject == "each investment"
    reasons = explain_company(company=firm, version=version, now=NOW)
    assert {item.label: item.verdict for item in reasons.items} == {
        "2024:SB-1": Verdict.ELIGIBLE,
        "2024:SB-2": Verdict.INELIGIBLE,
    }


def test_a_preview_counts_what_matching_would_write(steward: User, firm: Company) -> None:
    declare(steward, contract_of(YEAR, PROJECT, AMOUNT))
    deliver(row_of(firm, amount=1000), row_of(firm, project="SB-2", amount=5))
    draft = make_draft("investment.amount > 10", amount="investment.amount", subject="investment")
    seen = preview(version=draft, now=NOW)
    assert (seen.rows, seen.count, seen.firm_count, seen.total_cny) == (2, 1, 1, Decimal(1000))
    assert facts_of(version=draft, company=firm, now=NOW)["investment"] == {"amount": 1000}


def test_a_file_brings_the_subject_along(steward: User) -> None:
    declare(steward, contract_of(YEAR, AMOUNT))
    content = export(version=make_draft("investment.year = 2024", amount="investment.amount", subject="investment"))
    imported = import_policy(policy=read(content), actor=None, code="P-71")
    assert imported.version.subject == "investment"
    retire("equipment")
    with pytest.raises(UnreadablePolicy, match="“investment”"), translation.override("en"):
        import_policy(policy=read(content), actor=None, code="P-72")


def test_what_is_in_force_keeps_its_dataset_and_its_item(steward: User) -> None:
    contract = contract_of(YEAR, PROJECT, AMOUNT)
    declare(steward, contract)
    version = make_published('company.standing = "active"', subject="investment")
    assert [each.name for each in list_reliances(contract, ["project"])] == [str(version)]
    assert list(list_reliances(contract, ["amount"])) == []
    other = replace(contract, version="2.0.0", item="machine")
    draft = read_draft(text=write_contract(other), actor=steward)
    assert draft.narrowings == ("terms:item",)
    with pytest.raises(StillNeeded):
        propose_change(draft=draft, because="改名", actor=steward, now=NOW)
    with pytest.raises(StillNeeded):
        propose_retirement(name="equipment", because="不再登记", actor=steward, now=NOW)


def test_our_own_subjects_keep_their_datasets_too() -> None:
    administrator = make_user("administrator", is_superuser=True)
    make_published('company.standing = "active"', subject="couple")
    for name in ("employees", "marriage"):
        with pytest.raises(StillNeeded):
            propose_retirement(name=name, because="不再登记", actor=administrator, now=NOW)


def test_a_draft_of_a_retired_dataset_says_so(steward: User, firm: Company) -> None:
    declare(steward, contract_of(YEAR, AMOUNT))
    draft = make_draft('company.standing = "active"', subject="investment")
    assert checked_rules_of(draft).subject == "investment"
    retire("equipment")
    asks = (
        lambda: checked_rules_of(draft),
        lambda: preview(version=draft, now=NOW),
        lambda: facts_of(version=draft, company=firm, now=NOW),
        lambda: submit_version(version=draft, actor=make_officer("writer"), now=NOW),
    )
    for ask in asks:
        with pytest.raises(RuleRefused) as refused:
            ask()
        assert "rows are called “investment”" in refused.value.sentence.en


@pytest.mark.parametrize("taken", ["couple", "loan", "company"])
def test_an_item_is_not_called_as_another_subject(steward: User, taken: str) -> None:
    with pytest.raises(CannotDeclare, match=taken):
        declare(steward, contract_of(YEAR, AMOUNT, item=taken))


def test_an_item_of_a_retired_dataset_is_not_given_again(steward: User) -> None:
    declare(steward, contract_of(YEAR, AMOUNT))
    retire("equipment")
    with pytest.raises(CannotDeclare, match="investment"):
        declare(steward, contract_of(YEAR, AMOUNT, name="machines"))
