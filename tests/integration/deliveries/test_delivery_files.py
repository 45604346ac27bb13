"""Broken, hostile and wrong files: each is refused with one sentence, and nothing of it lands."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from companies.deliveries.registry.columns import WrongColumns
from companies.deliveries.staging import read_file as reading
from companies.deliveries.staging.read_file import TooLarge, UnreadableFile
from companies.models import Company, Delivery, DeliveryStatus
from qinqing.kernel.tables import unpacking
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file, gzip_file, ndjson_file, quarantine_of, registration_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


HEADER = b"credit_code,year,revenue,tax_paid\n"


def good_row(year: int = 2024) -> bytes:
    return f"{make_company(has_account=False).credit_code},{year},1,1\n".encode()


def refused(file: bytes, why: type[Exception] = UnreadableFile) -> str:
    with pytest.raises(why) as refusal:
        deliver_file("tax", file)
    assert TaxYear.objects.count() == 0
    failed = Delivery.objects.get(status=DeliveryStatus.FAILED)
    assert str(failed.why) == str(refusal.value)
    assert "\n" not in str(failed.why)
    return str(failed.why)


def test_an_empty_file() -> None:
    assert "empty" in refused(b"")


@pytest.mark.parametrize("blank", [b"\n\n", b"  ", b"\xef\xbb\xbf", gzip_file(b"")])
def test_a_blank_file(blank: bytes) -> None:
    assert "empty" in refused(blank)


def test_an_unknown_column_with_the_closest_one() -> None:
    said = refused(b"credit_code,year,revenu,tax_paid\n", WrongColumns)
    assert "“revenu” is unknown (did you mean “revenue”?)" in said
    assert "“revenue” is missing" in said
    assert "Expected are: credit_code, year, revenue, tax_paid." in said


def test_a_file_without_a_header_gives_no_number_away() -> None:
    said = refused(b"330106199002020015,2019,50000,12\n", WrongColumns)
    assert "330106199002020015" not in said
    assert "“3****************5” is unknown" in said


def test_a_missing_column() -> None:
    assert "“tax_paid” is missing" in refused(b"credit_code,year,revenue\n", WrongColumns)


def test_a_column_twice() -> None:
    assert "“year” is there twice" in refused(b"credit_code,year,revenue,tax_paid,year\n", WrongColumns)


def test_a_column_in_both_languages_is_twice() -> None:
    assert "twice" in refused("credit_code,year,revenue,tax_paid,年度\n".encode(), WrongColumns)


def test_a_hundred_thousand_columns() -> None:
    header = ",".join(f"c{place}" for place in range(100_000)).encode()
    said = refused(header + b"\n")
    assert "longer than 65536 characters" in said


def test_many_columns_are_not_all_named() -> None:
    header = ",".join(f"c{place}" for place in range(5_000)).encode()
    assert len(refused(header + b"\n", WrongColumns)) < 600


def test_a_gzip_cut_in_the_middle() -> None:
    packed = gzip_file(HEADER + good_row() * 1_000)
    assert "cut off" in refused(packed[: len(packed) // 2])


def test_a_gzip_with_a_flipped_byte() -> None:
    packed = bytearray(gzip_file(HEADER + good_row()))
    packed[-6] ^= 0xFF
    assert "damaged" in refused(bytes(packed))


def test_a_gzip_bomb_is_stopped_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "RATIO_COUNTS_FROM_BYTES", 1 << 20)
    bomb = gzip_file(HEADER + b"0" * (64 << 20))
    assert len(bomb) < 100_000
    assert "larger" in refused(bomb, TooLarge)


def test_a_file_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 100)
    assert "larger" in refused(gzip_file(HEADER + good_row() * 50), TooLarge)


def test_a_file_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PACKED_BYTES", 100)
    assert "larger" in refused(HEADER + good_row() * 50, TooLarge)


def test_ndjson_cut_in_its_last_line() -> None:
    file = ndjson_file(
        {"credit_code": make_company(has_account=False).credit_code, "year": 2024, "revenue": 1, "tax_paid": 1}
    )
    assert "cut off within row 2" in refused(file + file[:-20])


def test_csv_cut_in_its_last_row() -> None:
    assert "cut off within row 3" in refused(HEADER + good_row() + b"91330106")


def test_a_quote_that_is_never_closed() -> None:
    assert "never closed" in refused(HEADER + b'"91330106CT,2024,1,1\n' + good_row())


def test_a_quote_in_the_header_that_is_never_closed() -> None:
    assert "header" in refused(b'"credit_code,year,revenue,tax_paid\n')


def test_invalid_utf8_is_located() -> None:
    said = refused(HEADER + good_row() + b"\xff\xfe\x00" + good_row())
    assert f"Row 3, byte {len(HEADER + good_row())}" in said


def test_latin1_is_no_utf8() -> None:
    assert "no UTF-8" in refused(HEADER + "Müller,2024,1,1\n".encode("latin-1"))


def test_a_character_cut_at_the_end() -> None:
    assert "no UTF-8" in refused(HEADER + "杭".encode()[:2])


def test_characters_may_lie_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", 7)
    delivery = deliver_file("registration", [registration_row(1, name="杭州测试有限公司")])
    assert delivery.landed_count == 1
    assert Company.objects.get().name == "杭州测试有限公司"


def test_a_zero_byte() -> None:
    assert "Row 2 holds a zero byte" in refused(HEADER + b"\0" + good_row())


@pytest.mark.parametrize(
    ("start", "kind"), [(b"%PDF-1.7", "PDF"), (b"\xff\xfec\0", "UTF-16"), (b"\xd0\xcf\x11\xe0\xa1", "xls")]
)
def test_a_file_of_another_kind(start: bytes, kind: str) -> None:
    assert kind in refused(start)


def test_a_workbook() -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as zipped:
        zipped.writestr("xl/workbook.xml", "<x/>")
    assert "xlsx" in refused(book.getvalue())


def test_one_json_list() -> None:
    assert "NDJSON" in refused(b'[{"credit_code": 1}]')


def test_ndjson_with_an_unknown_key() -> None:
    said = refused(b'{"credit_code": "x", "year": 1, "revenue": 1, "tax_payed": 1}\n', WrongColumns)
    assert said.startswith("Row 1:")
    assert "did you mean “tax_paid”" in said


def test_ndjson_without_a_column_in_any_row() -> None:
    assert "“revenue” is missing" in refused(b'{"credit_code": "x", "year": 1, "tax_paid": 1}\n', WrongColumns)


def test_ndjson_rows_that_are_no_objects() -> None:
    firm = make_company(has_account=False)
    good = {"credit_code": firm.credit_code, "year": 2024, "revenue": 1, "tax_paid": 1}
    deep = b"[" * 100_000
    twice = b'{"credit_code": "a", "credit_code": "b"}'
    nested = b'{"credit_code": ["a"], "year": 2024, "revenue": 1, "tax_paid": 1}'
    lines = ndjson_file(good) + b"\n".join([b"nonsense", deep, twice, nested, b"NaN", b""])
    delivery = deliver_file("tax", lines)
    assert [(row, reason) for row, _column, reason in quarantine_of(delivery)] == [
        (row, "malformed") for row in (2, 3, 4, 5, 6)
    ]
    assert delivery.landed_count == 1


def test_ndjson_numbers_that_are_none() -> None:
    code = make_company(has_account=False).credit_code.encode()
    file = b'{"credit_code": "%s", "year": 2024, "revenue": NaN, "tax_paid": -Infinity}\n' % code
    assert quarantine_of(deliver_file("tax", file)) == [(1, "revenue", "not_a_number")]


def test_ragged_rows_are_quarantined_with_their_numbers() -> None:
    file = HEADER + good_row() + b"a,b\n" + good_row() + b"a,b,c,d,e\n" + good_row()
    delivery = deliver_file("tax", file)
    assert quarantine_of(delivery) == [(3, "", "ragged"), (5, "", "ragged")]
    assert delivery.landed_count == 3
    assert "2/4" in delivery.quarantined_rows.get(row_number=3).sentence


def test_a_quote_in_the_wrong_place() -> None:
    delivery = deliver_file("tax", HEADER + b'"a"b,2024,1,1\n' + good_row())
    assert quarantine_of(delivery) == [(2, "", "malformed")]
    assert delivery.landed_count == 1


def test_a_line_that_ends_a_copy_ends_nothing_here() -> None:
    delivery = deliver_file("tax", HEADER + good_row() + b"\\.\n" + good_row())
    assert quarantine_of(delivery) == [(3, "", "ragged")]
    assert delivery.landed_count == 2


def test_mixed_line_ends() -> None:
    delivery = deliver_file("tax", HEADER + good_row() + good_row().replace(b"\n", b"\r\n") + good_row())
    assert delivery.landed_count == 3


def test_line_ends_of_an_old_macintosh() -> None:
    assert "header" in refused((HEADER + good_row()).replace(b"\n", b"\r"))


def test_a_huge_field() -> None:
    assert "longer than" in refused(HEADER + b"9" * (3 << 20) + b",2024,1,1\n")


def test_a_large_field_is_only_wrong() -> None:
    delivery = deliver_file("tax", HEADER + b"9" * 100_000 + b",2024,1,1\n" + good_row())
    assert quarantine_of(delivery) == [(2, "credit_code", "wrong_credit_code")]
    assert delivery.landed_count == 1


def test_text_with_a_line_break_or_too_long() -> None:
    names = ['"甲\n乙"', "丙" * 121, "   ", "=cmd|' /C calc'!A0", "丁\x07"]
    lines = [
        csv_file("registration", registration_row(place, name=name)).split(b"\n", 1) for place, name in enumerate(names)
    ]
    delivery = deliver_file("registration", lines[0][0] + b"\n" + b"".join(row for _header, row in lines))
    assert quarantine_of(delivery) == [
        (2, "name", "control_character"),
        (3, "name", "too_long"),
        (4, "name", "missing"),
        (6, "name", "control_character"),
    ]
    # A formula is harmless text here; the code that writes workbooks keeps it text.
    assert Company.objects.get().name.startswith("=cmd")


def test_a_gzip_of_two_members_is_one_file() -> None:
    packed = gzip.compress(HEADER) + gzip.compress(good_row())
    assert deliver_file("tax", packed).landed_count == 1
