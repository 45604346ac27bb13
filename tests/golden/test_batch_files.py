"""Batch files: valid by the official schema, the same bytes for the same batch, safe to open."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
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

from payouts.exports import pain001, workbook
from payouts.exports.lines import Line, Payer, control_sum

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
GOLDEN = Path(__file__).parent / "pain.001.001.09.xml"
EXPORTS = [pain001, workbook]


def rendered(export: ModuleType, lines: Sequence[Line] = LINES) -> bytes:
    content: bytes = export.render(message_id="QQ20260302I1", lines=lines, created_at=CREATED_AT, payer=PAYER)
    return content


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    official = files("pain001") / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd"
    return xmlschema.XMLSchema(str(official))


def test_the_message_is_the_golden_one() -> None:
    assert rendered(pain001).decode() == GOLDEN.read_text()


def test_the_message_follows_the_official_schema(schema: xmlschema.XMLSchema) -> None:
    schema.validate(rendered(pain001).decode())


@pytest.mark.parametrize("name", ["\x00\x0b\ufffe", "’<!--]]>&amp;", "\U0001f600" * 200, " ", "名" * 400])
def test_any_name_makes_a_valid_message(schema: xmlschema.XMLSchema, name: str) -> None:
    line = Line("Q1A01", Decimal("1.00"), name or "x", "1", name or "x", "102331000011", name or "x")
    schema.validate(rendered(pain001, [line]).decode())


def test_the_message_holds_every_line_and_their_sum(schema: xmlschema.XMLSchema) -> None:
    message = schema.to_dict(rendered(pain001).decode())["CstmrCdtTrfInitn"]
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


@pytest.mark.parametrize("export", EXPORTS)
def test_the_same_batch_gives_the_same_bytes(export: ModuleType) -> None:
    first, again = (hashlib.sha256(rendered(export)).hexdigest() for _each in range(2))
    assert first == again
    other = export.render(message_id="QQ20260302I2", lines=LINES, created_at=CREATED_AT, payer=PAYER)
    assert hashlib.sha256(other).hexdigest() != first


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
