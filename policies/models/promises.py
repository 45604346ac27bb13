"""Promises that PostgreSQL keeps for the policies, whoever writes: triggers that refuse."""

from __future__ import annotations

import pgtrigger


def refusal(name: str, sentence: str, *arguments: str) -> str:
    """The PL/pgSQL that refuses like a constraint of this name; each `%` of the sentence takes an argument."""
    values = "".join(f", {argument}" for argument in arguments)
    return f"RAISE EXCEPTION '{sentence}'{values} USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';"


def refused_when(
    name: str, condition: str, sentence: str, *arguments: str, operation: pgtrigger.Operation = pgtrigger.Update
) -> pgtrigger.Trigger:
    """
    A trigger that refuses every row for which the condition holds.

    PostgreSQL tests the condition before it calls the function, so rows that keep to it cost next to nothing.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(condition) if condition else None,
        func=refusal(name, sentence, *arguments),
    )


def any_changed(*columns: str) -> str:
    """The condition that an update changes one of these columns."""
    return "(" + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns) + ")"
