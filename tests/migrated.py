"""
Databases that are copied instead of migrated: migrating takes a minute, copying takes a second.

One database is migrated and empty. The other is a copy of it that is ready for tests. Each is made once, and again only
when one of its sources changes: a migration, a package, a trigger, or the code that makes it ready.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

from qinqing.kernel.database.roles import login_of
from qinqing.services.postgres import SUPERUSER_VARIABLE
from qinqing.services.state import local_folder
from tests.restoring import make_ready

PROJECT = Path(__file__).resolve().parents[1]
_UNFINISHED = "unfinished_template"
_APPS = ("companies", "payouts", "policies", "qinqing")


def template() -> str:
    """
    The name of the migrated, empty database, which is made first if it does not exist; processes wait for each other.
    """
    with (local_folder() / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _migrated_database()


def ready_template() -> str:
    """The name of the database that each test worker copies, which is made first if it does not exist."""
    with (local_folder() / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        empty = _migrated_database()
        made_of = [PROJECT / "tests" / "restoring.py", PROJECT / "tests" / "restore.sql"]
        return _find_or_make("ready_", _fingerprint(made_of, empty), _make_ready, copied_from=empty)


def _migrated_database() -> str:
    migrations = [
        file
        for app in _APPS
        for kind in ("migrations/*.py", "*.sql", "shipped/*.yaml", "shape.py")
        for file in (PROJECT / app).rglob(kind)
    ]
    # The migrated database contains tables of installed apps and the permissions of roles, so their sources count too.
    database = PROJECT / "qinqing" / "kernel" / "database"
    sources = [PROJECT / "qinqing" / name for name in ("roles.py", "settings.py")]
    granted = [*sources, database / "roles.py", database / "triggers.py"]
    made_of = [PROJECT / "requirements.txt", *granted, *migrations]
    return _find_or_make("migrated_", _fingerprint(made_of), _migrate)


def _find_or_make(prefix: str, fingerprint: str, make: Callable[[str], None], *, copied_from: str = "template1") -> str:
    """The database with this prefix and fingerprint; databases with the prefix and another fingerprint are dropped."""
    name = prefix + fingerprint
    with psycopg.connect(os.environ[SUPERUSER_VARIABLE], autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if name in known:
            return name
        # The database gets its name only when it is complete, so that an interrupted run leaves nothing that looks
        # finished.
        for old in (each for each in known if each == _UNFINISHED or each.startswith(prefix)):
            connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        owner = Identifier(login_of(os.environ["OWNER_DATABASE_URL"]).role)
        made = SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        connection.execute(made.format(Identifier(_UNFINISHED), Identifier(copied_from), owner))
        make(_UNFINISHED)
        connection.execute(f'ALTER DATABASE {_UNFINISHED} RENAME TO "{name}"')
    return name


def _migrate(name: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": address_of(name)}, check=True)


def _make_ready(name: str) -> None:
    with psycopg.connect(address_of(name, role=SUPERUSER_VARIABLE), autocommit=True) as database:
        make_ready(database)


def address_of(name: str, *, role: str = "DATABASE_URL") -> str:
    """The address of a database of this name for a role, which a variable of the environment names."""
    return urlunsplit(urlsplit(os.environ[role])._replace(path=f"/{name}"))


def _fingerprint(files: Iterable[Path], *names: str) -> str:
    digest = hashlib.sha256("\0".join(names).encode())
    for file in sorted(files):
        digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
