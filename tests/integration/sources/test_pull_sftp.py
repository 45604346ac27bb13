"""A source over SFTP: the newest file of the pattern, from the server whose host key the source names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from companies.models import DataSource, Delivery, SourcePull
from companies.sources.fetch.asked import Patience
from tests.data_servers import ACCOUNT, PASSWORD, FileServer, file_server, moment
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file
from tests.factories.sources import make_source, pull, pull_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    with file_server(tmp_path / "served") as running:
        yield running


@pytest.fixture
def rows() -> bytes:
    return csv_file("tax", {"credit_code": make_company().credit_code, "year": 2024, "revenue": 1, "tax_paid": 1})


def sftp_source(server: FileServer, **terms: Any) -> DataSource:
    usual = {
        "kind": "sftp", "address": server.address, "username": ACCOUNT, "secret": PASSWORD,
        "trusted": server.host_key, "file_pattern": "tax-*.csv",
    }  # fmt: skip
    return make_source(**(usual | terms))


def refused(noted: SourcePull) -> str:
    assert (noted.outcome, noted.delivery_id) == ("refused", None)
    assert not Delivery.objects.exists()
    return noted.refusal_en


def test_the_newest_file_of_the_pattern_lands_once(server: FileServer, rows: bytes) -> None:
    server.put("tax-9.csv", b"old", modified=moment(2026, 1, 31))
    server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
    server.put("wages.csv", b"other", modified=moment(2026, 3, 1))
    source = sftp_source(server)
    noted = pull(source)
    assert (noted.outcome, noted.what, noted.as_of_on) == ("landed", "tax-2.csv", dt.date(2026, 2, 28))
    assert pull_again(source).outcome == "nothing_new"
    server.put("tax-3.csv", rows + b"\n", modified=moment(2026, 3, 1))
    assert pull_again(source).what == "tax-3.csv"


def test_a_private_key_opens_the_server(server: FileServer, rows: bytes) -> None:
    server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.authorized.append(key.convert_to_public())
    assert pull(sftp_source(server, secret=key.export_private_key().decode())).outcome == "landed"


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_another_host_key_is_refused_before_the_secret_leaves(server: FileServer, rows: bytes, algorithm: str) -> None:
    server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
    other = asyncssh.generate_private_key(algorithm).export_public_key().decode()
    assert "has another host key" in refused(pull(sftp_source(server, trusted=other)))


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"secret": "wrong"}, "does not let us in"),
        ({"secret": "-----BEGIN NONSENSE"}, "does not let us in"),
        ({"file_pattern": "wages-*.csv"}, "no file “wages-*.csv”"),
        ({"largest_mib": 1}, "More than 1 MiB"),
    ],
)
def test_what_cannot_be_fetched_is_refused(server: FileServer, terms: dict[str, Any], sentence: str) -> None:
    server.put("tax-2.csv", b"0" * ((1 << 20) + 1), modified=moment(2026, 2, 28))
    assert sentence in refused(pull(sftp_source(server, **terms)))


def test_a_folder_that_is_not_there_is_refused(server: FileServer) -> None:
    address = server.address.replace("/out", "/in")
    assert "The folder /in has no file" in refused(pull(sftp_source(server, address=address)))


class Growing(asyncssh.SFTPServer):
    """A server on which the department is still writing the file while it is read."""

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:  # type: ignore[override]
        piece: bytes = super().read(file_obj, offset, size)  # type: ignore[assignment]
        if offset == 0:
            with Path(file_obj.name.decode() if isinstance(file_obj.name, bytes) else file_obj.name).open("ab") as file:
                file.write(b"more")
        return piece


def test_a_file_that_is_still_written_is_left_for_later(tmp_path: Path, rows: bytes) -> None:
    with file_server(tmp_path / "served", sftp=Growing) as server:
        server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
        assert "still being written" in refused(pull(sftp_source(server)))


class Silent(asyncssh.SFTPServer):
    """A server that never answers."""

    async def open(self, *_asked: object) -> object:  # type: ignore[override]
        import asyncio

        await asyncio.sleep(3_600)
        return None


def test_a_server_that_says_nothing_is_left_after_the_whole_time(tmp_path: Path, rows: bytes) -> None:
    with file_server(tmp_path / "served", sftp=Silent) as server:
        server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
        assert "took too long" in refused(pull(sftp_source(server), patience=Patience(whole_seconds=1.0)))


def test_the_known_key_is_asked_for_where_the_server_has_several(tmp_path: Path, rows: bytes) -> None:
    others = [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-rsa")]
    with file_server(tmp_path / "served", other_keys=others) as server:
        server.put("tax-2.csv", rows, modified=moment(2026, 2, 28))
        known = others[1].export_public_key().decode()
        assert pull(sftp_source(server, trusted=known)).outcome == "landed"
