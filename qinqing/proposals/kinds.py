"""
The kinds of proposals. An app registers those whose rows it owns, when it is ready.

To each kind belong two functions of the database, in `.sql` files beside the models that they read and change:
`proposal_before_<name>(subject_id bigint) RETURNS jsonb` locks the subject and returns its present values (null: there
is no such subject), and `carry_out_<name>(proposal proposals_proposal) RETURNS void` changes the rows as `after` says.
Two more may be there: `proposal_excluded_<name>(subject_id bigint) RETURNS bigint[]` names persons who had a hand in
the subject, and so neither propose nor confirm; `proposal_check_<name>(proposal proposals_proposal) RETURNS void`
refuses what is not possible, when it is proposed and when it is confirmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise

from qinqing.kernel.refusals import Refusal

if TYPE_CHECKING:
    from qinqing.proposals.models import Proposal

Text = Promise | str


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a proposal: its key in `before` and `after`, its label, and how a value reads."""

    key: str
    label: Text
    describe: Callable[[Any], str] = str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something beside the values that whoever decides reads on the proposal's page: its label, and its text."""

    label: Text
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of proposal.

    Attributes:
        name: as the database's functions end.
        title: what the proposal changes, for lists and worklists.
        reads, decides: the permissions of whoever reads such proposals and of whoever decides them; the page that
            proposes asks its own.
        terms: the values that the page shows side by side, in order.
        url_name: the admin's page of the subject; it takes the subject's id.
        consequences: sentences about what follows a confirmation.
        facts: what stands beside the values on the proposal's page, such as what the person concerned says.
        may_wait_beside_others: several different proposals about one subject may be open at a time.
        refusals: the sentences of constraints that carrying it out may violate.
        check: raises a refusal where the change is not possible any more; runs before the confirmation.
        follow_up: runs after the confirmation, in its transaction.
    """

    name: str
    title: Text
    reads: str
    decides: str
    terms: Sequence[Term]
    url_name: str = ""
    consequences: Callable[[Proposal], Sequence[str]] = lambda proposal: ()
    facts: Callable[[Proposal], Iterable[Fact]] = lambda proposal: ()
    may_wait_beside_others: bool = False
    refusals: Callable[[], Mapping[str, Refusal]] = dict
    check: Callable[[Proposal], None] = lambda proposal: None
    follow_up: Callable[[Proposal, dt.datetime], None] = lambda proposal, now: None

    def subject_address(self, subject_id: int) -> str:
        """The page of the subject in the admin; empty where it has none, such as a subject that is still to be made."""
        return reverse(self.url_name, args=[subject_id]) if self.url_name and subject_id else ""


_KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; the same name again takes the place of the earlier one."""
    _KINDS[kind.name] = kind


def find_kind(name: str) -> Kind:
    """The kind of this name."""
    return _KINDS[name]


def list_kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of their apps."""
    return tuple(_KINDS.values())
