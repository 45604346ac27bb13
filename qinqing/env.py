"""The environment of all parts, read in one place; a missing or wrong setting stops the start with its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from qinqing.kernel.ciphers import CIPHERS, HASHES

# Sixteen random bytes in hexadecimal digits.
SHORTEST_KEY = 32
# The length of the secrets that Django makes itself.
SHORTEST_SECRET = 50
# The working days within which a firm may ask to be heard (Administrative Penalty Law, Article 64).
SHORTEST_HEARING = 5

env = environ.Env()  # type: ignore[no-untyped-call]

IS_PRODUCTION: bool = env.str("QINQING_ENV", default="local") == "production"


def _require_setting(name: str, *, locally: str) -> str:
    """A setting that production must name; elsewhere its default is `locally`."""
    value: str = env.str(name, default="" if IS_PRODUCTION else locally)
    if not value:
        raise ImproperlyConfigured(f"Set the {name} environment variable.")
    return value


def _key(name: str) -> str:
    """A key that nobody can guess; a key in use may be shorter, because nothing else opens what it encrypted."""
    key: str = env.str(name)
    is_old: bool = env.bool(f"{name}_IS_OLD", default=False)
    if not key or (len(key) < SHORTEST_KEY and not is_old):
        raise ImproperlyConfigured(
            f"{name} has fewer than {SHORTEST_KEY} characters. A key that has data behind it is never thrown away: ID"
            f" and account numbers are lost with it; name it in {name}_BEFORE beside a new one, or go on with it by"
            f" {name}_IS_OLD=yes. “openssl rand -hex 32” makes a new one."
        )
    return key


def _secret(name: str) -> str:
    """A secret that signs, which may be replaced at any time."""
    secret: str = env.str(name)
    if IS_PRODUCTION and len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"{name} has fewer than {SHORTEST_SECRET} characters; whoever guesses it signs in as anybody."
            " “openssl rand -hex 32” makes one; with another one everybody signs in anew."
        )
    return secret


def _keys(name: str) -> list[str]:
    """Several keys with commas between them; a blank beside a comma would spoil a key, which then opens nothing."""
    keys: list[str] = env.list(name, default=[])
    if any(key != key.strip() for key in keys):
        raise ImproperlyConfigured(f"A blank stands beside a comma in {name}; leave it out.")
    return keys


def _one_of(name: str, choices: Iterable[str]) -> str:
    """A choice among several words; the first is the default."""
    chosen: str = env.str(name, default=next(iter(choices)))
    if chosen not in choices:
        raise ImproperlyConfigured(f"{name} is “{chosen}”; it is one of {', '.join(choices)}.")
    return chosen


def _second_factor() -> str:
    """Whether officials need a second factor; in production they do."""
    word: str = env.str("QINQING_SECOND_FACTOR", default="required" if IS_PRODUCTION else "offered")
    if word not in ("required", "offered") or (IS_PRODUCTION and word != "required"):
        raise ImproperlyConfigured(
            "QINQING_SECOND_FACTOR is “required” or “offered”; in production officials need one, so it is “required”."
        )
    return word


SECRET_KEY: str = _secret("DJANGO_SECRET_KEY")
# Encrypts ID and account numbers and keys their hashes; whoever loses it loses them.
DATA_KEY: str = _key("QINQING_DATA_KEY")
# The keys before it, the newest first: they open what they sealed, and the last one keys the hashes.
DATA_KEYS_BEFORE: list[str] = _keys("QINQING_DATA_KEY_BEFORE")
# The cipher of what is sealed from now on: aes, or sm4 where the law asks for it. It may change; then reseal.
DATA_CIPHER: str = _one_of("QINQING_CIPHER", CIPHERS)
# The algorithm of the keyed hashes, by which persons are found: it is chosen before the first row, and never changes.
DATA_HASH: str = _one_of("QINQING_HASH", HASHES)
SECOND_FACTOR: str = _second_factor()
# Whether a connection may prepare statements; say no behind a transaction pooler that does not support them.
DATABASE_KEEPS_PLANS: bool = env.bool("DATABASE_KEEPS_PLANS", default=True)


def _database(name: str) -> dict[str, Any] | None:
    """A database's address, taken apart; what stands behind a question mark, such as `sslmode`, is an option."""
    if not env.str(name, default=""):
        return None
    found: dict[str, Any] = env.db(name, engine="django.db.backends.postgresql")
    return found | {"OPTIONS": dict(found.get("OPTIONS", {}))}


def _required_database(name: str) -> dict[str, Any]:
    found = _database(name)
    if found is None:
        raise ImproperlyConfigured(f"Set the {name} environment variable.")
    return found


# The product connects as a role that writes rows, and as one that reads them. Only migrations know the owner's address.
DATABASE: dict[str, Any] = _required_database("DATABASE_URL")
READER_DATABASE: dict[str, Any] = _required_database("READER_DATABASE_URL")
OWNER_DATABASE: dict[str, Any] | None = _database("OWNER_DATABASE_URL")
REDIS_URL: str = env.str("REDIS_URL")
# Other hosts than this machine that are reached without TLS, because nothing that goes there leaves it: containers.
PLAIN_HOSTS: list[str] = env.list("PLAIN_HOSTS", default=[])
ALLOWED_HOSTS: list[str] = [
    host.strip() for host in _require_setting("ALLOWED_HOSTS", locally="localhost,127.0.0.1").split(",")
]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The bank's address and token are read by those alone who send: `payouts.banks.interface`.
BANK_TIMEOUT_SECONDS: float = env.float("BANK_TIMEOUT_SECONDS", default=10.0)
# A sender that was silent for so long is taken for dead; it must be longer than the time-out.
BANK_LEASE_SECONDS: float = env.float("BANK_LEASE_SECONDS", default=30.0)
# After so long the bank executes no payment that is new to it; until then "unknown to the bank" decides nothing.
BANK_CUT_OFF_SECONDS: float = env.float("BANK_CUT_OFF_SECONDS", default=120.0)
if BANK_TIMEOUT_SECONDS >= BANK_LEASE_SECONDS:
    raise ImproperlyConfigured(
        "BANK_LEASE_SECONDS has to be longer than BANK_TIMEOUT_SECONDS; else a sender that still waits for the bank is"
        " taken for dead."
    )
# How mail leaves (smtp+tls://user:password@host:587), and whom it comes from.
EMAIL: dict[str, object] = env.email_url("EMAIL_URL", default="consolemail://")
MAIL_FROM: str = env.str("MAIL_FROM", default="qinqing@localhost")
# The payer as the batch files name it.
PAYER_NAME: str = _require_setting("PAYER_NAME", locally="杭州市财政局")
PAYER_ACCOUNT: str = _require_setting("PAYER_ACCOUNT", locally="33010000000000000001")
PAYER_BANK_NUMBER: str = _require_setting("PAYER_BANK_NUMBER", locally="011331000015")
# So many changed accounts within an hour stop all changed accounts until two officials lift the stop.
ACCOUNT_BURST_LIMIT: int = env.int("ACCOUNT_BURST_LIMIT", default=50)
# So long nothing is paid to a changed account after it was confirmed; meanwhile the firm may stop it.
ACCOUNT_COOL_OFF_HOURS: float = env.float("ACCOUNT_COOL_OFF_HOURS", default=24.0)
# So many working days a firm has to answer what is alleged against it, before fraud, a fine or a ban is confirmed.
HEARING_WORKING_DAYS: int = env.int("HEARING_WORKING_DAYS", default=SHORTEST_HEARING)
if HEARING_WORKING_DAYS < SHORTEST_HEARING:
    raise ImproperlyConfigured(
        f"HEARING_WORKING_DAYS is {HEARING_WORKING_DAYS}; the law gives a firm {SHORTEST_HEARING} working days at least"
        " to be heard."
    )
# Where departments lay files to deliver, FOLDER/<department>/; without a folder nobody looks.
WATCHED_FOLDER: str = env.str("WATCHED_FOLDER", default="")
# The city's provider of identity by its issuer; without one nobody signs in by it.
IDENTITY_URL: str = env.str("IDENTITY_URL", default="").rstrip("/")
IDENTITY_CLIENT_ID: str = env.str("IDENTITY_CLIENT_ID", default="qinqing")
IDENTITY_CLIENT_SECRET: str = env.str("IDENTITY_CLIENT_SECRET", default="" if IS_PRODUCTION else "simulator")
# How surely the provider has to know a person, from 1 to 4.
IDENTITY_LEVEL: int = env.int("IDENTITY_LEVEL", default=3)
if IS_PRODUCTION and IDENTITY_URL and not (IDENTITY_URL.startswith("https://") and IDENTITY_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "IDENTITY_URL begins with https:// in production, and IDENTITY_CLIENT_SECRET goes with it; else others could"
        " say who signs in."
    )
