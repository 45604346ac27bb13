"""A migrated, empty database that every test worker copies: migrating takes a minute, copying a second.

It is made once for the migrations and the packages as they are, and made anew when one of them changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from qinqing.services.state import local_folder

PROJECT = Path(__file__).resolve().parents[1]
_PREFIX = "migrated_"


def template() -> str:
    """The name of the database to copy; made first when it is not there. Workers wait for each other."""
    name = _PREFIX + _fingerprint()
    with (local_folder() / "migrated.lock").open("w") as lock, _connected() as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if name not in known:
            for old in (each for each in known if each.startswith(_PREFIX)):
                connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            _make(name, connection)
    return name


def _make(name: str, connection: psycopg.Connection) -> None:
    # Under another name until it is whole: a run that is interrupted leaves nothing that looks finished.
    unfinished = f"{_PREFIX}unfinished"
    connection.execute(f'CREATE DATABASE "{unfinished}"')
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{unfinished}"))
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": address}, check=True)
    connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _connected() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _fingerprint() -> str:
    digest = hashlib.sha256((PROJECT / "requirements.txt").read_bytes())
    for file in sorted(PROJECT.glob("*/migrations/*.py")):
        digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
