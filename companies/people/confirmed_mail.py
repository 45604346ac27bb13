"""An address of mail counts as confirmed once its person has followed a link that we sent there."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress

from companies.models import User


def confirm_address(*, user: User, **_signal: Any) -> None:
    """Note that the account's address is read by its person, who has just chosen a password by the link in the mail."""
    # The link is void once the address changes, so the address of now is the one that it went to.
    address = EmailAddress.objects.filter(user_id=user.pk, email=user.email.lower()).first()
    if address is not None and address.set_verified():
        address.set_as_primary(conditional=True)
