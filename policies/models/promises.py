"""Promises that PostgreSQL keeps for the policies, whoever writes."""

# ruff: noqa: S608 - what is put into these statements are names of our own.

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

from policies.states import MOVES, VersionStatus
from qinqing.kernel.database.triggers import Guard, kept, refuse

_LIFTING = "ARRAY['lifted_at', 'lifted_by_id', 'lifted_because']"
_ANY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
# What every move of a version changes.
_STEP = ("status", "sequence", "moved_at", "moved_by_id", "moved_because")


def _pairs(moves: Iterable[tuple[VersionStatus, VersionStatus]]) -> str:
    return ", ".join(f"('{before}', '{after}')" for before, after in moves)


def _stamped() -> str:
    """SQL of the columns that the move from OLD to NEW may change; null when the table has no such move."""
    cases = [
        f"WHEN (OLD.status, NEW.status) = ('{before}', '{after}') THEN ARRAY{[*_STEP, *move.stamps]}"
        for (before, after), move in MOVES.items()
    ]
    return "CASE " + " ".join(cases) + " END"


VERSION_IS_FINAL = Guard(
    name="policy_version_is_final",
    when=pgtrigger.Before,
    operation=_ANY_WRITE,
    declare=[("stamped", "text[]")],
    func=f"""
        IF TG_OP = 'INSERT' AND NEW.status <> 'draft' THEN
            {refuse("policy_version_starts_as_draft", "A policy version starts as a draft.")}
        ELSIF TG_OP = 'DELETE' AND OLD.status <> 'draft' THEN
            {refuse("policy_version_is_final", "A policy version is deleted only while it is a draft.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.status <> NEW.status THEN
            stamped := {_stamped()};
            IF stamped IS NULL OR NEW.sequence <> OLD.sequence + 1 OR NEW.moved_at IS NULL THEN
                {refuse("policy_version_moves_by_the_table", "A version changes its status by a move of the table.")}
            ELSIF NEW.moved_by_id IS NULL
                AND (OLD.status, NEW.status) NOT IN ({_pairs(m for m, move in MOVES.items() if move.is_automatic)}) THEN
                {refuse("policy_version_is_moved_by_somebody", "Somebody answers for every move of a version.")}
            ELSIF to_jsonb(OLD) - stamped <> to_jsonb(NEW) - stamped THEN
                {refuse("policy_version_is_final", "A move changes nothing of what a version says.")}
            ELSIF OLD.status = 'submitted' AND NEW.status <> 'draft' AND NEW.published_by_id = ANY (OLD.writer_ids) THEN
                {refuse("policy_version_takes_two_officers", "Nobody publishes what they wrote.")}
            ELSIF OLD.status = 'submitted' AND NEW.status <> 'draft' AND NEW.published_by_id <> NEW.moved_by_id THEN
                {refuse("policy_version_is_signed_by_who_publishes", "Nobody signs for somebody else.")}
            ELSIF (OLD.status, NEW.status) = ('suspended', 'published') THEN
                -- The last move of a suspended version is the one that suspended it.
                IF NEW.moved_by_id = OLD.moved_by_id
                    OR EXISTS (SELECT FROM policies_suspension WHERE version_id = NEW.id AND lifted_at IS NULL) THEN
                    {refuse("policy_version_goes_on_when_lifted", "Another officer lifts the suspension first.")}
                END IF;
            END IF;
        ELSIF TG_OP = 'UPDATE' AND OLD.status <> 'draft' AND OLD IS DISTINCT FROM NEW THEN
            {refuse("policy_version_is_final", "A policy version never changes after it was submitted.")}
        ELSIF TG_OP = 'UPDATE' AND (
            NOT OLD.writer_ids <@ NEW.writer_ids
            OR OLD.drafted_by_id IS NOT NULL AND OLD.drafted_by_id IS DISTINCT FROM NEW.drafted_by_id
        ) THEN
            {refuse("policy_version_keeps_its_writers", "Whoever wrote in a draft has written in it.")}
        ELSIF TG_OP = 'UPDATE' AND OLD.sequence <> NEW.sequence THEN
            {refuse("policy_version_moves_by_the_table", "The steps of a version are counted by its moves.")}
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    """,
)

VERSION_RECORDS_ITS_MOVES = Guard(
    name="policy_version_records_its_moves",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
    func="""
        INSERT INTO policies_versionmove (version_id, sequence, before, after, moved_at, moved_by_id, moved_because)
        VALUES (NEW.id, NEW.sequence, OLD.status, NEW.status, NEW.moved_at, NEW.moved_by_id, NEW.moved_because);
        RETURN NULL;
    """,
)

MOVE_IS_WRITTEN_BY_ITS_VERSION = Guard(
    name="version_move_is_written_by_its_version",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF pg_trigger_depth() < 2 THEN
            {refuse("version_move_is_written_by_its_version", "Only the move of a version records itself.")}
        END IF;
        RETURN NULL;
    """,
)

MOVE_IS_KEPT = kept(
    promise="version_move_is_kept",
    why="The steps of a version are appended only.",
    operation=pgtrigger.Update | pgtrigger.Delete,
)

# Lifting it is all that ever happens to a suspension.
SUSPENSION_IS_KEPT = [
    Guard(
        name="suspension_is_of_who_stopped_the_version",
        # After the constraints, which say more exactly what is wrong.
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            IF NEW.lifted_at IS NOT NULL OR NOT EXISTS (
                SELECT FROM policies_policyversion v WHERE v.id = NEW.version_id AND v.status = 'suspended'
                    AND v.moved_by_id IS NOT DISTINCT FROM NEW.suspended_by_id
            ) THEN
                {refuse("suspension_is_of_who_stopped_the_version", "Whoever stops a version answers for it.")}
            END IF;
            RETURN NULL;
        """,
    ),
    Guard(
        name="suspension_is_lifted_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.lifted_at IS NOT NULL
                OR to_jsonb(OLD) - {_LIFTING} <> to_jsonb(NEW) - {_LIFTING} THEN
                {refuse("suspension_is_lifted_once", "A suspension is lifted once and never rewritten.")}
            END IF;
            RETURN NEW;
        """,
    ),
    *kept(promise="suspension_is_kept", why="A suspension is never deleted.", operation=pgtrigger.Delete),
]


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


# Rules of other policies name it ("received[policy = …]"), and what was sealed says it: with another code a payout
# would be overlooked, and paid for again, without a second officer.
CODE_IS_KEPT = Guard(
    name="policy_code_is_kept",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(any_changed("code")),
    func=f"""
        PERFORM FROM policies_policyversion WHERE policy_id = NEW.id FOR SHARE;
        IF EXISTS (SELECT FROM policies_policyversion WHERE policy_id = NEW.id AND status <> 'draft') THEN
            {refuse("policy_code_is_kept", "A policy keeps its code once a version of it was submitted.")}
        END IF;
        RETURN NEW;
    """,
)
