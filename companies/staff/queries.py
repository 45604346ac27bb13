"""Questions about what two people proposed and decided about a person's account."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from companies.models import User
from companies.staff import accounts, factors, roles
from qinqing.proposals.models import Proposal

KINDS = (roles.KIND, accounts.KIND, factors.KIND)


def find_proposals(*, person: User) -> QuerySet[Proposal]:
    """The proposals about a person's account, the newest first; the first is the one that made the account."""
    made = Q(kind=accounts.KIND, subject_id=accounts.NEW, decision="confirmed", after__username=person.username)
    about = Proposal.objects.filter(Q(kind__in=KINDS, subject_id=person.pk) | made)
    return about.select_related("proposed_by", "decided_by").order_by("-pk")
