"""The roles that people hold, and the guards of the tables that keep them."""

from __future__ import annotations

import pgtrigger
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from companies.classifications.roles import EXCLUSIONS, ROLE_NAMES
from companies.models.staff.guards import guards_of_given_rights, guards_of_held_roles
from companies.models.user import User
from qinqing.kernel.database.triggers import refuse_when, row_guard

_PAIRS = ",\n            ".join(f"('{one}', '{other}')" for one, other in sorted(EXCLUSIONS))
_NAMES = ", ".join(f"'{name}'" for name in ROLE_NAMES)


class HeldRole(User.groups.through):  # type: ignore[name-defined, misc]
    """A role that a person holds."""

    class Meta:
        proxy = True
        default_permissions = ()
        permissions = [("view_pairs", _("Can see who decides about whose work"))]
        triggers = [
            row_guard(
                __package__,
                "roles_of_a_person_do_not_exclude_each_other",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                exclusions=_PAIRS,
            ),
            *guards_of_held_roles(),
        ]


class HeldPermission(User.user_permissions.through):  # type: ignore[name-defined, misc]
    """A right that a person would hold beside a role; nobody holds one."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [
            refuse_when(
                promise="permissions_come_by_roles_alone",
                why="A person has the rights of the roles, and no others.",
                operation=pgtrigger.Insert | pgtrigger.Update,
            )
        ]


class GivenRight(Group.permissions.through):  # type: ignore[name-defined, misc]
    """A right that a role gives to whoever holds it."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = guards_of_given_rights()


class Role(Group):
    """A role of officials; `qinqing.roles` says what it may do."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [
            # The table of exclusions knows roles by their names.
            refuse_when(
                promise="role_keeps_its_name",
                why="A role keeps its name.",
                condition=f"OLD.name IS DISTINCT FROM NEW.name AND (OLD.name IN ({_NAMES}) OR NEW.name IN ({_NAMES}))",
            )
        ]
