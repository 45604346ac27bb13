"""Attacks on the accounts of payees: money is led to somebody else's."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qinqing.demo.city.rows.company import BRANCHES
from tests.drill.stage import Stage, wait_for
from tests.drill.visitor import Page

_BANK_NAME, _BANK_NUMBER = BRANCHES[0]
_THIEVES_NUMBER = "6222020000000000018"


def password_alone_redirects_a_firms_money(stage: Stage) -> bool:
    """Whoever knows an owner's password enters another account, and confirms it."""
    before, owner = _account_in_use(stage), stage.person("owner")
    _enter_account(stage, "owner")
    waiting = owner.open(f"{stage.firm}account/").find(rf'action="{stage.firm}account/(\d+)/stop/"')
    answer = owner.post(f"{stage.firm}account/{waiting}/confirm/")
    return "A password alone confirms no account" in answer.words and _account_in_use(stage) == before


def preparer_redirects_a_firms_money(stage: Stage) -> bool:
    """Whoever may only prepare claims enters another account."""
    before = _account_in_use(stage)
    _enter_account(stage, "preparer")
    return _account_in_use(stage) == before


def stranger_redirects_a_firms_money(stage: Stage) -> bool:
    """The accountant of other firms enters an account for this one."""
    before = _account_in_use(stage)
    return _enter_account(stage, "accountant").status == 404 and _account_in_use(stage) == before


def delivered_row_replaces_an_account(stage: Stage) -> bool:
    """One row of a department's file names another account of a firm."""
    before = _account_in_use(stage)
    _deliver_account(stage, holder=stage.person("owner").open(stage.firm).find(r"<h1[^>]*>\s*([^<]+?)\s*</h1>"))
    return _account_in_use(stage) == before


def delivered_row_names_another_holder(stage: Stage) -> bool:
    """One row of a department's file names an account of somebody else than the firm."""
    before, page = _account_in_use(stage), _deliver_account(stage, holder="杭州别人有限公司")
    return "is not what the payee is registered as" in page.words and _account_in_use(stage) == before


def stranger_reads_a_receipt(stage: Stage) -> bool:
    """The accountant of other firms opens this firm's pages."""
    paths = ("", "claims/", "claims/file/", "account/", "members/")
    return all(stage.person("accountant").open(f"{stage.firm}{path}").status == 404 for path in paths)


ATTACKS = (
    stranger_reads_a_receipt,
    stranger_redirects_a_firms_money,
    preparer_redirects_a_firms_money,
    password_alone_redirects_a_firms_money,
    delivered_row_replaces_an_account,
    delivered_row_names_another_holder,
)


def _account_in_use(stage: Stage) -> str:
    return stage.person("owner").open(f"{stage.firm}account/").find(r"(?s)Your money goes here.*?(\d{3}\*+\d{2})")


def _enter_account(stage: Stage, username: str) -> Page:
    holder = stage.person("owner").open(f"{stage.firm}account/").find(r'name="holder_name" value="([^"]+)"')
    return stage.person(username).post(
        f"{stage.firm}account/",
        holder_name=holder,
        bank_name=_BANK_NAME,
        bank_number=_BANK_NUMBER,
        number=_THIEVES_NUMBER,
        number_again=_THIEVES_NUMBER,
        is_confirmed="on",
    )


def _deliver_account(stage: Stage, *, holder: str) -> Page:
    """The page of a delivery with one row, once it has landed."""
    code = stage.firm.split("/")[2]
    row = f"{code},{holder},{_BANK_NAME},{_BANK_NUMBER},{_THIEVES_NUMBER}"
    content = f"credit_code,holder_name,bank_name,bank_number,number\n{row}\n".encode()
    office = stage.person("admin")
    shown = office.submit(
        "/admin/companies/delivery/add/",
        dataset_name="company_accounts",
        as_of_on=timezone.localdate().isoformat(),
        delivery_id=f"drill-{dt.datetime.now(dt.UTC):%H%M%S%f}",
        files={"file": ("accounts.csv", content)},
    )
    return wait_for(lambda: office.open(shown.path), lambda page: page.status == 200)
