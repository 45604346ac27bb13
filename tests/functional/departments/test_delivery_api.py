"""The departments' API: who may deliver, and how the API answers each outcome."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from knox.models import AuthToken

from companies.deliveries import api
from companies.deliveries.registry.targets import deliverables
from companies.models import Company, Delivery
from tests.factories.clients import sign_in
from tests.factories.companies import make_company, make_owner
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, gzip_file, ndjson_file
from tests.factories.people import PASSWORD, make_department_user, make_user

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


@pytest.fixture
def file(firm: Company) -> bytes:
    return csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1})


@pytest.fixture
def department() -> Iterator[Client]:
    with translation.override("en"):
        yield sign_in(make_department_user())


def posted(
    client: Client, body: bytes, *, status: int, content_type: str = "text/csv", **asked: str
) -> dict[str, object]:
    query = {"delivery_id": "tax-1", "dataset": "tax", "as_of": "2026-03-02"} | asked
    address = reverse("api-deliveries", query={name: value for name, value in query.items() if value})
    answer = client.post(address, body, content_type=content_type)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_file_lands(department: Client, file: bytes) -> None:
    answer = posted(department, file + b"x,2024,1,1\n", status=201)
    assert (answer["rows_landed"], answer["rows_quarantined"], answer["status"]) == (1, 1, "landed")
    assert answer["as_of"] == "2026-03-02"
    [row] = answer["quarantine"]
    assert (row["row"], row["column"], row["reason"]) == (3, "credit_code", "wrong_credit_code")
    assert "check digit" in row["sentence"]
    assert Delivery.objects.get().delivered_by.department == "tax"


@pytest.mark.parametrize(
    ("content_type", "pack"),
    [
        ("application/gzip", gzip_file),
        ("application/octet-stream", bytes),
        ("application/x-www-form-urlencoded", bytes),
        ("application/json", bytes),
        ("", bytes),
    ],
)
def test_the_bytes_tell_what_the_file_is(department: Client, file: bytes, content_type: str, pack: type[bytes]) -> None:
    assert posted(department, pack(file), status=201, content_type=content_type)["rows_landed"] == 1


def test_ndjson(department: Client, firm: Company) -> None:
    row = {"credit_code": firm.credit_code, "year": 2024, "revenue": 1, "tax_paid": 2}
    assert posted(department, ndjson_file(row), status=201, content_type="application/x-ndjson")["rows_landed"] == 1


def test_a_form_with_a_file(department: Client, file: bytes) -> None:
    form = {"delivery_id": "tax-1", "dataset": "tax", "as_of": "2026-03-02", "file": SimpleUploadedFile("t.csv", file)}
    answer = department.post(reverse("api-deliveries"), form)
    assert (answer.status_code, answer.json()["rows_landed"]) == (201, 1)


def test_what_is_asked_may_stand_in_headers(department: Client, file: bytes) -> None:
    headers = {"Delivery-Id": "tax-1", "Dataset": "tax", "As-Of": "2026-03-02"}
    answer = department.post(reverse("api-deliveries"), file, content_type="text/csv", headers=headers)
    assert (answer.status_code, answer.json()["delivery_id"]) == (201, "tax-1")


def test_the_same_again_and_other_bytes(department: Client, file: bytes) -> None:
    first = posted(department, file, status=201)
    assert posted(department, file, status=200) == first
    refusal = posted(department, file + b"\n", status=409)
    assert "other content" in refusal["detail"]
    assert TaxYear.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"delivery_id": ""}, 400, "“delivery_id” is missing"),
        ({"dataset": ""}, 400, "“dataset” is missing"),
        ({"dataset": "taxs"}, 400, "did you mean “tax”"),
        ({"delivery_id": "a b"}, 400, "A delivery id has"),
        ({"as_of": "yesterday"}, 400, "“as_of” is no date"),
        ({"as_of": "2999-01-01"}, 400, "has not come yet"),
        ({"dataset": "wages"}, 422, "“id_number” is missing"),
        ({"dataset": "insurance"}, 403, "another department"),
    ],
)
def test_each_refusal_is_one_sentence(
    department: Client, file: bytes, asked: dict[str, str], status: int, said: str
) -> None:
    refusal = posted(department, file, status=status, **asked)
    assert list(refusal) == ["detail"]
    assert said in refusal["detail"]
    assert TaxYear.objects.count() == 0


def test_no_file(department: Client) -> None:
    assert "The file is missing" in posted(department, b"", status=400)["detail"]


def test_a_file_that_is_too_large(department: Client, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MAX_PACKED_BYTES", 10)
    assert "larger" in posted(department, file, status=413)["detail"]


def test_an_unreadable_file(department: Client) -> None:
    assert "UTF-16" in posted(department, b"\xff\xfeabc", status=422)["detail"]


def test_who_may_not_come_in(file: bytes) -> None:
    owner = make_owner(make_company(has_account=False))
    for user in (owner, make_user(is_staff=True)):
        posted(sign_in(user), file, status=403)
    anonymous = Client(**ENGLISH).post(reverse("api-deliveries"), file, content_type="text/csv")
    assert anonymous.status_code == 401
    assert Client().get(reverse("api-datasets")).status_code == 401
    assert not Delivery.objects.exists()


def test_without_the_role_a_departments_account_opens_nothing(file: bytes) -> None:
    user = make_department_user(role="")
    _kept, token = AuthToken.objects.create(user=user)
    machine = Client(headers={"authorization": f"Token {token}"})
    for client in (sign_in(user), machine):
        posted(client, file, status=403)
        assert client.get(reverse("api-datasets")).status_code == 403
    assert not Delivery.objects.exists()


def test_who_may_only_look_delivers_nothing(file: bytes) -> None:
    client = sign_in(make_department_user(role="auditor"))
    posted(client, file, status=403)
    assert client.get(reverse("api-datasets")).status_code == 200


def test_a_superuser_delivers_everything(file: bytes) -> None:
    posted(sign_in(make_user(is_superuser=True)), file, status=201)


def test_a_password_and_a_token_open_the_door(file: bytes) -> None:
    user = make_department_user(password=PASSWORD)
    address = reverse("api-deliveries", query={"delivery_id": "tax-1", "dataset": "tax"})
    basic = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    wrong = base64.b64encode(f"{user.username}:wrong".encode()).decode()
    _kept, token = AuthToken.objects.create(user=user)
    doors = {f"Basic {wrong}": 401, f"Basic {basic}": 201, f"Token {token}": 200, "Token x": 401, "Token é": 401}
    for door, status in doors.items():
        answer = Client().post(address, file, content_type="text/csv", headers={"Authorization": door})
        assert answer.status_code == status, door


def test_a_session_needs_its_csrf_token(file: bytes) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_department_user())
    assert client.post(reverse("api-deliveries"), file, content_type="text/csv").status_code == 403


def test_without_a_day_it_is_the_same_delivery_after_midnight_too(department: Client, file: bytes) -> None:
    """A delivery that is sent again a day later under the same id counts as the same one, and keeps its first day."""
    posted(department, file, status=201)
    again = posted(department, file, status=200, as_of="")
    assert again["as_of"] == "2026-03-02"
    assert "landed as the data of 2026-03-02" in posted(department, file, status=409, as_of="2026-03-03")["detail"]
    assert posted(department, file, status=201, as_of="", delivery_id="tax-2")["as_of"] == f"{timezone.localdate()}"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"path": "/api/v1/nothing/"}, 404),
        ({"data": {f"f{n}": SimpleUploadedFile("f", b"x") for n in range(101)}}, 400),
    ],
    ids=["no such address", "too many files"],
)
def test_what_django_itself_refuses_is_a_sentence_as_well(
    department: Client, sent: dict[str, object], status: int
) -> None:
    answer = department.post(**{"path": reverse("api-deliveries"), **sent})  # type: ignore[arg-type]
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]
    page = department.get("/nothing/")
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")


def test_an_error_of_ours_is_a_sentence_as_well(department: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companies.firms.queries.freshness", lambda: 1 // 0)
    department.raise_request_exception = False
    answer = department.get(reverse("api-datasets"))
    assert answer.status_code == 500
    assert "nothing lands twice" in answer.json()["detail"]


def test_a_delivery_is_shown_page_by_page(department: Client) -> None:
    posted(department, b"credit_code,year,revenue,tax_paid\n" + b"x,2024,1,1\n" * 150, status=201)
    address = reverse("api-delivery", args=["tax-1"])
    first = department.get(address).json()["quarantine"]
    assert (first[0]["row"], len(first)) == (2, 100)
    second = department.get(address, {"after_row": first[-1]["row"]}).json()["quarantine"]
    assert (second[0]["row"], len(second)) == (102, 50)
    assert department.get(address, {"after_row": "x"}).status_code == 400


def test_a_failed_delivery_tells_why_until_one_lands(department: Client, file: bytes) -> None:
    posted(department, b"", status=400)
    posted(department, b"a,b\n", status=422)
    address = reverse("api-delivery", args=["tax-1"])
    assert "The columns do not fit" in department.get(address).json()["refusal"]
    posted(department, file, status=201)
    assert department.get(address).json()["status"] == "landed"


def test_a_department_sees_no_other_ones_deliveries(department: Client, file: bytes) -> None:
    posted(department, file, status=201)
    stranger = sign_in(make_department_user(department="labour"))
    assert stranger.get(reverse("api-delivery", args=["tax-1"])).status_code == 404
    assert department.get(reverse("api-delivery", args=["tax-2"])).status_code == 404


def test_the_manual_describes_every_dataset(department: Client, file: bytes) -> None:
    posted(department, file, status=201)
    manual = {asked["name"]: asked for asked in department.get(reverse("api-datasets")).json()}
    assert set(manual) == set(deliverables())
    tax = manual["tax"]
    assert (tax["department"], tax["key"], tax["newest_as_of"]) == ("tax", ["credit_code", "year"], "2026-03-02")
    assert [column["name"] for column in tax["columns"]] == ["credit_code", "year", "revenue", "tax_paid"]
    assert tax["columns"][2] == {
        "name": "revenue",
        "name_zh": "营业收入",
        "name_en": "Revenue",
        "unit": "元",
        "type": "number",
        "options": [],
        "example": "1234.50",
        "is_required": False,
        "may_be_left_out": False,
    }
    [kind] = [column for column in manual["utilities"]["columns"] if column["name"] == "kind"]
    assert kind["options"] == ["electricity", "water", "gas"]
    assert manual["credit"]["freshness_days"] == 31


def test_the_schema_says_what_each_address_takes_and_answers(department: Client) -> None:
    answer = department.get(reverse("api-schema"), headers={"accept": "application/vnd.oai.openapi+json"})
    told = {path: next(iter(methods.values())) for path, methods in answer.json()["paths"].items()}
    closed = {"401", "403", "429"}
    assert {path: set(each["responses"]) for path, each in told.items()} == {
        "/api/v1/datasets/": {"200"} | closed,
        "/api/v1/deliveries/": {"200", "201", "400", "409", "411", "413", "422"} | closed,
        "/api/v1/deliveries/{delivery_id}/": {"200", "400", "404"} | closed,
    }
    post = told["/api/v1/deliveries/"]
    asked = {(each["in"], each["name"]) for each in post["parameters"]}
    assert {("query", "as_of"), ("header", "As-Of"), ("header", "Delivery-Id"), ("header", "Dataset")} <= asked
    form = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"delivery_id", "dataset", "as_of", "file", "manifest", "signature"}


def test_looking_at_a_delivery_takes_few_queries(
    department: Client, file: bytes, django_assert_max_num_queries: object
) -> None:
    posted(department, file, status=201)
    with django_assert_max_num_queries(7):
        department.get(reverse("api-delivery", args=["tax-1"]))
    with django_assert_max_num_queries(5):
        department.get(reverse("api-datasets"))
