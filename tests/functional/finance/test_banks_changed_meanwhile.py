"""Two clerks edit one bank or layout: neither overwrites unseen what the other saved, and each word means one thing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from payouts.models import BankTemplate, ReplyTemplate
from qinqing.proposals.models import Proposal
from tests.factories import replies as written
from tests.factories.payouts import change_bank, make_bank, make_sealed_batch

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
NO_COLUMNS = {f"columns-{each}": "0" for each in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}


def address(row: Model) -> str:
    return reverse(f"admin:payouts_{row._meta.model_name}_change", args=[row.pk])


def opened(client: Client, row: Model) -> dict[str, object]:
    """What the browser would post from the page as it is now."""
    form = client.get(address(row)).context["adminform"].form
    return {name: value for name, value in form.initial.items() if value is not None} | NO_COLUMNS


def rows() -> list[Model]:
    return [written.draft_replies(), BankTemplate.objects.create(name="工商银行", kind="pain.001.001.09")]


@pytest.mark.parametrize("kind", [0, 1], ids=["replies", "files"])
def test_what_a_colleague_saved_meanwhile_stays(kind: int, browser: Browser) -> None:
    row = rows()[kind]
    first, second = browser("first", role="finance"), browser("second", role="finance")
    page = first.get(address(row)).content.decode()
    assert 'name="seen" value="' in page
    stale = opened(first, row)
    changed = opened(second, row) | {"name": "改名银行"}
    assert second.post(address(row), changed).status_code == 302
    answer = first.post(address(row), stale).content.decode()
    assert "changed this since you opened it" in answer
    assert f'<a href="{address(row)}">Open it again</a>' in answer
    row.refresh_from_db()
    assert str(row).startswith("改名银行")
    assert first.post(address(row), opened(first, row) | {"name": "再改"}).status_code == 302


def test_terms_of_a_bank_that_changed_meanwhile_are_not_proposed_back(browser: Browser) -> None:
    bank, clerk = make_bank(), browser("clerk", role="finance")
    page = reverse("admin:payouts_bank_propose_terms", args=[bank.pk])
    stale = {name: value for name, value in clerk.get(page).context["form"].initial.items() if value is not None}
    change_bank(bank=bank, payer_account="33010000000000000002")
    answer = clerk.post(page, stale | {"answer_days": "9", "because": "it takes longer"}).content.decode()
    assert "changed this since you opened it" in answer
    assert not Proposal.objects.filter(decision="").exists()


def test_what_a_colleague_did_to_the_columns_stays(browser: Browser) -> None:
    layout = BankTemplate.objects.create(name="工商银行", kind="pain.001.001.09")
    client = browser("first", role="finance")
    stale = opened(client, layout)
    layout.columns.create(part="line", position=1, content="amount")
    assert "changed this since you opened it" in client.post(address(layout), stale).content.decode()


@pytest.mark.parametrize(
    ("words", "twice"),
    [
        ({"paid_words": "成功", "refused_words": "失败、成功"}, "成功"),
        ({"returned_words": "失败\n退汇", "refused_words": "失败"}, "失败"),
        ({"pending_words": "处理中，交易成功"}, "交易成功"),
    ],
)
def test_a_word_of_a_bank_means_one_thing(words: dict[str, str], twice: str, browser: Browser) -> None:
    layout, client = written.draft_replies(), browser("clerk", role="finance")
    answer = client.post(address(layout), opened(client, layout) | words)
    assert f"“{twice}” stands in two of the lists" in answer.content.decode()
    assert ReplyTemplate.objects.filter(pk=layout.pk, paid_words=layout.paid_words, refused_words="失败").exists()


def test_whoever_lets_a_batch_go_reads_of_accounts_that_were_replaced(browser: Browser) -> None:
    batch = make_sealed_batch(2)
    client = browser("checker", role="finance_checker")
    approve = reverse("admin:payouts_batch_approve", args=[batch.pk])
    assert "has replaced since" not in client.get(approve).content.decode()
    account = batch.instructions.order_by("pk")[0].account
    account.is_active = False
    account.save(update_fields=["is_active"])
    assert "1 line goes to an account that its payee has replaced since." in client.get(approve).content.decode()
    client.post(approve, {"checked_sum_cny": "200"})
    client.post(approve)
    release = reverse("admin:payouts_batch_release", args=[batch.pk])
    page = browser("releaser", role="finance_releaser").get(release).content.decode()
    assert "1 line goes to an account that its payee has replaced since." in page
