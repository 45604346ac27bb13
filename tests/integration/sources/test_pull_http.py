"""A source over HTTP(S): what is new lands as a delivery, and what is wrong changes nothing and says why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509
from django.db import transaction

from companies import tasks
from companies.models import Company, DataSource, Delivery, SourcePull
from companies.sources.fetch.asked import Patience
from companies.sources.pull import InsideTransaction, pull_next
from companies.sources.steps import ask_for_pull, pause
from tests.certificates import LOOPBACK, Authority
from tests.data_servers import Answer, WebServer, web_server
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file
from tests.factories.sources import colleague, make_source, pull, pull_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

MODIFIED = "Sat, 28 Feb 2026 20:00:00 GMT"
IN_SHANGHAI = dt.date(2026, 3, 1)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def tax_file(revenue: int = 100, year: int = 2024) -> bytes:
    """A file about the first firm; each test has one."""
    company = Company.objects.order_by("pk").first() or make_company()
    return csv_file("tax", {"credit_code": company.credit_code, "year": year, "revenue": revenue, "tax_paid": 1})


def refused(noted: SourcePull) -> str:
    assert (noted.outcome, noted.refusal != "", noted.delivery_id) == ("refused", True, None)
    return noted.refusal_en


def landed() -> list[tuple[dt.date, int]]:
    return list(Delivery.objects.filter(status="landed").order_by("pk").values_list("as_of_on", "landed_count"))


def test_what_came_lands_as_a_delivery_of_the_day_that_the_server_names(server: WebServer) -> None:
    body = tax_file()
    server.answers["/tax.csv"] = Answer(body, headers={"Last-Modified": MODIFIED, "ETag": '"one"'})
    source = make_source(address=server.address("/tax.csv"))
    noted = pull(source)
    assert (noted.outcome, noted.what, noted.byte_count, noted.as_of_on) == (
        "landed",
        "tax.csv",
        len(body),
        IN_SHANGHAI,
    )
    assert (noted.sha256, noted.delivery.status) == (noted.delivery.sha256, "landed")
    assert noted.delivery.delivered_by is None
    assert landed() == [(IN_SHANGHAI, 1)]
    assert source.next_pull_at == NOW + dt.timedelta(hours=1)
    assert source.seen == {"etag": '"one"', "modified": MODIFIED}


def test_a_304_is_nothing_new_and_the_data_grows_no_younger(server: WebServer) -> None:
    # The server answers in a thread of its own, with another connection; so the file is made before.
    file = tax_file()

    def answer(question: Any) -> Answer:
        if question.headers.get("if-none-match") == '"one"':
            return Answer(status=304, announced=None)
        return Answer(file, headers={"Last-Modified": MODIFIED, "ETag": '"one"'})

    server.answers["/tax.csv"] = answer
    source = make_source(address=server.address("/tax.csv"))
    assert pull(source).outcome == "landed"
    again = pull_again(source)
    assert (again.outcome, again.byte_count, again.delivery_id) == ("nothing_new", None, None)
    assert landed() == [(IN_SHANGHAI, 1)]


def test_the_same_bytes_land_once_a_day_whatever_the_server_says(server: WebServer) -> None:
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED})
    source = make_source(address=server.address("/tax.csv"))
    first, again = pull(source), pull_again(source)
    assert (again.outcome, again.delivery_id) == ("nothing_new", first.delivery_id)
    assert Delivery.objects.count() == 1


def test_a_bookmark_goes_into_the_address_and_moves_on_when_rows_landed(server: WebServer) -> None:
    headers = {"Last-Modified": MODIFIED, "ETag": '"e"'}
    first, second = tax_file(year=2024), tax_file(year=2025)
    server.answers["/tax"] = lambda question: Answer(
        first if question.path.endswith("=2020") else second, headers=headers
    )
    source = make_source(
        address=server.address("/tax?after={since}"),
        begins_at="2020", bookmark_from="column", bookmark_name="year",
    )  # fmt: skip
    assert (pull(source).bookmark, source.bookmark, source.seen) == ("2020", "2024", {})
    assert (pull_again(source).bookmark, source.bookmark) == ("2024", "2025")
    assert [each.path for each in server.asked] == ["/tax?after=2020", "/tax?after=2024"]
    assert "if-none-match" not in server.asked[1].headers


def test_a_bookmark_may_come_in_a_header_and_is_put_in_safely(server: WebServer) -> None:
    server.answers["/tax"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED, "X-Next": "a&b=/ü"})
    source = make_source(address=server.address("/tax?after={since}"), bookmark_from="header", bookmark_name="X-Next")
    pull(source)
    pull_again(source)
    assert [each.path for each in server.asked] == ["/tax?after=", "/tax?after=a%26b%3D%2F%C3%BC"]
    server.answers["/tax"] = Answer(tax_file(2), headers={"Last-Modified": MODIFIED})
    assert "no header “X-Next”" in refused(pull_again(source))


@pytest.mark.parametrize(
    ("terms", "headers", "day"),
    [
        ({"as_of_from": "header", "as_of_name": "As-Of"}, {"As-Of": "2026-01-31"}, dt.date(2026, 1, 31)),
        ({"as_of_from": "name"}, {}, dt.date(2026, 2, 27)),
        ({"as_of_from": "pulled"}, {}, TODAY),
    ],
)
def test_the_day_of_the_data_is_where_the_source_says(
    server: WebServer, terms: dict[str, str], headers: dict[str, str], day: dt.date
) -> None:
    server.answers["/tax-20260227.csv"] = Answer(tax_file(), headers=headers)
    assert pull(make_source(address=server.address("/tax-20260227.csv"), **terms)).as_of_on == day


def test_data_without_a_day_is_never_taken_for_todays(server: WebServer) -> None:
    server.answers["/tax.csv"] = Answer(tax_file())
    assert "from which day the data is" in refused(pull(make_source(address=server.address("/tax.csv"))))
    assert not Delivery.objects.exists()


def test_a_refused_delivery_stands_beside_its_sentence_and_the_old_data_stays(server: WebServer) -> None:
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED, "ETag": '"1"'})
    source = make_source(address=server.address("/tax.csv"))
    pull(source)
    server.answers["/tax.csv"] = Answer(b"a,b\n1,2\n", headers={"Last-Modified": MODIFIED, "ETag": '"2"'})
    noted = pull_again(source)
    assert (noted.outcome, noted.delivery.status, source.seen["etag"]) == ("refused", "failed", '"1"')
    assert "The columns do not fit" in noted.refusal_en
    assert landed() == [(IN_SHANGHAI, 1)]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(b"<html>sign in</html>", headers={"Content-Type": "text/html; charset=utf-8"}), "A web page came"),
        (Answer(b"\n<!DOCTYPE html><p>sign in", headers={"Content-Type": "text/csv"}), "A web page came"),
        (Answer(status=401), "does not let us in (401)"),
        (Answer(status=404), "no file at this address (404)"),
        (Answer(status=503), "answers with an error (503)"),
        (Answer(status=204, announced=None), "answers with an error (204)"),
        (Answer(status=304, announced=None), "answers with an error (304)"),
        (Answer(status=302, headers={"Location": "https://elsewhere.example.org/tax"}), "elsewhere.example.org"),
        (Answer(status=302, headers={"Location": "/tax.csv"}), "sends us on and on"),
        (Answer(b"credit_code,year\n", announced=1_000), "broke off before the whole file"),
        (Answer(b"credit_code,year\n", announced=None), "does not say how long the file is"),
        (Answer(b"", announced=(1 << 20) + 1), "More than 1 MiB would come"),
    ],
)
def test_what_is_no_file_changes_nothing_and_says_why(server: WebServer, answer: Answer, sentence: str) -> None:
    server.answers["/tax.csv"] = answer
    source = make_source(address=server.address("/tax.csv"))
    assert sentence in refused(pull(source))
    assert (source.failure_count, source.bookmark, source.seen) == (1, "", {})
    assert not Delivery.objects.exists()


def test_a_redirection_within_the_server_is_followed(server: WebServer) -> None:
    server.answers["/newest"] = Answer(status=307, headers={"Location": "/tax-20260227.csv"})
    server.answers["/tax-20260227.csv"] = Answer(tax_file())
    noted = pull(make_source(address=server.address("/newest"), as_of_from="name"))
    assert (noted.what, noted.outcome) == ("tax-20260227.csv", "landed")


@pytest.mark.parametrize(("username", "said"), [("tax", "Basic dGF4Om9wZW4gc2VzYW1l"), ("", "Bearer open sesame")])
def test_the_secret_goes_to_the_server_and_nowhere_else(
    server: WebServer, username: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers["/tax.csv"] = Answer(status=403)
    source = make_source(address=server.address("/tax.csv"), username=username, secret="open sesame")
    noted = pull(source)
    assert server.asked[0].headers["authorization"] == said
    kept = f"{noted.__dict__} {source.__dict__} {capsys.readouterr()}"
    assert "sesame" not in kept


@pytest.mark.parametrize("fault", ["", "of another authority", "for another place", "ended"])
def test_a_server_proves_who_it_is(tmp_path: Path, fault: str) -> None:
    authority = Authority(tmp_path, "authority")
    signer = Authority(tmp_path, "stranger") if fault == "of another authority" else authority
    places = [x509.DNSName("data.example.org")] if fault == "for another place" else LOOPBACK
    with web_server(signer.sign("server", places=places, days=-1 if fault == "ended" else 1)) as server:
        server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED})
        noted = pull(make_source(address=server.address("/tax.csv"), trusted=Path(authority.file).read_text()))
    if fault:
        assert "certificate" in refused(noted)
        assert server.asked == []
    else:
        assert noted.outcome == "landed"


def test_a_server_that_is_away_is_refused() -> None:
    assert "No connection to 127.0.0.1:9" in refused(pull(make_source(address="http://127.0.0.1:9/tax.csv")))


@pytest.mark.parametrize(
    "patience", [Patience(read_seconds=0.2), Patience(whole_seconds=0.2)], ids=["the next bytes", "all of it"]
)
def test_nobody_waits_longer_than_agreed(server: WebServer, patience: Patience) -> None:
    goes_on = Event()
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED}, waits_for=goes_on)
    assert "took too long" in refused(pull(make_source(address=server.address("/tax.csv")), patience=patience))
    goes_on.set()


def test_failures_make_the_turns_rarer_and_a_success_forgets_them(server: WebServer) -> None:
    source, minute = make_source(address=server.address("/tax.csv")), dt.timedelta(minutes=1)
    waits = []
    for _failure in range(13):
        at = source.next_pull_at
        assert at is not None
        pull(source, now=at)
        waits.append((source.next_pull_at or at) - at)
    assert waits[:4] == [minute, 2 * minute, 4 * minute, 8 * minute]
    assert waits[-1] == dt.timedelta(days=1)
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED})
    assert (pull_again(source).outcome, source.failure_count) == ("landed", 0)


def test_what_is_fetched_while_somebody_pauses_the_source_does_not_land(server: WebServer) -> None:
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED})
    source = make_source(address=server.address("/tax.csv"))
    moments = iter([NOW, NOW + dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=2)])

    def clock() -> dt.datetime:
        now = next(moments)
        if now == NOW + dt.timedelta(seconds=1):
            pause(source=source, actor=colleague(), now=now)
        return now

    assert pull_next(clock=clock)
    assert "paused or changed while it was pulled" in refused(source.pulls.get())
    assert not Delivery.objects.exists()
    assert not pull_next(clock=lambda: NOW + dt.timedelta(days=2))


def test_a_source_under_lease_is_left_alone_until_its_worker_is_taken_for_dead(server: WebServer) -> None:
    source = make_source(address=server.address("/tax.csv"))
    until = NOW + dt.timedelta(minutes=10)
    DataSource.objects.filter(pk=source.pk).update(leased_until=until)
    assert not pull_next(clock=lambda: NOW)
    assert pull_next(clock=lambda: until + dt.timedelta(seconds=1))


def test_a_fault_of_ours_is_noted_and_tells_nothing(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_given: object) -> None:
        raise RuntimeError("330102199001010001")

    monkeypatch.setattr("companies.sources.pull.fetch", fail)
    noted = pull(make_source(address=server.address("/tax.csv")))
    assert "a fault of the platform (RuntimeError)" in refused(noted)
    assert "330102" not in str(capsys.readouterr())


def test_nobody_asks_a_server_while_rows_are_locked(server: WebServer) -> None:
    make_source(address=server.address("/tax.csv"))
    with transaction.atomic(), pytest.raises(InsideTransaction):
        pull_next(clock=lambda: NOW)
    assert server.asked == []


def test_who_asked_stands_in_the_history_and_the_task_pulls_all_that_is_due(server: WebServer) -> None:
    server.answers["/tax.csv"] = Answer(tax_file(), headers={"Last-Modified": MODIFIED})
    source, other = (make_source(address=server.address("/tax.csv"), name=name) for name in ("a", "b"))
    tasks.pull_sources()
    ask_for_pull(source=source, actor=colleague(), now=NOW)
    tasks.pull_sources()
    assert [each.asked_by for each in source.pulls.order_by("pk")] == [None, colleague()]
    assert other.pulls.count() == 1


def test_in_production_no_source_leads_into_the_platform(settings: Any, server: WebServer) -> None:
    source = make_source(address=server.address("/tax.csv"))
    settings.IS_PRODUCTION = True
    assert "begins with https://" in refused(pull(source))
    assert server.asked == []
