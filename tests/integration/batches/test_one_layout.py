"""A batch leaves in one layout; another takes its place by two people, and a file without a password has its reason."""

from __future__ import annotations

import pytest
from django.urls import reverse

from payouts.batches.batch_layout import propose_layout
from payouts.batches.download import download_files
from payouts.batches.layouts import ChosenLayout
from payouts.batches.release import release_batch
from payouts.batches.transition import BatchRefused
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Kind
from payouts.models import Batch, Download
from qinqing.proposals.decide import SamePerson
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal
from tests.factories.payouts import check_batch, make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

WORKBOOK = ChosenLayout(Kind.WORKBOOK)


def take(batch: Batch, kind: Kind) -> None:
    files = write_files(batch=batch, kind=kind, now=NOW)
    download_files(files=files, password="long enough now", actor=make_user("releaser"), now=NOW)


def test_the_release_fixes_the_layout() -> None:
    batch = check_batch(batch=make_sealed_batch(1), actor=make_user("checker"))
    batch = release_batch(batch=batch, actor=make_user("releaser"), now=NOW, layout=WORKBOOK)
    take(batch, Kind.WORKBOOK)
    with pytest.raises(BatchRefused, match="another layout"):
        take(batch, Kind.PAIN001)
    assert Download.objects.count() == 1


def test_raw_sql_takes_no_second_layout_and_changes_none() -> None:
    batch = make_released_batch(1)
    (other,) = write_files(batch=batch, kind=Kind.DELIMITED, now=NOW)
    taken = """
        INSERT INTO payouts_download (file_id, downloaded_at, downloaded_by_id, is_encrypted)
        VALUES (%s, now(), %s, true)
    """
    person = make_user("releaser").pk
    assert refusal_of(taken, other.pk, person) == "file_is_taken_in_the_layout_of_its_batch"
    change = "UPDATE payouts_batch SET layout_kind = 'delimited' WHERE id = %s"
    assert refusal_of(change, batch.pk) == "batch_layout_is_changed_by_two"


def test_two_people_void_the_first_layout() -> None:
    batch = make_released_batch(1)
    take(batch, Kind.PAIN001)
    asked = {"batch": batch, "layout": WORKBOOK, "because": "the bank refused the file at the counter", "now": NOW}
    proposal = propose_layout(**asked, actor=make_user("releaser"))
    assert proposal.before["downloads"] == 1
    with pytest.raises(SamePerson):
        confirm_proposal(proposal, actor=make_user("releaser"))
    confirm_proposal(proposal)
    take(batch, Kind.WORKBOOK)
    with pytest.raises(BatchRefused, match="another layout"):
        take(batch, Kind.PAIN001)


def test_the_pages_show_one_layout_and_propose_another() -> None:
    batch = make_released_batch(1)
    clerk, other = sign_in_official("finance_releaser"), sign_in_official("finance_maker")
    files = reverse("admin:payouts_batch_files", args=[batch.pk])
    assert 'value="pain.001.001.09/"' in clerk.get(files).content.decode()
    assert 'value="xlsx/"' not in clerk.get(files).content.decode()
    change = reverse("admin:payouts_batch_change_layout", args=[batch.pk])
    clerk.post(change, {"layout": "xlsx/", "because": "the counter asks for it"})
    proposal = Proposal.objects.get(kind="batch_layout")
    other.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk]))
    assert 'value="xlsx/"' in clerk.get(files).content.decode()


def test_each_page_offers_another_password() -> None:
    batch = make_released_batch(1)
    clerk, files = sign_in_official("finance_releaser"), reverse("admin:payouts_batch_files", args=[batch.pk])
    first, second = (clerk.get(files).context["password"] for _visit in range(2))
    assert first != second
    assert min(len(first), len(second)) >= 16
    clerk.post(files, {"layout": "pain.001.001.09/", "password": first})
    assert Download.objects.get().is_encrypted


def test_a_file_without_a_password_has_its_reason() -> None:
    files = write_files(batch=make_released_batch(1), kind=Kind.PAIN001, now=NOW)
    with pytest.raises(BatchRefused, match="reason is kept"):
        download_files(files=files, actor=make_user("releaser"), now=NOW)
    download_files(files=files, plain_because="the counter reads no archive", actor=make_user("releaser"), now=NOW)
    assert not Download.objects.get().is_encrypted
