"""What a reply file would change, and the rows that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from payouts.formats.replies.table import TableWords, split_words
from payouts.models import Bank, Outcome, ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.banks.reply_file import FOR_A_PERSON

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """The rows of a file of one verdict and outcome: how many, and their sum in yuan, None if none is of ours."""

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


def first_rows(*, file: ReplyFile, verdict: Verdict) -> Sequence[ReplyLine]:
    """List the first rows of one verdict."""
    lines = file.lines.filter(verdict=verdict).select_related("instruction").order_by("number")
    return list(lines[:SAMPLE])


def waiting_lines() -> QuerySet[ReplyLine]:
    """The rows of applied files that a person has to look at."""
    return ReplyLine.objects.filter(decided_at=None, verdict__in=FOR_A_PERSON, file__status=ReplyFileStatus.APPLIED)


def answers_otherwise(*, file: ReplyFile) -> str:
    """A bank to which payments of the file went, and whose layout of replies is not the one it was read by; or ""."""
    if file.bank is None:
        return ""
    others = Bank.objects.filter(batches__instructions__reply_lines__file=file).exclude(pk=file.bank.pk)
    others = others.exclude(reply_template=file.bank.reply_template)
    return others.order_by("pk").values_list("name", flat=True).first() or ""


def table_words(*, bank: Bank | None) -> TableWords | None:
    """The words of a bank's tables, if it has a layout of replies."""
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
