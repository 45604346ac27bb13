"""A firm's payouts as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from companies.models import Company
from payouts.portal.claim_history import filter_payouts, make_line, select_for_lines
from payouts.portal.progress_types import PayoutLine, Stage
from qinqing.kernel.text import disarm_formulas

ROWS_AT_ONCE = 2_000


def history_rows(*, company: Company, stage: Stage | None = None, words: str = "") -> Iterator[tuple[str, ...]]:
    """Yield a row of titles, and then a row for each chosen payout, newest first."""
    yield (
        _("Payout number"), _("Policy code"), _("Policy"), _("For"), _("Amount in yuan"), _("State"),
        _("Claimed at"), _("Paid at"), _("Third party that is paid"), _("Remarks"),
    )  # fmt: skip
    payouts = select_for_lines(filter_payouts(company=company, stage=stage, words=words))
    for payout in payouts.iterator(chunk_size=ROWS_AT_ONCE):
        yield _row(make_line(payout))


def _row(line: PayoutLine) -> tuple[str, ...]:
    moments = (f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else "" for at in (line.claimed_at, line.paid_at))
    cells = (
        str(line.id),
        line.code,
        str(line.title),
        line.about,
        f"{line.amount_cny:.2f}",
        line.status,
        *moments,
        line.third_party,
        " · ".join(_remarks(line)),
    )
    return disarm_formulas(cells)


def _remarks(line: PayoutLine) -> Iterator[str]:
    """Yield the remarks that the page shows beside the state."""
    yield from filter(None, (line.objection, line.halted, line.official))
    if line.public_until:
        yield _("shown at least until %(on)s") % {"on": date_format(line.public_until)}
    if line.mend_by:
        yield _("account to be mended by %(on)s") % {"on": date_format(line.mend_by)}
