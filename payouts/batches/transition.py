"""The one operation that moves batches: by compare-and-set, along the moves of the machine, by different persons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.batch_states import BatchStatus, Duty
from payouts.models import Batch
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.machines import reachable, sources
from qinqing.kernel.refusals import Refusal


class BatchRefused(Refusal):
    """The batch stays as it is; the sentence gives the reason, and the next thing to do."""


class DutyConflict(BatchRefused):
    """The actor cannot take the step because of an earlier step of the same person."""


# The sentences for the constraints that tell the persons of a batch apart.
_SENTENCES = {
    "batch_checker_is_not_its_maker": gettext_lazy("Whoever made a batch cannot check it; ask a colleague."),
    "batch_releaser_is_neither_maker_nor_checker": gettext_lazy(
        "Whoever made or checked a batch cannot release it; ask a third person."
    ),
    "batch_closer_is_not_its_releaser": gettext_lazy("Whoever released a batch cannot close it; ask a colleague."),
}


def may_move_batch(*, before: str, after: BatchStatus, duty: Duty) -> bool:
    """Whether the machine lets somebody with this duty move a batch from `before` to `after`."""
    return after in reachable(Batch, before, duty)


def move_batch(*, batch: Batch, after: BatchStatus, duty: Duty, **written: Any) -> Batch:
    """
    Move a batch to the status `after`, if its machine has the move for this duty, and write the columns of the step.

    Raises:
        DutyConflict: an earlier step of the same person excludes this one.
        BatchRefused: the machine has no such move from the batch's status, a rejection has no reason, or the layout of
            a release is not in use.
    """
    if "rejected_because" in written and not written["rejected_because"]:
        raise BatchRefused(_("Say why; the reason stays with the batch."))
    refusals = {promise: DutyConflict(str(sentence)) for promise, sentence in _SENTENCES.items()}
    with translate_refusals({**refusals, **list_layout_refusals()}):
        movable = Batch.objects.filter(pk=batch.pk, status__in=sources(Batch, after, duty))
        moved = movable.update(status=after, **written)
    if not moved:
        batch.refresh_from_db(fields=["status"])
        sentence = _("The batch is “%(status)s” by now; look at it again.")
        raise BatchRefused(sentence % {"status": batch.get_status_display()})
    batch.refresh_from_db()
    return batch


def list_layout_refusals() -> dict[str, BatchRefused]:
    """The sentence of the promise about a batch's layout."""
    return {
        "batch_leaves_in_a_layout_in_use": BatchRefused(_("This layout is not in use any more; choose another one."))
    }
