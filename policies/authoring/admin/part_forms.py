"""Forms of the parts of a version: parameters, decision tables and examples. Each form checks its own part."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import District
from policies.authoring.parts import ExampleText, ParameterText, TableText, ValueText
from policies.editor.admin.grid import GridField, Rows
from policies.feel import definitions
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.feel.words.table_review import review_table
from policies.models import DecisionTable, Example, ExpectedVerdict, Parameter, PolicyVersion
from policies.rules.storage import read_library, table_text
from policies.subjects import catalogue_of, known_subjects
from policies.trial.fact_table import facts_from_rows, rows_from_facts
from policies.trial.trial_facts import BadFacts
from qinqing.kernel.money import parse_number
from qinqing.kernel.text import Bilingual

_PARAMETER = ("name", "name_zh", "name_en", "unit")
_TABLE = ("name", "name_zh", "name_en", "hit_policy")
_INPUT = ("label_zh", "label_en", "feel")
_EXAMPLE = ("title", "expected_verdict", "expected_cny")


def refusal_sentence(refused: FeelError) -> str:
    """The refusal in the officer's language."""
    return str(Bilingual(refused.message_zh, refused.message))


class ParameterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A number that differs by district or date."""

    values = GridField(
        label=capfirst(gettext_lazy("values")),
        headers=(gettext_lazy("district (empty: everywhere)"), gettext_lazy("valid from"), gettext_lazy("value")),
        help_text=gettext_lazy("A district by its code or name. Without a day the value has always been valid."),
    )

    class Meta:
        model = Parameter
        fields = _PARAMETER

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["values"] = [
                [value.district, str(value.valid_from or ""), f"{value.value.normalize():f}"]
                for value in self.instance.values.order_by("district", "valid_from", "pk")
            ]

    def clean_values(self) -> tuple[ValueText, ...]:
        """The values of the parameter, each with its district and its day."""
        rows: Rows = self.cleaned_data["values"]
        return tuple(_read_value(row, place) for place, row in enumerate(rows, start=1))

    def clean(self) -> dict[str, Any]:
        """Refuse what is not a well-formed parameter."""
        fields: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.feel()
            except FeelError as refused:
                self.add_error("name", refusal_sentence(refused))
        return fields

    def text(self) -> ParameterText:
        """The parameter in the form that operations take."""
        return ParameterText(**{name: self.cleaned_data[name] for name in (*_PARAMETER, "values")})

    def feel(self) -> definitions.ParameterText:
        """The parameter in the form of the rule language."""
        text = self.text()
        values = tuple(definitions.DatedValue(value.value, value.district, value.valid_from) for value in text.values)
        return definitions.ParameterText(text.name, text.name_zh, values, text.name_en, text.unit)


def _read_value(row: list[str], place: int) -> ValueText:
    district, day, number = row
    try:
        return ValueText(_read_number(number), _find_district(district), dt.date.fromisoformat(day) if day else None)
    except InvalidOperation as refused:
        raise ValidationError(_locate_in_row(place, _("“%(text)s” is no number."), number)) from refused
    except District.DoesNotExist as refused:
        raise ValidationError(_locate_in_row(place, _("There is no district “%(text)s”."), district)) from refused
    except ValueError as refused:
        raise ValidationError(_locate_in_row(place, _("“%(text)s” is no day like 2023-02-01."), day)) from refused


def _locate_in_row(place: int, sentence: str, text: str) -> str:
    return _("Row %(row)d: %(sentence)s") % {"row": place, "sentence": sentence % {"text": text[:40]}}


def _read_number(text: str) -> Decimal:
    """Read a number such as 57,000 or 30%, with at most 14 digits before the point and six after it."""
    written = text.replace(",", "").replace("，", "").strip()
    is_percentage = written.endswith(("%", "％"))
    told = parse_number(written[:-1] if is_percentage else written)
    number = told / 100 if told is not None and is_percentage else told
    if number is None or abs(number) >= 10**14 or number != round(number, 6):
        raise InvalidOperation
    return number


def _find_district(text: str) -> str:
    """The code of the district with this code or name; "" for everywhere."""
    if not text:
        return ""
    named = District.objects.filter(code=text) or District.objects.filter(name_zh=text)
    district = (named or District.objects.filter(name_en__iexact=text)).first()
    if district is None:
        raise District.DoesNotExist
    return district.code


class TableForm(forms.ModelForm):  # type: ignore[type-arg]
    """A table of tiers: its inputs, and a row for each tier."""

    inputs = GridField(
        label=capfirst(gettext_lazy("inputs")),
        headers=(gettext_lazy("title in Chinese"), gettext_lazy("title in English"), gettext_lazy("value (FEEL)")),
        help_text=gettext_lazy("What the table looks at, one input a row; each is a column of the tiers below."),
    )
    rows = GridField(
        label=capfirst(gettext_lazy("tiers")),
        headers=(gettext_lazy("result (FEEL)"),),
        follows="inputs",
        help_text=gettext_lazy(
            'A test for each input, like < 50000000, [1..3], "a", "b" or - for any, and the result.'
        ),
    )

    class Meta:
        model = DecisionTable
        fields = _TABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["inputs"] = [[each[key] for key in _INPUT] for each in self.instance.inputs]
            self.initial["rows"] = [[*row["cells"], row["output"]] for row in self.instance.rows]

    def clean(self) -> dict[str, Any]:
        """Refuse a table whose rows do not have one cell for each input, or that is not well formed."""
        fields: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._check_shape(len(fields["inputs"]), fields["rows"])
        if not self.errors:
            try:
                self.feel()
            except FeelError as refused:
                self.add_error("rows", refusal_sentence(refused))
        return fields

    def _check_shape(self, width: int, rows: Rows) -> None:
        for place, row in enumerate(rows, start=1):
            if len(row) != width + 1 or not row[-1]:
                wanted = _("Row %(row)d needs %(width)d tests and a result.") % {"row": place, "width": width}
                self.add_error("rows", wanted)
                return

    def text(self) -> TableText:
        """The table in the form that operations take."""
        fields = self.cleaned_data
        return TableText(
            **{name: fields[name] for name in _TABLE},
            inputs=tuple(dict(zip(_INPUT, row, strict=True)) for row in fields["inputs"]),
            # An empty cell accepts any value, as "-" does in DMN.
            rows=tuple({"cells": [cell or "-" for cell in row[:-1]], "output": row[-1]} for row in fields["rows"]),
        )

    def feel(self) -> definitions.TableText:
        """The table in the form of the rule language."""
        text = self.text()
        return table_text(
            name=text.name,
            name_zh=text.name_zh,
            name_en=text.name_en,
            hit_policy=text.hit_policy,
            inputs=list(text.inputs),
            rows=list(text.rows),
        )


class ExampleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Facts of an invented firm or person, and the verdict that its author expects."""

    made_up = GridField(
        label=capfirst(gettext_lazy("facts")),
        headers=(gettext_lazy("fact, such as company.size"), gettext_lazy("record no."), gettext_lazy("value")),
        required=False,
        help_text=gettext_lazy(
            "What is not there is unknown. Number the records of a list; a row with nothing but a list's name says "
            "that the list is empty. “as_of” is the day."
        ),
    )

    class Meta:
        model = Example
        fields = _EXAMPLE

    def __init__(self, *args: Any, version: PolicyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._version = version
        if self.instance.pk:
            known = catalogue_of(version.subject)
            self.initial["made_up"] = rows_from_facts(facts=self.instance.facts, catalogue=known)

    def clean_made_up(self) -> dict[str, Any]:
        """The facts by their English names."""
        if self._version.subject not in known_subjects():
            return {}
        known = catalogue_of(self._version.subject)
        try:
            return facts_from_rows(rows=self.cleaned_data["made_up"], catalogue=known)
        except BadFacts as refused:
            raise ValidationError(str(refused)) from refused

    def clean(self) -> dict[str, Any]:
        """Refuse an amount for somebody who is not eligible."""
        fields: dict[str, Any] = super().clean() or {}
        if fields.get("expected_cny") is not None and fields.get("expected_verdict") != ExpectedVerdict.ELIGIBLE:
            self.add_error("expected_cny", _("Only somebody who is eligible gets an amount."))
        return fields

    def text(self) -> ExampleText:
        """The example in the form that operations take."""
        fields = self.cleaned_data
        return ExampleText(**{name: fields[name] for name in _EXAMPLE}, facts=fields["made_up"])


class PartFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All parts of one kind in a draft."""

    def kept(self) -> list[Any]:
        """The forms that the officer keeps, in their order."""
        return [form for form in self.forms if (form.has_changed() or form.instance.pk) and not self._is_deleted(form)]

    def _is_deleted(self, form: Any) -> bool:
        # A part that is deleted may have faults. Reading `errors` cleans the form, so that `cleaned_data` is there.
        return bool(form.is_bound and form.errors is not None and form.cleaned_data.get("DELETE"))

    def texts(self) -> list[Any]:
        """The kept parts in the form that operations take."""
        return [form.text() for form in self.kept()]


class TableFormSet(PartFormSet):
    """The decision tables; their cells are checked against the facts and the other definitions."""

    def clean(self) -> None:
        """Check every cell; a refusal names the row and the column."""
        super().clean()
        known = posted_definitions(self.instance)
        if known is None or self.instance.subject not in known_subjects():
            return
        for form in self.kept():
            if form.is_valid():
                try:
                    review_table(form.feel(), catalogue=catalogue_of(self.instance.subject), definitions=known)
                except FeelError as refused:
                    form.add_error("rows", refusal_sentence(refused))


class ExampleFormSet(PartFormSet):
    """The examples."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each example its version, whose facts it may mention."""
        return {**super().get_form_kwargs(index), "version": self.instance}


ParameterFormSet = forms.inlineformset_factory(
    PolicyVersion, Parameter, form=ParameterForm, formset=PartFormSet, extra=0
)
PlainTableFormSet = forms.inlineformset_factory(
    PolicyVersion, DecisionTable, form=TableForm, formset=PartFormSet, extra=0
)


def read_definitions(*, data: Any, version: PolicyVersion) -> None:
    """
    Read the definitions that were posted, and keep them on the draft, so that the forms of rules can check against
    them.

    Nothing is kept while a parameter or a table has a fault of its own; its own form shows that fault.

    Raises:
        FeelError: two of them share a name.
    """
    parameters: Any = ParameterFormSet(data, instance=version, prefix="parameters")
    tables: Any = PlainTableFormSet(data, instance=version, prefix="tables")
    if parameters.is_valid() and tables.is_valid():
        version.written_definitions = Definitions(  # type: ignore[attr-defined]
            tuple(form.feel() for form in parameters.kept()),
            tuple(form.feel() for form in tables.kept()),
            tuple(definitions.ClauseText(**row) for row in read_library()),
        )


def posted_definitions(version: PolicyVersion) -> Definitions | None:
    """The definitions that `read_definitions` kept on the draft; None if it kept none."""
    noted: Definitions | None = getattr(version, "written_definitions", None)
    return noted
