"""
A person declares the contract of a dataset: the database builds its table, or widens the one that there is.

What takes something away from those who rely on a dataset, or changes what its rows mean, is proposed by one person and
confirmed by another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.contracts.contract import Contract, Role
from companies.contracts.departments import department_name, offices
from companies.contracts.own import OWN_DATASETS, REGISTRATION
from companies.contracts.read import read_contract
from companies.contracts.registry import contracts, forget_soon
from companies.contracts.shape import shape_of
from companies.contracts.shipped import read_shipped
from companies.models.contracts.contract import DatasetContract
from companies.models.user import User
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import NotAllowed, NotFound, Refusal

# Names of facts, deliveries and subjects of policies that no contract declares.
TAKEN: Final = frozenset(
    {REGISTRATION.name, "company", "couple", "person_received", "company_accounts", "person_accounts"}
    | {each.name for each in OWN_DATASETS}
)
# A delivery that is landing holds its table; whoever declares does not make all others wait behind it.
LOCK_WAIT: Final = "5s"
LONGEST_CONTRACT: Final = 200_000
MARRIAGES: Final = "marriage"


class CannotDeclare(Refusal):
    """The contract does not go with those in force, or with the rows that there are."""


class OthersDataset(NotAllowed):
    """The dataset belongs to another department than the person's."""


class NoSuchDataset(NotFound):
    """No contract in force has this name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A contract that was read, beside the one in force.

    `narrowings` names what it takes away or means otherwise, as `dataset_narrowings` in the database does: such a draft
    takes two people.
    """

    contract: Contract
    text: str
    in_force: DatasetContract | None
    narrowings: tuple[str, ...]

    @property
    def takes_two(self) -> bool:
        """Whether somebody else has to confirm it."""
        return bool(self.narrowings)


def read_draft(*, text: str, actor: User) -> Draft:
    """
    Read a contract, and compare it with the one in force.

    Raises:
        WrongContract: the text is no contract that can be used; the sentence says where and what to do.
        OthersDataset: it is another department's.
        CannotDeclare: its department is unknown, or its name or its version is taken.
    """
    if len(text) > LONGEST_CONTRACT:
        raise CannotDeclare(_("This is longer than a contract can be; did you choose another file?"))
    contract = read_contract(text)
    _refuse_unknown_department(contract.department)
    in_force = find_in_force(contract.name)
    for department in {contract.department, contracts()[contract.name].department if in_force else contract.department}:
        refuse_other_department(department, actor)
    _refuse_taken_names(contract)
    if in_force and _number(contract.version) <= _number(in_force.version):
        sentence = _("{name} has the version {version} already; give yours a higher one, and say what is new.")
        raise CannotDeclare(format_lazy(sentence, name=contract.name, version=in_force.version))
    narrowings = find_narrowings(in_force.shape, shape_of(contract)) if in_force else ()
    return Draft(contract, text, in_force, narrowings)


def declare_contract(*, draft: Draft, actor: User, now: dt.datetime) -> DatasetContract:
    """
    Declare a contract that takes nothing away: its table is there, or has room, when this returns.

    Raises:
        CannotDeclare: it takes two people, or somebody declared another one meanwhile, or a delivery is landing.
    """
    row = make_row(draft.contract, draft.text, now=now, actor=actor)
    with building():
        row.save(force_insert=True)
    return row


@contextmanager
def building() -> Iterator[None]:
    """
    The context in which the database builds tables: it waits for a delivery that is landing no longer than `LOCK_WAIT`.

    Raises:
        CannotDeclare: the database refuses; the sentence says why and what to do.
    """
    try:
        with translate_refusals(refusals()):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
            yield
    except OperationalError as busy:
        raise CannotDeclare(_("A delivery of this dataset is landing at this moment; try again in a minute.")) from busy
    finally:
        forget_soon()


def refusals() -> dict[str, Refusal]:
    """The sentences of what the database refuses of contracts."""
    return {
        "dataset_contract_once_per_version": CannotDeclare(_("Somebody declared this version meanwhile; look at it.")),
        "dataset_contract_has_a_higher_version": CannotDeclare(
            _("Somebody declared a higher version meanwhile; compare yours with it.")
        ),
        "dataset_contract_is_narrowed_by_two": CannotDeclare(
            _("This takes something away from those who rely on the dataset; propose it, and a colleague confirms it.")
        ),
        "dataset_contract_is_not_of_a_retired_one": CannotDeclare(
            _("A dataset of this name was retired, and its rows are kept; give the new one another name.")
        ),
        "dataset_contract_has_words_of_its_own": CannotDeclare(
            _("Another dataset, or one row of another, is called so already; choose another name or item.")
        ),
    }


def find_in_force(name: str) -> DatasetContract | None:
    """The newest contract of a name that is not retired."""
    row = DatasetContract.objects.filter(name=name).order_by("-pk").first()
    return row if row and row.retired_at is None else None


def declare_shipped(**_signal: Any) -> None:
    """Declare the contracts that ship with the platform and are not known yet; runs after each migrate."""
    known = set(DatasetContract.objects.values_list("name", "version"))
    read = ((read_contract(text), text) for text in read_shipped())
    now = timezone.now()
    new = [make_row(each, text, now=now) for each, text in read if (each.name, each.version) not in known]
    with transaction.atomic(), building():
        DatasetContract.objects.bulk_create(new)


def make_row(contract: Contract, text: str, *, now: dt.datetime, actor: User | None = None) -> DatasetContract:
    """The row that declares a contract, not stored yet."""
    return DatasetContract(
        name=contract.name,
        version=contract.version,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        shape=shape_of(contract),
        declared_by=actor,
        declared_at=now,
    )


def may_declare(*, department: str, actor: User) -> bool:
    """Whether the dataset is of the person's own department; a superuser acts for each."""
    return actor.is_superuser or actor.department == department


def refuse_other_department(department: str, actor: User) -> None:
    """
    Refuse an actor of another department than the dataset's.

    Raises:
        OthersDataset: it is another department's.
    """
    if not may_declare(department=department, actor=actor):
        sentence = _("This is a dataset of {department}; only its own people declare it.")
        raise OthersDataset(format_lazy(sentence, department=department_name(department)))


def _refuse_unknown_department(code: str) -> None:
    if code not in offices():
        sentence = _("“{code}” is no department here; write one of: {known}. A security administrator proposes others.")
        raise CannotDeclare(format_lazy(sentence, code=code[:40], known=", ".join(offices())))


def _refuse_taken_names(contract: Contract) -> None:
    others = set(contracts()) - {contract.name}
    # Old versions of policies name their subject for ever, so no row takes the name of a retired dataset's row either.
    items = DatasetContract.objects.exclude(name=contract.name).values_list("shape__terms__item", flat=True)
    named = TAKEN | others | set(filter(None, items))
    # A rule about a person calls the rows of the spouse so.
    named |= {f"spouse_{name}" for name in others}
    for name in (contract.name, contract.item, f"spouse_{contract.name}"):
        if name in named:
            raise CannotDeclare(
                format_lazy(_("“{name}” is the name of something else already; choose another one."), name=name)
            )
    if contract.of_role(Role.SPOUSE) and contract.name != MARRIAGES:
        raise CannotDeclare(_("Only the register of marriages says who is married to whom."))


def find_narrowings(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> tuple[str, ...]:
    """What one shape takes away from another or means otherwise, such as "dropped:revenue" and "terms:absence"."""
    with connection.cursor() as cursor:
        shapes = [json.dumps(earlier), json.dumps(later)]
        cursor.execute("SELECT dataset_narrowings(%s::jsonb, %s::jsonb)", shapes)
        return tuple(cursor.fetchone()[0])


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
