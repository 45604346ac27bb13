"""Refuses passwords that people guess: known ones, and those made of the words around the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from companies.models import Company, User

# zxcvbn's scale goes from 0 to 4; 3 takes more than a hundred million guesses.
LOWEST_SCORE: Final = 3
# zxcvbn reads no more; what comes behind makes a password only better.
LONGEST_READ: Final = 72
FIRMS_READ: Final = 20


class GuessedPasswords:
    """The rule that Django asks with each new password."""

    def validate(self, password: str, user: Any = None) -> None:
        """
        Refuse a password that is easy to guess.

        Raises:
            ValidationError: with what to do instead.
        """
        words = [*settings.PASSWORD_CONTEXT_WORDS, *(_words_around(user) if isinstance(user, User) else ())]
        if zxcvbn(password[:LONGEST_READ], user_inputs=words)["score"] < LOWEST_SCORE:
            raise ValidationError(
                _(
                    "This password is easy to guess. Take four words that have nothing to do with each other, nor with"
                    " you or your firm; or let your browser make one."
                ),
                code="password_guessed",
            )

    def get_help_text(self) -> str:
        """What a password has to be like."""
        return _("It must not be easy to guess: no known password, and no name of yours, of your firm or of the city.")


def _words_around(user: User) -> Iterator[str]:
    """Words that somebody who knows the person would try first."""
    name, _at, domain = user.email.partition("@")
    yield from filter(None, (user.username, user.first_name, user.last_name, user.get_full_name(), name, domain))
    if user.pk:
        firms = Company.objects.filter(memberships__user_id=user.pk).order_by("pk")[:FIRMS_READ]
        for firm in firms.values_list("name", "credit_code"):
            yield from firm
