"""A person of a department proposes a source of its dataset, and a colleague confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.access import datasets_open_to
from companies.deliveries.registry.targets import find_deliverable
from companies.models import DataSource, SourceKind, User
from companies.models.sources.source import (
    LARGEST_MIB,
    LONGEST_MINUTES,
    SHORTEST_MINUTES,
    TERMS,
    AsOf,
)
from companies.people.scope import within_scope
from companies.sources.fetch.query import SINCE as QUERY_SINCE
from companies.sources.places import SINCE, check_trusted, read_place
from companies.sources.secrets import forget_unused_secrets, seal_secret
from qinqing.kernel.refusals import NotAllowed, Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND: Final = "data_source"
# The terms that a person writes; the secret is written beside them, and never read again.
WRITTEN: Final = tuple(name for name in TERMS if name != "secret_id")


class WrongTerms(Refusal):
    """The terms of a source do not go together."""


class NameTaken(Refusal):
    """Another source of the dataset has the name."""


class NothingChanges(Refusal):
    """The source has these terms already."""


class NotYourSource(NotAllowed):
    """The dataset belongs to another department."""


class NotPaused(Refusal):
    """The source runs, or was never confirmed."""


@transaction.atomic
def propose_source(
    *, dataset: str, terms: Mapping[str, Any], secret: str, because: str, document_number: str = "",
    actor: User, now: dt.datetime,
) -> Proposal:  # fmt: skip
    """
    Enter a source by its name, and propose its terms; it is pulled once a colleague has confirmed them.

    Raises:
        NotYourSource: the account may not deliver the dataset.
        NameTaken: another source of the dataset has the name.
        WrongAddress, WrongTrust, WrongTerms: the terms cannot be used; the sentence says which and what to do.
        NoReason: `because` is blank.
    """
    _refuse_other_department(dataset, actor)
    _check_terms(dataset, terms)
    source, is_new = DataSource.objects.get_or_create(dataset=dataset, name=terms["name"])
    if not is_new:
        raise name_taken()
    return _propose(source, _seal(source, terms, secret, actor, now), because, document_number, actor, now)


@within_scope(source=DataSource)
@transaction.atomic
def propose_terms(
    *, source: DataSource, terms: Mapping[str, Any], secret: str, because: str, document_number: str = "",
    actor: User, now: dt.datetime,
) -> Proposal:  # fmt: skip
    """
    Propose other terms of a source; without a secret the one that it has stays.

    Raises:
        OutOfScope, NotYourSource: it is another department's.
        NothingChanges: it has these terms already.
        NameTaken: another source of the dataset has the name.
        WrongAddress, WrongTrust, WrongTerms: the terms cannot be used, or a known secret would go to another server.
        NoReason, AlreadyProposed: as `propose` says.
    """
    _refuse_other_department(source.dataset, actor)
    _check_terms(source.dataset, terms)
    if not secret and all(getattr(source, name) == terms[name] for name in WRITTEN):
        raise NothingChanges(_("The source has these terms already; change one of them."))
    if DataSource.objects.filter(dataset=source.dataset, name=terms["name"]).exclude(pk=source.pk).exists():
        raise name_taken()
    if source.secret_id and not secret and _server(source.address) != _server(terms["address"]):
        raise WrongTerms(_("The secret of one server is not sent to another; enter the secret of the new one."))
    return _propose(source, _seal(source, terms, secret, actor, now), because, document_number, actor, now)


@within_scope(source=DataSource)
def propose_resuming(
    *, source: DataSource, because: str, document_number: str = "", actor: User, now: dt.datetime
) -> Proposal:
    """
    Propose that a paused source goes on.

    Raises:
        OutOfScope, NotYourSource: it is another department's.
        NotPaused: it runs, or was never confirmed.
        NoReason, AlreadyProposed: as `propose` says.
    """
    _refuse_other_department(source.dataset, actor)
    if source.paused_at is None or source.confirmed_at is None:
        raise NotPaused(_("This source is not paused; look at it again."))
    return _propose(source, {"state": "runs"}, because, document_number, actor, now)


def name_taken() -> NameTaken:
    """The refusal of a name that another source of the dataset has."""
    return NameTaken(_("Another source of this dataset has the name; open that one, or choose another name."))


def _propose(
    source: DataSource, after: dict[str, Any], because: str, document_number: str, actor: User, now: dt.datetime
) -> Proposal:
    return propose(
        kind=KIND,
        subject_id=source.pk,
        subject_name=str(source),
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def _seal(source: DataSource, terms: Mapping[str, Any], secret: str, actor: User, now: dt.datetime) -> dict[str, Any]:
    """The terms as the proposal names them: of the secret, the number of the row in which it lies sealed."""
    number = source.secret_id
    if secret:
        forget_unused_secrets(source=source)
        number = seal_secret(source=source, text=secret, actor=actor, now=now).pk
    return {**{name: terms[name] for name in WRITTEN}, "secret_id": number}


def _refuse_other_department(dataset: str, actor: User) -> None:
    if dataset not in datasets_open_to(user=actor):
        raise NotYourSource(_("This dataset belongs to another department; only its own people name its sources."))


def _check_terms(dataset: str, terms: Mapping[str, Any]) -> None:
    read_place(kind=terms["kind"], address=terms["address"])
    check_trusted(kind=terms["kind"], trusted=terms["trusted"])
    _check_kind(terms)
    _check_numbers(terms)
    _check_places(dataset, terms)


def _check_kind(terms: Mapping[str, Any]) -> None:
    kind = terms["kind"]
    needed = {
        SourceKind.HTTP: (),
        SourceKind.SFTP: (("username", _("account name")), ("file_pattern", _("pattern of file names"))),
        SourceKind.QUERY: (("username", _("account name")), ("query", _("query"))),
    }
    for name, label in needed[kind]:
        if not terms[name]:
            raise WrongTerms(format_lazy(_("“{label}” is missing; a source of this kind needs it."), label=label))
    foreign = {"file_pattern": SourceKind.SFTP, "query": SourceKind.QUERY}
    if any(terms[name] and kind != owner for name, owner in foreign.items()):
        raise WrongTerms(_("A pattern of file names is for SFTP, and a query for a database; leave the other empty."))
    asks_from = {SourceKind.HTTP: SINCE in terms["address"], SourceKind.QUERY: QUERY_SINCE in terms["query"]}
    if asks_from.get(kind, False) != bool(terms["bookmark_from"]):
        raise WrongTerms(
            _("A bookmark goes with {since} in the address or %(since)s in the query, where its value is put.")
        )
    if kind == SourceKind.QUERY and terms["bookmark_from"] and not terms["begins_at"]:
        raise WrongTerms(_("Say from which value the query begins, such as 2024-01-01."))


def _check_numbers(terms: Mapping[str, Any]) -> None:
    if not SHORTEST_MINUTES <= terms["every_minutes"] <= LONGEST_MINUTES:
        sentence = _("Between two pulls there are {shortest} to {longest} minutes.")
        raise WrongTerms(format_lazy(sentence, shortest=SHORTEST_MINUTES, longest=LONGEST_MINUTES))
    if not 1 <= terms["largest_mib"] <= LARGEST_MIB:
        raise WrongTerms(format_lazy(_("The largest size is 1 to {largest} MiB."), largest=LARGEST_MIB))


def _check_places(dataset: str, terms: Mapping[str, Any]) -> None:
    """Check that the source can say the day of its data and its bookmark where the terms look for them."""
    kind = terms["kind"]
    for place, name in (("as_of_from", "as_of_name"), ("bookmark_from", "bookmark_name")):
        is_named = terms[place] in {AsOf.HEADER, AsOf.COLUMN}
        if is_named != bool(terms[name]):
            raise WrongTerms(_("A header or a column has a name, and nothing else has one; look at both places."))
        if terms[place] == AsOf.HEADER and kind != SourceKind.HTTP:
            raise WrongTerms(_("Only an answer over HTTP has headers; choose another place."))
        if terms[place] == AsOf.COLUMN:
            _check_column(dataset, kind, terms[name])
    if kind == SourceKind.QUERY and terms["as_of_from"] in {AsOf.MODIFIED, AsOf.NAME}:
        raise WrongTerms(_("Rows of a query come from no file; choose a column, or the day of the pull."))


def _check_column(dataset: str, kind: str, name: str) -> None:
    """A column of a file is one of the dataset; a personal number is no bookmark, for bookmarks are shown."""
    columns = {column.name: column for column in find_deliverable(name=dataset).columns}
    if name in columns and columns[name].kind.is_sealed:
        raise WrongTerms(format_lazy(_("“{name}” holds personal numbers; choose another column."), name=name))
    if kind != SourceKind.QUERY and name not in columns:
        raise WrongTerms(format_lazy(_("The dataset has no column “{name}”; choose one of its columns."), name=name))


def _server(address: str) -> str:
    return urlsplit(address).netloc
