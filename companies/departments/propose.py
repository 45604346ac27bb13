"""A person proposes a new department, or other names for one, and another person confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.contracts.registry import forget_soon
from companies.models import User
from companies.models.department import KIND, Department
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

# The number of a department that is still to be added.
NEW: Final = 0


class DepartmentTaken(Refusal):
    """Another department has the code or the name."""


class WrongDepartment(Refusal):
    """A department cannot have such a code or such names."""


class SameNames(Refusal):
    """The department has these names already."""


def propose_department(
    *,
    code: str,
    name_zh: str,
    name_en: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: dt.datetime,
) -> Proposal:
    """
    Propose a department that the platform does not know yet.

    Raises:
        DepartmentTaken: another department has its code or its Chinese name.
        NoReason, AlreadyProposed: as `propose` says.
    """
    if Department.objects.filter(code=code).exists():
        raise _taken()
    _refuse_taken_name(NEW, name_zh)
    after = {"code": code, "name_zh": name_zh.strip(), "name_en": name_en.strip()}
    return _propose(NEW, name_zh.strip(), after, because, document_number, actor, now)


def propose_names(
    *,
    department: Department,
    name_zh: str,
    name_en: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: dt.datetime,
) -> Proposal:
    """
    Propose other names for a department, as after a reform; its code stays.

    Raises:
        SameNames: it has these names already.
        DepartmentTaken: another department has the Chinese name.
        NoReason, AlreadyProposed: as `propose` says.
    """
    after = {"name_zh": name_zh.strip(), "name_en": name_en.strip()}
    if after == {"name_zh": department.name_zh, "name_en": department.name_en}:
        raise SameNames(_("The department is called so already; nothing would change."))
    _refuse_taken_name(department.pk, name_zh)
    return _propose(department.pk, str(department), after, because, document_number, actor, now)


def _refuse_taken_name(number: int, name_zh: str) -> None:
    if Department.objects.exclude(pk=number).filter(name_zh=name_zh.strip()).exists():
        raise _taken()


def _propose(
    number: int, name: str, after: dict[str, Any], because: str, document_number: str, actor: User, now: dt.datetime
) -> Proposal:
    return propose(
        kind=KIND,
        subject_id=number,
        subject_name=name,
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def _taken() -> DepartmentTaken:
    return DepartmentTaken(_("Another department has this code or this Chinese name; look at the list."))


def _refusals() -> Mapping[str, Refusal]:
    wrong = WrongDepartment(_("A department has a code such as “transport”, a Chinese and an English name."))
    return {
        "department_once": _taken(),
        "department_is_called_as_no_other": _taken(),
        "department_has_a_plain_code": wrong,
        "department_has_both_names": wrong,
    }


def _list_consequences(proposal: Proposal) -> Sequence[str]:
    if proposal.subject_id == NEW:
        return (
            _("It can be in charge of policies and declare datasets; give its people their accounts next."),
            _("Its code stays for ever: contracts, policies and accounts name the department by it."),
        )
    return (_("All pages call the department by its new name; decisions that were made stay as they are."),)


DEPARTMENT: Final = Kind(
    name=KIND,
    title=gettext_lazy("department"),
    reads="companies.view_department",
    decides="companies.change_department",
    terms=(
        Term("code", gettext_lazy("code")),
        Term("name_zh", gettext_lazy("Chinese name")),
        Term("name_en", gettext_lazy("English name")),
    ),
    url_name="admin:companies_department_change",
    consequences=_list_consequences,
    # New departments share a number, so several of them wait.
    may_wait_beside_others=True,
    refusals=_refusals,
    follow_up=lambda _proposal, _now: forget_soon(),
)
