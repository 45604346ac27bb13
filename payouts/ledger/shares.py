"""Shares of the levels of government in a version's money, and the settlements between levels."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import refuse_other_district, within_scope
from payouts.ledger.decisions import SamePerson, decide
from payouts.models import Fund, Settlement, Share
from policies.models import PolicyVersion
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.money import round_to_fen
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class ShareRefused(Refusal):
    """The shares cannot be written; the sentence gives the reason."""


class NotOwed(Refusal):
    """The settlement exceeds the debt to or by the level that paid in advance."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def set_shares(
    *,
    version: PolicyVersion,
    parts: dict[str, Decimal],
    advance_payer: str = "",
    district: str = "",
    actor: User | None = None,
) -> list[Share]:
    """
    Replace the shares of a draft for one district, or for everywhere.

    `parts` maps each level to its part of the ratio, such as `{"city": 1, "district": 3}`; an empty dict deletes the
    shares.

    Raises:
        ShareRefused: the version is no longer a draft, a part is not positive, or the advance payer has no share.
    """
    if advance_payer and advance_payer not in parts:
        raise ShareRefused(_("The level that pays first has a part of its own."))
    final = ShareRefused(_("%(version)s is not a draft any more; its shares stay.") % {"version": version})
    wrong = ShareRefused(_("The parts are a number above 0 and at most 10,000."))
    with translate_refusals({"share_is_final": final, "share_parts_are_positive": wrong}):
        Share.objects.filter(version=version, district=district).delete()
        return Share.objects.bulk_create(
            Share(
                version=version,
                district=district,
                level=level,
                parts=part,
                is_advance_payer=level == advance_payer,
            )
            for level, part in parts.items()
        )


@transaction.atomic
def settle_share(
    *,
    fund: Fund,
    district: str,
    debtor: str,
    creditor: str,
    amount_cny: Decimal,
    reference: str,
    settled_on: date,
    actor: User,
    now: datetime,
) -> Settlement:
    """
    Book a payment of a level to the advance payer, or a repayment to the level after its part was recovered.

    The settlement counts once another person confirms it.

    Raises:
        OutOfScope: the actor belongs to another district.
        NotOwed: the amount exceeds the debt, there is no advance payer, or the voucher was booked before.
    """
    refuse_other_district(district=district, actor=actor)
    if not reference.strip():
        raise NotOwed(_("Give the voucher and the day on which it was settled."))
    if settled_on > localdate(now):
        raise NotOwed(_("That day has not come yet; give the day on which it was settled."))
    over = NotOwed(_("That is more than is owed between these levels."))
    twice = NotOwed(_("This voucher was booked before."))
    with translate_refusals(
        {
            "settlement_is_owed": over,
            "settlement_amount_is_positive": over,
            "settlement_has_two_sides": over,
            "settlement_voucher_once": twice,
        }
    ):
        booked = Settlement.objects.create(
            fund=fund,
            district=district,
            debtor=debtor,
            creditor=creditor,
            amount_cny=round_to_fen(amount_cny),
            reference=reference.strip(),
            settled_on=settled_on,
            booked_at=now,
            booked_by=actor,
        )
    log.info("settlement_booked", fund=fund.pk, district=district, debtor=debtor, amount_cny=str(amount_cny))
    return booked


@within_scope(settlement_id=Settlement)
@transaction.atomic
def confirm_settlement(*, settlement_id: int, actor: User, now: datetime) -> Settlement:
    """
    Confirm that the voucher agrees with the booking; from now on the amount is settled.

    Raises:
        SamePerson: the actor booked the settlement.
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
        NotOwed: a payment or a recovery has made the debt smaller than the amount meanwhile.
    """
    same = SamePerson(_("You booked this settlement; somebody else has to confirm it."))
    over = NotOwed(
        _("Money was paid or recovered meanwhile, and so much is not owed any more; turn it down and book the rest.")
    )
    with translate_refusals({"settlement_is_confirmed_by_another_person": same, "settlement_is_owed": over}):
        settlement = decide(Settlement, settlement_id, Settlement.Decision.CONFIRMED, actor=actor, now=now)
    log.info("share_settled", settlement=settlement.pk, fund=settlement.fund_id, amount_cny=str(settlement.amount_cny))
    return settlement


@within_scope(settlement_id=Settlement)
@transaction.atomic
def turn_down_settlement(*, settlement_id: int, actor: User, now: datetime) -> Settlement:
    """
    Turn a settlement down, or withdraw one's own; the debt stays, and the voucher may be booked again.

    Raises:
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
    """
    return decide(Settlement, settlement_id, Settlement.Decision.TURNED_DOWN, actor=actor, now=now)
