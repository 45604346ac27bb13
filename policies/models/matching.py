"""The work of matching: runs over the whole city, their shards, and changes that are still to be decided."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS
from qinqing.kernel.text import Bilingual


class MatchRun(models.Model):
    """
    One run of a version over the whole city, shard by shard; it is finished when `finished_at` is set.

    A run is requested when a version is published, when a day begins and the rules mention the day, and when a dataset
    becomes stale or fresh; `stale_datasets` are the stale ones that the run took into account. A run with a `refusal`
    is set aside until an officer requests another. While an unfinished run `holds_claims`, deliveries have arrived
    that it has not decided, so nobody can claim under the version.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.CASCADE, related_name="match_runs", verbose_name=_("version")
    )
    asked_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # The run whose shards this run shares, so that one join serves both; null until the city is divided into shards.
    leader = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("divided together with")
    )
    entitlement_count = models.IntegerField(_("entitlements"), default=0)
    stale_datasets = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("datasets too old")
    )
    # The text is stored in Chinese and in English, because nobody knows which of the two its reader will want.
    refusal = models.TextField(_("why it stopped"), blank=True)
    refusal_en = models.TextField(_("why it stopped, in English"), blank=True, default="", db_default="")
    holds_claims = models.BooleanField(_("claims wait for it"), default=False, db_default=False)
    # The numbers of shards and firms into which the city was divided for this run; zero until then.
    shard_count = models.IntegerField(default=0, db_default=0, editable=False)
    firm_count = models.IntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        constraints = [
            # A second request for the same run changes nothing while the first is unfinished.
            models.UniqueConstraint(
                fields=["version"], condition=Q(finished_at=None, refusal=""), name="match_run_one_due_per_version"
            ),
            models.CheckConstraint(
                condition=Q(refusal="") | Q(finished_at__isnull=False) | Q(holds_claims=True),
                name="match_run_that_stopped_holds_claims",
            ),
        ]
        indexes = [
            models.Index(
                fields=["version"], condition=Q(finished_at=None, holds_claims=True), name="match_run_holds_claims"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def why(self) -> Bilingual:
        """Why the run stopped, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)


class MatchShard(models.Model):
    """
    A range of companies that a leading run, and the runs that follow it, have still to decide.

    The worker that decides the shard deletes the row in the same transaction, so after a crash another worker finds it.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="shards")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    firm_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        # Workers take shards in this order, so the index finds the next shard without reading a thousand others.
        constraints = [models.UniqueConstraint(fields=["first_id", "run"], name="match_shard_once_per_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.first_id}–{self.last_id}"


class ReceivedChange(models.Model):
    """
    A company whose own data on the platform changed, while a version in force reads such data.

    Either payouts of the company were paid or came back, or the company was put on the blacklist or taken off it. The
    triggers of payouts write these rows; matching decides the company again and deletes them.
    """

    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    # The policy whose payouts changed; null for a change of the blacklist, which concerns every version that reads it.
    policy = models.ForeignKey("policies.Policy", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.company_id)


class FactChange(models.Model):
    """
    The drift of a claimed entitlement: by today's facts the firm would get another amount, or nothing.

    `facts` maps each changed fact, by its text in the rule language, to [then, now]. `amount_cny` is the amount by
    today's facts, null for nothing. The row is deleted when the facts are as before.
    """

    entitlement = models.OneToOneField(
        "policies.Entitlement", on_delete=models.PROTECT, related_name="fact_change", verbose_name=_("entitlement")
    )
    amount_cny = MoneyField(
        _("amount now"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    facts = models.JSONField(_("changed facts"))
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("change of facts")
        verbose_name_plural = _("changes of facts")
        constraints = [
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny=None) | Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="fact_change_amount_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entitlement_id)


class MatchedDelivery(models.Model):
    """A delivery that matching has dealt with; a delivery without such a row still waits."""

    delivery = models.OneToOneField("companies.Delivery", on_delete=models.CASCADE, related_name="+")
    matched_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.delivery_id)
