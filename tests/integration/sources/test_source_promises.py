"""What the database promises about sources, their secrets and their pulls; two people decide about a source."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import IntegrityError

from companies.models import DataSource, SourcePull, SourceSecret
from companies.sources import propose as proposing
from companies.sources.places import WrongAddress, WrongTrust
from companies.sources.propose import (
    NameTaken,
    NothingChanges,
    NotPaused,
    NotYourSource,
    WrongTerms,
    propose_resuming,
    propose_source,
    propose_terms,
)
from companies.sources.secrets import open_secret
from companies.sources.steps import DoesNotRun, ask_for_pull, pause
from qinqing.kernel.database.integrity import constraint_of
from qinqing.proposals.decide import SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.factories.clock import NOW
from tests.factories.deliveries import make_delivery
from tests.factories.rows import insert, insert_guarded, refusal_of
from tests.factories.sources import TERMS, colleague, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def proposed(**terms: Any) -> Proposal:
    return propose_source(
        dataset="tax", terms=TERMS | terms, secret="open sesame", because="每月取数", actor=colleague(), now=NOW
    )


def change(source: DataSource, *, secret: str = "", **terms: Any) -> Proposal:
    held = {name: getattr(source, name) for name in proposing.WRITTEN}
    return propose_terms(
        source=source, terms=held | terms, secret=secret, because="地址变更", actor=colleague(), now=NOW
    )


def test_a_source_has_no_terms_before_a_second_person_confirms_them() -> None:
    asked = proposed()
    source = DataSource.objects.get(pk=asked.subject_id)
    assert (source.address, source.confirmed_at, source.secret) == ("", None, None)
    with pytest.raises(SamePerson):
        confirm(proposal_id=asked.pk, actor=colleague(), now=NOW)
    confirm(proposal_id=asked.pk, actor=colleague("tax-2"), now=NOW)
    source.refresh_from_db()
    assert (source.address, source.confirmed_at, source.next_pull_at) == (TERMS["address"], NOW, NOW)
    assert open_secret(source.secret) == "open sesame"


def test_the_proposal_names_the_secret_and_never_holds_it() -> None:
    asked = proposed()
    assert asked.after is not None
    assert asked.after["secret_id"] == SourceSecret.objects.get().pk
    assert "sesame" not in f"{asked.before} {asked.after} {asked.subject_name}"


def test_nobody_alone_changes_a_source_and_nobody_deletes_it() -> None:
    source = make_source()
    for change_of in ("address = 'https://evil.example.org/'", "every_minutes = 5", "secret_id = NULL, query = 'x'"):
        refused = refusal_of(f"UPDATE companies_datasource SET {change_of} WHERE id = %s", source.pk)
        assert refused == "data_source_is_changed_by_two"
    moved = refusal_of("UPDATE companies_datasource SET dataset = 'wages' WHERE id = %s", source.pk)
    assert moved == "data_source_stays_with_its_dataset"
    assert refusal_of("DELETE FROM companies_datasource WHERE id = %s", source.pk) == "data_source_is_kept"


def test_a_source_is_entered_without_terms() -> None:
    with pytest.raises(IntegrityError) as refused:
        insert_guarded("companies_datasource", address="https://data.example.org/")
    assert constraint_of(refused.value) == "data_source_begins_without_terms"


@pytest.mark.parametrize(
    ("values", "promise"),
    [
        ({"kind": "carrier pigeon"[:5]}, "data_source_has_a_known_kind"),
        ({"paused_at": NOW}, "data_source_is_paused_by_somebody"),
        ({"confirmed_at": NOW, "every_minutes": 4}, "data_source_is_confirmed_with_its_terms"),
        ({"dataset": "tax", "name": "月报"}, "data_source_once_per_name"),
    ],
)
def test_a_source_that_breaks_a_promise_is_refused_in_its_name(values: dict[str, Any], promise: str) -> None:
    make_source()
    sound = {"kind": "", "address": "", "as_of_from": "", "bookmark_from": "", "confirmed_at": None, "paused_at": None}
    with pytest.raises(IntegrityError) as refused:
        insert("companies_datasource", **(sound | {"paused_by_id": None, "dataset": "wages"} | values))
    assert constraint_of(refused.value) == promise


def test_one_person_pauses_at_once_and_two_let_it_go_on() -> None:
    source, actor = make_source(), colleague()
    with pytest.raises(NotPaused):
        propose_resuming(source=source, because="好了", actor=actor, now=NOW)
    pause(source=source, actor=actor, now=NOW)
    source.refresh_from_db()
    assert source.paused_by == actor
    for step in (pause, ask_for_pull):
        with pytest.raises(DoesNotRun):
            step(source=source, actor=actor, now=NOW)
    go_on = "UPDATE companies_datasource SET paused_at = NULL, paused_by_id = NULL WHERE id = %s"
    assert refusal_of(go_on, source.pk) == "data_source_is_resumed_by_two"
    asked = propose_resuming(source=source, because="好了", actor=actor, now=NOW)
    confirm(proposal_id=asked.pk, actor=colleague("tax-2"), now=NOW)
    source.refresh_from_db()
    assert (source.paused_at, source.address) == (None, TERMS["address"])


def test_other_terms_of_a_paused_source_leave_it_paused() -> None:
    source = make_source()
    pause(source=source, actor=colleague(), now=NOW)
    confirm(proposal_id=change(source, every_minutes=30).pk, actor=colleague("tax-2"), now=NOW)
    source.refresh_from_db()
    assert (source.every_minutes, source.paused_at) == (30, NOW)


def test_another_question_forgets_what_was_noted_about_the_old_one() -> None:
    source = make_source()
    noted = {"bookmark": "2024", "seen": {"etag": "1"}}
    DataSource.objects.filter(pk=source.pk).update(**noted)
    for terms, kept in (
        ({"every_minutes": 30}, noted),
        ({"address": f"{TERMS['address']}?v=2"}, {"bookmark": "", "seen": {}}),
    ):
        source.refresh_from_db()
        confirm(proposal_id=change(source, **terms).pk, actor=colleague("tax-2"), now=NOW)
        source.refresh_from_db()
        assert {"bookmark": source.bookmark, "seen": source.seen} == kept


def test_a_known_secret_goes_to_no_other_server() -> None:
    source = make_source(secret="open sesame")
    with pytest.raises(WrongTerms, match="not sent to another"):
        change(source, address="https://elsewhere.example.org/tax.csv")
    before = source.secret_id
    asked = change(source, address="https://elsewhere.example.org/tax.csv", secret="another")
    confirm(proposal_id=asked.pk, actor=colleague("tax-2"), now=NOW)
    source.refresh_from_db()
    assert open_secret(source.secret) == "another"
    assert not SourceSecret.objects.filter(pk=before).exists()


def test_a_secret_is_its_sources_own_and_stays_as_sealed(settings: Any) -> None:
    source, other = make_source(secret="a"), make_source(secret="b", name="日报")
    with pytest.raises(IntegrityError) as refused:
        confirm(proposal_id=proposal_for(source, other.secret_id).pk, actor=colleague("tax-2"), now=NOW)
    assert constraint_of(refused.value) == "data_source_uses_its_own_secret"
    tampered = "UPDATE companies_sourcesecret SET value = %s WHERE id = %s"
    assert refusal_of(tampered, b"x", source.secret_id) == "source_secret_stays_as_sealed"
    moved = SourceSecret(source_key=uuid.uuid4(), value=SourceSecret.objects.get(pk=source.secret_id).value)
    with pytest.raises(InvalidTag):
        open_secret(moved)
    settings.DATA_KEYS_BEFORE = [settings.DATA_KEY]
    settings.DATA_KEY = "s" * 32
    call_command("reseal", verbosity=0)
    settings.DATA_KEYS_BEFORE = []
    source.refresh_from_db()
    assert open_secret(SourceSecret.objects.get(pk=source.secret_id)) == "a"


def proposal_for(source: DataSource, secret: int | None) -> Proposal:
    """A proposal that somebody wrote past the operation."""
    made = change(source, every_minutes=30)
    turn_down(proposal_id=made.pk, actor=colleague(), now=NOW)
    return Proposal.objects.create(
        kind="data_source", subject_id=source.pk, subject_name="x", after={"secret_id": secret}, because="x",
        proposed_at=NOW, proposed_by=colleague(),
    )  # fmt: skip


def test_a_note_about_a_pull_is_kept_and_says_what_came() -> None:
    source = make_source()
    pull = SourcePull.objects.create(source=source, began_at=NOW, ended_at=NOW, outcome="nothing_new")
    for statement in (
        "UPDATE companies_sourcepull SET what = 'x' WHERE id = %s",
        "DELETE FROM companies_sourcepull WHERE id = %s",
    ):
        assert refusal_of(statement, pull.pk) == "source_pull_is_kept"
    for wrong in ({"outcome": "landed", "delivery": None}, {"outcome": "refused", "refusal": ""}):
        with pytest.raises(IntegrityError) as refused:
            SourcePull.objects.create(source=source, began_at=NOW, ended_at=NOW, **wrong)
        assert constraint_of(refused.value) == "source_pull_says_what_came"
        break


def test_a_refusal_has_its_sentence() -> None:
    with pytest.raises(IntegrityError) as refused:
        SourcePull.objects.create(source=make_source(), began_at=NOW, ended_at=NOW, outcome="refused")
    assert constraint_of(refused.value) == "source_pull_says_what_came"


def test_nothing_lands_from_a_source_that_does_not_run() -> None:
    source, delivery = make_source(), make_delivery("tax")
    pause(source=source, actor=colleague(), now=NOW)
    with pytest.raises(IntegrityError) as refused:
        SourcePull.objects.create(source=source, began_at=NOW, ended_at=NOW, outcome="landed", delivery=delivery)
    assert constraint_of(refused.value) == "source_pull_lands_from_a_source_that_runs"


def test_only_the_departments_own_people_decide_about_its_sources() -> None:
    source, stranger = make_source(), colleague("wages-1", department="labour")
    with pytest.raises(NotYourSource):
        propose_source(dataset="tax", terms=TERMS, secret="", because="x", actor=stranger, now=NOW)
    for step in (pause, ask_for_pull):
        with pytest.raises(Exception, match="no such row"):
            step(source=source, actor=stranger, now=NOW)
    with pytest.raises(Exception, match="no such row"):
        confirm(proposal_id=change(source, every_minutes=30).pk, actor=stranger, now=NOW)


def test_what_changes_nothing_or_waits_already_is_refused() -> None:
    source = make_source()
    with pytest.raises(NothingChanges):
        change(source)
    with pytest.raises(NameTaken):
        proposed()
    other = make_source(name="日报")
    with pytest.raises(NameTaken):
        change(other, name="月报")
    change(source, every_minutes=30)
    with pytest.raises(AlreadyProposed):
        change(source, every_minutes=45)


SFTP = {"kind": "sftp", "address": "sftp://data.example.org/out", "username": "tax", "file_pattern": "*.csv"}
QUERY = {"kind": "query", "address": "postgresql://data.example.org/tax", "username": "tax", "query": "SELECT 1"}

ASKING = QUERY | {
    "query": "SELECT %(since)s", "as_of_from": "pulled", "bookmark_from": "column", "bookmark_name": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "refusal", "sentence"),
    [
        ({"address": "ftp://data.example.org/"}, WrongAddress, "no address of the kind https://"),
        ({"address": "https://"}, WrongAddress, "no address"),
        ({"address": "https://data.example.org:x/"}, WrongAddress, "no address"),
        ({"address": "https://data.example.org/a b"}, WrongAddress, "no address"),
        ({"address": "https://me:word@data.example.org/"}, WrongAddress, "holds a password"),
        ({"address": "https://data.example.org/{day}"}, WrongAddress, "only placeholder"),
        ({"trusted": "-----BEGIN CERTIFICATE-----\nx"}, WrongTrust, "certificate in PEM"),
        (SFTP, WrongTrust, "ssh-ed25519"),
        (QUERY | {"query": "", "as_of_from": "pulled"}, WrongTerms, "“query” is missing"),
        (QUERY, WrongTerms, "come from no file"),
        (QUERY | {"file_pattern": "*", "as_of_from": "pulled"}, WrongTerms, "leave the other empty"),
        ({"address": "https://data.example.org/{since}"}, WrongTerms, "A bookmark goes with"),
        ({"bookmark_from": "column", "bookmark_name": "year"}, WrongTerms, "A bookmark goes with"),
        (ASKING, WrongTerms, "from which value"),
        ({"as_of_from": "header"}, WrongTerms, "has a name"),
        ({"as_of_name": "Date"}, WrongTerms, "has a name"),
        ({"as_of_from": "column", "as_of_name": "day"}, WrongTerms, "no column “day”"),
        (QUERY | {"as_of_from": "header", "as_of_name": "x"}, WrongTerms, "Only an answer over HTTP"),
        ({"every_minutes": 4}, WrongTerms, "5 to 44640 minutes"),
        ({"largest_mib": 0}, WrongTerms, "1 to 2048 MiB"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_used_are_refused_in_one_sentence(
    terms: dict[str, Any], refusal: type[Exception], sentence: str
) -> None:
    with pytest.raises(refusal, match=sentence):
        proposed(**terms)
    assert not DataSource.objects.exists()


def test_a_personal_number_is_no_bookmark() -> None:
    terms = {"address": "https://data.example.org/{since}", "bookmark_from": "column", "bookmark_name": "id_number"}
    with pytest.raises(WrongTerms, match="holds personal numbers"):
        propose_source(
            dataset="employees", terms=TERMS | terms, secret="", because="x", now=NOW,
            actor=colleague("labour-1", department="labour"),
        )  # fmt: skip


OWN = ("127.0.0.1", "[::1]", "localhost", "169.254.169.254", "broker")


@pytest.mark.parametrize(
    "address",
    [
        "http://data.example.org/",
        *(f"https://{host}/" for host in ("127.0.0.1", "[::1]", "localhost", "169.254.169.254")),
    ],
)
def test_in_production_an_address_is_encrypted_and_leads_out_of_the_platform(settings: Any, address: str) -> None:
    settings.IS_PRODUCTION, settings.PLAIN_HOSTS = True, ["broker"]
    with pytest.raises(WrongAddress):
        proposed(address=address)
