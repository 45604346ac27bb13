"""A city with something to show on every page, which can grow."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone
from knox.models import AuthToken

from companies.contracts.contract import NUMBERS, Contract, Property, Subject, Type
from companies.memberships.invitations import invite
from companies.models import AdminRecord, Company, DatasetContract, FirmRole, QuarantinedRow, User
from payouts.batches.orders import order_files, write_ordered_files
from payouts.controls.post_audit import ask_for_check, finish_check, plan_sampling
from payouts.exceptions.release_leases import release_leases
from payouts.formats.exports.layout import Kind
from payouts.ledger.shares import propose_settlement, set_shares
from payouts.models import BatchFile, Download, Fund, Payout, PostCheck
from payouts.publicity.publicise import object_to
from payouts.recovery.recover import appeal_against, demand_repayment
from payouts.replies.files import read_reply, upload_reply
from payouts.sending.send import send_due
from policies.authoring.suspend import suspend_version
from policies.models import (
    Breaker,
    Entitlement,
    MatchRun,
    NamedClause,
    PolicyVersion,
    PreviewRun,
    Track,
    WhiteListEntry,
)
from qinqing.proposals.decide import confirm
from tests.factories import replies
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for, make_company
from tests.factories.dataset_models import ROW_MODELS, is_about_people
from tests.factories.decisions import apply_file
from tests.factories.deliveries import make_delivery, make_row
from tests.factories.entitlements import make_entitlement, put_in_force
from tests.factories.layouts import draft_template, make_template, take_into_use
from tests.factories.payouts import make_bank, make_payout, make_released_batch, make_sealed_batch, settle_payouts
from tests.factories.penalties import HEARD, find_fraud, judge, make_ban, make_fine
from tests.factories.people import give_roles, make_employee, make_user
from tests.factories.policies import make_draft, make_policy, make_published
from tests.factories.stacking import make_group
from tests.functional import world_of_lists as more
from tests.functional.conftest import in_force
from tests.tellers import Teller


@dataclass
class World:
    """
    The city, a firm with its owner, and an official with every right.

    `grow` adds this many rows of every kind, and gives the newest row of each kind this many parts.
    """

    firm: Company
    owner: User
    official: User
    version: PolicyVersion
    grown: int = 0

    def grow(self, times: int) -> None:
        """Make the city larger."""
        for _time in range(times):
            self.grown += 1
            self._learn()
            self._rule()
            self._look_back()
            self._divide()
            more.third_party(times=times)
        more.lists(times=times, firm=self.firm, official=self.official)
        self._offer(times)
        self._pay(times)
        self._batch(times)
        more.grants(times=times)
        more.findings(times=times, official=self.official)
        self._read(times)
        self._draft(times)
        more.delivery_keys(times=times)
        more.waiting_accounts(times=times)
        more.account_stops(times=times)
        more.sources(times=times)
        # The newest person is an official, whose page has every button; it shows what was done to him.
        make_user(f"official{self.grown}", is_staff=True)
        AdminRecord.objects.log_actions(self.official.pk, [User.objects.latest("pk")] * times, 2, "made")

    def _learn(self) -> None:
        """
        Make a row of each dataset: about the firm where it may have several, about a new firm or person otherwise.
        """
        newcomer, person = make_company(f"新企业{self.grown}"), make_employee(f"王{self.grown}")
        act_for(newcomer, self.owner)
        clerk = make_user(f"clerk{self.grown}", is_staff=True)
        invite(
            company=self.firm,
            invited_name=f"colleague{self.grown}",
            role=FirmRole.VIEWER,
            day_limit_cny=None,
            actor=self.owner,
            now=timezone.now(),
        )
        AuthToken.objects.create(user=clerk)
        give_roles(clerk, Group.objects.create(name=f"group{self.grown}").name)
        for model in ROW_MODELS.values():
            contract = model.dataset
            firm = self.firm if contract.is_list else newcomer
            engaged = {"employee": person} if contract.subject is Subject.COMPANY_PERSON else {}
            owner = person if is_about_people(model) else firm
            make_row(model, owner, **engaged, **columns_of(contract, self.grown))
        delivery = make_delivery("tax", touching=[newcomer])
        QuarantinedRow.objects.bulk_create(
            QuarantinedRow(delivery=delivery, row_number=row + 2, reason="unknown_company") for row in range(self.grown)
        )

    def _rule(self) -> None:
        version = in_force()
        MatchRun.objects.create(version=version, asked_at=NOW, refusal="too slow", holds_claims=True)
        PreviewRun.objects.create(version=version, asked_at=NOW)
        suspend_version(version=version, reason="一看", actor=self.official, now=NOW)
        Breaker.objects.create(policy=version.policy)
        NamedClause.objects.create(
            name=f"named_{version.pk}", name_zh=f"条件{version.pk}", title_zh="条件", feel="true"
        )
        make_bank(template=make_template(), reply_template=take_into_use(replies.draft_replies(name=f"{version.pk}")))
        # The newest layouts are drafts.
        draft_template()
        replies.draft_replies(name=f"draft{version.pk}")

    def _offer(self, times: int) -> None:
        versions = [in_force() for _time in range(times + 1)]
        grouped = make_group(*versions)
        more.group_proposals(grouped, versions, times=times)
        for version in [*versions, *[self.version] * times]:
            make_entitlement(of=version, company=self.firm)

    def _pay(self, times: int) -> None:
        """
        Claim payouts of four kinds: the bank returns them, their facts change, the public sees them, or they are stuck.
        """
        for becomes in (more.come_back, more.facts_change):
            payouts = self._claim(times, self.version)
            settle_payouts(now=timezone.now())
            becomes(payouts)
        *shown, _kept = self._claim(times + 1, in_force(track=Track.PUBLICISED, publicise_days=5))
        for payout in shown:
            said = {"name": "王五", "contact": "13912345678", "text": "这家企业三月起已经没有开业，门口贴着公告。"}
            object_to(payout_id=payout, **said, recorded_by=self.official, now=timezone.now())
            by_form = said | {"contact": f"wang{payout}@example.com", "sender": f"192.0.2.{payout}"}
            object_to(payout_id=payout, **by_form, now=timezone.now())
        stuck = [make_payout().pk for _time in range(times)]
        send_due(gateway=Teller(deaf=lambda _id: True), limit=1000, now=timezone.now())
        Payout.objects.filter(pk__in=stuck).update(leased_until=timezone.now() + dt.timedelta(minutes=5))
        release_leases(payout_ids=stuck, because="still", actor=self.official, now=timezone.now())

    def _claim(self, times: int, version: PolicyVersion, firm: Company | None = None) -> list[int]:
        rights = [make_entitlement(of=version, company=firm or self.firm) for _time in range(times)]
        return list(
            claim_entitlements(
                entitlement_ids=[right.pk for right in rights],
                company=firm or self.firm,
                commitment="yes",
                actor=self.owner,
                now=timezone.now(),
            ).payout_ids
        )

    def _look_back(self) -> None:
        """Make a sample, a breach, a demand of the money, and the firm's appeal."""
        version, firm, now = in_force(), make_company(f"外企业{self.grown}"), timezone.now()
        plan_sampling(version=version, percentage=Decimal(1), actor=self.official, now=now)
        (number,) = self._claim(1, version, firm)
        settle_payouts(now=timezone.now())
        payout = Payout.objects.get(pk=number)
        check = ask_for_check(payout=payout, because="群众举报", actor=self.official, now=now)
        finish_check(check_id=check.pk, is_breach=True, finding="停业", actor=make_user("zhao"), now=now)
        recovery = demand_repayment(
            check=PostCheck.objects.get(pk=check.pk),
            amount_cny=payout.amount_cny,
            because="提供虚假材料",
            actor=self.official,
            now=now,
        )
        act_for(firm, self.owner)
        find_fraud(recovery, now=now)
        judge(make_ban(recovery, now=now - HEARD, since=now), now=now)
        make_fine(recovery, 10, now=now)
        appeal_against(recovery=recovery, text="我们没有停业。", actor=self.owner, now=now)

    def _divide(self) -> None:
        """Make a version whose money two levels share, a settlement between the two, and one that waits."""
        version = PolicyVersion.objects.create(
            policy=make_policy(f"D-{self.grown}"),
            number=1,
            amount_feel="100",
            granted_cny=1_000_000,
            opens_on="2026-01-01",
        )
        set_shares(version=version, parts={"city": Decimal(1), "district": Decimal(1)}, advance_payer="district")
        payout = make_payout(of=put_in_force(version))
        settle_payouts(now=timezone.now())
        settlement = {
            "fund": Fund.objects.get(version=version),
            "district": payout.district,
            "debtor": "city",
            "creditor": "district",
            "amount_cny": Decimal(1),
            "settled_on": TODAY,
            "actor": self.official,
            "now": timezone.now(),
        }
        settled = propose_settlement(**settlement, reference=f"V-{self.grown}")
        confirm(proposal_id=settled.pk, actor=make_user("approver"), now=timezone.now())
        propose_settlement(**settlement, reference=f"W-{self.grown}")

    def _batch(self, times: int) -> None:
        for _time in range(times):
            make_sealed_batch(times)
        batch = make_released_batch(times)
        order_files(batch=batch, kind=Kind.PAIN001, template=None, actor=self.official, now=NOW)
        write_ordered_files(clock=timezone.now)
        file = BatchFile.objects.filter(batch=batch).latest("pk")
        for _time in range(times):
            Download.objects.create(
                file=file, downloaded_at=timezone.now(), downloaded_by=self.official, is_encrypted=True
            )

    def _read(self, times: int) -> None:
        for number in range(times):
            rows = [(f"Q{self.grown}{number}{place:03d}A01", "ACSC") for place in range(times)]
            content = replies.status_report(rows, message_id=f"M{self.grown}-{number}")
            file, _is_known = upload_reply(
                bank=None, name="reply.xml", content=io.BytesIO(content), actor=self.official, now=NOW
            )
            read_reply(file=file)
            apply_file(file=file, now=NOW)

    def _draft(self, times: int) -> None:
        """Make a published version of many conditions, and a draft that would replace it."""
        clauses = ["true"] * times
        before = make_published(*clauses, policy=make_policy(f"W-{self.grown}"))
        make_draft(*clauses, policy=before.policy)
        make_entitlement(of=before, company=self.firm)


def columns_of(contract: Contract, serial: int) -> dict[str, object]:
    """The columns that a row of a dataset requires; each serial number gives another key."""
    return {each.name: _value(each, serial) for each in contract.facts if each.is_required}


def _value(column: Property, serial: int) -> object:
    if column.codes:
        return column.codes[serial % len(column.codes)].code
    kinds: dict[Type, object] = {
        Type.YES_NO: True,
        Type.DAY: dt.date(2024, 1, 1) + dt.timedelta(days=serial),
        Type.MONTH: f"20{serial + 10:02d}-01",
        Type.QUARTER: f"20{serial + 10:02d}Q1",
        Type.TEXT: f"X{serial:05d}"[: column.length or None],
        **dict.fromkeys((Type.YEAR, *NUMBERS), 2000 + serial),
    }
    return kinds[column.type]


def newest(model: type[Model]) -> Model | None:
    """The newest row of a table, which has the most parts."""
    standing = {DatasetContract: {"name": "tax"}, Entitlement: {"status": "open"}, WhiteListEntry: {"standing": "live"}}
    return model._default_manager.filter(**standing.get(model, {})).order_by("-pk").first()
