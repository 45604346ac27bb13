"""
Delivers the files that departments have laid into their folders, `FOLDER/<department>/`.

A file that landed goes to `landed/`, another one to `refused/`, each beside a text that says in Chinese and in English
what became of it. Whoever is killed after a file landed leaves it where it lies: its id is that of its content, or the
one in its name, so it is known when it is looked at again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import structlog
from django.db import DatabaseError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.contracts.departments import department_name
from companies.deliveries.deliver import NotYourDataset, deliver
from companies.deliveries.delivery_id import id_by_content
from companies.deliveries.registry.targets import deliverables
from companies.deliveries.signatures.proof import SignedManifest
from companies.deliveries.signatures.words import describe_signer
from companies.deliveries.watched.folder import LANDED, REFUSED, DepartmentFolder, StillGrows, hold, list_departments
from companies.deliveries.watched.names import MANIFEST, SIGNATURE, Named, read_name
from companies.models import Delivery
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import in_both_languages

# A file that nobody has written for so long is complete.
STILL_SECONDS: Final = 10.0
WAITING, TROUBLE = "waiting", "trouble"
Clock = Callable[[], dt.datetime]

log = structlog.get_logger(__name__)


def watch_once(*, folder: Path, still_seconds: float = STILL_SECONDS, clock: Clock = timezone.now) -> Counter[str]:
    """
    Deliver what is complete in the folders of all departments; returns how many files landed, were refused, or wait.

    A folder that another watcher holds is left to it. A file that cannot be read, or that the database cannot take
    now, stays for the next look, and is logged.

    Raises:
        OSError: the folder itself cannot be read.
    """
    outcomes: Counter[str] = Counter()
    for department in list_departments(folder):
        try:
            with hold(folder, department) as held:
                if held is not None:
                    outcomes += _take_all(held, still_seconds, clock)
        except OSError as trouble:
            _log_trouble(department, trouble)
            outcomes[TROUBLE] += 1
    return outcomes


def _take_all(held: DepartmentFolder, still_seconds: float, clock: Clock) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for name in held.list_names():
        if not held.is_complete(name, at=clock().timestamp(), still_seconds=still_seconds):
            outcomes[WAITING] += 1
            continue
        try:
            outcomes[_take(held, name, clock())] += 1
        except (StillGrows, FileNotFoundError):
            # Its writer goes on, or took it back.
            outcomes[WAITING] += 1
        except (OSError, DatabaseError) as trouble:
            _log_trouble(held.department, trouble)
            outcomes[TROUBLE] += 1
    return outcomes


def _log_trouble(department: str, trouble: Exception) -> None:
    # The sentence of the system names the file, and a file's name may name a person.
    log.error("watch.trouble", department=department, trouble=type(trouble).__name__)


def _take(held: DepartmentFolder, name: str, now: dt.datetime) -> str:
    """Deliver one file and put it away; returns where it went."""
    try:
        with held.copy(name) as content:
            delivery = _deliver(held, name, content, now)
    except Refusal as refusal:
        said = in_both_languages(partial(str, refusal))
        held.put_away(name, into=REFUSED, lines=(said.zh, said.en))
        log.warning("watch.refused", department=held.department, refusal=type(refusal).__name__)
        return REFUSED
    said = in_both_languages(partial(_describe, delivery))
    held.put_away(name, into=LANDED, lines=(said.zh, said.en))
    return LANDED


def _deliver(held: DepartmentFolder, name: str, content: BinaryIO, now: dt.datetime) -> Delivery:
    named = read_name(name)
    _refuse_others(named, held.department)
    dataset, day = named.dataset, named.as_of_on
    return deliver(
        delivery_id=named.delivery_id or id_by_content(dataset=dataset, as_of_on=day, content=content),
        dataset=dataset,
        content=content,
        as_of_on=day,
        delivered_by=None,
        now=now,
        signed=_read_signed(held, name),
    )


def _refuse_others(named: Named, department: str) -> None:
    """Refuse a dataset of another department; one that nobody delivers is refused as everywhere."""
    known = deliverables().get(named.dataset)
    if known is not None and known.department != department:
        sentence = gettext_lazy("“{dataset}” belongs to {owner}; lay it into the folder “{folder}”, not into this one.")
        owner = department_name(known.department)
        raise NotYourDataset(format_lazy(sentence, dataset=known.name, owner=owner, folder=known.department))


def _read_signed(held: DepartmentFolder, name: str) -> SignedManifest | None:
    manifest, signature = held.read_beside(name, MANIFEST), held.read_beside(name, SIGNATURE)
    return SignedManifest(manifest, signature) if manifest or signature else None


def _describe(delivery: Delivery) -> str:
    sentence = _(
        "{id}: of {dataset} {landed} rows landed, {changed} facts are new or changed, {quarantined} rows are in"
        " quarantine; the delivery is {signed}."
    )
    told = sentence.format(
        id=delivery.delivery_id,
        dataset=delivery.dataset,
        landed=f"{delivery.landed_count:,}",
        changed=f"{delivery.changed_count:,}",
        quarantined=f"{delivery.quarantined_count:,}",
        signed=describe_signer(delivery.signed_with),
    )
    again = _("It had landed before; nothing was done again.")
    return f"{told} {again}" if delivery.is_repeated else told
