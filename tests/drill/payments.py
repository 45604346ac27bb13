"""Attacks on money that leaves in files: one person alone, a second payment, another way."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from tests.drill.stage import FILE_BANK, Batch, Stage, list_ids, wait_for
from tests.drill.visitor import Page

OTHER_BANK = "2"
FIRST_LAYOUT, OTHER_LAYOUT = "pain.001.001.09/", "delimited/"
SENT, REFUSED = "sent to the bank", "refused by the bank"
HAD_A_HAND = "You had a hand in this yourself"
_WORDS_OF_THE_BANK = "业务编号,处理结果,金额,失败原因"
# An id of our own form that we never gave to a payment.
_UNKNOWN_ID = "Q999999999999999A01"


def maker_checks_the_own_batch(stage: Stage) -> bool:
    """The maker of a batch checks it."""
    batch = seal(stage)
    stage.person("finance").post(f"{batch.path}approve/", checked_sum_cny=_plain(batch.total))
    return "sealed, to be checked" in _show(stage, batch)


def checker_reads_the_control_sum(stage: Stage) -> bool:
    """The checker copies the control sum from a page instead of her papers."""
    batch, checker = seal(stage), stage.person("checker")
    pages = [checker.open(f"{batch.path}{page}/") for page in ("change", "lines", "approve")]
    pages.append(checker.open("/admin/payouts/batch/"))
    return all(page.status == 200 for page in pages) and not any(batch.total in page.words for page in pages)


def checker_guesses_the_control_sum(stage: Stage) -> bool:
    """The checker types a sum that is not that of the lines."""
    batch = seal(stage)
    stage.person("checker").submit(f"{batch.path}approve/", checked_sum_cny="0.01")
    return "sealed, to be checked" in _show(stage, batch)


def checker_releases_the_own_batch(stage: Stage) -> bool:
    """Whoever approved a batch releases it."""
    batch = approve(stage)
    stage.person("checker").post(f"{batch.path}release/", layout=FIRST_LAYOUT)
    return "approved, to be released" in _show(stage, batch)


def file_is_taken_in_a_second_layout(stage: Stage) -> bool:
    """One clerk changes the layout of a file that left, so that the bank takes it twice."""
    batch, cashier = release(stage), stage.person("cashier")
    cashier.submit(f"{batch.path}change-layout/", layout=OTHER_LAYOUT, because="the bank wants another one")
    proposal = stage.latest_proposal("cashier")
    stage.confirm("cashier", proposal)
    return stage.is_open(proposal) and "pain.001.001.09" in cashier.open(f"{batch.path}files/").words


def fund_changes_its_bank_while_a_file_is_out(stage: Stage) -> bool:
    """One clerk moves the fund to another channel while the bank may still pay a file of it."""
    release(stage)
    answer = stage.person("clerk").submit(f"{stage.fund}bank/", bank=OTHER_BANK, because="a drill")
    return "on their way" in answer.words and _stays_with_its_bank(stage)


def payout_is_paid_again_while_its_file_is_out(stage: Stage) -> bool:
    """Two clerks have a payout paid again before the bank answered or the file ended."""
    payout = release(stage).payouts[2]
    stage.person("finance").submit(f"/admin/payouts/payout/{payout}/retry/", because="a drill")
    stage.confirm("checker", stage.latest_proposal("finance"))
    return _status(stage, payout) == SENT


def hand_made_reply_is_applied_alone(stage: Stage) -> bool:
    """One clerk brings a reply file of her own making and applies it."""
    _file, proposal = bring_refusals(stage)
    stage.confirm("clerk", proposal)
    return stage.is_open(proposal)


def reply_is_applied_by_the_maker_of_the_batch(stage: Stage) -> bool:
    """Whoever made the batch confirms that its reply file is applied."""
    _file, proposal = bring_refusals(stage)
    stage.confirm("finance", proposal)
    return stage.is_open(proposal)


def payout_is_paid_again_after_a_hand_made_refusal(stage: Stage) -> bool:
    """One clerk has a payout paid again of which only a file says that the bank refused it."""
    payout = apply_refusals(stage)[0]
    stage.person("cashier").submit(f"/admin/payouts/payout/{payout}/retry/", because="a drill")
    proposal = stage.latest_proposal("cashier")
    stage.confirm("cashier", proposal)
    return stage.is_open(proposal) and _status(stage, payout) == REFUSED


def payout_is_paid_again_by_who_brought_the_refusal(stage: Stage) -> bool:
    """The clerk who brought the file has the payout paid again, and a colleague confirms."""
    payout = apply_refusals(stage)[1]
    answer = stage.person("clerk").submit(f"/admin/payouts/payout/{payout}/retry/", because="a drill")
    return HAD_A_HAND in answer.words and _status(stage, payout) == REFUSED


def fund_changes_its_bank_after_a_hand_made_refusal(stage: Stage) -> bool:
    """The fund moves to another channel when only a file says that the bank paid nothing."""
    apply_refusals(stage)
    answer = stage.person("clerk").submit(f"{stage.fund}bank/", bank="", because="a drill")
    return "on their way" in answer.words and _stays_with_its_bank(stage)


def row_of_nobody_is_matched_by_who_brought_it(stage: Stage) -> bool:
    """The clerk who made the file says which payout its stray row pays, and a colleague confirms."""
    answer = _match_stray_row(stage, "clerk")
    return HAD_A_HAND in answer.words and _status(stage, stage.batch.payouts[-1]) == SENT


def row_of_nobody_pays_another_payout(stage: Stage) -> bool:
    """One clerk matches a row that belongs to no payment, and makes a payout paid by it."""
    _match_stray_row(stage, "cashier")
    proposal = stage.latest_proposal("cashier")
    stage.confirm("cashier", proposal)
    return stage.is_open(proposal) and _status(stage, stage.batch.payouts[-1]) == SENT


ATTACKS = (
    maker_checks_the_own_batch,
    checker_reads_the_control_sum,
    checker_guesses_the_control_sum,
    checker_releases_the_own_batch,
    file_is_taken_in_a_second_layout,
    fund_changes_its_bank_while_a_file_is_out,
    payout_is_paid_again_while_its_file_is_out,
    hand_made_reply_is_applied_alone,
    reply_is_applied_by_the_maker_of_the_batch,
    payout_is_paid_again_after_a_hand_made_refusal,
    payout_is_paid_again_by_who_brought_the_refusal,
    fund_changes_its_bank_after_a_hand_made_refusal,
    row_of_nobody_is_matched_by_who_brought_it,
    row_of_nobody_pays_another_payout,
)


@cache
def seal(stage: Stage) -> Batch:
    """The batch, sealed by its maker."""
    batch, maker = stage.batch, stage.person("finance")
    maker.submit(f"{batch.path}seal/", declared_count=batch.count, declared_sum_cny=_plain(batch.total))
    batch.ids = list_ids(maker.open(f"{batch.path}lines/"))
    return batch


@cache
def approve(stage: Stage) -> Batch:
    """The batch, approved by its checker."""
    batch, checker = seal(stage), stage.person("checker")
    checker.submit(f"{batch.path}approve/", checked_sum_cny=_plain(batch.total))
    checker.submit(f"{batch.path}approve/")
    return batch


@cache
def release(stage: Stage) -> Batch:
    """The batch, released to the bank by a third person."""
    batch = approve(stage)
    stage.person("cashier").submit(f"{batch.path}release/", layout=FIRST_LAYOUT)
    return batch


@cache
def bring_refusals(stage: Stage) -> tuple[str, str]:
    """
    A file that a clerk made and proposes to apply.

    It says that two payments were refused, and that one was made of which nobody knows.
    """
    batch, clerk = release(stage), stage.person("clerk")
    refused = [(each, "失败", "账号错误") for each in batch.ids[:2]]
    file = _bring(stage, "made-by-hand.csv", [*refused, (_UNKNOWN_ID, "成功", "")])
    clerk.submit(f"{file}apply/", because="a drill: made by hand")
    return file, stage.latest_proposal("clerk")


@cache
def apply_refusals(stage: Stage) -> list[int]:
    """The payouts that failed by that file, once somebody without a part in it confirmed."""
    _file, proposal = bring_refusals(stage)
    stage.confirm("checker", proposal)
    payouts = release(stage).payouts[:2]
    wait_for(lambda: _open_payout(stage, payouts[1]), lambda page: _read_status(page) == REFUSED)
    return payouts


def _match_stray_row(stage: Stage, username: str) -> Page:
    apply_refusals(stage)
    person = stage.person(username)
    row = person.open("/admin/payouts/replyline/").find(r"/admin/payouts/replyline/(\d+)/change/")
    path = f"/admin/payouts/replyline/{row}/match/"
    return person.submit(path, end_to_end_id=stage.batch.ids[-1], because="a drill")


def _bring(stage: Stage, name: str, rows: list[tuple[str, str, str]]) -> str:
    # Each employee of the policy gets the same.
    amount = Decimal(_plain(stage.batch.total)) / int(stage.batch.count)
    lines = [f"{each},{word},{amount:.2f},{reason}" for each, word, reason in rows]
    content = "\n".join([_WORDS_OF_THE_BANK, *lines, ""]).encode()
    shown = stage.person("clerk").submit(
        "/admin/payouts/replyfile/upload/", bank=FILE_BANK, files={"file": (name, content)}
    )
    return shown.path.removesuffix("change/")


def _show(stage: Stage, batch: Batch) -> str:
    return stage.person("auditor").open(f"{batch.path}change/").words


def _stays_with_its_bank(stage: Stage) -> bool:
    return "杭州银行" in stage.person("clerk").open(f"{stage.fund}change/").words


def _status(stage: Stage, payout: int) -> str:
    return _read_status(_open_payout(stage, payout))


def _open_payout(stage: Stage, payout: int) -> Page:
    return stage.person("auditor").open(f"/admin/payouts/payout/{payout}/change/")


def _read_status(page: Page) -> str:
    statuses = "sent to the bank|refused by the bank|paid|approved|cancelled|in doubt|returned"
    found = re.search(rf"Status ({statuses})", page.words)
    return found[1] if found else ""


def _plain(amount: str) -> str:
    return amount.replace(",", "")
