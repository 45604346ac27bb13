"""Forms of rows that several people edit: one that was shown before somebody else saved the row is refused."""

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
    Sends back which state of the row its page showed; what somebody else wrote since is not taken back unseen.

    An admin whose fieldsets name its fields shows `seen` by `admin/_seen.html`.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self._token(self.instance)

    def saved_state(self, row: Any) -> Any:
        """All that people write in the row and its parts, as JSON's kinds of values and dates and decimals."""
        return model_to_dict(row)

    def clean(self) -> dict[str, Any]:
        """Compare with the row as it is now; from here on nobody else saves it."""
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
