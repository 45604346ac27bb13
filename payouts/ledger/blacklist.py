"""Blacklisted firms, and the sentences that tell them until when they cannot claim."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.models import Company
from payouts.models import Blacklisting, Recovery
from payouts.models.audit.recovery import APPEALS_PER_RECOVERY


def find_blacklistings(*, on: date) -> QuerySet[Blacklisting]:
    """Find the blacklist entries that keep firms from claiming on that day."""
    return Blacklisting.objects.filter(pk__in=RawSQL("SELECT id FROM payouts_blacklisted_on(%s)", [on]))


def describe_other_entries(*, company: Company, besides: Recovery, on: date) -> str:
    """Say until when other demands than `besides` keep the firm blacklisted; empty if none does."""
    others = find_blacklistings(on=on).filter(company=company).exclude(recovery=besides)
    until = _find_last_day(others)
    return _("The firm is still on the list until %(day)s.") % {"day": date_format(until)} if until else ""


def describe_blacklisting(*, company_id: int, on: date) -> str:
    """Tell a firm that it cannot claim on that day, and until when; empty if the firm is not blacklisted."""
    entries = find_blacklistings(on=on).filter(company=company_id)
    until = _find_last_day(entries)
    if until is None:
        return ""
    sentence = (
        _("This firm broke the commitment of an earlier claim, so it cannot claim until %(day)s. It may appeal.")
        if _may_appeal(entries)
        else _("This firm broke the commitment of an earlier claim, so it cannot claim until %(day)s.")
    )
    return sentence % {"day": date_format(until)}


def _find_last_day(entries: QuerySet[Blacklisting]) -> date | None:
    return entries.order_by("-ends_on", "pk").values_list("ends_on", flat=True).first()


def _may_appeal(entries: QuerySet[Blacklisting]) -> bool:
    """Whether the firm can now appeal against a demand behind one of these entries."""
    demands = Recovery.objects.filter(ended_as="", blacklisting__in=entries).annotate(
        filed=Count("appeals"), waiting=Count("appeals", filter=Q(appeals__is_upheld=None))
    )
    return demands.filter(filed__lt=APPEALS_PER_RECOVERY, waiting=0).exists()
