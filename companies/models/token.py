"""What a department's machine signs in with instead of a password."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

# So many of its characters tell a token from another; the other sixty are kept nowhere.
SHOWN = 4


class ApiToken(AuthToken):
    """A token of one account, kept as its hash, with the first characters and the day on which it ends."""

    # Known to whoever makes it, as long as that takes.
    key = ""

    class Meta:
        proxy = True
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.shown} · {self.user}"

    @property
    def shown(self) -> str:
        """As much of it as anybody may read."""
        return f"{self.token_key[:SHOWN]}…"
