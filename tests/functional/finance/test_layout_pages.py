"""The pages of layouts: a draft is edited and proposed, a layout in use is copied or retired, and never edited."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from payouts.models import BankTemplate, ReplyTemplate
from qinqing.proposals.admin import address_of
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in_official
from tests.factories.layouts import draft_template, make_template, retire, take_into_use
from tests.factories.payouts import make_bank
from tests.factories.replies import draft_replies
from tests.functional.finance.test_finance_desk import address

pytestmark = pytest.mark.django_db
WHY = {"because": "银行的说明书", "document_number": "2026-3"}


@pytest.fixture
def clerk() -> Client:
    return sign_in_official("finance", "wu")


def text(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def confirmed(proposal: Proposal) -> str:
    """Have another clerk look at the proposal and confirm it; return the page that she looked at."""
    other, page = sign_in_official("finance", "xu"), reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    shown = other.get(page).content.decode()
    assert other.post(page).status_code == 302
    return shown


@pytest.mark.parametrize("name", ["banktemplate", "replytemplate"])
def test_the_whole_life_of_a_layout(name: str, clerk: Client) -> None:
    draft = draft_template() if name == "banktemplate" else draft_replies()
    page = address(name, "change", draft.pk)
    assert 'name="name"' in text(clerk, page)
    answer = clerk.post(address(name, "take_into_use", draft.pk), WHY, follow=True)
    assert "a colleague has to confirm this proposal" in answer.content.decode()
    proposal = Proposal.objects.get(decision="")
    assert (proposal.document_number, proposal.proposed_by.username) == ("2026-3", "wu")
    assert f'href="{address_of(proposal)}"' in text(clerk, page)
    confirmed(proposal)
    draft.refresh_from_db()
    assert draft.status == "in_use"
    assert 'name="name"' not in text(clerk, page)
    assert clerk.post(page, {"name": "别名"}).status_code == 403
    assert clerk.post(address(name, "retire", draft.pk), WHY).status_code == 302
    confirmed(Proposal.objects.get(decision=""))
    draft.refresh_from_db()
    assert draft.status == "retired"


def test_a_layout_in_use_is_copied_to_a_draft(clerk: Client) -> None:
    for name, layout in (("banktemplate", make_template()), ("replytemplate", take_into_use(draft_replies()))):
        model, page = type(layout), address(name, "copy", layout.pk)
        assert "is edited freely" in text(clerk, page)
        assert model.objects.count() == 1
        answer = clerk.post(page)
        draft = model.objects.get(copied_from=layout)
        assert answer["Location"] == address(name, "change", draft.pk)
        assert str(layout) in text(clerk, answer["Location"])
    assert BankTemplate.objects.get(status="draft").columns.count() == 4


def test_whoever_decides_sees_the_layout_before_and_after_and_a_line_of_it(clerk: Client) -> None:
    layout = make_template()
    clerk.post(address("banktemplate", "copy", layout.pk))
    draft = BankTemplate.objects.get(copied_from=layout)
    BankTemplate.objects.filter(pk=draft.pk).update(amount_form="fen")
    clerk.post(address("banktemplate", "take_into_use", draft.pk), WHY)
    shown = confirmed(Proposal.objects.get(decision=""))
    assert "<del>yuan with two decimals: 1234.50</del>" in shown
    assert "<ins>whole fen: 123450</ins>" in shown
    assert "Q000000000000001A01|杭州试验餐饮有限公司|6222021234567890|50000" in shown
    assert "each line 1 end-to-end id; each line 2 payee’s name" in shown


def test_what_cannot_be_done_is_said(clerk: Client) -> None:
    empty = draft_template(line=())
    assert "Each line needs" in clerk.post(address("banktemplate", "take_into_use", empty.pk), WHY).content.decode()
    layout = make_template()
    again = clerk.post(address("banktemplate", "take_into_use", layout.pk), WHY)
    assert "look at it again" in again.content.decode()
    make_bank(template=layout)
    answer = clerk.post(address("banktemplate", "retire", layout.pk), WHY)
    assert "give the bank another one first" in answer.content.decode()
    assert "This field is required" in clerk.post(address("banktemplate", "retire", layout.pk)).content.decode()
    assert not Proposal.objects.filter(decision="").exists()


def test_a_bank_is_offered_layouts_in_use_alone(clerk: Client) -> None:
    used, other = make_template(name="在用版式"), draft_template(name="草稿版式")
    gone = retire(make_template(name="停用版式"))
    words = (take_into_use(draft_replies(name="在用回执")), draft_replies(name="草稿回执"))
    page = text(clerk, address("bank", "propose_new"))
    assert [str(each) in page for each in (used, other, gone, *words)] == [True, False, False, True, False]


@pytest.mark.parametrize("step", ["take_into_use", "retire", "copy"])
def test_an_auditor_takes_no_step(step: str) -> None:
    layout, auditor = make_template(), sign_in_official("auditor")
    assert auditor.post(address("banktemplate", step, layout.pk), WHY).status_code == 403
    assert not Proposal.objects.filter(decision="").exists()
    assert (BankTemplate.objects.count(), ReplyTemplate.objects.count()) == (1, 0)
