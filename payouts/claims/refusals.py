"""Why a claim opens nothing, and what is looked at before one opens anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import structlog
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.models import Company, User
from payouts.claims.locked_rows import Asked, Held
from payouts.models import Payout
from payouts.offers.seats import Wanted, allowed, sentences
from payouts.states import Status
from policies.authoring.suspensions import pauses, undecided
from policies.models import Entitlement, EntitlementStatus, VersionStatus
from qinqing.kernel.database.integrity import refused_as
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class ClaimRefused(Refusal):
    """The claim opened nothing; the sentence says why."""


class NotEntitled(ClaimRefused):
    """
    An entitlement is somebody else's, or there is none of this id.

    The sentence is the same for both, so it tells nobody about others. It is true of both, too: a person's entitlement
    passes to another firm, and a page that was shown before still has it.
    """


class NotOpen(NotEntitled):
    """The company's own entitlement cannot be claimed now: it was withdrawn or lapsed, or its window is closed."""


class AmountChanged(ClaimRefused):
    """The entitlements are worth something else than the page said when the owner clicked."""


class CommitmentChanged(ClaimRefused):
    """A policy asks for a commitment that the page did not show when the owner clicked."""


class NotCommitted(ClaimRefused):
    """The commitment that a policy asks for was not signed."""


class Excluded(ClaimRefused):
    """A stacking group leaves nothing: another policy was claimed, pays more, or the cap is reached."""


class Blacklisted(ClaimRefused):
    """The firm broke a commitment and may claim nothing for some years."""


class AlreadyClaimed(ClaimRefused):
    """All that was asked for has its payouts already; they are shown instead."""

    def __init__(self, sentence: str, *, payout_ids: Sequence[int]) -> None:
        super().__init__(sentence)
        self.payout_ids = tuple(payout_ids)


def check_owner(asked: Sequence[Asked], wanted: Sequence[int], company: Company | None, actor: User | None) -> None:
    """
    See that all were found and belong to the company, if one claims.

    Raises:
        NotEntitled: one is somebody else's, or there is none of this id.
    """
    is_foreign = company is not None and any(row.company != company.pk for row in asked)
    if is_foreign or len(asked) < len(wanted):
        log.warning(
            "claim_of_somebody_elses_entitlement",
            company=company.pk if company else None,
            actor=actor.pk if actor else None,
            entitlements=len(wanted),
        )
        raise NotEntitled(_changed())


def check_open(asked: Sequence[Asked], today: date) -> None:
    """
    See that all can be claimed on that day.

    Raises:
        AlreadyClaimed, Excluded, NotOpen: one of them cannot.
    """
    _check_unclaimed(asked)
    superseded = [row.entitlement for row in asked if row.status == EntitlementStatus.SUPERSEDED]
    if superseded:
        raise Excluded(_why_superseded(superseded))
    if any(row.status != EntitlementStatus.OPEN for row in asked):
        raise NotOpen(_changed())
    if paused := pauses(version_ids={row.version for row in asked if row.version_status == VersionStatus.SUSPENDED}):
        raise NotOpen(" ".join(pause.sentence for pause in paused))
    if any(row.version_status != VersionStatus.PUBLISHED for row in asked):
        raise NotOpen(_("The policy has been closed and cannot be claimed any more."))
    if waiting := undecided(version_ids={row.version for row in asked if row.is_undecided}):
        raise NotOpen(" ".join(each.sentence for each in waiting))
    if any(row.is_taken for row in asked):
        raise NotOpen(_taken())
    if any(row.is_paid for row in asked):
        raise NotOpen(_("The bank says that it has paid this already, by a payout that was cancelled before."))
    _check_windows(asked, today)
    if any(row.is_undivided for row in asked):
        raise NotOpen(_("The money is still to be divided among everybody entitled; it can be claimed right after."))


def _changed() -> str:
    return _("The facts changed since the page was shown: part of this cannot be claimed any more.")


def _check_windows(asked: Sequence[Asked], today: date) -> None:
    for row in asked:
        if today < row.opens_on:
            raise NotOpen(_("This can be claimed from %(day)s on.") % {"day": date_format(row.opens_on)})
        if row.closes_on and today > row.closes_on:
            raise NotOpen(_("This could be claimed until %(day)s.") % {"day": date_format(row.closes_on)})


def claim_transaction() -> AbstractContextManager[None]:
    """A transaction, or a savepoint in one; it says in a sentence where somebody was faster for one of a couple."""
    return refused_as({"claimed_person_once": NotOpen(_taken())})


def _taken() -> str:
    return _("One of a couple has claimed this already, be it with another spouse or alone; it is paid once.")


def _check_unclaimed(asked: Sequence[Asked]) -> None:
    claimed = [row.entitlement for row in asked if row.status == EntitlementStatus.CLAIMED]
    if not claimed or not (payout_ids := _live_payouts(claimed)):
        return
    if len(claimed) < len(asked):
        # Shown the payouts of a part, the owner would take the rest for claimed, too.
        raise NotOpen(_("Part of this has been claimed already. Look at what is left and claim again."))
    raise AlreadyClaimed(_("This has been claimed already; here is its payout."), payout_ids=payout_ids)


def check_click(held: Held, commitment: str, shown_cny: Decimal | None, read: Collection[int] | None) -> None:
    """
    See that the owner gets what the page said, and signed what the policies ask for and the page showed.

    Raises:
        Excluded, AmountChanged, CommitmentChanged, NotCommitted: it is not so.
    """
    asked, allowances = held.asked, held.allowances
    if excluded := [allowances[row.entitlement] for row in held.excluded]:
        raise Excluded(" ".join(sorted(set(sentences(limited=excluded).values()))))
    worth = (
        allowances[row.entitlement].amount_cny if row.entitlement in allowances else row.amount_cny for row in asked
    )
    if shown_cny is not None and _is_other(sum(worth), shown_cny, held):
        raise AmountChanged(_("An amount changed since the page was shown. Look at the new sum and claim again."))
    committing = {row.version for row in asked if row.has_commitment}
    if read is not None and not committing.issubset(read):
        raise CommitmentChanged(_("A commitment changed since the page was shown. Read it and claim again."))
    if committing and not commitment.strip():
        raise NotCommitted(_("Tick the commitment before you claim."))


def _is_other(worth_cny: Decimal | int, shown_cny: Decimal, held: Held) -> bool:
    # What was unticked leaves more of a group's cap to the rest than the page could know.
    return worth_cny < shown_cny or (worth_cny > shown_cny and not held.is_stacked)


def _live_payouts(entitlement_ids: Sequence[int]) -> list[int]:
    payouts = Payout.objects.filter(entitlement__in=entitlement_ids).exclude(status=Status.CANCELLED)
    return list(payouts.order_by("pk").values_list("pk", flat=True))


def _why_superseded(entitlement_ids: Sequence[int]) -> str:
    wanted = Entitlement.objects.filter(pk__in=entitlement_ids).values_list("pk", "policy_id", "amount_cny")
    found = allowed(wanted=[Wanted(*row) for row in wanted])
    limited = [allowance for allowance in found.values() if allowance.is_excluded]
    # A seat given back a moment ago excludes nothing any more, but the facts are still to be decided anew.
    return " ".join(sorted(set(map(str, sentences(limited=limited).values())))) or _("This is being decided anew.")
