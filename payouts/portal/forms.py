"""The form of the click, as the firm's page sends it."""

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

# "3:12.13.14=1500.00~0f3a…" holds the number of an offer, ids of its entitlements, the sum that the page showed for
# them, and the digest of the commitment that the page showed. The ticket of a line has no digest, because the offer's
# ticket has it. If all lines of an offer have boxes of their own, the offer's ticket holds only the number and the
# digest. No id needs more than 18 digits.
TICKET = re.compile(
    r"(?P<offer>[0-9]{1,4}):(?:(?P<ids>[0-9]{1,18}(?:\.[0-9]{1,18})*)=(?P<amount>[0-9]{1,12}(?:\.[0-9]{1,2})?))?"
    rf"(?:~(?P<digest>[0-9a-f]{{{DIGEST_DIGITS}}}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    Entitlements of one offer, and the sum in yuan that the page showed for them.

    `digest` is the digest of the commitment that the page showed for the offer; it is empty in the ticket of a line.
    """

    offer: int
    entitlement_ids: frozenset[int]
    amount_cny: Decimal
    digest: str


class TicketsInput(forms.Widget):
    """All ticked boxes of one name; a browser sends a value for each."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All values that the browser sent under the name."""
        return data.getlist(name) if isinstance(data, MultiValueDict | QueryDict) else list(data.get(name, ()))


class TicketsField(forms.Field):
    """The tickets that the page carried and the browser sends back."""

    widget = TicketsInput
    default_error_messages = {"wrong": _("This page is damaged or too old. Load it again; nothing was claimed.")}

    def to_python(self, value: Sequence[str] | None) -> tuple[Ticket, ...]:
        """Read the tickets of the ticked boxes."""
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
    The claim of an owner: the ticked offers, and the ticked lines of ticked offers.

    `entitlement_ids` are the claimed entitlements, `shown_cny` is the sum that the page showed for them, and `digests`
    are the digests of the commitments that it showed.
    """

    offer = TicketsField(required=False)
    line = TicketsField(required=False)
    # Not required here: some policies ask for no commitment, and the operation refuses a claim without a required one.
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
        """The errors of the form, in one text."""
        return " ".join(dict.fromkeys(str(error) for errors in self.errors.values() for error in errors))
