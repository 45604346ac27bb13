"""Forms of rows that several people edit: a form is refused if somebody saved the row after its page was shown."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms.models import model_to_dict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _


class UnchangedForm(forms.ModelForm):  # type: ignore[type-arg]
    """
    A form that sends back which state of the row its page showed, so that nobody overwrites a change unseen.

    An admin whose fieldsets name its fields shows `seen` by `admin/_seen.html`.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self._token(self.instance)

    def saved_state(self, row: Any) -> Any:
        """All that people write in the row and its parts, as values of JSON, dates and decimals."""
        return model_to_dict(row)

    def clean(self) -> dict[str, Any]:
        """Compare with the row as it is now, and lock it, so that nobody else saves it from here on."""
        given: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            rows = type(self.instance)._default_manager.select_for_update(no_key=True)
            now = rows.get(pk=self.instance.pk)
            if given.get("seen") != self._token(now):
                self.add_error(None, _changed(now))
        return given

    def _token(self, row: Model) -> str:
        written = json.dumps(self.saved_state(row), cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()


def _changed(row: Model) -> ValidationError:
    sentence = _(
        "Somebody, or you in another window, changed this since you opened it; open it again and repeat your change."
    )
    fresh = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return ValidationError(format_html('{} <a href="{}">{}</a>', sentence, fresh, _("Open it again")), code="changed")
