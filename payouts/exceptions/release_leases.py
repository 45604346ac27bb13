"""Releasing leases: a clerk ends the lease by which a worker holds a payout during its call to the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import of_whole_city
from payouts.exceptions.stuck import find_held_payouts
from payouts.models import LeaseRelease, Payout
from payouts.sending.leases import log
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason, Refusal


class NotHeld(Refusal):
    """No worker holds any of these payouts now, so the platform asks the bank about them by itself."""


@of_whole_city
def release_leases(*, payout_ids: Sequence[int], because: str, actor: User, now: datetime) -> list[int]:
    """
    End the leases of payouts at the bank, so that the platform asks the bank about them at once; nothing is sent again.

    Returns the ids of the payouts that a worker still held; each release is recorded.

    Raises:
        NoReason: `because` is blank.
        NotHeld: no worker holds any of them now.
    """
    if not because.strip():
        raise NoReason(_("Say why; the reason stays with the payout."))
    with transaction.atomic():
        locked = find_held_payouts(now=now).filter(pk__in=payout_ids).order_by("pk").select_for_update(no_key=True)
        leases = {payout: until for payout, until in locked.values_list("pk", "leased_until") if until}
        if not leases:
            raise NotHeld(_("No worker holds these payouts any more; the platform asks about them by itself."))
        LeaseRelease.objects.bulk_create(
            LeaseRelease(
                payout_id=payout, leased_until=until, released_at=now, released_by=actor, because=because.strip()
            )
            for payout, until in leases.items()
        )
        Payout.objects.filter(pk__in=leases).update(leased_until=now)
        nudge("payouts.tasks.ask_in_doubt")
    log.warning("leases_released", payouts=len(leases), actor=actor.pk)
    return list(leases)
