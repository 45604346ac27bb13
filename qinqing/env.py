"""The environment, read in one place; a missing or wrong setting stops the start with its name."""

from __future__ import annotations

import environ
from django.core.exceptions import ImproperlyConfigured

# Sixteen random bytes in hexadecimal digits.
SHORTEST_KEY = 32
# As long as Django itself makes one.
SHORTEST_SECRET = 50

env = environ.Env()  # type: ignore[no-untyped-call]

IS_PRODUCTION: bool = env.str("QINQING_ENV", default="local") == "production"


def _require_setting(name: str, *, locally: str) -> str:
    """A setting that production has to be told; elsewhere `locally` stands for it."""
    value: str = env.str(name, default="" if IS_PRODUCTION else locally)
    if not value:
        raise ImproperlyConfigured(f"Set the {name} environment variable.")
    return value


def _key(name: str) -> str:
    """A key that nobody guesses; one that has encrypted something already may be shorter, for nothing else opens it."""
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
    """Several keys with commas between them; a blank beside a comma would be a part of its key, which opens nothing."""
    keys: list[str] = env.list(name, default=[])
    if any(key != key.strip() for key in keys):
        raise ImproperlyConfigured(f"A blank stands beside a comma in {name}; leave it out.")
    return keys


SECRET_KEY: str = _secret("DJANGO_SECRET_KEY")
# Encrypts ID and account numbers and keys their hashes; losing it loses them.
DATA_KEY: str = _key("QINQING_DATA_KEY")
# Those that it replaced, the newest first: they open what they sealed, and the hashes hang on the last.
DATA_KEYS_BEFORE: list[str] = _keys("QINQING_DATA_KEY_BEFORE")
# Whether a connection may prepare statements; not through a pooler between transactions that does not know of them.
DATABASE_KEEPS_PLANS: bool = env.bool("DATABASE_KEEPS_PLANS", default=True)
REDIS_URL: str = env.str("REDIS_URL")
ALLOWED_HOSTS: list[str] = [
    host.strip() for host in _require_setting("ALLOWED_HOSTS", locally="localhost,127.0.0.1").split(",")
]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BANK_URL: str = _require_setting("BANK_URL", locally="http://127.0.0.1:8100")
BANK_TOKEN: str = _require_setting("BANK_TOKEN", locally="simulator")
BANK_TIMEOUT_SECONDS: float = env.float("BANK_TIMEOUT_SECONDS", default=10.0)
# A sender that was not heard of for so long is taken for dead; longer than the time-out.
BANK_LEASE_SECONDS: float = env.float("BANK_LEASE_SECONDS", default=30.0)
# After this the bank executes nothing it has not seen; until then "unknown to the bank" decides nothing.
BANK_CUT_OFF_SECONDS: float = env.float("BANK_CUT_OFF_SECONDS", default=120.0)
if BANK_TIMEOUT_SECONDS >= BANK_LEASE_SECONDS:
    raise ImproperlyConfigured(
        "BANK_LEASE_SECONDS has to be longer than BANK_TIMEOUT_SECONDS; else a sender that still waits for the bank is"
        " taken for dead."
    )
# Who pays, as the batch files name it.
PAYER_NAME: str = _require_setting("PAYER_NAME", locally="杭州市财政局")
PAYER_ACCOUNT: str = _require_setting("PAYER_ACCOUNT", locally="33010000000000000001")
PAYER_BANK_NUMBER: str = _require_setting("PAYER_BANK_NUMBER", locally="011331000015")
