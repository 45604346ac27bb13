"""The life of a layout: anybody of finance drafts it, two people take it into use and retire it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.triggers import Guard, guard_against, refuse_when
from qinqing.proposals.guards import by_proposal


class LayoutStatus(models.TextChoices):
    """The state of a layout; banks and batches have only layouts in use."""

    DRAFT = "draft", _("draft")
    IN_USE = "in_use", _("in use")
    RETIRED = "retired", _("retired")


class LivingLayout(models.Model):
    """A layout that is edited while it is a draft, and never after that: it is copied to another draft."""

    status = models.CharField(
        _("status"), max_length=8, choices=LayoutStatus.choices, default=LayoutStatus.DRAFT, editable=False
    )
    # A draft is compared with this one when somebody proposes to take it into use.
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("copied from")
    )

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        """Whether anybody of finance may edit it."""
        return self.status == LayoutStatus.DRAFT


def guard_life(prefix: str, *, kind: str) -> list[Guard]:
    """
    Guard the life of a model's layouts.

    `prefix` begins the names of the promises; `kind` is that of the proposals which move a layout.
    """
    return [
        refuse_when(
            promise=f"{prefix}_begins_as_a_draft",
            why="A layout is a draft first.",
            operation=pgtrigger.Insert,
            condition="NEW.status <> 'draft'",
        ),
        refuse_when(
            promise=f"{prefix}_in_use_is_never_edited",
            why="A layout in use is never edited; copy it to a draft.",
            condition="OLD.status <> 'draft' AND to_jsonb(OLD) - 'status' IS DISTINCT FROM to_jsonb(NEW) - 'status'",
        ),
        by_proposal(f"{prefix}_takes_two", kind=kind, columns=["status"]),
        *guard_against(
            promise=f"{prefix}_is_kept", why="A layout is retired, never deleted.", operation=pgtrigger.Delete
        ),
    ]
