"""Shares of the levels of government in a version's money, and the settlements between levels."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import refuse_other_district, within_scope
from payouts.models import Fund, Share
from policies.models import PolicyVersion
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.money import round_to_fen
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

SETTLEMENT_KIND = "settlement"


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
def propose_settlement(
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
) -> Proposal:
    """
    Propose to book a payment of a level to the advance payer, or a repayment to the level after its part was recovered.

    The settlement counts once another person confirms it.

    Raises:
        NotOwed: the amount exceeds the debt, there is no advance payer, or the voucher was booked before.
    """
    refuse_other_district(district=district, actor=actor)
    if not reference.strip():
        raise NotOwed(_("Give the voucher and the day on which it was settled."))
    if settled_on > localdate(now):
        raise NotOwed(_("That day has not come yet; give the day on which it was settled."))
    sides = {"district": district, "debtor": debtor, "creditor": creditor}
    paid = {"amount_cny": f"{round_to_fen(amount_cny):.2f}", "reference": reference.strip()}
    return propose(
        kind=SETTLEMENT_KIND,
        subject_id=fund.pk,
        subject_name=f"{reference.strip()} · {fund.version}",
        after={**sides, **paid, "settled_on": settled_on.isoformat()},
        because=_("Voucher %(voucher)s") % {"voucher": reference.strip()},
        document_number=reference,
        actor=actor,
        now=now,
    )


def list_settlement_refusals() -> dict[str, Refusal]:
    """The sentences of the constraints that a settlement may violate."""
    return {
        "settlement_is_owed": NotOwed(
            _("That is more than is owed between these levels; turn it down, and propose what is owed by now.")
        ),
        "settlement_voucher_once": NotOwed(_("This voucher was booked before.")),
    }
