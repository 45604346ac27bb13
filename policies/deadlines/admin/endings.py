"""The consequences of closing a version, which the officer reads before."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.matching.entitlements import unclaimed
from policies.models import PolicyVersion, VersionStatus
from policies.rules.versions import in_force_beside


def closing_consequences(version: PolicyVersion) -> Iterator[str]:
    """The consequences, a sentence each; a scheduled version is only called off."""
    if version.status == VersionStatus.SCHEDULED:
        yield from _say_called_off(version)
    else:
        yield from _say_taken_out(version)
    yield _("A closed version cannot be published again.")


def successor_sentences(version: PolicyVersion) -> Iterator[str]:
    """Say that a scheduled successor comes into force by itself, even if this version is stopped."""
    for successor in version.policy.versions.filter(status=VersionStatus.SCHEDULED):
        if successor.effective_on is not None:
            yield _("%(version)s comes into force on %(day)s all the same; whom it entitles can claim then.") % {
                "version": successor,
                "day": date_format(successor.effective_on),
            }


def _say_called_off(version: PolicyVersion) -> Iterator[str]:
    yield _("It does not come into force; nobody has anything by it yet.")
    if in_force := in_force_beside(version=version):
        yield _("%(version)s stays in force.") % {"version": in_force}


def _say_taken_out(version: PolicyVersion) -> Iterator[str]:
    coming = list(successor_sentences(version))
    count, total_cny = unclaimed(version=version)
    yield _lapse_sentence(count, is_for_good=not coming) % {
        "count": number_format(count, force_grouping=True),
        "total": number_format(total_cny, decimal_pos=2, force_grouping=True),
    }
    yield from coming
    yield _("What was claimed is paid all the same; under a suspension it waits until that is lifted.")
    yield _("Firms read your reason.")


def _lapse_sentence(count: int, *, is_for_good: bool) -> str:
    if is_for_good:
        return ngettext(
            "%(count)s entitlement that nobody has claimed lapses for good: ¥%(total)s.",
            "%(count)s entitlements that nobody has claimed lapse for good: ¥%(total)s in all.",
            count,
        )
    return ngettext(
        "%(count)s entitlement that nobody has claimed lapses: ¥%(total)s.",
        "%(count)s entitlements that nobody has claimed lapse: ¥%(total)s in all.",
        count,
    )
