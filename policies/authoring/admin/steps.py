"""The moves of a version: each has a page that tells the consequences, and acts by POST."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from policies.authoring.admin.version_pages import VersionPages, get_version, version_address
from policies.authoring.draft import copy_version
from policies.authoring.lift import find_lifting, list_consequences, propose_lifting
from policies.authoring.publish import close_version, match_version_again
from policies.authoring.review import send_version_back, submit_version, take_version_back
from policies.authoring.suspend import suspend_version
from policies.deadlines.admin.endings import closing_consequences, successor_sentences
from policies.models import PolicyVersion, Suspension
from policies.rules.storage import changed_in_library
from policies.states import VersionStatus, sources
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Outcome, Step, StepPages, make_reason_form
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin

S = VersionStatus


class LifePages(VersionPages, StepPages):
    """A mixin of the versions' admin: a page for each move of a version."""

    def has_submit_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may write policies can submit a draft."""
        return self._may_move(request, object_id, S.SUBMITTED)

    def has_review_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may write policies can open the review; the operation refuses the version's own authors."""
        return self._may_move(request, object_id, S.SCHEDULED)

    def has_send_back_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who did not write or submit the version can send it back; its authors take it back instead."""
        return self._may_move(request, object_id, S.DRAFT) and not self._is_author(request, object_id)

    def has_take_back_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An author of the version can take it back and go on writing."""
        may = self._may_move(request, object_id, S.DRAFT)
        return may and (object_id is None or self._is_author(request, object_id))

    def _is_author(self, request: HttpRequest, object_id: int | str | None) -> bool:
        version = PolicyVersion.objects.filter(pk=object_id).first() if object_id is not None else None
        return version is not None and signed_in(request).pk in version.author_ids

    def has_suspend_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may write policies can suspend a version."""
        return self._may_move(request, object_id, S.SUSPENDED)

    def has_lift_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer proposes to lift a suspension, also that of a version that was closed meanwhile, once."""
        if object_id is None or is_pressed(request):
            return self._may_write(request)
        stopped = PolicyVersion.objects.filter(pk=object_id, suspensions__isnull=False, suspensions__lifted_at=None)
        version = stopped.first()
        return self._may_write(request) and version is not None and find_lifting(version) is None

    def has_close_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may write policies can close a version."""
        return self._may_move(request, object_id, S.CLOSED)

    def has_match_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can ask for another run of a published version."""
        return self._may_write(request) and _has_status(request, object_id, S.PUBLISHED)

    def has_copy_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may write a draft can start it from another version."""
        return bool(self.has_add_permission(request))

    def _may_move(self, request: HttpRequest, object_id: int | str | None, after: VersionStatus) -> bool:
        """
        Whether the officer may write policies, and the table of moves has a move from the version's status to `after`.
        """
        return self._may_write(request) and _has_status(request, object_id, *sources(after))

    def _may_write(self, request: HttpRequest) -> bool:
        return request.user.has_perm("policies.change_policyversion")

    @action(description=gettext_lazy("Submit for review"), url_path="submit", permissions=["submit"])
    def submit(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Submit a draft to a second officer."""
        version, now = get_version(object_id), timezone.now()
        return self.confirm_step(
            request,
            version,
            verb=_("Submit for review"),
            consequences=[
                _("Another officer reads it and publishes it, or sends it back with a reason."),
                _("Until then not a word of it can be changed; you can take it back."),
                *(
                    []
                    if version.examples.exists()
                    else [_("It has no example yet: nothing shows that it pays what is meant.")]
                ),
            ],
            run=lambda: submit_version(version=version, actor=signed_in(request), now=now),
            done=_("%(version)s waits for another officer.") % {"version": version},
        )

    @action(description=gettext_lazy("Send back"), url_path="send-back", permissions=["send_back"])
    def send_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make a submitted version a draft again, with a reason for its authors."""
        version, now = get_version(object_id), timezone.now()
        return self.confirm_step(
            request,
            version,
            verb=_("Send back"),
            consequences=[_("It becomes a draft again; whoever wrote it reads your reason here.")],
            form=make_reason_form(_("What has to change?")),
            run=lambda because: send_version_back(version=version, actor=signed_in(request), because=because, now=now),
            done=_("%(version)s is a draft again.") % {"version": version},
        )

    @action(description=gettext_lazy("Take back"), url_path="take-back", permissions=["take_back"])
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make one's own submitted version a draft again."""
        version, now = get_version(object_id), timezone.now()
        return self.confirm_step(
            request,
            version,
            verb=_("Take back"),
            consequences=[_("It becomes a draft again and can be written in; nobody reviews it until then.")],
            run=lambda: take_version_back(version=version, actor=signed_in(request), now=now),
            done=_("%(version)s is a draft again.") % {"version": version},
        )

    @action(description=gettext_lazy("Suspend"), url_path="suspend", permissions=["suspend"])
    def suspend(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Suspend a version in force."""
        version, now = get_version(object_id), timezone.now()

        def run(because: str) -> PolicyVersion:
            suspend_version(version=version, actor=signed_in(request), reason=because, now=now)
            return version

        return self.confirm_step(
            request,
            version,
            verb=_("Suspend"),
            consequences=[
                _("Nobody can claim under it, and nothing that was claimed is sent to the bank."),
                *successor_sentences(version),
                _("Firms read your reason. Nothing lapses meanwhile."),
                _("Two people lift the suspension: one proposes it, another confirms it."),
            ],
            form=make_reason_form(_("Why is it stopped?")),
            run=run,
            done=_("%(version)s is suspended.") % {"version": version},
        )

    @action(description=gettext_lazy("Propose to lift it"), url_path="lift", permissions=["lift"])
    @require_fresh_second_factor_in_admin
    def lift(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to lift the suspension of a version."""
        version, now = get_version(object_id), timezone.now()
        suspension = version.suspensions.filter(lifted_at=None).first()

        def run(because: str) -> PolicyVersion:
            propose_lifting(version=version, actor=signed_in(request), because=because, now=now)
            return version

        return self.confirm_step(
            request,
            version,
            verb=_("Propose to lift it"),
            consequences=[
                *([_suspended_since(suspension)] if suspension else []),
                _("A colleague has to confirm it; until then everything stays stopped."),
                *list_consequences(version),
            ],
            form=make_reason_form(_("What was found, and why may it go on?")),
            run=run,
            done=_("A colleague has to confirm that %(version)s goes on.") % {"version": version},
        )

    @action(description=gettext_lazy("Close this version"), url_path="close", permissions=["close"])
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Close a version."""
        version, now = get_version(object_id), timezone.now()
        return self.confirm_step(
            request,
            version,
            verb=_("Close this version"),
            consequences=list(closing_consequences(version)),
            form=make_reason_form(_("Why is it closed?")),
            run=lambda because: close_version(
                version=version,
                actor=signed_in(request),
                now=now,
                because=because,
                seen_as=request.POST.get("seen_as"),
            ),
            done=_("%(version)s is closed.") % {"version": version},
            hidden=[("seen_as", version.status)],
        )

    @action(description=gettext_lazy("Match again"), url_path="match-again", permissions=["match"])
    def match_again(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for another run of the version over the whole city."""
        version, now = get_version(object_id), timezone.now()

        def run() -> PolicyVersion:
            match_version_again(version=version, now=now)
            return version

        return self.confirm_step(
            request,
            version,
            verb=_("Match again"),
            consequences=[_("The whole city is decided again by the facts of today; what was claimed stays.")],
            run=run,
            done=_("Matching of %(version)s has begun.") % {"version": version},
        )

    @action(description=gettext_lazy("New version from this one"), url_path="copy", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Write a new draft with the content of this version."""
        version = get_version(object_id)
        return self.confirm_step(
            request,
            version,
            verb=_("New version from this one"),
            consequences=[
                _("A draft with the same words is written; this version stays as it is."),
                *_say_library_changes(version),
            ],
            run=lambda: copy_version(version=version, actor=signed_in(request)),
            done=_("This is a new draft."),
        )

    def confirm_step(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        *,
        verb: str,
        consequences: Sequence[str],
        run: Callable[..., PolicyVersion],
        done: str,
        form: type[forms.Form] = NoForm,
        hidden: Sequence[tuple[str, str]] = (),
    ) -> HttpResponse:
        """Ask the officer to confirm a step of the version; `run` returns the version that it moved or wrote."""
        step = Step(
            verb=verb,
            consequences=consequences,
            run=lambda given: Outcome(run(**given), done),
            back=version_address(version),
            is_confirmed=request.method == "POST",
            form=form,
            hidden=hidden,
            subject=str(version),
            about=str(version.policy.title),
        )
        return self.confirmed(request, step)


def _has_status(request: HttpRequest, object_id: int | str | None, *statuses: VersionStatus) -> bool:
    """
    Whether the version has one of these statuses. If a button was pressed, True: the operation itself refuses, with a
    reason.
    """
    if object_id is None or is_pressed(request):
        return True
    return PolicyVersion.objects.filter(pk=object_id, status__in=statuses).exists()


def _suspended_since(suspension: Suspension) -> str:
    day = date_format(timezone.localtime(suspension.suspended_at), "DATETIME_FORMAT")
    return _("Suspended on %(day)s: %(reason)s") % {"day": day, "reason": suspension.why}


def _say_library_changes(version: PolicyVersion) -> list[str]:
    changed = changed_in_library(version=version)
    sentence = _("It takes the clauses of the library as they read today; these read otherwise now: %(names)s.")
    return [sentence % {"names": ", ".join(changed)}] if changed else []
