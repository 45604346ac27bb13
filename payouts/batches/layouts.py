"""Layouts for the writers of batch files, built from the rows that finance edits."""

from __future__ import annotations

from typing import NamedTuple

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
from payouts.models import Bank, BankTemplate, TemplateColumn


class ChosenLayout(NamedTuple):
    """The layout of a batch file: a kind of file, and a bank's template or the standard of the kind."""

    kind: Kind
    template: BankTemplate | None = None

    @property
    def name(self) -> str:
        """The name of the template, or the kind of file."""
        return f"{self.template} · {self.kind.label}" if self.template else str(self.kind.label)

    @property
    def key(self) -> str:
        """The value by which a form names the layout."""
        return f"{self.kind}/{self.template.pk if self.template else ''}"


def find_usual_layout(*, bank: Bank | None) -> ChosenLayout:
    """Find the layout in which a bank usually gets its files: its own, or the standard's pain.001."""
    if bank and bank.template:
        return ChosenLayout(Kind(bank.template.kind), bank.template)
    return ChosenLayout(Kind.PAIN001)


def list_layouts_of(*, bank: Bank | None) -> list[ChosenLayout]:
    """List the layouts in which files for a bank may leave: its usual one first, then the standard kinds."""
    usual = find_usual_layout(bank=bank)
    return [usual, *(ChosenLayout(kind) for kind in Kind if ChosenLayout(kind) != usual)]


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
