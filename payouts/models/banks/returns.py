"""The position up to which a bank's list of returned payments was read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReturnsRead(models.Model):
    """The last entry that the platform read of the list of returns at the bank's interface; the table has one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    after = models.BigIntegerField(_("read up to"), default=0)

    class Meta:
        verbose_name = _("returns read")
        verbose_name_plural = _("returns read")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="returns_read_is_one_row")]

    def __str__(self) -> str:
        return str(self.after)
