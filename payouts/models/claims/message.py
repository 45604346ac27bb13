"""Messages to people outside, in the order in which they were written: an outbox that a worker empties."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.sealing import is_only_resealed
from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision
from qinqing.kernel.database.sealed import SealedField
from qinqing.kernel.secrets import SealedColumn

ADDRESS = SealedColumn("payouts_message", "address_encrypted")
BODY = SealedColumn("payouts_message", "body_encrypted")


class Message(models.Model):
    """An e-mail to an objector, written with what it is about and sent after that; address and text are sealed."""

    reference = models.UUIDField(db_default=RandomUUID(), editable=False)
    objection = models.ForeignKey("payouts.Objection", on_delete=models.PROTECT, related_name="messages")
    address_encrypted = SealedField(identity="reference::text")
    subject = models.CharField(_("subject"), max_length=120)
    body_encrypted = SealedField(identity="reference::text")
    written_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="message_has_a_reference_of_its_own"),
        ]
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="message_unsent")]
        triggers = [
            guard_single_decision(
                "message_is_sent_once",
                ["sent_at", "attempts"],
                is_open="OLD.sent_at IS NULL",
                why="A message is sent as it was written, once.",
                unless=f"({is_only_resealed('address_encrypted')} OR {is_only_resealed('body_encrypted')})",
            ),
            *guard_against_deletion("message_is_kept"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def address(self) -> str:
        """The address in clear."""
        return ADDRESS.open(self.address_encrypted, str(self.reference))

    @property
    def body(self) -> str:
        """The text in clear."""
        return BODY.open(self.body_encrypted, str(self.reference))
