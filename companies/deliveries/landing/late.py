"""Deliveries that are older than one that has landed: they may add rows, but replace none."""

from __future__ import annotations

import datetime as dt

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.row_faults import Reason
from companies.deliveries.landing.upsert import Upsert
from companies.deliveries.staging.checks import set_aside_where
from companies.models.delivery import HAS_NEWS, Delivery, DeliveryStatus


def newest_before(delivery: Delivery) -> dt.date | None:
    """
    The as-of date of the newest delivery of the dataset that landed a row, if that date is later than this delivery's.
    """
    landed = Delivery.objects.filter(HAS_NEWS, dataset=delivery.dataset, status=DeliveryStatus.LANDED)
    newer = landed.filter(as_of_on__gt=delivery.as_of_on).order_by("-as_of_on", "-id")
    return newer.values_list("as_of_on", flat=True).first()


def set_aside_superseded(*, upsert: Upsert, column: str, delivery: Delivery) -> bool:
    """
    Keep the rows of a late delivery from replacing stored rows; returns whether the delivery is late.

    `column` is the delivered column that the quarantine names.
    """
    newer = newest_before(delivery)
    if newer is None:
        return False
    set_aside_as_superseded(
        column=column,
        newer=newer,
        delivery=delivery,
        source=SQL("FROM ({}) AS incoming JOIN {} AS stored ON {} WHERE {}").format(
            upsert.query(also=SQL("incoming.row_number, ")),
            Identifier(upsert.table),
            upsert.is_same_row("incoming"),
            upsert.differs("incoming"),
        ),
    )
    return True


def set_aside_as_superseded(*, column: str, newer: dt.date, delivery: Delivery, source: Composable) -> None:
    """Set aside the rows `incoming` that a FROM clause, given with its WHERE, selects."""
    set_aside_where(
        delivery=delivery,
        column=column,
        reason=Reason.SUPERSEDED,
        detail=Literal(newer.isoformat()),
        source=source,
    )
