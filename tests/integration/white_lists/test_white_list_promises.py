"""What the database promises about departments' lists and reminders, tried with raw SQL."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.authoring.publish import close_version
from policies.models import Reminder, ReminderRound, WhiteList
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.people import make_employee, make_officer
from tests.factories.policies import make_draft, make_published
from tests.factories.white_lists import (
    list_person_row,
    list_row,
    make_checked_list,
    make_draft_list,
    make_list_version,
    make_people_list_version,
    make_published_list,
)
from tests.integration.authoring.test_policy_promises import refused, run, update
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db


def listed(status: str = "published") -> WhiteList:
    made = {"draft": make_draft_list, "checked": make_checked_list, "published": make_published_list}[status]
    return made(make_list_version(), list_row(make_company(), 100))


def entry(white_list: WhiteList, **columns: object) -> None:
    values = {
        "white_list_id": white_list.pk,
        "version_id": white_list.version_id,
        "row": 9,
        "credit_code": "91330106MP0000001W",
        "name": "某公司",
        "id_number_masked": "",
        "amount_cny": 5,
        "remark": "",
        "standing": "waiting",
    } | columns
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    run(f"INSERT INTO policies_whitelistentry ({names}) VALUES ({marks})", *values.values())


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"amount_cny": 0}, "white_list_entry_amount_is_positive"),
        ({"amount_cny": -5}, "white_list_entry_amount_is_positive"),
        ({"amount_cny": "NaN"}, "policies_whitelistentry_amount_cny_check"),
        ({"credit_code": "91330106mp0000001w"}, "white_list_entry_credit_code_has_form"),
        ({"id_number_masked": "3****************1"}, "white_list_entry_id_number_is_masked"),
        ({"standing": "live"}, "white_list_entry_is_of_a_draft"),
        # A list of firms names no persons.
        (
            {"id_number_hash": b"x" * 32, "id_number_masked": "3****************1"},
            "white_list_entry_is_of_a_draft",
        ),
    ],
)
def test_a_row_is_of_its_form(columns: dict[str, object], promise: str) -> None:
    white_list = listed("draft")
    with refused(promise):
        entry(white_list, **columns)


def test_a_row_names_a_subject_once_and_belongs_to_the_version_of_its_list() -> None:
    white_list = listed("draft")
    there = white_list.entries.get()
    with refused("white_list_entry_once_per_company"):
        entry(white_list, credit_code=there.credit_code)
    with refused("white_list_entry_once_per_row"):
        entry(white_list, row=there.row)
    with refused("white_list_entry_is_of_a_draft"):
        entry(white_list, version_id=make_list_version().pk)
    people = make_draft_list(make_people_list_version(), list_person_row(make_company(), make_employee("王芳"), 5))
    person = people.entries.get()
    with refused("white_list_entry_once_per_person"):
        entry(people, id_number_hash=bytes(person.id_number_hash), id_number_masked=person.id_number_masked)
    with refused("white_list_entry_is_of_a_draft"):
        entry(people)


@pytest.mark.parametrize("status", ["checked", "published"])
def test_nothing_is_added_after_the_check(status: str) -> None:
    white_list = listed(status)
    with refused("white_list_entry_is_of_a_draft"):
        entry(white_list)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_row_is_never_rewritten_and_never_deleted(status: str) -> None:
    there = listed(status).entries.get()
    for columns in ({"amount_cny": 7}, {"name": "别人"}, {"standing": "live"}, {"standing": "withdrawn"}):
        with refused("white_list_entry_is_final"):
            update("whitelistentry", there.pk, **columns)
    with refused("white_list_entry_is_kept"):
        run("DELETE FROM policies_whitelistentry WHERE id = %s", there.pk)


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"title": "别的"}, "white_list_is_final"),
        ({"total_cny": 7}, "white_list_is_final"),
        ({"published_at": "2026-01-01T00:00Z"}, "white_list_is_final"),
        ({"status": "draft"}, "white_list_moves_by_the_table"),
        ({"status": "checked"}, "white_list_moves_by_the_table"),
        ({"status": "closed"}, "white_list_is_closed_for_a_reason"),
        ({"status": "closed", "title": "别的"}, "white_list_is_final"),
    ],
)
def test_a_published_list_never_changes(columns: dict[str, object], promise: str) -> None:
    white_list = listed()
    with refused(promise):
        update("whitelist", white_list.pk, **columns)


def test_a_list_is_never_deleted() -> None:
    white_list = listed("draft")
    with refused("white_list_is_kept"):
        run("DELETE FROM policies_whitelist WHERE id = %s", white_list.pk)


def test_a_list_is_published_by_another_person_checked_and_whole() -> None:
    draft_list = listed("draft")
    signed = {"status": "published", "published_at": NOW, "published_by_id": make_officer().pk}
    with refused("white_list_moves_by_the_table"):
        update("whitelist", draft_list.pk, **signed)
    waiting = listed("checked")
    with refused("white_list_takes_two_people"):
        update("whitelist", waiting.pk, **(signed | {"published_by_id": make_officer("clerk").pk}))
    with refused("white_list_published_is_signed"):
        update("whitelist", waiting.pk, status="published")
    entry(draft_list)
    update("whitelist", draft_list.pk, status="checked", checked_at=NOW, checked_by_id=make_officer("clerk").pk)
    with refused("white_list_is_whole"):
        update("whitelist", draft_list.pk, **signed)


def test_a_list_is_published_under_a_version_in_force() -> None:
    waiting = listed("checked")
    version = waiting.version
    close_version(version=version, actor=make_officer(), because="no money left", now=NOW)
    with refused("white_list_is_of_a_version_in_force"):
        update("whitelist", waiting.pk, status="published", published_at=NOW, published_by_id=make_officer().pk)


def insert_list(**columns: object) -> None:
    values = {
        "department": "labour",
        "title": "名单",
        "document_number": "1号",
        "status": "draft",
        "file_name": "a.csv",
        "sha256": "0" * 64,
        "row_count": 1,
        "total_cny": 5,
        "uploaded_at": NOW,
        "uploaded_by_id": make_officer().pk,
        "closed_because": "",
    } | columns
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    run(f"INSERT INTO policies_whitelist ({names}) VALUES ({marks})", *values.values())


def test_a_list_begins_as_a_draft_of_a_version_that_takes_one() -> None:
    for version in (make_published("true"), make_draft("true", track="whitelist", closes_on="2026-04-01")):
        with refused("white_list_starts_as_draft"):
            insert_list(version_id=version.pk)
    version = make_list_version()
    with refused("white_list_starts_as_draft"):
        insert_list(version_id=version.pk, status="checked", checked_at=NOW, checked_by_id=make_officer().pk)
    with refused("white_list_names_its_document"):
        insert_list(version_id=version.pk, document_number="")
    with refused("white_list_names_somebody"):
        insert_list(version_id=version.pk, row_count=0)
    insert_list(version_id=version.pk)
    with refused("white_list_once_per_content"):
        insert_list(version_id=version.pk)


def test_two_published_lists_never_name_the_same_firm() -> None:
    version, company = make_list_version(), make_company()
    waiting = make_checked_list(version, list_row(company, 5))
    make_published_list(version, list_row(company, 6))
    with refused("white_list_entry_one_counts_per_company"):
        update("whitelist", waiting.pk, status="published", published_at=NOW, published_by_id=make_officer().pk)


def withdraw(pk: int, because: str = "误列") -> None:
    run(
        "INSERT INTO policies_whitelistwithdrawal (entry_id, because, withdrawn_at, withdrawn_by_id)"
        " VALUES (%s, %s, %s, %s)",
        pk,
        because,
        NOW,
        make_officer().pk,
    )


def test_a_withdrawal_is_of_a_row_that_counts_once_for_a_reason_and_kept() -> None:
    there = listed().entries.get()
    with refused("white_list_withdrawal_has_a_reason"):
        withdraw(there.pk, "")
    with refused("white_list_withdrawal_is_of_a_named_one"):
        withdraw(listed("checked").entries.get().pk)
    withdraw(there.pk)
    there.refresh_from_db()
    assert there.standing == "withdrawn"
    with refused("white_list_withdrawal_is_of_a_named_one"):
        withdraw(there.pk)
    for statement in (
        "UPDATE policies_whitelistwithdrawal SET because = '改'",
        "DELETE FROM policies_whitelistwithdrawal",
    ):
        with refused("white_list_withdrawal_is_kept"):
            run(statement)


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"track": "whitelist", "closes_on": None}, "policy_version_list_has_its_terms"),
        ({"track": "whitelist", "closes_on": "2026-04-01", "subject": "title"}, "policy_version_list_has_its_terms"),
        (
            {"track": "whitelist", "closes_on": "2026-04-01", "pool": "proportional"},
            "policy_version_list_has_its_terms",
        ),
        ({"list_is_public": True}, "policy_version_public_list_is_a_list"),
        ({"reminders": ["opening"]}, "policy_version_reminders_have_a_last_day"),
        ({"reminders": ["someday"], "closes_on": "2026-04-01"}, "policy_version_reminders_have_a_last_day"),
    ],
)
def test_the_terms_of_a_list_fit_each_other(columns: dict[str, object], promise: str) -> None:
    version = make_draft("true")
    with refused(promise):
        update("policyversion", version.pk, **columns)


def test_a_firm_is_reminded_once_a_round_and_reminders_are_kept() -> None:
    version, company = make_list_version(), make_company()
    usual = {"version": version, "number": 1, "due_on": TODAY}
    said = {"reason": "unclaimed", "open_count": 1, "open_cny": Decimal(5), "reminded_at": NOW}
    reminder = Reminder.objects.create(**usual, company=company, **said)
    with refused("reminder_once_per_round"):
        Reminder.objects.create(**usual, company=company, **said)
    with refused("reminder_says_of_what"):
        Reminder.objects.create(**(usual | {"number": 2}), company=company, reason="unclaimed", reminded_at=NOW)
    with refused("reminder_is_kept"):
        update("reminder", reminder.pk, open_cny=7)
    with refused("reminder_is_kept"):
        run("DELETE FROM policies_reminder")
    done = ReminderRound.objects.create(**usual, moment="opening", done_at=NOW, reminded_count=1)
    with refused("reminder_round_once"):
        ReminderRound.objects.create(**usual, moment="opening", done_at=NOW)
    with refused("reminder_round_is_kept"):
        update("reminderround", done.pk, reminded_count=2)


@pytest.mark.parametrize(
    ("table", "promise"),
    [
        ("whitelist", "white_list_is_kept"),
        ("whitelistentry", "white_list_entry_is_kept"),
        ("whitelistwithdrawal", "white_list_withdrawal_is_kept"),
        ("reminder", "reminder_is_kept"),
        ("reminderround", "reminder_round_is_kept"),
    ],
)
def test_nothing_is_emptied_out_at_once(table: str, promise: str) -> None:
    listed()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with as_superuser(), refused(promise):
        run(f"TRUNCATE policies_{table} CASCADE")
