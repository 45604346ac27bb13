"""The guards of accounts, of the roles that people hold, of second factors and of addresses of mail."""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, change_of, refuse_when, row_guard

# What an account may do.
_RIGHTS = ("is_staff", "is_active", "district", "department")
# Whose it is; people of firms look after their own.
_PERSON = ("username", "email", "first_name", "last_name")
_HAS_RIGHTS = "NEW.is_staff OR NEW.district <> '' OR NEW.department <> ''"
_SUPERUSER = "superuser_is_made_by_the_owner"
_FACTOR = "second_factor_of_staff_takes_two"


def guards_of_accounts() -> list[Guard]:
    """The guards of the table of accounts."""
    changes = f"{change_of(*_RIGHTS)} OR OLD.is_staff AND {change_of(*_PERSON)}"
    return [
        _by_two("staff_account_is_made_by_two", person="0", operation=pgtrigger.Insert, condition=_HAS_RIGHTS),
        _by_two("staff_account_changes_by_two", person="NEW.id", operation=pgtrigger.Update, condition=changes),
        _by_owner(f"{_SUPERUSER}_alone", pgtrigger.Insert, "NEW.is_superuser"),
        _by_owner(_SUPERUSER, pgtrigger.Update, change_of("is_superuser")),
        refuse_when(
            promise="staff_account_is_kept",
            why="The account of an official is closed, never deleted.",
            operation=pgtrigger.Delete,
            condition="OLD.is_staff OR OLD.is_superuser",
        ),
    ]


def guards_of_held_roles() -> list[Guard]:
    """The guards of the table of who holds which role."""
    given = pgtrigger.Insert | pgtrigger.Update
    return [
        _by_two("role_is_given_by_two", person="NEW.user_id", operation=given),
        _by_two("role_is_taken_by_two", person="OLD.user_id", operation=pgtrigger.Delete, row="OLD"),
    ]


def guards_of_given_rights() -> list[Guard]:
    """The guard of the table of what each role may do."""
    written = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    return [row_guard(__package__, "rights_of_roles_are_the_owners", when=pgtrigger.Before, operation=written)]


def guards_of_factors() -> list[Guard]:
    """The guards of the table of second factors; codes for the loss of one go with it."""
    is_factor = "OLD.type <> 'recovery_codes'"
    moved = f"{is_factor} AND {change_of('user_id', 'type')}"
    return [
        row_guard(__package__, _FACTOR, when=pgtrigger.Before, operation=pgtrigger.Delete, condition=is_factor),
        Guard(
            name=f"{_FACTOR}_to_move",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(f"({moved})"),
            func=read_sql(__package__, f"{_FACTOR}.sql"),
        ),
    ]


def guards_of_mail() -> list[Guard]:
    """The guard of the table of addresses to which links for passwords go."""
    written = pgtrigger.Insert | pgtrigger.Update
    return [row_guard(__package__, "mail_of_staff_is_the_accounts", when=pgtrigger.Before, operation=written)]


def _by_two(
    promise: str, *, person: str, operation: pgtrigger.Operation, condition: str = "", row: str = "NEW"
) -> Guard:
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"({condition})") if condition else None,
        func=read_sql(__package__, "staff_takes_two.sql", promise=promise, person=person, row=row),
    )


def _by_owner(name: str, operation: pgtrigger.Operation, condition: str) -> Guard:
    return Guard(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"({condition})"),
        func=read_sql(__package__, f"{_SUPERUSER}.sql"),
    )
