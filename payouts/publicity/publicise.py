"""Publicity of payouts before payment: publication, objections, decisions, and the approval at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.locks import lock_to_give_back
from payouts.ledger.move import move
from payouts.models import Objection, Payout, Publication
from payouts.models.claims.publicity import CONTACT, Triage
from payouts.publicity.codes import VALID_FOR, draw_code, hash_code, write_code
from payouts.publicity.refusals import NotPublicised, ObjectionRefused, TooManyObjections
from payouts.states import Role, Status
from policies.matching.give_back import reopen_superseded
from qinqing.kernel.calendar import last_day_of_period
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import execute_statement, fetch_rows, fetch_rows_as
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask
from qinqing.proposals.decide import AlreadyDecided, SamePerson

log = structlog.get_logger()

# Limits on the objections from one address and of one contact, and on the open objections to one payout.
OBJECTIONS_PER_SENDER, OBJECTIONS_PER_CONTACT, SENDER_PERIOD = 5, 5, timedelta(hours=1)
OPEN_OBJECTIONS_PER_PAYOUT = 20


class NoAddress(ObjectionRefused):
    """The contact is no e-mail address."""


class NotTakenUp(ObjectionRefused):
    """No officer has taken the objection up."""


class _Period(NamedTuple):
    payout: int
    publicise_days: int
    counts_working_days: bool


def publicise(*, payouts: Sequence[int], now: datetime) -> list[int]:
    """
    Put the reserved payouts of publicised policies on the public list; return their ids, for the others can be paid.

    The caller calls it inside the transaction that reserved the payouts.
    """
    periods = fetch_rows_as(
        _Period,
        """
        SELECT p.id AS payout, v.publicise_days, v.counts_working_days
        FROM payouts_payout p JOIN payouts_fund f ON f.id = p.fund_id
        JOIN policies_policyversion v ON v.id = f.version_id
        WHERE p.id = ANY(%(ids)s) AND v.track = 'publicised'
        """,
        ids=list(payouts),
    )
    if not periods:
        return []
    today = localdate(now)
    ends: dict[tuple[int, bool], date] = {
        (days, is_working): last_day_of_period(begins_on=today, days=days, counts_working_days=is_working)
        for days, is_working in {(each.publicise_days, each.counts_working_days) for each in periods}
    }
    shown = [each.payout for each in periods]
    execute_statement(
        """
        INSERT INTO payouts_publication (payout_id, begins_on, ends_on)
        SELECT payout, %(today)s, ends_on FROM unnest(%(ids)s::bigint[], %(ends)s::date[]) AS shown (payout, ends_on)
        ORDER BY payout
        """,
        today=today,
        ids=shown,
        ends=[ends[each.publicise_days, each.counts_working_days] for each in periods],
    )
    return move(
        payouts=shown,
        before=Status.RESERVED,
        after=Status.PUBLICISED,
        role=Role.SYSTEM,
        actor=None,
        because="",
        now=now,
    )


@transaction.atomic
def end_publicity(*, limit: int, now: datetime) -> int:
    """
    Approve payouts whose publicity is over, unless an objection is open or was upheld; return their number.

    The condition is checked again under the lock, because an objection may have come before the lock.
    """
    free = _to_approve(now).values_list("pk", flat=True)
    locked = list(free.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
    due = free.filter(pk__in=locked)
    approved = move(
        payouts=list(due),
        before=Status.PUBLICISED,
        after=Status.APPROVED,
        role=Role.SYSTEM,
        actor=None,
        because=gettext_noop("The publicity is over and no objection stands."),
        now=now,
    )
    if approved:
        nudge("payouts.tasks.send_due")
    return len(approved)


@transaction.atomic
def object_to(
    *,
    payout_id: int,
    name: str,
    contact: str,
    text: str,
    now: datetime,
    sender: str = "",
    recorded_by: User | None = None,
) -> Objection:
    """
    Record an objection.

    What the public form sends stops nothing: the contact, an e-mail address, gets a code that confirms it
    (`confirm_contact`), and an officer takes the objection up or sets it aside. What an officer records, by telephone
    or letter, is taken up at once, and the payout waits until another officer has decided.

    `sender` is the address that sent the public form, and is stored as a keyed hash. A form that is sent twice, as by a
    second click, is recorded once.

    Raises:
        NotPublicised: the payout is not on the public list, or its last day there is over.
        NoAddress: nobody can be written to at the contact that the form gave.
        TooManyObjections: the sender, the contact or the payout has reached the limit.
    """
    publication, contact = _open_publication(payout_id, localdate(now)), contact.strip()
    written: dict[str, Any] = {"publication": publication, "name": name.strip(), "text": text.strip(), "raised_at": now}
    if recorded_by is not None:
        taken_up: dict[str, Any] = {"triage": Triage.TAKEN_UP, "triaged_by": recorded_by, "triaged_at": now}
        return _record(contact, recorded_by=recorded_by, **written, **taken_up)
    _refuse_unwritable(contact)
    sender_hash = fingerprint(f"objection from {sender}") if sender else b""
    contact_hash = fingerprint(f"objection by {contact.lower()}")
    _lock_payout_and_sender(publication, sender_hash, contact_hash)
    if sender and (same := _same_objection(publication, sender_hash, name, contact, text)):
        return same
    _refuse_too_many(publication, sender_hash, contact_hash, now)
    reference, code = uuid4(), draw_code()
    coded: dict[str, Any] = {"code_hash": hash_code(reference, code), "code_until": now + VALID_FOR}
    hashes: dict[str, Any] = {"sender_hash": sender_hash, "contact_hash": contact_hash}
    objection = _record(contact, reference=reference, **written, **coded, **hashes)
    write_code(objection=objection, code=code, now=now)
    return objection


def _record(contact: str, *, reference: UUID | None = None, **columns: Any) -> Objection:
    reference = reference or uuid4()
    gone = NotPublicised(_("This payout is not on the public list any more."))
    with translate_refusals({"objection_is_against_a_publicised_payout": gone}):
        objection = Objection.objects.create(
            reference=reference,
            contact_encrypted=CONTACT.seal(contact, str(reference)),
            contact_masked=mask(contact),
            **columns,
        )
    log.warning("payout_objected_to", payout=objection.publication.payout_id, objection=objection.pk)
    return objection


@within_scope(objection_id=Objection)
@transaction.atomic
def decide_objection(*, objection_id: int, is_upheld: bool, decision: str, actor: User, now: datetime) -> Objection:
    """
    Decide an objection: if it is upheld, its payout is cancelled for good; if it is rejected, the payout goes on.

    The fund of a cancelled payout gets the money back. The entitlement stays claimed, so that the firm cannot claim it
    again.

    Raises:
        NoReason: the decision is blank.
        AlreadyDecided: the objection was decided before.
        NotTakenUp: no officer has taken it up.
        SamePerson: the officer recorded the objection, or took it up.
        IllegalMove, MovedMeanwhile: the payout has left the public list.
        BeingClaimed: other transactions hold locks on rows that the cancellation reopens.
    """
    if not decision.strip():
        raise NoReason(_("Say why; the decision is kept and told to the objector."))
    objection = Objection.objects.select_for_update(of=("self",)).select_related("publication").get(pk=objection_id)
    if objection.triage != Triage.TAKEN_UP:
        raise NotTakenUp(_("An officer takes an objection up before it is decided."))
    if objection.is_upheld is not None:
        raise AlreadyDecided(_("This objection was decided already."))
    objection.is_upheld, objection.decision = is_upheld, decision.strip()[:200]
    objection.decided_by, objection.decided_at = actor, now
    refusals = {
        "objection_is_decided_by_another_person": SamePerson(
            _("You recorded this objection; another officer has to decide it.")
        ),
        "objection_is_decided_by_another_than_took_it_up": SamePerson(
            _("You took this objection up; another officer has to decide it.")
        ),
    }
    with translate_refusals(refusals):
        objection.save(update_fields=["is_upheld", "decision", "decided_by", "decided_at"])
    if is_upheld:
        _cancel_payout(objection, actor, now)
    return objection


def _cancel_payout(objection: Objection, actor: User, now: datetime) -> None:
    payout = objection.publication.payout
    if payout.status == Status.CANCELLED:  # Another objection was upheld before.
        return
    entitlements = lock_to_give_back([payout.pk], now)
    move(
        payouts=[payout.pk],
        before=Status.PUBLICISED,
        after=Status.CANCELLED,
        role=Role.OFFICER,
        actor=actor,
        because=objection.decision,
        now=now,
    )
    # The entitlement stays claimed, but the entitlements that it had superseded can be claimed again.
    reopen_superseded(entitlement_ids=entitlements, now=now)
    nudge("payouts.tasks.serve_waitlist")


def _to_approve(now: datetime) -> QuerySet[Payout]:
    taken_up = Objection.objects.filter(triage=Triage.TAKEN_UP, publication__payout=OuterRef("pk"))
    standing = taken_up.filter(Q(is_upheld=None) | Q(is_upheld=True))
    over = Payout.objects.filter(status=Status.PUBLICISED, publication__ends_on__lt=localdate(now))
    return over.filter(~Exists(standing)).order_by("pk")


def _open_publication(payout_id: int, today: date) -> Publication:
    publication = Publication.objects.filter(payout=payout_id, payout__status=Status.PUBLICISED).first()
    if publication is None:
        raise NotPublicised(_("This payout is not on the public list any more."))
    if publication.ends_on < today:
        last = date_format(publication.ends_on, "DATE_FORMAT")
        raise NotPublicised(
            _("Objections were taken until %(last)s. If something is wrong, tell the department; it looks at payouts"
              " afterwards, too.") % {"last": last}
        )  # fmt: skip
    return publication


def _refuse_unwritable(contact: str) -> None:
    try:
        validate_email(contact)
    except ValidationError:
        raise NoAddress(
            _("Give an e-mail address; we send a code there. By telephone or letter, an officer records objections.")
        ) from None


def _lock_payout_and_sender(publication: Publication, sender_hash: bytes, contact_hash: bytes) -> None:
    # Objections to one payout, from one sender or of one contact wait for each other, so that simultaneous ones keep to
    # the limits.
    Payout.objects.select_for_update(no_key=True).get(pk=publication.payout_id)
    for each in sorted((sender_hash, contact_hash)):
        fetch_rows("SELECT pg_advisory_xact_lock(hashtextextended(encode(%(hash)s, 'hex'), 0))", hash=each)


def _same_objection(
    publication: Publication, sender_hash: bytes, name: str, contact: str, text: str
) -> Objection | None:
    """The sender's open objection with the same name, contact and text, if there is one."""
    said = publication.objections.filter(sender_hash=sender_hash, name=name.strip(), text=text.strip(), is_upheld=None)
    return next((each for each in said.order_by("pk") if each.contact == contact.strip()), None)


def _refuse_too_many(publication: Publication, sender_hash: bytes, contact_hash: bytes, now: datetime) -> None:
    recent = Objection.objects.filter(raised_at__gt=now - SENDER_PERIOD)
    if recent.filter(sender_hash=sender_hash).count() >= OBJECTIONS_PER_SENDER:
        raise TooManyObjections(_("Many objections came from your address within an hour. Try again later, or call."))
    if recent.filter(contact_hash=contact_hash).count() >= OBJECTIONS_PER_CONTACT:
        raise TooManyObjections(_("Many codes went to this e-mail address within an hour. Try again later, or call."))
    # Whoever has not confirmed a contact keeps nobody else from objecting.
    waiting = publication.objections.filter(is_upheld=None).exclude(triage=Triage.SET_ASIDE)
    if waiting.filter(Q(confirmed_at__isnull=False) | Q(triage=Triage.TAKEN_UP)).count() >= OPEN_OBJECTIONS_PER_PAYOUT:
        raise TooManyObjections(_("Many objections to this payout wait for an officer already."))
