"""The kinds of proposals about a firm that broke a commitment: fraud, a fine, a ban, and the end of a ban."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from payouts.ledger.blacklist import describe_other_entries
from payouts.models import Blacklisting, HearingNotice
from payouts.recovery.allegation import BAN_KIND, FINE_KIND, FRAUD_KIND, LIFTING_KIND
from payouts.recovery.penalties import list_lifting_refusals, list_refusals
from qinqing.proposals.kinds import Fact, Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_day, describe_yuan


def _describe_yes(value: bool) -> str:  # noqa: FBT001 - a value of the proposal
    return _("yes") if value else _("no")


def list_hearing(proposal: Proposal) -> Iterator[Fact]:
    """The notice of a proposal and the firm's answer, for whoever decides."""
    notice = HearingNotice.objects.filter(proposal=proposal).select_related("answer__answered_by").first()
    if notice is None:
        yield Fact(_("notice to the firm"), _("The firm was given no notice, so this cannot be confirmed."))
        return
    yield Fact(_("notice to the firm"), describe_notice(notice))
    if answer := getattr(notice, "answer", None):
        told = {"person": answer.answered_by, "at": date_format(localdate(answer.answered_at))}
        yield Fact(_("answered by"), _("%(person)s on %(at)s") % told)
        if answer.is_waiver:
            yield Fact(_("the firm’s answer"), _("The firm waives its answer."))
        if answer.text:
            yield Fact(_("the firm’s answer"), answer.text)


def describe_notice(notice: HearingNotice) -> str:
    """Say when a notice was given, and how long the hearing goes on."""
    days = {"given": date_format(localdate(notice.given_at)), "until": date_format(notice.answer_until)}
    if hasattr(notice, "answer"):
        return _("Given on %(given)s; the firm has answered.") % days
    if localdate(timezone.now()) > notice.answer_until:
        return _("Given on %(given)s; the firm could answer until %(until)s and did not.") % days
    return _("Given on %(given)s; the firm may answer until %(until)s. Until then it cannot be confirmed.") % days


def _describe_hearing(proposal: Proposal) -> list[str]:
    return [f"{fact.label}: {fact.text}" for fact in list_hearing(proposal)]


def _describe_fraud(proposal: Proposal) -> list[str]:
    return [*_describe_hearing(proposal), _("Fraud is the ground of a fine and a ban; each is proposed by itself.")]


def _describe_fine(proposal: Proposal) -> list[str]:
    return [*_describe_hearing(proposal), _("The fine is demanded with the money, and goes to the treasury.")]


def _describe_ban(proposal: Proposal) -> list[str]:
    return [*_describe_hearing(proposal), _("The firm may claim nothing on these days; what it claimed before stays.")]


def _describe_lifting(proposal: Proposal) -> list[str]:
    listed = Blacklisting.objects.select_related("company", "recovery").get(pk=proposal.subject_id)
    on = localdate(timezone.now())
    still = describe_other_entries(company=listed.company, besides=listed.recovery, on=on)
    return [still or _("The firm may claim again from this moment.")]


_DEMANDED = Term("demanded", gettext_lazy("amount demanded"), describe_yuan)
_BEGINS_ON = Term("begins_on", pgettext_lazy("day", "from"), describe_day)
_ENDS_ON = Term("ends_on", gettext_lazy("until"), describe_day)

FRAUD = Kind(
    name=FRAUD_KIND,
    title=gettext_lazy("finding of fraud"),
    reads="payouts.view_fraudfinding",
    decides="payouts.change_fraudfinding",
    terms=(
        _DEMANDED,
        Term("demanded_because", gettext_lazy("reason of the demand")),
        Term("is_fraud", gettext_lazy("it was fraud"), _describe_yes),
    ),
    url_name="admin:payouts_recovery_change",
    consequences=_describe_fraud,
    facts=list_hearing,
    refusals=list_refusals,
)

FINE = Kind(
    name=FINE_KIND,
    title=pgettext_lazy("penalty", "fine"),
    reads="payouts.view_fine",
    decides="payouts.change_fine",
    terms=(
        _DEMANDED,
        Term("percentage", gettext_lazy("fine (%)")),
        Term("fine_cny", pgettext_lazy("penalty", "fine"), describe_yuan),
    ),
    url_name="admin:payouts_recovery_change",
    consequences=_describe_fine,
    facts=list_hearing,
    refusals=list_refusals,
)

BAN = Kind(
    name=BAN_KIND,
    title=gettext_lazy("ban from claiming"),
    reads="payouts.view_blacklisting",
    decides="payouts.change_blacklisting",
    terms=(_DEMANDED, _BEGINS_ON, _ENDS_ON),
    url_name="admin:payouts_recovery_change",
    consequences=_describe_ban,
    facts=list_hearing,
    refusals=list_refusals,
)

LIFT_BAN = Kind(
    name=LIFTING_KIND,
    title=gettext_lazy("end of a ban from claiming"),
    reads="payouts.view_blacklisting",
    decides="payouts.change_blacklisting",
    terms=(_BEGINS_ON, _ENDS_ON, Term("is_lifted", gettext_lazy("may claim again"), _describe_yes)),
    url_name="admin:payouts_blacklisting_change",
    consequences=_describe_lifting,
    refusals=list_lifting_refusals,
)
