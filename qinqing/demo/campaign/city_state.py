"""Finds out whether the current database already holds the demo's city."""

from __future__ import annotations

from enum import StrEnum

from companies.models import Company, Delivery
from payouts.models import Batch


class CityState(StrEnum):
    """What the database holds."""

    EMPTY = "empty"
    BEGUN = "begun"  # A campaign was interrupted; it can go on.
    WHOLE = "whole"
    FOREIGN = "foreign"  # Companies that are not the demo's: leave them alone.


def city_state() -> CityState:
    """What the current database holds."""
    if not Company.objects.exists():
        return CityState.EMPTY
    if not Delivery.objects.filter(delivery_id__regex=r"^city-[0-9]+-registration$").exists():
        is_begun = Delivery.objects.filter(delivery_id__regex=r"^city-[0-9]+-old_registration$").exists()
        return CityState.BEGUN if is_begun else CityState.FOREIGN
    # A campaign seals batches as its last step.
    return CityState.WHOLE if Batch.objects.exists() else CityState.BEGUN
