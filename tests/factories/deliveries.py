"""Files as departments send them, and the rows that a delivery leaves in the database."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, TypeVar

from django.db.models import QuerySet

from companies.contracts.registry import contracts
from companies.deliveries.deliver import deliver
from companies.deliveries.registry.targets import find_deliverable
from companies.deliveries.signatures.proof import SignedManifest
from companies.models import Company, Delivery, DeliveryStatus, Employee, TouchedCompany, User
from policies.models import MatchedDelivery
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import credit_code
from tests.factories.dataset_models import DatasetRow, Employment, is_about_people
from tests.superuser import unguarded

_serials = count(1)
Row = TypeVar("Row", bound=DatasetRow)


def csv_file(dataset: str, *rows: Mapping[str, object]) -> bytes:
    """A CSV file of a dataset; a value that a row leaves out is empty."""
    names = [column.name for column in find_deliverable(name=dataset).columns]
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join([*lines, ""]).encode()


def ndjson_file(*rows: Mapping[str, object]) -> bytes:
    """An NDJSON file of rows."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def gzip_file(content: bytes) -> bytes:
    """The compressed file."""
    return gzip.compress(content, mtime=0)


def deliver_file(
    dataset: str,
    content: bytes | Iterable[Mapping[str, object]],
    *,
    delivery_id: str = "",
    as_of_on: dt.date = TODAY,
    delivered_by: User | None = None,
    now: dt.datetime = NOW,
    signed: SignedManifest | None = None,
) -> Delivery:
    """Deliver a file, or rows as CSV."""
    file = content if isinstance(content, bytes) else csv_file(dataset, *content)
    return deliver(
        delivery_id=delivery_id or f"test-{next(_serials)}",
        dataset=dataset,
        content=io.BytesIO(file),
        as_of_on=as_of_on,
        delivered_by=delivered_by,
        now=now,
        signed=signed,
    )


def registration_row(serial: int, **columns: object) -> dict[str, object]:
    """A row of the register about the company with this serial number."""
    usual = {
        "credit_code": credit_code(serial),
        "name": f"杭州测试{serial}有限公司",
        "industry": "F5211",
        "edition": "2017",
        "founded_on": "2015-06-01",
        "standing": "active",
        "ownership": "private",
        "is_government_unit": "false",
        "district": "330106",
        "district_from": "2015-06-01",
    }
    return usual | columns


def quarantine_of(delivery: Delivery) -> list[tuple[int, str, str]]:
    """The quarantine as (row, column, reason)."""
    rows = delivery.quarantined_rows.order_by("row_number")
    return [(row.row_number, row.column, row.reason) for row in rows]


def make_delivery(dataset: str, *, as_of_on: dt.date = TODAY, touching: Iterable[Company] = ()) -> Delivery:
    """A landed delivery that touched some companies and is not matched yet; it has no file."""
    delivery = _landed(dataset, as_of_on)
    delivery.save(force_insert=True)
    TouchedCompany.objects.bulk_create(TouchedCompany(delivery=delivery, company=company) for company in touching)
    return delivery


def make_all_deliveries(*, as_of_on: dt.date = TODAY, but: Iterable[str] = ()) -> None:
    """Deliveries of every dataset, landed and matched, so that nothing is stale."""
    datasets = sorted({"registration", *contracts()} - set(but))
    deliveries = Delivery.objects.bulk_create(_landed(dataset, as_of_on) for dataset in datasets)
    MatchedDelivery.objects.bulk_create(MatchedDelivery(delivery=each, matched_at=NOW) for each in deliveries)


def _landed(dataset: str, as_of_on: dt.date) -> Delivery:
    return Delivery(
        delivery_id=f"test-{next(_serials)}",
        dataset=dataset,
        as_of_on=as_of_on,
        sha256="0" * 64,
        byte_count=1,
        status=DeliveryStatus.LANDED,
        received_at=NOW,
    )


def make_row(
    model: type[Row], owner: Company | Employee, *, delivery: Delivery | None = None, **columns: object
) -> Row:
    """A row that a department delivered about a company or a person."""
    column = "employee" if is_about_people(model) else "company"
    dataset = model.dataset.name
    newest = Delivery.objects.filter(dataset=dataset).order_by("-pk").first()
    return model.objects.create(**{column: owner}, delivery=delivery or newest or make_delivery(dataset), **columns)


def undeliver(rows: QuerySet[Any]) -> None:
    """Take rows away as if nobody had delivered them; the database itself keeps every row of a dataset."""
    with unguarded(rows.model._meta.db_table):
        rows.delete()


def make_employment(company: Company, employee: Employee, **columns: object) -> Employment:
    """A person insured at a company."""
    usual = {"hired_on": dt.date(2018, 7, 1), "insured_from": dt.date(2018, 7, 1), "insured_months": 40}
    return make_row(Employment, company, employee=employee, **(usual | columns))
