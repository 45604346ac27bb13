"""What a fetch is asked for, what comes of it, and where the bytes go."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.registry.columns import Column
from companies.sources.places import Place, is_own
from qinqing.kernel.refusals import Refusal


class PullRefused(Refusal):
    """Nothing came that can be delivered; the sentence says why, and the dataset stays as it was."""


class TooMuch(PullRefused):
    """More came than the source allows."""


class TooSlow(PullRefused):
    """It took too long."""


class WrongCertificate(PullRefused):
    """The server could not prove that it is the one of the address."""


class Unreachable(PullRefused):
    """There is no connection to the server."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a pull waits: for a connection, for the next bytes, and for all of it."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    whole_seconds: float = 1_800.0


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A source as a fetch needs it, without any row.

    `seen` is what the last pull noted, `watched` the columns of which a query tells the highest value.
    """

    place: Place
    address: str
    username: str
    secret: str = field(repr=False)
    trusted: str
    file_pattern: str
    query: str
    since: str
    seen: Mapping[str, str]
    watched: frozenset[str]
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Came:
    """
    What came beside the bytes.

    `seen` is what the next pull compares, `headers` are those of an answer in small letters, `highest` the highest
    values of the watched columns of a query.
    """

    what: str
    seen: Mapping[str, str] = field(default_factory=dict)
    modified_at: dt.datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    highest: Mapping[str, str] = field(default_factory=dict)


class Spool:
    """A temporary file that takes no more bytes than the source allows."""

    def __init__(self, *, largest_bytes: int) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the one who pulls closes it
        self.byte_count = 0
        self._largest_bytes = largest_bytes

    def write(self, piece: bytes) -> None:
        """
        Append a piece.

        Raises:
            TooMuch: it would be more than the source allows.
        """
        self.expect(self.byte_count + len(piece))
        self.byte_count += len(piece)
        self.file.write(piece)

    def expect(self, byte_count: int) -> None:
        """
        Refuse a length before its bytes come.

        Raises:
            TooMuch: it is more than the source allows.
        """
        if byte_count > self._largest_bytes:
            sentence = _("More than {limit} MiB would come; propose a higher limit, or ask the department for less.")
            raise TooMuch(format_lazy(sentence, limit=self._largest_bytes >> 20))


async def refuse_own_addresses(place: Place) -> None:
    """
    Refuse, in production, a name that leads to this machine; a name may come to mean another address at any time.

    Raises:
        PullRefused: it does.
        Unreachable: nobody knows the name.
    """
    if not settings.IS_PRODUCTION:
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as trouble:
        raise unreachable(place) from trouble
    if any(is_own(str(ipaddress.ip_address(each[4][0]))) for each in found):
        raise PullRefused(
            format_lazy(_("{host} leads into the platform itself; correct the address."), host=place.host)
        )


def make_context(trusted: str) -> ssl.SSLContext:
    """The context in which a server of HTTPS proves who it is, to nothing older than TLS 1.2."""
    context = ssl.create_default_context(cadata=trusted or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def unreachable(place: Place) -> Unreachable:
    """The refusal of a server that does not answer."""
    sentence = _("No connection to {place}; ask the department whether the server runs and lets us in.")
    return Unreachable(format_lazy(sentence, place=place))


def too_slow(place: Place) -> TooSlow:
    """The refusal of a server that keeps us waiting."""
    sentence = _("{place} took too long; it is asked again later, and if this goes on, ask the department.")
    return TooSlow(format_lazy(sentence, place=place))


def wrong_certificate(place: Place) -> WrongCertificate:
    """The refusal of a server whose certificate does not fit."""
    sentence = _(
        "The certificate of {place} does not prove that it is this server: it is of another name, has ended, or was"
        " signed by somebody whom the source does not trust. Ask the department before you change anything."
    )
    return WrongCertificate(format_lazy(sentence, place=place))


def is_about_certificate(trouble: BaseException | None) -> bool:
    """Whether an error comes of a certificate that does not fit."""
    while trouble is not None:
        if isinstance(trouble, ssl.SSLCertVerificationError):
            return True
        trouble = trouble.__cause__ or trouble.__context__
    return False
