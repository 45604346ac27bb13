"""The finance desk during the faults: three clerks, a file for the bank, and the bank's files for the platform."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
from django.db import connection
from django.utils.timezone import now

from companies.models import User
from payouts.batch_states import WITH_THE_BANK, BatchStatus
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.download import download_files
from payouts.batches.queries import sum_lines
from payouts.batches.release import release_batch
from payouts.batches.transition import BatchRefused
from payouts.batches.write import write_files
from payouts.exceptions.manual import retry_payouts
from payouts.formats.exports.layout import Kind as Layout
from payouts.ledger.funds import open_funds
from payouts.ledger.move import IllegalMove, MovedMeanwhile
from payouts.models import Batch, Fund, Instruction, Payout, ReplyFile, ReplyFileStatus
from payouts.replies.apply_file import APPLY, propose_application
from payouts.replies.files import upload_reply
from payouts.states import Status
from policies.models import PolicyVersion
from qinqing.proposals.decide import AlreadyDecided, confirm
from qinqing.proposals.models import Proposal
from tests.factories.companies import use_other_account
from tests.factories.payouts import check_batch, choose_bank, make_bank
from tests.factories.people import make_user
from tests.faults.course import FaultKind
from tests.faults.patience import GaveUp, retry, wait_until

COME_BACK = 2
READ = (ReplyFileStatus.READ, ReplyFileStatus.APPLIED, ReplyFileStatus.REFUSED)


def pay_by_files(version: PolicyVersion) -> Fund:
    """The fund of the version; from now on it is paid by files."""
    open_funds(version_ids=[version.pk], now=now())
    return choose_bank(fund=Fund.objects.get(version=version), bank=make_bank())


@dataclass(slots=True)
class Desk:
    """
    The work of the clerks on one fund.

    `kinds` are the faults of the run; `struck` are those of them that the desk met. `troubles` are things that must
    never happen.
    """

    fund: Fund
    bank: httpx.Client
    kinds: Collection[FaultKind]
    struck: list[FaultKind] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def play(self) -> None:
        """Take the approved payouts to the bank, read its replies, and have returned payments paid again."""
        try:
            self._pay_by_file()
            if FaultKind.PAYMENT_RETURNED in self.kinds and self._return_some():
                self._pay_by_file()
        except (GaveUp, httpx.HTTPError) as given_up:
            self.troubles.append(str(given_up))
        finally:
            connection.close()

    def _pay_by_file(self) -> None:
        batch = self._release()
        order = self._download_twice(batch)
        self._upload_reply(retry(lambda: self._carry_to_bank(order)), name=f"{batch.message_id}.xml")

    def _release(self) -> Batch:
        """The released batch. Each step is taken by the clerk to whom it belongs; then the batch is read again."""
        steps: dict[str, Callable[[Batch], Batch]] = {
            BatchStatus.OPEN: self._seal,
            BatchStatus.SEALED: lambda batch: check_batch(batch=batch, actor=make_clerk("checker"), now=now()),
            BatchStatus.APPROVED: lambda batch: release_batch(batch=batch, actor=make_clerk("releaser"), now=now()),
        }
        batch = retry(lambda: open_batch(fund=self.fund, actor=make_clerk("maker"), now=now()))
        while batch.status not in WITH_THE_BANK:
            retry(lambda: self._step(batch, steps))
            retry(batch.refresh_from_db)
        return batch

    def _step(self, batch: Batch, steps: dict[str, Callable[[Batch], Batch]]) -> None:
        try:
            steps[batch.status](batch)
        except BatchRefused:
            # The connection was cut after the commit: the step was taken, and the next read shows it.
            return

    def _seal(self, batch: Batch) -> Batch:
        found = sum_lines(batch=batch)
        declared = {"declared_count": found.count, "declared_sum_cny": found.total_cny}
        return seal_batch(batch=batch, **declared, actor=make_clerk("maker"), now=now())

    def _download_twice(self, batch: Batch) -> bytes:
        """The bytes of the file; both downloads give the same."""
        (file,) = retry(lambda: write_files(batch=batch, kind=Layout.PAIN001, now=now()))
        taker = retry(lambda: make_clerk("releaser"))
        first, second = (
            retry(
                lambda: b"".join(
                    download_files(files=[file], plain_because="a rehearsal", actor=taker, now=now()).blocks
                ),
            )
            for _time in range(2)
        )
        if first != second or hashlib.sha256(first).hexdigest() != file.stored.sha256:
            self.troubles.append("A batch file changed between two downloads.")
        return first

    def _carry_to_bank(self, order: bytes) -> bytes:
        """The bank's reply; if the bank hangs, the clerk takes the same file there again."""
        answer = self.bank.post("/v1/files", content=order, headers={"Content-Type": "application/xml"})
        return answer.raise_for_status().content

    def _upload_reply(self, reply: bytes, *, name: str) -> None:
        if FaultKind.REPLY_FILE_CUT in self.kinds:
            self._upload_half(reply, name)
        self._upload(reply, name, hands=2 if FaultKind.REPLY_FILE_TWICE in self.kinds else 1)
        file = retry(lambda: ReplyFile.objects.filter(sha256=sha256(reply)).latest("pk"))
        self._wait_until_read(file)
        if file.status == ReplyFileStatus.REFUSED:
            self.troubles.append(f"A whole reply file was refused: {file.refusal}")
            return
        self._apply(file, hands=2 if FaultKind.REPLY_FILE_TWICE in self.kinds else 1)

    def _upload_half(self, reply: bytes, name: str) -> None:
        """Upload only the first half of the reply: the platform refuses it, and it has no effect."""
        half = reply[: len(reply) // 2]
        self._upload(half, f"half of {name}", hands=1)
        file = retry(lambda: ReplyFile.objects.filter(sha256=sha256(half)).latest("pk"))
        self._wait_until_read(file)
        if file.status != ReplyFileStatus.REFUSED or retry(file.lines.exists):
            self.troubles.append("Half a reply file was read.")
        self.struck.append(FaultKind.REPLY_FILE_CUT)

    def _upload(self, reply: bytes, name: str, *, hands: int) -> None:
        clerk = retry(lambda: make_clerk("maker"))

        def upload(_hand: int) -> bool:
            return upload_reply(bank=None, name=name, content=io.BytesIO(reply), actor=clerk, now=now())[1]

        known = act_at_once(upload, hands)
        if len(known) > 1:
            self.struck.append(FaultKind.REPLY_FILE_TWICE)
            if known.count(False) > 1:
                self.troubles.append("One reply file was kept twice.")

    def _wait_until_read(self, file: ReplyFile) -> None:
        def is_read() -> bool:
            file.refresh_from_db()
            return file.status in READ

        wait_until(is_read, what=f"{file.name} is read")

    def _apply(self, file: ReplyFile, *, hands: int) -> None:
        proposal, other = retry(lambda: self._propose(file)), retry(lambda: make_clerk("second reader"))

        def apply(_hand: int) -> bool:
            try:
                confirm(proposal_id=proposal.pk, actor=other, now=now())
            except AlreadyDecided:
                return False
            return True

        if sum(act_at_once(apply, hands)) > 1:
            self.troubles.append("One reply file was applied twice.")

    def _propose(self, file: ReplyFile) -> Proposal:
        """The proposal to apply a file, also if the connection was cut after it was made."""
        made = Proposal.objects.filter(kind=APPLY, subject_id=file.pk).first()
        reader = make_clerk("reader")
        return made or propose_application(file=file, because="the day's file", actor=reader, now=now())

    def _return_some(self) -> bool:
        """Have the bank return some payments, and correct the account of one; whether a payout is sent again."""
        wait_until(lambda: not self._standing(Status.SENT), what="the replies of the file are applied")
        chosen = retry(lambda: self._standing(Status.PAID)[:COME_BACK])
        if not chosen:
            return False
        ids = retry(lambda: latest_instructions(chosen))
        asked = {"end_to_end_ids": ids, "message_id": f"BACK{chosen[0].pk}"}
        advice = retry(lambda: self.bank.post("/v1/returns", json=asked).raise_for_status().content)
        self._upload_reply(advice, name="returns.xml")
        wait_until(lambda: len(self._standing(Status.RETURNED)) == len(chosen), what="the payments have come back")
        self.struck.append(FaultKind.PAYMENT_RETURNED)
        retry(lambda: mend(chosen[0]))
        return True

    def _standing(self, status: Status) -> list[Payout]:
        return list(Payout.objects.filter(fund=self.fund, status=status).select_related("company").order_by("pk"))


def mend(payout: Payout) -> None:
    """Correct the account of the firm, and have finance retry the payout."""
    payout.refresh_from_db()
    if payout.status != Status.RETURNED:
        return
    number = f"33010122{payout.pk:011d}"
    named = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    use_other_account(company=payout.company, number=number, **named, actor=make_clerk("owner"), now=now())
    try:
        retry_payouts(payout_ids=[payout.pk], actor=make_clerk("maker"), because="the account was mended", now=now())
    except (IllegalMove, MovedMeanwhile):
        # The platform was faster: it had noticed the new account by itself.
        return


def latest_instructions(payouts: Sequence[Payout]) -> list[str]:
    """The end-to-end ids of the newest instructions of the payouts."""
    found = Instruction.objects.filter(payout__in=payouts).order_by("payout", "-attempt").distinct("payout")
    return list(found.values_list("end_to_end_id", flat=True))


def act_at_once(act: Callable[[int], bool], hands: int) -> list[bool]:
    """The results of the same act, taken by so many hands at the same moment."""

    def patient(hand: int) -> bool:
        try:
            return retry(lambda: act(hand))
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as threads:
        return list(threads.map(patient, range(hands)))


def make_clerk(name: str) -> User:
    """A clerk by name."""
    return make_user(f"finance {name}")


def sha256(content: bytes) -> str:
    """The digest under which a file is stored."""
    return hashlib.sha256(content).hexdigest()
