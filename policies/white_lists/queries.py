"""Queries over departments' lists: a preview before publishing, the rows of a firm, and the public list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Sum
from django.utils.timezone import localdate

from companies.contracts.departments import department_name
from companies.models import Company
from policies.models import (
    EntryStatus,
    ListStatus,
    MatchRun,
    PolicyVersion,
    Subject,
    Track,
    VersionStatus,
    WhiteList,
    WhiteListEntry,
)
from policies.white_lists.files import ListedRow
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import Bilingual, mask_name

PAGE_SIZE = 50
SHOWN = 20
NOTHING = Decimal(0)


def rows_named_already(*, version: PolicyVersion, rows: Sequence[ListedRow]) -> list[tuple[int, str]]:
    """The rows of a file whose subject is on a published list of the version, each with that list's title."""
    if version.subject == Subject.COMPANY:
        subjects: dict[Any, int] = {row.credit_code: row.row for row in rows}
        column = "credit_code"
    else:
        subjects = {fingerprint(row.id_number): row.row for row in rows}
        column = "id_number_hash"
    if not WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).exists():
        return []
    live = WhiteListEntry.objects.filter(
        version=version, standing=EntryStatus.LIVE, **{f"{column}__in": list(subjects)}
    )
    found = live.values_list(column, "white_list__title")
    return sorted((subjects[bytes(key) if column == "id_number_hash" else key], title) for key, title in found)


class NameMismatch(NamedTuple):
    """A list row whose name differs from the name in the register."""

    row: int
    credit_code: str
    name: str
    registered: str


@dataclass(frozen=True, slots=True)
class ListPreview:
    """
    What a list would do if it counted now.

    Of `row_count` rows `known_count` name a firm of the register (and a person on record at it); the first `unknown`
    rows are shown, and the first of `unlike_count` whose name differs. `others_cny` is the sum of the version's other
    published lists, `granted_cny` the money granted.
    """

    row_count: int
    total_cny: Decimal
    known_count: int
    known_cny: Decimal
    unknown: tuple[WhiteListEntry, ...]
    unlike_count: int
    unlike: tuple[NameMismatch, ...]
    others_cny: Decimal
    granted_cny: Decimal

    @property
    def unknown_count(self) -> int:
        """How many rows name a firm or person that the register does not have."""
        return self.row_count - self.known_count

    @property
    def short_cny(self) -> Decimal:
        """By how much the sum of all lists exceeds the money granted; zero if it does not."""
        return max(self.total_cny + self.others_cny - self.granted_cny, NOTHING)


def list_preview(*, white_list: WhiteList) -> ListPreview:
    """Compare a list with the register of now."""
    known, known_cny, unlike_count = _count_rows(white_list)
    published = WhiteListEntry.objects.filter(version=white_list.version_id, standing=EntryStatus.LIVE)
    others = published.exclude(white_list=white_list).aggregate(sum=Sum("amount_cny"))["sum"]
    return ListPreview(
        row_count=white_list.row_count,
        total_cny=white_list.total_cny,
        known_count=known,
        known_cny=known_cny,
        unknown=tuple(_rows_not_in_register(white_list)),
        unlike_count=unlike_count,
        unlike=tuple(_name_mismatches(white_list)) if unlike_count else (),
        others_cny=others or NOTHING,
        granted_cny=white_list.version.granted_cny,
    )


def _count_rows(white_list: WhiteList) -> tuple[int, Decimal, int]:
    rows = fetch_rows(
        """
        SELECT count(*), coalesce(sum(e.amount_cny), 0),
            count(*) FILTER (WHERE coalesce(p.name, c.name) <> e.name)
        FROM policies_whitelistentry e
        JOIN companies_company c ON c.credit_code = e.credit_code
        LEFT JOIN companies_employee p ON p.id_number_hash = e.id_number_hash
        WHERE e.white_list_id = %(list)s AND (e.id_number_hash IS NULL OR EXISTS (
            SELECT FROM dataset_employees w WHERE w.company_id = c.id AND w.employee_id = p.id
        ))
        """,
        list=white_list.pk,
    )
    known, known_cny, unlike = rows[0]
    return known, known_cny, unlike


def _rows_not_in_register(white_list: WhiteList) -> list[WhiteListEntry]:
    found = fetch_rows(
        """
        SELECT e.id FROM policies_whitelistentry e
        LEFT JOIN companies_company c ON c.credit_code = e.credit_code
        LEFT JOIN companies_employee p ON p.id_number_hash = e.id_number_hash
        WHERE e.white_list_id = %(list)s AND (c.id IS NULL OR e.id_number_hash IS NOT NULL AND NOT EXISTS (
            SELECT FROM dataset_employees w WHERE w.company_id = c.id AND w.employee_id = p.id
        ))
        ORDER BY e.row LIMIT %(shown)s
        """,
        list=white_list.pk,
        shown=SHOWN,
    )
    return list(WhiteListEntry.objects.filter(pk__in=[row[0] for row in found]).order_by("row"))


def _name_mismatches(white_list: WhiteList) -> list[NameMismatch]:
    rows = fetch_rows(
        """
        SELECT e.row, e.credit_code, e.name, coalesce(p.name, c.name)
        FROM policies_whitelistentry e
        JOIN companies_company c ON c.credit_code = e.credit_code
        LEFT JOIN companies_employee p ON p.id_number_hash = e.id_number_hash
        WHERE e.white_list_id = %(list)s AND coalesce(p.name, c.name) <> e.name
        ORDER BY e.row LIMIT %(shown)s
        """,
        list=white_list.pk,
        shown=SHOWN,
    )
    return [NameMismatch(*row) for row in rows]


class EntryOutcome(NamedTuple):
    """How many rows of a list, and how many yuan, have entitlements in one status."""

    status: str
    row_count: int
    amount_cny: Decimal


def outcomes(*, white_list: WhiteList) -> tuple[EntryOutcome, ...]:
    """The rows of a list by the status of their entitlements, "" for rows without one."""
    rows = fetch_rows(
        """
        SELECT coalesce(e.status, ''), count(*), sum(coalesce(e.amount_cny, w.amount_cny))
        FROM policies_whitelistentry w
        LEFT JOIN policies_entitlement e ON e.version_id = w.version_id AND e.policy_id = %(policy)s
            AND (e.evidence -> 'list' ->> 'entry')::bigint = w.id
        WHERE w.white_list_id = %(list)s GROUP BY 1 ORDER BY 1
        """,
        list=white_list.pk,
        policy=white_list.version.policy_id,
    )
    return tuple(EntryOutcome(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class CompanyOnLists:
    """
    The rows of a version's lists that name a firm or its people; they explain why the firm is or is not entitled.

    Without `is_published` no list counts yet. `count` rows name the firm, with `amount_cny` in all; title, number,
    department and day are those of the first row. `withdrawn_because` is the reason for which a row was withdrawn.
    """

    is_published: bool
    count: int
    amount_cny: Decimal
    title: str
    document_number: str
    department: Bilingual
    published_on: date | None
    withdrawn_because: str


def find_on_lists(*, company: Company, version: PolicyVersion) -> CompanyOnLists | None:
    """The firm's rows on the lists of the version; None for a version of another track."""
    if version.track != Track.WHITELIST:
        return None
    published = WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).order_by("published_at", "pk")
    of_firm = WhiteListEntry.objects.filter(version=version, credit_code=company.credit_code)
    named = of_firm.filter(standing=EntryStatus.LIVE)
    found = named.order_by("pk").select_related("white_list").first()
    withdrawn = of_firm.filter(standing=EntryStatus.WITHDRAWN).order_by("-pk").select_related("withdrawal").first()
    white_list = found.white_list if found else published.first()
    sums = named.aggregate(count=Count("pk"), sum=Sum("amount_cny"))
    return CompanyOnLists(
        is_published=white_list is not None,
        count=sums["count"],
        amount_cny=sums["sum"] or NOTHING,
        title=white_list.title if white_list else "",
        document_number=white_list.document_number if white_list else "",
        department=department_name(white_list.department) if white_list else Bilingual("", ""),
        published_on=localdate(white_list.published_at) if white_list and white_list.published_at else None,
        withdrawn_because=withdrawn.withdrawal.because if withdrawn and not found else "",
    )


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A list row as it is public: the name of a firm, or the first character of a person's name."""

    name: str
    amount_cny: Decimal
    # The status of the entitlement; "taken_back" if the department took the row back, "undecided" until matching has
    # decided, and "none" if there is no entitlement.
    status: str


@dataclass(frozen=True, slots=True)
class PublicList:
    """The published lists of a version, and a page of their rows; `older` is where the next page begins."""

    lists: tuple[WhiteList, ...]
    rows: tuple[PublicRow, ...]
    older: int | None

    def departments(self) -> tuple[Bilingual, ...]:
        """The departments of the lists, each once."""
        return tuple(dict.fromkeys(department_name(each.department) for each in self.lists))


class PublicSums(NamedTuple):
    """The number and the sum of the rows of a version's published lists, and how much of them lapsed unclaimed."""

    row_count: int
    total_cny: Decimal
    waived_count: int
    waived_cny: Decimal


def public_sums(*, version: PolicyVersion) -> PublicSums:
    """Count every row of the version's published lists."""
    counted = WhiteListEntry.objects.filter(version=version, standing=EntryStatus.LIVE)
    sums = counted.aggregate(count=Count("pk"), sum=Sum("amount_cny"))
    return PublicSums(sums["count"], sums["sum"] or NOTHING, *lapsed_totals(version=version))


def public_list(*, version: PolicyVersion, words: str = "", after: int | None = None) -> PublicList | None:
    """
    A page of the lists that a version makes public; None if it makes none public.

    `words` are a part of a firm's name, or its credit code; nobody can search for a person.
    """
    lists = WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).order_by("published_at", "pk")
    if not version.list_is_public or not lists.exists():
        return None
    rows = fetch_rows(
        """
        SELECT w.id, w.name, w.id_number_hash IS NOT NULL, coalesce(e.amount_cny, w.amount_cny), w.standing,
            coalesce(e.status, %(otherwise)s)
        FROM policies_whitelistentry w
        LEFT JOIN policies_entitlement e ON e.version_id = w.version_id AND e.policy_id = %(policy)s
            AND (e.evidence -> 'list' ->> 'entry')::bigint = w.id
        WHERE w.version_id = %(version)s AND w.standing IN ('live', 'withdrawn') AND w.id > %(after)s
            AND (%(words)s = '' OR w.id_number_hash IS NULL
                AND (w.credit_code = upper(%(words)s) OR strpos(lower(w.name), lower(%(words)s)) > 0))
        ORDER BY w.id LIMIT %(limit)s
        """,
        version=version.pk,
        policy=version.policy_id,
        after=after or 0,
        words=words,
        limit=PAGE_SIZE + 1,
        otherwise="undecided" if _is_being_decided(version) else "none",
    )
    return PublicList(
        lists=tuple(lists),
        rows=tuple(_public_row(*row[1:]) for row in rows[:PAGE_SIZE]),
        older=rows[PAGE_SIZE - 1][0] if len(rows) > PAGE_SIZE else None,
    )


def _is_being_decided(version: PolicyVersion) -> bool:
    """
    Whether a run over the city has not finished yet, or was set aside. Nobody asks for a run while a version is
    suspended.
    """
    is_due = MatchRun.objects.filter(version=version, finished_at=None).exists()
    return is_due or version.status != VersionStatus.PUBLISHED


def _public_row(name: str, is_person: bool, amount_cny: Decimal, standing: str, status: str) -> PublicRow:  # noqa: FBT001
    shown = mask_name(name) if is_person else name
    return PublicRow(shown, amount_cny, "taken_back" if standing == EntryStatus.WITHDRAWN else status)


def lapsed_totals(*, version: PolicyVersion) -> tuple[int, Decimal]:
    """The number of entitlements of a version that lapsed unclaimed, and their sum in yuan."""
    rows = fetch_rows(
        "SELECT count(*), coalesce(sum(amount_cny), 0) FROM policies_entitlement"
        " WHERE policy_id = %(policy)s AND version_id = %(version)s AND status = 'lapsed'",
        policy=version.policy_id,
        version=version.pk,
    )
    count, total = rows[0]
    return count, total
