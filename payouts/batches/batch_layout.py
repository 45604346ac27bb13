"""The one layout in which a batch leaves: fixed at the release, and changed after it by two people with a reason."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batch_states import BatchStatus, Channel
from payouts.batches.hand_over import may_be_ordered
from payouts.batches.layouts import ChosenLayout
from payouts.batches.transition import BatchRefused
from payouts.models import Batch
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "batch_layout"


@within_scope(batch=Batch)
def propose_layout(*, batch: Batch, layout: ChosenLayout, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose another layout for a batch that is with the bank; the file in the first one is void from then on.

    Raises:
        BatchRefused: the batch is not with the bank, leaves in this layout already, or its file was handed over.
        NoReason, AlreadyProposed: as `propose` says.
    """
    if batch.channel != Channel.FILE or batch.status != BatchStatus.EXPORTED:
        raise BatchRefused(_("Only a batch that is with the bank has a layout to be changed."))
    if not may_be_ordered(batch=batch):
        raise _handed_over()
    if (batch.layout_kind, batch.layout_template_id) == (layout.kind, layout.template and layout.template.pk):
        raise BatchRefused(_("The batch leaves in this layout already."))
    return propose(
        kind=KIND,
        subject_id=batch.pk,
        subject_name=batch.message_id,
        after={"kind": layout.kind.value, "template": layout.template.pk if layout.template else None},
        because=because,
        actor=actor,
        now=now,
    )


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the promises that a confirmation may break."""
    return {"layout_stays_once_handed_over": _handed_over()}


def _handed_over() -> BatchRefused:
    return BatchRefused(
        _("The bank’s drop has the file of this batch, or may have it; another layout would be a second.")
    )
