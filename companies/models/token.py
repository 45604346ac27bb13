"""API tokens: a department's machine signs in with a token instead of a password."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

# The number of leading characters that are stored and shown; the other sixty exist only in the hash.
SHOWN = 4


class ApiToken(AuthToken):
    """A token of one account, stored as a hash, with its first characters and the day on which it expires."""

    # The plain token, set only on the object that creates it; it is never stored.
    key = ""

    class Meta:
        proxy = True
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.shown} · {self.user}"

    @property
    def shown(self) -> str:
        """The first characters, by which people tell tokens apart."""
        return f"{self.token_key[:SHOWN]}…"
