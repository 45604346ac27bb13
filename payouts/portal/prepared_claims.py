"""A preparer puts a claim together; an acceptor sees it ticked on the firm's page, and signs it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from companies.models import Company, User
from companies.people.permissions import Act, check_may
from payouts.claims.refusals import NotEntitled
from payouts.models import PreparedClaim
from payouts.offers.types import NOTHING, Offers
from policies.models import Entitlement


@dataclass(frozen=True, slots=True)
class ShownPrepared:
    """A prepared claim as a page shows it: what of it can still be claimed, and its sum in yuan."""

    entitlement_ids: frozenset[int]
    count: int
    amount_cny: Decimal
    prepared_at: datetime
    prepared_by: str


def prepare_claim(*, company: Company, entitlement_ids: Sequence[int], actor: User, now: datetime) -> PreparedClaim:
    """
    Keep these entitlements as the claim that an acceptor is to sign; it replaces the one that was prepared before.

    Raises:
        MayNotAct: the actor may only read.
        NotEntitled: an entitlement is not the company's.
    """
    check_may(Act.PREPARE, user=actor, company=company)
    ids = sorted(set(entitlement_ids))
    if Entitlement.objects.filter(pk__in=ids, company=company).count() < len(ids):
        raise NotEntitled(_("The facts changed since the page was shown: part of this cannot be claimed any more."))
    prepared, _is_new = PreparedClaim.objects.update_or_create(
        company=company, defaults={"entitlement_ids": ids, "prepared_at": now, "prepared_by": actor}
    )
    return prepared


def discard_prepared_claim(*, company: Company, actor: User) -> None:
    """
    Forget the prepared claim, if there is one.

    Raises:
        MayNotAct: the actor may only read.
    """
    check_may(Act.PREPARE, user=actor, company=company)
    PreparedClaim.objects.filter(company=company).delete()


def find_prepared_claim(*, company: Company, offers: Offers) -> ShownPrepared | None:
    """The prepared claim, as far as the company is still offered something of it."""
    prepared = PreparedClaim.objects.select_related("prepared_by").filter(company=company).first()
    if prepared is None:
        return None
    wanted = frozenset(prepared.entitlement_ids)
    amounts = [line.amount_cny for offer in offers.claimable for line in offer.lines if line.entitlement_id in wanted]
    if not amounts:
        return None
    by = prepared.prepared_by
    return ShownPrepared(
        wanted, len(amounts), sum(amounts, NOTHING), prepared.prepared_at, by.get_full_name() or by.username
    )
