"""The refusals of a claim, and the checks before a claim opens anything."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date

import structlog
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.claims.clicks import Click
from payouts.claims.locked_rows import ClaimRow
from payouts.ledger.blacklist import describe_blacklisting
from payouts.models import Payout
from payouts.offers.claimable import Obstacle
from payouts.offers.seats import SeatRequest, explain_limits, read_allowances
from payouts.states import Status
from policies.authoring.suspensions import pauses, undecided
from policies.models import Entitlement
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class ClaimRefused(Refusal):
    """The claim opened nothing; the sentence gives the reason."""


class NotEntitled(ClaimRefused):
    """
    An entitlement belongs to another company, or does not exist.

    One sentence serves both, so it reveals nothing about other companies. Both may be true: a person's entitlement
    passes to another firm while the old firm still has the page open.
    """


class NotOpen(NotEntitled):
    """The company's own entitlement cannot be claimed now: it was withdrawn or lapsed, or its window is closed."""


class AmountChanged(ClaimRefused):
    """The entitlements are worth another sum than the page showed when the owner clicked."""


class CommitmentChanged(ClaimRefused):
    """A policy asks for a commitment that the page did not show when the owner clicked."""


class NotCommitted(ClaimRefused):
    """The owner did not sign the commitment that a policy asks for."""


class Excluded(ClaimRefused):
    """A stacking group leaves nothing: another policy was claimed, pays more, or the cap is reached."""


class Blacklisted(ClaimRefused):
    """The firm broke a commitment and may claim nothing for some years."""


class NotSigned(ClaimRefused):
    """The person who clicked does not sign for the firm, or not for so much on one day."""


class Contended(ClaimRefused):
    """Another transaction holds a row of the click, and the click was not to wait."""


class AlreadyClaimed(ClaimRefused):
    """All entitlements of the click have payouts already; the page shows these instead."""

    def __init__(self, sentence: str, *, payout_ids: Sequence[int]) -> None:
        super().__init__(sentence)
        self.payout_ids = tuple(payout_ids)


def check_rows(click: Click, rows: Sequence[ClaimRow], today: date) -> None:
    """
    Check that all entitlements of a click exist, belong to its company, and can be claimed on that day.

    An entitlement that only lacks an account is no fault of the click: it stays open.

    Raises:
        NotEntitled: one is somebody else's, or there is none of this id.
        AlreadyClaimed, Excluded, NotOpen, Blacklisted: one of them cannot be claimed.
    """
    is_foreign = any(row.company != click.company_id for row in rows)
    if is_foreign or len(rows) < len(set(click.entitlement_ids)):
        log.warning(
            "claim_of_somebody_elses_entitlement",
            company=click.company_id,
            actor=click.actor_id,
            entitlements=len(click.entitlement_ids),
        )
        raise NotEntitled(_sentence_of_change())
    obstacles = {Obstacle(row.obstacle) for row in rows if row.obstacle is not None} - {Obstacle.NO_ACCOUNT}
    if obstacles:
        first = min(obstacles, key=lambda obstacle: obstacle.rank)
        raise _refusal(first, [row for row in rows if row.obstacle == first], rows, today)


def _refusal(obstacle: Obstacle, hindered: Sequence[ClaimRow], rows: Sequence[ClaimRow], today: date) -> ClaimRefused:
    versions = {row.version for row in hindered}
    match obstacle:
        case Obstacle.CLAIMED:
            return _refusal_of_claimed(hindered, is_part=len(hindered) < len(rows))
        case Obstacle.SUPERSEDED:
            return Excluded(_why_superseded([row.entitlement for row in hindered]))
        case Obstacle.SUSPENDED:
            return NotOpen(" ".join(pause.sentence for pause in pauses(version_ids=versions)) or _sentence_of_change())
        case Obstacle.UNDECIDED:
            return NotOpen(" ".join(each.sentence for each in undecided(version_ids=versions)) or _sentence_of_change())
        case Obstacle.NOT_YET:
            return NotOpen(_("This can be claimed from %(day)s on.") % {"day": date_format(hindered[0].opens_on)})
        case Obstacle.OVER:
            last = hindered[0].closes_on
            assert last is not None
            return NotOpen(_("This could be claimed until %(day)s.") % {"day": date_format(last)})
        case Obstacle.BLACKLISTED:
            return Blacklisted(describe_blacklisting(company_id=hindered[0].company, on=today))
        case _:
            return NotOpen(str(_SENTENCES[obstacle]))


_CHANGED = gettext_lazy("The facts changed since the page was shown: part of this cannot be claimed any more.")
_NO_ACCEPTOR = gettext_lazy("Only an acceptor of the firm signs a claim. Ask one of them; “Members” names them.")
_TOO_MUCH = gettext_lazy(
    "With what you claimed today this is more than your limit for a day. Untick some, or ask another acceptor."
)
_SENTENCES = {
    Obstacle.WITHDRAWN: _CHANGED,
    Obstacle.LAPSED: _CHANGED,
    Obstacle.CLOSED: gettext_lazy("The policy has been closed and cannot be claimed any more."),
    Obstacle.TAKEN: gettext_lazy(
        "One of a couple has claimed this already, be it with another spouse or alone; it is paid once."
    ),
    Obstacle.PAID_THOUGH_CANCELLED: gettext_lazy(
        "The bank says that it has paid this already, by a payout that was cancelled before."
    ),
    Obstacle.UNDIVIDED: gettext_lazy(
        "The money is still to be divided among everybody entitled; it can be claimed right after."
    ),
}


def _sentence_of_change() -> str:
    return str(_CHANGED)


def _refusal_of_claimed(claimed: Sequence[ClaimRow], *, is_part: bool) -> ClaimRefused:
    payout_ids = _live_payouts([row.entitlement for row in claimed])
    if not payout_ids:
        # An objection stopped the payout; the entitlement stays claimed.
        return NotOpen(_sentence_of_change())
    if is_part:
        # If the page showed the payouts of a part, the owner would think that the rest was claimed, too.
        return NotOpen(_("Part of this has been claimed already. Look at what is left and claim again."))
    return AlreadyClaimed(_("This has been claimed already; here is its payout."), payout_ids=payout_ids)


def claim_transaction() -> AbstractContextManager[None]:
    """
    Open a transaction, or a savepoint; refuse with a sentence if the other person of a couple was claimed for first, or
    if the database knows better than the page who signs for the firm.
    """
    return translate_refusals(
        {
            "claimed_person_once": lambda: NotOpen(str(_SENTENCES[Obstacle.TAKEN])),
            "claim_is_signed_by_an_acceptor": lambda: NotSigned(str(_NO_ACCEPTOR)),
            "claim_is_within_the_limit_of_its_signer": lambda: NotSigned(str(_TOO_MUCH)),
        }
    )


def _live_payouts(entitlement_ids: Sequence[int]) -> list[int]:
    payouts = Payout.objects.filter(entitlement__in=entitlement_ids).exclude(status=Status.CANCELLED)
    return list(payouts.order_by("pk").values_list("pk", flat=True))


def _why_superseded(entitlement_ids: Sequence[int]) -> str:
    wanted = Entitlement.objects.filter(pk__in=entitlement_ids).values_list("pk", "policy_id", "amount_cny")
    found = read_allowances(wanted=[SeatRequest(*row) for row in wanted])
    limited = [allowance for allowance in found.values() if allowance.is_excluded]
    # A seat that was just given back excludes nothing any more, but matching has still to decide the facts anew.
    return " ".join(sorted(set(map(str, explain_limits(limited=limited).values())))) or _("This is being decided anew.")
