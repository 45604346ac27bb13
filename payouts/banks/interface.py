"""
The bank's address, our token and our certificate: settings of the processes that send, which no other one reads.

They are read when a process first asks, so web and beat work without them, and whoever breaks into the portal finds
nothing with which a bank could be told to pay.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import environ
from django.conf import settings

from payouts.banks.tls import Certificates, make_context
from qinqing.kernel.refusals import Refusal

env = environ.Env()  # type: ignore[no-untyped-call]

# Workers of these queues speak to the bank.
SENDING_QUEUES = frozenset({"click", "pay"})
# With fewer characters the archive for a bank could be opened by trying.
SHORTEST_PASSWORD = 12
# What reaches a bank, or speaks for us.
HELD_BY_SENDERS = ("BANK_URL", "BANK_TOKEN", "BANK_CERTIFICATE", "BANK_KEY", "BANK_DROPS", "SIGNING_KEY")


class InterfaceUnknown(Refusal):
    """This process was not told how to reach the bank, or not in a way that others cannot overhear."""


class HoldsBankToken(Refusal):
    """This process speaks to no bank, and yet has what reaches one."""


class BankInterface(NamedTuple):
    """How the bank is reached."""

    url: str
    token: str
    certificates: Certificates


class Drop(NamedTuple):
    """The place where a bank takes files, and the password with which it opens them."""

    address: str
    password: str
    token: str
    certificates: Certificates


def read_interface() -> BankInterface:
    """
    Read how the bank is reached from the environment of this process.

    Raises:
        InterfaceUnknown: a setting is missing, or production would speak without TLS to a bank that is no simulator.
    """
    url = _read("BANK_URL", locally="http://127.0.0.1:8100")
    # The simulator of a trial speaks no TLS; a real bank hears and answers nothing that others can read.
    if settings.IS_PRODUCTION and not url.startswith("https://") and not env.bool("BANK_IS_SIMULATOR", default=False):
        raise InterfaceUnknown("BANK_URL begins with https://; only a simulator needs no TLS (BANK_IS_SIMULATOR=yes).")
    return BankInterface(
        url=url,
        token=_read("BANK_TOKEN", locally="simulator"),
        certificates=_read_certificates(),
    )


def read_drop(*, payer_account: str) -> Drop | None:
    """
    Read from the file BANK_DROPS where the bank of a payer's account takes files; None if it takes none by itself.

    The file is JSON: `{"<payer's account>": {"address": "https://…", "password": "…", "token": "…"}}`. It may name
    `certificate`, `key` and `authority` of this drop; else those of the bank's interface are shown.

    Raises:
        InterfaceUnknown: the file cannot be read, lacks something, or would have production speak without TLS.
    """
    file: str = env.str("BANK_DROPS", default="")
    if not file:
        return None
    try:
        asked = json.loads(Path(file).read_text()).get(payer_account)
        if asked is None:
            return None
        address, password = str(asked["address"]).rstrip("/"), str(asked["password"])
        named = {name: str(asked[name]) for name in Certificates._fields if name in asked}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as trouble:
        raise InterfaceUnknown(
            f"BANK_DROPS: {file} is no JSON that names an address and a password for each payer’s account."
        ) from trouble
    if settings.IS_PRODUCTION and not address.startswith("https://"):
        raise InterfaceUnknown(f"BANK_DROPS: the address of the drop of {payer_account} begins with https://.")
    if len(password) < SHORTEST_PASSWORD:
        raise InterfaceUnknown(
            f"BANK_DROPS: the password of {payer_account} has at least {SHORTEST_PASSWORD} characters."
        )
    certificates = _read_certificates()._replace(**named)
    return Drop(address=address, password=password, token=str(asked.get("token", "")), certificates=certificates)


def read_signing_key_file() -> str:
    """Read where the private key lies that signs what is handed over; empty if nowhere."""
    file: str = env.str("SIGNING_KEY", default="")
    return file


def check_interface(*, queues: Collection[str] = ()) -> None:
    """
    Check at the start of a process that takes these queues that it has the settings of a sender exactly if it is one.

    Raises:
        InterfaceUnknown: it is one, and was not told how to reach the bank.
        CertificateUnusable: it is one, and its certificate cannot be shown to the bank.
        HoldsBankToken: it is none and has, in production, what reaches a bank.
    """
    if SENDING_QUEUES.intersection(queues):
        make_context(read_interface().certificates)
    elif settings.IS_PRODUCTION and (held := [name for name in HELD_BY_SENDERS if os.environ.get(name)]):
        raise HoldsBankToken(
            f"This part speaks to no bank. Take {', '.join(held)} out of its environment; only the workers of the"
            f" queues {' and '.join(sorted(SENDING_QUEUES))} have them, so that whoever breaks in here reaches no bank."
        )


def _read_certificates() -> Certificates:
    return Certificates(
        certificate=env.str("BANK_CERTIFICATE", default=""),
        key=env.str("BANK_KEY", default=""),
        authority=env.str("BANK_AUTHORITY", default=""),
    )


def _read(name: str, *, locally: str) -> str:
    value: str = env.str(name, default="") or ("" if settings.IS_PRODUCTION else locally)
    if not value:
        raise InterfaceUnknown(f"Set the {name} environment variable for the processes that speak to the bank.")
    return value
