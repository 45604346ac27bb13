"""The kinds of proposals that let a version go on, and that loosen what stops one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.authoring import breaker_terms, lift
from policies.models import Breaker, Suspension, SuspensionKind
from policies.states import VersionStatus
from qinqing.kernel.text import Bilingual
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal

_STATES = {"stopped": gettext_lazy("stops the version"), "lifted": gettext_lazy("lifted")}


def _threshold(name: str) -> Term:
    return Term(name, Breaker._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _describe_moment(value: str) -> str:
    return date_format(localtime(dt.datetime.fromisoformat(value)), "DATETIME_FORMAT")


def _describe_reason(value: Sequence[str]) -> str:
    return str(Bilingual(*value))


def _list_consequences_of_terms(proposal: Proposal) -> list[str]:
    if proposal.after is None:
        return [_("The circuit breaker for all policies watches it then, or the usual thresholds where there is none.")]
    return [_("Payments that it would have stopped go on.")]


def _list_consequences_of_lifting(proposal: Proposal) -> list[str]:
    suspension: Any = Suspension.objects.select_related("version").get(pk=proposal.subject_id)
    return lift.list_consequences(suspension.version)


BREAKER_TERMS = Kind(
    name=breaker_terms.KIND,
    title=gettext_lazy("terms of a circuit breaker"),
    reads="policies.view_breaker",
    decides="policies.change_breaker",
    terms=(
        *(_threshold(name) for name in ("refused_count", "refused_percent", "refused_minutes", "payees_per_account")),
        Term(
            "stops_when_stale",
            Breaker._meta.get_field("stops_when_stale").verbose_name,
            lambda value: _("yes") if value else _("no"),
        ),
    ),
    url_name="admin:policies_breaker_change",
    consequences=_list_consequences_of_terms,
)

SUSPENSION = Kind(
    name=lift.KIND,
    title=gettext_lazy("lifting of a suspension"),
    reads="policies.view_suspension",
    decides="policies.change_policyversion",
    terms=(
        Term("state", gettext_lazy("suspension"), lambda value: str(_STATES.get(value, value))),
        Term("version", gettext_lazy("version"), lambda value: str(VersionStatus(value).label)),
        Term("kind", gettext_lazy("suspended by"), lambda value: str(SuspensionKind(value).label)),
        Term("stopped_by", gettext_lazy("officer")),
        Term("reason", gettext_lazy("why it was suspended"), _describe_reason),
        Term("since", gettext_lazy("suspended at"), _describe_moment),
    ),
    url_name="admin:policies_suspension_change",
    consequences=_list_consequences_of_lifting,
    follow_up=lift.decide_city_anew,
)
