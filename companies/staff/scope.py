"""Security administrators of a district or a department look after its officials, and make nobody wider than that."""

from __future__ import annotations

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import OutOfScope, scope_of


def refuse_wider_scope(*, district: str, department: str, actor: User) -> None:
    """
    Refuse a scope that reaches beyond the actor's own.

    Raises:
        OutOfScope: it does.
    """
    own = scope_of(actor)
    if own.district not in {"", district} or own.department not in {"", department}:
        raise OutOfScope(_("You look after officials of your own district and department; leave both as yours are."))
