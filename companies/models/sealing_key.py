"""The keys that seal, in the order in which they came into use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_append_only


class SealingKey(models.Model):
    """
    A key and its cipher, by the header of what they seal; the last row is the key that seals now.

    The guards of sealed columns look here to tell a re-seal from any other change.
    """

    # In hexadecimal digits: the letter of the cipher and the mark of the key.
    header = models.CharField(_("header"), max_length=16)
    since = models.DateTimeField(_("in use since"))

    class Meta:
        verbose_name = _("sealing key")
        verbose_name_plural = _("sealing keys")
        triggers = guard_append_only("sealing_key_is_kept")

    def __str__(self) -> str:
        return self.header
