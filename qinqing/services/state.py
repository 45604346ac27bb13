"""Where embedded servers keep their files, and who still needs them."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[2]
STATE_NAME_VARIABLE = "QINQING_STATE_NAME"

# How to reach a server: its pid, port, password and folder.
Running = dict[str, str | int]


def local_folder() -> Path:
    """The project's own folder for things that belong to this machine; never committed."""
    folder = PROJECT / ".local"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def server_folder(name: str, server: str) -> Path:
    """The folder in which the users of one embedded server meet; it also holds its password."""
    folder = local_folder() / name / server
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folder_open_to_others() -> Path:
    """
    A folder of ours that other users of this machine may walk through.

    PostgreSQL refuses to run as root, and an ordinary user may not look into root's folders; its files then
    live under the system's temporary folder, in one named after the project's path.

    Raises:
        FolderTaken: somebody else made a folder of that name first.
    """
    digest = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"qinqing-{digest}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise FolderTaken(f"{folder} belongs to somebody else; remove it or set DATABASE_URL.")
    return folder


class FolderTaken(RuntimeError):
    """A folder we need is in another user's hands."""


class SharedServer:
    """
    A server that several processes use: the first one starts it, the last one stops it.

    Each process holds a shared lock on `users.lock` until it ends, however it ends; one that can get the lock
    exclusively is the last. `running.json` tells the others how to reach the server.
    """

    def __init__(
        self,
        folder: Path,
        *,
        start: Callable[[], Running],
        stop: Callable[[Running], None],
        answers: Callable[[Running], bool],
    ) -> None:
        self._folder, self._start, self._stop, self._answers = folder, start, stop, answers
        self._users: IO[str] = (folder / "users.lock").open("w")
        self._owner_pid = os.getpid()

    def acquire(self) -> Running:
        """Start the server unless it answers already; returns how to reach it."""
        with self._lock_folder():
            running = self._running()
            if running is None:
                running = self._start()
                self._running_file.write_text(json.dumps(running))
            fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self.release)
        return running

    def release(self) -> None:
        """Give up the server, and stop it if no other process uses it. A forked child's exit changes nothing."""
        if os.getpid() != self._owner_pid:
            return
        with self._lock_folder():
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return
            running = self._running()
            if running is not None:
                self._stop(running)
            self._running_file.unlink(missing_ok=True)

    @property
    def _running_file(self) -> Path:
        return self._folder / "running.json"

    def _running(self) -> Running | None:
        try:
            running: Running = json.loads(self._running_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return running if self._answers(running) else None

    @contextmanager
    def _lock_folder(self) -> Iterator[None]:
        with (self._folder / "door.lock").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield
