"""All datasets that can be delivered: the dataset models, and those whose rows become companies, people or accounts."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from django.core.validators import RegexValidator
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import CREDIT_CODE_PATTERN, MONTH_PATTERN, QUARTER_PATTERN, DatasetRow, PersonRow, Word
from companies.datasets.column_types import (
    MONTH,
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
from companies.datasets.facts import REGISTRATION, dataset_models, engagement_models
from companies.deliveries.registry.columns import Column
from companies.models.company import Ownership, Standing
from qinqing.kernel.refusals import Refusal

OTHERS_CREDIT_CODE = Form(CREDIT_CODE_PATTERN, "91330106MA2XXXXX5T")
FORMS = {MONTH_PATTERN: MONTH, QUARTER_PATTERN: QUARTER, CREDIT_CODE_PATTERN: OTHERS_CREDIT_CODE}
CREDIT_CODE = Word("统一社会信用代码", "Credit code")
ID_NUMBER = Word("公民身份号码", "ID number")
INDUSTRY_EDITIONS = ("2017", "2011")
_YEAR_DIGITS, _COUNT_DIGITS = 4, 9


@dataclass(frozen=True, slots=True)
class Deliverable:
    """
    A dataset as a department delivers it.

    The first column names the subject. `key` are the names of the columns that identify a row; `model` is the
    table of an ordinary dataset, None where the rows become companies or accounts.
    """

    name: str
    word: Word
    department: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    freshness_days: int | None = None
    model: type[DatasetRow] | None = None

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


@lru_cache(maxsize=1)
def deliverables() -> dict[str, Deliverable]:
    """All datasets by name, in the order in which a city first delivers them: firms, people, then the rest."""
    ordinary = {name: _ordinary(model) for name, model in dataset_models().items()}
    for model in engagement_models():
        ordinary[model.dataset.name] = _engagement(ordinary[model.dataset.name])
    employees = {"employees": ordinary.pop("employees")}
    marriage = {"marriage": _marriage(ordinary.pop("marriage"))}
    registration = {"registration": _registration()}
    accounts = {account.name: account for account in (_company_accounts(), _person_accounts())}
    return registration | employees | ordinary | marriage | accounts


def _ordinary(model: type[DatasetRow]) -> Deliverable:
    dataset = model.dataset
    is_person = issubclass(model, PersonRow)
    subject = (
        Column("id_number", ID_NUMBER, IdNumber(), is_required=True)
        if is_person
        else Column("credit_code", CREDIT_CODE, CreditCode(), is_required=True)
    )
    columns = [_column(model, name, word, is_key=name in dataset.key) for name, word in dataset.words.items()]
    return Deliverable(
        name=dataset.name,
        word=Word(dataset.zh, dataset.en),
        department=dataset.department,
        columns=(subject, *(column for column in columns if column is not None)),
        key=(subject.name, *dataset.key),
        freshness_days=dataset.freshness_days,
        model=model,
    )


def _column(model: type[DatasetRow], name: str, word: Word, *, is_key: bool) -> Column | None:
    field = next(field for field in model._meta.concrete_fields if field.name.removesuffix("_cny") == name)
    if isinstance(field, models.GeneratedField):
        return None
    assert field.column is not None
    return Column(name, word, kind_of(field), is_required=is_key or not field.null, stored_as=field.column)


def kind_of(field: models.Field[object, object]) -> Kind:
    """The type of a column of a dataset model."""
    if isinstance(field, models.BooleanField):
        return YesNo()
    if isinstance(field, models.DateField):
        return Day()
    if isinstance(field, models.DecimalField):
        return Number(field.max_digits, field.decimal_places)
    if isinstance(field, models.SmallIntegerField):
        return Whole(_YEAR_DIGITS)
    if isinstance(field, models.IntegerField):
        return Whole(_COUNT_DIGITS)
    return _kind_of_text(field)


def _kind_of_text(field: models.Field[object, object]) -> Kind:
    if field.choices:
        return Choice(tuple(str(value) for value, _label in field.flatchoices))
    patterns = [
        check.regex.pattern
        for check in field.validators
        if isinstance(check, RegexValidator) and isinstance(check.regex, re.Pattern)
    ]
    assert field.max_length is not None
    return FORMS[patterns[0]] if patterns else Text(field.max_length)


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


def _engagement(ordinary: Deliverable) -> Deliverable:
    """A dataset whose rows name a person beside the company."""
    company, *rest = ordinary.columns
    person = (
        Column("id_number", ID_NUMBER, IdNumber(may_be_new=True), is_required=True),
        Column("name", Word("姓名", "Name"), Text(60), is_required=True),
    )
    return _with_columns(ordinary, (company, *person, *rest), key=_with_person(ordinary.key))


def _with_person(key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("id_number" if name == "employee" else name for name in key)


def _marriage(ordinary: Deliverable) -> Deliverable:
    spouse = Column("spouse_id_number", Word("配偶公民身份号码", "Spouse's ID number"), IdNumber(may_be_outside=True))
    return _with_columns(ordinary, (*ordinary.columns, spouse), key=ordinary.key)


def _with_columns(ordinary: Deliverable, columns: tuple[Column, ...], *, key: tuple[str, ...]) -> Deliverable:
    return Deliverable(
        name=ordinary.name,
        word=ordinary.word,
        department=ordinary.department,
        columns=columns,
        key=key,
        freshness_days=ordinary.freshness_days,
        model=ordinary.model,
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
