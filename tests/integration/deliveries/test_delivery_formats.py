"""The same rows land from every format; what a format can hide is refused or quarantined with its own sentence."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
import pyzipper
from django.core.management import call_command

from companies.deliveries import deliver as delivering
from companies.deliveries.deliver import ChangedWhileRead, deliver
from companies.deliveries.registry.columns import WrongColumns
from companies.deliveries.registry.targets import find_deliverable
from companies.deliveries.staging import parquet_rows
from companies.deliveries.staging.read_file import TooLarge, UnreadableFile
from companies.models import Company, Delivery, DeliveryStatus
from qinqing.kernel.tables import unpacking
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file, gzip_file, ndjson_file, quarantine_of, registration_row
from tests.factories.formats import Formula, Raw, parquet, workbook, zip_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

TITLES = ("credit_code", "year", "revenue", "tax_paid")
REVENUE = Decimal("1234567.89")


def firm() -> str:
    return make_company(has_account=False).credit_code


def tax_csv(code: str) -> bytes:
    return f"{','.join(TITLES)}\n{code},2024,{REVENUE},1\n".encode()


def tax_workbook(code: str) -> bytes:
    return workbook([TITLES, (code, 2024, float(REVENUE), 1)])


def tax_parquet(code: str, revenue: str = f"{REVENUE}::decimal(18, 2)") -> bytes:
    return parquet(f"SELECT '{code}' credit_code, 2024 AS year, {revenue} AS revenue, '1' AS tax_paid")


def refused(file: bytes, why: type[Exception] = UnreadableFile, *, dataset: str = "tax") -> str:
    with pytest.raises(why) as refusal:
        deliver_file(dataset, file)
    assert not TaxYear.objects.exists()
    failed = Delivery.objects.get(status=DeliveryStatus.FAILED)
    assert str(failed.why) == str(refusal.value)
    assert "\n" not in str(failed.why)
    return str(failed.why)


def sentence(delivery: Delivery) -> str:
    return delivery.quarantined_rows.get().sentence


@pytest.mark.parametrize("pack", [bytes, gzip_file, lambda file: zip_file(("表.csv", file))], ids=["", "gzip", "zip"])
@pytest.mark.parametrize(
    ("write", "read_as"),
    [
        (tax_csv, "CSV, UTF-8"),
        (lambda code: b"\xef\xbb\xbf" + tax_csv(code), "CSV, UTF-8"),
        (lambda code: "统一社会信用代码".encode("gb18030") + tax_csv(code)[len(TITLES[0]) :], "CSV, GB18030"),
        (tax_workbook, "xlsx"),
        (
            lambda code: ndjson_file(dict(zip(TITLES, (code, 2024, str(REVENUE), 1), strict=True))),
            "NDJSON, UTF-8",
        ),
        (tax_parquet, "Parquet"),
    ],
    ids=["csv", "csv with a mark", "gb18030", "xlsx", "ndjson", "parquet"],
)
def test_every_format_lands_the_same_in_every_packing(write, pack, read_as: str) -> None:
    delivery = deliver_file("tax", pack(write(firm())))
    assert (delivery.landed_count, delivery.quarantined_count, delivery.read_as) == (1, 0, read_as)
    assert TaxYear.objects.get().revenue == REVENUE


def test_sealed_numbers_come_from_a_workbook_and_from_parquet() -> None:
    titles = ("credit_code", "holder_name", "bank_name", "bank_number", "number")
    company = make_company(has_account=False)
    values = (company.credit_code, company.name, "杭州银行", "313331000014", "6222020200112233445")
    assert deliver_file("company_accounts", workbook([titles, values])).landed_count == 1
    shown = ", ".join(f"'{value}' AS {title}" for title, value in zip(titles, values, strict=True))
    assert deliver_file("company_accounts", parquet(f"SELECT {shown}")).landed_count == 1


class TestText:
    def test_gb18030_keeps_characters_of_four_bytes(self) -> None:
        file = csv_file("registration", registration_row(1, name="杭州䶮𠮷有限公司")).decode().encode("gb18030")
        assert deliver_file("registration", file).read_as == "CSV, GB18030"
        assert Company.objects.get().name == "杭州䶮𠮷有限公司"

    def test_a_damaged_utf_8_file_is_not_taken_for_gb18030(self) -> None:
        file = csv_file("registration", registration_row(1), registration_row(2, name="杭州"))
        cut = file.replace("杭州,".encode(), "杭州,".encode()[:-2] + b",")
        assert "Row 3, byte " in refused(cut, dataset="registration")

    def test_a_damaged_gb18030_file_is_located(self) -> None:
        file = csv_file("registration", registration_row(1), registration_row(2)).decode().encode("gb18030")
        place = file.index(b"\n", file.index(b"\n") + 1) + 20
        assert f"Row 3, byte {place}" in refused(file[:place] + b"\xff\xff" + file[place:], dataset="registration")

    def test_utf_16_stays_refused(self) -> None:
        assert "UTF-16" in refused("credit_code".encode("utf-16"))


class TestPacking:
    def test_a_zip_of_several_files(self) -> None:
        assert "holds 2 files" in refused(zip_file(("a.csv", b"a"), ("b.csv", b"b")))

    def test_a_zip_of_nothing(self) -> None:
        assert "zip (empty)" in refused(zip_file())

    def test_what_a_mac_adds_does_not_count(self) -> None:
        assert deliver_file("tax", zip_file(("a.csv", tax_csv(firm())), ("__MACOSX/._a.csv", b"x"))).landed_count == 1

    @pytest.mark.parametrize("name", ["folder/tax.csv", "../../etc/passwd", "/etc/passwd"])
    def test_a_path_in_a_zip(self, name: str) -> None:
        assert f"the path “{name}”" in refused(zip_file((name, tax_csv(firm()))))

    def test_a_zip_with_a_password(self) -> None:
        content = io.BytesIO()
        with pyzipper.AESZipFile(content, "w", encryption=pyzipper.WZ_AES) as archive:
            archive.setpassword(b"secret")
            archive.writestr("tax.csv", tax_csv(firm()))
        assert "has a password" in refused(content.getvalue())

    @pytest.mark.parametrize("inner", [zip_file(("a.csv", b"a")), gzip_file(b"a")], ids=["zip", "gzip"])
    @pytest.mark.parametrize("pack", [gzip_file, lambda file: zip_file(("a", file))], ids=["gzip", "zip"])
    def test_a_file_packed_twice(self, inner: bytes, pack) -> None:
        assert "packed twice" in refused(pack(inner))

    def test_a_zip_bomb_is_not_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacking, "RATIO_COUNTS_FROM_BYTES", 1 << 20)
        assert "larger" in refused(zip_file(("a.csv", b"0" * (64 << 20))), TooLarge)

    def test_a_zip_cut_in_the_middle(self) -> None:
        packed = zip_file(("a.csv", tax_csv(firm())))
        assert "cut off or damaged" in refused(packed[: len(packed) // 2])

    def test_a_zip_with_a_flipped_byte(self) -> None:
        packed = bytearray(zip_file(("a.csv", tax_csv(firm()) * 50)))
        packed[60] ^= 0xFF
        assert "cut off or damaged" in refused(bytes(packed))

    @pytest.mark.parametrize(
        ("part", "kind"), [("word/document.xml", "docx"), ("content.xml", "ods"), ("xl/workbook.bin", "xlsb")]
    )
    def test_other_office_files(self, part: str, kind: str) -> None:
        assert f"of the kind {kind}" in refused(zip_file((part, b"<x/>")))

    def test_the_name_of_a_file_says_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "tax.csv"
        file.write_bytes(tax_workbook(firm()))
        call_command("deliver", "tax", str(file), as_of=TODAY)
        assert TaxYear.objects.count() == 1
        assert "The file was read as xlsx." in capsys.readouterr().out

    def test_a_file_that_grows_while_it_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code = firm()
        content = io.BytesIO(tax_csv(code))
        stage = delivering.stage

        def stage_and_grow(**asked):
            staged = stage(**asked)
            content.seek(0, 2)
            content.write(tax_csv(code))
            return staged

        monkeypatch.setattr(delivering, "stage", stage_and_grow)
        with pytest.raises(ChangedWhileRead, match="changed while it was read"):
            deliver(delivery_id="grows", dataset="tax", content=content, as_of_on=TODAY, delivered_by=None, now=NOW)
        assert not TaxYear.objects.exists()


class TestWorkbooks:
    def test_days_become_iso_days_and_months(self) -> None:
        row = registration_row(1) | {"founded_on": dt.date(2015, 6, 1)}
        assert deliver_file("registration", workbook([list(row), list(row.values())])).landed_count == 1
        assert Company.objects.get().founded_on == dt.date(2015, 6, 1)

    def test_a_workbook_that_counts_days_from_1904(self) -> None:
        row = registration_row(1) | {"founded_on": dt.date(2015, 6, 1)}
        deliver_file("registration", workbook([list(row), list(row.values())], by_1904=True))
        assert Company.objects.get().founded_on == dt.date(2015, 6, 1)

    def test_the_first_of_a_month_is_a_month_where_one_is_asked_for(self) -> None:
        titles = ("credit_code", "month", "insured", "is_paid")
        rows = [(firm(), dt.date(2024, 3, 1), 5, True), (firm(), dt.date(2024, 3, 2), 5, False)]
        delivery = deliver_file("insurance", workbook([titles, *rows]))
        assert quarantine_of(delivery) == [(3, "month", "not_a_month")]
        assert delivery.landed_count == 1

    @pytest.mark.parametrize("day", [45291, "45291", "45291.5"])
    def test_a_day_that_is_a_number(self, day: object) -> None:
        row = registration_row(1) | {"founded_on": day}
        delivery = deliver_file("registration", workbook([list(row), list(row.values())]))
        assert quarantine_of(delivery) == [(2, "founded_on", "day_as_number")]
        assert "as Excel keeps days" in sentence(delivery)

    @pytest.mark.parametrize(
        ("raw", "landed"),
        [
            ("1.1000000000000001", "1.10"),
            ("1234567.8899999999", "1234567.89"),
            ("1E3", "1000"),
            ("999999999999.99", "999999999999.99"),
            ("0.10000000000000001", "0.10"),
        ],
    )
    def test_money_is_what_was_typed(self, raw: str, landed: str) -> None:
        deliver_file("tax", workbook([TITLES, (firm(), 2024, Raw(raw), 1)]))
        assert TaxYear.objects.get().revenue == Decimal(landed)

    def test_a_computed_number_with_dust_is_not_rounded_for_anybody(self) -> None:
        delivery = deliver_file("tax", workbook([TITLES, (firm(), 2024, Raw("0.30000000000000004"), 1)]))
        assert quarantine_of(delivery) == [(2, "revenue", "computed")]
        assert "round it in the sheet" in sentence(delivery)

    @pytest.mark.parametrize("number", ["3.30106199002020E+17", "330106199002020015"])
    def test_a_long_number_that_excel_rounded(self, number: str) -> None:
        delivery = deliver_file("tax", workbook([TITLES, (Raw(number), 2024, 1, 1)]))
        assert quarantine_of(delivery) == [(2, "credit_code", "rounded")]
        assert "Excel rounded this number; format the column as text and export again" in sentence(delivery)
        assert "330106" not in sentence(delivery)

    def test_formulas_land_with_the_result_that_the_workbook_keeps(self) -> None:
        rows = [(firm(), 2024, Formula(result), 1) for result in ("12.5", "", "#DIV/0!")]
        delivery = deliver_file("tax", workbook([TITLES, *rows]))
        assert TaxYear.objects.get().revenue == Decimal("12.5")
        assert quarantine_of(delivery) == [(3, "revenue", "no_result"), (4, "revenue", "cell_error")]
        assert "#DIV/0!" in delivery.quarantined_rows.get(row_number=4).sentence

    def test_empty_rows_and_columns_at_the_end_are_dropped(self) -> None:
        rows = [(*TITLES, "", " "), (firm(), 2024, 1, 1, "", ""), ("", " ", "", ""), (firm(), 2024, 1, 1), ("",) * 9]
        delivery = deliver_file("tax", workbook(rows))
        assert (delivery.landed_count, delivery.quarantined_count) == (2, 0)

    def test_a_value_behind_the_last_column(self) -> None:
        delivery = deliver_file("tax", workbook([TITLES, (firm(), 2024, 1, 1, "?")]))
        assert quarantine_of(delivery) == [(2, "", "ragged")]

    def test_two_header_rows(self) -> None:
        chinese = [column.word.zh for column in find_deliverable(name="tax").columns]
        said = refused(workbook([TITLES, chinese, (firm(), 2024, 1, 1)]), WrongColumns)
        assert "two header rows, 1 and 2" in said

    def test_a_title_above_the_header(self) -> None:
        said = refused(workbook([("2024 年度税务数据",), TITLES, (firm(), 2024, 1, 1)]), WrongColumns)
        assert "Row 1 of the sheet is no header, but row 2 is" in said

    def test_an_unknown_column(self) -> None:
        assert "“revenu” is unknown" in refused(workbook([("credit_code", "year", "revenu", "tax_paid")]), WrongColumns)

    def test_merged_cells(self) -> None:
        file = workbook([TITLES, (firm(), 2024, 1, 1)], merged="A2:A3")
        assert "cells A2:A3 of the sheet are merged" in refused(file)

    def test_a_second_sheet_with_rows(self) -> None:
        rows = [TITLES, (firm(), 2024, 1, 1)]
        assert "“Sheet1” and “Sheet2” both hold rows" in refused(workbook(rows, rows))

    def test_an_empty_sheet_and_a_hidden_one_are_passed_over(self) -> None:
        rows = [TITLES, (firm(), 2024, 1, 1)]
        assert deliver_file("tax", workbook([["hidden"]], [], rows, hidden=[0])).landed_count == 1

    def test_a_workbook_without_rows(self) -> None:
        assert "No visible sheet" in refused(workbook([[]]))
        assert Delivery.objects.count() == 1

    def test_a_workbook_cut_in_the_middle(self) -> None:
        file = tax_workbook(firm())
        assert "cut off or damaged" in refused(file[: len(file) // 2])

    def test_a_workbook_with_a_part_that_is_no_xml(self) -> None:
        parts = (("xl/workbook.xml", b"<workbook"), ("xl/_rels/workbook.xml.rels", b"<Relationships/>"))
        assert "cut off or damaged" in refused(zip_file(*parts))

    def test_one_cell_at_the_far_corner_costs_nothing(self) -> None:
        """A reader that makes room for each cell up to the last one asks for half a terabyte here."""
        rows = [TITLES, (firm(), 2024, 1, 1), *[()] * 1_000, (*[None] * 16_000, "x")]
        assert "more than 200 columns" in refused(workbook(rows))


class TestParquet:
    @pytest.mark.parametrize("kind", ["float", "double"])
    def test_money_that_is_a_float(self, kind: str) -> None:
        said = refused(tax_parquet(firm(), f"1.5::{kind}"))
        assert said == "Column “revenue” is a floating-point number in this file; money must be decimal or text."

    @pytest.mark.parametrize("money", ["1.10::decimal(38, 10)", "'1.10'", "1.1::decimal(4, 1)"])
    def test_money_that_is_exact(self, money: str) -> None:
        deliver_file("tax", tax_parquet(firm(), money))
        assert TaxYear.objects.get().revenue == Decimal("1.10")

    def test_money_keeps_its_last_digit(self) -> None:
        deliver_file("tax", tax_parquet(firm(), "9999999999999999.99::decimal(18, 2)"))
        found = TaxYear.objects.filter(revenue=Decimal("9999999999999999.99")).count()
        assert found + Delivery.objects.get().quarantined_count == 1

    def test_whole_numbers_that_a_program_kept_as_floats(self) -> None:
        query = f"SELECT '{firm()}' credit_code, 2024.0::double AS year, '1' AS revenue, '1' AS tax_paid"
        assert deliver_file("tax", parquet(query)).landed_count == 1

    @pytest.mark.parametrize("kind", ["date", "timestamp", "varchar"])
    def test_days(self, kind: str) -> None:
        row = registration_row(1)
        shown = ", ".join(
            f"'{value}'{'::' + kind if name.endswith('_on') else ''} {name}" for name, value in row.items()
        )
        assert deliver_file("registration", parquet(f"SELECT {shown}")).landed_count == 1
        assert Company.objects.get().founded_on == dt.date(2015, 6, 1)

    def test_a_moment_is_no_day(self) -> None:
        row = registration_row(1) | {"founded_on": "2015-06-01 08:00:00"}
        shown = ", ".join(
            f"'{value}'{'::timestamp' if name == 'founded_on' else ''} {name}" for name, value in row.items()
        )
        assert quarantine_of(deliver_file("registration", parquet(f"SELECT {shown}"))) == [
            (1, "founded_on", "not_a_date")
        ]

    def test_columns_are_found_by_their_names_in_any_order_and_language(self) -> None:
        query = f"SELECT 1 AS tax_paid, 2::decimal(9, 2) AS revenue, 2024 AS year, '{firm()}' AS \"统一社会信用代码\""
        deliver_file("tax", parquet(query))
        assert TaxYear.objects.get().revenue == 2

    def test_a_column_that_holds_lists(self) -> None:
        assert "holds lists or structures" in refused(tax_parquet(firm(), "[1, 2]"))

    def test_an_unknown_column(self) -> None:
        assert "“revenu” is unknown" in refused(parquet("SELECT '' credit_code, 1 AS revenu"), WrongColumns)

    def test_a_column_whose_name_is_sql(self) -> None:
        assert "is unknown" in refused(parquet('SELECT 1 AS "x""; DROP TABLE y; --"'), WrongColumns)

    def test_a_zero_byte(self) -> None:
        delivery = deliver_file("tax", tax_parquet(firm(), "'1' || chr(0)"))
        assert quarantine_of(delivery) == [(1, "", "malformed")]

    @pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
    def test_a_file_cut_in_the_middle(self, part: float) -> None:
        file = tax_parquet(firm())
        assert "Parquet file is cut off, damaged" in refused(file[: int(len(file) * part)])

    def test_text_that_only_begins_like_parquet(self) -> None:
        assert "Parquet file is cut off, damaged" in refused(b"PAR1,year,revenue,tax_paid\n")

    def test_a_few_bytes_that_stand_for_a_terabyte(self) -> None:
        query = (
            "SELECT repeat('x', 1048576) credit_code, 2024 AS year, '1' AS revenue, '1' AS tax_paid FROM range(3000)"
        )
        file = parquet(query)
        assert len(file) < 3_000_000
        assert "holds a text of 1048576 bytes" in refused(file)

    def test_a_part_that_is_larger_than_the_memory_it_gets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet_rows, "MEMORY_MIB", 4)
        query = (
            "SELECT md5(i::varchar) || repeat('x', 900) credit_code, 2024 AS year, '1' AS revenue, '1' AS tax_paid "
            "FROM range(100000) rows(i)"
        )
        assert "unpacks to more than 4 MiB at once" in refused(parquet(query))

    def test_a_file_that_holds_too_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet_rows, "MAX_UNPACKED_BYTES", 10)
        assert "larger" in refused(tax_parquet(firm()), TooLarge)

    def test_many_rows_keep_their_order_and_number(self) -> None:
        code = firm()
        query = (
            f"SELECT '{code}' credit_code, 1900 + i AS year, '1' AS revenue, '1' AS tax_paid FROM range(5000) rows(i)"
        )
        wrong = quarantine_of(deliver_file("tax", parquet(query)))
        assert wrong[-1][0] == 5000
        assert len(wrong) + TaxYear.objects.count() == 5000
