"""Records of staff that are only appended: how people signed in and out, and what they did in the admin."""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_append_only


class SignIn(models.Model):
    """
    A sign-in, an attempt, a lock-out or a sign-out.

    The name is that of an account; a name that no account has may be anything, such as a password typed in the wrong
    field, so only its fingerprint is kept. `network` is the part of the address that many share; the fingerprint of
    the whole address tells equal ones apart.
    """

    class Kind(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("signed in")
        FAILED = "failed", _("sign-in failed")
        LOCKED_OUT = "locked_out", _("locked out")
        SIGNED_OUT = "signed_out", _("signed out")

    kind = models.CharField(_("what happened"), max_length=10, choices=Kind.choices)
    happened_at = models.DateTimeField(_("at"))
    # The record outlives the account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    username = models.CharField(_("account name"), max_length=150, blank=True)
    name_fingerprint = models.CharField(_("fingerprint of the name"), max_length=16, blank=True)
    network = models.CharField(_("network"), max_length=45, blank=True)
    address_fingerprint = models.CharField(_("fingerprint of the address"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("sign-in record")
        verbose_name_plural = _("sign-in records")
        triggers = guard_append_only("sign_in_is_kept")

    def __str__(self) -> str:
        return f"{self.username or self.name_fingerprint} {self.get_kind_display()}"


class AdminRecord(LogEntry):
    """What somebody added, changed, deleted or did in the admin; a change names the values before and after."""

    class Meta:
        proxy = True
        verbose_name = _("admin record")
        verbose_name_plural = _("admin records")
        triggers = guard_append_only("admin_record_is_kept")
