"""Which datasets an account may deliver, and whose deliveries it may see."""

from __future__ import annotations

from django.db.models import QuerySet

from companies.deliveries.registry import Deliverable, deliverables
from companies.models import Delivery, User


def datasets_open_to(*, user: User) -> dict[str, Deliverable]:
    """What the account may deliver, by name: a department its own, a superuser everything."""
    return {
        name: asked
        for name, asked in deliverables().items()
        if user.is_active and (user.is_superuser or user.department == asked.department)
    }


def deliveries_seen_by(*, user: User) -> QuerySet[Delivery]:
    """A department's own deliveries; all of them for accounts of no department, whose rights groups decide."""
    if user.is_superuser or not user.department:
        return Delivery.objects.all()
    return Delivery.objects.filter(dataset__in=datasets_open_to(user=user))
