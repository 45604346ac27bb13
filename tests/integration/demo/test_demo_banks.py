"""The demo's banks: their layouts write files, and loading the banks again changes nothing."""

from __future__ import annotations

import pytest

from payouts.batches.layouts import read_layout
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Kind
from payouts.formats.exports.trial import render_sample
from payouts.models import Bank, BankTemplate
from qinqing.demo.banks import load_banks
from tests.factories.clock import NOW
from tests.factories.payouts import make_released_batch
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def loaded() -> None:
    load_banks(proposer=make_user("finance"), confirmer=make_user("clerk"), now=NOW)


def test_each_layout_of_the_demo_writes_a_batch() -> None:
    loaded()
    for bank in Bank.objects.order_by("pk"):
        template = bank.template
        assert template is not None
        assert render_sample(read_layout(template=template), pattern=template.batch_number)
        (file,) = write_files(
            batch=make_released_batch(2, of=bank), kind=Kind(template.kind), template=template, now=NOW
        )
        assert file.line_count == 2


def test_loading_them_again_changes_nothing() -> None:
    loaded()
    loaded()
    assert (Bank.objects.count(), BankTemplate.objects.count()) == (2, 2)
