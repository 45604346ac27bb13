"""Batches as a workbook, for banks that take a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from payouts.exports.lines import Line, Payer, control_sum

# The columns of the common sheet of Chinese banks; their titles are part of the format, not of our pages.
COLUMNS = (
    ("序号", 8),
    ("业务编号", 22),
    ("付款人名称", 24),
    ("付款账号", 26),
    ("付款行行号", 16),
    ("收款人名称", 32),
    ("收款账号", 26),
    ("收款行名称", 24),
    ("收款行行号", 16),
    ("金额", 16),
    ("用途", 24),
)
SHEET = "付款明细"
# Names and numbers come from elsewhere: a text stays a text, whatever it begins with.
OPTIONS = {
    "constant_memory": True,
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def render(*, message_id: str, lines: Sequence[Line], created_at: datetime, payer: Payer) -> bytes:
    """
    The workbook's bytes; the same arguments give the same bytes.

    One row per line under a head; the last row holds the batch's id, its count and its control sum.
    """
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, OPTIONS)
    workbook.set_properties({"title": message_id, "created": created_at.replace(tzinfo=None)})
    sheet = workbook.add_worksheet(SHEET)
    bold, text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
    money = workbook.add_format({"num_format": "0.00"})
    sheet.freeze_panes(1, 0)
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    for row, line in enumerate(lines, start=1):
        sheet.write_number(row, 0, row)
        for column, value in enumerate(_texts(line, payer), start=1):
            sheet.write_string(row, column, value, text)
        # A workbook knows no other numbers; one of 14 digits goes through a float unchanged.
        sheet.write_number(row, 9, float(line.amount_cny), money)
        sheet.write_string(row, 10, line.purpose, text)
    foot = len(lines) + 1
    sheet.write_string(foot, 1, message_id, bold)
    sheet.write_number(foot, 2, len(lines))
    sheet.write_number(foot, 9, float(control_sum(lines)), money)
    workbook.close()
    return content.getvalue()


def _texts(line: Line, payer: Payer) -> tuple[str, ...]:
    return (
        line.end_to_end_id,
        payer.name,
        payer.account,
        payer.bank_number,
        line.payee_name,
        line.payee_account,
        line.bank_name,
        line.bank_number,
    )
