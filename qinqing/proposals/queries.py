"""Questions about proposals: who may see which, which wait for a person, and what each changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from qinqing.proposals.kinds import Term, find_kind, list_kinds
from qinqing.proposals.models import Proposal


class Change(NamedTuple):
    """One value of a proposal before and after, in words."""

    label: str
    before: str
    after: str

    @property
    def is_other(self) -> bool:
        """Whether the value changes."""
        return self.before != self.after


def find_readable(*, user: AbstractUser) -> QuerySet[Proposal]:
    """The proposals of the kinds that the person may read."""
    return Proposal.objects.filter(kind__in=[kind.name for kind in list_kinds() if user.has_perm(kind.reads)])


def find_waiting(*, user: AbstractUser) -> QuerySet[Proposal]:
    """The open proposals that the person may confirm."""
    kinds = [kind.name for kind in list_kinds() if user.has_perm(kind.decides)]
    concerned = Q(proposed_by=user.pk) | Q(excluded_ids__contains=[user.pk])
    return Proposal.objects.filter(~concerned, decision="", kind__in=kinds)


def find_open(*, kind: str, subject_id: int | None) -> Proposal | None:
    """The proposal of this kind about the subject that waits for a decision, if there is one."""
    return Proposal.objects.filter(kind=kind, subject_id=subject_id or 0, decision="").order_by("-pk").first()


def list_changes(*, proposal: Proposal) -> Iterator[Change]:
    """Each value of the proposal, before and after, in the order of its kind."""
    if proposal.after is None:
        yield Change(_("the whole"), proposal.subject_name, _("is deleted"))
    for term in find_kind(proposal.kind).terms:
        before = _describe(term, proposal.before)
        # A value that the proposal does not name stays.
        is_named = proposal.after is None or term.key in proposal.after
        yield Change(capfirst(str(term.label)), before, _describe(term, proposal.after) if is_named else before)


def _describe(term: Term, values: dict[str, Any] | None) -> str:
    value = (values or {}).get(term.key)
    return "–" if value is None or value == "" else term.describe(value)
