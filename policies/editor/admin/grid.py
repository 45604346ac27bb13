"""A small table in a form: one line for each row and a tab between cells; a script shows it as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget

from policies.trial.fact_table import LIMIT_ROWS

Rows = list[list[str]]
# The line ends of text areas; any other line end of Unicode may stand within a cell.
_LINE_END, _SEPARATORS = re.compile(r"\r\n?|\n"), re.compile(r"[\t\r\n]+")


class GridField(forms.CharField):
    """
    Rows of cells, as lists of texts; rows that are empty are left out and short ones filled up.

    `headers` name the columns. `follows` is the field of the same form whose rows are the columns before the last
    one: the inputs of a decision table.
    """

    def __init__(self, *, headers: Sequence[str | Promise], follows: str = "", **kwargs: Any) -> None:
        self.headers, self.follows = headers, follows
        super().__init__(strip=False, widget=GridWidget(headers=headers, follows=follows), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The rows as text; a posted text stays as it is."""
        return rows_as_text(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Split a text into rows of cells."""
        lines = [line for line in _LINE_END.split(value or "") if line.strip()]
        rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
        if len(rows) > LIMIT_ROWS:
            raise ValidationError(
                _("There are %(count)d rows; %(limit)d is the most.") % {"count": len(rows), "limit": LIMIT_ROWS}
            )
        return rows if self.follows else [self._pad_row(row, place) for place, row in enumerate(rows, start=1)]

    def validate(self, value: Any) -> None:
        """Refuse an empty table if the field is required."""
        if self.required and not value:
            raise ValidationError(_("Fill in at least one row."))

    def run_validators(self, value: Any) -> None:
        """Do nothing: the form checks the cells, because it knows what they are."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another text was posted than was shown; line ends and trailing tabs do not count."""
        try:
            return rows_as_text(self.to_python(data)) != rows_as_text(initial or [])
        except ValidationError:
            return True

    def _pad_row(self, row: list[str], place: int) -> list[str]:
        if len(row) > len(self.headers):
            raise ValidationError(
                _("Row %(row)d has %(cells)d cells; there are %(columns)d columns.")
                % {"row": place, "cells": len(row), "columns": len(self.headers)}
            )
        return row + [""] * (len(self.headers) - len(row))


def rows_as_text(rows: Rows) -> str:
    """Rows as the text of a text area; tabs and line ends within a cell become spaces."""
    return "\n".join("\t".join(_SEPARATORS.sub(" ", cell).strip() for cell in row).rstrip() for row in rows)


class GridWidget(UnfoldAdminTextareaWidget):
    """A text area that a script shows as a table; without the script an officer edits the lines."""

    def __init__(self, *, headers: Sequence[str | Promise], follows: str = "") -> None:
        self.headers, self.follows = headers, follows
        super().__init__(attrs={"rows": 4, "wrap": "off", "spellcheck": "false", "autocomplete": "off"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The headers in the reader's language, and the words of the buttons."""
        words = {"add": _("Add a row"), "remove": _("Remove this row"), "up": _("Move this row up")}
        grid = {
            "data-grid": json.dumps([str(header) for header in self.headers], ensure_ascii=False),
            "data-grid-words": json.dumps({key: str(word) for key, word in words.items()}, ensure_ascii=False),
            "data-grid-follows": self.follows,
        }
        context: dict[str, Any] = super().get_context(name, value, {**(attrs or {}), **grid})
        return context
