"""The click, as the firm's page sends it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

# "12.13.14=1500.00": entitlements and the sum that was shown for them. No id needs more than 18 digits.
TICKET = re.compile(r"(?P<ids>[0-9]{1,18}(?:\.[0-9]{1,18})*)=(?P<amount>[0-9]{1,12}(?:\.[0-9]{1,2})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Entitlements and what the page said they are worth together, in yuan."""

    entitlement_ids: frozenset[int]
    amount_cny: Decimal


class TicketsInput(forms.Widget):
    """The values of all boxes of one name that were ticked."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All values sent under the name."""
        return data.getlist(name) if isinstance(data, MultiValueDict | QueryDict) else list(data.get(name, ()))


class TicketsField(forms.Field):
    """Tickets that the page handed out and gets back."""

    widget = TicketsInput
    default_error_messages = {"wrong": _("This page is damaged or too old. Load it again; nothing was claimed.")}

    def to_python(self, value: Sequence[str] | None) -> tuple[Ticket, ...]:
        """The tickets behind the ticked boxes."""
        return tuple(self._ticket(text) for text in value or ())

    def _ticket(self, text: str) -> Ticket:
        match = TICKET.fullmatch(text)
        if match is None:
            raise forms.ValidationError(self.error_messages["wrong"], code="wrong")
        return Ticket(frozenset(map(int, match["ids"].split("."))), Decimal(match["amount"]))


class ClaimForm(forms.Form):
    """
    What an owner claims: whole offers, without the lines that are left out.

    `entitlement_ids` and `shown_cny` say what is claimed and what the page said it is worth.
    """

    offer = TicketsField(error_messages={"required": _("Tick at least one subsidy to claim.")})
    leave_out = TicketsField(required=False)
    # Whether the commitment must be accepted is for the operation to say; some policies ask for none.
    is_accepted = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Work out what remains when what is left out is taken away."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        offered, left_out = cleaned.get("offer", ()), cleaned.get("leave_out", ())
        ids = frozenset[int]().union(*(ticket.entitlement_ids for ticket in offered))
        # A line may be left out of an offer that is not ticked at all; that takes nothing away.
        without = [ticket for ticket in left_out if ticket.entitlement_ids <= ids]
        cleaned["entitlement_ids"] = sorted(ids.difference(*(ticket.entitlement_ids for ticket in without)))
        cleaned["shown_cny"] = _sum(offered) - _sum(without)
        if offered and not cleaned["entitlement_ids"]:
            self.add_error("offer", _("Everything is left out. Leave at least one line in."))
        return cleaned

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return " ".join(dict.fromkeys(str(error) for errors in self.errors.values() for error in errors))


def _sum(tickets: Sequence[Ticket]) -> Decimal:
    return sum((ticket.amount_cny for ticket in tickets), Decimal(0))
