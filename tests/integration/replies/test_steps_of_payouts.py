"""Each step of a payout names the person, the file and the row that caused it."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from payouts.exceptions.steps import list_steps
from payouts.models import Payout, Reply
from payouts.replies.apply import apply_replies
from payouts.replies.queries import find_waiting_lines
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import match_row
from tests.factories.payouts import make_paid, make_payout, make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.replies.test_reply_files import applied, ids, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_a_step_names_the_row_and_the_persons() -> None:
    batch = make_released_batch(2)
    first, second = ids(batch)
    content = written.status_report([(first, "ACSC"), (second, "RJCT")], reason="closed")
    applied(uploaded(content, name="monday.xml"))
    payout = Payout.objects.get(instructions__end_to_end_id=second)
    *_others, sent, last = list_steps(payout=payout)
    assert sent.by == str(make_user("releaser"))
    assert (last.status, last.reason) == ("refused by the bank", "AC04 closed")
    assert last.source == (
        f"monday.xml, row 2 · SHA-256 {hashlib.sha256(content).hexdigest()[:16]} · brought by clerk"
        " · applied by confirmer"
    )
    assert payout.transitions.get(after=Status.FAILED).reply == Reply.objects.get(instruction__end_to_end_id=second)


def test_a_step_names_who_matched_the_row() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.status_report([("QUNKNOWN", "ACSC")])))
    match_row(line=find_waiting_lines().get(), end_to_end_id=ids(batch)[0])
    apply_replies(limit=10, now=NOW)
    assert list(list_steps(payout=Payout.objects.get()))[-1].source.endswith("matched by confirmer")


def test_a_step_by_the_interface_names_its_reply_and_no_file() -> None:
    payout = make_paid()
    assert payout.transitions.get(after=Status.PAID).reply == Reply.objects.get()
    assert list(list_steps(payout=payout))[-1].source == ""


def test_a_payout_is_moved_by_no_reply_about_another() -> None:
    make_paid()
    other = make_payout()
    cancel = (
        "UPDATE payouts_payout SET status = 'cancelled', sequence = sequence + 1, moved_as = 'finance',"
        " moved_by_id = %s, moved_reply_id = %s WHERE id = %s"
    )
    reply = Reply.objects.get()
    assert refusal_of(cancel, make_user("clerk").pk, reply.pk, other.pk) == "payout_is_moved_by_a_reply_about_it"
    assert refusal_of(cancel, make_user("clerk").pk, None, other.pk) is None


def test_the_page_and_its_file_name_the_row() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.status_report([(ids(batch)[0], "ACSC")]), name="=monday.xml"))
    payout = Payout.objects.get()
    clerk: Client = sign_in_official("finance")
    assert "=monday.xml, row 1" in clerk.get(reverse("admin:payouts_payout_change", args=[payout.pk])).content.decode()
    answer = clerk.get(reverse("admin:payouts_payout_steps_file", args=[payout.pk]))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert "'=monday.xml, row 1" in lines[-1]
    assert answer["Content-Disposition"] == f'attachment; filename="payout-{payout.pk}-steps.csv"'
