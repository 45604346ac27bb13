"""Embedded PostgreSQL and Redis, and local keys, for a machine that has none of them."""

from __future__ import annotations

import os

from qinqing.services import keys, postgres, redis
from qinqing.services.state import STATE_NAME_VARIABLE


def ensure(*, name: str = "city", is_durable: bool = True) -> None:
    """
    Fill in the database's three addresses, REDIS_URL and the two keys when the environment lacks them.

    All processes with the same `name` share the servers, which stop when the last of these processes ends. An
    environment marked QINQING_ENV=production is left alone: there a missing setting must fail loudly.
    """
    if os.environ.get("QINQING_ENV") == "production":
        return
    name = os.environ.setdefault(STATE_NAME_VARIABLE, name)
    keys.ensure()
    if not os.environ.get("DATABASE_URL"):
        addresses = postgres.ensure(name=name, is_durable=is_durable)
        os.environ |= {
            "DATABASE_URL": addresses.app,
            "OWNER_DATABASE_URL": addresses.owner,
            "READER_DATABASE_URL": addresses.reader,
        }
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = redis.ensure(name=name)
