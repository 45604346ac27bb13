"""A change of a stacking group that binds somebody: one officer proposes it, another confirms it."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.immutable_rows import decided_once, kept_forever
from qinqing.kernel.database.triggers import Guard, refuse

_DECISION = ["decision", "decided_at", "decided_by_id"]
_CONFIRMED = "OLD.decision = '' AND NEW.decision = 'confirmed'"
_HOLD_GROUP = "PERFORM FROM policies_stackinggroup WHERE id = NEW.group_id FOR NO KEY UPDATE;"

# What a group means, as `before` and `after` keep it; null where there is no such group.
_TERMS = """(
    SELECT jsonb_build_object(
        'rule', g.rule, 'holder', g.holder, 'span', g.span, 'pays_difference', g.pays_difference,
        'cap_cny', g.cap_cny::text, 'policies', (
            SELECT coalesce(jsonb_agg(m.policy_id ORDER BY m.policy_id), '[]') FROM policies_stackingmember m
            WHERE m.group_id = g.id
        )
    ) FROM policies_stackinggroup g WHERE g.id = NEW.group_id
)"""

PROPOSAL_SAYS_WHAT_IT_FOUND = Guard(
    name="group_proposal_is_entered_open",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        {_HOLD_GROUP}
        NEW.before := {_TERMS};
        IF NEW.decision <> '' OR NEW.before IS NULL THEN
            {refuse("group_proposal_is_entered_open", "A proposal is about a group, and decided later.")}
        END IF;
        RETURN NEW;
    """,
)

PROPOSAL_IS_OF_TODAY = Guard(
    name="group_proposal_is_of_today",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(_CONFIRMED),
    func=f"""
        {_HOLD_GROUP}
        IF {_TERMS} IS DISTINCT FROM OLD.before THEN
            {refuse("group_proposal_is_of_today", "The group was changed since this was proposed.")}
        END IF;
        RETURN NEW;
    """,
)

# The database itself does what was confirmed; so nothing else than that is done.
PROPOSAL_IS_CARRIED_OUT = Guard(
    name="group_proposal_is_carried_out",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(_CONFIRMED),
    func=f"""
        IF NEW.after IS NULL THEN
            PERFORM FROM policies_stackinggroup WHERE id = NEW.group_id FOR UPDATE;
            IF EXISTS (SELECT FROM policies_stackingseat WHERE group_id = NEW.group_id) THEN
                {refuse("stacking_group_claimed_under_stays", "A group that something was claimed under stays.")}
            END IF;
        END IF;
        DELETE FROM policies_stackingmember
            WHERE group_id = NEW.group_id AND (NEW.after->'policies' @> to_jsonb(policy_id)) IS NOT TRUE;
        IF NEW.after IS NULL THEN
            DELETE FROM policies_stackinggroup WHERE id = NEW.group_id;
            RETURN NULL;
        END IF;
        UPDATE policies_stackinggroup SET (rule, holder, span, pays_difference, cap_cny) = (
            SELECT a.rule, a.holder, a.span, a.pays_difference, a.cap_cny FROM jsonb_to_record(NEW.after)
                AS a (rule text, holder text, span text, pays_difference boolean, cap_cny numeric)
        ) WHERE id = NEW.group_id;
        INSERT INTO policies_stackingmember (group_id, policy_id)
            SELECT NEW.group_id, p::bigint FROM jsonb_array_elements_text(NEW.after->'policies') AS p
            ON CONFLICT (group_id, policy_id) DO NOTHING;
        RETURN NULL;
    """,
)


class GroupProposal(models.Model):
    """
    What an officer wants a stacking group to be; once another has confirmed it the database does it.

    `before` and `after` are the group's rule, holder, span, pays_difference, cap_cny (yuan, as text) and policies (ids
    in order); `before` is written by the database, and an `after` of null takes the group away. The row outlives its
    group, so it names the group's code.
    """

    class Decision(models.TextChoices):
        """What the second officer said."""

        CONFIRMED = "confirmed", pgettext_lazy("proposal", "confirmed")
        TURNED_DOWN = "turned_down", _("turned down")

    group = models.ForeignKey(
        "policies.StackingGroup",
        # The row stays when the group goes.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="proposals",
        verbose_name=_("stacking group"),
    )
    code = models.CharField(_("code"), max_length=20)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), null=True)
    because = models.CharField(_("reason"), max_length=300)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("proposal for a stacking group")
        verbose_name_plural = _("proposals for stacking groups")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="group_proposal_has_its_reason"),
            models.UniqueConstraint(fields=["group"], condition=Q(decision=""), name="group_proposal_one_waits"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["confirmed", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="group_proposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # Its writer may take it back, but not confirm it.
                condition=~Q(decision="confirmed") | ~Q(decided_by=F("entered_by")),
                name="group_proposal_is_confirmed_by_another",
            ),
        ]
        triggers = [
            PROPOSAL_SAYS_WHAT_IT_FOUND,
            *decided_once("group_proposal_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            PROPOSAL_IS_OF_TODAY,
            PROPOSAL_IS_CARRIED_OUT,
            *kept_forever("group_proposal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.code} #{self.pk}"
