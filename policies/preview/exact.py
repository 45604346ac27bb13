"""Previews whom a version would entitle before it is published: estimated by a sample, or decided for every firm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from django.db import OperationalError, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Identifier, Literal

from companies.firms.queries import stale_datasets
from companies.models import Company
from policies.matching.slow_rule import slowest_rule
from policies.matching.version_sql import CompiledSet, compile_versions
from policies.models import Payee, PolicyVersion
from policies.preview.counts import Scale, count_firms, count_verdicts
from policies.preview.figures import Preview
from policies.preview.parallel import map_in_parallel
from policies.preview.rows import PreviewTables, decided_rows, fetch_rows, preview_tables, store_rows
from policies.preview.samples import read_samples
from policies.preview.sampling import draw_further
from policies.preview.strata import Strata, count_strata
from policies.preview.subject_counts import EntitledTotals, SubjectCounts, count_subjects
from policies.rules.company_set import CompanyRange, CompanySet, company_table, statement_limits
from policies.rules.list_join import has_list
from policies.rules.rules import checked_rules_of
from policies.rules.versions import as_of
from policies.subjects import known_subjects
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import in_both_languages

# The limits of one statement; while an estimate runs, an officer waits for the page.
ESTIMATE_SECONDS = 10
PREVIEW_SECONDS = 60
# A sample of so many firms takes a second or two and is right to a few per cent; a smaller city is decided whole.
SAMPLE_FIRMS = 20_000
SHARD_FIRMS = 100_000
# The sample is the same every time, so that an estimate changes only with the rules or the facts.
_SEED = 20
_LAST_ID = 2**63 - 1

# Called with how many firms are decided, and of how many.
Progress = Callable[[int, int], None]


class TooSlow(Refusal):
    """The rules take too long over the whole city; the sentence is in both languages, because runs store it."""

    def __init__(self, say: Callable[[], str]) -> None:
        super().__init__(in_both_languages(say))


def estimate(*, version: PolicyVersion, now: dt.datetime) -> Preview:
    """
    Estimate what a version, or a draft, would do by a sample of `SAMPLE_FIRMS` firms; exact in a city of no more.

    A subject that several firms share is counted for each firm of the sample that has it.

    Raises:
        RuleRefused: a rule does not check.
        TooSlow: it took longer than `ESTIMATE_SECONDS`.
    """
    city_firms = Company.objects.count()
    with transaction.atomic():
        if city_firms <= SAMPLE_FIRMS:
            request = PreviewRequest(version, now, Scale(city_firms, city_firms), ESTIMATE_SECONDS)
            return _preview_shards(request, [None])
        lot = draw_sample(city_firms)
        with company_table(lot) as companies:
            request = PreviewRequest(version, now, Scale(city_firms, len(lot)), ESTIMATE_SECONDS)
            return _preview_shards(request, [companies])


def preview(*, version: PolicyVersion, now: dt.datetime, progressed: Progress = lambda _done, _of: None) -> Preview:
    """
    Decide a version, or a draft, for every firm, and store nothing.

    Outside of a transaction two shards are decided at a time, each with a snapshot of its own. If several firms can
    share a subject, the whole city is one shard.

    Raises:
        RuleRefused: a rule does not check.
        TooSlow: a statement took longer than `PREVIEW_SECONDS`.
    """
    city_firms = Company.objects.count()
    request = PreviewRequest(version, now, Scale(city_firms, city_firms), PREVIEW_SECONDS)
    return _preview_shards(request, shards(city_firms), progressed)


def shards(city_firms: int) -> list[CompanySet | None]:
    """
    The city as sets of about `SHARD_FIRMS` firms, by equal ranges of their ids; one set without condition if small.
    """
    if city_firms <= SHARD_FIRMS:
        return [None]
    ids = Company.objects.aggregate(first=Min("pk"), last=Max("pk"))
    pieces = ceil(city_firms / SHARD_FIRMS)
    width = ceil((ids["last"] - ids["first"] + 1) / pieces)
    begins = [ids["first"] + place * width for place in range(pieces)]
    # Firms that are registered meanwhile have higher ids, and fall into the last range.
    return [CompanyRange(first, after - 1) for first, after in pairwise([*begins, _LAST_ID])]


def draw_sample(city_firms: int, *, firms: int | None = None) -> list[int]:
    """A random sample of the ids of firms (`SAMPLE_FIRMS`); the same one while the city does not change."""
    per_cent = min(100.0, 100.0 * (firms or SAMPLE_FIRMS) / max(city_firms, 1))
    rows = fetch_rows(
        SQL("SELECT id FROM {} TABLESAMPLE BERNOULLI ({}) REPEATABLE ({})").format(
            Identifier(Company._meta.db_table), Literal(per_cent), Literal(_SEED)
        )
    )
    return [row[0] for row in rows]


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """
    Limit each statement of the block to so many seconds.

    Raises:
        TooSlow: a statement was stopped.
    """
    try:
        with transaction.atomic(), statement_limits(statement_seconds=seconds, lock_seconds=seconds):
            yield
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        raise TooSlow(
            lambda: (
                _("The rules take longer than %(seconds)d seconds over the whole city; make them simpler.")
                % {"seconds": seconds}
            )
        ) from refused


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """
    A version to preview at a moment, the scale of its sample, and the limit of a statement in seconds.

    Raises:
        RuleRefused: a rule does not check, or the dataset of the subject was retired.
    """

    version: PolicyVersion
    now: dt.datetime
    scale: Scale
    seconds: float

    def __post_init__(self) -> None:
        checked_rules_of(self.version)

    @property
    def day(self) -> dt.date:
        """The day whose facts count."""
        return as_of(version=self.version, now=self.now)

    @property
    def is_firm_by_firm(self) -> bool:
        """Whether each row is a firm that is paid itself, so that the rows are the subjects."""
        return not known_subjects()[self.version.subject].item and not self.names_payees

    @property
    def adds_up(self) -> bool:
        """Whether no two firms can share a subject, so that the counts of shards can be added."""
        return not known_subjects()[self.version.subject].shared_column

    @property
    def names_payees(self) -> bool:
        """Whether a third party is paid, who may have no account."""
        return self.version.payee == Payee.THIRD_PARTY

    def compiled(self, companies: CompanySet | None) -> CompiledSet:
        """The version as SQL over some companies (None: all)."""
        stale = stale_datasets(as_of_on=self.day)
        return compile_versions(
            versions=[self.version],
            as_of_on=self.day,
            stale=stale,
            companies=companies,
            joins_lists=has_list(self.version),
        )


def fill_tables(made: PreviewTables, request: PreviewRequest, companies: CompanySet | None) -> None:
    """
    Fill the tables with the rows of some companies (None: all).

    Raises:
        TooSlow: it took too long; the sentence names the slowest rule.
    """
    with naming_the_slowest(request, companies):
        store_rows(made, decided_rows(request.compiled(companies)))


@contextmanager
def naming_the_slowest(request: PreviewRequest, companies: CompanySet | None) -> Iterator[None]:
    """Run the block within the limit; if a statement exceeds it, the refusal names the slowest rule."""
    try:
        with time_limit(request.seconds):
            yield
    except TooSlow as slow:
        stale = stale_datasets(as_of_on=request.day)
        slowest = slowest_rule(version=request.version, as_of_on=request.day, stale=stale, companies=companies)
        raise TooSlow(partial("{} {}".format, slow, slowest)) from slow


class ShardCounts(NamedTuple):
    """The counts of one shard: its strata, and the eligible subjects where rows are no subjects."""

    rows: Sequence[tuple[Any, ...]]
    entitled: SubjectCounts | None


def _preview_shards(
    request: PreviewRequest, shards: Sequence[CompanySet | None], progressed: Progress = lambda _done, _of: None
) -> Preview:
    companies = shards[0] if len(shards) == 1 else None
    parts = shards if request.adds_up else [companies]
    rows, entitled = Strata(request.compiled(None).versions[0]), EntitledTotals()
    city_firms = request.scale.city_firms
    # The progress is called outside of the shards' transactions, so that others see it at once.
    progressed(0, city_firms)
    ask = partial(_count_shard if request.is_firm_by_firm else _count_shard_by_subject, request)
    for number, piece in enumerate(map_in_parallel(ask, parts), start=1):
        rows.add(piece.rows)
        if piece.entitled:
            entitled.add(piece.entitled)
        progressed(city_firms * number // len(parts), city_firms)
    scale = request.scale
    eligible = count_firms(rows, scale=scale) if request.is_firm_by_firm else entitled.figures(scale=scale)
    return _complete_figures(request, rows, eligible, companies)


def _count_shard(request: PreviewRequest, companies: CompanySet | None) -> ShardCounts:
    """Decide the firms of a shard and count the strata of their rows in the same statement."""
    compiled_set = request.compiled(companies)
    with naming_the_slowest(request, companies):
        source = SQL("({}) AS r").format(decided_rows(compiled_set))
        return ShardCounts(count_strata(compiled_set.versions[0], source, keeps_amounts=True), None)


def _count_shard_by_subject(request: PreviewRequest, companies: CompanySet | None) -> ShardCounts:
    """Decide the firms of a shard into temporary tables, in which equal subjects are found, and count from there."""
    compiled = request.compiled(companies).versions[0]
    with transaction.atomic(), preview_tables("draft") as made:
        fill_tables(made, request, companies)
        with time_limit(request.seconds):
            entitled = count_subjects(made, names_payees=request.names_payees)
            return ShardCounts(count_strata(compiled, made.rows, keeps_amounts=False), entitled)


def _complete_figures(
    request: PreviewRequest, rows: Strata, eligible: dict[str, Any], companies: CompanySet | None
) -> Preview:
    stale = stale_datasets(as_of_on=request.day)
    with time_limit(request.seconds):
        draw_further(rows, compile_for=request.compiled, companies=companies)
        shown = read_samples(strata=rows, version=request.version, as_of_on=request.day, stale=stale)
    return Preview(
        as_of_on=request.day,
        city_firms=request.scale.city_firms,
        looked_at=request.scale.looked_at,
        **count_verdicts(rows, stale=stale, scale=request.scale),
        **eligible,
        samples=shown,
    )
