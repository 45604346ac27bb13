"""
Whether what goes to the database, the broker and the mail server is encrypted, to a server that has proved its name.

Addresses of this machine need no encryption, and neither do the hosts that PLAIN_HOSTS names: containers beside us,
whose wire nobody else touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import checks

from qinqing.kernel.refusals import Refusal

# The modes of libpq in which a server shows a certificate of an authority that the client trusts.
_PROVEN = ("verify-full", "verify-ca")
_ELSE = "or name the host in PLAIN_HOSTS if nothing that goes there leaves this machine"


class PlainAddress(Refusal):
    """Others could read what goes to a server, or answer in its place."""


def refuse_plain_addresses() -> None:
    """
    Refuse, in production, to speak to a server of another machine without TLS.

    Raises:
        PlainAddress: an address lacks it; the sentence says what to add.
    """
    if settings.IS_PRODUCTION and (faults := list(find_plain_addresses())):
        raise PlainAddress(" ".join(faults))


def find_plain_addresses() -> Iterator[str]:
    """Find the servers that are reached without TLS that proves who answers; one sentence for each."""
    databases = {
        "DATABASE_URL": settings.DATABASE,
        "READER_DATABASE_URL": settings.READER_DATABASE,
        "OWNER_DATABASE_URL": settings.OWNER_DATABASE,
    }
    for name, database in databases.items():
        if database and not _is_database_proven(database):
            yield (
                f"{name} leads to {', '.join(_hosts_of(database))} without TLS that proves who answers: add"
                f" ?sslmode=verify-full&sslrootcert=FILE to the address, {_ELSE}."
            )
    if not _is_broker_proven(settings.REDIS_URL):
        yield (
            f"REDIS_URL leads to {urlsplit(settings.REDIS_URL).hostname} without TLS that proves who answers: write"
            f" rediss://…?ssl_cert_reqs=required&ssl_ca_certs=FILE, {_ELSE}."
        )
    if not _is_mail_encrypted(settings.EMAIL):
        yield (
            f"EMAIL_URL leads to {settings.EMAIL['EMAIL_HOST']} without TLS, and links for new passwords go there:"
            f" write smtp+tls:// or smtp+ssl://, {_ELSE}."
        )


@checks.register(checks.Tags.security, deploy=True)
def check_transport(**_given: object) -> list[checks.CheckMessage]:
    """Check all addresses, for `manage.py check --deploy`."""
    return [checks.Error(sentence, id="qinqing.E003") for sentence in find_plain_addresses()]


def is_near(host: str | None) -> bool:
    """Whether what goes to a host stays on this machine: a socket, a loopback address, a container beside us."""
    if not host or host.startswith("/") or host == "localhost" or host in settings.PLAIN_HOSTS:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_database_proven(database: dict[str, Any]) -> bool:
    return database["OPTIONS"].get("sslmode") in _PROVEN or all(is_near(host) for host in _hosts_of(database))


def _hosts_of(database: dict[str, Any]) -> list[str]:
    """All hosts that an address names; libpq takes several, and connects to `hostaddr` whatever a host's name is."""
    options = database["OPTIONS"]
    named = (database["HOST"], options.get("host", ""), options.get("hostaddr", ""))
    return [host for each in named for host in str(each).split(",") if host]


def _is_broker_proven(address: str) -> bool:
    parts = urlsplit(address)
    # Without the word Celery takes any certificate.
    asked = parse_qs(parts.query)
    is_named = asked.get("ssl_check_hostname", ["true"])[-1].lower() == "true"
    is_proven = parts.scheme == "rediss" and asked.get("ssl_cert_reqs") == ["required"] and is_named
    return is_proven or parts.scheme == "unix" or is_near(parts.hostname)


def _is_mail_encrypted(mail: dict[str, Any]) -> bool:
    is_sent = "smtp" in str(mail.get("EMAIL_BACKEND", ""))
    return not is_sent or bool(mail.get("EMAIL_USE_TLS") or mail.get("EMAIL_USE_SSL")) or is_near(mail["EMAIL_HOST"])
