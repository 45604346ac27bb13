"""What a form of the admin changed, with the values before and after, for the record of the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

# Names of fields whose values belong to a person or an account; the record says only that they changed.
PERSONAL = frozenset(
    [
        *("password", "password1", "password2", "usable_password", "old_password"),
        *("first_name", "last_name", "email", "name", "contact", "telephone"),
        *("number", "account", "payer_account", "payer_name", "payer_bank_number", "holder_name", "id_number"),
    ]
)
LONGEST = 200


def add_values(message: Any, form: Any, formsets: Iterable[Any]) -> Any:
    """
    Put the values into Django's description of a change, one [field, before, after] for each that is nobody's own.

    Django describes the form first, then the rows of each formset: those added, those changed, those deleted.
    """
    if not isinstance(message, list):
        return message
    told = iter(message)
    if form.changed_data and message:
        _put(next(told), form)
    for formset in formsets or ():
        for _added in formset.new_objects:
            _put(next(told, {}), None)
        for changed, _fields in formset.changed_objects:
            _put(next(told, {}), next((each for each in formset.forms if each.instance == changed), None))
        for _deleted in formset.deleted_objects:
            next(told, None)
    return message


def _put(told: dict[str, Any], form: Any) -> None:
    if form is not None and "changed" in told:
        told["changed"]["values"] = list_values(form)


def list_values(form: Any) -> list[list[str]]:
    """The values of the changed fields, before and after."""
    return [
        [name, _shown(_before(form, name)), _shown(form.cleaned_data.get(name))]
        for name in form.changed_data
        if name not in PERSONAL
    ]


def _before(form: Any, name: str) -> Any:
    value = form.get_initial_for_field(form.fields[name], name)
    if isinstance(value, list):
        return value
    try:
        return form.fields[name].to_python(value)
    except ValidationError:
        return value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) or hasattr(value, "iterator") else str(value)
    return text[:LONGEST]
