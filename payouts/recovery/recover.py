"""Recovery of money: demands, repayments and appeals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.permissions import Act, check_may
from companies.people.scope import within_scope
from payouts.ledger.move import move
from payouts.models import Appeal, Blacklisting, PostCheck, Recovery, Repayment
from payouts.models.audit.recovery import APPEALS_PER_RECOVERY
from payouts.recovery.queries import repaid
from payouts.replies.late_confirmation import return_demanded_payouts
from payouts.states import Role, Status
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.money import round_to_fen
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.proposals.decide import AlreadyDecided, SamePerson

log = structlog.get_logger()

REPAY_WITHIN = timedelta(days=30)


class RecoveryRefused(Refusal):
    """The step on a recovery is impossible now; the sentence gives the reason."""


class NotABreach(RecoveryRefused):
    """A demand needs a check that found a breach; it is made once, and for no more than was paid."""


class NotARepayment(RecoveryRefused):
    """The amount is not owed, or the repayment was recorded before."""


class NotEnded(RecoveryRefused):
    """The recovery cannot end yet."""


class NotAppealable(RecoveryRefused):
    """There is nothing to appeal against, or an appeal is open."""


@within_scope(check=PostCheck)
@transaction.atomic
def demand_repayment(
    *,
    check: PostCheck,
    amount_cny: Decimal,
    because: str,
    actor: User,
    now: datetime,
) -> Recovery:
    """
    Demand a payout back, or a part of it. Whether it was fraud, and what follows, is proposed apart (`penalties`).

    Raises:
        NoReason: `because` is blank.
        NotABreach: the check found no breach, the money is demanded already, or the amount is out of bounds.
        SamePerson: the actor made the check.
        IllegalMove, MovedMeanwhile: the payout is no longer paid.
    """
    if not because.strip():
        raise NoReason(_("Say why; the firm reads it."))
    amount_cny = round_to_fen(amount_cny)
    wrong = NotABreach(_("Money is demanded back once, after a check found a breach, and no more than was paid."))
    same = SamePerson(_("You made the check; another person has to demand the money."))
    refusals = dict.fromkeys(("recovery_follows_a_breach", "recovery_once", "recovery_amount_is_positive"), wrong) | {
        "recovery_is_demanded_by_another_person": same,
        "payouts_recovery_check_found_id_key": wrong,
    }
    with translate_refusals(refusals):
        recovery = Recovery.objects.create(
            check_found=check,
            payout_id=check.payout_id,
            amount_cny=amount_cny,
            fine_cny=Decimal(0),
            because=because.strip()[:200],
            due_on=localdate(now + REPAY_WITHIN),
            demanded_at=now,
            demanded_by=actor,
        )
    _move(recovery, Status.PAID, Status.RECOVERING, Role.FINANCE, recovery.because, actor, now)
    log.warning("recovery_demanded", recovery=recovery.pk, payout=check.payout_id)
    return recovery


@within_scope(recovery_id=Recovery)
@transaction.atomic
def record_repayment(
    *, recovery_id: int, amount_cny: Decimal, received_on: date, bank_reference: str, actor: User, now: datetime
) -> Repayment:
    """
    Record a repayment: it pays off the payout first, then the fine. A negative amount was paid back to the firm.

    The fund gets the principal at once, and payouts that wait for money are served. If the bank had returned the
    payout, the demand ends when the firm has got its repayments back.

    Raises:
        NotARepayment: the amount exceeds the debt or, if it is negative, the repayments; or the reference was recorded
            before.
    """
    recovery = Recovery.objects.select_for_update(no_key=True).get(pk=recovery_id)
    amount_cny = round_to_fen(amount_cny)
    if amount_cny == 0 or not bank_reference.strip():
        raise NotARepayment(_("Give the amount, the day it came in and the bank’s reference."))
    if received_on > localdate(now):
        raise NotARepayment(_("That day has not come yet; give the day on which the money came in."))
    principal, fine = _split_principal_and_fine(recovery, amount_cny)
    twice = NotARepayment(_("A repayment with this bank reference was recorded before."))
    over = NotARepayment(_("That is more than is still owed, or than was repaid."))
    spent = NotARepayment(_("The fund has not so much money available; grant some first."))
    with translate_refusals(
        {
            "payouts_repayment_bank_reference_key": twice,
            "repayment_keeps_to_its_demand": over,
            "repayment_is_an_amount": over,
            "fund_available_is_not_negative": spent,
        }
    ):
        repayment = Repayment.objects.create(
            recovery=recovery,
            principal_cny=principal,
            fine_cny=fine,
            received_on=received_on,
            bank_reference=bank_reference.strip(),
            recorded_at=now,
            recorded_by=actor,
        )
    if amount_cny < 0:
        return_demanded_payouts(payouts=[recovery.payout_id], now=now)
    nudge("payouts.tasks.serve_waitlist")
    return repayment


@within_scope(recovery_id=Recovery)
@transaction.atomic
def end_recovery(*, recovery_id: int, actor: User, now: datetime) -> Recovery:
    """
    Close a recovery that is repaid in full.

    Raises:
        NotEnded: a part is still owed, an appeal is open, or something is proposed about the demand.
        SamePerson: the actor demanded the money or recorded a repayment.
    """
    recovery = Recovery.objects.select_for_update(no_key=True).get(pk=recovery_id)
    _end(recovery, Recovery.End.REPAID, actor, now)
    _move(recovery, Status.RECOVERING, Status.RECOVERED, Role.FINANCE, recovery.because, actor, now)
    return recovery


@within_scope(recovery=Recovery)
@transaction.atomic
def appeal_against(*, recovery: Recovery, text: str, actor: User, now: datetime) -> Appeal:
    """
    File a firm's appeal; the recovery cannot be closed before an officer decides the appeal.

    Raises:
        MayNotAct: the actor is no acceptor of the firm.
        NoReason: the text is blank.
        NotAppealable: the recovery has ended, an appeal is open, or the firm has appealed too often.
    """
    check_may(Act.APPEAL, user=actor, company=recovery.payout.company)
    if not text.strip():
        raise NoReason(_("Say what is wrong with the demand."))
    if recovery.appeals.count() >= APPEALS_PER_RECOVERY:
        raise NotAppealable(_("This demand was appealed against several times; its decision stands."))
    ended = NotAppealable(_("This recovery has ended."))
    waiting = NotAppealable(_("Your appeal is being looked at already."))
    with translate_refusals({"appeal_is_against_an_open_demand": ended, "appeal_one_at_a_time": waiting}):
        return Appeal.objects.create(recovery=recovery, text=text.strip()[:2000], filed_at=now, filed_by=actor)


@within_scope(appeal_id=Appeal)
@transaction.atomic
def decide_appeal(*, appeal_id: int, is_upheld: bool, decision: str, actor: User, now: datetime) -> Appeal:
    """
    Decide an appeal; if it is upheld, the demand is withdrawn, the payout stays paid and the firm may claim again.

    Raises:
        NoReason: the decision is blank.
        AlreadyDecided: the appeal was decided before.
        SamePerson: the officer made the check, or had another part in the demand, in what follows it, or in the appeal.
        NotEnded: the firm has to get its repayments back first.
    """
    if not decision.strip():
        raise NoReason(_("Say why; the firm reads the decision."))
    recovery = Recovery.objects.select_for_update(no_key=True).get(appeals=appeal_id)
    appeal = Appeal.objects.select_for_update().get(pk=appeal_id)
    if appeal.is_upheld is not None:
        raise AlreadyDecided(_("This appeal was decided already."))
    appeal.is_upheld, appeal.decision = is_upheld, decision.strip()[:200]
    appeal.decided_at, appeal.decided_by = now, actor
    same = SamePerson(_("You made the check or the demand; somebody else has to decide the appeal."))
    with translate_refusals({"appeal_is_decided_by_another_person": same}):
        appeal.save(update_fields=["is_upheld", "decision", "decided_at", "decided_by"])
    if is_upheld:
        # After a return by the bank the demand has ended already; the appeal is then only about the blacklist.
        if recovery.ended_as != Recovery.End.CAME_BACK:
            _end(recovery, Recovery.End.WITHDRAWN, actor, now)
            _move(recovery, Status.RECOVERING, Status.PAID, Role.OFFICER, appeal.decision, actor, now)
        Blacklisting.objects.filter(recovery=recovery, lifted_at=None).update(
            lifted_at=now, lifted_by=actor, lifted_because=appeal.decision
        )
    return appeal


def _split_principal_and_fine(recovery: Recovery, amount_cny: Decimal) -> tuple[Decimal, Decimal]:
    so_far = repaid(recovery=recovery)
    if amount_cny > 0:
        principal = min(amount_cny, recovery.amount_cny - so_far.principal_cny)
    else:
        # A payment back to the firm reduces the fine first.
        principal = min(Decimal(0), amount_cny + so_far.fine_cny)
    return principal, amount_cny - principal


def _end(recovery: Recovery, how: Recovery.End, actor: User, now: datetime) -> None:
    if recovery.ended_as:
        raise AlreadyDecided(_("This recovery has ended already."))
    recovery.ended_as, recovery.ended_at, recovery.ended_by = how, now, actor
    same = SamePerson(_("You demanded the money or recorded a repayment; another person has to close the recovery."))
    owed = NotEnded(
        _("Part of the money is still owed, an appeal is open, or fraud, a fine or a ban waits to be decided.")
        if how == Recovery.End.REPAID
        else _("Pay back what the firm has repaid, and record that, before the demand is withdrawn.")
    )
    with translate_refusals(
        {
            "recovery_is_ended_by_another_person": same,
            "recovery_is_not_ended_by_who_took_the_money": same,
            "recovery_ends_when_it_is_repaid": owed,
        }
    ):
        recovery.save(update_fields=["ended_as", "ended_at", "ended_by"])


def _move(
    recovery: Recovery, before: Status, after: Status, role: Role, because: str, actor: User, now: datetime
) -> None:
    move(payouts=[recovery.payout_id], before=before, after=after, role=role, actor=actor, because=because, now=now)
