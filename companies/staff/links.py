"""Links by which a person, and nobody else, chooses a password."""

from __future__ import annotations

from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core import context
from django.http import HttpRequest
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.mails import after_commit
from qinqing.kernel.refusals import Refusal


class Unreachable(Refusal):
    """No link can reach the person."""


def send_link(*, person: User, request: HttpRequest) -> None:
    """
    Send a link for a new password to the account's address; using it ends all sessions of the account.

    Raises:
        Unreachable: the account is closed, or has no address of mail.
    """
    if not person.is_active or not person.email:
        raise Unreachable(_("This account is closed, or has no address of mail; a link reaches nobody."))
    # Whoever builds the address of the link looks for the request there, also after the request's own end.
    with context.request_context(request):
        request_password_reset(request, person.email, [person], None)


def send_first_link(*, person: User) -> None:
    """Send the link once the account is committed; a command that makes accounts has no page to lead to."""
    request = context.request
    if request is not None:
        after_commit(lambda: send_link(person=person, request=request))
