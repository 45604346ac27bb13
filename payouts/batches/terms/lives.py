"""The life of layouts: one person proposes to take a draft into use or to retire a layout, a second one confirms it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import of_whole_city
from payouts.batches.layouts import read_layout
from payouts.formats.exports.trial import Sample, render_sample
from payouts.models import BankTemplate, ReplyTemplate
from payouts.models.banks.layout_life import LayoutStatus
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.decide import OutOfDate
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

Layout = BankTemplate | ReplyTemplate
SomeLayout = TypeVar("SomeLayout", BankTemplate, ReplyTemplate)

# The kind of proposals about the layouts of a model, and the database's function that reads what a layout says.
KINDS: Final[dict[type[Layout], str]] = {BankTemplate: "bank_template", ReplyTemplate: "reply_template"}
_READS: Final = {
    BankTemplate: "SELECT payouts_bank_template_terms(%(layout)s)::text",
    ReplyTemplate: "SELECT payouts_reply_template_terms(%(layout)s)::text",
}


class LayoutStays(Refusal):
    """The layout has no such step in its life, or a bank has it."""


class MeansTwoThings(Refusal):
    """A word of the bank would stand for two outcomes."""


@of_whole_city
@transaction.atomic
def propose_use(*, layout: Layout, because: str, document_number: str = "", actor: User, now: datetime) -> Proposal:
    """
    Propose to take a draft into use, exactly as it is now.

    Raises:
        LayoutRefused: no batch could be written in it.
        MeansTwoThings: a word of a reply stands for two outcomes.
        NoReason, AlreadyProposed: as `propose` says.
    """
    # The lock keeps its columns from changing between the look at it and the proposal.
    type(layout)._default_manager.select_for_update(no_key=True).get(pk=layout.pk)
    check_usable(layout)
    ((terms,),) = fetch_rows(_READS[type(layout)], layout=layout.pk)
    after = {**json.loads(terms), "status": LayoutStatus.IN_USE}
    return propose(
        kind=KINDS[type(layout)],
        subject_id=layout.pk,
        subject_name=str(layout),
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


@of_whole_city
def propose_retirement(
    *, layout: Layout, because: str, document_number: str = "", actor: User, now: datetime
) -> Proposal:
    """
    Propose to retire a layout in use; batches that left in it are taken in it further on.

    Raises:
        LayoutStays: it is not in use, or a bank has it.
        NoReason, AlreadyProposed: as `propose` says.
    """
    return propose(
        kind=KINDS[type(layout)],
        subject_id=layout.pk,
        subject_name=str(layout),
        after={"status": LayoutStatus.RETIRED},
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


@of_whole_city
@transaction.atomic
def copy_to_draft(*, layout: SomeLayout, actor: User) -> SomeLayout:
    """Copy a layout, with its columns, to a draft of another name."""
    model = type(layout)
    copied = model(**{field.attname: getattr(layout, field.attname) for field in _copied_fields(model)})
    copied.name = next(name for name in _names(layout.name) if not model._default_manager.filter(name=name).exists())
    copied.copied_from_id = layout.pk
    copied.save()
    if isinstance(layout, BankTemplate):
        for column in layout.columns.order_by("part", "position", "pk"):
            column.pk, column.template_id = None, copied.pk
            column.save(force_insert=True)
    return copied


def check_usable(layout: Layout) -> None:
    """
    Refuse a layout by which no file could be written, or no reply understood.

    Raises:
        LayoutRefused, MeansTwoThings: the sentence names the fault.
    """
    if isinstance(layout, BankTemplate):
        write_sample(layout)
        return
    try:
        layout.clean()
    except ValidationError as twice:
        raise MeansTwoThings(" ".join(twice.messages)) from twice


def write_sample(template: BankTemplate) -> Sample:
    """
    Write three made-up lines in a layout.

    Raises:
        LayoutRefused: no batch could be written in it.
    """
    return render_sample(read_layout(template=template), pattern=template.batch_number)


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the promises that a proposal or its confirmation may break."""
    return {
        "layout_is_taken_as_it_is": OutOfDate(
            _("It was changed, taken into use or retired since this was proposed; look at it again.")
        ),
        "layout_of_a_bank_stays": LayoutStays(_("A bank has this layout; give the bank another one first.")),
    }


def _copied_fields(model: type[Layout]) -> Iterator[Any]:
    return (each for each in model._meta.concrete_fields if each.editable and not each.primary_key)


def _names(name: str) -> Iterator[str]:
    """Names for a copy: the layout's own with a number behind it."""
    return (f"{name[:72]} ({number})" for number in count(2))
