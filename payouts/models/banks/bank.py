"""The banks through which the city pays."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.batch_states import Channel
from qinqing.kernel.database.triggers import change_of, guard_against, row_guard
from qinqing.proposals.guards import by_proposal


class Bank(models.Model):
    """
    A bank with the account that it pays from, and the channel by which it takes instructions.

    Two people enter it and change it: `carry_out_bank_account` alone writes these rows. A fund without a bank is paid
    through the interface that the settings name.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.FILE)
    payer_name = models.CharField(_("payer"), max_length=140, help_text=_("Whose account the money comes from."))
    payer_account = models.CharField(
        _("payer’s account"),
        max_length=34,
        validators=[RegexValidator(r"^[0-9]{6,32}$", _("An account number has 6 to 32 digits and nothing else."))],
    )
    payer_bank_number = models.CharField(
        _("payer’s bank number"),
        max_length=12,
        validators=[RegexValidator(r"^[0-9]{12}$", _("A bank number has 12 digits."))],
    )
    template = models.ForeignKey(
        "payouts.BankTemplate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual layout"),
        help_text=_("The layout that its files are written in first; the standard’s pain.001 without one."),
    )
    reply_template = models.ForeignKey(
        "payouts.ReplyTemplate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("layout of its replies"),
        help_text=_("For replies in tables; those of ISO 20022 need none."),
    )
    answer_days = models.PositiveSmallIntegerField(
        _("answers within days"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("A batch that is not answered by then is shown as overdue."),
    )

    class Meta:
        verbose_name = _("paying bank")
        verbose_name_plural = _("paying banks")
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="bank_has_a_known_channel"),
            models.CheckConstraint(
                condition=Q(payer_account__regex=r"^[0-9]{6,32}$"), name="bank_payer_account_has_form"
            ),
            models.CheckConstraint(
                condition=Q(payer_bank_number__regex=r"^[0-9]{12}$"), name="bank_payer_bank_number_has_form"
            ),
            models.CheckConstraint(condition=Q(answer_days__range=(1, 60)), name="bank_answers_within_60_days"),
        ]
        triggers = [
            row_guard(
                __package__,
                "bank_keeps_its_channel",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("channel", "payer_name", "payer_account", "payer_bank_number"),
            ),
            by_proposal("bank_is_entered_by_two", kind="bank_account", operation=pgtrigger.Insert, subject="0"),
            # PostgreSQL calls guards in the order of their names: the first one above says first what is in the way.
            by_proposal("bank_takes_two_to_change", kind="bank_account"),
            *guard_against(
                promise="bank_is_kept",
                why="A bank is never deleted, because batches name it.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.name
