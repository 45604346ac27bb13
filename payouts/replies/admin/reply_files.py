"""The admin of reply files, which a person uploads, checks and applies, and of the rows that wait for a person."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.batches.forms import MatchForm, UploadForm
from payouts.desk import ReadOnlyAdmin, ReasonForm, table
from payouts.formats.replies.answer import UnreadableReply
from payouts.models import ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.banks.reply_file import FOR_A_PERSON
from payouts.replies.apply_file import propose_application, propose_match, set_line_aside
from payouts.replies.files import read_reply, upload_reply, withdraw_reply_file
from payouts.replies.queries import VerdictCount, count_verdicts, find_waiting_lines, list_first_lines
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

# The request itself reads files up to this size, while the person waits; a worker reads larger ones.
LARGEST_IMMEDIATE_BYTES = 2_000_000
COLOURS = Colours(
    {
        ReplyFileStatus.UPLOADED: "info",
        ReplyFileStatus.READ: "warning",
        ReplyFileStatus.APPLIED: "success",
        ReplyFileStatus.REFUSED: "danger",
    }
)
VERDICT_COLOURS = Colours(
    {
        Verdict.NEWS: "success",
        Verdict.CONTRADICTS: "danger",
        **dict.fromkeys(FOR_A_PERSON, "warning"),
    }
)


@admin.register(ReplyFile)
class ReplyFileAdmin(ReadOnlyAdmin):
    """The files in which banks replied, and what became of each."""

    list_display = ("name", "bank", "kind", "status_shown", "row_count", "uploaded_at", "uploaded_by")
    list_filter = ("status", "kind", "bank")
    list_select_related = ("bank", "uploaded_by")
    search_fields = ("=message_id", "name")
    fieldsets = (
        (None, {"fields": (("name", "status"), ("kind", "bank"), "message_id", "refused_for")}),
        (gettext_lazy("What it changes"), {"fields": ("changes", "samples")}),
        (
            gettext_lazy("Belongs to"),
            {"fields": (("uploaded_at", "uploaded_by"), ("applied_at", "applied_by"), "sha256")},
        ),
    )
    readonly_fields = ("refused_for", "changes", "samples")
    change_form_outer_before_template = "admin/payouts/being_read.html"
    actions_list = ("upload",)
    actions_detail = ("apply", "withdraw")

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def status_shown(self, file: ReplyFile) -> Labelled:
        """The status as a coloured label."""
        return Labelled(file.status, file.get_status_display())

    @admin.display(description=gettext_lazy("refusal"))
    def refused_for(self, file: ReplyFile) -> str:
        """Why the file was refused."""
        return str(file.why) or "—"

    @admin.display(description=gettext_lazy("rows by what they mean"))
    def changes(self, file: ReplyFile) -> SafeString | str:
        """The number and the sum of the rows of each verdict and outcome."""
        rows = [_make_row(each) for each in count_verdicts(file=file)]
        return table((_("meaning"), _("outcome"), _("rows"), _("amount")), rows) if rows else "—"

    @admin.display(description=gettext_lazy("first rows of each"))
    def samples(self, file: ReplyFile) -> SafeString | str:
        """The first rows of each verdict that a person should look at."""
        shown = (*FOR_A_PERSON, Verdict.CONTRADICTS, Verdict.DUPLICATE, Verdict.NEWS)
        rows = [
            (
                line.number,
                line.get_verdict_display(),
                line.end_to_end_id or "—",
                line.said,
                line.reason,
                _amount(line),
            )
            for verdict in shown
            for line in list_first_lines(file=file, verdict=verdict)
        ]
        titles = (_("row"), _("meaning"), _("end-to-end id"), _("the bank’s word"), _("reason"), _("amount"))
        return table(titles, rows) if rows else "—"

    def has_upload_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance uploads files."""
        return self.may(request, "add")

    def has_apply_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance applies a file that was read."""
        return self.may(request, "change") and self._has_status(request, object_id, ReplyFileStatus.READ)

    def has_withdraw_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance sets aside a file that was not applied."""
        waiting = (ReplyFileStatus.READ, ReplyFileStatus.UPLOADED)
        return self.may(request, "change") and self._has_status(request, object_id, *waiting)

    def _has_status(self, request: HttpRequest, object_id: int | str | None, *statuses: ReplyFileStatus) -> bool:
        return (
            object_id is None
            or is_pressed(request)
            or ReplyFile.objects.filter(pk=object_id, status__in=statuses).exists()
        )

    @action(description=gettext_lazy("Bring a reply file"), url_path="upload", permissions=["upload"])
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Upload a file, which has no effect before it is applied."""
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._receive_file(request, form.cleaned_data)
            except UnreadableReply as refusal:
                form.add_error("file", str(refusal))
        back = reverse("admin:payouts_replyfile_changelist")
        answer = self.page(request, "admin/payouts/upload.html", _("Bring a reply file"), {"form": form, "back": back})
        answer.status_code = 422 if form.errors else 200
        return answer

    def _receive_file(self, request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
        content = given["file"]
        file, is_known = upload_reply(
            bank=given["bank"], name=content.name, content=content.file, actor=signed_in(request), now=timezone.now()
        )
        if is_known:
            messages.info(request, _("This very file came before; here is what became of it."))
        elif content.size <= LARGEST_IMMEDIATE_BYTES:
            file = read_reply(file=file)
        if file.status == ReplyFileStatus.REFUSED:
            messages.error(request, str(file.why))
        return redirect("admin:payouts_replyfile_change", file.pk)

    @action(description=gettext_lazy("Apply"), url_path="apply", permissions=["apply"])
    def apply(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to record what the file says, after the page has shown once more what that changes."""
        file = get_object_or_404(ReplyFile, pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_application(file=file, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, file, _("Apply"))
            return _("A colleague who did not bring the file has to confirm that it is applied.")

        step = Step(
            verb=_("Apply"),
            consequences=[
                *map(_describe_count, count_verdicts(file=file)),
                _("Recorded are the rows that change a payout or contradict it; a contradiction moves nothing."),
                _("A colleague confirms it, who neither brought the file nor made the batch."),
            ],
            run=run,
            back=reverse("admin:payouts_replyfile_change", args=[file.pk]),
            is_confirmed=request.method == "POST",
            form=ReasonForm,
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Set aside"), url_path="withdraw", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Set a file aside, which is then never applied."""
        file = get_object_or_404(ReplyFile, pk=object_id)

        def run(_given: dict[str, Any]) -> str:
            withdraw_reply_file(file=file)
            self.log_change(request, file, _("Set aside"))
            return _("%(file)s is set aside.") % {"file": file}

        step = Step(
            verb=_("Set aside"),
            consequences=[_("Nothing of it has an effect. The same file can be brought again.")],
            run=run,
            back=reverse("admin:payouts_replyfile_change", args=[file.pk]),
            is_confirmed=request.method == "POST",
        )
        return self.confirmed(request, step)


@admin.register(ReplyLine)
class ReplyLineAdmin(ReadOnlyAdmin):
    """The rows of applied files that wait for a person, who matches them to instructions or sets them aside."""

    # Only the row's page shows the bank's reference: with it the list would be too wide for a screen.
    list_display = ("number", "file_name", "end_to_end_id", "meaning", "said", "amount", "reason")
    list_filter = ("verdict",)
    list_select_related = ("file",)
    search_fields = ("=end_to_end_id", "=bank_reference")
    fields = (
        *("file_name", "number", "end_to_end_id", "verdict", "said", "outcome", "amount", "bank_reference", "reason"),
        *("instruction", "first_verdict", "decided_at", "decided_by", "decided_because"),
    )
    readonly_fields = ("file_name", "amount")
    actions_detail = ("match", "set_aside")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReplyLine]:
        """The list shows the rows that wait; the page of one row shows it even if somebody has decided it."""
        page = request.resolver_match.url_name if request.resolver_match else ""
        return find_waiting_lines() if page == "payouts_replyline_changelist" else ReplyLine.objects.all()

    @admin.display(description=gettext_lazy("reply file"))
    def file_name(self, line: ReplyLine) -> str:
        """The file of the row."""
        return str(line.file)

    @display(description=gettext_lazy("meaning"), ordering="verdict", label=VERDICT_COLOURS)
    def meaning(self, line: ReplyLine) -> Labelled:
        """The verdict as a coloured label."""
        return Labelled(line.verdict, line.get_verdict_display())

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, line: ReplyLine) -> str:
        """The amount, if the bank gave one."""
        return _amount(line)

    def has_decide_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance decides rows that wait."""
        is_waiting = object_id is None or is_pressed(request) or find_waiting_lines().filter(pk=object_id).exists()
        return bool(request.user.has_perm("payouts.change_replyfile")) and is_waiting

    @action(description=gettext_lazy("Match to an instruction"), url_path="match", permissions=["decide"])
    def match(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose the instruction that the row is about."""
        line = get_object_or_404(ReplyLine.objects.select_related("file"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_match(line=line, **given, actor=signed_in(request), now=timezone.now())
            return _("A colleague who did not bring the file has to confirm the match.")

        consequences = [
            self._describe_line(line),
            _("When a colleague confirms it, what the row says is recorded as the bank’s reply to this instruction."),
        ]
        return self._confirm_decision(request, line, _("Match to an instruction"), consequences, run, MatchForm)

    @action(description=gettext_lazy("Set aside"), url_path="set-aside", permissions=["decide"])
    def set_aside(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Decide that the row has no effect, and why."""
        line = get_object_or_404(ReplyLine, pk=object_id)

        def run(given: dict[str, Any]) -> str:
            set_line_aside(line=line, **given, actor=signed_in(request), now=timezone.now())
            return _("The row is set aside.")

        consequences = [self._describe_line(line), _("Nothing happens; the reason stays with the row.")]
        return self._confirm_decision(request, line, _("Set aside"), consequences, run, ReasonForm)

    def _describe_line(self, line: ReplyLine) -> str:
        return " · ".join(filter(None, (line.end_to_end_id, line.said, self.amount(line), line.reason)))

    def _confirm_decision(
        self, request: HttpRequest, line: ReplyLine, verb: str, consequences: list[str], run: Any, form: type
    ) -> HttpResponse:
        step = Step(
            verb=verb,
            consequences=consequences,
            run=run,
            back=reverse("admin:payouts_replyline_changelist"),
            is_confirmed=request.method == "POST",
            form=form,
        )
        return self.confirmed(request, step)


def _amount(line: ReplyLine) -> str:
    return line.amount_said or (yuan(line.amount_cny) if line.amount_cny is not None else "—")


def _make_row(each: VerdictCount) -> tuple[str, str, str, str]:
    outcome = str(each.outcome.label) if each.outcome else "—"
    amount = "—" if each.total_cny is None else yuan(each.total_cny)
    return str(each.verdict.label), outcome, number_format(each.count, force_grouping=True), amount


def _describe_count(each: VerdictCount) -> str:
    """Describe a count in one line, for the page that asks for confirmation."""
    rows = ngettext("%(count)s row", "%(count)s rows", each.count)
    counted = rows % {"count": number_format(each.count, force_grouping=True)}
    outcome = str(each.outcome.label) if each.outcome else ""
    amount = "" if each.total_cny is None else yuan(each.total_cny)
    return " · ".join(filter(None, (str(each.verdict.label), outcome, counted, amount)))
