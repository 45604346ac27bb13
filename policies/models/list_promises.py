"""Promises that PostgreSQL keeps for the lists of departments, whoever writes."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger

from policies.states import LIST_MOVES, Naming
from qinqing.kernel.database.triggers import Guard, kept, refuse

_NEW = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]
_WRITTEN = ("white_list_id", "version_id", "row", "credit_code", "id_number_hash", "id_number_masked", "name",
            "amount_cny", "remark")  # fmt: skip


def _stamped() -> str:
    """SQL of the columns that the step from OLD to NEW may change; null when the table has no such step."""
    cases = [
        f"WHEN (OLD.status, NEW.status) = ('{before}', '{after}') THEN ARRAY{['status', *stamps]}"
        for (before, after), stamps in LIST_MOVES.items()
    ]
    return "CASE " + " ".join(cases) + " END"


def _rewritten() -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _WRITTEN)


LIST_GUARDS = [
    Guard(
        name="white_list_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        declare=[("stamped", "text[]"), ("counted", "bigint"), ("total", "numeric")],
        func=f"""
            IF TG_OP = 'INSERT' THEN
                PERFORM FROM policies_policyversion WHERE id = NEW.version_id AND track = 'whitelist'
                    AND status IN ('submitted', 'scheduled', 'published', 'suspended') FOR SHARE;
                IF NOT FOUND OR NEW.status <> 'draft' THEN
                    {refuse("white_list_starts_as_draft", "A list starts as a draft under a version that takes one.")}
                END IF;
            ELSIF OLD.status = NEW.status AND OLD IS DISTINCT FROM NEW THEN
                {refuse("white_list_is_final", "A list changes by its steps alone.")}
            ELSIF OLD.status <> NEW.status THEN
                stamped := {_stamped()};
                IF stamped IS NULL THEN
                    {refuse("white_list_moves_by_the_table", "A list changes its status by a step of the table.")}
                ELSIF to_jsonb(OLD) - stamped <> to_jsonb(NEW) - stamped THEN
                    {refuse("white_list_is_final", "A step changes nothing of what a list says.")}
                ELSIF NEW.status = 'published' THEN
                    PERFORM FROM policies_policyversion WHERE id = NEW.version_id
                        AND status IN ('scheduled', 'published', 'suspended') FOR SHARE;
                    IF NOT FOUND THEN
                        {refuse("white_list_is_of_a_version_in_force", "Its version is not in force.")}
                    END IF;
                    SELECT count(*), coalesce(sum(amount_cny), 0) INTO counted, total
                    FROM policies_whitelistentry WHERE white_list_id = NEW.id;
                    IF counted <> NEW.row_count OR total <> NEW.total_cny THEN
                        {refuse("white_list_is_whole", "A list is published with all of its rows.")}
                    END IF;
                END IF;
            END IF;
            RETURN NEW;
        """,
    ),
    Guard(
        name="white_list_names_its_rows",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
        func=f"""
            IF NEW.status = 'published' THEN
                UPDATE policies_whitelistentry SET standing = '{Naming.LIVE}' WHERE white_list_id = NEW.id;
            ELSIF OLD.status = 'published' THEN
                UPDATE policies_whitelistentry SET standing = '{Naming.CLOSED}'
                WHERE white_list_id = NEW.id AND standing = '{Naming.LIVE}';
            END IF;
            RETURN NULL;
        """,
    ),
    *kept(promise="white_list_is_kept", why="A list is closed, never deleted.", operation=pgtrigger.Delete),
]

ENTRY_GUARDS = [
    Guard(
        name="white_list_entry_is_of_a_draft",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=_NEW,
        func=f"""
            PERFORM FROM policies_whitelist WHERE id IN (SELECT white_list_id FROM new_rows) ORDER BY id FOR SHARE;
            IF EXISTS (
                SELECT FROM new_rows n
                LEFT JOIN policies_whitelist l ON l.id = n.white_list_id AND l.version_id = n.version_id
                LEFT JOIN policies_policyversion v ON v.id = l.version_id
                WHERE (l.status = 'draft' AND n.standing = '{Naming.WAITING}'
                    AND (v.subject = 'company') = (n.id_number_hash IS NULL)) IS NOT TRUE
            ) THEN
                {refuse("white_list_entry_is_of_a_draft", "Rows are written while the list is a draft.")}
            END IF;
            RETURN NULL;
        """,
    ),
    Guard(
        name="white_list_entry_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        # Told before the function is called, so that publishing a long list costs next to nothing.
        condition=pgtrigger.Condition(f"pg_trigger_depth() = 0 OR {_rewritten()}"),
        func=refuse("white_list_entry_is_final", "A row of a list is never rewritten."),
    ),
    *kept(promise="white_list_entry_is_kept", why="A row of a list is never deleted.", operation=pgtrigger.Delete),
]

WITHDRAWAL_GUARDS = [
    Guard(
        name="white_list_withdrawal_is_of_a_named_one",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM FROM policies_whitelistentry WHERE id = NEW.entry_id AND standing = '{Naming.LIVE}'
                FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                {refuse("white_list_withdrawal_is_of_a_named_one", "Only a row that counts is withdrawn.")}
            END IF;
            RETURN NEW;
        """,
    ),
    Guard(
        name="white_list_withdrawal_takes_its_row",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            UPDATE policies_whitelistentry SET standing = '{Naming.WITHDRAWN}' WHERE id = NEW.entry_id;
            RETURN NULL;
        """,
    ),
    *kept(
        promise="white_list_withdrawal_is_kept",
        why="A withdrawal is appended only.",
        operation=pgtrigger.Update | pgtrigger.Delete,
    ),
]
