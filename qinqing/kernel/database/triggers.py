"""
Triggers that keep a promise for everybody: nobody can switch them off from within a session.

They run in every session, whatever its `session_replication_role`, and where they read tables they read ours: a session
may make a temporary table with any name, which PostgreSQL would otherwise find before the table of that name.

The body of a guard stands in `sql/<name of the guard>.sql` beside the model that owns the table. A migration names the
guard and the SHA-256 of what installs it (`NamedGuard`), so a changed body asks for a migration of one line.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models
from pgtrigger import compiler

from qinqing.kernel.database.sql_files import meaning_of, read_sql

# The plan that was made for one row still joins this many rows well.
FEW_ROWS = 200
_MARKED = re.compile(
    r"^[ ]*-- planned (?P<how>by size|anew)(?: with (?P<variable>\w+))?\n(?P<statement>.*?;)$",
    re.DOTALL | re.MULTILINE,
)
_INTO = re.compile(r"\s+INTO (?P<variable>\w+)\s*;$")
_INSTALL = """
CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger AS $$
{body}
$$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS {pgid} ON {table};
CREATE TRIGGER {pgid} {when} {operation} ON {table} {referencing}
    FOR EACH {level} {condition} EXECUTE FUNCTION {pgid}();
COMMENT ON TRIGGER {pgid} ON {table} IS '{sha256}';
"""


# The migrations do not name these statements: a guard means the same without them, and `drift` looks for their effect.
_ALWAYS = "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};"
_READS_OURS = "ALTER FUNCTION {pgid}() SET search_path = {path};"
SEARCH_PATH = "public, pg_temp"
_NAMES_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|EXECUTE)\b|%ROWTYPE", re.IGNORECASE)


class Guard(pgtrigger.Trigger):
    """
    A trigger that cannot be ignored.

    pgtrigger's own triggers are skipped when a session names them in `pgtrigger.ignore`, which anybody who can write
    SQL may do; a promise about money must not depend on that. `func` is the whole block of PL/pgSQL, with its DECLARE.
    """

    def compile(self, model: models.Model) -> NamedGuard:
        """The guard as migrations name it."""
        return NamedGuard(model._meta.label, str(self.name), self.sha256(model))

    def sha256(self, model: Any) -> str:
        """The SHA-256 of what installs it, without comments and layout."""
        return hashlib.sha256(meaning_of(self._installs(model, sha256="")).encode()).hexdigest()

    def installs(self, model: Any) -> str:
        """The statements that install it."""
        return f"{self._installs(model, sha256=self.sha256(model))}{self.hardens(model)}"

    def hardens(self, model: Any) -> str:
        """The statements that let the installed guard run in every session, and read our tables alone."""
        always, path = _ALWAYS.format(table=model._meta.db_table, pgid=self.get_pgid(model)), ""
        if self.names_tables:
            path = _READS_OURS.format(pgid=self.get_pgid(model), path=SEARCH_PATH)
        return f"{always}\n{path}\n"

    @property
    def names_tables(self) -> bool:
        """
        Whether its body reads or writes tables, or has that done by a text that it makes.

        A path costs a moment at each call, so another guard has none.
        """
        return bool(_NAMES_TABLES.search(self.body()))

    def body(self) -> str:
        """The block of its function, with each marked statement planned as its mark says."""
        return _MARKED.sub(_render_planned, str(self.func))

    def _installs(self, model: Any, *, sha256: str) -> str:
        return _INSTALL.format(
            pgid=self.get_pgid(model),
            body=self.body().strip(),
            table=model._meta.db_table,
            when=self.when,
            operation=self.operation,
            referencing=self.referencing or "",
            level=self.level,
            condition=self.render_condition(model),
            sha256=sha256,
        )


class GuardDiffers(Exception):
    """The text of a guard is not the one that a migration names, and no migration names this one."""

    def __init__(self, label: str, name: str) -> None:
        super().__init__(
            f"The guard {name} of {label} is written otherwise than its migration says:"
            " write a migration (manage.py makemigrations) that names it as it is now."
        )


class NamedGuard(compiler.Trigger):
    """
    A guard as a migration names it: by its model, its name and the SHA-256 of what installs it.

    The text itself stands in the code. If the code's text has changed since, a later migration names the new text and
    installs it; this one installs nothing.
    """

    name: str

    def __init__(self, model: str, name: str, sha256: str) -> None:
        self.model, self.name, self.sha256 = model, name, sha256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedGuard) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def hash(self) -> str:
        """What the database keeps as the comment of the trigger."""
        return self.sha256

    @property
    def install_sql(self) -> str:
        """
        The statements that install it.

        Raises:
            GuardDiffers: the code has a text that no migration names.
        """
        from qinqing.kernel.database.migrations import is_named

        found = guard_of(self.model, self.name)
        if found is None:
            return "SELECT"
        guard, model = found
        if (now := guard.sha256(model)) == self.sha256:
            return guard.installs(model)
        if is_named(NamedGuard(self.model, self.name, now)):
            return "SELECT"
        raise GuardDiffers(self.model, self.name)

    @property
    def uninstall_sql(self) -> str:
        """The statement that drops it."""
        app_label, model_name = self.model.lower().split(".")
        hashed = hashlib.sha1(f"{self.model}:{self.name}".encode(), usedforsecurity=False).hexdigest()[:5]
        return f"DROP TRIGGER IF EXISTS pgtrigger_{self.name}_{hashed} ON {app_label}_{model_name};".lower()

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """As a migration file writes it."""
        return f"{__name__}.{type(self).__name__}", [self.model, self.name, self.sha256], {}

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self.model, self.name, self.sha256


def guard_of(label: str, name: str) -> tuple[Guard, type[models.Model]] | None:
    """The guard of this name and its model, as the code has them; none where the code has no such guard any more."""
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    guards = [each for each in getattr(model._meta, "triggers", ()) if isinstance(each, Guard) and each.name == name]
    return (guards[0], model) if guards else None


def row_guard(
    package: str,
    name: str,
    *,
    when: pgtrigger.When,
    operation: pgtrigger.Operation,
    condition: str = "",
    **placeholders: str,
) -> Guard:
    """
    The guard in `sql/<name>.sql`, called for each row that the operation writes and the condition on OLD and NEW holds.

    PostgreSQL tests the condition before it calls the function, so rows it does not hold for cost next to nothing.
    """
    return Guard(
        name=name,
        when=when,
        operation=operation,
        condition=pgtrigger.Condition(f"({condition})") if condition else None,
        func=read_sql(package, f"{name}.sql", **placeholders),
    )


def set_guard(
    package: str, name: str, *, operation: pgtrigger.Operation, sees_old_rows: bool = True, **placeholders: str
) -> Guard:
    """
    The guard in `sql/<name>.sql`, called once after a statement, for all its rows: `new_rows`, and of an update
    `old_rows`.

    PL/pgSQL keeps the plan of a statement, and would use the one that it made for one row for 100,000. So a file marks
    the statements that join these rows: one under `-- planned by size` keeps its plan for a few rows only, since a
    click's statement takes longer to plan than to run; one under `-- planned anew` keeps none. The mark reaches to the
    next line that ends with a semicolon. A statement planned anew sees a variable only as
    `-- planned anew with variable`.
    """
    old = "old_rows" if sees_old_rows and operation == pgtrigger.Update else None
    return Guard(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(old=old, new="new_rows"),  # type: ignore[no-untyped-call]
        func=read_sql(package, f"{name}.sql", **placeholders),
    )


def _render_planned(marked: re.Match[str]) -> str:
    statement = marked["statement"].strip()
    execute = _render_execute(statement, marked["variable"])
    if marked["how"] == "anew":
        return execute
    return f"IF NOT EXISTS (SELECT FROM new_rows OFFSET {FEW_ROWS}) THEN\n{statement}\nELSE\n{execute}\nEND IF;"


def _render_execute(statement: str, variable: str | None) -> str:
    """Write the statement as EXECUTE runs it; its result goes into a variable, or nowhere."""
    into = _INTO.search(statement)
    text = _INTO.sub("", statement) if into else statement.removesuffix(";")
    text = re.sub(r"^PERFORM\b", "SELECT", text)
    target = f" INTO {into['variable']}" if into else ""
    if variable is None:
        return f"EXECUTE $q$\n{text}\n$q${target};"
    numbered = re.sub(rf"\b{variable}\b", "$1", text)
    return f"EXECUTE $q$\n{numbered}\n$q${target} USING {variable};"


def guard_against(*, promise: str, why: str, operation: pgtrigger.Operation) -> list[Guard]:
    """Refuse the operation on every row, and TRUNCATE."""
    return [
        refuse_when(promise=promise, why=why, operation=operation),
        guard_against_truncate(f"{promise}_whole", promise=promise, why=why),
    ]


def refuse_when(
    *, promise: str, why: str, operation: pgtrigger.Operation = pgtrigger.Update, condition: str = ""
) -> Guard:
    """Refuse to write rows for which the condition on OLD and NEW holds; without a condition, any row."""
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"({condition})") if condition else None,
        func=_refusal(promise, why),
    )


def guard_against_truncate(name: str, *, promise: str, why: str) -> Guard:
    """Refuse TRUNCATE."""
    return _statement_guard(name, pgtrigger.Truncate, _refusal(promise, why))


def guard_against_direct_writes(promise: str, why: str, *, on: pgtrigger.Operation = pgtrigger.Insert) -> Guard:
    """Refuse a statement that writes the table itself: only the triggers of other tables write it."""
    return _statement_guard(promise, on, read_sql("qinqing.kernel", "direct_write.sql", promise=promise, why=why))


def _statement_guard(name: str, operation: pgtrigger.Operation, block: str) -> Guard:
    return Guard(name=name, level=pgtrigger.Statement, when=pgtrigger.Before, operation=operation, func=block)


def _refusal(promise: str, why: str) -> str:
    return read_sql("qinqing.kernel", "refusal.sql", promise=promise, why=why)


def change_of(*columns: str) -> str:
    """The condition that an update changes one of these columns."""
    return "(" + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns) + ")"
