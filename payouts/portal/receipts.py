"""The receipt of a payout: its amount, the account that is paid, and all moves of the payout."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from django.utils.translation import gettext_lazy as _

from companies.models import Company, PayeeAccount
from payouts.batch_states import BatchStatus
from payouts.ledger.stored_text import translate_reason
from payouts.models import Instruction, Payout, Transition
from payouts.models.banks.attempts import KEPT
from payouts.portal.claim_history import NoSuchClaim, annotate_standing, make_line
from payouts.portal.progress_types import PayoutLine, Stage
from payouts.states import Status
from qinqing.kernel.database.statements import fetch_rows

_ARRIVED = frozenset({Stage.PAID, Stage.BACK})
# A payout at these stages goes to the account that the payee uses by then, unless a batch holds it already.
_UNSENT = frozenset({Stage.RESERVED, Stage.PUBLIC, Stage.WAITING})
_FIXED = (BatchStatus.SEALED, BatchStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded move of a payout."""

    status: str
    moved_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    One payout with all its moves; the account number is masked.

    `has_arrived` says whether the account was paid, also if the money is demanded back.
    """

    line: PayoutLine
    has_arrived: bool
    holder: str
    account: str
    end_to_end_id: str
    bank_reference: str
    commitment_hash: str
    is_automatic: bool
    steps: tuple[Step, ...]


def build_receipt(*, company: Company, payout_id: int) -> Receipt:
    """
    Build the receipt of one payout of the company.

    Raises:
        NoSuchClaim: the payout is another company's, or does not exist.
    """
    payouts = annotate_standing(Payout.objects.filter(company=company)).select_related("claim", "account__third_party")
    payout = payouts.filter(id=payout_id).first()
    if payout is None:
        raise NoSuchClaim(_("This firm has no such payout."))
    line = make_line(payout)
    has_arrived = line.stage in _ARRIVED
    instruction, bank_reference = _find_attempt(payout, has_arrived=has_arrived)
    account = _find_account(payout, instruction, line.stage)
    return Receipt(
        line=line,
        has_arrived=has_arrived,
        holder=account.holder_name,
        account=f"{account.bank_name} {account.number_masked}",
        end_to_end_id=instruction.end_to_end_id if instruction else "",
        bank_reference=bank_reference,
        commitment_hash=payout.claim.commitment_hash,
        is_automatic=payout.claim.claimed_by_id is None,
        steps=_list_steps(payout),
    )


def _find_account(payout: Payout, instruction: Instruction | None, stage: Stage) -> PayeeAccount:
    """Find the account that was paid, or else the account that the money goes to."""
    # The payout may have a new account when the bank says that it paid the old one; the instruction names the old.
    if instruction and stage in _ARRIVED:
        return instruction.account
    known = payout.account
    is_fixed = bool(instruction and instruction.batch and instruction.batch.status in _FIXED)
    if known.is_active or is_fixed or stage not in _UNSENT:
        return known
    of_payee = {"company": known.company_id, "employee": known.employee_id, "third_party": known.third_party_id}
    return PayeeAccount.objects.filter(is_active=True, **of_payee).first() or known


def _find_attempt(payout: Payout, *, has_arrived: bool) -> tuple[Instruction | None, str]:
    """Find the attempt by which the money arrived, else the latest, and the bank's reference of its payment."""
    attempts = list(payout.instructions.select_related("account", "batch").order_by("-attempt"))
    paid = {
        instruction: (reference, is_kept) for instruction, reference, is_kept in fetch_rows(_PAID, payout=payout.pk)
    }
    arrived = [each for each in attempts if each.pk in paid] if has_arrived else []
    # The bank may have paid two attempts and returned the money of one.
    kept = [each for each in arrived if paid[each.pk][1]]
    attempt = next(iter(kept or arrived or attempts), None)
    return attempt, paid[attempt.pk][0] if attempt and attempt.pk in paid else ""


_PAID: LiteralString = f"""
    SELECT r.instruction_id, r.bank_reference, {KEPT}
    FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
    WHERE i.payout_id = %(payout)s AND r.outcome = 'paid'
"""


def _list_steps(payout: Payout) -> tuple[Step, ...]:
    transitions = Transition.objects.filter(payout=payout).order_by("sequence")
    return tuple(
        Step(str(Status(step.after).label), step.moved_at, translate_reason(step.moved_because)) for step in transitions
    )
