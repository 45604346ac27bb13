"""The contracts in force and the departments, as every process knows them within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Final, ParamSpec, TypeVar

from django.db import transaction

from companies.contracts.contract import Contract
from companies.contracts.read import read_contract
from companies.models.contracts.contract import DatasetContract
from companies.models.department import Department
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.text import Bilingual

_REVISION: Final = """
    SELECT md5(concat(
        (SELECT string_agg(sha256 || (retired_at IS NOT NULL)::text, ',' ORDER BY id) FROM companies_datasetcontract),
        (SELECT string_agg(concat_ws(',', code, name_zh, name_en), ';' ORDER BY id) FROM companies_department)
    ))
"""
P = ParamSpec("P")
R = TypeVar("R")
# How long a process believes what it knows before it looks again.
TRUSTED_SECONDS: Final = 2.0
MOST_KEPT: Final = 1024


# Two registers of the same revision differ where one of them was rolled back, so each equals itself alone.
@dataclass(frozen=True, eq=False)
class Register:
    """
    The contracts in force, in the order in which their datasets were first declared, and the departments.

    `revision` is another text after each declaration, each retirement, and each new name of a department.
    """

    revision: str
    contracts: Mapping[str, Contract]
    offices: Mapping[str, Bilingual]


@dataclass(slots=True)
class _Memory:
    """What this process knows, and until when it believes it."""

    register: Register | None = None
    trusted_until: float = 0.0


_memory = _Memory()


def contracts() -> Mapping[str, Contract]:
    """The contracts in force by the names of their datasets."""
    return current_register().contracts


def current_register() -> Register:
    """The contracts in force, the departments, and their revision."""
    now, register = time.monotonic(), _memory.register
    if register is None or now >= _memory.trusted_until:
        # Another thread may forget what this one remembers; it has its own answer then.
        register = _look_again(register)
        remember(register, now=now)
    return register


def remember(register: Register, *, now: float, seconds: float = TRUSTED_SECONDS) -> None:
    """Believe this for some seconds."""
    _memory.register, _memory.trusted_until = register, now + seconds


def forget() -> None:
    """Read the contracts anew when they are next needed."""
    _memory.register = None


def forget_soon() -> None:
    """
    Read them anew now and when the transaction is over; whoever changes a contract or a department calls it.

    Another thread of this process sees until then what was there before.
    """
    forget()
    transaction.on_commit(forget)


def kept_by_revision(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what the function makes of the contracts, for the arguments used last, until a contract is declared."""

    @lru_cache(maxsize=MOST_KEPT)
    def keep(_register: Register, *args: P.args, **kwargs: P.kwargs) -> R:
        return make(*args, **kwargs)

    @wraps(make)
    def found(*args: P.args, **kwargs: P.kwargs) -> R:
        return keep(current_register(), *args, **kwargs)  # type: ignore[arg-type] # All of them can be hashed.

    return found


def _look_again(known: Register | None) -> Register:
    """What is known, unless a contract was declared or retired since."""
    [[revision]] = fetch_rows(_REVISION)
    if known is not None and known.revision == revision:
        return known
    return Register(revision, MappingProxyType(_read_contracts()), MappingProxyType(_read_offices()))


def _read_contracts() -> dict[str, Contract]:
    rows = DatasetContract.objects.order_by("pk").values_list("name", "text", "retired_at")
    # The newest contract of a name takes the place of the first.
    newest = {name: (text, retired_at) for name, text, retired_at in rows}
    return {name: read_contract(text) for name, (text, retired_at) in newest.items() if retired_at is None}


def _read_offices() -> dict[str, Bilingual]:
    return {each.code: each.name for each in Department.objects.order_by("pk")}
