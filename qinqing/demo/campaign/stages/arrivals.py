"""The departments deliver, and the officers bring the policies into force."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from threading import Event

from django.apps import apps
from django.db import connection

from companies.contracts.registry import contracts
from companies.deliveries.deliver import deliver
from companies.models import Delivery, DeliveryStatus, User
from policies.models import Policy
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.city.city import ABOUT_PEOPLE, CityFile
from qinqing.demo.policies.loading import load_policies
from qinqing.kernel.database.owner import connected_as_owner

# All other files refer to firms, and the files about people also refer to the register of people.
_FIRMS, _PEOPLE = "registration", "employees"


class NotDelivered(Exception):
    """Rows of the city's own files went into quarantine, so the generator and the datasets disagree."""


def deliver_city(files: Sequence[CityFile], *, advance: Advance, now: datetime) -> None:
    """
    Deliver the files; one that landed before stays as it is.

    It delivers the register of firms first. Then two threads deliver at the same time, each on its own connection: one
    the files about firms, the other those about people, the register first. The faster one takes over files of the
    other.

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

    queue = _Queue(waiting)
    deliver_all(queue.of_registration)
    tell_planner_of("companies")
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(_on_its_own_connection, deliver_all, queue.from_people_on())
        deliver_all(queue.from_firms_on())
        other.result()
    tell_planner_of("companies")


class _Queue:
    """Files that two threads deliver, one from each end of the queue, so that both finish together."""

    def __init__(self, files: Sequence[CityFile]) -> None:
        self.of_registration = [file for file in files if file.dataset == _FIRMS]
        self._of_people = [file for file in files if file.dataset == _PEOPLE]
        rest = [file for file in files if file.dataset not in (_FIRMS, _PEOPLE)]
        about_people = [file for file in rest if file.dataset in ABOUT_PEOPLE]
        self._rest = deque([*about_people, *reversed([file for file in rest if file not in about_people])])
        self._are_registered = Event()

    def from_people_on(self) -> Generator[CityFile]:
        """The register of people, the other files about people, then those that are left about firms."""
        try:
            if self._of_people:
                yield from self._of_people
                tell_planner_of("companies")
        finally:
            self._are_registered.set()
        yield from self._taken(self._rest.popleft)

    def from_firms_on(self) -> Generator[CityFile]:
        """The files about firms, then those that are left about people."""
        yield from self._taken(self._rest.pop)

    def _taken(self, take: Callable[[], CityFile]) -> Generator[CityFile]:
        with suppress(IndexError):
            while True:
                file = take()
                if file.dataset in ABOUT_PEOPLE:
                    self._are_registered.wait()
                yield file


def _on_its_own_connection(work: Callable[[Iterable[CityFile]], None], files: Generator[CityFile]) -> None:
    try:
        work(files)
    finally:
        # The other thread must not wait for the register of people any longer, whatever became of it.
        files.close()
        connection.close()


def tell_planner_of(app: str) -> None:
    """
    Update the statistics of an app's tables, as only their owner may.

    A city arrives at once, before autovacuum would look at them.
    """
    tables = {model._meta.db_table for model in apps.get_app_config(app).get_models()}
    if app == "companies":
        tables |= {contract.table for contract in contracts().values()}
    with connected_as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, sorted(tables)))}")


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
