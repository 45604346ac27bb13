"""Departments' lists: as files, as drafts, and published by a second officer."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from itertools import count

from stdnum.cn import ric

from companies.models import Company, Employee
from policies.models import PolicyVersion, Subject, Track, WhiteList
from policies.white_lists.lists import Brought, bring_list, check_list, publish_list
from qinqing.kernel.secrets import decrypted, encrypted, fingerprint
from qinqing.kernel.text import masked
from tests.factories.policies import NOW, TODAY, officer, published

FIRMS = ("统一社会信用代码", "企业名称", "金额", "备注")
PEOPLE = ("统一社会信用代码", "姓名", "身份证号", "金额", "备注")
_numbers = count(2001)
LAST_DAY = TODAY + dt.timedelta(days=30)


def listed_version(*clauses: str, amount: str = "200000", **fields: object) -> PolicyVersion:
    """A version in force that pays by a department's list, at most 200,000 yuan to each unless told otherwise."""
    return published(*clauses, amount=amount, **({"track": Track.WHITELIST, "closes_on": LAST_DAY} | fields))


def listed_people(*clauses: str, **fields: object) -> PolicyVersion:
    """The same for employees."""
    return listed_version(*clauses, subject=Subject.EMPLOYEE, payee="employee", **fields)


def listed_person(name: str) -> Employee:
    """A person whose ID number has its check digit, as a list is asked to have."""
    stem = f"3301061990020{next(_numbers):04d}"
    number = stem + ric.calc_check_digit(stem + "0")
    return Employee.objects.create(
        id_number_encrypted=encrypted(number),
        id_number_hash=fingerprint(number),
        id_number_masked=masked(number),
        name=name,
    )


def table(titles: Sequence[str], *rows: Iterable[object]) -> bytes:
    """A file of these rows."""
    return "\n".join(",".join(str(cell) for cell in row) for row in (titles, *rows)).encode()


def row(company: Company, amount: object, remark: str = "") -> tuple[object, ...]:
    """A firm's row."""
    return company.credit_code, company.name, amount, remark


def person_row(company: Company, person: Employee, amount: object) -> tuple[object, ...]:
    """An employee's row."""
    return company.credit_code, person.name, decrypted(person.id_number_encrypted), amount, ""


def bring(version: PolicyVersion, content: bytes, *, by: str = "clerk", **fields: object) -> Brought:
    """A file brought by an officer."""
    usual: dict = {"department": "labour", "title": "百强企业名单", "document_number": "杭人社发〔2026〕1号"}
    return bring_list(
        version=version,
        file_name="名单.csv",
        content=io.BytesIO(content),
        actor=officer(by),
        now=NOW,
        **(usual | fields),
    )


def brought(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A draft list of firms' rows, or of persons' for a version of employees."""
    titles = FIRMS if version.subject == Subject.COMPANY else PEOPLE
    return bring(version, table(titles, *rows), **fields).white_list


def checked(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A list that its bringer checked."""
    return check_list(white_list=brought(version, *rows, **fields), actor=officer("clerk"), now=NOW)


def published_list(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A list that a second officer published."""
    return publish_list(white_list=checked(version, *rows, **fields), actor=officer(), now=NOW)
