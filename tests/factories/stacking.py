"""Policies that exclude each other, and claims under them."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from payouts.claims.clicks import Claimed
from payouts.exceptions.manual import cancel_payouts
from payouts.models import Payout
from payouts.states import Role
from policies.groups.consistency import is_bound
from policies.groups.regroup import KIND, group_terms
from policies.models import Entitlement, PolicyVersion, StackingGroup, StackingMember
from qinqing.proposals.models import Proposal
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.people import make_user

_numbers = count(1)


def make_group(*members: PolicyVersion, rule: str = "higher_only", **fields: Any) -> StackingGroup:
    """A group with the policies of these versions."""
    title = f"试验组合{next(_numbers)}"
    opened = StackingGroup.objects.create(
        code=f"G-{next(_numbers)}", title_zh=title, title_en="A trial group", rule=rule, **fields
    )
    policies = [version.policy for version in members]
    if is_bound(group=opened, policies=policies):
        change_group(opened, group_terms(group=opened, policies=policies))
    else:
        StackingMember.objects.bulk_create(StackingMember(group=opened, policy=policy) for policy in policies)
    return opened


def make_group_proposal(
    group: StackingGroup, after: dict[str, Any] | None, *, by: str = "proposer", slot: str = ""
) -> Proposal:
    """An open proposal to change a group."""
    said = {"because": "新的文件", "proposed_at": NOW, "proposed_by": make_user(by)}
    about = {"kind": KIND, "subject_id": group.pk, "subject_name": str(group), "slot": slot}
    return Proposal.objects.create(after=after, **about, **said)


def change_group(group: StackingGroup, after: dict[str, Any] | None) -> Proposal:
    """Change a group by two officers, without the checks of the pages."""
    proposal = make_group_proposal(group, after)
    proposal.decision, proposal.decided_by, proposal.decided_at = "confirmed", make_user("confirmer"), NOW
    proposal.save(update_fields=["decision", "decided_by", "decided_at"])
    return proposal


def click(*rights: Entitlement, **changes: Any) -> Claimed:
    """Claim these entitlements of one company, as its owner."""
    given = {"commitment": "I commit.", "actor": make_user("owner"), "now": NOW} | changes
    return claim_entitlements(entitlement_ids=[right.pk for right in rights], company=rights[0].company, **given)


def sweep(*rights: Entitlement) -> Claimed:
    """Claim these entitlements of many companies, as the platform."""
    ids = [right.pk for right in rights]
    return claim_entitlements(entitlement_ids=ids, company=None, commitment="", actor=None, now=NOW)


def undo(right: Entitlement) -> None:
    """Cancel the live payout of an entitlement, as a clerk."""
    payout = Payout.objects.exclude(status="cancelled").get(entitlement=right)
    clerk = make_user("clerk")
    cancel_payouts(payout_ids=[payout.pk], role=Role.FINANCE, actor=clerk, because="a mistake", now=NOW)


def paid_amounts(*rights: Entitlement) -> list[Decimal | None]:
    """The amount of the live payout of each entitlement, None if there is none."""
    live = dict(Payout.objects.exclude(status="cancelled").values_list("entitlement", "amount_cny"))
    return [live.get(right.pk) for right in rights]


def entitlement_statuses(*rights: Entitlement) -> list[str]:
    """The status of each entitlement."""
    found = dict(Entitlement.objects.values_list("pk", "status"))
    return [found[right.pk] for right in rights]
