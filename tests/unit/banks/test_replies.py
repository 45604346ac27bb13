"""Files of banks: what the reader finds in each kind, and every way in which it refuses a file."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from payouts.formats.replies.answer import ReplyKind, ReplyRow, UnreadableReply
from payouts.formats.replies.read_file import read
from payouts.formats.replies.table import TableWords
from tests.factories import replies as made

WORDS = TableWords(
    id_title="业务编号",
    result_title="处理结果",
    paid=frozenset({"成功"}),
    refused=frozenset({"失败"}),
    returned=frozenset({"退汇"}),
    pending=frozenset({"处理中"}),
    amount_title="金额",
    reference_title="流水号",
    reason_title="失败原因",
)
ROWS = [
    made.TITLES,
    ("Q1A01", "1,234.50", "成功", "F1", ""),
    ("Q2A01", 100, "失败", "F2", "账号不存在"),
    ("Q3A01", 100, "退汇", "", ""),
    ("Q4A01", 100, "处理中", "", ""),
    ("Q5A01", 100, "???", "", ""),
]


def said(content: bytes, words: TableWords | None = WORDS) -> list[ReplyRow]:
    return list(read(io.BytesIO(content), words=words)[1])


def refusal(content: bytes, words: TableWords | None = WORDS) -> str:
    with pytest.raises(UnreadableReply) as refused:
        said(content, words)
    sentence = str(refused.value)
    assert sentence.count("\n") == 0
    return sentence


def test_a_status_report_says_what_is_settled_and_what_is_not() -> None:
    statuses = {"ACCC": "paid", "ACSC": "paid", "RJCT": "refused", "PDNG": "", "ACSP": "", "XXXX": ""}
    content = made.status_report([(f"Q{status}", status) for status in statuses], reason="account closed")
    header, rows = read(io.BytesIO(content), words=None)
    assert (header.kind, header.message_id) == (ReplyKind.PAIN002, "BANK-1")
    lines = list(rows)
    assert {line.said: line.outcome for line in lines} == statuses
    assert [line.is_pending for line in lines] == [False, False, False, True, True, False]
    assert lines[2].reason == "AC04 account closed"
    assert lines[0].bank_reference == "REFQACCC"


@pytest.mark.parametrize("place", ["group", "payment"])
def test_a_file_refused_as_a_whole_speaks_of_all_its_lines(place: str) -> None:
    (line,) = said(made.status_report([], original="QQ20260302B1", **{place: "RJCT"}))
    assert (line.batch_message_id, line.outcome) == ("QQ20260302B1", "refused")


@pytest.mark.parametrize("place", ["group", "payment"])
def test_a_file_accepted_as_a_whole_pays_nobody(place: str) -> None:
    assert said(made.status_report([], **{place: "ACSC"})) == []


def test_a_statement_says_what_was_booked_and_what_came_back() -> None:
    content = made.statement(
        [
            made.entry("Q1A01", "100.00"),
            made.entry("Q1A01", "100.00", side="CRDT", returned="account closed"),
            made.entry("Q2A01", "5.5", status="PDNG"),
            made.entry("Q3A01", 7, side="CRDT", is_reversal=True),
            made.entry("NOTPROVIDED", 9, side="CRDT"),
            made.entry("Q4A01", 9, currency="USD"),
        ]
    )
    header, rows = read(io.BytesIO(content), words=None)
    assert (header.kind, header.message_id) == (ReplyKind.CAMT053, "STMT-1")
    assert [(row.end_to_end_id, row.outcome, row.amount_cny, row.is_pending) for row in rows] == [
        ("Q1A01", "paid", Decimal("100.00"), False),
        ("Q1A01", "returned", Decimal("100.00"), False),
        ("Q2A01", "", Decimal("5.50"), True),
        ("Q3A01", "returned", Decimal("7.00"), False),
        ("", "", Decimal("9.00"), False),
        ("Q4A01", "paid", None, False),
    ]


def test_an_advice_is_read_like_a_statement() -> None:
    content = made.statement([made.entry("Q1A01")]).replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")
    header, rows = read(io.BytesIO(content), words=None)
    assert (header.kind, len(list(rows))) == (ReplyKind.CAMT054, 1)


@pytest.mark.parametrize(
    "content",
    [
        made.table(ROWS),
        made.table(ROWS, encoding="utf-8-sig"),
        made.table(ROWS, encoding="gb18030"),
        made.table([("回执清单",), ("日期", "20260302"), *ROWS, ("合计", "", ""), ("",)]),
        made.workbook(ROWS),
    ],
    ids=["utf-8", "utf-8-sig", "gb18030", "with a head", "xlsx"],
)
def test_a_table_needs_only_the_id_and_the_result(content: bytes) -> None:
    lines = [line for line in said(content) if line.end_to_end_id != "合计"]
    assert [line.outcome for line in lines] == ["paid", "refused", "returned", "", ""]
    assert [line.is_pending for line in lines] == [False, False, False, True, False]
    assert (lines[1].bank_reference, lines[1].reason, lines[1].amount_cny) == ("F2", "账号不存在", Decimal(100))


@pytest.mark.parametrize(
    ("written", "cny", "said_instead"),
    [
        *(
            ("", None, ""),
            ("1,234.5", "1234.50", ""),
            ("￥100.00元", "100.00", ""),
            ("99999999999999.99", "99999999999999.99", ""),
        ),
        *((each, None, each) for each in ("1O0.00", "500.00-", "(500.00)", "CNY 500.00", "499.996", "NaN", "Infinity")),
        *((each, None, each) for each in ("99999999999999.996", "1e40", "1e2000000", "100000000000000")),
    ],
)
def test_an_amount_is_whole_fen_of_yuan_or_none_that_we_know(written: str, cny: str | None, said_instead: str) -> None:
    (line,) = said(made.table([made.TITLES, ("Q1A01", written, "成功", "", "")]))
    assert (line.amount_cny, line.amount_said) == (Decimal(cny) if cny else None, said_instead)


def test_an_amount_of_another_currency_is_no_amount_of_ours() -> None:
    (line,) = said(made.statement([made.entry("Q4A01", 9, currency="USD")]))
    assert (line.amount_cny, line.amount_said) == (None, "USD 9")


ROWS_OF_CELLS = "<worksheet><sheetData>{rows}</sheetData></worksheet>"
ROW = '<row r="{number}"><c t="str"><v>业务编号</v></c></row>'


@pytest.mark.parametrize("numbers", [(5, 5), (5, 4), (0,), (-1,), (99999999999,), (1048577,)])
def test_rows_of_a_workbook_are_numbered_in_order(numbers: tuple[int, ...]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as book:
        rows = "".join(ROW.format(number=number) for number in numbers)
        book.writestr("xl/worksheets/sheet1.xml", ROWS_OF_CELLS.format(rows=rows))
    with translation.override("en"):
        assert "in order" in refusal(content.getvalue())


def test_a_workbook_writes_numbers_as_a_computer_has_them() -> None:
    content = made.workbook([made.TITLES, ("Q1A01", 499.99, "成功", "", ""), ("Q2A01", 1.1, "成功", "", "")])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<v>1.1<", b"<v>1.1000000000000001<")
    assert b"1.1000000000000001" in parts[sheet]
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    assert [line.amount_cny for line in said(changed.getvalue())] == [Decimal("499.99"), Decimal("1.10")]


def test_a_table_without_the_column_of_the_amount_is_not_one_without_amounts() -> None:
    content = made.table([("业务编号", "处理结果"), ("Q1A01", "成功")])
    assert "金额" in refusal(content)
    assert said(content, replace(WORDS, amount_title=""))[0].outcome == "paid"


def test_an_xml_in_gb18030_is_read() -> None:
    content = made.status_report([("Q1A01", "RJCT")], reason="账号不存在").decode()
    (line,) = said(content.replace("UTF-8", "GB18030").encode("gb18030"))
    assert line.reason == "AC04 账号不存在"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document>&b;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document>&a;</Document>"""
DEEP = b"<a>" * 1_000
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20
STATUSES = made.status_report([(f"Q{number}", "ACSC") for number in range(100)])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (DEEP, "deep"),
        (b"<a b='" + b"x" * 3_000_000, "no end"),
        (STATUSES[:5_000], "cut off"),
        (STATUSES.replace(b"Q50", b"\xb9\xfe"), "damaged"),
        (b"<Document><Other><GrpHdr><MsgId>1</MsgId></GrpHdr></Other></Document>", "pain.002"),
        (STATUSES.decode().encode("utf-16"), "neither"),
        (b"%PDF-1.7", "PDF"),
        (PICTURE, "no reply file"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "protected"),
        (b"PK\x03\x04 not a workbook at all", "damaged"),
        (made.workbook(ROWS)[:-50], "damaged"),
        (made.workbook(ROWS, has_formula=True), "B2"),
        (made.table([("a", "b"), ("c", "d")]), "业务编号"),
        (made.table(ROWS[:1]), "says nothing"),
        (made.table([*ROWS, ("Q6A01",)]), "Row 7"),
        (made.table(ROWS) + b'"Q7A01,1', "quotation"),
        (made.table(ROWS) + b"Q7A01,\x00,1\r\n", "zero byte"),
        (made.table(ROWS) + b"x" * 200_000, "characters"),
        (made.table(ROWS) + b"\x81\xff\xff\xff", "GB18030"),
    ],
)
def test_what_is_no_reply_is_refused_with_a_sentence(content: bytes, told: str) -> None:
    with translation.override("en"):
        assert told in refusal(content)


def test_a_picture_is_called_no_reply_file_and_not_a_table() -> None:
    with translation.override("en"):
        assert "no reply file" in refusal(PICTURE, None)
    with translation.override("zh-hans"):
        assert "这不是回执文件" in refusal(PICTURE, None)


def test_a_table_without_a_layout_asks_for_the_bank() -> None:
    assert refusal(made.table(ROWS), None)


def test_a_workbook_that_unpacks_to_a_bomb_is_refused() -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        block = b" " * (1 << 20)
        for _each in range(1_100):
            sheet.write(block)
    assert len(content.getvalue()) < 10_000_000
    assert refusal(content.getvalue())


CELL = '<worksheet><sheetData><row r="1"><c r="{place}"><v>1</v></c></row></sheetData></worksheet>'


@pytest.mark.parametrize("place", ["ZZZ1", "1", "A1B"])
def test_a_cell_at_an_impossible_place_is_refused(place: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", CELL.format(place=place))
    assert refusal(content.getvalue())
