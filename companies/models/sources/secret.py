"""What opens the place of a source: a password, a token or a private key, sealed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.sealing import is_only_resealed
from qinqing.kernel.database.sealed import SealedField
from qinqing.kernel.database.triggers import refuse_when
from qinqing.kernel.secrets import SealedColumn

SECRET = SealedColumn("companies_sourcesecret", "value")


class SourceSecret(models.Model):
    """
    A secret of one source, written before a colleague confirms the proposal that names it.

    The value is bound to the source and to this row, so it opens beside no other address. A source gets another row for
    another secret; one that no source uses is deleted.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    source_key = models.UUIDField(editable=False)
    value = SealedField(identity="companies_sourcesecret.source_key || '/' || companies_sourcesecret.key")
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("secret of a source")
        verbose_name_plural = _("secrets of sources")
        # No page shows it, so nobody needs a right to it.
        default_permissions = ()
        triggers = [
            refuse_when(
                promise="source_secret_stays_as_sealed",
                why="A source gets another secret; one that was entered is only sealed anew.",
                condition=f"{is_only_resealed('value')} IS NOT TRUE",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def identity(self) -> str:
        """To what the value is bound."""
        return f"{self.source_key}/{self.key}"
