"""The kinds of proposals about accounts of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from companies.classifications.districts import district_choices
from companies.classifications.roles import role_name
from companies.contracts.departments import department_name
from companies.models import User
from companies.people.mails import tell
from companies.staff import accounts, factors, roles
from companies.staff.links import send_first_link
from qinqing.kernel.refusals import NotAllowed, Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal

_FACTORS = {
    "totp": gettext_lazy("an app"),
    "webauthn": gettext_lazy("a passkey or key"),
    "recovery_codes": gettext_lazy("recovery codes"),
}


class NotTheirTask(NotAllowed):
    """The person is no security administrator, or is none any more."""


def describe_roles(names: Iterable[str]) -> str:
    """The roles by their names for people."""
    return _list(role_name(name) for name in names)


def _list(words: Iterable[object]) -> str:
    return pgettext("between words of a list", ", ").join(map(str, words)) or "–"


def _describe_standing(is_active: bool) -> str:  # noqa: FBT001 - a term has one value
    return pgettext("account", "open") if is_active else pgettext("account", "closed")


def _describe_factors(types: Iterable[str]) -> str:
    return _list(_FACTORS.get(each, each) for each in types)


def _refusals() -> Mapping[str, Refusal]:
    return {
        "staff_is_looked_after_by_its_administrators": NotTheirTask(
            _("Security administrators alone look after officials; whoever proposed it has to be one still, as you do.")
        ),
        "roles_of_a_person_do_not_exclude_each_other": roles.RolesExclude(
            _("The person holds another role by now that excludes this one; look at the account again.")
        ),
        "companies_user_username_key": accounts.name_taken(),
    }


def _person(proposal: Proposal) -> User:
    if proposal.subject_id == accounts.NEW:
        return User.objects.get(username=(proposal.after or {})["username"])
    return User.objects.get(pk=proposal.subject_id)


def _tell_of_roles(proposal: Proposal, _now: datetime) -> None:
    person = _person(proposal)
    tell(person=person, addresses=[person.email], sentence=lambda: _("Your roles on the platform were changed."))


def _tell_of_account(proposal: Proposal, _now: datetime) -> None:
    person, before, after = _person(proposal), proposal.before, proposal.after or {}
    if proposal.subject_id == accounts.NEW:
        send_first_link(person=person)
    elif "is_active" in after:
        tell(person=person, addresses=[person.email], sentence=lambda: _describe_new_standing(after["is_active"]))
    else:
        both = [before["email"], person.email]
        tell(person=person, addresses=both, sentence=lambda: _("The name or the address of your account was changed."))


def _describe_new_standing(is_active: bool) -> str:  # noqa: FBT001 - a term has one value
    return _("Your account was opened again.") if is_active else _("Your account was closed.")


def _tell_of_factors(proposal: Proposal, _now: datetime) -> None:
    person = _person(proposal)
    tell(
        person=person,
        addresses=[person.email],
        sentence=lambda: _("Your second factor was removed; at the next sign-in you set up another."),
    )


def _describe_new_account(proposal: Proposal) -> Sequence[str]:
    if proposal.subject_id != accounts.NEW:
        return ()
    return (_("The person gets a link by mail and chooses a password; nobody else learns it."),)


_ROLES = Term("roles", gettext_lazy("roles"), describe_roles)
_SCOPE = (
    Term("district", gettext_lazy("district"), lambda code: dict(district_choices()).get(code, code)),
    Term("department", gettext_lazy("department"), lambda code: str(department_name(code))),
)
_SAME: dict[str, Any] = {
    "reads": "companies.view_user",
    "decides": "companies.change_user",
    "url_name": "admin:companies_user_change",
    "refusals": _refusals,
}

STAFF_ROLES = Kind(
    name=roles.KIND,
    title=gettext_lazy("roles of an official"),
    terms=(_ROLES, *_SCOPE),
    consequences=lambda _proposal: (_("The person may do this, and nothing else, from the next click on."),),
    follow_up=_tell_of_roles,
    **_SAME,
)
STAFF_ACCOUNT = Kind(
    name=accounts.KIND,
    title=gettext_lazy("account of a person"),
    terms=(
        Term("username", gettext_lazy("account name")),
        Term("last_name", gettext_lazy("last name")),
        Term("first_name", gettext_lazy("first name")),
        Term("email", gettext_lazy("e-mail address")),
        Term("is_active", pgettext_lazy("account", "standing"), _describe_standing),
        _ROLES,
        *_SCOPE,
    ),
    consequences=_describe_new_account,
    # New accounts share a number, so several of them wait.
    may_wait_beside_others=True,
    follow_up=_tell_of_account,
    **_SAME,
)
STAFF_FACTOR = Kind(
    name=factors.KIND,
    title=gettext_lazy("lost second factor of an official"),
    terms=(
        Term(
            "factors", gettext_lazy("second factors"), lambda names: _list(_FACTORS.get(name, name) for name in names)
        ),
    ),
    consequences=lambda _proposal: (
        _("See the person, or talk over a number that you know: whoever has the password then signs in alone."),
        _("At the next sign-in the person sets up another second factor."),
    ),
    follow_up=_tell_of_factors,
    **_SAME,
)
