"""Everything that a firm's page shows, read by one call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate

from companies.firms.queries import changed_accounts
from companies.models import Company, PayeeAccount, User
from companies.people.permissions import Act, why_not
from payouts.ledger.blacklist import describe_blacklisting
from payouts.ledger.waiting_accounts import AccountRequest, OfficialReview, sum_stopped_payouts
from payouts.models import Recovery
from payouts.offers.queries import list_offers
from payouts.offers.types import Offers, with_ticks
from payouts.portal.claim_history import Automatic, find_claimed_codes, find_unpaid_versions, paid_without_applying
from payouts.portal.prepared_claims import ShownPrepared, find_prepared_claim
from payouts.recovery.notices import ShownNotice, list_open_notices
from payouts.recovery.queries import list_recoveries, list_repaid_recoveries
from policies.authoring.suspensions import Pause, Undecided, pauses_for
from policies.deadlines import reminders
from policies.deadlines.notices import Notice, list_notices
from policies.deadlines.reminders import LapsedEntitlements, lapsed_by_version, reminders_for


@dataclass(frozen=True)
class FirmPage:
    """
    The content of a firm's page; the page's template reads it by the names of the fields.

    `blocked` is the sentence that says until when the firm may claim nothing; it is empty if the firm may claim.
    `why_not` says why this user may not sign; a user who may prepare a claim but not sign it has `can_prepare`.
    `others` are the policies that offer the firm nothing, or nothing yet, and that it has not claimed.
    """

    offers: Offers
    changed_accounts: Sequence[PayeeAccount]
    paid_without_applying: Sequence[Automatic]
    account_request: AccountRequest | None
    official_review: OfficialReview | None
    notices: Sequence[ShownNotice]
    recoveries: QuerySet[Recovery]
    blocked: str
    pauses: Sequence[Pause | Undecided]
    reminders: Sequence[reminders.OpenReminder]
    waived: Sequence[LapsedEntitlements]
    closed_early: Sequence[LapsedEntitlements]
    others: Sequence[Notice]
    can_claim: bool
    can_prepare: bool
    why_not: str
    prepared: ShownPrepared | None
    is_prepared_shown: bool


def read_firm_page(
    *, company: Company, user: User, now: datetime, ticks: Collection[int] | None = None, shows_prepared: bool = False
) -> FirmPage:
    """
    Read the content of a firm's page at a moment, for the user who looks at it.

    `ticks` are the entitlements whose boxes are ticked; if it is None, the boxes stand as the offers set them or, if
    the page `shows_prepared`, as a preparer ticked them.
    """
    on = localdate(now)
    offers = list_offers(company=company, on=on)
    blocked = describe_blacklisting(company_id=company.pk, on=on)
    lost = lapsed_by_version(company=company)
    stopped = sum_stopped_payouts(company=company)
    own_codes = offers.codes | find_claimed_codes(company=company)
    prepared = find_prepared_claim(company=company, offers=offers)
    if shows_prepared and prepared:
        ticks = prepared.entitlement_ids
    may_not = {act: why_not(act, user=user, company=company) for act in (Act.CLAIM, Act.PREPARE)}
    return FirmPage(
        offers=offers if ticks is None else with_ticks(offers, entitlement_ids=ticks),
        changed_accounts=changed_accounts(company=company, now=now),
        paid_without_applying=paid_without_applying(company=company),
        account_request=stopped.account_request,
        official_review=stopped.official_review,
        notices=list_open_notices(company=company),
        recoveries=list_recoveries(company=company)
        .filter(ended_as="")
        .exclude(pk__in=list_repaid_recoveries().values("pk")),
        blocked=blocked,
        pauses=pauses_for(company=company, unpaid_under=find_unpaid_versions(company=company)),
        # A reminder to claim would be of no use to a firm that may claim nothing.
        reminders=() if blocked else reminders_for(company=company, on=on),
        waived=[one for one in lost if not one.was_closed],
        closed_early=[one for one in lost if one.was_closed],
        others=[notice for notice in list_notices(on=on) if notice.code not in own_codes],
        can_claim=not may_not[Act.CLAIM] and not blocked,
        can_prepare=bool(may_not[Act.CLAIM]) and not may_not[Act.PREPARE] and not blocked,
        why_not=may_not[Act.PREPARE] or may_not[Act.CLAIM],
        prepared=prepared,
        is_prepared_shown=shows_prepared and prepared is not None,
    )
