"""The environment, read in one place; a missing or wrong setting stops the start with its name."""

from __future__ import annotations

import environ

env = environ.Env()  # type: ignore[no-untyped-call]

IS_PRODUCTION: bool = env.str("QINQING_ENV", default="local") == "production"
SECRET_KEY: str = env.str("DJANGO_SECRET_KEY")
# Encrypts ID and account numbers and keys their hashes; losing it loses them.
DATA_KEY: str = env.str("QINQING_DATA_KEY")
# Whether a connection may prepare statements; not through a pooler between transactions that does not know of them.
DATABASE_KEEPS_PLANS: bool = env.bool("DATABASE_KEEPS_PLANS", default=True)
REDIS_URL: str = env.str("REDIS_URL")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if IS_PRODUCTION else ["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BANK_URL: str = env.str("BANK_URL", default="http://127.0.0.1:8100")
BANK_TOKEN: str = env.str("BANK_TOKEN", default="" if IS_PRODUCTION else "simulator")
BANK_TIMEOUT_SECONDS: float = env.float("BANK_TIMEOUT_SECONDS", default=10.0)
# A sender that was not heard of for so long is taken for dead; longer than the time-out.
BANK_LEASE_SECONDS: float = env.float("BANK_LEASE_SECONDS", default=30.0)
# After this the bank executes nothing it has not seen; until then "unknown to the bank" decides nothing.
BANK_CUT_OFF_SECONDS: float = env.float("BANK_CUT_OFF_SECONDS", default=120.0)
# Who pays, as the batch files name it.
PAYER_NAME: str = env.str("PAYER_NAME", default="杭州市财政局")
PAYER_ACCOUNT: str = env.str("PAYER_ACCOUNT", default="" if IS_PRODUCTION else "33010000000000000001")
PAYER_BANK_NUMBER: str = env.str("PAYER_BANK_NUMBER", default="" if IS_PRODUCTION else "011331000015")
