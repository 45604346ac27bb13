"""Payouts at each stage, funds, banks and batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count

from companies.models import PayeeAccount, User
from payouts.banks.gateway import Gateway
from payouts.batch_states import Channel
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.fund_banks import propose_bank
from payouts.batches.release import approve_batch, check_control_sum, release_batch
from payouts.batches.terms.accounts import TERMS, propose_bank_terms
from payouts.ledger.funds import open_funds
from payouts.ledger.grants import propose_grant
from payouts.models import Bank, Batch, BatchFile, Claim, Fund, Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Role, Status
from policies.models import Entitlement, PolicyVersion
from qinqing.proposals.decide import confirm
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.people import make_user
from tests.factories.rows import unguarded
from tests.tellers import Teller

_serials = count(1)


def make_payout(*, of: PolicyVersion | None = None, amount_cny: Decimal | int = 100) -> Payout:
    """An approved payout, claimed through the operation."""
    right = make_entitlement(of=of, amount_cny=amount_cny)
    claimed = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
    )
    return Payout.objects.get(pk=claimed.payout_ids[0])


def settle_payouts(gateway: Gateway | None = None, *, now: datetime = NOW) -> None:
    """Send all due payouts to a bank, and apply its replies; the default bank pays at once."""
    send_due(gateway=gateway or Teller(), limit=1000, now=now)
    apply_replies(limit=1000, now=now)


def make_paid(*, gateway: Gateway | None = None, **fields: object) -> Payout:
    """A paid payout."""
    payout = make_payout(**fields)
    settle_payouts(gateway)
    payout.refresh_from_db()
    return payout


def status_of(payout: Payout) -> str:
    """The stored status of a payout."""
    payout.refresh_from_db()
    return str(payout.status)


def insert_payout(right: Entitlement, *, fund_id: int, claim: Claim, **fields: object) -> Payout:
    """A payout as the claim inserts it, before its money is reserved; for tests of the database's promises."""
    payee = PayeeAccount.objects.get(company=right.company, is_active=True)
    values = {
        "entitlement": right,
        "claim": claim,
        "policy_id": right.policy_id,
        "fund_id": fund_id,
        "company_id": right.company_id,
        "account": payee,
        "district": right.district,
        "amount_cny": right.amount_cny,
        "moved_at": NOW,
        "moved_as": Role.SYSTEM,
        "claimed_at": NOW,
    }
    return Payout.objects.create(**(values | fields))


def grant_more(amount_cny: Decimal | int | str, *, to: PolicyVersion, now: datetime = NOW) -> Fund:
    """Grant more money to the fund of a version; one person enters it and another approves it. Returns the fund."""
    amount = Decimal(amount_cny)
    maker = make_user("maker")
    entered = propose_grant(version=to, amount_cny=amount, because="预算追加", actor=maker, now=now)
    confirm(proposal_id=entered.pk, actor=make_user("approver"), now=now)
    return Fund.objects.get(version=to)


def count_statuses(payouts: Sequence[int]) -> dict[str, int]:
    """How many of the payouts have which status."""
    found = Payout.objects.filter(pk__in=payouts).values_list("status", flat=True)
    standing = [Status(status) for status in found]
    return {status.value: standing.count(status) for status in set(standing)}


def make_bank(**fields: object) -> Bank:
    """A bank that is paid by files; two people entered it."""
    values = {
        "name": f"试验银行{next(_serials)}",
        "channel": Channel.FILE,
        "payer_name": "杭州市财政局",
        "payer_account": "33010000000000000001",
        "payer_bank_number": "011331000015",
        "template": None,
        "reply_template": None,
        "answer_days": 5,
    }
    _agree_on_bank(None, values | fields, NOW)
    return Bank.objects.latest("pk")


def change_bank(*, bank: Bank, now: datetime = NOW, **terms: object) -> Bank:
    """Have two people change the terms of a bank; returns the bank."""
    _agree_on_bank(bank, {name: getattr(bank, name) for name in TERMS} | terms, now)
    bank.refresh_from_db()
    return bank


def _agree_on_bank(bank: Bank | None, terms: dict[str, object], now: datetime) -> None:
    asked = {"because": "the bank's paper", "actor": make_user("proposer"), "now": now}
    proposal = propose_bank_terms(bank=bank, terms=terms, **asked)
    confirm(proposal_id=proposal.pk, actor=make_user("confirmer"), now=now)


def choose_bank(*, fund: Fund, bank: Bank | None, now: datetime = NOW) -> Fund:
    """Have two people choose the bank of a fund; returns the fund."""
    proposal = propose_bank(fund=fund, bank=bank, because="the treasury's choice", actor=make_user("proposer"), now=now)
    confirm(proposal_id=proposal.pk, actor=make_user("confirmer"), now=now)
    fund.refresh_from_db()
    return fund


def make_file_fund(how_many: int, *, of: Bank | None = None, amount_cny: Decimal | int = 100) -> Fund:
    """A fund that is paid by files, with as many approved payouts."""
    paid_for = make_version(granted_cny=100_000_000)
    open_funds(version_ids=[paid_for.pk], now=NOW)
    fund = choose_bank(fund=Fund.objects.get(version=paid_for), bank=of or make_bank())
    rights = make_entitlements(how_many, of=paid_for, amount_cny=amount_cny)
    claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    return fund


def make_open_batch(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """An open batch of a fund of its own."""
    return open_batch(fund=make_file_fund(how_many, of=of), actor=make_user("maker"), now=NOW)


def make_sealed_batch(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """A sealed batch, which waits for approval."""
    batch = make_open_batch(how_many, of=of)
    declared = {"declared_count": how_many, "declared_sum_cny": Decimal(how_many * 100)}
    return seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)


def check_batch(*, batch: Batch, actor: User, now: datetime = NOW) -> Batch:
    """Have a checker type the control sum from her papers and approve the batch."""
    batch = check_control_sum(batch=batch, checked_sum_cny=batch.control_sum_cny, actor=actor, now=now)
    return approve_batch(batch=batch, actor=actor, now=now)


def make_released_batch(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """A released batch, which is with its bank."""
    batch = check_batch(batch=make_sealed_batch(how_many, of=of), actor=make_user("checker"))
    return release_batch(batch=batch, actor=make_user("releaser"), now=NOW)


def leave_in_layout_of(file: BatchFile) -> None:
    """Make the layout of a file the one in which its released batch leaves."""
    with unguarded("payouts_batch"):
        Batch.objects.filter(pk=file.batch_id).update(layout_kind=file.kind, layout_template=file.template)
