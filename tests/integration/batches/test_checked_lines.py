"""A checker types the control sum without seeing it, and sees the lines with what is unusual about them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from companies.models import PayeeAccount
from payouts.banks.gateway import Answer
from payouts.batch_states import BatchStatus
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.lines import compare_with_last, count_flags, list_lines, sum_by_place
from payouts.batches.release import NotAsSealed, approve_batch, check_control_sum, reconcile_batches
from payouts.batches.transition import BatchRefused, DutyConflict
from payouts.models import Batch, Payout
from payouts.replies.apply import apply_replies, record_answers
from tests.factories.claims import claim_entitlements
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of, unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def typed(batch: Batch, total: str, person: str = "checker") -> Batch:
    return check_control_sum(batch=batch, checked_sum_cny=Decimal(total), actor=make_user(person), now=NOW)


def test_a_batch_is_approved_by_whoever_typed_its_sum() -> None:
    batch = make_sealed_batch(2)
    with pytest.raises(NotAsSealed, match="Type the control sum"):
        approve_batch(batch=batch, actor=make_user("checker"), now=NOW)
    with pytest.raises(NotAsSealed, match="do not guess"):
        typed(batch, "200.01")
    with pytest.raises(DutyConflict):
        typed(batch, "200", "maker")
    typed(batch, "200")
    with pytest.raises(NotAsSealed):
        approve_batch(batch=batch, actor=make_user("another"), now=NOW)
    assert approve_batch(batch=batch, actor=make_user("checker"), now=NOW).status == BatchStatus.APPROVED
    with pytest.raises(BatchRefused):
        typed(batch, "200")


def test_raw_sql_types_no_sum_after_the_approval() -> None:
    batch = typed(make_sealed_batch(1), "100")
    approve_batch(batch=batch, actor=make_user("checker"), now=NOW)
    forget = "UPDATE payouts_batch SET checked_sum_cny = NULL, checked_at = NULL, checked_by_id = NULL WHERE id = %s"
    assert refusal_of(forget, batch.pk) == "batch_is_kept"


def test_no_page_of_the_checker_shows_the_sum_before_she_types_it() -> None:
    batch = make_sealed_batch(2)
    checker = sign_in_official("finance_checker")
    pages = [
        reverse(f"admin:payouts_batch_{page}", args=[batch.pk] if page != "changelist" else [])
        for page in ("changelist", "change", "approve", "reject", "lines")
    ]
    assert not [page for page in pages if "200.00" in checker.get(page).content.decode()]
    approve = reverse("admin:payouts_batch_approve", args=[batch.pk])
    assert "do not guess" in checker.post(approve, {"checked_sum_cny": "199"}).content.decode()
    checker.post(approve, {"checked_sum_cny": "200"})
    assert [page for page in pages if "200.00" in checker.get(page).content.decode()] == pages
    checker.post(approve)
    assert Batch.objects.get().status == BatchStatus.APPROVED


def test_the_lines_name_payee_account_and_right() -> None:
    batch = make_sealed_batch(2)
    first, second = list_lines(batch=batch)
    account = PayeeAccount.objects.get(pk=batch.instructions.order_by("pk")[0].account_id)
    assert (first.payee, first.account, first.amount_cny, first.entitled_cny) == (
        account.holder_name,
        account.number_masked,
        Decimal(100),
        Decimal(100),
    )
    assert (first.is_new, first.is_changed, first.is_shared) == (True, False, False)
    assert list_lines(batch=batch, after=first.id) == [second]
    (place,) = sum_by_place(batch=batch)
    assert (place.count, place.total_cny) == (2, Decimal(200))
    page = sign_in_official("finance_checker").get(reverse("admin:payouts_batch_lines", args=[batch.pk]))
    assert account.holder_name in page.content.decode()
    assert "new account" in page.content.decode()


def test_an_account_that_two_payees_share_is_flagged() -> None:
    batch = make_sealed_batch(2)
    first, second = batch.instructions.order_by("pk")
    with unguarded():
        shared = PayeeAccount.objects.get(pk=first.account_id).number_hash
        PayeeAccount.objects.filter(pk=second.account_id).update(number_hash=shared)
    assert [line.is_shared for line in list_lines(batch=batch)] == [True, True]
    assert count_flags(batch=batch).shared == 2


def pay(batch: Batch) -> None:
    ids = batch.instructions.values_list("end_to_end_id", flat=True)
    record_answers(answers=[Answer(each, "paid", NOW) for each in ids], now=NOW)
    apply_replies(limit=100, now=NOW)
    reconcile_batches(now=NOW)


def test_what_differs_from_the_last_batch_of_the_fund_is_told() -> None:
    last = make_released_batch(2)
    assert compare_with_last(batch=last) is None
    pay(last)
    payee = Payout.objects.filter(fund=last.fund_id).order_by("pk")[0].company
    with unguarded():
        PayeeAccount.objects.filter(company=payee).update(is_active=False)
        old = PayeeAccount.objects.get(company=payee)
        old.pk, old.is_active, old.number_hash = None, True, b"n" * 32
        old.save(force_insert=True)
    # The payee of before, with another account, and a newcomer.
    rights = [make_entitlement(of=last.fund.version, company=company) for company in (payee, None)]
    for right in rights:
        owner = make_user("owner")
        claim_entitlements(entitlement_ids=[right.pk], company=right.company, commitment="", actor=owner, now=NOW)
    batch = open_batch(fund=last.fund, actor=make_user("maker"), now=NOW)
    declared = {"declared_count": 2, "declared_sum_cny": Decimal(200)}
    batch = seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)
    found = compare_with_last(batch=batch)
    assert found is not None
    assert (found.message_id, found.newcomers, found.missing, found.other_accounts) == (last.message_id, 1, 1, 1)
    assert [(line.is_new, line.is_changed) for line in list_lines(batch=batch)] == [(True, True), (True, False)]
