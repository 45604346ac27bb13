"""Forms of rows that several clerks edit: one that was shown before somebody else saved the row is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from payouts.models import BankTemplate


class UnchangedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Sends back which state of the row its page showed; what somebody else wrote since is not taken back unseen."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = _token(self.instance)

    def clean(self) -> dict[str, Any]:
        """Compare with the row as it is now; from here on nobody else saves it."""
        given: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            rows = type(self.instance)._default_manager.select_for_update(no_key=True)
            if given.get("seen") != _token(rows.get(pk=self.instance.pk)):
                self.add_error(None, _changed())
        return given


def _token(row: Model) -> str:
    """SHA-256, in hex, over all that clerks write in the row, and in the columns of a layout of files."""
    written = [model_to_dict(row)]
    if isinstance(row, BankTemplate):
        written += [model_to_dict(column) for column in row.columns.order_by("pk")]
    return hashlib.sha256(json.dumps(written, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def _changed() -> str:
    return _(
        "Somebody, or you in another window, changed this since you opened it; open it again and repeat your change."
    )
