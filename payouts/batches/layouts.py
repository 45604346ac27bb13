"""Layouts for the writers of batch files, built from the rows that finance edits."""

from __future__ import annotations

from payouts.formats.exports.layout import (
    COMMON_SHEET,
    COMMON_TABLE,
    AmountForm,
    Column,
    Content,
    DateForm,
    Encoding,
    Kind,
    Layout,
    LineEnd,
)
from payouts.models import BankTemplate, TemplateColumn

# The layouts that need no template of a bank.
_BUILT_IN = {
    Kind.PAIN001: Layout(Kind.PAIN001),
    Kind.PAIN001_03: Layout(Kind.PAIN001_03),
    Kind.WORKBOOK: COMMON_SHEET,
    Kind.DELIMITED: COMMON_TABLE,
}


def get_built_in_layout(*, kind: Kind) -> Layout:
    """Get the layout of a kind of file for banks without a template."""
    return _BUILT_IN[kind]


def read_layout(*, template: BankTemplate) -> Layout:
    """Build the layout of a template with its stored columns, in their order."""
    columns = list(template.columns.order_by("part", "position", "pk"))
    return build_layout(template=template, columns=columns)


def build_layout(*, template: BankTemplate, columns: list[TemplateColumn]) -> Layout:
    """Build the layout of a template with these columns, which need not be saved."""
    return Layout(
        kind=Kind(template.kind),
        head=_build_columns(columns, TemplateColumn.Section.HEAD),
        line=_build_columns(columns, TemplateColumn.Section.LINE),
        foot=_build_columns(columns, TemplateColumn.Section.FOOT),
        has_titles=template.has_titles,
        encoding=Encoding(template.encoding),
        delimiter=template.delimiter,
        line_end=LineEnd(template.line_end),
        amount_form=AmountForm(template.amount_form),
        date_form=DateForm(template.date_form),
        reason_from_cny=template.reason_from_cny,
        is_guarded=template.is_guarded,
    )


def _build_columns(columns: list[TemplateColumn], part: str) -> tuple[Column, ...]:
    own = sorted((each for each in columns if each.part == part), key=lambda each: each.position)
    return tuple(Column(Content(each.content), each.title, each.text, each.longest) for each in own)
