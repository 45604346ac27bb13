"""The addresses of sources: what one may look like, and that none leads back into the platform."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from cryptography.x509 import load_pem_x509_certificates
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.models.sources.source import SourceKind
from qinqing.kernel.refusals import Refusal

SINCE: Final = "{since}"
_SCHEMES: Final = {
    SourceKind.HTTP: ("https", "http"),
    SourceKind.SFTP: ("sftp",),
    SourceKind.QUERY: ("postgresql",),
}
_PORTS: Final = {"https": 443, "http": 80, "sftp": 22, "postgresql": 5432}
_PLACEHOLDER = re.compile(r"\{[^}]*\}?|\}")


class WrongAddress(Refusal):
    """The address is none of its kind, or leads where no source may lead."""


class WrongTrust(Refusal):
    """What is to be trusted is no host key, or no certificate."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address, read: `path` is the folder of an SFTP server or the name of a database."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_place(*, kind: str, address: str) -> Place:
    """
    Read the address of a source.

    Raises:
        WrongAddress: it is none of its kind, holds a password, leads into the platform, or could be overheard.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _wrong(kind) from None
    if parts.scheme not in _SCHEMES[SourceKind(kind)] or not parts.hostname or re.search(r"[\s\x00-\x1f]", address):
        raise _wrong(kind)
    if parts.username is not None or parts.password is not None:
        raise WrongAddress(_("The address holds a password or an account; enter these in their own fields."))
    if set(_PLACEHOLDER.findall(address)) - ({SINCE} if kind == SourceKind.HTTP else set()):
        raise WrongAddress(_("The only placeholder of an address is {since}, and only HTTP has it."))
    place = Place(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], unquote(parts.path))
    _refuse_open_or_own(place)
    return place


def check_trusted(*, kind: str, trusted: str) -> None:
    """
    Check the host key of an SFTP server, which it has to have, or the authority of any other, which it may have.

    Raises:
        WrongTrust: it cannot be read as such.
    """
    try:
        if kind == SourceKind.SFTP:
            load_ssh_public_key(trusted.strip().encode())
        elif trusted:
            load_pem_x509_certificates(trusted.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise WrongTrust(
            _("The host key is one line such as “ssh-ed25519 AAAA…”; have the department’s office send it to you.")
            if kind == SourceKind.SFTP
            else _("The authority is a certificate in PEM, from BEGIN CERTIFICATE to END CERTIFICATE; or leave it out.")
        ) from None


def _wrong(kind: str) -> WrongAddress:
    examples = {
        SourceKind.HTTP: "https://data.example.org/tax.csv",
        SourceKind.SFTP: "sftp://data.example.org/out",
        SourceKind.QUERY: "postgresql://data.example.org:5432/statistics",
    }
    sentence = _("This is no address of the kind {example}; look for missing parts and for spaces.")
    return WrongAddress(format_lazy(sentence, example=examples[SourceKind(kind)]))


def _refuse_open_or_own(place: Place) -> None:
    """In production nothing leaves unencrypted, and no source is this machine or a container beside it."""
    if not settings.IS_PRODUCTION:
        return
    if place.scheme == "http":
        raise WrongAddress(
            _("The address begins with https://; anybody on the way could change what comes over http://.")
        )
    if is_own(place.host) or place.host in _own_hosts():
        raise WrongAddress(
            format_lazy(_("{host} is a part of the platform itself; no source leads there."), host=place.host)
        )


def is_own(host: str) -> bool:
    """Whether the host is this machine, or an address by which machines of a cloud ask about themselves."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast


def _own_hosts() -> set[str]:
    parts = (settings.DATABASE["HOST"], settings.READER_DATABASE["HOST"], urlsplit(settings.REDIS_URL).hostname)
    return {host for host in (*parts, *settings.PLAIN_HOSTS) if host}
