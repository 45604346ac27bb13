"""Layouts of batch files and of replies, and the two people who take them into use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import TypeVar

from payouts.batches.terms.lives import propose_retirement, propose_use
from payouts.formats.exports.layout import Content, Kind
from payouts.models import BankTemplate, ReplyTemplate, TemplateColumn
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.people import make_user

LINE = (Content.END_TO_END_ID, Content.PAYEE_NAME, Content.PAYEE_ACCOUNT, Content.AMOUNT)
SomeLayout = TypeVar("SomeLayout", BankTemplate, ReplyTemplate)
_serials = count(1)


def draft_template(*, line: Sequence[Content] = LINE, **fields: object) -> BankTemplate:
    """A draft of a layout of delimited files, whose lines have these contents."""
    values = {"name": f"试验版式{next(_serials)}", "kind": Kind.DELIMITED, "delimiter": "|"}
    template = BankTemplate.objects.create(**(values | fields))
    for position, content in enumerate(line, start=1):
        TemplateColumn.objects.create(template=template, part="line", position=position, content=content)
    return template


def make_template(**fields: object) -> BankTemplate:
    """A layout of delimited files in use."""
    return take_into_use(draft_template(**fields))


def take_into_use(layout: SomeLayout, *, now: datetime = NOW) -> SomeLayout:
    """Have two people take a draft into use; returns the layout."""
    asked = {"because": "the bank's manual", "actor": make_user("proposer"), "now": now}
    return _confirmed(propose_use(layout=layout, **asked), layout, now)


def retire(layout: SomeLayout, *, now: datetime = NOW) -> SomeLayout:
    """Have two people retire a layout; returns the layout."""
    asked = {"because": "the bank's manual", "actor": make_user("proposer"), "now": now}
    return _confirmed(propose_retirement(layout=layout, **asked), layout, now)


def _confirmed(proposal: Proposal, layout: SomeLayout, now: datetime) -> SomeLayout:
    confirm(proposal_id=proposal.pk, actor=make_user("confirmer"), now=now)
    layout.refresh_from_db()
    return layout
