"""The codes that confirm the contact of an objector: six digits, valid for a day, five attempts."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from payouts.models import Objection
from payouts.publicity.messages import write_message
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import in_both_languages

DIGITS = 6
VALID_FOR = timedelta(days=1)
MOST_WRONG_CODES = 5


def draw_code() -> str:
    """A code that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(reference: UUID, code: str) -> bytes:
    """The keyed hash of a code; it is stored in place of the code, and belongs to one objection."""
    return fingerprint(f"code {code.strip()} of objection {reference}")


def write_code(*, objection: Objection, code: str, now: datetime) -> None:
    """Write the e-mail with the code to the objector."""
    write_message(
        objection=objection,
        subject=in_both_languages(lambda: _("Confirm your objection no. %(number)s") % {"number": objection.pk}),
        body=in_both_languages(
            lambda: (
                _(
                    "Somebody, probably you, objected to a payout and gave this address. Enter the code %(code)s on the"
                    " page within a day; then an officer looks at the objection. If it was not you, do nothing."
                )
                % {"code": code}
            )
        ),
        now=now,
    )
