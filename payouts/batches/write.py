"""The files of a batch: the platform writes and stores them once in each layout, and then reads the stored files."""

# ruff: noqa: S608 - what is put into this statement is an expression of our own.
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, LiteralString, NamedTuple, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy

from companies.datasets.sealing import ACCOUNT_NUMBER
from payouts.batch_states import APPROVED_ONCE
from payouts.batches.layouts import get_built_in_layout, read_layout
from payouts.batches.transition import BatchRefused
from payouts.formats.exports import delimited, pain001, workbook
from payouts.formats.exports.layout import Heading, Kind, Layout, LayoutRefused, batch_number
from payouts.formats.exports.lines import Line, Payer
from payouts.models import BankTemplate, Batch, BatchFile
from payouts.models.banks.attempts import SEALED_LINE
from payouts.models.banks.template import LARGEST_ROW_LIMIT
from payouts.storage.blobs import store_blob
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import fetch_rows, fetch_rows_as

LINES_PER_PAGE = 2_000


class BatchBroken(Exception):
    """The lines in the database differ from those that were sealed; no file is written."""


class _Writer(Protocol):
    def __call__(self, target: IO[bytes], *, layout: Layout, heading: Heading, lines: Iterator[Line]) -> None: ...


WRITERS: dict[Kind, _Writer] = {
    Kind.PAIN001: pain001.write,
    Kind.PAIN001_03: pain001.write,
    Kind.WORKBOOK: workbook.write,
    Kind.DELIMITED: delimited.write,
}


class _FilePart(NamedTuple):
    """Consecutive lines of the batch that go into one file."""

    number: int
    line_count: int
    total_cny: Decimal
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _RenderedPart:
    part: _FilePart
    heading: Heading
    content: IO[bytes]


def write_files(
    *,
    batch: Batch,
    kind: Kind,
    template: BankTemplate | None = None,
    now: datetime,
    advance: Callable[[int], None] = lambda _lines: None,
) -> list[BatchFile]:
    """
    Return the files of a batch in one layout: one file, or several if the batch exceeds the layout's row limit.

    The first call writes and stores the files; later calls return the same bytes. `advance` is called with the number
    of lines written so far. Memory stays bounded for any number of lines.

    Raises:
        BatchRefused: the batch is not approved.
        BatchBroken: the lines in the database differ from those that were sealed.
        LayoutRefused: a line does not fit the layout, or another file of the layout has the batch number.
    """
    if batch.status not in APPROVED_ONCE:
        raise BatchRefused(gettext_lazy("A batch is written once it is approved."))
    if written := _find_files(batch, kind, template):
        return written
    layout = read_layout(template=template) if template else get_built_in_layout(kind=kind)
    with ExitStack() as open_files:
        parts = _render_parts(batch, layout, template, advance, open_files)
        return _store_files(batch, kind, template, parts, now)


def _find_files(batch: Batch, kind: Kind, template: BankTemplate | None) -> list[BatchFile]:
    files = BatchFile.objects.filter(batch=batch, kind=kind, template=template)
    return list(files.select_related("stored", "batch", "template").order_by("part"))


def _render_parts(
    batch: Batch,
    layout: Layout,
    template: BankTemplate | None,
    advance: Callable[[int], None],
    open_files: ExitStack,
) -> list[_RenderedPart]:
    parts = _divide_lines(batch, template.row_limit if template else LARGEST_ROW_LIMIT)
    seal = hashlib.sha256()
    lines = _iterate_lines(batch, seal, advance)
    written = []
    for part in parts:
        content = open_files.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
        heading = _make_heading(batch, part, len(parts), template)
        WRITERS[layout.kind](content, layout=layout, heading=heading, lines=islice(lines, part.line_count))
        written.append(_RenderedPart(part, heading, content))
    # A line that was added after the seal is found here, too.
    if next(lines, None) is not None or seal.hexdigest() != batch.sha256:
        raise BatchBroken(f"The lines of batch {batch.message_id} are not those that were sealed.")
    return written


@transaction.atomic
def _store_files(
    batch: Batch, kind: Kind, template: BankTemplate | None, parts: Sequence[_RenderedPart], now: datetime
) -> list[BatchFile]:
    fetch_rows("SELECT pg_advisory_xact_lock(hashtext('payouts.write_files'), %(batch)s::int)", batch=batch.pk)
    # If another worker was faster, it wrote the same bytes.
    if written := _find_files(batch, kind, template):
        return written
    for each in parts:
        with translate_refusals({"batch_number_is_never_used_again": _refuse_used_number(each.heading.batch_number)}):
            BatchFile.objects.create(
                batch=batch,
                kind=kind,
                template=template,
                part=each.part.number,
                batch_number=each.heading.batch_number,
                message_id=each.heading.message_id,
                line_count=each.part.line_count,
                control_sum_cny=each.part.total_cny,
                first_instruction_id=each.part.first,
                last_instruction_id=each.part.last,
                stored=store_blob(content=each.content, now=now),
                written_at=now,
            )
    return _find_files(batch, kind, template)


def _refuse_used_number(number: str) -> LayoutRefused:
    sentence = gettext_lazy(
        "Another file of this layout has the number %(number)s. Give {batch} and {part} a width in the layout, as in"
        " QQ{date}B{batch:08d}P{part:03d}."
    )
    return LayoutRefused(sentence, number=number)


def _divide_lines(batch: Batch, row_limit: int) -> list[_FilePart]:
    return fetch_rows_as(
        _FilePart,
        """
        SELECT piece + 1 AS number, count(*) AS line_count, sum(amount_cny) AS total_cny, min(id) AS first,
            max(id) AS last
        FROM (
            SELECT id, amount_cny, (row_number() OVER (ORDER BY id) - 1) / %(limit)s AS piece
            FROM payouts_instruction WHERE batch_id = %(batch)s
        ) line GROUP BY piece ORDER BY piece
        """,
        batch=batch.pk,
        limit=row_limit,
    )


def _make_heading(batch: Batch, part: _FilePart, parts: int, template: BankTemplate | None) -> Heading:
    assert batch.sealed_at is not None
    sealed_at = localtime(batch.sealed_at)
    message_id = batch.message_id if parts == 1 else f"{batch.message_id}{_mark_layout(template)}P{part.number:03d}"
    number = message_id
    if template:
        number = batch_number(template.batch_number, day=sealed_at, batch=batch.pk, part=part.number)
    return Heading(
        message_id=message_id,
        batch_number=number,
        created_at=sealed_at,
        payer=_find_payer(batch),
        count=part.line_count,
        total_cny=part.total_cny,
    )


def _mark_layout(template: BankTemplate | None) -> str:
    """A mark that keeps the message ids of two layouts apart, whose parts end at different lines."""
    return f"L{template.pk}" if template else ""


def _find_payer(batch: Batch) -> Payer:
    if batch.payer_account:
        return Payer(name=batch.payer_name, account=batch.payer_account, bank_number=batch.payer_bank_number)
    return Payer(name=settings.PAYER_NAME, account=settings.PAYER_ACCOUNT, bank_number=settings.PAYER_BANK_NUMBER)


def _iterate_lines(batch: Batch, seal: hashlib._Hash, advance: Callable[[int], None]) -> Iterator[Line]:
    """Yield the batch's lines one by one, and update `seal` with each."""
    count = 0
    for rows in _read_pages(batch):
        for row in rows:
            seal.update(f"\n{row.sealed_line}".encode() if count else row.sealed_line.encode())
            count += 1
            yield row.as_line()
        advance(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SealedLine:
    id: int
    # The text over which the batch takes its SHA-256.
    sealed_line: str
    number_encrypted: bytes
    account_identity: str
    end_to_end_id: str
    amount_cny: Decimal
    payee_name: str
    bank_name: str
    bank_number: str
    purpose: str
    reason: str

    def as_line(self) -> Line:
        return Line(
            end_to_end_id=self.end_to_end_id,
            amount_cny=self.amount_cny,
            payee_name=self.payee_name,
            payee_account=ACCOUNT_NUMBER.open(self.number_encrypted, self.account_identity),
            bank_name=self.bank_name,
            bank_number=self.bank_number,
            purpose=self.purpose,
            reason=self.reason,
        )


def _read_pages(batch: Batch) -> Iterator[list[_SealedLine]]:
    # Each page is a statement of its own, because a server-side cursor would not survive a transaction pooler.
    after = 0
    while rows := fetch_rows_as(_SealedLine, _LINES, batch=batch.pk, after=after, limit=LINES_PER_PAGE):
        after = rows[-1].id
        yield rows


_LINES: LiteralString = f"""
    SELECT i.id, {SEALED_LINE} AS sealed_line, a.number_encrypted,
        companies_account_identity(a) AS account_identity, i.end_to_end_id, i.amount_cny,
        a.holder_name AS payee_name, a.bank_name, a.bank_number, y.code || ' ' || p.id AS purpose, y.title_zh AS reason
    FROM payouts_instruction i
    JOIN payouts_payout p ON p.id = i.payout_id
    JOIN policies_policy y ON y.id = p.policy_id
    JOIN companies_payeeaccount a ON a.id = i.account_id
    WHERE i.batch_id = %(batch)s AND i.id > %(after)s ORDER BY i.id LIMIT %(limit)s
"""
