"""Rows of registers become companies with districts and sizes, people, marriages and accounts."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection

from companies.models import Company, CompanyDistrict, Delivery, Employee, PayeeAccount, TouchedCompany
from qinqing.kernel.secrets import fingerprint
from tests.factories.clock import TODAY
from tests.factories.companies import credit_code, make_company, read_account_number
from tests.factories.dataset_models import Employment, Housing, Marriage, WageYear
from tests.factories.deliveries import deliver_file, quarantine_of, registration_row
from tests.factories.people import id_number, make_employee, read_id_number

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - dt.timedelta(days=1)


def touched(delivery: Delivery) -> set[int]:
    return set(TouchedCompany.objects.filter(delivery=delivery).values_list("company_id", flat=True))


def employed(serial: int, company: Company, **columns: object) -> dict[str, object]:
    return {"credit_code": company.credit_code, "id_number": id_number(serial), "name": "李一"} | columns


def test_a_registration_makes_a_company_known() -> None:
    delivery = deliver_file("registration", [registration_row(1), registration_row(2, edition="", standing="")])
    assert (delivery.landed_count, quarantine_of(delivery)) == (2, [])
    company = Company.objects.get(credit_code=credit_code(1))
    assert (company.industry_code, company.industry_edition, company.standing) == ("F5211", "2017", "active")
    assert (company.founded_on, company.is_government_unit) == (dt.date(2015, 6, 1), False)
    assert Company.objects.get(credit_code=credit_code(2)).standing is None
    assert [row.district_id for row in company.districts.all()] == ["330106"]
    assert touched(delivery) == set(Company.objects.values_list("pk", flat=True))


def test_a_register_may_leave_the_edition_out() -> None:
    row = registration_row(1)
    del row["edition"]
    file = f"{','.join(row)}\n{','.join(map(str, row.values()))}\n".encode()
    assert deliver_file("registration", file).landed_count == 1
    assert Company.objects.get().industry_edition == "2017"


def test_only_what_changed_in_the_register_is_touched() -> None:
    deliver_file("registration", [registration_row(1), registration_row(2)])
    delivery = deliver_file("registration", [registration_row(1, standing="liquidation"), registration_row(2)])
    changed = Company.objects.get(credit_code=credit_code(1))
    assert changed.standing == "liquidation"
    assert (touched(delivery), delivery.changed_count) == ({changed.pk}, 1)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"credit_code": "91330106CT0000001A"}, ("credit_code", "wrong_credit_code")),
        ({"credit_code": "91330106ct00000016"}, ("credit_code", "wrong_credit_code")),
        ({"industry": "5211"}, ("industry", "wrong_form")),
        ({"standing": "asleep"}, ("standing", "not_a_choice")),
        ({"district": "330200"}, ("district", "unknown_district")),
        ({"district": "330104", "district_from": "2021-04-09"}, ("district", "unknown_district")),
        ({"district": "330114", "district_from": "2021-04-08"}, ("district", "unknown_district")),
        ({"district_from": ""}, ("district_from", "missing")),
    ],
)
def test_a_wrong_registration(columns: dict[str, object], fault: tuple[str, str]) -> None:
    delivery = deliver_file("registration", [registration_row(1, **columns)])
    assert quarantine_of(delivery) == [(2, *fault)]
    assert not Company.objects.exists()


def test_a_company_moves_when_its_district_is_dissolved() -> None:
    deliver_file("registration", [registration_row(1, district="330104")])
    moved = deliver_file("registration", [registration_row(1, district="330114", district_from="2021-04-09")])
    history = CompanyDistrict.objects.order_by("valid_from").values_list("district_id", "valid_from")
    assert list(history) == [("330104", dt.date(2015, 6, 1)), ("330114", dt.date(2021, 4, 9))]
    assert len(touched(moved)) == 1


def test_an_old_register_adds_companies_and_history_and_replaces_nothing() -> None:
    deliver_file("registration", [registration_row(1, name="新名公司"), registration_row(2)])
    old = deliver_file(
        "registration",
        [
            registration_row(1, name="旧名公司"),
            registration_row(2, district="330104", district_from="2010-01-01"),
            registration_row(3),
        ],
        as_of_on=YESTERDAY,
    )
    assert quarantine_of(old) == [(2, "credit_code", "superseded")]
    assert Company.objects.get(credit_code=credit_code(1)).name == "新名公司"
    assert Company.objects.get(credit_code=credit_code(2)).districts.count() == 2
    assert Company.objects.filter(credit_code=credit_code(3)).exists()


def test_the_newest_annual_report_decides_the_size() -> None:
    deliver_file("registration", [registration_row(1)])
    reports = [
        {"credit_code": credit_code(1), "year": 2024, "staff": 60, "revenue": "6000000", "assets": 1},
        {"credit_code": credit_code(1), "year": 2025, "staff": 300, "revenue": "200000000.00", "assets": 1},
    ]
    first = deliver_file("annual_report", reports)
    company = Company.objects.get()
    assert (company.size, company.staff, company.revenue_cny) == ("large", 300, Decimal(200_000_000))
    assert touched(first) == {company.pk}
    deliver_file("annual_report", [reports[0] | {"year": 2023, "staff": 1}])
    company.refresh_from_db()
    assert company.size == "large"
    deliver_file("annual_report", [reports[0] | {"year": 2026, "staff": ""}])
    company.refresh_from_db()
    assert (company.size, company.staff) == (None, None)


def test_another_industry_is_another_size() -> None:
    deliver_file("registration", [registration_row(1)])
    report = {"credit_code": credit_code(1), "year": 2025, "staff": 300, "revenue": 200_000_000}
    deliver_file("annual_report", [report])
    deliver_file("registration", [registration_row(1, industry="C1310")])
    assert Company.objects.get().size == "medium"


def test_employees_become_known_and_their_numbers_stay_secret() -> None:
    one, other = make_company(has_account=False), make_company(has_account=False)
    delivery = deliver_file(
        "employees", [employed(1, one, hired_on="2020-01-01"), employed(2, one), employed(1, other, age_at_hire=30)]
    )
    assert (delivery.landed_count, quarantine_of(delivery)) == (3, [])
    assert Employment.objects.count() == 3
    person = Employee.objects.get(id_number_hash=fingerprint(id_number(1)))
    assert read_id_number(person) == id_number(1)
    assert person.id_number_masked == f"3{'*' * 16}{id_number(1)[-1]}"
    # Nowhere in the database do more than two of its characters stand in clear, beside the birth date or elsewhere.
    shown = "|".join((re.escape(id_number(1)), r"\d\d\*{6}", r"\*{6}\d[0-9X]", id_number(1)[6:14]))
    assert not [place for place in text_columns() if re.search(shown, values_of(*place))]
    assert person.born_on == dt.date(1990, 2, 2)
    assert touched(delivery) == {one.pk, other.pk}


def text_columns() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        return list(cursor.fetchall())


def values_of(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"""SELECT coalesce(string_agg("{column}"::text, ' '), '') FROM "{table}" """)
        return str(cursor.fetchone()[0])


def test_a_person_may_have_a_new_name() -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(1, firm)])
    deliver_file("employees", [employed(1, firm, name=" 王二 ")])
    assert Employee.objects.get().name == "王二"
    deliver_file("employees", [employed(1, firm, name="旧名")], as_of_on=YESTERDAY)
    assert Employee.objects.get().name == "王二"


@pytest.mark.parametrize("number", ["11010519491231002", "110105194912310021", "李一", "11010519491331002X"])
def test_a_wrong_id_number_is_kept_nowhere(number: str) -> None:
    firm = make_company(has_account=False)
    delivery = deliver_file("employees", [employed(1, firm, id_number=number)])
    assert quarantine_of(delivery) == [(2, "id_number", "wrong_id_number")]
    assert not Employee.objects.exists()
    assert number not in repr(list(delivery.quarantined_rows.values()))


def test_an_employee_twice_at_one_company() -> None:
    firm = make_company(has_account=False)
    assert quarantine_of(deliver_file("employees", [employed(1, firm), employed(1, firm)])) == [
        (3, "id_number", "duplicate")
    ]


def test_people_nobody_employs_are_unknown() -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(1, firm)])
    rows = [{"id_number": id_number(1), "owns_home": "true"}, {"id_number": id_number(2), "owns_home": "false"}]
    delivery = deliver_file("housing", rows)
    assert quarantine_of(delivery) == [(3, "id_number", "unknown_person")]
    assert Housing.objects.get().owns_home is True
    assert touched(delivery) == {firm.pk}


def test_a_persons_facts_touch_the_firms_of_the_spouse_too() -> None:
    firm, firm_of_spouse = make_company(has_account=False), make_company(has_account=False)
    deliver_file("employees", [employed(1, firm), employed(2, firm_of_spouse)])
    deliver_file("marriage", [{"id_number": id_number(1), "is_married": "true", "spouse_id_number": id_number(2)}])
    wages = deliver_file("wages", [{"id_number": id_number(1), "year": 2019, "total": "50000", "months": 12}])
    assert touched(wages) == {firm.pk, firm_of_spouse.pk}
    assert WageYear.objects.get().total == 50_000


def married(one: int, other: int | None, *, is_married: bool = True) -> dict[str, object]:
    return {
        "id_number": id_number(one),
        "is_married": str(is_married).lower(),
        "spouse_id_number": "" if other is None else id_number(other),
    }


def spouses() -> dict[int, int | None]:
    serial = {fingerprint(id_number(serial)): serial for serial in range(1, 6)}
    people = Employee.objects.select_related("spouse")
    return {
        serial[bytes(person.id_number_hash)]: person.spouse and serial[bytes(person.spouse.id_number_hash)]
        for person in people
    }


def test_a_marriage_goes_both_ways_and_ends_both_ways() -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(serial, firm) for serial in (1, 2, 3)])
    wedding = deliver_file("marriage", [married(1, 2)])
    assert spouses() == {1: 2, 2: 1, 3: None}
    assert touched(wedding) == {firm.pk}
    deliver_file("marriage", [married(1, 3)])
    assert spouses() == {1: 3, 2: None, 3: 1}
    deliver_file("marriage", [married(3, None, is_married=False)])
    assert spouses() == {1: None, 2: None, 3: None}
    assert dict(Marriage.objects.values_list("employee__id_number_hash", "is_married")) == {
        fingerprint(id_number(1)): True,
        fingerprint(id_number(3)): False,
    }


def test_a_spouse_from_elsewhere_is_unknown() -> None:
    deliver_file("employees", [employed(1, make_company(has_account=False))])
    delivery = deliver_file("marriage", [married(1, 2)])
    assert quarantine_of(delivery) == []
    assert spouses() == {1: None}
    assert Marriage.objects.get().is_married is True


def test_two_people_who_name_the_same_spouse() -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(serial, firm) for serial in (1, 2, 3)])
    deliver_file("marriage", [married(1, 3), married(2, 3), married(3, 2)])
    assert spouses() == {1: None, 2: 3, 3: 2}


def test_nobody_is_married_to_oneself() -> None:
    deliver_file("employees", [employed(1, make_company(has_account=False))])
    assert quarantine_of(deliver_file("marriage", [married(1, 1)])) == [(2, "spouse_id_number", "own_spouse")]


def test_a_late_marriage_joins_only_those_who_are_free() -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(serial, firm) for serial in (1, 2, 3, 4)])
    deliver_file("marriage", [married(1, 2)])
    deliver_file("marriage", [married(3, 1), married(4, None)], as_of_on=YESTERDAY)
    assert spouses() == {1: 2, 2: 1, 3: None, 4: None}


ACCOUNT = {
    "holder_name": "杭州试验有限公司",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
}


def test_an_account_that_differs_waits() -> None:
    firm = make_company(has_account=False)
    row = ACCOUNT | {"credit_code": firm.credit_code}
    assert deliver_file("company_accounts", [row]).changed_count == 1
    assert deliver_file("company_accounts", [row]).changed_count == 0
    delivery = deliver_file("company_accounts", [row | {"number": "33050161000000002"}])
    assert delivery.changed_count == 1
    old, new = PayeeAccount.objects.order_by("pk")
    assert (old.is_active, new.is_active, new.usable_from) == (True, False, None)
    assert (read_account_number(new), new.number_masked) == ("33050161000000002", "330************02")
    assert new.entered_at == delivery.received_at


def test_a_late_account_replaces_none() -> None:
    firm, other = make_company(has_account=False), make_company(has_account=False)
    row = ACCOUNT | {"credit_code": firm.credit_code}
    deliver_file("company_accounts", [row])
    late = deliver_file(
        "company_accounts",
        [row | {"number": "33050161000000002"}, row | {"credit_code": other.credit_code}],
        as_of_on=YESTERDAY,
    )
    assert quarantine_of(late) == [(2, "credit_code", "superseded")]
    assert firm.accounts.get().number_masked.endswith("01")
    assert other.accounts.count() == 1


def test_wrong_accounts() -> None:
    firm = make_company(has_account=False)
    row = ACCOUNT | {"credit_code": firm.credit_code}
    other = ACCOUNT | {"credit_code": make_company(has_account=False).credit_code}
    wrong = [row | {"number": "12ab"}, other | {"bank_number": "31333100001"}, ACCOUNT | {"credit_code": "x"}]
    assert quarantine_of(deliver_file("company_accounts", wrong)) == [
        (2, "number", "wrong_account_number"),
        (3, "bank_number", "wrong_form"),
        (4, "credit_code", "wrong_credit_code"),
    ]


def test_the_account_of_a_person() -> None:
    person = make_employee(number=id_number(1))
    row = ACCOUNT | {"holder_name": person.name}
    delivery = deliver_file("person_accounts", [row | {"id_number": id_number(1)}, row | {"id_number": "1"}])
    assert quarantine_of(delivery) == [(3, "id_number", "wrong_id_number")]
    account = PayeeAccount.objects.get()
    assert (account.employee_id, account.company_id) == (person.pk, None)


def test_no_number_is_written_to_the_log(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    firm = make_company(has_account=False)
    deliver_file("employees", [employed(1, firm), employed(2, firm, id_number="330106199002020000")])
    deliver_file("company_accounts", [ACCOUNT | {"credit_code": firm.credit_code}])
    told = caplog.text + capsys.readouterr().err
    assert "delivery.landed" in told
    assert id_number(1) not in told
    assert "330106199002020000" not in told
    assert ACCOUNT["number"] not in told
