"""
The bank's address, our token and our certificate: settings of the processes that send, which no other one reads.

They are read when a process first asks, so web and beat work without them, and whoever breaks into the portal finds
nothing with which a bank could be told to pay.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

import environ
from django.conf import settings

from payouts.banks.tls import Certificates, make_context
from qinqing.kernel.refusals import Refusal

env = environ.Env()  # type: ignore[no-untyped-call]

# Workers of these queues speak to the bank.
SENDING_QUEUES = frozenset({"click", "pay"})
# What reaches a bank.
HELD_BY_SENDERS = ("BANK_URL", "BANK_TOKEN", "BANK_CERTIFICATE", "BANK_KEY")


class InterfaceUnknown(Refusal):
    """This process was not told how to reach the bank, or not in a way that others cannot overhear."""


class HoldsBankToken(Refusal):
    """This process speaks to no bank, and yet has what reaches one."""


class BankInterface(NamedTuple):
    """How the bank is reached."""

    url: str
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
        certificates=Certificates(
            certificate=env.str("BANK_CERTIFICATE", default=""),
            key=env.str("BANK_KEY", default=""),
            authority=env.str("BANK_AUTHORITY", default=""),
        ),
    )


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


def _read(name: str, *, locally: str) -> str:
    value: str = env.str(name, default="") or ("" if settings.IS_PRODUCTION else locally)
    if not value:
        raise InterfaceUnknown(f"Set the {name} environment variable for the processes that speak to the bank.")
    return value
