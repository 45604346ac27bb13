"""Who a wording would entitle, before anybody publishes it: at once by a sample, exactly when every firm is decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Identifier, Literal

from companies.models import Company
from companies.queries import stale_datasets
from policies.listed import has_list
from policies.models import PolicyVersion
from policies.queries.slowness import slowest_rule
from policies.queries.versions import as_of
from policies.queries.whole_city.counts import Scale, eligible_counted, verdicts_counted
from policies.queries.whole_city.figures import Preview
from policies.queries.whole_city.rows import Tables, asked, choose, fill, rows_of, tables
from policies.queries.whole_city.samples import samples
from policies.scope import CompanySet, between, limits, scope
from policies.verdicts import judge

# A statement of a preview is stopped after so long; an estimate is somebody's page.
ESTIMATE_SECONDS = 10
PREVIEW_SECONDS = 60
# So many firms, drawn by lot, answer within a second or two and to a few per cent; a smaller city is decided whole.
SAMPLE_FIRMS = 20_000
SHARD_FIRMS = 100_000
# A draw that comes out a little short would be no wrong estimate, only a rougher one.
_SEED = 20

# Told how many of how many firms are decided.
Progress = Callable[[int, int], None]


class TooSlow(Exception):
    """The rules take too long over the whole city."""


def estimate(*, version: PolicyVersion, now: dt.datetime) -> Preview:
    """
    What a version would do, by the lot of `SAMPLE_FIRMS` firms, or exactly for a city of no more; drafts too.

    A subject that several firms share is counted for each firm of the lot that has it.

    Raises:
        RuleRefused: a rule does not check.
        TooSlow: it took longer than `ESTIMATE_SECONDS`.
    """
    city_firms = Company.objects.count()
    with transaction.atomic():
        if city_firms <= SAMPLE_FIRMS:
            return _previewed(version, iter([None]), Scale(city_firms, city_firms), now, ESTIMATE_SECONDS)
        lot = drawn_lot(city_firms)
        with scope(lot) as companies:
            return _previewed(version, iter([companies]), Scale(city_firms, len(lot)), now, ESTIMATE_SECONDS)


def preview(*, version: PolicyVersion, now: dt.datetime, progressed: Progress = lambda _done, _of: None) -> Preview:
    """
    What a version would do, decided for every firm; nothing is stored, drafts too.

    Outside of a transaction each shard sees the city of its own moment.

    Raises:
        RuleRefused: a rule does not check.
        TooSlow: a statement took longer than `PREVIEW_SECONDS`.
    """
    city_firms = Company.objects.count()
    return _previewed(version, shards(city_firms, progressed), Scale(city_firms, city_firms), now, PREVIEW_SECONDS)


def shards(city_firms: int, progressed: Progress) -> Iterator[CompanySet | None]:
    """The firms of the city in pieces, each decided before the next is asked for."""
    if city_firms <= SHARD_FIRMS:
        yield None
    else:
        decided, last = 0, 0
        while (until := _end_of_shard(last)) is not None:
            yield between(last + 1, until)
            decided, last = decided + SHARD_FIRMS, until
            progressed(min(decided, city_firms), city_firms)
    progressed(city_firms, city_firms)


def _end_of_shard(after_id: int) -> int | None:
    ids = Company.objects.filter(pk__gt=after_id).order_by("pk")[:SHARD_FIRMS]
    end: int | None = ids.aggregate(end=Max("pk"))["end"]
    return end


def drawn_lot(city_firms: int, *, firms: int | None = None) -> list[int]:
    """The ids of some firms (`SAMPLE_FIRMS`), always the same ones while the city stays as it is."""
    per_cent = min(100.0, 100.0 * (firms or SAMPLE_FIRMS) / max(city_firms, 1))
    rows = asked(
        SQL("SELECT id FROM {} TABLESAMPLE BERNOULLI ({}) REPEATABLE ({})").format(
            Identifier(Company._meta.db_table), Literal(per_cent), Literal(_SEED)
        )
    )
    return [row[0] for row in rows]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """
    Work on the block's statements for at most so long each.

    Raises:
        TooSlow: a statement was stopped.
    """
    try:
        with transaction.atomic(), limits(statement_seconds=seconds, lock_seconds=seconds):
            yield
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        raise TooSlow(
            _("The rules take longer than %(seconds)d seconds over the whole city; make them simpler.")
            % {"seconds": seconds}
        ) from refused


def decide(
    made: Tables, version: PolicyVersion, pieces: Iterator[CompanySet | None], now: dt.datetime, seconds: float
) -> None:
    """Fill the tables with the rows of some companies (None: all), piece by piece, each within so many seconds."""
    day = as_of(version=version, now=now)
    stale = stale_datasets(as_of_on=day)
    asks_lists = has_list(version)
    for number, companies in enumerate(pieces):
        verdicts = judge(versions=[version], as_of_on=day, stale=stale, companies=companies, asks_lists=asks_lists)
        try:
            with limited(seconds):
                fill(made, rows_of(verdicts), is_first=number == 0)
        except TooSlow as slow:
            slowest = slowest_rule(version=version, as_of_on=day, stale=stale, companies=companies)
            raise TooSlow(f"{slow} {slowest}") from slow
    with limited(seconds):
        choose(made)


def _previewed(
    version: PolicyVersion, pieces: Iterator[CompanySet | None], scale: Scale, now: dt.datetime, seconds: float
) -> Preview:
    day = as_of(version=version, now=now)
    stale = stale_datasets(as_of_on=day)
    judged = judge(versions=[version], as_of_on=day, stale=stale, companies=None).judged[0]
    with tables("draft") as made:
        decide(made, version, pieces, now, seconds)
        with limited(seconds):
            return Preview(
                as_of_on=day,
                city_firms=scale.city_firms,
                looked_at=scale.looked_at,
                **verdicts_counted(made, judged, stale=stale, scale=scale),
                **eligible_counted(made, scale=scale),
                samples=samples(made=made, version=version, as_of_on=day, stale=stale),
            )
