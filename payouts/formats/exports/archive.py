"""The files of a batch as one archive, encrypted with AES-256 if there is a password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pyzipper.zipfile_aes import WZ_AES, AESZipFile

# With a fixed time, the same files make the same archive, unless it is encrypted.
ANY_TIME = (1980, 1, 1, 0, 0, 0)
Members = Iterable[tuple[str, Iterable[bytes]]]


def write(target: IO[bytes], members: Members, *, password: str = "") -> None:
    """Write each member of the archive under its name, block by block."""
    if password:
        with AESZipFile(target, "w", ZIP_DEFLATED, encryption=WZ_AES) as archive:  # type: ignore[no-untyped-call]
            archive.setpassword(password.encode())
            for name, blocks in members:
                _add(archive, name, blocks)
    else:
        with ZipFile(target, "w", ZIP_DEFLATED) as plain:
            for name, blocks in members:
                member = ZipInfo(name, ANY_TIME)
                member.compress_type = ZIP_DEFLATED
                _add(plain, member, blocks)


def _add(archive: Any, member: str | ZipInfo, blocks: Iterable[bytes]) -> None:
    with archive.open(member, "w") as inside:
        for block in blocks:
            inside.write(block)
