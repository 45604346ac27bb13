"""The back-test: compares a draft with the version in force; who gains, who loses, and what it costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, Employee
from policies.models import PolicyVersion
from policies.preview.counts import Scale
from policies.preview.exact import (
    ESTIMATE_SECONDS,
    PREVIEW_SECONDS,
    SAMPLE_FIRMS,
    PreviewRequest,
    TooSlow,
    draw_sample,
    fill_tables,
    time_limit,
)
from policies.preview.figures import BackTest, Change
from policies.preview.rows import PreviewTables, fetch_rows, preview_tables
from policies.rules.company_set import CompanySet, company_table
from policies.subjects import known_subjects
from qinqing.kernel.text import mask_name

CHANGES_SHOWN = 10


def estimated_back_test(*, version: PolicyVersion, before: PolicyVersion, now: dt.datetime) -> BackTest:
    """
    Compare two versions by a sample of firms; exact in a city of no more firms than the sample.

    Raises:
        RuleRefused, TooSlow: as for `estimate`.
    """
    city_firms = Company.objects.count()
    if city_firms <= SAMPLE_FIRMS:
        return _compare_versions(before, version, now, Scale(city_firms, city_firms), ESTIMATE_SECONDS, None)
    with transaction.atomic():
        lot = draw_sample(city_firms)
        with company_table(lot) as companies:
            return _compare_versions(before, version, now, Scale(city_firms, len(lot)), ESTIMATE_SECONDS, companies)


def back_test(*, version: PolicyVersion, before: PolicyVersion, now: dt.datetime) -> BackTest:
    """
    Compare two versions for every firm; each is decided by the facts of its own as-of day.

    Raises:
        RuleRefused, TooSlow: as for `preview`.
    """
    city_firms = Company.objects.count()
    return _compare_versions(before, version, now, Scale(city_firms, city_firms), PREVIEW_SECONDS, None)


def _compare_versions(
    before: PolicyVersion,
    after: PolicyVersion,
    now: dt.datetime,
    scale: Scale,
    seconds: float,
    companies: CompanySet | None,
) -> BackTest:
    with transaction.atomic(), preview_tables("before") as old, preview_tables("after") as new:
        with _naming_step(lambda: _("%(version)s, which is in force, was being decided") % {"version": before}):
            fill_tables(old, PreviewRequest(before, now, scale, seconds), companies)
        with _naming_step(lambda: _("%(version)s was being decided") % {"version": after}):
            fill_tables(new, PreviewRequest(after, now, scale, seconds), companies)
        with _naming_step(lambda: _("what the two come to was being put side by side")):
            return _compare_tables(old, new, before, after, scale, seconds)


@contextmanager
def _naming_step(step: Callable[[], str]) -> Iterator[None]:
    """Add to a refusal of the block at which step the comparison took too long; `step` is a part of the sentence."""
    try:
        yield
    except TooSlow as slow:
        raise TooSlow(partial(_stopped_sentence, step, slow)) from slow


def _stopped_sentence(step: Callable[[], str], why: TooSlow) -> str:
    return _("The back-test was stopped while %(step)s. %(why)s") % {"step": step(), "why": why}


def _compare_tables(
    old: PreviewTables, new: PreviewTables, before: PolicyVersion, after: PolicyVersion, scale: Scale, seconds: float
) -> BackTest:
    by_firm = before.subject != after.subject
    pairs = _pairs_query(old, new, has_periods=known_subjects()[after.subject].period is not None, by_firm=by_firm)
    with time_limit(seconds):
        counts = fetch_rows(SQL("SELECT {} FROM ({}) AS pairs").format(_COUNTS, pairs))[0]
        gains = _largest_changes(pairs, SQL("after_cny > before_cny"), SQL("DESC"))
        losses = _largest_changes(pairs, SQL("after_cny < before_cny"), SQL("ASC"))
    winners, newcomers, losers, dropped, unchanged, *sums = counts
    before_cny, after_cny, gained, lost = (scale.cny(Decimal(total)) for total in sums)
    return BackTest(
        by_firm=by_firm,
        city_firms=scale.city_firms,
        looked_at=scale.looked_at,
        winners=scale.count(winners),
        newcomers=scale.count(newcomers),
        losers=scale.count(losers),
        dropped=scale.count(dropped),
        unchanged=scale.count(unchanged),
        before_cny=before_cny,
        after_cny=after_cny,
        gained_cny=gained,
        lost_cny=lost,
        gains=gains,
        losses=losses,
        against=before.pk,
    )


_COUNTS = SQL("""
    count(*) FILTER (WHERE after_cny > before_cny),
    count(*) FILTER (WHERE after_cny > before_cny AND before_cny = 0),
    count(*) FILTER (WHERE after_cny < before_cny),
    count(*) FILTER (WHERE after_cny < before_cny AND after_cny = 0),
    count(*) FILTER (WHERE after_cny = before_cny),
    coalesce(sum(before_cny), 0),
    coalesce(sum(after_cny), 0),
    coalesce(sum(after_cny - before_cny) FILTER (WHERE after_cny > before_cny), 0),
    coalesce(sum(before_cny - after_cny) FILTER (WHERE after_cny < before_cny), 0)
""")


def _pairs_query(old: PreviewTables, new: PreviewTables, *, has_periods: bool, by_firm: bool) -> Composable:
    """
    Each subject with its amounts before and after, 0 where it is not entitled.

    The months of items belong to the key of a pair. The period of the whole version ("2023Q3") does not: otherwise
    nobody would be paired with a version for another quarter.
    """
    columns = [Identifier("company_id")] if by_firm else [Identifier("subject_key")]
    columns += [Identifier("period_key")] if has_periods and not by_firm else []
    key = SQL(", ").join(columns)
    one = SQL(
        "SELECT {key}, min(company_id) AS firm_id, min(employee_id) AS person_id, sum(amount_cny) AS cny"
        " FROM {table} GROUP BY {key}"
    )
    return SQL(
        "SELECT coalesce(new.firm_id, old.firm_id) AS firm_id, coalesce(new.person_id, old.person_id) AS person_id,"
        " coalesce(old.cny, 0) AS before_cny, coalesce(new.cny, 0) AS after_cny"
        " FROM ({}) AS old FULL JOIN ({}) AS new USING ({})"
    ).format(one.format(key=key, table=old.eligible), one.format(key=key, table=new.eligible), key)


def _largest_changes(pairs: Composable, condition: Composable, direction: Composable) -> tuple[Change, ...]:
    rows = fetch_rows(
        SQL(
            "SELECT company.name, company.credit_code, person.name, person.id_number_masked, before_cny, after_cny"
            " FROM (SELECT * FROM ({}) AS pairs WHERE {} ORDER BY after_cny - before_cny {}, firm_id, person_id"
            " LIMIT {}) AS changed JOIN {} AS company ON company.id = firm_id"
            " LEFT JOIN {} AS person ON person.id = person_id ORDER BY after_cny - before_cny {}, firm_id, person_id"
        ).format(
            pairs,
            condition,
            direction,
            Literal(CHANGES_SHOWN),
            Identifier(Company._meta.db_table),
            Identifier(Employee._meta.db_table),
            direction,
        )
    )
    return tuple(_change(row) for row in rows)


def _change(row: tuple[Any, ...]) -> Change:
    firm, code, person, number, before, after = row
    label = f"{mask_name(person)} {number}" if person else ""
    return Change(firm, code, label, before or None, after or None)
