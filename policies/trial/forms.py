"""The calculator's form; every fact may stay open, because an unknown fact has an answer too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.trial.fact_table import as_digits
from policies.trial.questions import MOST_ROWS, GroupQuestions, Question

LONGEST_TEXT = 40
NOT_KNOWN = ("", _("not known"))
YES, NO = ("yes", _("yes")), ("no", _("no"))
YES_NO = (NOT_KNOWN, YES, NO)
LARGEST = Decimal("1e15")


@dataclass(frozen=True, slots=True)
class RecordFields:
    """One record on the page: its label, and its fields."""

    label: str
    fields: tuple[forms.BoundField, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One group of facts on the page."""

    group: GroupQuestions
    rows: tuple[RecordFields, ...]
    may_add: bool
    may_be_empty: bool


class CalculatorForm(forms.Form):
    """The facts that the rules of a version read, by group; `row_counts` has the number of records for each list."""

    def __init__(self, answers: Mapping[str, Any] | None, *, groups: Sequence[GroupQuestions]) -> None:
        super().__init__(answers)
        self.groups = groups
        self.row_counts = {group.name: self._row_count(group) for group in groups}
        for group in groups:
            for row in range(self.row_counts[group.name]):
                for question in group.questions:
                    self.fields[_name(group, row, question.fact)] = _field(question)
                if _is_presence_asked(group):
                    self.fields[_name(group, row, "")] = _presence(group)

    def _row_count(self, group: GroupQuestions) -> int:
        if not group.is_open:
            return len(group.rows) or 1
        told = str(self.data.get(f"rows-{group.name}", ""))
        count = int(told) if told.isdecimal() and len(told) < 3 else 1
        return min(max(count, 1) + (self.data.get("add") == group.name), MOST_ROWS)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The form in the order of the page."""
        return tuple(
            Section(
                group=group,
                rows=tuple(self._row(group, number) for number in range(self.row_counts[group.name])),
                may_add=group.is_open and self.row_counts[group.name] < MOST_ROWS,
                may_be_empty=group.is_list and group.is_complete and not _is_presence_asked(group),
            )
            for group in self.groups
        )

    def _row(self, group: GroupQuestions, number: int) -> RecordFields:
        names = [_name(group, number, question.fact) for question in group.questions]
        names += [_name(group, number, "")] if _is_presence_asked(group) else []
        label = str(group.rows[number].label) if group.rows else str(number + 1) if group.is_list else ""
        return RecordFields(label, tuple(self[name] for name in names))

    def facts(self) -> dict[str, Any]:
        """
        The facts that the visitor entered, by their English names, as `Example.facts` stores them.

        A record without any entered fact counts as not delivered; a fact that is left blank in a record is unknown.
        """
        told: dict[str, Any] = {}
        for group in self.groups:
            records = [record for row in range(self.row_counts[group.name]) if (record := self._record(group, row))]
            if group.is_list and (records or group.is_complete):
                told[group.name] = records
            elif records:
                told[group.name] = records[0]
        return told

    def _record(self, group: GroupQuestions, row: int) -> dict[str, Any] | None:
        answers = {
            question.fact: self.cleaned_data.get(_name(group, row, question.fact)) for question in group.questions
        }
        told = {fact: _plain(answer) for fact, answer in answers.items() if answer not in (None, "")}
        is_on_record = self.cleaned_data.get(_name(group, row, "")) == "yes"
        if not told and not is_on_record:
            return None
        given = dict(group.rows[row].given) if group.rows else {}
        return {**given, **told}


def _name(group: GroupQuestions, row: int, fact: str) -> str:
    return f"{group.name}-{row}-{fact}"


def _is_presence_asked(group: GroupQuestions) -> bool:
    """Whether the form asks only whether the record exists, because the rules read no fact of it."""
    return group.is_list and not group.questions


def _presence(group: GroupQuestions) -> forms.ChoiceField:
    # If a list is complete, no entry means that there is none; of any other list nobody can say that.
    choices = (NO, YES) if group.is_complete else (NOT_KNOWN, YES)
    return forms.ChoiceField(label=_("on record"), choices=choices, required=False)


class NumberField(forms.DecimalField):
    """A number in the forms that people write."""

    def to_python(self, value: Any) -> Any:
        """Read a number such as 1,200, 12万 or 5.5%."""
        return super().to_python(as_digits(value) if isinstance(value, str) else value)


def _field(question: Question) -> forms.Field:
    label = f"{question.label} ({question.unit})" if question.unit.zh else str(question.label)
    if question.kind == "number":
        return NumberField(
            label=label,
            required=False,
            min_value=-LARGEST,
            max_value=LARGEST,
            max_digits=18,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
    if question.kind == "date":
        return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
    if question.kind == "boolean":
        return forms.ChoiceField(label=label, choices=YES_NO, required=False)
    if question.kind == "choice":
        return forms.ChoiceField(label=label, choices=(NOT_KNOWN, *question.choices), required=False)
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _plain(answer: object) -> object:
    if isinstance(answer, dt.date):
        return answer.isoformat()
    return {"yes": True, "no": False}.get(answer, answer) if isinstance(answer, str) else answer
