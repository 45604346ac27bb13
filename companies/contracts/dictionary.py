"""The dictionary of the city's data as a workbook, in Chinese and English side by side."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Final

import xlsxwriter

from companies.contracts.contract import Contract
from companies.contracts.departments import department_name

_DATASETS: Final = (
    *("数据集 Dataset", "名称", "Name", "部门", "Department", "版本 Version", "对象 About"),
    *("缺行 Missing row", "有效天数 Days it counts", "说明 What it says"),
)
_COLUMNS: Final = (
    *("数据集 Dataset", "字段 Column", "名称", "Name", "类型 Type", "单位 Unit", "必填 Required", "主键 Key"),
    *("最小 At least", "最大 At most", "代码 Codes"),
)


def write_workbook(contracts: Iterable[Contract]) -> bytes:
    """A workbook with one sheet of datasets and one of columns."""
    known, content = list(contracts), io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        _write_sheet(book, "数据集 Datasets", _DATASETS, [_describe_dataset(each) for each in known])
        _write_sheet(book, "字段 Columns", _COLUMNS, [row for each in known for row in _describe_columns(each)])
    return content.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, name: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, titles, book.add_format({"bold": True}))
    for place, row in enumerate(rows, start=1):
        sheet.write_row(place, 0, row)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(titles) - 1)
    sheet.autofit()


def _describe_dataset(contract: Contract) -> list[str]:
    department = department_name(contract.department)
    days = "" if contract.freshness_days is None else str(contract.freshness_days)
    return [
        *(contract.name, contract.word.zh, contract.word.en, department.zh, department.en, contract.version),
        *(contract.subject.value, contract.absence.value, days, contract.purpose),
    ]


def _describe_columns(contract: Contract) -> list[list[str]]:
    return [
        [
            *(contract.name, each.name, each.word.zh, each.word.en, each.type.value, each.word.unit),
            "✓" if each.is_required else "",
            "✓" if each.name in contract.key else "",
            *("" if limit is None else f"{limit:f}" for limit in each.range),
            "; ".join(f"{code.code} {code.word.zh} {code.word.en}" for code in each.codes),
        ]
        for each in contract.properties
    ]
