"""The hearing of a firm: a notice of what is proposed about it, and one answer, before anybody confirms it."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import User
from companies.people.permissions import Act, check_may
from companies.people.scope import within_scope
from payouts.models import HearingAnswer, HearingNotice, Recovery
from payouts.models.audit.hearing import LONGEST_ANSWER
from payouts.recovery.allegation import describe_allegation
from qinqing.kernel.calendar import last_day_of_period
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.proposals.models import Proposal

LANGUAGES = ("zh-hans", "en")

log = structlog.get_logger()


class NotAnswerable(Refusal):
    """The notice was answered before, or it is decided what was proposed."""


def give_notice(*, proposal: Proposal, recovery: Recovery, now: datetime) -> HearingNotice:
    """Tell the firm of a demand what is proposed about it, and until when it can answer; within the proposal's step."""
    notice = HearingNotice.objects.create(
        proposal=proposal,
        recovery=recovery,
        given_at=now,
        answer_until=last_day_of_period(
            begins_on=localdate(now), days=settings.HEARING_WORKING_DAYS, counts_working_days=True
        ),
    )
    nudge("payouts.tasks.tell_of_notices")
    return notice


@within_scope(notice=HearingNotice)
@transaction.atomic
def answer_notice(*, notice: HearingNotice, text: str, is_waiver: bool, actor: User, now: datetime) -> HearingAnswer:
    """
    Answer a notice for the firm, or waive the answer; whoever decides the proposal reads it.

    Raises:
        MayNotAct: the actor is no acceptor of the firm.
        NoReason: the text is blank, and nothing is waived.
        NotAnswerable: the firm has answered before, or the proposal is decided.
    """
    check_may(Act.ANSWER_NOTICE, user=actor, company=notice.recovery.payout.company)
    if not text.strip() and not is_waiver:
        raise NoReason(_("Say what is wrong with it, or say that you waive your answer."))
    refusals = {
        "hearing_answer_is_before_the_decision": NotAnswerable(_("This was decided meanwhile.")),
        "payouts_hearinganswer_notice_id_key": NotAnswerable(_("Your firm has answered this notice already.")),
    }
    with translate_refusals(refusals):
        answer = HearingAnswer.objects.create(
            notice=notice,
            is_waiver=is_waiver,
            text=text.strip()[:LONGEST_ANSWER],
            answered_at=now,
            answered_by=actor,
        )
    log.info("hearing_answered", notice=notice.pk, is_waiver=is_waiver)
    return answer


def tell_of_notices(*, limit: int, now: datetime) -> int:
    """
    Send each notice by e-mail to the members whose address is confirmed; return the number of notices that were told.

    The notice on the firm's page is the one that counts. A message may be sent twice if the worker dies in between.
    """
    untold = HearingNotice.objects.filter(told_at=None).select_related("proposal", "recovery__payout__company")
    told = 0
    for notice in untold.order_by("pk")[:limit]:
        try:
            _send(notice)
        except (OSError, SMTPException) as failed:
            log.warning("notice_not_told", notice=notice.pk, reason=type(failed).__name__)
            return told
        told += HearingNotice.objects.filter(pk=notice.pk, told_at=None).update(told_at=now)
    return told


def _send(notice: HearingNotice) -> None:
    company = notice.recovery.payout.company
    confirmed = Q(verified=True, user__memberships__company=company)
    addresses = EmailAddress.objects.filter(confirmed).values_list("email", flat=True).order_by("email").distinct()
    texts = []
    for language in LANGUAGES:
        with override(language):
            texts.append(_message(notice))
    subject = " / ".join(subject for subject, _body in texts)
    # One message for each person, because members need not know each other's addresses.
    for address in addresses:
        send_mail(subject, "\n\n".join(body for _subject, body in texts), None, [address])


def _message(notice: HearingNotice) -> tuple[str, str]:
    body = _(
        "%(allegation)s The reason: %(because)s. Nothing is decided yet: %(company)s may answer until %(day)s. Sign in;"
        " the notice stands on the page of the firm."
    ) % {
        "allegation": describe_allegation(notice.proposal),
        "because": notice.proposal.because,
        "company": notice.recovery.payout.company,
        "day": date_format(notice.answer_until),
    }
    return _("Notice to your firm: answer before it is decided"), body
