"""Operations of migrations that create models together and install guards, views and functions from `.sql` files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

from qinqing.kernel.database.sql_files import meaning_of, read_sql
from qinqing.kernel.database.triggers import NamedGuard

_CREATES = re.compile(r"CREATE (?:OR REPLACE )?(?P<kind>VIEW|FUNCTION) (?P<name>\w+)(?P<arguments>\([^)]*\))?")


class SqlDiffers(Exception):
    """The text of a file is not the one that a migration names, and no migration names this one."""

    def __init__(self, package: str, name: str, sha256: str) -> None:
        super().__init__(
            f"{package}/sql/{name} is written otherwise than its migration says:"
            f' write a migration with InstallSql("{package}", "{name}", "{sha256}").'
        )


class CreateModels(Operation):
    """
    Several models in one step.

    After each operation that changes a model's state Django renders that model and all that are related to it anew;
    for a hundred models, one by one, this takes longer than everything else in the migrations.
    """

    category = OperationCategory.ADDITION

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note all of them, and let Django render them when somebody next asks for a model."""
        state.__dict__.pop("apps", None)
        for each in self.models:
            each.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create their tables in the order in which they stand."""
        for each in self.models:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop their tables, the last one first."""
        for each in reversed(self.models):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration file writes it."""
        return type(self).__name__, [], {"models": self.models}

    def describe(self) -> str:
        """What `migrate --plan` says."""
        return f"Create {len(self.models)} models"


class InstallGuards(Operation):
    """Several guards in one step, for the same reason as `CreateModels`."""

    category = OperationCategory.ADDITION
    reduces_to_sql = True

    def __init__(self, guards: Sequence[NamedGuard]) -> None:
        self.guards = guards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note the guards on their models, and render these together."""
        for guard in self.guards:
            options = state.models[app_label, _model_name(guard)].options
            options["triggers"] = [*options.get("triggers", []), guard]
        state.reload_models(sorted({(app_label, _model_name(guard)) for guard in self.guards}))

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create them in the order in which they stand."""
        for guard in self.guards:
            AddTrigger(_model_name(guard), guard).database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop them, the last one first."""
        for guard in reversed(self.guards):
            AddTrigger(_model_name(guard), guard).database_backwards(app_label, schema_editor, from_state, to_state)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration file writes it."""
        return type(self).__name__, [], {"guards": self.guards}

    def describe(self) -> str:
        """What `migrate --plan` says."""
        return f"Create {len(self.guards)} guards"


class InstallSql(Operation):
    """
    The views or functions that `sql/<name>` of a package creates.

    If the file's text has changed since, a later migration names the new text and installs it; this one does nothing.
    """

    category = OperationCategory.SQL
    reversible = True

    def __init__(self, package: str, name: str, sha256: str) -> None:
        self.package, self.name, self.sha256 = package, name, sha256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstallSql) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self.package, self.name, self.sha256

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Django's models know nothing of views."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """
        Create what stands in the file.

        Raises:
            SqlDiffers: the file has a text that no migration names.
        """
        text, now = read_sql(self.package, self.name), sha256_of(self.package, self.name)
        if now == self.sha256:
            schema_editor.execute(text, params=None)
        elif not is_named(InstallSql(self.package, self.name, now)):
            raise SqlDiffers(self.package, self.name, now)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop what the file creates, the last first."""
        for found in reversed(list(_CREATES.finditer(read_sql(self.package, self.name)))):
            arguments = found["arguments"] if found["kind"] == "FUNCTION" else ""
            schema_editor.execute(f"DROP {found['kind']} {found['name']}{arguments}", params=None)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration file writes it."""
        return type(self).__name__, list(self._identity), {}

    def describe(self) -> str:
        """What `migrate --plan` says."""
        return f"Install {self.name} of {self.package}"


def sha256_of(package: str, name: str) -> str:
    """The SHA-256 of a file of SQL, without its comments and its layout."""
    return hashlib.sha256(meaning_of(read_sql(package, name)).encode()).hexdigest()


def is_named(wanted: NamedGuard | InstallSql) -> bool:
    """Whether any migration names this guard or this file, with this text."""
    return wanted in _named()


@cache
def _named() -> frozenset[NamedGuard | InstallSql]:
    migrations = MigrationLoader(None).disk_migrations.values()
    return frozenset(each for migration in migrations for operation in migration.operations for each in _of(operation))


def _of(operation: Operation) -> Iterator[NamedGuard | InstallSql]:
    if isinstance(operation, InstallSql):
        yield operation
    elif isinstance(operation, InstallGuards):
        yield from operation.guards
    elif isinstance(operation, AddTrigger) and isinstance(operation.trigger, NamedGuard):
        yield operation.trigger


def _model_name(guard: NamedGuard) -> str:
    return guard.model.partition(".")[2].lower()
