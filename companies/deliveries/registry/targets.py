"""All datasets that can be delivered: those of contracts, and those whose rows become companies or accounts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.contracts.contract import Contract, Property, Role, Type, Word
from companies.contracts.own import REGISTRATION
from companies.contracts.registry import contracts, kept_by_revision
from companies.datasets.column_types import (
    MONTH,
    OTHERS_CREDIT_CODE,
    QUARTER,
    AccountNumber,
    Choice,
    CreditCode,
    Day,
    Form,
    IdNumber,
    Kind,
    Number,
    Text,
    Whole,
    YesNo,
)
from companies.deliveries.registry.columns import Column
from companies.models.company import Ownership, Standing
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS
from qinqing.kernel.refusals import Refusal

CREDIT_CODE = Word("统一社会信用代码", "Credit code")
ID_NUMBER = Word("公民身份号码", "ID number")
INDUSTRY_EDITIONS = ("2017", "2011")
_YEAR_DIGITS, _COUNT_DIGITS = 4, 9
# The kinds that need nothing but the type of the column.
_KINDS: Final[dict[Type, Kind]] = {
    Type.YES_NO: YesNo(),
    Type.DAY: Day(),
    Type.MONTH: MONTH,
    Type.QUARTER: QUARTER,
    Type.CREDIT_CODE: OTHERS_CREDIT_CODE,
}


@dataclass(frozen=True, slots=True)
class Deliverable:
    """
    A dataset as a department delivers it.

    The first column names the subject. `key` are the names of the columns that identify a row; `contract` is that of
    an ordinary dataset, None where the rows become companies or accounts.
    """

    name: str
    word: Word
    department: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    freshness_days: int | None = None
    contract: Contract | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether a column holds a personal number."""
        return any(column.kind.is_sealed for column in self.columns)

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The columns of the key."""
        return tuple(column for column in self.columns if column.name in self.key)


class UnknownDataset(Refusal):
    """No department shares a dataset of that name."""


def find_deliverable(*, name: str) -> Deliverable:
    """
    The dataset of that name.

    Raises:
        UnknownDataset: there is none.
    """
    known = deliverables()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name.lower()[:60], known, n=1)
    names = ", ".join(sorted(known))
    if close:
        sentence = _("There is no dataset “{name}”; did you mean “{close}”? There are: {names}.")
        raise UnknownDataset(format_lazy(sentence, name=name[:60], close=close[0], names=names))
    raise UnknownDataset(
        format_lazy(_("There is no dataset “{name}”; there are: {names}."), name=name[:60], names=names)
    )


@kept_by_revision
def deliverables() -> dict[str, Deliverable]:
    """All datasets by name, in the order in which a city first delivers them: firms, people, the rest, couples."""
    ordinary = sorted(contracts().values(), key=_turn)
    found = [_registration(), *(_ordinary(contract) for contract in ordinary), _company_accounts(), _person_accounts()]
    return {each.name: each for each in found}


def _turn(contract: Contract) -> int:
    """Datasets that make persons known come before those about persons, and couples after both."""
    if contract.of_role(Role.PERSON_NAME):
        return 0
    return 2 if contract.of_role(Role.SPOUSE) else 1


def _ordinary(contract: Contract) -> Deliverable:
    return Deliverable(
        name=contract.name,
        word=contract.word,
        department=contract.department,
        columns=tuple(_column(contract, each) for each in contract.delivered),
        key=contract.key,
        freshness_days=contract.freshness_days,
        contract=contract,
    )


def _column(contract: Contract, each: Property) -> Column:
    stored_as = each.name if each.is_stored else ""
    return Column(each.name, each.word, kind_of(contract, each), is_required=each.is_required, stored_as=stored_as)


def kind_of(contract: Contract, each: Property) -> Kind:
    """How the texts of a column of a contract are checked and converted."""
    if each.role is Role.CREDIT_CODE:
        return CreditCode()
    if each.role is Role.ID_NUMBER:
        return IdNumber(may_be_new=contract.of_role(Role.PERSON_NAME) is not None)
    if each.role is Role.SPOUSE:
        return IdNumber(may_be_outside=True)
    return _KINDS.get(each.type) or _kind_of_size(each)


def _kind_of_size(each: Property) -> Kind:
    minimum, maximum = each.range
    if each.type is Type.TEXT:
        return Text(each.length)
    if each.type is Type.CODE:
        return Choice(tuple(code.code for code in each.codes))
    if each.type in (Type.WHOLE, Type.YEAR):
        return Whole(_YEAR_DIGITS if each.type is Type.YEAR else _COUNT_DIGITS, minimum, maximum)
    if each.type is Type.YUAN:
        return Number(MAX_DIGITS, DECIMAL_PLACES, minimum, maximum, is_money=True)
    return Number(each.digits, each.places, minimum, maximum)


def _registration() -> Deliverable:
    words = REGISTRATION.words
    return Deliverable(
        name=REGISTRATION.name,
        word=Word(REGISTRATION.zh, REGISTRATION.en),
        department=REGISTRATION.department,
        columns=(
            Column("credit_code", CREDIT_CODE, CreditCode(may_be_new=True), is_required=True),
            Column("name", Word("企业名称", "Name"), Text(120), is_required=True, stored_as="name"),
            Column(
                *("industry", words["industry"], Form("^[A-T][0-9]{2,4}$", "F5211")),
                is_required=True,
                stored_as="industry_code",
            ),
            Column(
                *("edition", Word("行业分类版本", "Edition of the industry codes"), Choice(INDUSTRY_EDITIONS)),
                may_be_left_out=True,
                stored_as="industry_edition",
            ),
            Column("founded_on", words["founded_on"], Day(), stored_as="founded_on"),
            Column("standing", words["standing"], Choice(tuple(Standing.values)), stored_as="standing"),
            Column("ownership", words["ownership"], Choice(tuple(Ownership.values)), stored_as="ownership"),
            Column("is_government_unit", words["is_government_unit"], YesNo(), stored_as="is_government_unit"),
            Column("district", words["district"], Form("^[0-9]{6}$", "330106"), is_required=True),
            Column("district_from", Word("所属区县起始日", "District since"), Day(), is_required=True),
        ),
        key=("credit_code",),
        freshness_days=REGISTRATION.freshness_days,
    )


def _company_accounts() -> Deliverable:
    subject = Column("credit_code", CREDIT_CODE, CreditCode(), is_required=True)
    word = Word("企业收款账户", "Accounts of companies")
    columns = (subject, *_account_columns(is_of_person=False))
    return Deliverable("company_accounts", word, "finance", columns, ("credit_code",))


def _person_accounts() -> Deliverable:
    subject = Column("id_number", ID_NUMBER, IdNumber(), is_required=True)
    word = Word("个人收款账户", "Accounts of persons")
    columns = (subject, *_account_columns(is_of_person=True))
    return Deliverable("person_accounts", word, "labour", columns, ("id_number",))


def _account_columns(*, is_of_person: bool) -> tuple[Column, ...]:
    return (
        Column("holder_name", Word("户名", "Account holder"), Text(120), is_required=True),
        Column("bank_name", Word("开户银行", "Bank"), Text(120), is_required=True),
        Column("bank_number", Word("联行号", "Bank number"), Form("^[0-9]{12}$", "313331000014"), is_required=True),
        Column("number", Word("账号", "Account number"), AccountNumber(is_of_person), is_required=True),
    )
