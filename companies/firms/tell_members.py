"""Tells the members of a firm by e-mail that another account was entered for it."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import PayeeAccount

# What could not be sent for so long is not sent any more; the firm's page says the same all the time.
PERIOD = dt.timedelta(days=2)
LANGUAGES = ("zh-hans", "en")

log = structlog.get_logger(__name__)


def tell_members(*, limit: int, now: dt.datetime) -> int:
    """
    Send the members of firms an e-mail about each account that waits; return the number of accounts that were told.

    A message may be sent twice if the worker dies in between, and never not at all.
    """
    untold = PayeeAccount.objects.filter(~Q(doubt=""), told_at=None, entered_at__gt=now - PERIOD, company__isnull=False)
    told = 0
    for account in untold.select_related("company").order_by("pk")[:limit]:
        try:
            _send(account)
        except (OSError, SMTPException) as failed:
            log.warning("members_not_told", account=account.pk, reason=type(failed).__name__)
            return told
        PayeeAccount.objects.filter(pk=account.pk).update(told_at=now)
        told += 1
    return told


def _send(account: PayeeAccount) -> None:
    company = account.company
    assert company is not None
    addresses = company.memberships.exclude(user__email="").values_list("user__email", flat=True)
    texts = []
    for language in LANGUAGES:
        with override(language):
            texts.append(_message(account))
    subject = " / ".join(subject for subject, _body in texts)
    # One message for each person, because members need not know each other's addresses.
    for address in sorted(set(addresses)):
        send_mail(subject, "\n\n".join(body for _subject, body in texts), None, [address])


def _message(account: PayeeAccount) -> tuple[str, str]:
    body = _(
        "Another account was entered for %(company)s: %(bank)s, %(number)s. No money goes there before it is confirmed,"
        " and then only after a cool-off. If it was not you, sign in and stop it on the page “Account”."
    ) % {"company": account.company, "bank": account.bank_name, "number": account.number_masked}
    return _("Your firm’s account is to change"), body
