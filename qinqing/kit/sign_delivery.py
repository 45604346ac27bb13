"""
Signs a department's file before it is delivered; runs on the department's own machine.

It needs Python 3.11 or newer and the package `cryptography`, nothing else of the platform, so this one file may be
copied there: `python sign_delivery.py …`, or `python -m qinqing.kit.sign_delivery …` beside the platform.

    new-key key.pem                       makes a pair: key.pem stays here, key.pem.pub is proposed on the platform
    sign tax--2026-12-01.csv --key key.pem --contract-version 1.0.0
                                          writes tax--2026-12-01.csv.manifest.json and tax--2026-12-01.csv.sig

Dataset, day and id are read from the file's name (`<dataset>--<YYYY-MM-DD>[--<id>].<ending>`) where the command does
not say them; without an id it is made of the content, as the platform makes it.
"""

from __future__ import annotations

import argparse
import base64
import csv
import datetime as dt
import gzip
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

NAME = re.compile(
    r"(?P<dataset>[a-z][a-z0-9_]{0,39})--(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:--(?P<id>.+?))?\.(?:csv|ndjson)(?:\.gz)?"
)
GZIP = b"\x1f\x8b"
PIECE_BYTES = 1 << 20
# As long as a row may be on the platform.
csv.field_size_limit(1 << 20)


class CannotSign(Exception):
    """Something is missing or wrong; the text is one sentence."""


def make_key(file: Path) -> str:
    """
    Write a new private key, for its owner's eyes alone, and the public one beside it; returns the fingerprint.

    Raises:
        CannotSign: a file is there already.
    """
    key = Ed25519PrivateKey.generate()
    public, der = (
        key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
        for encoding in (Encoding.PEM, Encoding.DER)
    )
    _write_new(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    _write_new(file.with_name(f"{file.name}.pub"), public, mode=0o644)
    return hashlib.sha256(der).hexdigest()


def _write_new(file: Path, content: bytes, *, mode: int) -> None:
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise CannotSign(f"{file} is there already; a key is never written over. Choose another name.") from None
    with os.fdopen(opened, "wb") as writing:
        writing.write(content)


def read_key(file: Path) -> Ed25519PrivateKey:
    """
    Read the private key.

    Raises:
        CannotSign: the file holds none of Ed25519, or one with a password.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotSign(f"{file} holds no private key of Ed25519 without a password; “new-key” makes one.")
    return key


def count_rows(content: BinaryIO) -> int:
    """The rows of a file as the platform counts them: without a CSV file's header, and without blank lines."""
    content.seek(0)
    is_packed = content.read(2) == GZIP
    content.seek(0)
    unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=content)) if is_packed else content
    # Only “\n” ends a line; other characters that Python takes for line ends may stand in a value.
    text = io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="\n")
    try:
        return _count_lines(text)
    finally:
        text.detach()


def _count_lines(text: io.TextIOWrapper) -> int:
    begun: list[str] = []
    for line in text:
        begun.append(line)
        if line.strip():
            break
    if begun and begun[-1].lstrip().startswith("{"):
        return 1 + sum(1 for line in text if line.strip())
    return _count_records(_chain(begun, text))


def _chain(begun: Sequence[str], rest: Iterator[str]) -> Iterator[str]:
    yield from begun
    yield from rest


def _count_records(lines: Iterator[str]) -> int:
    # The platform takes the first line for the header, whatever it holds.
    next(lines, None)
    reader, count = csv.reader(lines, strict=True), 0
    while True:
        try:
            count += bool(next(reader))
        except StopIteration:
            return count
        except csv.Error:
            # The platform sends such a row to quarantine, or refuses the file.
            count += 1


def make_manifest(
    content: BinaryIO, *, dataset: str, as_of: str, delivery_id: str, contract_version: str | None
) -> bytes:
    """The manifest of a file, whose bytes are what is signed; an empty id is made of the content."""
    content.seek(0)
    digest = hashlib.sha256()
    while piece := content.read(PIECE_BYTES):
        digest.update(piece)
    sha256 = digest.hexdigest()
    told = {
        "dataset": dataset,
        "delivery_id": delivery_id or f"{dataset[:20]}-{as_of}-{sha256[:32]}",
        "as_of": as_of,
        "sha256": sha256,
        "row_count": count_rows(content),
        "contract_version": contract_version,
    }
    return json.dumps(told, indent=1).encode()


def sign_file(
    file: Path,
    *,
    key: Ed25519PrivateKey,
    dataset: str = "",
    as_of: str = "",
    delivery_id: str = "",
    contract_version: str | None = None,
) -> tuple[Path, Path]:
    """
    Write the manifest and its signature beside a file; what is not said is read from the file's name.

    Raises:
        CannotSign: neither the command nor the name says the dataset and the day.
    """
    named = found.groupdict() if (found := NAME.fullmatch(file.name)) else {}
    dataset, as_of = dataset or named.get("dataset") or "", as_of or named.get("day") or ""
    if not dataset or not as_of:
        raise CannotSign(f"Say --dataset and --as-of, or call the file <dataset>--<YYYY-MM-DD>.csv; it is {file.name}.")
    with file.open("rb") as content:
        manifest = make_manifest(
            content,
            dataset=dataset,
            as_of=_check_day(as_of),
            delivery_id=delivery_id or named.get("id") or "",
            contract_version=contract_version,
        )
    written = file.with_name(f"{file.name}.manifest.json"), file.with_name(f"{file.name}.sig")
    written[0].write_bytes(manifest)
    written[1].write_bytes(base64.b64encode(key.sign(manifest)) + b"\n")
    return written


def _check_day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise CannotSign(f"“{text}” is no day such as 2024-03-31.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns 1 if it cannot be done."""
    asked = _read_arguments(arguments)
    try:
        if asked.step == "new-key":
            told = f"{asked.file} stays on this machine. Propose {asked.file}.pub on the platform; its fingerprint is\n"
            told += make_key(asked.file)
        else:
            told = "\n".join(map(str, _sign(asked)))
    except CannotSign as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except (OSError, UnicodeDecodeError, EOFError) as trouble:
        sys.stderr.write(f"The file cannot be read: {trouble}.\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _sign(asked: argparse.Namespace) -> tuple[Path, Path]:
    return sign_file(
        asked.file,
        key=read_key(asked.key),
        dataset=asked.dataset,
        as_of=asked.as_of,
        delivery_id=asked.id,
        contract_version=asked.contract_version or None,
    )


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sign_delivery", description="Signs a department's file for delivery.")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("new-key", help="make a pair of keys").add_argument("file", type=Path)
    sign = steps.add_parser("sign", help="write a file's manifest and its signature")
    sign.add_argument("file", type=Path)
    sign.add_argument("--key", type=Path, required=True, help="the private key")
    sign.add_argument("--dataset", default="", help="the dataset (default: as the file's name says)")
    sign.add_argument("--as-of", default="", help="the day the data is from (default: as the file's name says)")
    sign.add_argument("--id", default="", help="the delivery's id (default: as the name says, or made of the content)")
    sign.add_argument("--contract-version", default="", help="the version of the dataset's contract; left out: none")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
