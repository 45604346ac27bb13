"""The departments deliver, and the officers bring the policies into force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

from django.apps import apps
from django.db import connection

from companies.models import Delivery, DeliveryStatus, User
from companies.operations import deliver
from policies.models import Policy
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.city import ABOUT_PEOPLE, CityFile
from qinqing.demo.policies import load_policies

# What all other files refer to.
_REGISTERS = ("registration", "employees")


class NotDelivered(Exception):
    """Rows of the city's own files were refused, so that the generator and the datasets disagree."""


def deliver_city(files: Sequence[CityFile], *, advance: Advance, now: datetime) -> None:
    """
    Deliver the files; one that landed before stays as it is.

    Firms and people are registered first. Then one department after the other delivers about firms, and beside them,
    on a connection of its own, one after the other about people.

    Raises:
        NotDelivered: a row went into quarantine.
    """
    landed = set(Delivery.objects.filter(status=DeliveryStatus.LANDED).values_list("delivery_id", flat=True))
    waiting = [file for file in files if file.delivery_id not in landed]
    done = [sum(file.rows for file in files) - sum(file.rows for file in waiting)]

    def deliver_all(some: Iterable[CityFile]) -> None:
        for file in some:
            _deliver(file, now=now)
            done.append(file.rows)
            advance(sum(done))

    deliver_all(file for file in waiting if file.dataset in _REGISTERS)
    tell_planner_of("companies")
    rest = [file for file in waiting if file.dataset not in _REGISTERS]
    about_people = [file for file in rest if file.dataset in ABOUT_PEOPLE]
    with ThreadPoolExecutor(1) as beside:
        people = beside.submit(_on_its_own_connection, deliver_all, about_people) if about_people else None
        deliver_all(file for file in rest if file.dataset not in ABOUT_PEOPLE)
        if people is not None:
            people.result()
    tell_planner_of("companies")


def _on_its_own_connection(work: Callable[[Iterable[CityFile]], None], files: Iterable[CityFile]) -> None:
    try:
        work(files)
    finally:
        connection.close()


def tell_planner_of(app: str) -> None:
    """Count what came into an app's tables: a city arrives at once where real data trickles in, ahead of autovacuum."""
    tables = [model._meta.db_table for model in apps.get_app_config(app).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")


def _deliver(file: CityFile, *, now: datetime) -> None:
    with file.path.open("rb") as content:
        delivery = deliver(
            delivery_id=file.delivery_id,
            dataset=file.dataset,
            content=content,
            as_of_on=file.as_of_on,
            delivered_by=None,
            now=now,
        )
    if delivery.quarantined_count:
        row = delivery.quarantined_rows.order_by("row_number").first()
        raise NotDelivered(f"{delivery.quarantined_count:,} rows of {file.delivery_id} are in quarantine, first {row}")


def bring_into_force(*, actor: User, publisher: User, today: date, has_variants: bool, now: datetime) -> None:
    """Load the demo's policies, with their neighbours and variants where they are wanted, unless some are there."""
    if not Policy.objects.exists():
        load_policies(actor=actor, publisher=publisher, today=today, now=now, variants=has_variants)
