"""Promises that PostgreSQL keeps for the policies, whoever writes."""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.triggers import Guard, refuse

_ANY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
_CLOSING = "ARRAY['status', 'closed_at', 'closed_by_id']"

VERSION_IS_FINAL = Guard(
    name="policy_version_is_final",
    when=pgtrigger.Before,
    operation=_ANY_WRITE,
    func=f"""
        IF TG_OP = 'INSERT' AND NEW.status <> 'draft' THEN
            {refuse("policy_version_starts_as_draft", "A policy version starts as a draft.")}
        ELSIF TG_OP <> 'INSERT' AND OLD.status = 'draft' THEN
            IF NEW.status = 'closed' THEN
                {refuse("policy_version_draft_is_not_closed", "A draft is published before it is closed.")}
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            {refuse("policy_version_is_final", "A published policy version is never deleted.")}
        ELSIF TG_OP = 'UPDATE' AND NOT (
            OLD.status = 'published' AND NEW.status = 'closed'
            AND to_jsonb(OLD) - {_CLOSING} = to_jsonb(NEW) - {_CLOSING}
        ) THEN
            {refuse("policy_version_is_final", "A published policy version never changes; it is only closed.")}
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    """,
)

# The share lock makes a clause that is written while its version is being published wait, and then be refused.
CLAUSE_IS_FINAL = Guard(
    name="clause_is_final",
    when=pgtrigger.Before,
    operation=_ANY_WRITE,
    func=f"""
        PERFORM FROM policies_policyversion WHERE id IN (OLD.version_id, NEW.version_id) FOR SHARE;
        IF EXISTS (
            SELECT FROM policies_policyversion WHERE id IN (OLD.version_id, NEW.version_id) AND status <> 'draft'
        ) THEN
            {refuse("clause_is_final", "The clauses of a published policy version never change.")}
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    """,
)


CLAUSES_ARE_KEPT = Guard(
    name="clauses_are_kept",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func=refuse("clauses_are_kept", "Clauses are not emptied out all at once."),
)


def refused_when(condition: str, *, promise: str, why: str) -> Guard:
    """
    A guard against updates for which the condition on OLD and NEW holds.

    PostgreSQL tests the condition before it calls the function, so rows that keep to it cost next to nothing.
    """
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(condition),
        func=refuse(promise, why),
    )


def any_changed(*columns: str) -> str:
    """The condition that an update changes one of these columns."""
    return "(" + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns) + ")"
