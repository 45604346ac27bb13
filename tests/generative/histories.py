"""The acts that happen to payouts between two funds and one bank, from which histories are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from payouts.banks.gateway import Answer, BankResponse, ExecutedPayment, PaymentOrder
from payouts.banks.http import OUTCOMES
from payouts.claims.reserve import serve_waitlist
from payouts.controls.post_audit import ask_for_check, finish_check
from payouts.controls.reconcile import invariants
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.ledger.shares import set_shares
from payouts.models import Appeal, Instruction, Objection, Payout, PostCheck, Recovery, Reply, Transition
from payouts.publicity import publicise
from payouts.publicity.publicise import decide_objection
from payouts.recovery import recover
from payouts.recovery.queries import owed_cny, repaid
from payouts.recovery.recover import appeal_against, demand_repayment, record_repayment
from payouts.replies.apply import apply_replies
from payouts.replies.clarify import propose_finding
from payouts.sending.account_replaced import resume_mended
from payouts.sending.send import ask_in_doubt, send_due
from payouts.states import SETTLED, Role, Status
from policies.models import Entitlement, EntitlementStatus, Policy, PolicyVersion, Track
from qinqing.bank_simulator.books import Books, Payment, PaymentResult
from qinqing.proposals.decide import confirm
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import act_for, use_other_account
from tests.factories.entitlements import make_entitlements, make_version, put_in_force
from tests.factories.objections import object_to
from tests.factories.payouts import grant_more
from tests.factories.people import make_user

AMOUNT_CNY, FIRMS, ENOUGH_FOR, SHOWN = 100, 9, 6, 3
MOODS = ("well", "refuses", "lost on the way", "late on the way", "silent after booking", "says everything twice")
# The statuses in which a payout may stay when nobody acts any more and the bank is well.
AT_REST = (
    *(Status.PAID, Status.FAILED, Status.RETURNED, Status.WAITLISTED, Status.CANCELLED),
    *(Status.RECOVERING, Status.RECOVERED),
)
EVERYTHING = 100


class MoodyBank:
    """The simulator's own books, reached without a network; the mood decides which messages get through."""

    def __init__(self, file: Path, history: History) -> None:
        self.mood = "well"
        self.late: list[Payment] = []
        self.paid_after_all: dict[str, ExecutedPayment] = {}
        self.books = Books(file, clock=lambda: history.now)

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        payments = [Payment.read(_written(order)) for order in orders]
        if self.mood == "late on the way":
            self.late += payments
        if self.mood.endswith("on the way"):
            return BankResponse(silence="no connection")
        as_of, decisions = self.books.pay(payments, refuses=lambda _id: "closed" if self.mood == "refuses" else "")
        return self._heard(as_of, decisions)

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        if self.mood.endswith("on the way"):
            return BankResponse(silence="no connection")
        return self._heard(*self.books.ask(end_to_end_ids))

    def arrive(self) -> None:
        """Book the payments that were late on the way."""
        self.books.pay(self.late, refuses=lambda _id: "")
        self.late.clear()

    def list_executed(self) -> Iterator[ExecutedPayment]:
        payments, _after = self.books.list_executed(after=0, limit=10_000)
        for each in payments:
            yield ExecutedPayment(each["end_to_end_id"], each["amount_cny"], each["purpose"])
        yield from self.paid_after_all.values()

    def _heard(self, as_of: dt.datetime, decisions: Sequence[PaymentResult]) -> BankResponse:
        if self.mood == "silent after booking":
            return BankResponse(silence="timed out")
        answers = [Answer(d.end_to_end_id, OUTCOMES[d.outcome], as_of, d.bank_reference, d.reason) for d in decisions]
        return BankResponse(tuple(answers * (2 if self.mood == "says everything twice" else 1)))


def _written(order: PaymentOrder) -> dict[str, str]:
    return {
        "end_to_end_id": order.end_to_end_id,
        "amount_cny": str(order.amount_cny),
        "payee_name": order.payee_name,
        "payee_account": order.payee_account,
        "bank_number": order.bank_number,
        "purpose": order.purpose,
        "valid_until": order.valid_until.isoformat(),
    }


def shared_version() -> PolicyVersion:
    """A version in force that district and city pay three to one; the city pays first."""
    policy = Policy.objects.create(code="SHARED", title_zh="分担政策", title_en="Shared", department="finance")
    draft = PolicyVersion.objects.create(
        policy=policy, number=1, amount_feel="100", granted_cny=AMOUNT_CNY * ENOUGH_FOR, opens_on="2026-01-01"
    )
    parts = {"city": Decimal(1), "district": Decimal(3)}
    set_shares(version=draft, parts=parts, advance_payer="city")
    return put_in_force(draft)


class History:
    """
    One fund with shares that does not reach for everybody, one fund whose payouts are publicised, and one bank.

    Each act takes the rows that it acts on; its caller chooses them. The product refuses an act that must not happen.
    """

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        self.now = NOW
        self.bank = MoodyBank(Path(self.folder.name) / "bank", self)
        self.version = shared_version()
        shown = make_version(granted_cny=AMOUNT_CNY * SHOWN, track=Track.PUBLICISED, publicise_days=3)
        self.wanted = make_entitlements(FIRMS, of=self.version, amount_cny=AMOUNT_CNY)
        self.wanted += make_entitlements(SHOWN, of=shown, amount_cny=AMOUNT_CNY)
        self.clerk, self.officer = make_user("clerk"), make_user("officer")
        self.other, self.owner = make_user("other officer"), make_user("owner")

    def wait(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def claim(self, entitlements: Sequence[int]) -> None:
        claim_entitlements(entitlement_ids=entitlements, company=None, commitment="", actor=None, now=self.now)

    def send(self, limit: int, mood: str) -> None:
        self.bank.mood = mood
        send_due(gateway=self.bank, limit=limit, now=self.now)

    def ask(self, mood: str) -> None:
        self.bank.mood = mood
        ask_in_doubt(gateway=self.bank, limit=EVERYTHING, now=self.now)

    def apply(self) -> None:
        while apply_replies(limit=EVERYTHING, now=self.now):
            pass

    def serve(self) -> None:
        serve_waitlist(limit=EVERYTHING, now=self.now)

    def grant(self) -> None:
        grant_more(AMOUNT_CNY, to=self.version, now=self.now)

    def cancel(self, payout: Payout, role: Role) -> None:
        asked = {"payout_ids": [payout.pk], "role": role, "actor": self.clerk, "because": "a trial"}
        cancel_payouts(**asked, now=self.now)

    def retry(self, payout: Payout) -> None:
        retry_payouts(payout_ids=[payout.pk], actor=self.clerk, because="a trial", now=self.now)

    def mend(self, payout: Payout) -> None:
        """The firm gives another account; the payouts that the bank refused or returned resume by themselves."""
        number = f"33010122{self.now:%H%M%S}{payout.pk:08d}"
        named = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
        use_other_account(company=payout.company, number=number, **named, actor=self.owner, now=self.now)
        resume_mended(limit=EVERYTHING, now=self.now)

    def come_back(self, payout: Payout) -> None:
        """The payee's bank sends the money back, and the statement says so."""
        kept = Instruction.objects.filter(payout=payout, replies__outcome="paid").exclude(replies__outcome="returned")
        paid = kept.latest("attempt")
        if self.bank.paid_after_all.pop(paid.end_to_end_id, None) is None:
            self.bank.books.give_back([paid.end_to_end_id])
        Reply.objects.create(instruction=paid, outcome="returned", reason="account closed", received_at=self.now)
        self.apply()

    def pay_after_all(self, payout: Payout) -> None:
        """The bank has paid a payment that it had refused, and its statement says so."""
        refused = Instruction.objects.filter(payout=payout, replies__outcome="refused").earliest("attempt")
        self.wait(1)
        Reply.objects.create(instruction=refused, outcome="paid", received_at=self.now)
        paid = ExecutedPayment(refused.end_to_end_id, refused.amount_cny, "")
        self.bank.paid_after_all[refused.end_to_end_id] = paid
        self.apply()

    def pay_cancelled(self, payout: Payout) -> None:
        """The bank has paid a payment that it had refused and a clerk had cancelled; two clerks find that out."""
        self.pay_after_all(payout)
        reply = Reply.objects.filter(instruction__payout=payout, outcome="paid").latest("pk")
        asked = {"reply_id": reply.pk, "was_paid": True, "because": "asked the bank"}
        finding = propose_finding(**asked, actor=self.clerk, now=self.now)
        confirm(proposal_id=finding.pk, actor=self.officer, now=self.now)

    def end_publicity(self) -> None:
        publicise.end_publicity(limit=EVERYTHING, now=self.now)

    def object_to(self, payout: Payout) -> None:
        told = {"name": "王", "text": "not eligible"}
        # Each objection has its own address, because the objections of one address within an hour are limited.
        count = Objection.objects.count()
        sender, contact = f"192.0.2.{count}", f"wang{count}@example.com"
        object_to(payout_id=payout.pk, **told, sender=sender, contact=contact, now=self.now)

    def decide(self, objection: Objection, *, is_upheld: bool) -> None:
        asked = {"objection_id": objection.pk, "is_upheld": is_upheld, "decision": "looked at"}
        decide_objection(**asked, actor=self.officer, now=self.now)

    def demand(self, payout: Payout) -> None:
        """A check finds a breach, and finance demands the money back."""
        check = ask_for_check(payout=payout, because="a hint", actor=self.clerk, now=self.now)
        found = {"check_id": check.pk, "is_breach": True, "finding": "false papers"}
        check = finish_check(**found, actor=self.officer, now=self.now)
        asked = {"amount_cny": payout.amount_cny, "because": "false papers"}
        demand_repayment(check=PostCheck.objects.get(pk=check.pk), **asked, actor=self.clerk, now=self.now)

    def repay(self, recovery: Recovery, amount_cny: Decimal) -> None:
        reference = f"R{recovery.pk}N{recovery.repayments.count()}"
        asked = {"amount_cny": amount_cny, "received_on": self.now.date(), "bank_reference": reference}
        record_repayment(recovery_id=recovery.pk, **asked, actor=self.clerk, now=self.now)

    def end_recovery(self, recovery: Recovery) -> None:
        recover.end_recovery(recovery_id=recovery.pk, actor=self.other, now=self.now)

    def appeal(self, recovery: Recovery) -> None:
        owner = act_for(recovery.payout.company, self.owner)
        appeal_against(recovery=recovery, text="we kept our word", actor=owner, now=self.now)

    def decide_appeal(self, appeal: Appeal, *, is_upheld: bool) -> None:
        asked = {"appeal_id": appeal.pk, "is_upheld": is_upheld, "decision": "looked at"}
        recover.decide_appeal(**asked, actor=self.other, now=self.now)

    def payouts(self, *statuses: Status) -> list[Payout]:
        found = Payout.objects.filter(entitlement__in=self.wanted).select_related("company").order_by("pk")
        return list(found.filter(status__in=statuses) if statuses else found)

    def standing(self, status: EntitlementStatus) -> list[int]:
        """Entitlements of this status, except those for which the bank paid a cancelled payout."""
        paid = Payout.objects.filter(was_paid_cancelled=True).values("entitlement")
        found = Entitlement.objects.filter(pk__in=self.wanted, status=status).exclude(pk__in=paid)
        return list(found.order_by("pk").values_list("pk", flat=True))

    def refused_for_good(self) -> list[Payout]:
        """Payouts that the bank refused and never paid, and that have stopped or wait to be paid again."""
        return self._refused(Status.APPROVED, Status.FAILED, Status.RETURNED)

    def cancelled_for_good(self) -> list[Payout]:
        """Payouts that the bank refused and never paid, that a clerk cancelled, and whose money the fund still has."""
        return [each for each in self._refused(Status.CANCELLED) if each.fund.available_cny >= each.amount_cny]

    def _refused(self, *statuses: Status) -> list[Payout]:
        refused = Instruction.objects.filter(replies__outcome="refused").exclude(replies__outcome="paid")
        never_paid = Payout.objects.exclude(
            pk__in=Instruction.objects.filter(replies__outcome="refused")
            .filter(replies__outcome="paid")
            .values("payout")
        )
        stopped = never_paid.filter(pk__in=refused.values("payout"), entitlement__in=self.wanted)
        return list(stopped.filter(status__in=statuses).select_related("company", "fund").order_by("pk"))

    def recoveries(self, is_due: Callable[[Recovery], bool]) -> list[Recovery]:
        return [each for each in Recovery.objects.filter(ended_as="").order_by("pk") if is_due(each)]

    def moves(self) -> set[tuple[Status, Status]]:
        """The moves that were made so far."""
        made_so_far = Transition.objects.exclude(before="").values_list("before", "after").distinct()
        return {(Status(before), Status(after)) for before, after in made_so_far}

    def prove(self) -> None:
        """Prove that our books balance and agree with the bank's, and that nobody was paid twice."""
        proof = invariants(bank_books=self.bank)
        with connection.cursor() as cursor:
            # The temporary tables would end with the transaction, but this transaction lasts as long as the history.
            cursor.execute("DROP TABLE bank_book, bank_paired")
        assert proof.hold, proof.troubles

    def come_to_rest(self) -> None:
        """Let a bank that is well finish everything."""
        for objection in Objection.objects.filter(is_upheld=None):
            self.decide(objection, is_upheld=False)
        # A payment on its way arrives before its cut-off, but after we have asked the bank about it.
        self._finish(5, 5)
        self.bank.arrive()
        self._finish(5, 300, 5, 300, 5, 300, 5, 86_400 * 5, 5)
        assert {payout.status for payout in self.payouts()} <= set(AT_REST)
        assert len(self.payouts(*SETTLED)) == self.bank.books.summary()["count"] + len(self.bank.paid_after_all)
        self.prove()

    def _finish(self, *pauses_seconds: int) -> None:
        for seconds in pauses_seconds:
            self.wait(seconds)
            self.end_publicity()
            self.apply()
            self.ask("well")
            self.apply()
            self.send(EVERYTHING, "well")
            self.apply()


def still_owed(recovery: Recovery) -> bool:
    """Whether part of the demand is not repaid yet."""
    return owed_cny(recovery=recovery) > 0


def untouched(recovery: Recovery) -> bool:
    """Whether nothing of the demand is repaid yet."""
    return repaid(recovery=recovery).total_cny == 0


def fully_repaid(recovery: Recovery) -> bool:
    """Whether the recovery may be closed: all is repaid, and no appeal waits."""
    return not still_owed(recovery) and not recovery.appeals.filter(is_upheld=None).exists()


def appealable(recovery: Recovery) -> bool:
    """Whether the firm may appeal, and could be right: it has repaid nothing yet."""
    return recovery.appeals.count() == 0 and untouched(recovery)
