"""What the database promises about policies, tried with raw SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from policies.models import Entitlement, EntitlementStatus, MatchRun, PolicyVersion
from policies.models.entitlement import DECISION, MOVES
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.policies import make_draft, make_published, match_all
from tests.superuser import as_superuser, unguarded

pytestmark = pytest.mark.django_db


@contextmanager
def refused(promise: str):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert constraint_of(refusal.value) == promise


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def update(table: str, pk: int, **columns: object) -> None:
    names = ", ".join(f"{name} = %s" for name in columns)
    run(f"UPDATE policies_{table} SET {names} WHERE id = %s", *columns.values(), pk)


def entitlement() -> Entitlement:
    make_all_deliveries()
    make_company()
    make_published("true")
    match_all()
    return Entitlement.objects.get()


@pytest.mark.parametrize(
    "write",
    [
        lambda version: update("clause", version.clauses.get().pk, feel="false"),
        lambda version: update("clause", version.clauses.get().pk, version_id=make_draft("true").pk, position=9),
        lambda version: run("DELETE FROM policies_clause WHERE version_id = %s", version.pk),
        lambda version: run(
            "INSERT INTO policies_clause (version_id, position, title_zh, title_en, feel)"
            " VALUES (%s, 7, '', '', 'true')",
            version.pk,
        ),
        lambda version: update("clause", make_draft("true").clauses.get().pk, version_id=version.pk, position=9),
    ],
)
def test_the_clauses_of_a_published_version_never_change(write: Callable[[PolicyVersion], None]) -> None:
    version = make_published("true")
    with refused("clause_is_final"):
        write(version)


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"granted_cny": -1}, "policy_version_grant_is_not_negative"),
        ({"cap_cny": 0}, "policy_version_cap_is_positive"),
        ({"minimum_cny": -1}, "policy_version_minimum_is_not_negative"),
        ({"closes_on": "2026-03-01"}, "policy_version_window_is_ordered"),
        ({"payee": "employee"}, "policy_version_pays_a_person_it_knows"),
        ({"closed_at": NOW}, "policy_version_closed_has_its_time"),
        ({"effective_on": "2026-04-01", "closes_on": "2026-03-31"}, "policy_version_comes_into_force_in_its_window"),
        ({"track": "publicised", "publicise_days": 2}, "policy_version_publicity_has_its_days"),
        ({"track": "publicised"}, "policy_version_publicity_has_its_days"),
        ({"publicise_days": 5}, "policy_version_publicity_has_its_days"),
        ({"number": 1}, "policy_version_number_once"),
    ],
)
def test_a_version_does_not_contradict_itself(columns: dict[str, object], promise: str) -> None:
    first = make_draft("true")
    second = make_draft("true", policy=first.policy)
    with refused(promise):
        update("policyversion", second.pk, **columns)


def test_an_entitlement_moves_by_the_table_alone() -> None:
    held = entitlement()
    for before in EntitlementStatus:
        for after in EntitlementStatus:
            bring_to(held, before)
            if before == after or (before, after) in MOVES:
                update("entitlement", held.pk, status=after)
            else:
                with refused("entitlement_moves_by_the_table"):
                    update("entitlement", held.pk, status=after)


def bring_to(held: Entitlement, status: EntitlementStatus) -> None:
    """Set a status without the guards, as only the owner of the database can: no move leaves some statuses."""
    with unguarded():
        update("entitlement", held.pk, status=status)


CHANGES = {
    "version_id": lambda: make_draft("true").pk,
    "company_id": lambda: make_company().pk,
    "employee_id": lambda: None,
    "persons": lambda: [1],
    "amount_cny": lambda: Decimal("0.01"),
    "base_cny": lambda: Decimal("0.01"),
    "limit_cny": lambda: Decimal("0.01"),
    "payee_code": lambda: "91330100XX0000100X",
    "evidence": lambda: "{}",
    "version_hash": lambda: "0" * 64,
    "as_of_on": lambda: "2020-01-01",
    "district": lambda: "330199",
    "decided_at": lambda: "2020-01-01",
}


@pytest.mark.parametrize("column", [column for column in DECISION if column != "employee_id"])
def test_a_claimed_entitlement_is_never_rewritten(column: str) -> None:
    held = entitlement()
    changed = CHANGES[column]()
    with refused("entitlement_claimed_is_never_rewritten"):
        update("entitlement", held.pk, status="claimed", **{column: changed})
    update("entitlement", held.pk, status="claimed")
    with refused("entitlement_claimed_is_never_rewritten"):
        update("entitlement", held.pk, **{column: changed})
    with refused("entitlement_claimed_is_never_rewritten"):
        update("entitlement", held.pk, status="open", **{column: changed})


def test_every_column_of_a_decision_is_tried() -> None:
    assert set(CHANGES) == set(DECISION)


@pytest.mark.parametrize("columns", [{"subject_key": "company:0"}, {"period_key": "2030"}])
def test_an_entitlement_keeps_its_subject(columns: dict[str, str]) -> None:
    held = entitlement()
    with refused("entitlement_keeps_its_subject"):
        update("entitlement", held.pk, **columns)


def test_an_entitlement_is_never_deleted() -> None:
    held = entitlement()
    with refused("entitlement_is_kept"):
        run("DELETE FROM policies_entitlement WHERE id = %s", held.pk)


@pytest.mark.parametrize("column", ["policy_id", "version_id", "company_id", "employee_id"])
def test_an_entitlement_names_what_there_is(column: str) -> None:
    held = entitlement()
    columns = [field.column for field in Entitlement._meta.concrete_fields if field.column not in ("id", "subject_key")]
    values = ["-1" if name == column else name for name in columns]
    with refused("entitlement_names_known"):
        run(
            f"INSERT INTO policies_entitlement (subject_key, {', '.join(columns)})"
            f" SELECT 'another', {', '.join(values)} FROM policies_entitlement WHERE id = %s",
            held.pk,
        )
    if column != "policy_id":
        with refused("entitlement_names_known"):
            run(f"UPDATE policies_entitlement SET {column} = -1 WHERE id = %s", held.pk)


def test_nobody_is_entitled_by_a_version_that_is_still_a_draft() -> None:
    held = entitlement()
    unfinished = make_draft("true", policy=held.policy)
    with refused("entitlement_names_known"):
        run("UPDATE policies_entitlement SET version_id = %s WHERE id = %s", unfinished.pk, held.pk)


@pytest.mark.parametrize(
    ("table", "promise"),
    [
        ("policies_entitlement CASCADE", "entitlement_is_kept"),
        ("policies_policyversion CASCADE", "clauses_are_kept"),
        ("policies_clause", "clauses_are_kept"),
    ],
)
def test_no_table_is_emptied_at_once(table: str, promise: str) -> None:
    with as_superuser(), refused(promise):
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"TRUNCATE {table}")


@pytest.mark.parametrize("table", ["companies_company", "companies_employee", "policies_policy"])
def test_nothing_is_emptied_that_entitlements_name(table: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with as_superuser(), pytest.raises(IntegrityError), transaction.atomic():
        run(f"TRUNCATE {table} CASCADE")


def test_a_subject_is_entitled_once_in_a_period() -> None:
    held = entitlement()
    columns = [field.column for field in Entitlement._meta.concrete_fields if field.column != "id"]
    names = ", ".join(columns)
    copy = f"INSERT INTO policies_entitlement ({names}) SELECT {names} FROM policies_entitlement WHERE id = %s"
    with refused("entitlement_once_per_subject_and_period"):
        run(copy, held.pk)


@pytest.mark.parametrize("amount", [0, -1, "NaN"])
def test_an_entitlement_is_worth_something(amount: int | str) -> None:
    held = entitlement()
    with refused("entitlement_amount_is_positive"):
        update("entitlement", held.pk, amount_cny=amount)


def test_asking_for_a_run_twice_is_asking_once() -> None:
    version = make_published("true")
    with refused("match_run_one_due_per_version"):
        MatchRun.objects.create(version=version, asked_at=NOW)


def test_no_session_can_put_a_guard_to_sleep_by_a_setting() -> None:
    """The setting by which pgtrigger ignores triggers does not reach our guards."""
    held = entitlement()
    run("SELECT set_config('pgtrigger.ignore', '{policies_entitlement:entitlement_is_kept}', true)")
    with refused("entitlement_is_kept"):
        run("DELETE FROM policies_entitlement WHERE id = %s", held.pk)
