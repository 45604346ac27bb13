"""
A person proposes to narrow or to retire a dataset, and another one confirms it.

Nobody takes away what a version in force needs. Apps above say what relies on a dataset: `register_reliance` lets
`policies` name its versions, clauses and example cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.contracts.contract import Contract
from companies.contracts.declare import (
    CannotDeclare,
    Draft,
    NoSuchDataset,
    find_in_force,
    find_narrowings,
    make_row,
    refusals,
    refuse_other_department,
)
from companies.contracts.read import read_contract
from companies.contracts.registry import forget_soon
from companies.models.contracts.contract import DatasetContract
from companies.models.user import User
from qinqing.proposals.kinds import Fact, Kind, Term, Text
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Reliance:
    """Something that reads a dataset: its name for people, and whether it is in force."""

    name: str
    is_in_force: bool = False


class StillNeeded(CannotDeclare):
    """A version in force reads what would be taken away."""


# Gets the contract and the names of its columns, none for the whole dataset; answers with what relies on them.
Finder = Callable[[Contract, Collection[str]], Iterable[Reliance]]
_FINDERS: list[Finder] = []


def register_reliance(finder: Finder) -> None:
    """Let an app say what relies on datasets; it does so when it is ready."""
    _FINDERS.append(finder)


# What these lines of `dataset_narrowings` say would leave a rule that reads the dataset without its meaning.
_BREAKING: Final = ("dropped", "renamed", "type", "codes", "unit", "key", "terms:absence", "terms:item")
_OF_WHOLE_DATASET: Final = ("key", "terms:")
_SENTENCES: Final[dict[str, Text]] = {
    "dropped": gettext_lazy("The column “{name}” is delivered no more; its values stay."),
    "renamed": gettext_lazy("The column “{name}” gets another name."),
    "required": gettext_lazy("The column “{name}” has to have a value in each row."),
    "type": gettext_lazy("The column “{name}” gets another type."),
    "size": gettext_lazy("The column “{name}” takes shorter values."),
    "range": gettext_lazy("The column “{name}” takes a narrower range of values."),
    "codes": gettext_lazy("The column “{name}” loses a code."),
    "unit": gettext_lazy("The column “{name}” gets another unit."),
    "key": gettext_lazy("Other columns tell the rows apart."),
}
_TERMS: Final[dict[str, Text]] = {
    "absence": gettext_lazy("A missing row means something else."),
    "department": gettext_lazy("Another department delivers it."),
    "freshness_days": gettext_lazy("The data counts for another number of days."),
    "item": gettext_lazy("A single row has another name, under which a policy pays for it."),
    "level": gettext_lazy("The city instead of the districts delivers it, or the other way round."),
    "shift": gettext_lazy("A delivery waits for a person at other shares of changed rows."),
}


def describe_narrowing(line: str) -> str:
    """What a line of `dataset_narrowings` says, as a sentence."""
    what, _colon, name = line.partition(":")
    return str(_TERMS[name]) if what == "terms" else str(_SENTENCES[what]).format(name=name)


def list_reliances(*, contract: Contract, narrowings: Sequence[str] = ()) -> list[Reliance]:
    """What relies on a dataset, or on those of its columns that change; those in force come first."""
    is_whole = not narrowings or any(line.startswith(_OF_WHOLE_DATASET) for line in narrowings)
    columns = frozenset() if is_whole else {line.partition(":")[2] for line in narrowings}
    found = [each for finder in _FINDERS for each in finder(contract, columns)]
    return sorted(found, key=lambda each: (not each.is_in_force, each.name))


def propose_change(*, draft: Draft, because: str, actor: User, now: dt.datetime) -> Proposal:
    """
    Propose a contract that narrows the one in force.

    Raises:
        NoReason: `because` is blank.
        NoSuchDataset: no contract of this name is in force.
        StillNeeded: a version in force needs what would be taken away.
        AlreadyProposed: a change of this dataset waits already.
    """
    if draft.in_force is None:
        raise NoSuchDataset(_("This dataset was retired meanwhile."))
    _refuse_breaking(read_contract(draft.in_force.text), draft.narrowings)
    row = make_row(draft.contract, draft.text, now=now)
    after = {"version": row.version, "text": row.text, "sha256": row.sha256, "shape": row.shape}
    return _propose(draft.in_force, after, because, actor, now)


def propose_retirement(*, name: str, because: str, actor: User, now: dt.datetime) -> Proposal:
    """
    Propose to retire a dataset: nobody delivers it any more and no rule mentions it; its rows stay.

    Raises:
        NoReason: `because` is blank.
        NoSuchDataset: no contract of this name is in force.
        OthersDataset: it is another department's.
        StillNeeded: a version in force reads it.
        AlreadyProposed: a change of this dataset waits already.
    """
    row = find_in_force(name)
    if row is None:
        raise NoSuchDataset(_("There is no dataset “%(name)s”.") % {"name": name[:60]})
    contract = read_contract(row.text)
    refuse_other_department(contract.department, actor)
    _refuse_breaking(contract, ())
    return _propose(row, {"state": RETIRED}, because, actor, now)


def _propose(row: DatasetContract, after: dict[str, Any], because: str, actor: User, now: dt.datetime) -> Proposal:
    return propose(
        kind=DATASET_CONTRACT.name,
        subject_id=row.pk,
        subject_name=str(row),
        after=after,
        because=because,
        actor=actor,
        now=now,
    )


def _refuse_breaking(contract: Contract, narrowings: Sequence[str]) -> None:
    """Refuse what a version in force needs; no lines at all retire the dataset."""
    breaking = [line for line in narrowings if line.startswith(_BREAKING)]
    if narrowings and not breaking:
        return
    needed = [each.name for each in list_reliances(contract=contract, narrowings=breaking) if each.is_in_force]
    if needed:
        sentence = _("%(count)d versions in force need it, such as %(name)s; close or replace them first.")
        raise StillNeeded(sentence % {"count": len(needed), "name": needed[0]})


def _check(proposal: Proposal) -> None:
    row = DatasetContract.objects.get(pk=proposal.subject_id)
    after = proposal.after or {}
    narrowings = () if after.get("state") == RETIRED else find_narrowings(row.shape, after["shape"])
    _refuse_breaking(read_contract(row.text), narrowings)


def _list_consequences(proposal: Proposal) -> list[str]:
    after = proposal.after or {}
    if after.get("state") == RETIRED:
        return [
            _("Nobody delivers the dataset any more, and no new rule mentions it."),
            _("Its rows and their history stay, for decisions name them."),
        ]
    before = proposal.before or {}
    return [describe_narrowing(line) for line in find_narrowings(before["shape"], after["shape"])]


def _list_facts(proposal: Proposal) -> list[Fact]:
    before, after = proposal.before or {}, proposal.after or {}
    narrowings = () if "shape" not in after else find_narrowings(before["shape"], after["shape"])
    reliances = list_reliances(contract=read_contract(before["text"]), narrowings=narrowings)
    names = [_("%(name)s (in force)") % {"name": each.name} if each.is_in_force else each.name for each in reliances]
    return [Fact(gettext_lazy("what mentions it"), "; ".join(names) or _("nothing"))]


_STATES = {"in force": gettext_lazy("in force"), RETIRED: gettext_lazy("retired")}
DATASET_CONTRACT: Final = Kind(
    name="dataset_contract",
    title=gettext_lazy("contract of a dataset"),
    reads="companies.view_datasetcontract",
    decides="companies.add_datasetcontract",
    terms=(
        Term("version", gettext_lazy("version")),
        Term("state", gettext_lazy("state"), lambda value: str(_STATES.get(value, value))),
    ),
    url_name="admin:companies_datasetcontract_change",
    consequences=_list_consequences,
    facts=_list_facts,
    refusals=refusals,
    check=_check,
    follow_up=lambda _proposal, _now: forget_soon(),
)
