"""Files hold guards, views and functions: PostgreSQL can read them, and the database has the text of the files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field
from django.db.utils import ProgrammingError

from payouts.models import Payout
from payouts.states import Account, Role, Status
from qinqing.kernel.database import migrations
from qinqing.kernel.database.drift import check_guards, list_drifted_guards
from qinqing.kernel.database.migrations import InstallSql, SqlDiffers, sha256_of
from qinqing.kernel.database.sql_files import PLACEHOLDER
from qinqing.kernel.database.triggers import Guard, GuardDiffers, NamedGuard
from qinqing.proposals.kinds import list_kinds
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db

PROJECT = Path(settings.BASE_DIR)
FILES = sorted(file for file in PROJECT.glob("*/**/sql/*.sql") if ".venv" not in file.parts)
MOVES_BY_THE_TABLE = "payout_moves_by_the_table"


def guards() -> list[tuple[Guard, type]]:
    return [
        (each, model)
        for model in apps.get_models()
        for each in getattr(model._meta, "triggers", ())
        if isinstance(each, Guard)
    ]


def first_word(text: str) -> str:
    return next(line for line in text.splitlines() if line and not line.startswith("--")).split()[0]


def parsed(block: str) -> str:
    """The error that PL/pgSQL finds in the block or in a statement of it; empty if there is none."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL check_function_bodies = on")
            cursor.execute(f"CREATE FUNCTION pg_temp.parsed() RETURNS trigger LANGUAGE plpgsql AS $$ {block} $$")
            cursor.execute("DROP FUNCTION pg_temp.parsed()")
    except ProgrammingError as wrong:
        return str(wrong)
    return ""


def fills_a_guard(text: str) -> bool:
    """Whether the text, once filled in, is the body of a guard or part of one; it is then parsed with the guard."""
    filled = PLACEHOLDER.sub(".+?", re.escape(text.strip()).replace(r"\{\{", "{{").replace(r"\}\}", "}}"))
    return any(re.search(filled, str(guard.func), re.DOTALL) for guard, _model in guards())


def test_there_are_files() -> None:
    assert len(FILES) > 60


def test_postgresql_parses_every_file() -> None:
    """
    Parse the statements of operations; the database already has views and functions, and the next test parses guards.
    """
    wrong = {}
    for file in FILES:
        text = file.read_text()
        if first_word(text) == "CREATE" or fills_a_guard(text):
            continue
        # A name replaces each placeholder, and NULL each parameter.
        statement = re.sub(r"%\(\w+\)s", "NULL", PLACEHOLDER.sub("placeholder", text)).replace("%%", "%")
        is_block = first_word(text) in {"BEGIN", "DECLARE"}
        wrong[file] = parsed(statement if is_block else f"BEGIN {statement.rstrip().rstrip(';')}; END;")
    assert {str(file.relative_to(PROJECT)): why for file, why in wrong.items() if why} == {}


def test_postgresql_parses_every_guard() -> None:
    """The body's placeholders are filled; texts in quotes, which PostgreSQL plans anew each time, are SQL as well."""
    wrong = []
    for guard, _model in guards():
        body = guard.body()
        assert "{{" not in body
        planned = re.findall(r"EXECUTE \$q\$(.*?)\$q\$", body, re.DOTALL)
        for block in [str(guard.func), body, *(f"BEGIN {statement}; END;" for statement in planned)]:
            wrong += [(guard.name, why) for why in [parsed(block)] if why]
    assert wrong == []


def test_a_mistake_is_found() -> None:
    assert "syntax error" in parsed("BEGIN SELECT FROM WHERE; END;")


def known_values() -> dict[str, set[str]]:
    """The values that columns may have, by the column's name."""
    known: dict[str, set[str]] = defaultdict(set)
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, Field) and field.choices:
                known[field.name] |= {str(value) for value, _label in field.flatchoices}
    # Columns of the books have values of `payouts.states`, but no choices of their own.
    for column in ("before", "after"):
        known[column] |= set(Status.values)
    known["kind"] |= {kind.name for kind in list_kinds()}
    known["moved_as"] = {role.value for role in Role}
    known["debit"] = known["credit"] = {account.value for account in Account}
    return known


def compared(text: str) -> Iterator[tuple[str, str]]:
    """The columns of a text, and the words that it compares them with or sets them to."""
    for column, word in re.findall(r"(\w+) (?:=|<>) '([a-z_]+)'", text):
        yield column, word
    for column, words in re.findall(r"(\w+) (?:NOT )?IN \(('[a-z_]+'(?:, '[a-z_]+')*)\)", text):
        yield from ((column, word) for word in re.findall(r"'([a-z_]+)'", words))
    for columns, words in re.findall(r"\((\w+\.\w+(?:, \w+\.\w+)*)\) = \(('[a-z_]+'(?:, '[a-z_]+')*)\)", text):
        names = [each.partition(".")[2] for each in columns.split(", ")]
        yield from zip(names, re.findall(r"'([a-z_]+)'", words), strict=True)


def test_a_word_that_a_column_is_compared_with_is_one_of_its_choices() -> None:
    known = known_values()
    written = [(file.name, column, word) for file in FILES for column, word in compared(file.read_text())]
    assert len(written) > 150
    assert [each for each in written if each[1] in known and each[2] not in known[each[1]]] == []


def test_a_word_that_is_none_of_them_is_found() -> None:
    known = known_values()["status"]
    found = list(compared("WHERE p.status <> 'payed' OR (o.status, n.status) = ('paid', 'lost') OR status IN ('open')"))
    assert [word for column, word in found if column == "status" and word not in known] == ["payed", "lost"]


def test_every_file_is_used() -> None:
    code = "\n".join(each.read_text() for each in PROJECT.glob("*/**/*.py") if ".venv" not in each.parts)
    of_guards = {guard.name for guard, _model in guards()}
    unused = []
    for file in FILES:
        package = ".".join(file.parent.parent.relative_to(PROJECT).parts)
        if first_word(file.read_text()) == "CREATE":
            is_used = migrations.is_named(InstallSql(package, file.name, sha256_of(package, file.name)))
        else:
            is_used = file.stem in of_guards or f'"{file.name}"' in code
        if not is_used:
            unused.append(str(file.relative_to(PROJECT)))
    assert unused == []


def test_the_database_has_the_guards_of_the_code() -> None:
    assert list_drifted_guards() == []
    assert check_guards(databases=["default"]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE payouts_payout DISABLE TRIGGER {trigger}", "is laid aside."),
        ("ALTER TABLE payouts_payout ENABLE TRIGGER {trigger}", "is laid aside in some sessions"),
        ("ALTER FUNCTION {trigger}() RESET ALL", "reads whatever tables a session puts before ours"),
        ("DROP TRIGGER {trigger} ON payouts_payout", "is not installed"),
        (
            "CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "is another one in the database",
        ),
        (
            "CREATE TRIGGER pgtrigger_other BEFORE INSERT ON payouts_payout EXECUTE FUNCTION {trigger}()",
            "pgtrigger_other is no guard of the code",
        ),
    ],
)
def test_a_guard_that_somebody_changed_is_found(change: str, said: str) -> None:
    trigger = next(each for each in Payout._meta.triggers if each.name == MOVES_BY_THE_TABLE).get_pgid(Payout)
    with as_superuser() as cursor:
        cursor.execute(change.format(trigger=trigger))
    assert [said in each.msg for each in check_guards(databases=["default"])] == [True]


def test_the_database_has_the_views_as_they_stand() -> None:
    defined = """
        SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'
        UNION ALL SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype
        ORDER BY 1
    """
    with as_superuser() as cursor:
        cursor.execute(defined)
        before = cursor.fetchall()
        for file in FILES:
            if first_word(text := file.read_text()) == "CREATE":
                cursor.execute(text)
        cursor.execute(defined)
        assert cursor.fetchall() == before


def test_a_guard_that_changed_asks_for_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "is_named", lambda _wanted: False)
    with pytest.raises(GuardDiffers, match=f"{MOVES_BY_THE_TABLE} of payouts.Payout .* write a migration"):
        _ = NamedGuard("payouts.Payout", MOVES_BY_THE_TABLE, "0" * 64).install_sql


def test_a_guard_that_a_later_migration_names_anew_is_left_to_it() -> None:
    """The code keeps no old text of a guard: the later migration that names the present text installs it."""
    assert NamedGuard("payouts.Payout", MOVES_BY_THE_TABLE, "0" * 64).install_sql == "SELECT"
    assert NamedGuard("payouts.Payout", "is_gone_by_now", "0" * 64).install_sql == "SELECT"


def test_a_view_that_changed_asks_for_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = InstallSql("payouts.models.audit", "payouts_blacklisted.sql", "0" * 64)
    with connection.schema_editor() as editor:
        stale.database_forwards("payouts", editor, None, None)
        monkeypatch.setattr(migrations, "is_named", lambda _wanted: False)
        with pytest.raises(SqlDiffers, match=r"payouts_blacklisted\.sql.*write a migration with InstallSql"):
            stale.database_forwards("payouts", editor, None, None)
