"""The click, as the firm's page sends it, and an objection, as anybody may."""

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

from payouts.offers.commitments import DIGEST_DIGITS

# "3:12.13.14=1500.00~0f3a…": the number of an offer, entitlements of it, the sum that was shown for them, and the
# digest of the commitment that was. A line leaves that to its offer; an offer whose lines all have boxes of their own
# carries nothing else. No id needs more than 18 digits.
TICKET = re.compile(
    r"(?P<offer>[0-9]{1,4}):(?:(?P<ids>[0-9]{1,18}(?:\.[0-9]{1,18})*)=(?P<amount>[0-9]{1,12}(?:\.[0-9]{1,2})?))?"
    rf"(?:~(?P<digest>[0-9a-f]{{{DIGEST_DIGITS}}}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    Entitlements of one offer and what the page said they are worth together, in yuan.

    `digest` is that of the commitment that the page showed for the offer, empty where the ticket is a line's.
    """

    offer: int
    entitlement_ids: frozenset[int]
    amount_cny: Decimal
    digest: str


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
        ids = match["ids"].split(".") if match["ids"] else ()
        return Ticket(
            int(match["offer"]), frozenset(map(int, ids)), Decimal(match["amount"] or 0), match["digest"] or ""
        )


class ClaimForm(forms.Form):
    """
    What an owner claims: the ticked offers, and of those with a list of people or months the ticked lines.

    `entitlement_ids` and `shown_cny` say what is claimed and what the page said it is worth, `digests` which
    commitments it showed.
    """

    offer = TicketsField(required=False)
    line = TicketsField(required=False)
    # Whether the commitment must be accepted is for the operation to say; some policies ask for none.
    is_accepted = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Put the ticked offers and their ticked lines together."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        ticked = {ticket.offer for ticket in cleaned["offer"]}
        tickets = [*cleaned["offer"], *(line for line in cleaned["line"] if line.offer in ticked)]
        cleaned["entitlement_ids"] = sorted(frozenset[int]().union(*(ticket.entitlement_ids for ticket in tickets)))
        cleaned["shown_cny"] = sum((ticket.amount_cny for ticket in tickets), Decimal(0))
        cleaned["digests"] = frozenset(ticket.digest for ticket in cleaned["offer"])
        if not cleaned["entitlement_ids"]:
            self.add_error(None, _("Tick at least one subsidy to claim."))
        return cleaned

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return " ".join(dict.fromkeys(str(error) for errors in self.errors.values() for error in errors))
