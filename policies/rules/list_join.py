"""The published white lists of a version as SQL: whom they name, for how much, and by which department."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from psycopg.sql import SQL, Composable, Identifier, Literal

from policies.models import EntryStatus, ListStatus, PolicyVersion, Track, WhiteList, WhiteListEntry
from policies.subjects import known_subjects


@dataclass(frozen=True, slots=True)
class ListJoin:
    """
    The join of a version's lists to the rows of its FROM; at most one list row names a subject.

    `names` is the condition that a list names the subject; it is null while no list is published. `amount` is the
    amount of the list row. `evidence` is its JSON: the row, the list, the department and the day.
    """

    join: Composable
    names: Composable
    amount: Composable
    evidence: Composable


def list_join_of(version: PolicyVersion) -> ListJoin | None:
    """The join of a version's lists; None for a version of another track than the white list."""
    if version.track != Track.WHITELIST:
        return None
    row = Identifier(f"listed_{version.pk}")
    person = SQL(" AND {row}.id_number_hash = p.id_number_hash").format(row=row)
    nobody = SQL(" AND {row}.id_number_hash IS NULL").format(row=row)
    rows = SQL(
        "(SELECT e.id, e.row, e.credit_code, e.id_number_hash, e.amount_cny, l.title, l.document_number, l.department,"
        " (l.published_at AT TIME ZONE {zone})::date AS published_on"
        " FROM {entries} AS e JOIN {lists} AS l ON l.id = e.white_list_id"
        " WHERE e.version_id = {version} AND e.standing = {live})"
    )
    tables = {"entries": Identifier(WhiteListEntry._meta.db_table), "lists": Identifier(WhiteList._meta.db_table)}
    narrowed = {
        "version": Literal(version.pk),
        "live": Literal(EntryStatus.LIVE.value),
        "zone": Literal(settings.TIME_ZONE),
        "published": Literal(ListStatus.PUBLISHED.value),
    }
    join = SQL("LEFT JOIN {rows} AS {row} ON {row}.credit_code = c.credit_code{whom}").format(
        rows=rows.format(**tables, **narrowed),
        row=row,
        whom=person if known_subjects()[version.subject].is_person else nobody,
    )
    return ListJoin(
        join=join,
        names=SQL(
            "(CASE WHEN EXISTS (SELECT FROM {lists} WHERE version_id = {version} AND status = {published})"
            " THEN {row}.id IS NOT NULL END)"
        ).format(
            row=row, published=Literal(ListStatus.PUBLISHED.value), version=narrowed["version"], lists=tables["lists"]
        ),
        amount=SQL("{}.amount_cny").format(row),
        evidence=SQL(
            "jsonb_build_object('entry', {row}.id, 'row', {row}.row, 'title', {row}.title, 'number',"
            " {row}.document_number, 'department', {row}.department, 'as_of', {row}.published_on,"
            " 'amount', {row}.amount_cny)"
        ).format(row=row),
    )


def has_list(version: PolicyVersion) -> bool:
    """Whether a list of the version is published; without one a preview applies the conditions alone."""
    return WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).exists()


def lists_changed(version: PolicyVersion, *, since: dt.datetime) -> bool:
    """Whether a list of the version was published since a moment, or a published one was closed since then."""
    if version.track != Track.WHITELIST:
        return False
    is_other = Q(published_at__gte=since) | Q(published_at__isnull=False, closed_at__gte=since)
    return WhiteList.objects.filter(is_other, version=version).exists()
