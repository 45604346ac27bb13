"""The pages of sources: two people of a department agree on one, and everybody there reads what came."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import DataSource, SourcePull
from qinqing.proposals.models import Proposal
from qinqing.worklist import list_work
from tests.data_servers import Answer, web_server
from tests.factories.clients import sign_in
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file
from tests.factories.sources import TERMS, colleague, make_source, pull

pytestmark = pytest.mark.django_db

SECRET = "open sesame"
FORM = {**TERMS, "dataset_name": "tax", "secret": SECRET, "because": "每月取数", "document_number": ""}


def page(action: str, source: DataSource | None = None) -> str:
    return reverse(f"admin:companies_datasource_{action}", args=[source.pk] if source else [])


@pytest.fixture
def first() -> Client:
    return sign_in(colleague("tax-1"))


@pytest.fixture
def second() -> Client:
    return sign_in(colleague("tax-2"))


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_proposes_a_source_another_confirms_it_and_nobody_sees_the_secret(first: Client, second: Client) -> None:
    told = read(first, page("propose_new"))
    assert "A colleague has to confirm it." in told
    said = first.post(page("propose_new"), FORM, follow=True).content.decode()
    assert "Nothing has changed yet" in said
    source, proposal = DataSource.objects.get(), Proposal.objects.get()
    assert "waits for a colleague" in read(second, page("changelist"))
    decide = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    asked = read(second, decide)
    assert TERMS["address"] in asked
    assert "entered, sealed as #" in asked
    assert "is now as proposed" in second.post(decide, follow=True).content.decode()
    shown = read(second, page("change", source))
    assert TERMS["address"] in shown
    assert SECRET not in said + asked + shown
    source.refresh_from_db()
    assert source.confirmed_at is not None


def test_a_refused_form_keeps_what_was_written_but_for_the_secret(first: Client) -> None:
    said = first.post(page("propose_new"), FORM | {"address": "ftp://data.example.org/"}).content.decode()
    assert "This is no address of the kind https://data.example.org/tax.csv" in said
    assert "ftp://data.example.org/" in said
    assert SECRET not in said
    assert not DataSource.objects.exists()


def test_other_terms_begin_with_those_that_there_are(first: Client) -> None:
    source = make_source(secret=SECRET)
    said = read(first, page("propose_terms", source))
    assert TERMS["address"] in said
    assert SECRET not in said
    form = FORM | {"secret": "", "every_minutes": 30}
    assert "Nothing has changed yet" in first.post(page("propose_terms", source), form, follow=True).content.decode()
    assert "Waits for a colleague" in read(first, page("change", source))


def test_one_pauses_it_and_it_goes_on_by_two(first: Client, second: Client) -> None:
    source = make_source()
    assert "propose-resuming" not in read(first, page("change", source))
    assert "It is paused." in first.post(page("pause", source), follow=True).content.decode()
    assert "pull-now" not in read(first, page("change", source))
    asked = first.post(page("propose_resuming", source), {"because": "好了", "document_number": ""}, follow=True)
    assert "Nothing has changed yet" in asked.content.decode()
    second.post(reverse("admin:proposals_proposal_confirm", args=[Proposal.objects.latest("pk").pk]))
    source.refresh_from_db()
    assert source.paused_at is None
    assert "paused already" not in first.post(page("pause", source), follow=True).content.decode()
    assert "paused already" in second.post(page("pause", source), follow=True).content.decode()


def test_a_person_has_it_pulled_and_reads_what_came(first: Client) -> None:
    company = make_company()
    with web_server() as server:
        rows = csv_file("tax", {"credit_code": company.credit_code, "year": 2024, "revenue": 1, "tax_paid": 1})
        server.answers["/tax.csv"] = Answer(rows, headers={"Last-Modified": "Sat, 28 Feb 2026 01:00:00 GMT"})
        source = make_source(address=server.address("/tax.csv"))
        pull(source)
        server.answers["/tax.csv"] = Answer(status=503)
        assert "A worker pulls it in a moment" in first.post(page("pull_now", source), follow=True).content.decode()
        source.refresh_from_db()
        pull(source, now=source.next_pull_at)
    history = f"{reverse('admin:companies_sourcepull_changelist')}?source__id__exact={source.pk}"
    assert history in read(first, page("change", source))
    listed = read(first, history)
    assert "The server answers with an error (503)" in listed
    refused, landed = SourcePull.objects.order_by("-pk")
    shown = read(first, reverse("admin:companies_sourcepull_change", args=[landed.pk]))
    assert landed.sha256 in shown
    assert reverse("admin:companies_delivery_change", args=[landed.delivery_id]) in shown
    assert "tax-1" in read(first, reverse("admin:companies_sourcepull_change", args=[refused.pk]))


def test_what_fails_waits_for_its_department(first: Client) -> None:
    source = make_source()
    DataSource.objects.filter(pk=source.pk).update(failure_count=3)
    found = [item for item in list_work(user=colleague(), now=NOW) if "datasource" in item.link]
    assert [item.count for item in found] == [1]
    assert source.name in read(first, found[0].link)


@pytest.mark.parametrize("action", ["change", "pause", "pull_now", "propose_terms", "propose_resuming"])
def test_another_departments_people_find_nothing(action: str) -> None:
    stranger, source = sign_in(colleague("labour-1", department="labour")), make_source()
    for answer in (stranger.get(page(action, source), follow=True), stranger.post(page(action, source), follow=True)):
        assert TERMS["address"] not in answer.content.decode()
    assert source.name not in read(stranger, page("changelist"))
    assert DataSource.objects.get().paused_at is None


def test_a_dataset_of_another_department_is_not_offered(first: Client) -> None:
    said = first.post(page("propose_new"), FORM | {"dataset_name": "employees"}).content.decode()
    assert "Select a valid choice" in said
    assert not DataSource.objects.exists()


def test_everything_is_there_in_chinese() -> None:
    client: Any = sign_in(colleague("tax-1"), language="zh-hans")
    source = make_source()
    said = read(client, page("change", source)) + read(client, page("propose_new"))
    assert "数据来源" in said
