"""Stored files: encrypted, in pieces, written once."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.sealed import SealedField
from qinqing.kernel.database.triggers import change_of, guard_against, refuse_when
from qinqing.kernel.secrets import SealedColumn

CONTENT = SealedColumn("payouts_storedpiece", "content_encrypted")
_STAYS = "Stored bytes never change."
_CHANGED = pgtrigger.Update | pgtrigger.Delete


class StoredFile(models.Model):
    """
    The bytes of one file, under the SHA-256 of their plain form.

    The bytes are stored in pieces, so that a file of any length is read and written in bounded memory.
    """

    sha256 = models.CharField("SHA-256", max_length=64)
    byte_count = models.BigIntegerField(_("bytes"))
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        triggers = guard_against(promise="stored_file_is_kept", why=_STAYS, operation=_CHANGED)

    def __str__(self) -> str:
        return self.sha256


class StoredPiece(models.Model):
    """A piece of a stored file; it is encrypted, because it contains account numbers."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content_encrypted = SealedField(identity="file_id || '/' || number", rows_at_once=16)

    class Meta:
        verbose_name = _("piece of a stored file")
        verbose_name_plural = _("pieces of stored files")
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="stored_piece_once_per_number")]
        triggers = [
            *guard_against(promise="stored_piece_is_kept", why=_STAYS, operation=pgtrigger.Delete),
            refuse_when(
                promise="stored_piece_is_only_resealed",
                why="Stored bytes never change; only a re-seal writes them anew.",
                condition=f"{change_of('id', 'file_id', 'number')}"
                f" OR companies_is_resealed(OLD.content_encrypted, NEW.content_encrypted) IS NOT TRUE",
            ),
        ]

    def __str__(self) -> str:
        return piece_identity(self.file_id, self.number)


def piece_identity(file_id: int, number: int) -> str:
    """What tells a piece apart before its row is written: its file and its number."""
    return f"{file_id}/{number}"
