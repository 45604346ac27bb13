"""Companies and people with numbers that pass their checks, and files as departments send them."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from itertools import count

import factory
from django.contrib.auth.models import Group
from stdnum.cn import ric, uscc

from companies.deliveries.deliver import deliver
from companies.deliveries.registry.targets import deliverable
from companies.models import Company, Delivery, Employee, Membership, PayeeAccount, User
from qinqing.kernel.secrets import encrypted, fingerprint
from qinqing.kernel.text import masked

NOW = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)

_ids = count(1)


def credit_code(serial: int) -> str:
    """A synthetic credit code whose check digit fits."""
    stem = f"91330106CT{serial:07d}"
    return stem + uscc.calc_check_digit(stem)


def id_number(serial: int, *, born_on: dt.date = dt.date(1990, 2, 2)) -> str:
    """A synthetic citizen's ID number whose check digit fits."""
    stem = f"330106{born_on:%Y%m%d}{serial % 1000:03d}"
    return stem + ric.calc_check_digit(f"{stem}0")


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody who signs in with the password "correct horse"."""

    class Meta:
        model = User

    username = factory.Sequence(lambda serial: f"user-{serial}")
    password = factory.django.Password("correct horse")


class DepartmentUserFactory(UserFactory):
    """Somebody who delivers for a department, the tax office unless told otherwise."""

    class Meta:
        skip_postgeneration_save = True

    is_staff = True
    department = "tax"

    @factory.post_generation
    def role(self: User, is_created: bool, role: str | None, **_options: object) -> None:
        """With the role of departments, or another; none for ""."""
        if role != "":
            self.groups.add(Group.objects.get(name=role or "department"))


class CompanyFactory(factory.django.DjangoModelFactory[Company]):
    """A private retailer in business."""

    class Meta:
        model = Company

    credit_code = factory.Sequence(credit_code)
    name = factory.Sequence(lambda serial: f"杭州测试{serial}有限公司")
    industry_code = "F5211"
    founded_on = dt.date(2015, 6, 1)
    standing = "active"
    ownership = "private"
    is_government_unit = False


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """An owner and the company."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    company = factory.SubFactory(CompanyFactory)


class EmployeeFactory(factory.django.DjangoModelFactory[Employee]):
    """A person; `number` is the ID number."""

    class Meta:
        model = Employee

    class Params:
        number = factory.Sequence(id_number)

    name = "李一"
    born_on = dt.date(1990, 2, 2)
    id_number_encrypted = factory.LazyAttribute(lambda person: encrypted(person.number))
    id_number_hash = factory.LazyAttribute(lambda person: fingerprint(person.number))
    id_number_masked = factory.LazyAttribute(lambda person: masked(person.number))


class PayeeAccountFactory(factory.django.DjangoModelFactory[PayeeAccount]):
    """A company's account in use; `number` is its number."""

    class Meta:
        model = PayeeAccount

    class Params:
        number = factory.Sequence(lambda serial: f"62220210{serial:08d}")

    company = factory.SubFactory(CompanyFactory)
    holder_name = "杭州测试有限公司"
    bank_name = "杭州银行"
    bank_number = "313331000014"
    number_encrypted = factory.LazyAttribute(lambda account: encrypted(account.number))
    number_hash = factory.LazyAttribute(lambda account: fingerprint(account.number))
    number_masked = factory.LazyAttribute(lambda account: masked(account.number))


def csv_of(dataset: str, *rows: Mapping[str, object]) -> bytes:
    """A CSV file of a dataset; what a row leaves out stays empty."""
    names = [column.name for column in deliverable(name=dataset).columns]
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join([*lines, ""]).encode()


def ndjson_of(*rows: Mapping[str, object]) -> bytes:
    """The same in NDJSON."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def gzipped(content: bytes) -> bytes:
    """The file packed."""
    return gzip.compress(content, mtime=0)


def delivered(
    dataset: str,
    content: bytes | Iterable[Mapping[str, object]],
    *,
    delivery_id: str = "",
    as_of_on: dt.date = TODAY,
    delivered_by: User | None = None,
    now: dt.datetime = NOW,
) -> Delivery:
    """Deliver a file, or rows as CSV."""
    file = content if isinstance(content, bytes) else csv_of(dataset, *content)
    return deliver(
        delivery_id=delivery_id or f"test-{next(_ids)}",
        dataset=dataset,
        content=io.BytesIO(file),
        as_of_on=as_of_on,
        delivered_by=delivered_by,
        now=now,
    )


def registered(serial: int, **columns: object) -> dict[str, object]:
    """A row of the register about the company of that serial number."""
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


def faults(delivery: Delivery) -> list[tuple[int, str, str]]:
    """The quarantine as (row, column, reason)."""
    rows = delivery.quarantined_rows.order_by("row_number")
    return [(row.row_number, row.column, row.reason) for row in rows]
