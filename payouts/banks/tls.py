"""TLS with the bank: it proves who it is to us, and our certificate proves to it who we are."""

from __future__ import annotations

import ssl
from typing import NamedTuple

from qinqing.kernel.refusals import Refusal


class CertificateUnusable(Refusal):
    """A file of a certificate or of its key is missing, cannot be read, or does not fit the other."""


class Certificates(NamedTuple):
    """
    The files with which a connection to the bank is made, in PEM.

    `certificate` and `key` are ours, shown to a bank that asks who we are; `authority` signed the bank's own, where
    that is none of the public ones. Each may be left out.
    """

    certificate: str = ""
    key: str = ""
    authority: str = ""


def make_context(certificates: Certificates) -> ssl.SSLContext:
    """
    Make the context of all connections to one bank; names are checked, and nothing older than TLS 1.2 is spoken.

    Raises:
        CertificateUnusable: a file cannot be used, or one of certificate and key is missing.
    """
    if bool(certificates.certificate) != bool(certificates.key):
        raise CertificateUnusable("BANK_CERTIFICATE and BANK_KEY go together: name both files, or neither.")
    try:
        context = ssl.create_default_context(cafile=certificates.authority or None)
    except OSError as trouble:
        raise CertificateUnusable(f"BANK_AUTHORITY cannot be read as certificates: {trouble.strerror}.") from trouble
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates.certificate:
        _show(context, certificates)
    return context


def _show(context: ssl.SSLContext, certificates: Certificates) -> None:
    try:
        # A key with a password would ask for it at the terminal, which no worker has.
        context.load_cert_chain(certificates.certificate, certificates.key, password=lambda: "")
    except OSError as trouble:
        raise CertificateUnusable(
            f"BANK_CERTIFICATE and BANK_KEY cannot be used together: {trouble.strerror}. Both are files in PEM, the key"
            " is that of the certificate and has no password."
        ) from trouble
