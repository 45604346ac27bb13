"""The bank proves who it is, and our certificate proves who we are: a real server with certificates of the tests."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from payouts.banks.http import HttpBank
from payouts.banks.tls import Certificates, CertificateUnusable, make_context
from qinqing.bank_simulator.books import Books
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from tests.certificates import LOOPBACK, Authority, Pair
from tests.tellers import TOKEN, serving
from tests.unit.banks.test_bank_simulator import order
from tests.unit.tools.test_bank_tokens import SENDER, begin


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
def ours(authority: Authority) -> Certificates:
    """The certificate of the treasury, and the authority that it shares with the bank."""
    pair = authority.sign("treasury")
    return Certificates(certificate=pair.certificate, key=pair.key, authority=authority.file)


@contextmanager
def a_bank(folder: Path, own: Pair, *, clients: str) -> Iterator[Bank]:
    """A bank of TLS that asks each client for a certificate of an authority."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients)
    tls.load_cert_chain(own.certificate, own.key)
    tls.verify_mode = ssl.CERT_REQUIRED
    books = Books(folder / "bank.sqlite3")
    bank = Bank(address=("127.0.0.1", 0), books=books, token=TOKEN, faults=Faults(), tls=tls)
    with serving(bank):
        yield bank


def pay(bank: Bank, certificates: Certificates, *, scheme: str = "https") -> str:
    """The outcome of a payment; the reason for the silence if there is none."""
    url = f"{scheme}://127.0.0.1:{bank.server_address[1]}"
    asking = HttpBank(url=url, token=TOKEN, timeout_seconds=5, certificates=certificates)
    try:
        heard = asking.pay([order()])
    finally:
        asking.close()
    return heard.answers[0].outcome if heard.answers else heard.silence


def test_both_prove_who_they_are(tmp_path: Path, authority: Authority, ours: Certificates) -> None:
    with a_bank(tmp_path, authority.sign("bank"), clients=authority.file) as bank:
        assert pay(bank, ours) == "paid"
        assert bank.books.summary()["count"] == 1


def test_the_bank_answers_nobody_without_a_certificate(
    tmp_path: Path, authority: Authority, ours: Certificates
) -> None:
    stranger = Authority(tmp_path, "stranger").sign("impostor")
    with a_bank(tmp_path, authority.sign("bank"), clients=authority.file) as bank:
        for shown in (
            Certificates(authority=authority.file),
            Certificates(certificate=stranger.certificate, key=stranger.key, authority=authority.file),
        ):
            assert "no connection to the bank" in pay(bank, shown)
        assert "no connection to the bank" in pay(bank, ours, scheme="http")
        assert bank.books.summary()["count"] == 0


@pytest.mark.parametrize("fault", ["of another authority", "for another place", "ended"])
def test_nothing_is_sent_to_a_bank_that_does_not_prove_who_it_is(
    fault: str, tmp_path: Path, authority: Authority, ours: Certificates
) -> None:
    signer = Authority(tmp_path, "stranger") if fault == "of another authority" else authority
    places = [x509.DNSName("bank.example.org")] if fault == "for another place" else LOOPBACK
    own = signer.sign("bank", places=places, days=-1 if fault == "ended" else 1)
    with a_bank(tmp_path, own, clients=authority.file) as bank:
        assert "no connection to the bank" in pay(bank, ours)
        assert bank.books.summary()["count"] == 0


def test_files_that_cannot_be_used_are_refused_in_a_sentence(
    tmp_path: Path, authority: Authority, ours: Certificates
) -> None:
    other = authority.sign("other")
    missing = str(tmp_path / "missing.pem")
    for wrong, why in (
        (ours._replace(key=""), "go together"),
        (ours._replace(key=other.key), "cannot be used together"),
        (ours._replace(certificate=missing), "cannot be used together"),
        (ours._replace(authority=missing), "BANK_AUTHORITY cannot be read"),
    ):
        with pytest.raises(CertificateUnusable, match=why):
            make_context(wrong)


def test_a_worker_that_sends_does_not_start_with_a_certificate_that_it_cannot_show(ours: Certificates) -> None:
    told = {"BANK_CERTIFICATE": ours.certificate, "BANK_KEY": ours.key, "BANK_AUTHORITY": ours.authority}
    assert begin("pay", **SENDER, **told) == "started\n"
    assert "go together" in begin("pay", **SENDER, **told | {"BANK_KEY": ""})
    assert "Take BANK_KEY out of its environment" in begin(BANK_KEY=ours.key)
