"""Queries on reply files: what a file would change, and the rows that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from payouts.formats.replies.table import TableWords, split_words
from payouts.models import Bank, Outcome, ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.banks.reply_file import FOR_A_PERSON

SAMPLE_LINES = 20


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """The number of a file's rows with one verdict and outcome; their sum in yuan, None if no row is matched."""

    verdict: Verdict
    outcome: Outcome | None
    count: int
    total_cny: Decimal | None


def count_verdicts(*, file: ReplyFile) -> Sequence[VerdictCount]:
    """Count the rows of a file by verdict and outcome, in the order of the verdicts."""
    rows = (
        file.lines.order_by()
        .values_list("verdict", "outcome")
        .annotate(count=Count("pk"), total=Sum("instruction__amount_cny"))
    )
    order = list(Verdict)
    found = [
        VerdictCount(Verdict(verdict), Outcome(outcome) if outcome else None, count, total)
        for verdict, outcome, count, total in rows
    ]
    return sorted(found, key=lambda each: (order.index(each.verdict), each.outcome or ""))


def list_first_lines(*, file: ReplyFile, verdict: Verdict) -> Sequence[ReplyLine]:
    """List the first rows of one verdict."""
    lines = file.lines.filter(verdict=verdict).select_related("instruction").order_by("number")
    return list(lines[:SAMPLE_LINES])


def find_waiting_lines() -> QuerySet[ReplyLine]:
    """Find the rows of applied files that a person has to decide."""
    return ReplyLine.objects.filter(decided_at=None, verdict__in=FOR_A_PERSON, file__status=ReplyFileStatus.APPLIED)


def find_bank_with_other_words(*, file: ReplyFile) -> str:
    """Name a bank that got payments of the file, but replies in another layout than the file's bank; else ""."""
    if file.bank is None:
        return ""
    others = Bank.objects.filter(batches__instructions__reply_lines__file=file).exclude(pk=file.bank.pk)
    others = others.exclude(reply_template=file.bank.reply_template)
    return others.order_by("pk").values_list("name", flat=True).first() or ""


def read_table_words(*, bank: Bank | None) -> TableWords | None:
    """Read the words of a bank's tables; None if the bank has no layout of replies."""
    template = bank.reply_template if bank else None
    if template is None:
        return None
    return TableWords(
        id_title=template.id_title.strip(),
        result_title=template.result_title.strip(),
        paid=split_words(template.paid_words),
        refused=split_words(template.refused_words),
        returned=split_words(template.returned_words),
        pending=split_words(template.pending_words),
        amount_title=template.amount_title.strip(),
        reference_title=template.reference_title.strip(),
        reason_title=template.reason_title.strip(),
        delimiter=template.delimiter,
    )
