"""Who may claim for a firm, beside acting for it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from companies.models import User


class MayNotClaim(Exception):
    """The account may look but not claim; the sentence says why."""


def check_can_claim(*, user: User) -> None:
    """
    Keep those who decide about policies and money from taking any with the same account.

    Raises:
        MayNotClaim: the account is an official's.
    """
    if user.is_staff:
        raise MayNotClaim(_("This is an official’s account. Claim with the account that the firm itself uses."))


def can_claim(*, user: User) -> bool:
    """Whether `check_can_claim` passes."""
    try:
        check_can_claim(user=user)
    except MayNotClaim:
        return False
    return True
