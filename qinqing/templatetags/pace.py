"""How long a fund's money lasts, for the policies' pages; only the layers above `policies` know it."""

from __future__ import annotations

from django import template
from django.utils import timezone

from payouts.ledger.pace import Pace, compute_pace
from policies.models import PolicyVersion
from policies.preview.figures import BackTest

register = template.Library()


@register.simple_tag
def pace_of(in_force: PolicyVersion, draft: PolicyVersion, compared: BackTest) -> Pace | None:
    """How long the money of two versions lasts at the pace of claims so far."""
    return compute_pace(in_force=in_force, draft=draft, compared=compared, now=timezone.now())
