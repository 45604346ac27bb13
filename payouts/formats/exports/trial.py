"""A trial of a layout on made-up lines, before a batch is written in it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from django.utils.translation import gettext as _

from payouts.formats.exports import delimited, pain001
from payouts.formats.exports.layout import (
    OF_A_LINE,
    CellWriter,
    Content,
    Heading,
    Kind,
    Layout,
    LayoutRefused,
    batch_number,
)
from payouts.formats.exports.lines import Line, Payer, control_sum

_CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC).astimezone(_CHINA)
PAYER = Payer(name="杭州市财政局", account="33010000000000000001", bank_number="011331000015")
_MADE_UP = (
    ("500.00", "杭州试验餐饮有限公司", "6222021234567890", "杭州银行", "313331000014", "P-01 1", "租房补贴"),
    ("72000.00", "西湖样例软件有限公司", "1202021209900012345", "工商银行", "102331000011", "P-14 2", "稳岗返还"),
    ("0.10", "=SUM(A1:A9)", "3301040160000123456", "农业银行", "103331000016", "P-17 3", "扩岗补助"),
)
LINES = tuple(
    Line(f"Q{number:015d}A01", Decimal(amount), *texts) for number, (amount, *texts) in enumerate(_MADE_UP, start=1)
)
# A bank cannot pay a line without these contents.
NEEDED = (Content.END_TO_END_ID, Content.PAYEE_NAME, Content.PAYEE_ACCOUNT, Content.AMOUNT)
TABLES = (Kind.WORKBOOK, Kind.DELIMITED)


@dataclass(frozen=True, slots=True)
class Sample:
    """Three lines in a layout: the rows of a workbook, or the text of a file of another kind."""

    number: str
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""

    @property
    def line(self) -> str:
        """The first made-up line; empty for a message of XML, which has no lines."""
        texts = [" | ".join(row) for row in self.rows] or self.text.splitlines()
        return next((each for each in texts if LINES[0].end_to_end_id in each and LINES[0].payee_account in each), "")


def render_sample(layout: Layout, *, pattern: str) -> Sample:
    """
    Write three made-up lines in the layout.

    Raises:
        LayoutRefused: the layout lacks a content that a bank needs, or puts the content of a line in the head or foot.
    """
    number = batch_number(pattern, day=AT, batch=12, part=1)
    heading = Heading("QQ20260302B12", number, AT, PAYER, len(LINES), control_sum(LINES))
    if layout.kind in TABLES:
        _check(layout)
    if layout.kind == Kind.WORKBOOK:
        return Sample(number, rows=_rows(layout, heading))
    target = io.BytesIO()
    write = delimited.write if layout.kind == Kind.DELIMITED else pain001.write
    write(target, layout=layout, heading=heading, lines=iter(LINES))
    return Sample(
        number, text=target.getvalue().decode(layout.encoding.value if layout.kind == Kind.DELIMITED else "utf-8")
    )


def _check(layout: Layout) -> None:
    held = {column.content for column in layout.line}
    if missing := [content.label for content in NEEDED if content not in held]:
        raise LayoutRefused(
            _("Each line needs: %(contents)s. Add the columns.") % {"contents": _(", ").join(map(str, missing))}
        )
    if layout.reason_from_cny is not None and Content.REASON not in held:
        raise LayoutRefused(_("The bank requires a reason; add a column for it to each line."))
    for column in (*layout.head, *layout.foot):
        if column.content in OF_A_LINE:
            sentence = _("“%(content)s” belongs to a line; it cannot stand in the head or the foot of the file.")
            raise LayoutRefused(sentence % {"content": column.content.label})


def _rows(layout: Layout, heading: Heading) -> tuple[tuple[str, ...], ...]:
    writing = CellWriter(layout, heading)
    rows = [writing.row(layout.head)] if layout.head else []
    titles = [tuple(column.title for column in layout.line)] if layout.has_titles else []
    lines = list(writing.rows(LINES))
    foot = [writing.row(layout.foot)] if layout.foot else []
    texts = [tuple(cell.text for cell in row) for row in rows]
    below = [tuple(cell.text for cell in row) for row in (*lines, *foot)]
    return (*texts, *titles, *below)
