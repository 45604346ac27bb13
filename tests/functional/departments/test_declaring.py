"""A data steward declares a dataset in the desk: from a sample, from a contract, and the next version of one."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import ChoiceField
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from companies.contracts.registry import contracts
from companies.contracts.shipped import read_shipped
from companies.models import Company, DatasetContract, User
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in_official
from tests.factories.companies import credit_code, make_company
from tests.factories.decisions import confirm_proposal
from tests.factories.deliveries import deliver_file, quarantine_of
from tests.factories.policies import make_published
from tests.factories.records import rows_of

pytestmark = pytest.mark.django_db
DECLARE = reverse("admin:companies_datasetcontract_declare")
TITLES = ("统一社会信用代码", "年度", "设备投资额（元）", "project_code")
ROWS = ((credit_code(1), "2024", "1200000.50", "SB-1"), (credit_code(2), "2025", "30000", "SB-2"))


@pytest.fixture
def steward() -> Client:
    return sign_in_official("department", department="economy")


def workbook(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return SimpleUploadedFile("sample.xlsx", content.getvalue())


def fields_of(answer: HttpResponse) -> dict[str, str]:
    """What the shown form would send if nobody touched it."""
    forms = [answer.context["terms"], answer.context["columns"].management_form, *answer.context["columns"].forms]
    sent = {"step": "form"}
    for form in forms:
        for field in form:
            value = field.value()
            if value is None and isinstance(field.field, ChoiceField):
                value = field.field.choices[0][0]
            if value not in (None, False, ""):
                sent[field.html_name] = "on" if value is True else str(value)
    return sent


def read_sample(steward: Client, *rows: tuple[str, ...]) -> dict[str, str]:
    answer = steward.post(DECLARE, {"step": "file", "file": workbook(*rows)})
    assert answer.status_code == 200
    return fields_of(answer)


TERMS = {
    "zh": "设备投资", "en": "Equipment investment", "name": "equipment_investment", "item": "investment",
    "freshness_days": "400", "subject": "company",
}  # fmt: skip
COLUMNS = {
    0: {"zh": "统一社会信用代码", "en": "Credit code", "is_confirmed": "on"},
    1: {"en": "Year", "name": "year", "is_key": "on", "is_confirmed": "on"},
    2: {"zh": "设备投资额", "en": "Amount", "name": "amount", "minimum": "0", "is_confirmed": "on"},
    3: {"zh": "项目编号", "name": "project_code", "is_key": "on", "is_confirmed": "on"},
}


def filled(sent: dict[str, str], **others: str) -> dict[str, str]:
    columns = {f"columns-{place}-{name}": value for place, part in COLUMNS.items() for name, value in part.items()}
    return sent | TERMS | columns | others


def declare(steward: Client, sent: dict[str, str]) -> DatasetContract:
    shown = steward.post(DECLARE, sent)
    assert "draft" in shown.context, list_errors(shown)
    answer = steward.post(DECLARE, {"step": "confirm", "text": shown.context["draft"].text})
    assert answer.status_code == 302, answer.content.decode()
    return DatasetContract.objects.latest("pk")


def list_errors(answer: HttpResponse) -> list[object]:
    return [answer.context["terms"].errors, *(form.errors for form in answer.context["columns"].forms)]


def declare_from_sample(steward: Client) -> DatasetContract:
    return declare(steward, filled(read_sample(steward, TITLES, *ROWS)))


def test_a_sample_proposes_a_type_for_each_column(steward: Client) -> None:
    sent = read_sample(steward, TITLES, *ROWS)
    types = [sent[f"columns-{place}-type"] for place in range(4)]
    assert types == ["credit code", "year", "yuan", "text"]
    assert sent["columns-0-role"] == "credit_code"
    assert "columns-0-is_confirmed" not in sent


def test_each_column_of_a_sample_is_confirmed_by_a_person(steward: Client) -> None:
    sent = filled(read_sample(steward, TITLES, *ROWS))
    del sent["columns-2-is_confirmed"]
    answer = steward.post(DECLARE, sent)
    assert "draft" not in answer.context
    assert "Look at this column and confirm it" in answer.content.decode()
    assert not DatasetContract.objects.filter(name="equipment_investment").exists()


def test_a_declared_dataset_is_delivered_and_decides_at_once(steward: Client) -> None:
    row = declare_from_sample(steward)
    assert (row.name, row.version) == ("equipment_investment", "1.0.0")
    assert row.declared_by == User.objects.get(username="department")
    firm = make_company()
    delivery = deliver_file(
        "equipment_investment",
        [
            {"credit_code": firm.credit_code, "year": 2024, "amount": "1200000.50", "project_code": "SB-1"},
            {"credit_code": firm.credit_code, "year": 3021, "amount": "5", "project_code": "SB-2"},
            {"credit_code": firm.credit_code, "year": 2024, "amount": "-5", "project_code": "SB-3"},
        ],
    )
    assert quarantine_of(delivery) == [(3, "year", "out_of_range"), (4, "amount", "out_of_range")]
    assert delivery.landed_count == 1
    version = make_published("sum(equipment_investment[year = 2024].amount) >= 1000000")
    assert "equipment_investment" in version.datasets


def test_a_preview_shows_which_values_of_the_sample_would_not_land(steward: Client) -> None:
    sent = filled(read_sample(steward, TITLES, *ROWS), preview="1") | {"columns-2-minimum": "100000"}
    answer = steward.post(DECLARE, sent)
    assert [(each.column, each.value) for each in answer.context["wrong"]] == [("amount", "30000")]
    assert not DatasetContract.objects.filter(name="equipment_investment").exists()


def test_more_columns_keep_what_was_written(steward: Client) -> None:
    sent = filled(read_sample(steward, TITLES, *ROWS), more="1")
    answer = steward.post(DECLARE, sent)
    assert len(answer.context["columns"].forms) == 7
    assert answer.context["terms"]["zh"].value() == "设备投资"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "Equipment"}, "small letters"),
        ({"name": "tax"}, "dataset of Tax"),
        ({"name": "received"}, "a word of the rule language or of ours"),
        ({"item": "loan"}, "is the name of something else already"),
        ({"version": "1"}, "three numbers"),
        ({"columns-1-is_key": "", "columns-3-is_key": ""}, "has an item, but only one row"),
        ({"columns-0-role": ""}, "columns has the role credit_code"),
        ({"columns-2-minimum": "5", "columns-2-maximum": "1"}, "a minimum above its maximum"),
        ({"columns-3-length": ""}, "maxLength"),
        ({"columns-1-name": "amount"}, "twice"),
    ],
)
def test_a_wrong_form_says_what_to_do(steward: Client, changed: dict[str, str], sentence: str) -> None:
    sent = {name: value for name, value in (filled(read_sample(steward, TITLES, *ROWS)) | changed).items() if value}
    answer = steward.post(DECLARE, sent)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not DatasetContract.objects.filter(name="equipment_investment").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("contract.yaml", b"kind: [", "YAML"),
        ("contract.yaml", "kind: DataContract\n".encode("utf-16"), "UTF-8"),
        ("sample.xlsx", b"PK\x03\x04", "workbook"),
        ("sample.pdf", b"%PDF-1.7", "neither"),
        ("sample.csv", "年度,金额\n".encode(), "no row below the titles"),
        ("empty.csv", b" ", "neither"),
    ],
)
def test_a_wrong_file_says_what_to_do(steward: Client, name: str, content: bytes, sentence: str) -> None:
    answer = steward.post(DECLARE, {"step": "file", "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_a_department_declares_its_own_datasets_alone(steward: Client) -> None:
    [text] = [text for text in read_shipped() if "name: tax\n" in text]
    text = text.replace("version: 1.0.0", "version: 1.1.0")
    answer = steward.post(DECLARE, {"step": "confirm", "text": text})
    assert "only its own people declare it" in answer.content.decode()
    assert contracts()["tax"].version == "1.0.0"


def test_room_for_more_is_made_at_once(steward: Client) -> None:
    row = declare_from_sample(steward)
    firm = make_company()
    deliver_file(
        "equipment_investment", [{"credit_code": firm.credit_code, "year": 2024, "amount": 5, "project_code": "SB-1"}]
    )
    text = row.text.replace("version: 1.0.0", "version: 1.1.0").replace("maxLength: 10", "maxLength: 60")
    declare_text(steward, text)
    assert contracts()["equipment_investment"].version == "1.1.0"
    long = "SB-" + "1" * 50
    delivery = deliver_file(
        "equipment_investment", [{"credit_code": firm.credit_code, "year": 2024, "amount": 5, "project_code": long}]
    )
    assert delivery.landed_count == 1


def declare_text(steward: Client, text: str, **others: str) -> HttpResponse:
    answer = steward.post(DECLARE, {"step": "confirm", "text": text, **others})
    assert answer.status_code == 302, answer.content.decode()
    return answer


def test_what_takes_something_away_takes_two_people(steward: Client) -> None:
    row = declare_from_sample(steward)
    text = row.text.replace("version: 1.0.0", "version: 2.0.0").replace("minimum: 0", "minimum: 10")
    shown = steward.post(DECLARE, {"step": "confirm", "text": text}).content.decode()
    assert "Say why" in shown
    assert "takes a narrower range" in shown
    declare_text(steward, text, because="小额不再登记")
    assert contracts()["equipment_investment"].version == "1.0.0"
    confirm_proposal(Proposal.objects.get(kind="dataset_contract"))
    assert contracts()["equipment_investment"].version == "2.0.0"


def test_a_version_in_force_keeps_the_columns_that_it_reads(steward: Client) -> None:
    row = declare_from_sample(steward)
    make_published("sum(equipment_investment[year = 2024].amount) >= 1000000")
    text = row.text.replace("version: 1.0.0", "version: 2.0.0").replace("name: amount", "name: sum_of_it")
    answer = steward.post(DECLARE, {"step": "confirm", "text": text, "because": "改名"})
    assert "versions in force need it" in answer.content.decode()
    retire = reverse("admin:companies_datasetcontract_retire", args=[row.pk])
    assert "mentions it" in steward.get(retire).content.decode()
    assert "versions in force need it" in steward.post(retire, {"because": "不再登记"}).content.decode()
    assert not Proposal.objects.exists()


def test_a_retired_dataset_leaves_and_its_rows_stay(steward: Client) -> None:
    row, firm = declare_from_sample(steward), make_company()
    deliver_file(
        "equipment_investment", [{"credit_code": firm.credit_code, "year": 2024, "amount": 5, "project_code": "SB-1"}]
    )
    retire = reverse("admin:companies_datasetcontract_retire", args=[row.pk])
    assert steward.post(retire, {"because": "不再登记"}).status_code == 302
    confirm_proposal(Proposal.objects.get(kind="dataset_contract"))
    assert "equipment_investment" not in contracts()
    assert len(rows_of("equipment_investment")) == 1
    again = steward.post(DECLARE, {"step": "confirm", "text": row.text.replace("1.0.0", "9.0.0")})
    assert "give the new one another name" in again.content.decode()


def test_the_pages_of_a_dataset_show_it(steward: Client) -> None:
    row, firm = declare_from_sample(steward), make_company("杭州设备有限公司")
    deliver_file(
        "equipment_investment",
        [{"credit_code": firm.credit_code, "year": 2024, "amount": "1200000.5", "project_code": "SB-1"}],
    )
    page = steward.get(reverse("admin:companies_datasetcontract_change", args=[row.pk])).content.decode()
    assert "project_code" in page
    rows = steward.get(reverse("admin:companies_datasetcontract_rows", args=[row.name])).content.decode()
    assert firm.credit_code in rows
    assert "1,200,000.50" in rows
    nobody = steward.get(reverse("admin:companies_datasetcontract_rows", args=[row.name]), {"credit_code": "X"})
    assert "There is no such row" in nobody.content.decode()
    words = steward.get(reverse("admin:companies_datasetcontract_dictionary")).content.decode()
    assert "Equipment investment" in words
    file = steward.get(reverse("admin:companies_datasetcontract_download", args=[row.pk]))
    assert file.content.decode() == row.text


def test_the_next_version_begins_with_the_contract_in_force(steward: Client) -> None:
    row = declare_from_sample(steward)
    shown = steward.get(DECLARE, {"of": row.pk})
    sent = fields_of(shown) | {"freshness_days": "400"}
    assert sent["version"] == "1.1.0"
    assert declare(steward, sent).version == "1.1.0"


def test_a_firm_links_to_its_rows(steward: Client) -> None:
    firm: Company = make_company()
    declare_from_sample(steward)
    deliver_file(
        "equipment_investment", [{"credit_code": firm.credit_code, "year": 2024, "amount": 5, "project_code": "SB-1"}]
    )
    officer = sign_in_official("officer")
    page = officer.get(reverse("admin:companies_company_change", args=[firm.pk])).content.decode()
    assert reverse("admin:companies_datasetcontract_rows", args=["equipment_investment"]) in page
