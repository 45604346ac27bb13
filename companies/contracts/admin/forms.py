"""The form in which a data steward declares a dataset: its terms, and one part for each column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from companies.contracts.admin.words import ABSENCES, LEVELS, ROLES, SUBJECTS, TYPES
from companies.contracts.contract import Code, Contract, Level, Property, Role, Subject, Type, Unsound, Word
from companies.contracts.departments import offices
from companies.contracts.sample import ProposedColumn
from companies.datasets.catalogue import Absence

_CODE_LINE = gettext_lazy("One per line: code = 中文 = English")


def _text(label: Any, *, limit: int = 60, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=help_text, widget=UnfoldAdminTextInputWidget
    )


def _number(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, help_text=help_text, widget=UnfoldAdminIntegerFieldWidget
    )


def _choice(label: Any, choices: Mapping[Any, Any], help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        # The role of a plain fact is the empty one.
        required=not any(each.value == "" for each in choices),
        choices=[(each.value, name) for each, name in choices.items()],
        help_text=help_text,
        widget=UnfoldAdminSelectWidget,
    )


class TermsForm(forms.Form):
    """What a dataset is called, whose it is, and what others may rely on."""

    zh = _text(gettext_lazy("Name in Chinese"))
    en = _text(gettext_lazy("Name in English"))
    name = _text(
        gettext_lazy("Name in rules"),
        limit=40,
        help_text=gettext_lazy("Small letters, digits and underscores, such as equipment_investment."),
    )
    version = _text(gettext_lazy("Version"), limit=17)
    department = forms.ChoiceField(label=gettext_lazy("Department"), widget=UnfoldAdminSelectWidget)
    subject = _choice(gettext_lazy("A row is about"), SUBJECTS)
    level = _choice(gettext_lazy("Delivered by"), LEVELS)
    absence = _choice(gettext_lazy("A missing row"), ABSENCES)
    item = _text(
        gettext_lazy("Name of a single row"),
        limit=40,
        required=False,
        help_text=gettext_lazy("Only where a policy may pay once per row, such as “investment”."),
    )
    freshness_days = _number(
        gettext_lazy("Days for which the data counts"), gettext_lazy("Left empty, it is history and counts always.")
    )
    every_days = _number(gettext_lazy("Days between deliveries"), gettext_lazy("Who is late is reminded."))
    purpose = forms.CharField(
        label=gettext_lazy("What it says"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, departments: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(code, str(offices()[code])) for code in departments]
        cast(forms.ChoiceField, self.fields["department"]).choices = choices


class ColumnForm(forms.Form):
    """A column of the dataset; an empty part is left out."""

    zh = _text(gettext_lazy("Name in Chinese"), required=False)
    en = _text(gettext_lazy("Name in English"), required=False)
    name = _text(gettext_lazy("Name in rules"), limit=40, required=False)
    type = _choice(gettext_lazy("Type"), TYPES)
    role = _choice(gettext_lazy("Stands for"), ROLES)
    is_key = forms.BooleanField(label=gettext_lazy("Tells rows apart"), required=False, widget=UnfoldBooleanWidget)
    is_required = forms.BooleanField(label=gettext_lazy("In every row"), required=False, widget=UnfoldBooleanWidget)
    unit = _text(gettext_lazy("Unit"), limit=10, required=False)
    length = _number(gettext_lazy("Longest text"))
    digits = _number(gettext_lazy("Digits of a number"))
    places = forms.IntegerField(
        label=gettext_lazy("Digits behind the point"),
        required=False,
        min_value=0,
        max_value=8,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    minimum = forms.DecimalField(
        label=gettext_lazy("Least plausible value"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
    maximum = forms.DecimalField(
        label=gettext_lazy("Greatest plausible value"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
    codes = forms.CharField(
        label=gettext_lazy("Codes"),
        required=False,
        help_text=_CODE_LINE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    # What the sample showed; a person has looked at each of its columns.
    title = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    examples = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    is_confirmed = forms.BooleanField(
        label=gettext_lazy("I have looked at this column; it is right."), required=False, widget=UnfoldBooleanWidget
    )
    is_left_out = forms.BooleanField(
        label=gettext_lazy("Leave this column out"), required=False, widget=UnfoldBooleanWidget
    )

    @property
    def is_used(self) -> bool:
        """Whether the part says anything, and is not to be left out."""
        given = self.cleaned_data
        return not given.get("is_left_out") and any(given.get(name) for name in ("zh", "en", "name", "title"))

    @property
    def shown(self) -> Iterator[forms.BoundField]:
        """Its fields; a column that no sample has needs no confirmation, and is left out by leaving it empty."""
        has_sample = bool(self["title"].value())
        return (field for field in self if has_sample or field.name not in ("is_confirmed", "is_left_out"))

    def clean(self) -> dict[str, Any]:
        """Make the column, or say beside the part what is wrong with it."""
        given: dict[str, Any] = self.cleaned_data
        self.property: Property | None = None
        if self.errors or not self.is_used:
            return given
        if given["title"] and not given["is_confirmed"]:
            self.add_error("is_confirmed", _("Look at this column and confirm it, or leave it out."))
            return given
        try:
            self.property = _make_property(given)
        except Unsound as unsound:
            self.add_error(None, _("This column %(fault)s.") % {"fault": unsound})
        return given


def _make_property(given: Mapping[str, Any]) -> Property:
    kind = Type(given["type"])
    return Property(
        name=given["name"],
        word=Word(given["zh"], given["en"], "元" if kind is Type.YUAN else given["unit"]),
        type=kind,
        is_required=given["is_required"] or given["is_key"],
        role=Role(given["role"]),
        is_sealed=kind is Type.ID_NUMBER,
        digits=(given["digits"] or 0) if kind is Type.NUMBER else 0,
        places=(given["places"] or 0) if kind is Type.NUMBER else 0,
        length=(given["length"] or 0) if kind is Type.TEXT else 0,
        minimum=given["minimum"],
        maximum=given["maximum"],
        codes=tuple(_read_codes(given["codes"])) if kind is Type.CODE else (),
    )


def _read_codes(text: str) -> Iterator[Code]:
    for line in filter(None, map(str.strip, text.splitlines())):
        code, zh, en = ([*map(str.strip, line.split("=")), "", ""])[:3]
        yield Code(code, Word(zh or code, en or zh or code))


ColumnFormSet = forms.formset_factory(ColumnForm, extra=0, max_num=100, validate_max=True)


def make_contract(terms: Mapping[str, Any], columns: forms.BaseFormSet[ColumnForm]) -> Contract:
    """
    The contract that a filled-in form declares.

    Raises:
        Unsound: its parts do not go together.
    """
    used = [form for form in columns.forms if getattr(form, "property", None) is not None]
    properties = tuple(cast(Property, form.property) for form in used)
    return Contract(
        name=terms["name"],
        word=Word(terms["zh"], terms["en"]),
        version=terms["version"],
        department=terms["department"],
        subject=Subject(terms["subject"]),
        properties=properties,
        key=_find_key(used),
        item=terms["item"],
        absence=Absence(terms["absence"]),
        level=Level(terms["level"]),
        freshness_days=terms["freshness_days"],
        every_days=terms["every_days"],
        purpose=" ".join(terms["purpose"].split()),
    )


def _find_key(used: list[ColumnForm]) -> tuple[str, ...]:
    """The columns that tell rows apart: the firm first, then the person, then all others as they stand."""
    turns = {Role.CREDIT_CODE: 0, Role.ID_NUMBER: 1}
    keys = [cast(Property, form.property) for form in used if form.cleaned_data["is_key"]]
    return tuple(each.name for each in sorted(keys, key=lambda each: turns.get(each.role, 2)))


def initial_of(proposed: ProposedColumn) -> dict[str, Any]:
    """The first values of the part about a column of the sample; nothing is confirmed yet."""
    is_chinese = not proposed.title.isascii()
    return {
        "title": proposed.title,
        "examples": " · ".join(proposed.examples),
        "zh": proposed.title if is_chinese else "",
        "en": "" if is_chinese else proposed.title,
        "name": proposed.name,
        "type": proposed.type.value,
        "role": proposed.role.value,
        "is_key": proposed.role is not Role.NONE,
        "is_required": proposed.is_required,
        "length": proposed.length or None,
        "digits": proposed.digits or None,
        "places": proposed.places if proposed.digits else None,
        "codes": "\n".join(f"{code} = {code} = {code}" for code in proposed.codes),
    }


def initial_terms(contract: Contract) -> dict[str, Any]:
    """The terms of a contract, to write its next version."""
    return {
        "zh": contract.word.zh,
        "en": contract.word.en,
        "name": contract.name,
        "version": _next(contract.version),
        "department": contract.department,
        "subject": contract.subject.value,
        "level": contract.level.value,
        "absence": contract.absence.value,
        "item": contract.item,
        "freshness_days": contract.freshness_days,
        "every_days": contract.every_days,
        "purpose": contract.purpose,
    }


def _next(version: str) -> str:
    major, minor, _patch = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def initial_column(contract: Contract, each: Property) -> dict[str, Any]:
    """The part about a column of a contract, to write its next version."""
    return {
        "zh": each.word.zh,
        "en": each.word.en,
        "name": each.name,
        "type": each.type.value,
        "role": each.role.value,
        "is_key": each.name in contract.key,
        "is_required": each.is_required,
        "unit": each.word.unit,
        "length": each.length or None,
        "digits": each.digits or None,
        "places": each.places if each.digits else None,
        "minimum": each.minimum,
        "maximum": each.maximum,
        "codes": "\n".join(f"{code.code} = {code.word.zh} = {code.word.en}" for code in each.codes),
    }
