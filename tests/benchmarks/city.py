"""
A city of any size within minutes: a small one is delivered as departments deliver, then multiplied by set.

A copy of the small city has the same firms and people under other ids, credit codes, ID numbers, contracts and so on,
so that nothing in one copy has anything to do with another.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from companies.contracts.registry import contracts
from companies.models import Company, CompanyDistrict, Employee, PayeeAccount, User
from policies.matching.run import match_due
from policies.models import PolicyVersion
from qinqing.celery import app
from qinqing.demo.campaign.database import current_database, database_beside, use_database, use_fresh_database
from qinqing.demo.campaign.stages.arrivals import deliver_city
from qinqing.demo.city import numbers
from qinqing.demo.city.city import cast_codes, write_city
from qinqing.demo.city.plan import CityPlan, usual_employees
from qinqing.demo.people import make_logins
from qinqing.demo.policies.loading import load_policies
from qinqing.kernel.database.drift import guards
from tests import migrated
from tests.benchmarks.parts import Say
from tests.factories.dataset_models import ROW_MODELS, CarSale, Compound, ContributionMonth, Loan, Title

# The largest city that is delivered; larger cities are multiples of it.
DELIVERED_COMPANIES = 20_000
_SEED = 1
_COPIED: tuple[type[models.Model], ...] = (
    *(Company, CompanyDistrict, Employee, PayeeAccount),
    *ROW_MODELS.values(),
)
# Columns that would make one subject of two copies, and their values in a copy by its number.
_TOLD_APART: dict[tuple[type[models.Model], str], str] = {
    (Employee, "id_number_hash"): "sha256(row.id_number_hash || '{copy}'::bytea)",
    (PayeeAccount, "number_hash"): "sha256(row.number_hash || '{copy}'::bytea)",
    # The serial number of a firm in a small city begins with zeros.
    (CarSale, "vin"): "overlay(row.vin PLACING lpad('{copy}', 3, '0') FROM 4 FOR 3)",
    (Compound, "code"): "row.code || lpad('{copy}', 4, '0')",
    (Title, "certificate"): "row.certificate || '-{copy}'",
    (Loan, "contract"): "row.contract || '-{copy}'",
    (Company, "credit_code"): "(SELECT new FROM bench_code WHERE old = row.credit_code AND copy = {copy})",
    (ContributionMonth, "employer"): "(SELECT new FROM bench_code WHERE old = row.employer AND copy = {copy})",
}


@dataclass(frozen=True, slots=True)
class BenchCity:
    """
    A city in the current database: delivered, analysed, nothing due; `rows` are the rows of all its datasets.

    `users` are the demo's logins by name.
    """

    companies: int
    employees: int
    rows: int
    users: Mapping[str, User]
    today: dt.date

    @property
    def gigabytes(self) -> float:
        """The size of the database on disk."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return float(cursor.fetchone()[0]) / 1e9

    def publish(self) -> list[PolicyVersion]:
        """Publish the 34 policies, so that their runs over the whole city are due."""
        officers = {"actor": self.users["officer"], "publisher": self.users["officer2"]}
        return load_policies(**officers, today=self.today, now=timezone.now(), variants=True)


@contextmanager
def bench_city(*, companies: int, employees: int | None = None, say: Say) -> Iterator[BenchCity]:
    """
    Make a city on a database of its own, which is the one of this process and its children until the block ends.

    The number of companies and of employees is that of whole copies, so a few less than asked for.
    """
    start = time.perf_counter()
    copies = -(-companies // DELIVERED_COMPANIES)
    staff = usual_employees(companies) if employees is None else employees
    plan = CityPlan(companies=companies // copies, employees=staff // copies, seed=_SEED, today=timezone.localdate())
    delivered, users = _delivered_city(plan, say)
    with database_of_its_own(template=delivered):
        rows = _multiply(plan, copies, say) * copies
        made = BenchCity(
            companies=plan.companies * copies,
            employees=plan.employees * copies,
            rows=rows,
            users=users,
            today=plan.today,
        )
        took = f"{made.gigabytes:.1f} GB in {time.perf_counter() - start:.0f} s"
        say(f"{made.companies:,} companies, {made.employees:,} employees, {made.rows:,} rows, {took}")
        yield made


# The delivered cities of this process, by plan; the next part copies one instead of delivering it again.
_delivered_cities: dict[CityPlan, tuple[str, Mapping[str, User]]] = {}


def forget_cities() -> None:
    """Drop the delivered cities that were kept for the next part."""
    for name, _users in _delivered_cities.values():
        _drop(name)
    _delivered_cities.clear()


def _delivered_city(plan: CityPlan, say: Say) -> tuple[str, Mapping[str, User]]:
    """The database with the delivered city of a plan, and its logins."""
    if plan not in _delivered_cities:
        start, name = time.perf_counter(), database_beside(f"city{len(_delivered_cities)}")
        # The database has the name that the parts use, because this process sends work under the name it had at first.
        with _on_fresh_database(database_beside("bench"), template=migrated.template()):
            users = _deliver(plan)
        _rename(database_beside("bench"), name)
        _delivered_cities[plan] = (name, users)
        say(f"{plan.companies:,} companies delivered in {time.perf_counter() - start:.0f} s")
    return _delivered_cities[plan]


@contextmanager
def database_of_its_own(*, template: str | None = None) -> Iterator[None]:
    """A copy of `template`, or of an empty migrated one, for this process and its children until the block ends."""
    name = database_beside("bench")
    try:
        with _on_fresh_database(name, template=template or migrated.template()):
            yield
    finally:
        _drop(name)


@contextmanager
def _on_fresh_database(name: str, *, template: str) -> Iterator[None]:
    home, transport = current_database(), app.conf.broker_transport_options
    use_fresh_database(name, template=template)
    try:
        yield
    finally:
        use_database(home)
        app.conf.broker_transport_options = transport


def _rename(name: str, new: str) -> None:
    _drop(new)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} RENAME TO {connection.ops.quote_name(new)}")


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


def _deliver(plan: CityPlan) -> Mapping[str, User]:
    with tempfile.TemporaryDirectory(prefix="qinqing-bench-") as folder:
        files = write_city(plan, folder=Path(folder))
        deliver_city(files, advance=lambda rows: None, now=timezone.now())
    # Without policies there is nothing to decide; this only deletes the touched companies.
    while match_due(now=timezone.now()) is not None:
        continue
    return make_logins(cast=cast_codes(plan))


def _multiply(plan: CityPlan, copies: int, say: Say) -> int:
    """Add the copies; returns the number of rows of datasets in each copy."""
    last = {model: _one(f'SELECT coalesce(max(id), 0) FROM "{model._meta.db_table}"') for model in _COPIED}
    _write_codes(plan, copies)
    _spare_triggers()
    for copy in range(1, copies):
        for model in _COPIED:
            _copy_rows(model, copy, last)
        if copy % 10 == 0:
            say(f"{copy} of {copies} copies")
    for model in _COPIED:
        _settle(model, last[model] * copies)
    guard_again()
    return sum(_one(f'SELECT count(*) FROM "{model._meta.db_table}"') for model in ROW_MODELS.values()) // copies


def _write_codes(plan: CityPlan, copies: int) -> None:
    """Write a credit code for each copy of each firm, in the firm's region and with a correct check digit."""
    codes = list(Company.objects.order_by("pk").values_list("credit_code", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_code (old text, copy integer, new text, PRIMARY KEY (old, copy))")
        with cursor.copy("COPY bench_code FROM STDIN") as writing:
            for copy in range(1, copies):
                for place, code in enumerate(codes):
                    serial = copy * plan.companies + place
                    writing.write_row(
                        (code, copy, numbers.credit_code(region=code[2:8], seed=plan.seed, serial=serial))
                    )
        cursor.execute("ANALYZE bench_code")


def _spare_triggers() -> None:
    """Switch triggers off for copies of rows that were checked already; without the right to do so, they run."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        pass_guards(cursor)


def pass_guards(cursor: CursorWrapper) -> bool:
    """Switch guards off, and foreign keys for the session; returns whether we may, as in the embedded server."""
    if may := is_superuser(cursor):
        cursor.execute("SET session_replication_role = replica")
        for table in {model._meta.db_table for _guard, model in guards()}:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for contract in contracts().values():
            cursor.execute(f"ALTER TABLE {contract.table} DISABLE TRIGGER USER")
    return may


def guard_again() -> None:
    """Switch the guards on, and end the settings of the session."""
    connection.close()
    with connection.cursor() as cursor:
        for guard, model in guards():
            cursor.execute(guard.hardens(model))
        # The tables of contracts have triggers that no model knows.
        cursor.execute(_LAID_ASIDE)
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


_LAID_ASIDE = r"""
    SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger
    WHERE tgenabled = 'D' AND NOT tgisinternal AND tgrelid::regclass::text LIKE 'dataset\_%'
"""


def is_superuser(cursor: CursorWrapper) -> bool:
    """Whether we are superuser in this database."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])


def _copy_rows(model: type[models.Model], copy: int, last: Mapping[type[models.Model], int]) -> None:
    stored = [field for field in model._meta.concrete_fields if not field.generated]
    columns, values = [field.column for field in stored], [_copied_value(model, field, copy, last) for field in stored]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) SELECT {", ".join(values)}'
            f' FROM "{model._meta.db_table}" AS row WHERE row.id <= {last[model]} ORDER BY row.id'
        )


def _copied_value(
    model: type[models.Model],
    field: models.Field[object, object],
    copy: int,
    last: Mapping[type[models.Model], int],
) -> str:
    """The SQL of a column's value in a copy; ids are moved past those of the copies before."""
    named = model if field.primary_key else field.related_model
    if named in last:
        return f"row.{field.column} + {copy * last[named]}"
    return _TOLD_APART.get((model, field.name), f"row.{field.column}").format(copy=copy)


def _settle(model: type[models.Model], last_id: int) -> None:
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, 1))", [table, last_id])
        cursor.execute(f"VACUUM ANALYZE {table}")


def _one(query: str, parameters: Sequence[object] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])
