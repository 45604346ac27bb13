"""Triggers that keep a promise for everybody: nobody can switch them off from within a session."""

from __future__ import annotations

import re
from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler


class GuardSql(compiler.UpsertTriggerSql):
    """The statements that install a guard."""

    def get_template(self) -> str:
        """The function and its trigger, without the setting by which pgtrigger lets a session skip a trigger."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Guard(pgtrigger.Trigger):
    """
    A trigger that cannot be ignored.

    pgtrigger's own triggers are skipped when a session names them in `pgtrigger.ignore`, which anybody who
    can write SQL may do; a promise about money must not hang on that.
    """

    def compile(self, model: models.Model) -> compiler.Trigger:
        """The trigger as migrations keep it."""
        kept = super().compile(model)
        wanted: dict[str, Any] = {key: text for key, text in kept.sql.kwargs.items() if key != "ignore_func_name"}
        return compiler.Trigger(name=kept.name, sql=GuardSql(**wanted))


# So many rows are joined well by the plan that was made for one.
FEW_ROWS = 50
_EXECUTED = re.compile(r"EXECUTE \$q\$(?P<statement>.*?)\$q\$(?P<into> INTO \w+)?;", re.DOTALL)


def planned_by_size(body: str) -> str:
    """
    The body of a trigger over the transition table `new_rows`, each EXECUTE of it planned as its rows deserve.

    Planning a statement anew costs a click more than running it, so for a few rows PL/pgSQL keeps the plan. It
    would keep it for 100,000 rows too: these are planned for themselves.
    """
    return _EXECUTED.sub(_by_size, body)


def _by_size(executed: re.Match[str]) -> str:
    statement, into = executed["statement"].strip(), executed["into"] or ""
    # A result that nobody takes is thrown away by another word.
    kept_plan = re.sub(r"^SELECT\b", "PERFORM", statement) if not into else statement
    return (
        f"IF NOT EXISTS (SELECT FROM new_rows OFFSET {FEW_ROWS}) THEN\n{kept_plan}{into};\nELSE\n{executed[0]}\nEND IF;"
    )


def refuse(promise: str, why: str) -> str:
    """
    The PL/pgSQL statement that refuses in the name of a promise.

    Django raises IntegrityError for it, and `integrity.constraint_of` finds the promise's name.
    """
    return f"RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{promise}', MESSAGE = '{why}';"


def kept(*, promise: str, why: str, operation: pgtrigger.Operation) -> list[Guard]:
    """Guards that refuse the operation on every row, and emptying the table at once."""
    return [
        Guard(name=promise, when=pgtrigger.Before, operation=operation, func=refuse(promise, why)),
        Guard(
            name=f"{promise}_whole",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=refuse(promise, why),
        ),
    ]
