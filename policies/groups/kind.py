"""The kind of proposals that change a stacking group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.groups.regroup import KIND, check_still_possible, decide_policies_anew, list_refusals
from policies.models import Policy, StackingGroup
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_yuan


def _field(name: str, describe: Callable[[Any], str]) -> Term:
    return Term(name, StackingGroup._meta.get_field(name).verbose_name, describe)  # type: ignore[union-attr]


def _choice(name: str) -> Term:
    return _field(name, lambda value: str(getattr(StackingGroup(**{name: value}), f"get_{name}_display")()))


def _name_policies(numbers: list[int]) -> str:
    return "; ".join(str(policy) for policy in Policy.objects.filter(pk__in=numbers).order_by("code"))


def _describe_consequences(_proposal: Proposal) -> list[str]:
    return [_("Where something was claimed under it, its policies are decided anew, and what is free is paid.")]


STACKING_GROUP = Kind(
    name=KIND,
    title=gettext_lazy("stacking group"),
    reads="policies.view_stackinggroup",
    decides="policies.change_stackinggroup",
    terms=(
        *(_choice(name) for name in ("rule", "holder", "span")),
        _field("pays_difference", lambda value: _("yes") if value else _("no")),
        _field("cap_cny", describe_yuan),
        Term("policies", gettext_lazy("policies of the group"), _name_policies),
    ),
    url_name="admin:policies_stackinggroup_change",
    consequences=_describe_consequences,
    refusals=list_refusals,
    check=check_still_possible,
    follow_up=decide_policies_anew,
)
