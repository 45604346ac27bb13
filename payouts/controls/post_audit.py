"""Post-checks of paid payouts: random samples, risks, and the findings of officers."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from companies.models import User
from companies.people.scope import within_scope
from payouts.models import Payout, PostCheck, SamplingPlan
from payouts.states import SETTLED
from policies.models import PolicyVersion
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import execute_statement
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.proposals.decide import AlreadyDecided, SamePerson

log = structlog.get_logger()

# From this number on, firms with one account in common are a risk.
MANY_FIRMS = 3
# `paid_at` may lie a little before the commit of its transaction, so the next draw looks back so far.
LOOK_BACK = timedelta(hours=1)


class NotASample(Refusal):
    """The share is no percentage, or the version has a sampling plan already."""


class NotPaid(Refusal):
    """Only a paid payout can have a post-check."""


@within_scope(version=PolicyVersion)
def plan_sampling(*, version: PolicyVersion, percentage: Decimal, actor: User, now: datetime) -> SamplingPlan:
    """
    Plan checks of a share of a version's payouts, which are drawn by a random seed.

    Raises:
        NotASample: the share is no percentage, or the version has a plan already.
    """
    if not 0 < percentage <= 100:
        raise NotASample(_("The share is a percentage above 0 and at most 100."))
    once = NotASample(_("%(version)s has a sampling plan already; it is not changed.") % {"version": version})
    with translate_refusals({"payouts_samplingplan_version_id_key": once}):
        return SamplingPlan.objects.create(
            version=version, percentage=percentage, seed=secrets.token_hex(16), planned_at=now, planned_by=actor
        )


@transaction.atomic
def draw_samples(*, now: datetime) -> int:
    """Open a check for each payout that a plan draws among those paid since its last draw; return their number."""
    plans = list(SamplingPlan.objects.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    drawn = _open_checks(
        """
        SELECT p.id, 'sample', ''
        FROM payouts_samplingplan s
        JOIN payouts_fund f ON f.version_id = s.version_id
        JOIN payouts_payout p ON p.fund_id = f.id AND p.status = 'paid'
        WHERE s.id = ANY(%(plans)s) AND (s.drawn_until IS NULL OR p.paid_at >= s.drawn_until - %(back)s::interval)
            AND ('x' || left(encode(sha256(convert_to(s.seed || ':' || p.id, 'UTF8')), 'hex'), 8))::bit(32)::bigint
                < s.percentage / 100 * 4294967296
        """,
        plans=plans,
        now=now,
        back=LOOK_BACK,
    )
    SamplingPlan.objects.filter(pk__in=plans).update(drawn_until=now)
    return drawn


@transaction.atomic
def raise_risks(*, now: datetime) -> int:
    """
    Open a check for each paid payout whose facts changed since the claim, or whose account many firms share.

    A payout is checked once for each reason. Returns the number of new checks.
    """
    return _raise_changed_facts(now) + _raise_shared_accounts(now)


def _raise_changed_facts(now: datetime) -> int:
    found = _open_checks(
        """
        SELECT p.id, 'facts', CASE WHEN x.amount_cny IS NULL THEN %(nothing)s ELSE %(other)s END
        FROM policies_factchange x JOIN payouts_payout p ON p.entitlement_id = x.entitlement_id
        WHERE p.status = 'paid'
        """,
        nothing=gettext_noop("By the facts of today nothing would be paid."),
        other=gettext_noop("By the facts of today another amount would be paid."),
        now=now,
    )
    if found:
        log.warning("facts_changed_after_payment", payouts=found)
    return found


def _raise_shared_accounts(now: datetime) -> int:
    found = _open_checks(
        """
        SELECT p.id, 'account', %(detail)s
        FROM payouts_payout p JOIN companies_payeeaccount a ON a.id = p.account_id
        WHERE p.status = 'paid' AND a.company_id IS NOT NULL AND a.number_hash IN (
            SELECT number_hash FROM companies_payeeaccount WHERE company_id IS NOT NULL
            GROUP BY number_hash HAVING count(DISTINCT company_id) >= %(many)s
        )
        """,
        detail=gettext_noop("Its account is that of three firms or more."),
        now=now,
        many=MANY_FIRMS,
    )
    if found:
        log.warning("accounts_collect_for_many_firms", payouts=found)
    return found


@transaction.atomic
def raise_withdrawn(*, now: datetime) -> int:
    """Open a check for each paid payout whose row of a white list was withdrawn since; return their number."""
    return _open_checks(
        """
        SELECT p.id, 'facts', %(detail)s
        FROM policies_whitelistwithdrawal w
        JOIN policies_whitelistentry l ON l.id = w.entry_id
        JOIN policies_policyversion v ON v.id = l.version_id
        JOIN policies_entitlement e ON e.policy_id = v.policy_id AND e.version_id = v.id AND e.status = 'claimed'
            AND (e.evidence -> 'list' ->> 'entry')::bigint = l.id
        JOIN payouts_payout p ON p.entitlement_id = e.id AND p.status = 'paid'
        """,
        detail=gettext_noop("The department took the row back from its list after it was claimed."),
        now=now,
    )


def _open_checks(found: LiteralString, *, now: datetime, **parameters: Any) -> int:
    """
    Open a check for each row of the query `found` (payout, reason, detail); return the number of new checks.

    A payout is checked once for each reason.
    """
    return execute_statement(
        f"""
        INSERT INTO payouts_postcheck (payout_id, reason, detail, opened_at, result, finding)
        SELECT payout, reason, detail, %(now)s, '', '' FROM ({found}) AS found (payout, reason, detail)
        ORDER BY payout
        ON CONFLICT (payout_id, reason) WHERE reason <> 'officer' DO NOTHING
        """,  # noqa: S608 - a text of our own
        now=now,
        **parameters,
    )


@within_scope(payout=Payout)
def ask_for_check(*, payout: Payout, because: str, actor: User, now: datetime) -> PostCheck:
    """
    Open a check of a paid payout for a reason that an officer gives.

    Raises:
        NoReason: `because` is blank.
        NotPaid: the payout was not paid, or the bank returned it.
        AlreadyDecided: an officer asked for a check before, and it is not finished yet.
    """
    if not because.strip():
        raise NoReason(_("Say why it should be checked."))
    if payout.status not in SETTLED:
        raise NotPaid(_("Only what was paid can be checked afterwards."))
    twice = AlreadyDecided(_("A check of this payout has been asked for and is not finished yet."))
    with translate_refusals({"post_check_asked_for_once": twice}):
        return PostCheck.objects.create(
            payout=payout, reason=PostCheck.Reason.OFFICER, detail=because.strip()[:200], opened_at=now, opened_by=actor
        )


@within_scope(check_id=PostCheck)
@transaction.atomic
def finish_check(*, check_id: int, is_breach: bool, finding: str, actor: User, now: datetime) -> PostCheck:
    """
    Finish a check with a finding; after a breach, finance can demand the money back.

    Raises:
        NoReason: the finding is blank.
        AlreadyDecided: the check is finished.
        SamePerson: the officer who asked for the check cannot finish it.
    """
    if not finding.strip():
        raise NoReason(_("Say what was found; the finding is kept."))
    check = PostCheck.objects.select_for_update().get(pk=check_id)
    if check.result:
        raise AlreadyDecided(_("This check is finished already."))
    check.result = PostCheck.Result.BREACH if is_breach else PostCheck.Result.KEPT
    check.finding, check.checked_at, check.checked_by = finding.strip()[:200], now, actor
    same = SamePerson(_("You asked for this check; another officer has to do it."))
    with translate_refusals({"post_check_is_finished_by_another_person": same}):
        check.save(update_fields=["result", "finding", "checked_at", "checked_by"])
    return check
