"""Departments' lists as files, as drafts, and published by a second officer."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence

from companies.models import Company, Employee
from policies.models import PolicyVersion, Subject, Track, WhiteList
from policies.white_lists.lists import UploadedList, check_list, publish_list, upload_list
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_officer, read_id_number
from tests.factories.policies import make_published

FIRMS = ("统一社会信用代码", "企业名称", "金额", "备注")
PEOPLE = ("统一社会信用代码", "姓名", "身份证号", "金额", "备注")
LAST_DAY = TODAY + dt.timedelta(days=30)


def make_list_version(*clauses: str, amount: str = "200000", **fields: object) -> PolicyVersion:
    """A version in force that pays by a department's list, at most 200,000 yuan for each row."""
    return make_published(*clauses, amount=amount, **({"track": Track.WHITELIST, "closes_on": LAST_DAY} | fields))


def make_people_list_version(*clauses: str, **fields: object) -> PolicyVersion:
    """A version in force that pays employees by a department's list."""
    return make_list_version(*clauses, subject=Subject.EMPLOYEE, payee="employee", **fields)


def list_file(titles: Sequence[str], *rows: Iterable[object]) -> bytes:
    """A file of these rows."""
    return "\n".join(",".join(str(cell) for cell in row) for row in (titles, *rows)).encode()


def list_row(company: Company, amount: object, remark: str = "") -> tuple[object, ...]:
    """A row of a firm."""
    return company.credit_code, company.name, amount, remark


def list_person_row(company: Company, person: Employee, amount: object) -> tuple[object, ...]:
    """A row of an employee."""
    return company.credit_code, person.name, read_id_number(person), amount, ""


def bring(version: PolicyVersion, content: bytes, *, by: str = "clerk", **fields: object) -> UploadedList:
    """Upload a file, as an officer."""
    usual: dict = {"department": "labour", "title": "百强企业名单", "document_number": "杭人社发〔2026〕1号"}
    return upload_list(
        version=version,
        file_name="名单.csv",
        content=io.BytesIO(content),
        actor=make_officer(by),
        now=NOW,
        **(usual | fields),
    )


def make_draft_list(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A draft list with rows of firms or, for a version of employees, of persons."""
    titles = FIRMS if version.subject == Subject.COMPANY else PEOPLE
    return bring(version, list_file(titles, *rows), **fields).white_list


def make_checked_list(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A list that the officer who uploaded it has checked."""
    return check_list(white_list=make_draft_list(version, *rows, **fields), actor=make_officer("clerk"), now=NOW)


def make_published_list(version: PolicyVersion, *rows: Iterable[object], **fields: object) -> WhiteList:
    """A list that a second officer published."""
    return publish_list(white_list=make_checked_list(version, *rows, **fields), actor=make_officer(), now=NOW)
