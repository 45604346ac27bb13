"""The public keys by which the machines of departments sign what they deliver."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Regex
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_against_deletion
from qinqing.kernel.database.triggers import change_of, refuse_when
from qinqing.proposals.guards import by_proposal

# The name of the proposals by which two people register or revoke a key.
KIND = "delivery_key"
# How a public key of Ed25519 begins in DER (RFC 8410), before its 32 bytes.
ED25519_HEAD = bytes.fromhex("302a300506032b6570032100")
SHOWN_DIGITS = 16
_REGISTERED = ("department", "machine", "algorithm", "public_key", "valid_from", "registered_by_id")
_REVOKED = ("revoked_at", "revoked_by_id")


class Algorithm(models.TextChoices):
    """How signatures are made. Another one, such as SM2, is a choice here, a branch of the check, and a verifier."""

    ED25519 = "ed25519", "Ed25519"


def _in_hexadecimal(expression: models.Expression | F | Func) -> Func:
    return Func(expression, Value("hex"), function="encode", output_field=models.CharField())


class DeliveryKey(models.Model):
    """
    A public key of a department's machine; two people register it, and two revoke it.

    `public_key` is a SubjectPublicKeyInfo in DER, which names its algorithm itself; the fingerprint is the SHA-256 of
    these bytes, as “openssl pkey -pubin -outform DER | sha256sum” prints it. A key that was revoked never comes back.
    """

    department = models.CharField(_("department"), max_length=20)
    machine = models.CharField(_("machine"), max_length=80)
    algorithm = models.CharField(_("algorithm"), max_length=12, choices=Algorithm.choices)
    public_key = models.BinaryField(_("public key"))
    fingerprint = models.GeneratedField(
        verbose_name=_("fingerprint"),
        expression=_in_hexadecimal(Func(F("public_key"), function="sha256", output_field=models.BinaryField())),
        output_field=models.CharField(max_length=64),
        db_persist=True,
    )
    valid_from = models.DateTimeField(_("valid from"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("revoked by")
    )

    class Meta:
        verbose_name = _("key of a department’s machine")
        verbose_name_plural = _("keys of departments’ machines")
        constraints = [
            models.UniqueConstraint(fields=["public_key"], name="delivery_key_once"),
            models.CheckConstraint(
                condition=Q(algorithm=Algorithm.ED25519)
                & Q(Regex(_in_hexadecimal(F("public_key")), f"^{ED25519_HEAD.hex()}[0-9a-f]{{64}}$")),
                name="delivery_key_is_of_its_algorithm",
            ),
            models.CheckConstraint(condition=~Q(department="") & ~Q(machine=""), name="delivery_key_says_whose_it_is"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="delivery_key_is_revoked_by_somebody",
            ),
        ]
        triggers = [
            # A key that is still to be registered is number 0.
            by_proposal("delivery_key_is_registered_by_two", kind=KIND, operation=pgtrigger.Insert, subject="0"),
            by_proposal("delivery_key_is_revoked_by_two", kind=KIND, condition=change_of(*_REVOKED)),
            refuse_when(
                promise="delivery_key_stays_as_registered",
                why="A key stays as it was registered; revoke it and register another.",
                condition=change_of(*_REGISTERED),
            ),
            refuse_when(
                promise="delivery_key_stays_revoked",
                why="A key that was revoked never comes back; register another.",
                condition=f"OLD.revoked_at IS NOT NULL AND {change_of(*_REVOKED)}",
            ),
            *guard_against_deletion("delivery_key_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.machine} · {self.shown}"

    @property
    def shown(self) -> str:
        """The first digits of the fingerprint, by which people tell keys apart."""
        return f"{self.fingerprint[:SHOWN_DIGITS]}…"
