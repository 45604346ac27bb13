"""
Files of a folder that others write: nothing here follows a symbolic link, or leaves the folder.

Every step names a file by its folder's descriptor and its bare name, so that a folder which is exchanged for a link
meanwhile leads nowhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, BinaryIO, Final

from django.utils.translation import gettext_lazy as _

from companies.deliveries.signatures.proof import MOST_BYTES_READ
from companies.deliveries.staging.read_file import MAX_PACKED_BYTES, PIECE_BYTES
from companies.deliveries.watched.names import BESIDE, DONE, MANIFEST, SIGNATURE, is_to_be_delivered
from qinqing.kernel.refusals import Refusal

LANDED, REFUSED = "landed", "refused"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST_NAME_BYTES: Final = 200


class NoPlainFile(Refusal):
    """What lies there is a link, a pipe or something else."""


class StillGrows(Exception):
    """The file changed while it was read; it is looked at again later."""


@dataclass(frozen=True, slots=True)
class DepartmentFolder:
    """A department's folder with its two parts, as open descriptors."""

    department: str
    inbox: int
    landed: int
    refused: int

    def list_names(self) -> list[str]:
        """The names of what is to be delivered, in their order; folders within are left alone."""
        with os.scandir(self.inbox) as entries:
            names = [each.name for each in entries if not each.is_dir(follow_symlinks=False)]
        return sorted(filter(is_to_be_delivered, names))

    def is_complete(self, name: str, *, at: float, still_seconds: float) -> bool:
        """
        Whether nobody writes the file any more, nor what lies beside it.

        Either `<name>.done` lies there, or all of it has been still for so many seconds. The time is that of the last
        change as the system notes it (ctime), which no program that copies can set back.
        """
        if self._find(name + DONE):
            return True
        found = [self._find(each) for each in (name, name + MANIFEST, name + SIGNATURE)]
        return all(at - each.st_ctime >= still_seconds for each in found if each)

    def _find(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=self.inbox, follow_symlinks=False)
        except OSError:
            return None

    @contextmanager
    def copy(self, name: str) -> Iterator[BinaryIO]:
        """
        A copy of the file, which nobody can change while it lands; it is no longer than one byte too many.

        Raises:
            NoPlainFile: it is none.
            StillGrows: it changed meanwhile.
        """
        with self._open(name) as reading, tempfile.TemporaryFile() as spool:
            before = _traits(reading)
            length = 0
            while length <= MAX_PACKED_BYTES and (piece := reading.read(PIECE_BYTES)):
                length += spool.write(piece)
            if _traits(reading) != before:
                raise StillGrows
            yield spool

    def read_beside(self, name: str, ending: str) -> bytes:
        """What lies beside a file with this ending, no longer than it is worth reading; nothing if there is none."""
        if self._find(name + ending) is None:
            return b""
        with self._open(name + ending) as reading:
            return reading.read(MOST_BYTES_READ)

    def _open(self, name: str) -> BinaryIO:
        found = os.stat(name, dir_fd=self.inbox, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            raise NoPlainFile(_("What lies here is a link or no plain file; lay the file itself into the folder."))
        opened = os.fdopen(os.open(name, _FILE, dir_fd=self.inbox), "rb")
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            opened.close()
            raise NoPlainFile(_("What lies here is a link or no plain file; lay the file itself into the folder."))
        return opened

    def put_away(self, name: str, *, into: str, lines: Sequence[str]) -> None:
        """
        Move a file and what lies beside it into a part of the folder, beside a text of these lines.

        The text comes first, the file next, and what lies beside it last: whoever is killed in between leaves a file
        that is looked at again, or parts that belong to none, and never a signed file without its signature.
        """
        part = self.landed if into == LANDED else self.refused
        target = _find_free_name(part, name)
        _write_text(part, f"{target}.txt", "".join(f"{line}\n" for line in lines))
        os.rename(name, target, src_dir_fd=self.inbox, dst_dir_fd=part)
        for ending in BESIDE:
            with suppress(OSError):
                os.rename(name + ending, target + ending, src_dir_fd=self.inbox, dst_dir_fd=part)


def list_departments(folder: Path) -> list[str]:
    """The names of the folders in it, in their order; hidden ones and links are none."""
    with os.scandir(folder) as entries:
        found = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    return sorted(name for name in found if not name.startswith("."))


@contextmanager
def hold(folder: Path, department: str) -> Iterator[DepartmentFolder | None]:
    """
    Hold a department's folder against other watchers; None if another one holds it.

    The system lets go of the lock when the process ends, however it ends.
    """
    with _opened(folder, os.O_RDONLY | os.O_DIRECTORY) as root:
        wanted = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with _opened(f".{department}.lock", wanted, within=root) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            with (
                _opened(department, _FOLDER, within=root) as inbox,
                _part(inbox, LANDED) as landed,
                _part(inbox, REFUSED) as refused,
            ):
                yield DepartmentFolder(department, inbox, landed, refused)


@contextmanager
def _part(inbox: int, name: str) -> Iterator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=inbox)
    with _opened(name, _FOLDER, within=inbox) as part:
        yield part


@contextmanager
def _opened(name: str | Path, how: int, *, within: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, how, 0o600, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _traits(reading: IO[bytes]) -> tuple[int, int, int]:
    found = os.fstat(reading.fileno())
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _find_free_name(part: int, name: str) -> str:
    """The name, or one with a number behind it where an earlier file has it; a very long one is cut."""
    if len(os.fsencode(name)) > _LONGEST_NAME_BYTES:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    taken = set(os.listdir(part))
    return next(each for each in _numbered(name) if each not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}.{number}" for number in count(2))


def _write_text(part: int, name: str, text: str) -> None:
    """Write a text as a whole: nobody reads half of it."""
    unfinished = f".{name}"
    with suppress(FileNotFoundError):
        os.unlink(unfinished, dir_fd=part)
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(unfinished, how, 0o644, dir_fd=part), "w", encoding="utf-8") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    os.rename(unfinished, name, src_dir_fd=part, dst_dir_fd=part)
