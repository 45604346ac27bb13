"""Operations of migrations that Django and django-pgtrigger lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


class AddTriggers(Operation):
    """
    Several triggers in one step.

    After each operation that changes a model's state Django renders that model and all that are related to it anew;
    for two hundred triggers, one by one, this takes longer than everything else in the migrations.
    """

    category = OperationCategory.ADDITION
    reduces_to_sql = True

    def __init__(self, additions: Sequence[AddTrigger]) -> None:
        self.additions = additions

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note the triggers on their models, and have those rendered together."""
        for addition in self.additions:
            options = state.models[app_label, addition.model_name].options
            options["triggers"] = [*options.get("triggers", []), addition.trigger]
        state.reload_models(sorted({(app_label, addition.model_name) for addition in self.additions}))

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create them in the order in which they stand."""
        for addition in self.additions:
            addition.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop them, the last one first."""
        for addition in reversed(self.additions):
            addition.database_backwards(app_label, schema_editor, from_state, to_state)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration file writes it."""
        return type(self).__name__, [], {"additions": self.additions}

    def describe(self) -> str:
        """What `migrate --plan` says."""
        return f"Create {len(self.additions)} triggers"


def numbers_alone(table: str, *columns: str) -> RunSQL:
    """
    The check of a `MoneyField` for columns that were there before.

    Django writes it when it creates a column, and passes over it when it alters one. All of a table in one statement,
    which reads its rows once.
    """
    names = [f"{table}_{column}_check" for column in columns]
    added = [f"ADD CONSTRAINT {name} CHECK ({column} <> 'NaN')" for name, column in zip(names, columns, strict=True)]
    dropped = [f"DROP CONSTRAINT {name}" for name in names]
    return RunSQL(f"ALTER TABLE {table} {', '.join(added)}", f"ALTER TABLE {table} {', '.join(dropped)}")
