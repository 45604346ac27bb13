"""The admin of batches: their steps from opening to closing, and their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from companies.people.scope import scope_of
from payouts.batch_states import WITH_THE_BANK, BatchStatus, Duty
from payouts.batches.admin.batch_files import BatchFilesPage
from payouts.batches.admin.batch_lines import BatchLinesPage
from payouts.batches.assemble import discard_batch, extend_batch, open_batch, seal_batch
from payouts.batches.forms import ControlSumForm, DeclarationForm, make_layout_form
from payouts.batches.lines import are_sums_hidden
from payouts.batches.queries import count_lines_by_status, count_replaced_accounts, find_waiting_funds, sum_lines
from payouts.batches.release import approve_batch, check_control_sum, close_batch, reject_batch, release_batch
from payouts.batches.seal import seal_sent_instructions
from payouts.batches.transition import may_move_batch
from payouts.desk import ReadOnlyAdmin, ReasonForm, table
from payouts.models import Bank, Batch, Fund
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import number
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin

COLOURS = Colours(
    {
        BatchStatus.OPEN: "info",
        BatchStatus.SEALED: "warning",
        BatchStatus.APPROVED: "warning",
        BatchStatus.EXPORTED: "info",
        BatchStatus.RECONCILED: "success",
        BatchStatus.CLOSED: "success",
        BatchStatus.REJECTED: "danger",
        BatchStatus.DISCARDED: "danger",
    }
)


@admin.register(Batch)
class BatchAdmin(BatchFilesPage, BatchLinesPage, ReadOnlyAdmin):
    """Batches of instructions, with their status."""

    list_display = ("message_id", "policy", "bank_shown", "status_shown", "line_count", "control_sum", "overdue")
    list_filter = (WaitsForYou, "status", "channel", "bank")
    list_select_related = ("fund__version__policy", "bank")
    search_fields = ("=message_id",)
    search_help_text = gettext_lazy("Message id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("message_id", "status"),
                    ("policy", "bank_shown"),
                    ("payer_name", "payer_account"),
                    ("holds", "overdue"),
                )
            },
        ),
        (gettext_lazy("Its way"), {"fields": ("people", "handed_over", "answers")}),
        (gettext_lazy("Seal"), {"fields": ("sha256",)}),
    )
    readonly_fields = ("policy", "bank_shown", "control_sum", "holds", "people", "handed_over", "answers", "overdue")
    actions_list = ("collect", "seal_sent")
    actions_detail = (
        "collect_again",
        "seal",
        "discard",
        "lines",
        "approve",
        "reject",
        "release",
        "files",
        "change_layout",
        "close",
    )

    @admin.display(description=gettext_lazy("policy"))
    def policy(self, batch: Batch) -> str:
        """The version that the batch pays."""
        return str(batch.fund.version)

    @admin.display(description=gettext_lazy("paying bank"))
    def bank_shown(self, batch: Batch) -> str:
        """The bank and the channel of the batch."""
        return f"{batch.bank or '—'} · {batch.get_channel_display()}"

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def status_shown(self, batch: Batch) -> Labelled:
        """The status as a coloured label."""
        return Labelled(batch.status, batch.get_status_display())

    @admin.display(description=gettext_lazy("control sum"), ordering="control_sum_cny")
    def control_sum(self, batch: Batch) -> str:
        """The sum of the batch's lines, once they are fixed."""
        if batch.control_sum_cny is None or are_sums_hidden(batch=batch):
            return "—"
        return yuan(batch.control_sum_cny)

    @display(description=gettext_lazy("answer due"), label=Colours({"late": "danger"}))
    def overdue(self, batch: Batch) -> Labelled | str:
        """The day by which the bank should have answered."""
        if batch.answer_due_on is None or batch.status != BatchStatus.EXPORTED:
            return "—"
        day = str(localize(batch.answer_due_on))
        return Labelled("late", day) if batch.answer_due_on < localdate() else day

    @admin.display(description=gettext_lazy("holds"))
    def holds(self, batch: Batch) -> str:
        """The number and the sum of the lines; for an open batch, of those that a seal would fix now."""
        return describe_lines(batch)

    @admin.display(description=gettext_lazy("people"))
    def people(self, batch: Batch) -> SafeString:
        """The steps of the batch, with persons and times."""
        ended = batch.get_status_display() if batch.rejected_at else ""
        steps = (
            (_("opened"), batch.opened_by, batch.opened_at, ""),
            (_("sealed"), batch.sealed_by, batch.sealed_at, ""),
            (pgettext("batch", "approved"), batch.approved_by, batch.approved_at, ""),
            (_("released"), batch.released_by, batch.released_at, ""),
            (_("answered in full"), None, batch.reconciled_at, ""),
            (pgettext("batch", "closed"), batch.closed_by, batch.closed_at, ""),
            (ended, batch.rejected_by, batch.rejected_at, batch.rejected_because),
        )
        rows = ((step, person or "—", localize(localtime(at)), why) for step, person, at, why in steps if at)
        return table((_("step"), _("by"), _("at"), _("reason")), rows)

    @admin.display(description=gettext_lazy("answers"))
    def answers(self, batch: Batch) -> SafeString | str:
        """The statuses of the batch's payouts."""
        if batch.status not in WITH_THE_BANK:
            return "—"
        rows = (
            (each.status.label, number_format(each.count), yuan(each.total_cny))
            for each in count_lines_by_status(batch=batch)
        )
        return table((_("status"), _("lines"), _("amount")), rows)

    def has_seal_sent_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance of the city seals instructions that went over an interface, whichever fund they are of."""
        return self.may(request, "add") and scope_of(request.user).is_whole

    def has_collect_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance collects payouts for files."""
        return self.may(request, "add")

    def has_make_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance makes an open batch."""
        return self.may(request, "add") and self._may_move(request, object_id, Duty.MAKER, BatchStatus.SEALED)

    def has_check_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever has the right to check; the database refuses the maker of the batch."""
        return self.may(request, "check") and self._may_move(request, object_id, Duty.CHECKER, BatchStatus.APPROVED)

    def has_reject_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever may check may reject until the release."""
        return self.may(request, "check") and self._may_move(request, object_id, Duty.CHECKER, BatchStatus.REJECTED)

    def has_release_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever has the right to release."""
        return self.may(request, "release") and self._may_move(request, object_id, Duty.RELEASER, BatchStatus.EXPORTED)

    def has_close_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever has the right to close."""
        return self.may(request, "close") and self._may_move(request, object_id, Duty.CLOSER, BatchStatus.CLOSED)

    def _may_move(self, request: HttpRequest, object_id: int | str | None, duty: Duty, after: BatchStatus) -> bool:
        """Whether the machine lets somebody with this duty move the batch to `after`."""
        if object_id is None or is_pressed(request):
            return True
        status = Batch.objects.filter(pk=object_id).values_list("status", flat=True).first()
        return status is not None and may_move_batch(before=status, after=after, duty=duty)

    @action(description=gettext_lazy("Seal what was sent"), url_path="seal-sent", permissions=["seal_sent"])
    def seal_sent(self, request: HttpRequest) -> HttpResponse:
        """Seal every instruction that went over an interface and stands in no batch."""

        def run(_given: dict[str, Any]) -> str:
            sealed = len(seal_sent_instructions(actor=signed_in(request), now=timezone.now()))
            if not sealed:
                return _("There was nothing to seal.")
            return ngettext("%(count)s batch was sealed.", "%(count)s batches were sealed.", sealed) % {"count": sealed}

        step = Step(
            verb=_("Seal what was sent"),
            consequences=[
                _("Every instruction that is with the bank or was paid, and stands in no batch, is sealed."),
                _("A sealed batch never changes: neither its lines nor their sum."),
            ],
            run=run,
            back=reverse("admin:payouts_batch_changelist"),
            is_confirmed=request.method == "POST",
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Collect for files"), url_path="collect", permissions=["collect"])
    def collect(self, request: HttpRequest) -> HttpResponse:
        """Show the funds whose approved payouts wait for a file; a POST opens the batch of one."""
        if request.method == "POST":
            fund = get_object_or_404(Fund, pk=number(request.POST.get("fund", "")))
            try:
                batch = open_batch(fund=fund, actor=signed_in(request), now=timezone.now())
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:payouts_batch_collect")
            self.log_change(request, batch, _("Open a batch"))
            return redirect("admin:payouts_batch_change", batch.pk)
        rows = [(each, yuan(each.total_cny)) for each in find_waiting_funds(user=signed_in(request))]
        back = reverse("admin:payouts_batch_changelist")
        return self.page(request, "admin/payouts/collect.html", _("Collect for files"), {"rows": rows, "back": back})

    @action(description=gettext_lazy("Collect up to now"), url_path="collect-again", permissions=["make"])
    def collect_again(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make an open batch collect the payouts that were approved since."""

        def run(batch: Batch, _given: dict[str, Any]) -> str:
            extend_batch(batch=batch, now=timezone.now())
            return _("%(batch)s: %(holds)s") % {"batch": batch, "holds": describe_lines(batch)}

        return self._confirm_step(
            request, object_id, _("Collect up to now"), [_("What was approved since joins it.")], run
        )

    @action(description=gettext_lazy("Seal"), url_path="seal", permissions=["make"])
    def seal(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Seal an open batch with the declared count and sum."""

        def run(batch: Batch, given: dict[str, Any]) -> str:
            seal_batch(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is sealed; somebody else has to check it now.") % {"batch": batch}

        consequences = [
            _("Type count and sum from your own papers; they have to be those of the database."),
            _("From now on its lines never change, and none of its payouts can be cancelled."),
            _("Somebody else has to check it."),
        ]
        return self._confirm_step(request, object_id, _("Seal"), consequences, run, form=DeclarationForm)

    @action(description=gettext_lazy("Discard"), url_path="discard", permissions=["make"])
    def discard(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Discard an open batch."""

        def run(batch: Batch, given: dict[str, Any]) -> str:
            discard_batch(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is discarded; its payouts wait for another one.") % {"batch": batch}

        consequences = [_("What it collected waits for another batch.")]
        return self._confirm_step(request, object_id, _("Discard"), consequences, run, form=ReasonForm)

    @action(description=gettext_lazy("Approve"), url_path="approve", permissions=["check"])
    @require_fresh_second_factor_in_admin
    def approve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Have the checker type the control sum; then, with the sums before her, approve the batch."""
        if not Batch.objects.filter(pk=object_id, checked_by=signed_in(request)).exists():
            return self._check_sum(request, object_id)

        def run(batch: Batch, _given: dict[str, Any]) -> str:
            approve_batch(batch=batch, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is approved; a third person has to release it.") % {"batch": batch}

        consequences = [
            *_warn_of_replaced_accounts(object_id),
            _("You confirm that count, sum and lines are right. You cannot release the batch yourself."),
        ]
        return self._confirm_step(request, object_id, _("Approve"), consequences, run)

    def _check_sum(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def run(batch: Batch, given: dict[str, Any]) -> str:
            check_control_sum(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            return _("The sum is that of the sealed lines. Look at the lines and the sums, then approve the batch.")

        consequences = [
            *_warn_of_replaced_accounts(object_id),
            _("Type the control sum from your own papers; no page shows it before."),
            _("Look at the lines: payees, changed and shared accounts, and what differs from the last batch."),
        ]
        return self._confirm_step(request, object_id, _("Approve"), consequences, run, form=ControlSumForm)

    @action(description=gettext_lazy("Reject the batch"), url_path="reject", permissions=["reject"])
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Reject a batch that the bank has not seen."""

        def run(batch: Batch, given: dict[str, Any]) -> str:
            reject_batch(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is rejected; its payouts are collected again.") % {"batch": batch}

        consequences = [_("Its payouts stay approved and are collected again, under new instructions.")]
        return self._confirm_step(request, object_id, _("Reject the batch"), consequences, run, form=ReasonForm)

    @action(description=gettext_lazy("Release to the bank"), url_path="release", permissions=["release"])
    @require_fresh_second_factor_in_admin
    def release(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Release an approved batch to its bank."""

        def run(batch: Batch, given: dict[str, Any]) -> str:
            release_batch(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is released; take its files to the bank.") % {"batch": batch}

        consequences = [
            *_warn_of_replaced_accounts(object_id),
            _("Its payouts count as sent from now on, and its file can be downloaded, in this layout alone."),
            _("This cannot be taken back: the bank may pay any minute."),
        ]
        bank = Bank.objects.filter(batches=object_id).select_related("template").first()
        form = make_layout_form(bank, has_reason=False)
        return self._confirm_step(request, object_id, _("Release to the bank"), consequences, run, form=form)

    @action(description=gettext_lazy("Close the batch"), url_path="close", permissions=["close"])
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Close a batch that the bank has answered in full."""

        def run(batch: Batch, _given: dict[str, Any]) -> str:
            close_batch(batch=batch, actor=signed_in(request), now=timezone.now())
            return _("%(batch)s is closed.") % {"batch": batch}

        return self._confirm_step(request, object_id, _("Close the batch"), [_("Every line of it is answered.")], run)

    @action(description=gettext_lazy("Files"), url_path="files", permissions=["files"])
    def files(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show the batch's files; a POST downloads some, which is recorded."""
        return self.files_page(request, object_id)

    def _confirm_step(
        self,
        request: HttpRequest,
        object_id: int,
        verb: str,
        consequences: list[str],
        run: Callable[[Batch, dict[str, Any]], str],
        form: type = NoForm,
    ) -> HttpResponse:
        batch = get_object_or_404(Batch.objects.select_related("fund__version__policy", "bank"), pk=object_id)

        def run_and_log(given: dict[str, Any]) -> str:
            done = run(batch, given)
            self.log_change(request, batch, verb)
            return done

        # The page hides count and sum at the seal, so that the maker declares them from her own papers.
        shown = [] if form in (DeclarationForm, ControlSumForm) else [describe_lines(batch)]
        step = Step(
            verb=verb,
            consequences=[
                f"{batch} · {self.policy(batch)} · {self.bank_shown(batch)}",
                *shown,
                *consequences,
            ],
            run=run_and_log,
            back=reverse("admin:payouts_batch_change", args=[batch.pk]),
            is_confirmed=request.method == "POST",
            form=form,
        )
        return self.confirmed(request, step)


def _warn_of_replaced_accounts(batch_id: int) -> list[str]:
    """Warn checker and releaser if payees replaced accounts after the seal."""
    count = count_replaced_accounts(batch_id=batch_id)
    words = ngettext(
        "%(count)s line goes to an account that its payee has replaced since. If the batch is rejected, the next one"
        " goes to the account in use.",
        "%(count)s lines go to accounts that their payees have replaced since. If the batch is rejected, the next one"
        " goes to the accounts in use.",
        count,
    )
    return [words % {"count": number_format(count, force_grouping=True)}] if count else []


def describe_lines(batch: Batch) -> str:
    """Describe the number of the batch's lines, and their sum unless the checker has still to type it."""
    found = sum_lines(batch=batch)
    if are_sums_hidden(batch=batch):
        words = ngettext("%(count)s line", "%(count)s lines", found.count)
        return words % {"count": number_format(found.count, force_grouping=True)}
    words = ngettext("%(count)s line of %(total)s", "%(count)s lines of %(total)s in all", found.count)
    return words % {"count": number_format(found.count, force_grouping=True), "total": yuan(found.total_cny)}
