"""Migrations are linear and complete: one after another in each app, and none is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

APPS = ("companies", "policies", "payouts")


@pytest.mark.parametrize("app", APPS)
def test_each_migration_follows_the_one_before_it(app: str) -> None:
    of_app = {name: each for (label, name), each in MigrationLoader(None).disk_migrations.items() if label == app}
    before = {name: [other for label, other in each.dependencies if label == app] for name, each in of_app.items()}
    names = sorted(of_app)
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [before[name] for name in names] == [[], *([name] for name in names[:-1])]


@pytest.mark.parametrize("app", APPS)
def test_two_branches_that_both_add_a_migration_conflict_in_one_line(app: str) -> None:
    folder = Path(settings.BASE_DIR) / app / "migrations"
    newest = max(file.stem for file in folder.glob("0*.py"))
    assert (folder / "max_migration.txt").read_text() == f"{newest}\n"


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    """A changed model or guard needs a migration."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
