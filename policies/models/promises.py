"""Promises that PostgreSQL keeps for the policies, whoever writes."""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.triggers import Guard, refuse

_ANY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
# What a version's life still writes once it is in force, and before; all else is what the officers read and signed.
_CLOSING = "ARRAY['status', 'closed_at', 'closed_by_id']"
_REVIEW = (
    "ARRAY['status', 'submitted_at', 'submitted_by_id', 'frozen_clauses', 'datasets', 'content_hash',"
    " 'published_at', 'published_by_id', 'closed_at', 'closed_by_id']"
)
# Every change of status there is.
_VERSION_MOVES = (
    "('draft', 'submitted'), ('draft', 'published'), ('submitted', 'draft'), ('submitted', 'published'),"
    " ('submitted', 'scheduled'),"
    " ('scheduled', 'published'), ('scheduled', 'closed'), ('published', 'suspended'), ('suspended', 'published'),"
    " ('published', 'closed'), ('suspended', 'closed')"
)

VERSION_IS_FINAL = Guard(
    name="policy_version_is_final",
    when=pgtrigger.Before,
    operation=_ANY_WRITE,
    func=f"""
        IF TG_OP = 'INSERT' AND NEW.status <> 'draft' THEN
            {refuse("policy_version_starts_as_draft", "A policy version starts as a draft.")}
        ELSIF TG_OP = 'DELETE' AND OLD.status <> 'draft' THEN
            {refuse("policy_version_is_final", "A published policy version is never deleted.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.status <> NEW.status
            AND (OLD.status, NEW.status) NOT IN ({_VERSION_MOVES}) THEN
            {refuse("policy_version_moves_by_the_table", "A version changes its status by a move of the table.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.status IN ('submitted', 'scheduled')
            AND to_jsonb(OLD) - {_REVIEW} <> to_jsonb(NEW) - {_REVIEW} THEN
            {refuse("policy_version_is_final", "A policy version never changes after it was submitted.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.status = 'closed' THEN
            {refuse("policy_version_is_final", "A closed policy version never changes.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.status IN ('published', 'suspended')
            AND to_jsonb(OLD) - {_CLOSING} <> to_jsonb(NEW) - {_CLOSING} THEN
            {refuse("policy_version_is_final", "A published policy version never changes; it is only closed.")}
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    """,
)


def final_with_its_version(promise: str, why: str, *, owner: str = "{row}.version_id") -> Guard:
    """
    A guard for the rows that are a part of a version: they are written only while it is a draft.

    `owner` is SQL of the version's id over `{row}`. The share lock makes a row that is written while its version is
    being submitted wait, and then be refused.
    """
    owners = f"({owner.format(row='OLD')}), ({owner.format(row='NEW')})"
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=_ANY_WRITE,
        func=f"""
            PERFORM FROM policies_policyversion WHERE id IN ({owners}) FOR SHARE;
            IF EXISTS (SELECT FROM policies_policyversion WHERE id IN ({owners}) AND status <> 'draft') THEN
                {refuse(promise, why)}
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        """,
    )


CLAUSE_IS_FINAL = final_with_its_version(
    "clause_is_final", "The clauses of a policy version change only while it is a draft."
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
