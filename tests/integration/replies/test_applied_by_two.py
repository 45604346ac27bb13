"""A reply file, and a row of it that fits nowhere, take effect by two people; raw SQL does not take their place."""

from __future__ import annotations

import pytest
from django.urls import reverse

from payouts.models import Batch, Reply, ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.replies.apply_file import propose_application, propose_match
from payouts.replies.files import ReplyRefused
from payouts.replies.queries import find_waiting_lines
from payouts.states import Status
from qinqing.proposals.decide import SamePerson
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import Concerned
from tests.factories import replies as written
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import apply_file, confirm_proposal, match_row
from tests.factories.payouts import make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.replies.test_reply_files import applied, ids, standing, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

APPLY = "UPDATE payouts_replyfile SET status = 'applied', applied_at = now(), applied_by_id = %s WHERE id = %s"
MATCH = """
    UPDATE payouts_replyline SET instruction_id = %s, verdict = 'news', decided_at = now(), decided_by_id = %s,
        decided_because = 'x'
    WHERE id = %s
"""


@pytest.fixture
def batch() -> Batch:
    return make_released_batch(2)


@pytest.fixture
def file(batch: Batch) -> ReplyFile:
    """A file that was read; the user “clerk” brought it."""
    first, second = ids(batch)
    return uploaded(written.status_report([(first, "ACSC"), (second, "RJCT")]))


def propose(file: ReplyFile, person: str) -> Proposal:
    return propose_application(file=file, because="the day's file", actor=make_user(person), now=NOW)


def test_whoever_brought_a_file_does_not_apply_it(file: ReplyFile) -> None:
    proposal = propose(file, "colleague")
    with pytest.raises(ReplyRefused, match="brought this file yourself"):
        confirm_proposal(proposal, actor=make_user("clerk"))
    with pytest.raises(SamePerson):
        confirm_proposal(proposal, actor=make_user("colleague"))
    assert not Reply.objects.exists()
    confirm_proposal(proposal, actor=make_user("third"))
    file.refresh_from_db()
    assert (file.status, file.applied_by, Reply.objects.count()) == (ReplyFileStatus.APPLIED, make_user("third"), 2)


def test_whoever_made_the_batch_neither_proposes_nor_confirms(file: ReplyFile) -> None:
    with pytest.raises(Concerned):
        propose(file, "maker")
    with pytest.raises(Concerned):
        confirm_proposal(propose(file, "clerk"), actor=make_user("maker"))


def test_raw_sql_applies_no_file(file: ReplyFile) -> None:
    assert refusal_of(APPLY, make_user("third").pk, file.pk) == "reply_file_is_applied_by_two"
    copied = """
        INSERT INTO payouts_replyfile (name, stored_id, sha256, status, uploaded_at, uploaded_by_id, applied_at,
            applied_by_id, row_count, kind, message_id, refusal)
        SELECT name, stored_id, 'other', 'applied', uploaded_at, uploaded_by_id, now(), %s, 0, '', '', ''
        FROM payouts_replyfile WHERE id = %s
    """
    assert refusal_of(copied, make_user("third").pk, file.pk) == "reply_file_enters_unread"


def test_what_changed_since_the_proposal_is_proposed_anew(file: ReplyFile, batch: Batch) -> None:
    proposal = propose(file, "clerk")
    shown = {(each["verdict"], each["outcome"], each["count"]) for each in proposal.before["changes"]}
    assert shown == {(Verdict.NEWS, "paid", 1), (Verdict.NEWS, "refused", 1)}
    assert proposal.before["sha256"] == file.sha256
    applied(uploaded(written.status_report([(ids(batch)[0], "ACSC")], message_id="BANK-2")))
    with pytest.raises(ReplyRefused, match="changes something else now"):
        confirm_proposal(proposal)
    assert standing(batch) == [Status.PAID, Status.SENT]


@pytest.fixture
def line(batch: Batch) -> ReplyLine:
    """A row that belongs to nobody."""
    apply_file(file=uploaded(written.status_report([("QNOBODY", "ACSC")])))
    return find_waiting_lines().get()


def test_one_clerk_does_not_match_a_row_that_belongs_to_nobody(line: ReplyLine, batch: Batch) -> None:
    asked = {"line": line, "end_to_end_id": ids(batch)[0], "because": "it must be", "now": NOW}
    with pytest.raises(Concerned):
        propose_match(**asked, actor=make_user("clerk"))
    proposal = propose_match(**asked, actor=make_user("third"))
    with pytest.raises(SamePerson):
        confirm_proposal(proposal, actor=make_user("third"))
    with pytest.raises(Concerned):
        confirm_proposal(proposal, actor=make_user("clerk"))
    assert standing(batch) == [Status.SENT] * 2


def test_raw_sql_matches_no_row(line: ReplyLine, batch: Batch) -> None:
    instruction = batch.instructions.order_by("pk")[0]
    assert refusal_of(MATCH, instruction.pk, make_user("third").pk, line.pk) == "reply_line_is_matched_by_two"
    entered = """
        INSERT INTO payouts_replyline (file_id, number, end_to_end_id, outcome, said, bank_reference, reason, verdict,
            decided_because, decided_at, decided_by_id)
        VALUES (%s, 9, '', 'paid', '', '', '', 'news', 'x', now(), %s)
    """
    assert refusal_of(entered, line.file_id, make_user("third").pk) == "reply_line_enters_undecided"


def test_the_first_meaning_of_a_matched_row_is_kept_for_ever(line: ReplyLine, batch: Batch) -> None:
    match_row(line=line, end_to_end_id=ids(batch)[0])
    line.refresh_from_db()
    assert (line.verdict, line.first_verdict) == (Verdict.NEWS, Verdict.UNKNOWN)
    forget = "UPDATE payouts_replyline SET first_verdict = 'news' WHERE id = %s"
    assert refusal_of(forget, line.pk) == "reply_line_is_decided_once"
    page = sign_in_official("finance").get(reverse("admin:payouts_replyline_change", args=[line.pk]))
    assert "no instruction of ours" in page.content.decode()


def test_the_pages_propose_and_a_colleague_confirms(file: ReplyFile) -> None:
    first, second = sign_in_official("finance", "clerk"), sign_in_official("finance", "another")
    answer = first.post(reverse("admin:payouts_replyfile_apply", args=[file.pk]), {"because": "today"}, follow=True)
    assert "has to confirm" in answer.content.decode()
    proposal = Proposal.objects.get(kind="apply_reply_file")
    page = second.get(reverse("admin:proposals_proposal_confirm", args=[proposal.pk])).content.decode()
    assert file.sha256 in page
    assert "changes a payout · paid · 1 row · ¥100.00" in page
    second.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk]))
    file.refresh_from_db()
    assert (file.status, str(file.applied_by)) == (ReplyFileStatus.APPLIED, "another")
