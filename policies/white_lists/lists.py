"""Moves of departments' lists: upload, check, publish, withdraw a row, and close."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.contracts.departments import departments
from companies.models import User
from companies.people.scope import refuse_other_district, within_scope
from policies.authoring.transition import lock_version
from policies.matching.run import ask_for_runs
from policies.models import (
    EntitlementStatus,
    EntryStatus,
    ListStatus,
    PolicyVersion,
    Subject,
    Track,
    VersionStatus,
    WhiteList,
    WhiteListEntry,
    WhiteListWithdrawal,
)
from policies.states import LIST_MOVES
from policies.white_lists.files import Fault, ListedRow, ReadList, read_list
from policies.white_lists.queries import rows_named_already
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import execute_statement
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask_id_number

log = structlog.get_logger()

_BLOCK_BYTES, _ROWS_AT_ONCE = 1 << 20, 5_000
# The statuses of a version in which it takes lists: its content is final, and it is not closed.
_TAKES_LISTS = (VersionStatus.SUBMITTED, VersionStatus.SCHEDULED, VersionStatus.PUBLISHED, VersionStatus.SUSPENDED)


class ListRefused(Refusal):
    """The move of a list was refused; the sentence says why."""


class NoListTaken(ListRefused):
    """The version accepts no lists: it has another track, is a draft, or is closed."""


class BadList(ListRefused):
    """Rows of the file have faults; nothing of it was written."""

    def __init__(self, faults: Sequence[Fault], *, fault_count: int) -> None:
        self.faults, self.fault_count = tuple(faults), fault_count
        words = ngettext(
            "Nothing was written: the file has %(count)d fault.",
            "Nothing was written: the file has %(count)d faults.",
            fault_count,
        )
        super().__init__(words % {"count": fault_count})


class SamePersonPublishes(ListRefused):
    """The person who uploaded or checked a list does not publish it."""


class NamedTwice(ListRefused):
    """Another published list of the version names one of the subjects."""


@dataclass(frozen=True, slots=True)
class UploadedList:
    """The list of a file; `is_known` says that the same file was uploaded before."""

    white_list: WhiteList
    is_known: bool


def upload_list(
    *,
    version: PolicyVersion,
    department: str,
    title: str,
    document_number: str,
    file_name: str,
    content: IO[bytes],
    actor: User,
    now: dt.datetime,
) -> UploadedList:
    """
    Store a department's file as a draft list; it entitles nobody before it is published.

    A file is stored once: if the same bytes come again, their list is returned.

    Raises:
        OutOfScope: the policy is another district's.
        UnreadableTable: the file is no table of this kind.
        BadList: rows have faults, or name a subject that another list of this version names; nothing was written.
        NoListTaken: the version accepts no lists.
        ListRefused: the list's department, title or document number is missing.
    """
    refuse_other_district(district=version.policy.district, actor=actor)
    if department not in departments() or not title.strip() or not document_number.strip():
        raise ListRefused(_("Say the department, the title of the list and the number of its document."))
    _check_takes_lists(version)
    sha256 = _digest(content)
    if known := _find_by_hash(version, sha256):
        return UploadedList(known, is_known=True)
    read = read_list(content, names_people=version.subject != Subject.COMPANY)
    _refuse_named_already(version, read)
    if read.fault_count:
        raise BadList(read.faults, fault_count=read.fault_count)
    white_list = WhiteList(
        version=version,
        department=department,
        title=title.strip()[:120],
        document_number=document_number.strip()[:60],
        file_name=file_name[-200:],
        sha256=sha256,
        row_count=len(read.rows),
        total_cny=read.total_cny,
        uploaded_at=now,
        uploaded_by=actor,
    )
    once = ListRefused(_("The same file is being brought by somebody else; look at the lists."))
    refusals = {"white_list_once_per_content": once, "white_list_starts_as_draft": _no_list_taken(version)}
    with transaction.atomic(), translate_refusals(refusals):
        white_list.save(force_insert=True)
        WhiteListEntry.objects.bulk_create((_entry(white_list, row) for row in read.rows), batch_size=_ROWS_AT_ONCE)
    log.info("white_list_brought", white_list=white_list.pk, rows=white_list.row_count, actor_id=actor.pk)
    return UploadedList(white_list, is_known=False)


def _check_takes_lists(version: PolicyVersion) -> None:
    if version.track != Track.WHITELIST or version.status not in _TAKES_LISTS:
        raise _no_list_taken(version)


def _no_list_taken(version: PolicyVersion) -> NoListTaken:
    sentence = _("%(version)s takes no list: it has to be submitted, not closed, and paid by a department’s list.")
    return NoListTaken(sentence % {"version": version})


def _find_by_hash(version: PolicyVersion, sha256: str) -> WhiteList | None:
    return WhiteList.objects.filter(version=version, sha256=sha256).exclude(status=ListStatus.CLOSED).first()


def _digest(content: IO[bytes]) -> str:
    sha256 = hashlib.sha256()
    content.seek(0)
    while block := content.read(_BLOCK_BYTES):
        sha256.update(block)
    return sha256.hexdigest()


def _refuse_named_already(version: PolicyVersion, read: ReadList) -> None:
    """Note a fault for each row whose subject is on another list, because it would get a second amount."""
    for row, other in rows_named_already(version=version, rows=read.rows):
        sentence = _("“%(list)s” names the same one; take that row back first, or leave this one out.")
        read.add_fault(row, sentence % {"list": other})


def _entry(white_list: WhiteList, row: ListedRow) -> WhiteListEntry:
    return WhiteListEntry(
        white_list=white_list,
        version_id=white_list.version_id,
        row=row.row,
        credit_code=row.credit_code,
        id_number_hash=fingerprint(row.id_number) if row.id_number else None,
        id_number_masked=mask_id_number(row.id_number) if row.id_number else "",
        name=row.name,
        amount_cny=row.amount_cny,
        remark=row.remark,
    )


@within_scope(white_list=WhiteList)
@transaction.atomic
def check_list(*, white_list: WhiteList, actor: User, now: dt.datetime) -> WhiteList:
    """
    Confirm that a draft is what the department decided; another person publishes it.

    Raises:
        ListRefused: it is not a draft any more.
    """
    return _move_list(white_list, ListStatus.CHECKED, checked_at=now, checked_by=actor)


@within_scope(white_list=WhiteList)
@transaction.atomic
def reopen_list(*, white_list: WhiteList, actor: User) -> WhiteList:
    """
    Make a checked list a draft again, so that somebody checks it again.

    Raises:
        ListRefused: it does not wait for publication.
    """
    log.info("white_list_reopened", white_list=white_list.pk, actor_id=actor.pk)
    return _move_list(white_list, ListStatus.DRAFT, checked_at=None, checked_by=None)


@within_scope(white_list=WhiteList)
@transaction.atomic
def publish_list(*, white_list: WhiteList, actor: User, now: dt.datetime) -> WhiteList:
    """
    Publish a checked list: the subjects on it are entitled if the version's conditions hold.

    Raises:
        SamePersonPublishes: the actor brought or checked it.
        NamedTwice: a list that was published meanwhile names one of its subjects.
        ListRefused: it was not checked, or its version is not in force.
    """
    # Matching locks the version while it decides; so the last decision has seen the list.
    version = lock_version(white_list.version)
    if actor.pk in {white_list.uploaded_by_id, white_list.checked_by_id}:
        raise _same_person_publishes(white_list)
    published = _move_list(white_list, ListStatus.PUBLISHED, published_at=now, published_by=actor)
    if version.status == VersionStatus.PUBLISHED:
        ask_for_runs(versions=[version], now=now)
    return published


@within_scope(white_list=WhiteList)
@transaction.atomic
def close_list(*, white_list: WhiteList, because: str, actor: User, now: dt.datetime) -> WhiteList:
    """
    Close a list: a draft is discarded; after a published one closes, nobody can claim by it.

    Raises:
        NoReason: `because` is blank.
        ListRefused: it is closed already.
    """
    if not because.strip():
        raise NoReason(_("Say why the list is put away."))
    version = lock_version(white_list.version)
    was_published = WhiteList.objects.filter(pk=white_list.pk, status=ListStatus.PUBLISHED).exists()
    stamps = {"closed_at": now, "closed_by": actor, "closed_because": because.strip()[:300]}
    closed = _move_list(white_list, ListStatus.CLOSED, **stamps)
    if was_published:
        _withdraw_open(version, EntryStatus.CLOSED, now)
        if version.status == VersionStatus.PUBLISHED:
            ask_for_runs(versions=[version], now=now)
    return closed


@within_scope(entry=WhiteListEntry)
@transaction.atomic
def withdraw_entry(*, entry: WhiteListEntry, because: str, actor: User, now: dt.datetime) -> bool:
    """
    Withdraw one row of a published list; returns whether an open entitlement was withdrawn with it.

    An entitlement that was claimed by the row stays as it is, and its payout is checked afterwards.

    Raises:
        NoReason: `because` is blank.
        ListRefused: the row does not count: its list is not published, or it was withdrawn before.
    """
    if not because.strip():
        raise NoReason(_("Say why it is taken back; the reason is kept and shown to the firm."))
    version = lock_version(entry.version)
    gone = ListRefused(_("Only a row of a published list that was not taken back before can be taken back."))
    with translate_refusals({"white_list_withdrawal_is_of_a_named_one": gone}):
        WhiteListWithdrawal.objects.create(
            entry=entry, because=because.strip()[:300], withdrawn_at=now, withdrawn_by=actor
        )
    log.info("white_list_entry_withdrawn", entry=entry.pk, actor_id=actor.pk)
    return _withdraw_open(version, EntryStatus.WITHDRAWN, now) > 0


def _withdraw_open(version: PolicyVersion, standing: EntryStatus, now: dt.datetime) -> int:
    """Withdraw the open entitlements of rows that no longer count; this waits for claims in progress."""
    return execute_statement(
        """
        UPDATE policies_entitlement AS e SET status = %(withdrawn)s, decided_at = %(now)s
        FROM policies_whitelistentry AS w
        WHERE w.version_id = %(version)s AND w.standing = %(standing)s
            AND e.version_id = %(version)s AND e.policy_id = %(policy)s AND e.status = 'open'
            AND (e.evidence -> 'list' ->> 'entry')::bigint = w.id
        """,
        withdrawn=EntitlementStatus.WITHDRAWN.value,
        now=now,
        version=version.pk,
        policy=version.policy_id,
        standing=standing.value,
    )


def _move_list(white_list: WhiteList, after: ListStatus, **stamps: object) -> WhiteList:
    """Move a list to another status if the table of moves allows it; returns the list as it is then."""
    sources = [before for before, reached in LIST_MOVES if reached == after]
    with translate_refusals(_refusals(white_list)):
        changed = WhiteList.objects.filter(pk=white_list.pk, status__in=sources).update(status=after, **stamps)
    white_list.refresh_from_db()
    if not changed:
        sentence = _("%(list)s is “%(before)s” and cannot become “%(after)s”.")
        before = ListStatus(white_list.status).label
        raise ListRefused(sentence % {"list": white_list, "before": before, "after": after.label})
    log.info("white_list_moved", white_list=white_list.pk, after=after.value)
    return white_list


def _same_person_publishes(white_list: WhiteList) -> SamePersonPublishes:
    sentence = _("You brought or checked “%(list)s”; somebody else has to publish it.")
    return SamePersonPublishes(sentence % {"list": white_list})


def _refusals(white_list: WhiteList) -> dict[str, Exception]:
    twice = NamedTwice(_("A list that was published meanwhile names one of the same subjects; bring a corrected file."))
    not_in_force = ListRefused(_("%(version)s is not in force.") % {"version": white_list.version})
    return {
        "white_list_entry_one_counts_per_company": twice,
        "white_list_entry_one_counts_per_person": twice,
        "white_list_is_of_a_version_in_force": not_in_force,
        "white_list_takes_two_people": _same_person_publishes(white_list),
    }
