"""Which datasets an account may deliver, and which deliveries it may see."""

from __future__ import annotations

from django.db.models import QuerySet

from companies.deliveries.registry.targets import Deliverable, deliverables
from companies.models import Delivery, User

MAY_DELIVER, MAY_LOOK = "companies.add_delivery", "companies.view_delivery"


def datasets_open_to(*, user: User) -> dict[str, Deliverable]:
    """The datasets that the account may deliver, by name: a department its own, a superuser every one."""
    return _datasets_of(user) if user.has_perm(MAY_DELIVER) else {}


def deliveries_seen_by(*, user: User) -> QuerySet[Delivery]:
    """
    A department's own deliveries; all of them for who belongs to no department and only looks.

    Whether the account may look at any is for its rights to say. Whoever delivers does so for a department, and sees
    nothing until it is said which.
    """
    if user.is_superuser or not (user.department or user.has_perm(MAY_DELIVER)):
        return Delivery.objects.all()
    return Delivery.objects.filter(dataset__in=_datasets_of(user))


def _datasets_of(user: User) -> dict[str, Deliverable]:
    return {
        name: deliverable
        for name, deliverable in deliverables().items()
        if user.is_superuser or user.department == deliverable.department
    }
