"""The circuit breaker on changed accounts: a burst of changes, or one new number for several payees, stops them all."""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import AccountStop, PayeeAccount, User
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

PERIOD = dt.timedelta(hours=1)
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STATES = {"open": gettext_lazy("open"), "lifted": gettext_lazy("lifted")}

log = structlog.get_logger(__name__)


class NotStopped(Refusal):
    """The stop was lifted meanwhile."""


def watch_account_changes(*, now: dt.datetime) -> int:
    """
    Stop changed accounts after a burst of changes, or if one new number is several payees'; return the opened stops.

    Changes from before the lifting of the last stop of the same kind do not count.
    """
    counts = {
        AccountStop.Kind.BURST: _count_burst(now),
        AccountStop.Kind.SHARED: _count_shared(_find_last_lifting(AccountStop.Kind.SHARED), now),
    }
    limits = {AccountStop.Kind.BURST: settings.ACCOUNT_BURST_LIMIT, AccountStop.Kind.SHARED: 2}
    opened = 0
    for kind, count in counts.items():
        if count < limits[kind] or AccountStop.objects.filter(kind=kind, lifted_at=None).exists():
            continue
        # Another worker may open the same stop at the same time.
        stop = AccountStop(kind=kind, account_count=count, stopped_at=now)
        opened += len(AccountStop.objects.bulk_create([stop], ignore_conflicts=True))
        log.error("accounts_stopped", kind=kind.value, accounts=count)
    return opened


def _count_burst(now: dt.datetime) -> int:
    since = max(now - PERIOD, _find_last_lifting(AccountStop.Kind.BURST))
    return PayeeAccount.objects.filter(~Q(doubt=""), entered_at__gt=since).count()


def _count_shared(since: dt.datetime, now: dt.datetime) -> int:
    """The most payees of one number among the accounts that wait or are in their cool-off."""
    changed = PayeeAccount.objects.filter(~Q(doubt=""), Q(usable_from=None) | Q(usable_from__gt=now), stopped_at=None)
    # Each payee has one such account at most.
    numbers = changed.values("number_hash").annotate(payees=Count("pk"), newest=Max("entered_at"))
    return max(numbers.filter(newest__gt=since, payees__gt=1).values_list("payees", flat=True), default=0)


def _find_last_lifting(kind: AccountStop.Kind) -> dt.datetime:
    lifted = AccountStop.objects.filter(kind=kind, lifted_at__isnull=False).order_by("-lifted_at", "-pk")
    return lifted.values_list("lifted_at", flat=True).first() or LONG_AGO


def propose_lifting(
    *, stop_id: int, because: str, document_number: str = "", actor: User, now: dt.datetime
) -> Proposal:
    """
    Propose to lift a stop; changed accounts wait until another official confirms it.

    Raises:
        NoReason: `because` is blank.
        NotStopped: it was lifted meanwhile.
        AlreadyProposed: the same is proposed already.
    """
    stop = AccountStop.objects.filter(pk=stop_id, lifted_at=None).first()
    if stop is None:
        raise NotStopped(_("This stop was lifted meanwhile."))
    return propose(
        kind="account_stop",
        subject_id=stop.pk,
        subject_name=str(stop),
        after={"state": "lifted"},
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


ACCOUNT_STOP = Kind(
    name="account_stop",
    title=gettext_lazy("stop of changed accounts"),
    reads="companies.view_accountstop",
    decides="companies.change_accountstop",
    terms=(
        Term(
            "kind", gettext_lazy("what was seen"), lambda value: str(dict(AccountStop.Kind.choices).get(value, value))
        ),
        Term("accounts", gettext_lazy("accounts")),
        Term("state", gettext_lazy("state"), lambda value: str(_STATES.get(value, value))),
    ),
    url_name="admin:companies_accountstop_change",
    consequences=lambda _proposal: [
        _("Changed accounts that were confirmed are paid again when their cool-off is over.")
    ],
)
