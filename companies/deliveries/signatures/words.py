"""How people are told whether a delivery is signed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from companies.models import DeliveryKey


def describe_signer(key: DeliveryKey | None) -> str:
    """Who signed a delivery, or that nobody did."""
    return _("signed by {key}").format(key=key) if key else _("unsigned")
