"""The drop of a bank: the place where it takes a file over HTTPS, once under a name, and says whether it has it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx
import structlog
from django.utils.translation import gettext_noop

from payouts.banks.interface import Drop
from payouts.banks.tls import make_context
from qinqing.kernel.signatures import Signed

log = structlog.get_logger()

# A receipt has some hundred bytes.
LONGEST_RECEIPT_BYTES = 10_000
TROUBLE = (httpx.HTTPError, ValueError, LookupError, TypeError)


class Word(Enum):
    """What a drop says about a file."""

    TAKEN = "it has these bytes"
    OTHER = "it has other bytes under this name"
    UNKNOWN = "it never saw a file of this name"
    SILENCE = "it gave no answer that can be read"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The word of a drop about one file, with the time by its own clock; silence has no time, and a reason."""

    word: Word
    as_of: datetime | None = None
    silence: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file as a drop gets it; after `valid_until` the drop takes it no more."""

    name: str
    sha256: str
    byte_count: int
    signed: Signed
    valid_until: datetime


class BankDrop:
    """
    The drop of one bank; neither this class nor httpx repeats a request, so no file is sent twice.

    Whatever is not a receipt of these very bytes is silence: a redirection, an error, half an answer.
    """

    def __init__(self, drop: Drop, *, timeout_seconds: float) -> None:
        self._client = httpx.Client(
            base_url=drop.address,
            headers={"Authorization": f"Bearer {drop.token}"} if drop.token else {},
            timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 3.0)),
            trust_env=False,
            verify=make_context(drop.certificates),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def put(self, parcel: Parcel, blocks: Iterable[bytes]) -> Receipt:
        """Hand a file over, with its signature; it is sent once, whatever comes back."""
        headers = {
            "Content-Type": "application/zip",
            "Content-Length": str(parcel.byte_count),
            # A drop that has a file of this name keeps it.
            "If-None-Match": "*",
            "X-Content-SHA256": parcel.sha256,
            "X-Signature-Ed25519": base64.b64encode(parcel.signed.signature).decode(),
            "X-Valid-Until": parcel.valid_until.isoformat(),
        }
        try:
            answer = self._client.put(_path(parcel), content=blocks, headers=headers)
            return _read(answer, parcel, has_it=httpx.codes.CREATED)
        except TROUBLE as trouble:
            return _silence(trouble)

    def ask(self, parcel: Parcel) -> Receipt:
        """Ask whether the drop has a file, without any effect."""
        try:
            answer = self._client.get(_path(parcel))
            if answer.status_code == httpx.codes.NOT_FOUND:
                return Receipt(Word.UNKNOWN, _read_time(_read_body(answer)))
            return _read(answer, parcel, has_it=httpx.codes.OK)
        except TROUBLE as trouble:
            return _silence(trouble)


def _path(parcel: Parcel) -> str:
    return f"/{quote(parcel.name, safe='')}"


def _read(answer: httpx.Response, parcel: Parcel, *, has_it: int) -> Receipt:
    if answer.status_code != has_it:
        return Receipt(Word.SILENCE, silence=gettext_noop("the drop answered with an error"))
    body = _read_body(answer)
    return Receipt(Word.TAKEN if body["sha256"] == parcel.sha256 else Word.OTHER, _read_time(body))


def _read_body(answer: httpx.Response) -> dict[str, str]:
    if len(answer.content) > LONGEST_RECEIPT_BYTES:
        raise ValueError("the receipt is too long")
    body = json.loads(answer.content)
    if not isinstance(body, dict):
        raise ValueError("the receipt is no object")
    return body


def _read_time(body: dict[str, str]) -> datetime:
    as_of = datetime.fromisoformat(body["as_of"])
    if as_of.tzinfo is None:
        raise ValueError("the receipt's time has no zone")
    return as_of


def _silence(trouble: Exception) -> Receipt:
    log.warning("drop_is_silent", reason=type(trouble).__name__)
    if isinstance(trouble, httpx.TimeoutException):
        return Receipt(Word.SILENCE, silence=gettext_noop("the drop did not answer in time"))
    if isinstance(trouble, httpx.HTTPError):
        return Receipt(Word.SILENCE, silence=gettext_noop("no connection to the drop"))
    return Receipt(Word.SILENCE, silence=gettext_noop("the drop’s receipt cannot be read"))
