"""A delivery lands its good rows, quarantines the others, and happens once."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest

from companies.deliveries.deliver import FutureData, NotYourDataset, OtherBytes, WrongDeliveryId, deliver
from companies.deliveries.registry.targets import UnknownDataset, deliverables, find_deliverable
from companies.deliveries.staging import table
from companies.deliveries.staging.table import TooManyFaults
from companies.firms.queries import freshness
from companies.models import Delivery, DeliveryStatus, QuarantinedRow, TouchedCompany
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import credit_code, make_company
from tests.factories.dataset_models import CreditRecord, InsuranceMonth, SalesMonth, TaxYear
from tests.factories.deliveries import csv_file, deliver_file, gzip_file, ndjson_file, quarantine_of, undeliver
from tests.factories.people import make_department_user, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


WRONG_VALUES = [
    ("revenue", "abc", "not_a_number"),
    ("revenue", "NaN", "not_a_number"),
    ("revenue", "Infinity", "not_a_number"),
    ("revenue", "1e5", "not_a_number"),
    ("revenue", "0x1F", "not_a_number"),
    ("revenue", "１２", "not_a_number"),
    ("revenue", "1 000", "not_a_number"),
    ("revenue", "=1+1", "not_a_number"),
    ("revenue", "1.005", "too_precise"),
    ("revenue", "1000000000000", "too_large"),
    ("revenue", "-5", "out_of_range"),
    ("year", "", "missing"),
    ("year", "20.5", "not_whole"),
    ("year", "-1", "not_whole"),
    ("year", "12345", "too_large"),
    ("year", "3021", "out_of_range"),
    ("credit_code", "", "missing"),
    ("credit_code", "91330106CT0000001X", "wrong_credit_code"),
    ("credit_code", credit_code(999_999), "unknown_company"),
]


@pytest.mark.parametrize(("column", "value", "reason"), WRONG_VALUES)
def test_a_wrong_value_sends_its_row_to_quarantine(column: str, value: str, reason: str) -> None:
    firm = make_company(has_account=False)
    right = {"credit_code": firm.credit_code, "year": 2024, "revenue": "10.50", "tax_paid": "1"}
    delivery = deliver_file("tax", [right, right | {"year": 2023, column: value}])
    assert quarantine_of(delivery) == [(3, column, reason)]
    assert (delivery.landed_count, delivery.quarantined_count) == (1, 1)
    assert TaxYear.objects.get().revenue == Decimal("10.50")


@pytest.mark.parametrize("value", ["5", "0", "5.1", "5.10", "5.100000", "999999999999.99", ""])
def test_a_right_number_lands(value: str) -> None:
    firm = make_company(has_account=False)
    delivery = deliver_file("tax", [{"credit_code": firm.credit_code, "year": 2024, "revenue": value}])
    assert delivery.landed_count == 1
    assert TaxYear.objects.get().revenue == (Decimal(value) if value else None)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("2024-02-29", True),
        ("2023-02-29", False),
        ("1900-02-29", False),
        ("2000-02-29", True),
        ("2024-04-31", False),
        ("2024-12-31", True),
        ("1899-12-31", False),
        ("2024-1-1", False),
        ("today", False),
        ("infinity", False),
        ("2024-01-01 ", False),
    ],
)
def test_a_date_is_a_real_day(value: str, is_right: bool) -> None:
    firm = make_company(has_account=False)
    delivery = deliver_file("credit", [{"credit_code": firm.credit_code, "kind": "zombie", "listed_on": value}])
    assert quarantine_of(delivery) == ([] if is_right else [(2, "listed_on", "not_a_date")])
    assert CreditRecord.objects.count() == int(is_right)


def test_months_of_unusual_years_are_months() -> None:
    firm = make_company(has_account=False)
    months = ("1949-12", "1950-01", "2049-12", "2050-01", "9999-12", "1949-13", "2050-00", "1950-1", "950-01")
    insurance = deliver_file("insurance", [{"credit_code": firm.credit_code, "month": month} for month in months])
    # The year 9999 is a mistake of typing; the database takes no month after 2199 either.
    assert [row for row, _column, _reason in quarantine_of(insurance)] == [6, 7, 8, 9, 10]
    assert insurance.landed_count == 4


def test_rows_that_are_all_new_touch_their_firms_and_those_that_are_stored_do_not() -> None:
    firm, other = make_company(has_account=False), make_company(has_account=False)
    rows = [{"credit_code": firm.credit_code, "year": 2000 + year, "revenue": "1"} for year in range(3)]
    first = deliver_file("tax", rows)
    assert (first.changed_count, touched_by(first)) == (3, {firm.pk})
    again = deliver_file("tax", rows)
    assert (again.changed_count, touched_by(again)) == (0, set())
    mixed = deliver_file("tax", [*rows, {"credit_code": other.credit_code, "year": 2000}])
    assert (mixed.changed_count, touched_by(mixed), TaxYear.objects.count()) == (1, {other.pk}, 4)


def touched_by(delivery: Delivery) -> set[int]:
    return set(TouchedCompany.objects.filter(delivery=delivery).values_list("company_id", flat=True))


def test_months_choices_and_yes_or_no() -> None:
    firm = make_company(has_account=False)
    insurance = deliver_file(
        "insurance",
        [
            {"credit_code": firm.credit_code, "month": "2024-01", "insured": "31.50", "is_paid": "是"},
            {"credit_code": firm.credit_code, "month": "2024-02", "is_paid": "FALSE"},
            {"credit_code": firm.credit_code, "month": "2024-13"},
            {"credit_code": firm.credit_code, "month": "2024-03", "is_paid": "maybe"},
        ],
    )
    assert quarantine_of(insurance) == [(4, "month", "not_a_month"), (5, "is_paid", "not_yes_or_no")]
    assert list(InsuranceMonth.objects.order_by("month").values_list("is_paid", flat=True)) == [True, False]
    credit = deliver_file("credit", [{"credit_code": firm.credit_code, "kind": "bad", "listed_on": "2024-01-01"}])
    [row] = credit.quarantined_rows.all()
    assert (row.reason, row.detail.split(", ")[0]) == ("not_a_choice", "serious_dishonesty")
    assert "serious_dishonesty" in row.sentence
    output = deliver_file("output", [{"credit_code": firm.credit_code, "quarter": "2024Q5"}])
    assert quarantine_of(output) == [(2, "quarter", "not_a_quarter")]


def test_derived_columns_are_computed() -> None:
    firm = make_company(has_account=False)
    deliver_file("sales", [{"credit_code": firm.credit_code, "month": "2022-03", "retail": "10"}])
    sale = SalesMonth.objects.get()
    assert (sale.year, sale.month_of_year) == (2022, 3)


def test_a_key_twice_in_one_file_lands_the_first_row() -> None:
    firm = make_company(has_account=False)
    rows = [{"credit_code": firm.credit_code, "year": 2024, "revenue": revenue} for revenue in (1, 2, 3)]
    delivery = deliver_file("tax", rows)
    assert quarantine_of(delivery) == [(3, "year", "duplicate"), (4, "year", "duplicate")]
    assert {row.detail for row in delivery.quarantined_rows.all()} == {"2"}
    assert TaxYear.objects.get().revenue == 1


def test_a_key_twice_is_found_when_the_first_row_changes_nothing() -> None:
    firm = make_company(has_account=False)
    rows = [{"credit_code": firm.credit_code, "year": 2024, "revenue": revenue} for revenue in (1, 2)]
    deliver_file("tax", rows[:1])
    assert quarantine_of(deliver_file("tax", rows)) == [(3, "year", "duplicate")]
    assert TaxYear.objects.get().revenue == 1


def test_the_same_delivery_again_is_answered_and_does_nothing() -> None:
    firm = make_company(has_account=False)
    file = csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1})
    first = deliver_file("tax", file, delivery_id="tax-1")
    again = deliver_file("tax", file, delivery_id="tax-1")
    assert (again.pk, again.is_repeated, first.is_repeated) == (first.pk, True, False)
    assert Delivery.objects.count() == 1


def test_the_same_id_with_other_bytes_is_refused() -> None:
    firm = make_company(has_account=False)
    deliver_file("tax", [{"credit_code": firm.credit_code, "year": 2024, "revenue": 1}], delivery_id="tax-1")
    with pytest.raises(OtherBytes, match="tax-1"):
        deliver_file("tax", [{"credit_code": firm.credit_code, "year": 2024, "revenue": 2}], delivery_id="tax-1")
    assert TaxYear.objects.get().revenue == 1
    failed = Delivery.objects.get(status=DeliveryStatus.FAILED)
    assert "other content" in failed.refusal_en


def test_a_refused_id_may_be_used_again() -> None:
    firm = make_company(has_account=False)
    with pytest.raises(UnknownDataset):
        deliver_file("taxes", b"x\n", delivery_id="tax-1")
    row = {"credit_code": firm.credit_code, "year": 2024}
    assert deliver_file("tax", [row], delivery_id="tax-1").status == DeliveryStatus.LANDED


def test_only_changed_companies_are_touched() -> None:
    same, changed, new = (
        make_company(has_account=False),
        make_company(has_account=False),
        make_company(has_account=False),
    )

    def rows(revenue: int) -> list[dict[str, object]]:
        return [
            {"credit_code": same.credit_code, "year": 2024, "revenue": 7},
            {"credit_code": changed.credit_code, "year": 2024, "revenue": revenue},
        ]

    deliver_file("tax", rows(1))
    second = deliver_file("tax", [*rows(2), {"credit_code": new.credit_code, "year": 2024, "revenue": 3}])
    assert touched_by(second) == {changed.pk, new.pk}
    assert (second.landed_count, second.changed_count) == (3, 2)


def test_a_late_delivery_adds_and_replaces_nothing() -> None:
    firm = make_company(has_account=False)
    row = {"credit_code": firm.credit_code, "year": 2024, "revenue": 2}
    deliver_file("tax", [row], as_of_on=TODAY)
    late = deliver_file(
        "tax",
        [row | {"revenue": 1}, row | {"year": 2023}],
        as_of_on=TODAY - dt.timedelta(days=30),
    )
    assert quarantine_of(late) == [(2, "year", "superseded")]
    assert dict(TaxYear.objects.values_list("year", "revenue")) == {2024: 2, 2023: 2}


@pytest.mark.parametrize("delivery_id", ["", "a b", "../x", "x" * 65, "中"])
def test_an_id_has_a_form(delivery_id: str) -> None:
    with pytest.raises(WrongDeliveryId):
        deliver(
            delivery_id=delivery_id,
            dataset="tax",
            content=io.BytesIO(b"x"),
            as_of_on=TODAY,
            delivered_by=None,
            now=NOW,
        )


def test_data_is_not_from_the_future() -> None:
    with pytest.raises(FutureData, match="2026-03-03"):
        deliver_file("tax", [], as_of_on=TODAY + dt.timedelta(days=1))


def test_a_department_delivers_its_own_datasets_alone() -> None:
    firm = make_company(has_account=False)
    row = {"credit_code": firm.credit_code, "year": 2024}
    assert deliver_file("tax", [row], delivered_by=make_department_user()).landed_count == 1
    assert deliver_file("tax", [row], delivered_by=make_user(is_superuser=True)).landed_count == 1
    others = make_department_user(department="labour"), make_department_user(role=""), make_user(is_staff=True)
    for stranger in (*others, make_user()):
        with pytest.raises(NotYourDataset):
            deliver_file("tax", [row], delivered_by=stranger)
    assert not Delivery.objects.filter(status=DeliveryStatus.FAILED).exists()


def test_an_unknown_dataset_is_named_with_the_closest_one() -> None:
    with pytest.raises(UnknownDataset, match="did you mean “insurance”"):
        deliver_file("insurence", b"a,b\n")


def test_a_file_in_which_nearly_everything_is_wrong_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    firm = make_company(has_account=False)
    for module in ("table", "checks"):
        monkeypatch.setattr(f"companies.deliveries.staging.{module}.MAX_QUARANTINED", 3)
    rows = [{"credit_code": firm.credit_code, "year": 2000 + place, "revenue": "?"} for place in range(5)]
    with pytest.raises(TooManyFaults, match="first is row 2"):
        deliver_file("tax", rows)
    with pytest.raises(TooManyFaults, match="first is row 2"):
        deliver_file("tax", b"credit_code,year,revenue,tax_paid\n" + b"x\n" * 5)
    assert QuarantinedRow.objects.count() == 0
    assert table.MAX_QUARANTINED == 3


def test_the_header_may_be_chinese_and_in_any_order() -> None:
    firm = make_company(has_account=False)
    file = f"年度,营业收入,统一社会信用代码,tax_paid\n2024,5,{firm.credit_code},1\n".encode()
    assert deliver_file("tax", b"\xef\xbb\xbf" + file).landed_count == 1
    assert TaxYear.objects.get().revenue == 5


def test_every_way_of_writing_the_rows_lands_the_same() -> None:
    firm = make_company(has_account=False)
    row = {"credit_code": firm.credit_code, "year": 2024, "revenue": "12345678901.23", "tax_paid": ""}
    plain = csv_file("tax", row)
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in plain.decode().split("\n")[:-1])
    typed = b'{"credit_code": "%s", "year": 2024, "revenue": 12345678901.23, "tax_paid": null}\n'
    ways = {
        "plain": plain,
        "windows": plain.replace(b"\n", b"\r\n"),
        "quoted": quoted.encode(),
        "no end of line": plain.rstrip(b"\n"),
        "blank lines": plain + b"\n\n",
        "ndjson": ndjson_file(row),
        "ndjson with numbers": typed % firm.credit_code.encode(),
        "gzip": gzip_file(plain),
        "gzip of ndjson": gzip_file(ndjson_file(row)),
    }
    for way, file in ways.items():
        undeliver(TaxYear.objects.all())
        assert deliver_file("tax", file).landed_count == 1, way
        stored = TaxYear.objects.get()
        assert (stored.revenue, stored.tax_paid) == (Decimal("12345678901.23"), None), way


def test_a_file_without_rows_lands() -> None:
    assert deliver_file("tax", csv_file("tax")).landed_count == 0
    assert freshness() == {"tax": TODAY}


def test_a_file_without_a_right_row_leaves_its_dataset_as_old_as_it_was() -> None:
    right = {"credit_code": make_company(has_account=False).credit_code, "year": 2023, "revenue": "1", "tax_paid": "1"}
    before = TODAY - dt.timedelta(days=30)
    deliver_file("tax", [right], as_of_on=before)
    wrong = deliver_file("tax", [right | {"year": "soon"}, right | {"revenue": "much"}])
    assert (wrong.status, wrong.landed_count, wrong.quarantined_count) == (DeliveryStatus.LANDED, 0, 2)
    assert freshness() == {"tax": before}
    # A delivery for a day in between is not late, because no row is newer.
    between = deliver_file("tax", [right | {"revenue": "2"}], as_of_on=before + dt.timedelta(days=1))
    assert (between.landed_count, between.changed_count) == (1, 1)
    assert freshness() == {"tax": before + dt.timedelta(days=1)}


def test_the_manuals_examples_of_numbers_land() -> None:
    loan = {"credit_code": make_company(has_account=False).credit_code, "contract": "L-1"}
    columns = find_deliverable(name="loans").columns
    row = {column.name: column.kind.example() for column in columns if column.kind.example()} | loan
    assert quarantine_of(deliver_file("loans", [row])) == []


def test_every_dataset_can_be_delivered() -> None:
    for name in deliverables():
        assert deliver_file(name, csv_file(name)).status == DeliveryStatus.LANDED
