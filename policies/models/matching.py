"""What matching has done, and what it has still to do."""

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
    One run of a version over the whole city, shard by shard; done when `finished_at` is set.

    Publishing asks for one, and so does a day that begins, where rules look at the day, and a dataset that goes stale
    or becomes fresh: `stale_datasets` are those the run knew of. A run with a `refusal` is set aside until an officer
    asks for another. While a run that is not done `holds_claims`, deliveries came by undecided, and nobody claims under
    the version.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.CASCADE, related_name="match_runs", verbose_name=_("version")
    )
    asked_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # The run whose shards are this one's too, so that both share the joins; null until the city is divided into shards.
    leader = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("divided together with")
    )
    entitlement_count = models.IntegerField(_("entitlements"), default=0)
    stale_datasets = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("datasets too old")
    )
    # In Chinese, with the English beside it: nobody knows who will read it.
    refusal = models.TextField(_("why it stopped"), blank=True)
    refusal_en = models.TextField(_("why it stopped, in English"), blank=True, default="", db_default="")
    holds_claims = models.BooleanField(_("claims wait for it"), default=False, db_default=False)
    # How many shards and firms the city was divided into for this run; zero until it is divided.
    shard_count = models.IntegerField(default=0, db_default=0, editable=False)
    firm_count = models.IntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        constraints = [
            # Asking twice is asking once.
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
        """Why it stopped, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)


class MatchShard(models.Model):
    """
    A range of companies that a leading run and those that follow it have still to decide.

    Whoever decides it takes the row away in the same transaction; a worker that dies leaves it for the next.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="shards")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    firm_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        # In the order in which workers take shards, so that the next one is found without reading a thousand others.
        constraints = [models.UniqueConstraint(fields=["first_id", "run"], name="match_shard_once_per_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.first_id}–{self.last_id}"


class ReceivedChange(models.Model):
    """
    A company of which the platform itself knows something new, while a version in force reads it.

    Its payouts were paid or came back, or it was blacklisted or taken off the list. Triggers of the payouts leave these
    rows; matching decides the company again and takes them away.
    """

    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    # The policy whose payouts changed; null for any other news, which every version that reads platform data looks at.
    policy = models.ForeignKey("policies.Policy", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.company_id)


class FactChange(models.Model):
    """
    A claimed entitlement that the facts of today would not give, or not in this amount.

    `facts` are those that changed since, by their text in the rule language, each as [then, now]; `amount_cny` is what
    would be given now, null for nothing. It is gone again when the facts come back.
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
    """A delivery whose touched companies were decided again; deliveries without a row here are still to be matched."""

    delivery = models.OneToOneField("companies.Delivery", on_delete=models.CASCADE, related_name="+")
    matched_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.delivery_id)
