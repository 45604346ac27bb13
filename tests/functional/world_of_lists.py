"""The rest of the city: lists, reminders, payees of bills, returned money, changed facts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count

from django.utils import timezone
from stdnum.cn import uscc

from companies.firms.payee_accounts import replace_account
from companies.firms.third_parties import check_account, enter_account
from companies.firms.watch_accounts import propose_lifting
from companies.models import AccountStop, Company, DataSource, PullOutcome, SourcePull, User
from payouts.banks.gateway import Answer, ReturnPage
from payouts.controls.post_audit import raise_risks
from payouts.ledger.grants import propose_grant
from payouts.models import Fund, Instruction, Payout, Reply
from payouts.replies.apply import apply_replies, record_answers
from payouts.replies.clarify import propose_finding
from payouts.sending.returned import record_returns
from payouts.sending.send import send_due
from policies.groups.regroup import group_terms
from policies.models import (
    Entitlement,
    FactChange,
    PolicyVersion,
    Reminder,
    ReminderMoment,
    ReminderRound,
    StackingGroup,
    WhiteList,
)
from policies.white_lists.lists import withdraw_entry
from qinqing.proposals.decide import confirm, turn_down
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.factories.signatures import make_private_key, register
from tests.factories.sources import make_source
from tests.factories.stacking import change_group, make_group_proposal
from tests.factories.white_lists import list_row, make_checked_list, make_list_version, make_published_list
from tests.tellers import Teller

_serials = count(1)


class Returning:
    """A bank that lists some payments as returned."""

    def __init__(self, numbers: list[str]) -> None:
        self._numbers = numbers

    def list_returns(self, *, after: int, limit: int) -> ReturnPage:
        now = timezone.now()
        answers = [Answer(number, "returned", now, f"BACK{number}", "账户已销户") for number in self._numbers]
        return ReturnPage(tuple(answers), after + len(answers))


def lists(*, times: int, firm: Company, official: User) -> None:
    """
    Publish lists with the firm, and remind it; withdraw rows of the last list, and leave one list to be published.
    """
    for _time in range(times):
        companies = [firm, *(make_company() for _row in range(2 * times))]
        named = _published(companies)
        _remind(named.version, companies)
    # Rows of firms that the register does not know, or knows by another name.
    make_checked_list(named.version, *_unlike(times))
    for entry in named.entries.order_by("-pk")[:times]:
        withdraw_entry(entry=entry, because="误列", actor=official, now=timezone.now())


def _published(companies: list[Company]) -> WhiteList:
    now, today = timezone.now(), timezone.localdate()
    window = {"now": now, "opens_on": today, "closes_on": today + dt.timedelta(days=30)}
    version = make_list_version(list_is_public=True, reminders=["opening", "halfway", "three_days"], **window)
    for company in companies:
        make_entitlement(of=version, company=company)
    return make_published_list(version, *(list_row(company, 100) for company in companies))


def _unlike(times: int) -> list[tuple[object, ...]]:
    known = [(make_company().credit_code, "另名有限公司", 5, "") for _row in range(times)]
    return known + [(credit_code(f"91330100YY{next(_serials):07d}"), "无名有限公司", 5, "") for _row in range(times)]


def _remind(version: PolicyVersion, companies: list[Company]) -> None:
    done = {"version": version, "number": 1, "due_on": timezone.localdate()}
    ReminderRound.objects.create(
        **done, moment=ReminderMoment.OPENING, done_at=timezone.now(), reminded_count=len(companies)
    )
    Reminder.objects.bulk_create(
        Reminder(**done, company=company, reason="unclaimed", open_count=1, open_cny=100, reminded_at=timezone.now())
        for company in companies
    )


def third_party(*, times: int) -> None:
    """Make a payee of bills with this many earlier accounts, and one account that waits for its check."""
    code, maker = credit_code(f"91330100XX{next(_serials):07d}"), make_user("maker")
    for number in range(times + 1):
        account = enter_account(
            code=code,
            name="杭州市供电公司",
            kind="utility",
            bank_name="杭州银行",
            bank_number="313331000014",
            number=f"3301{next(_serials):08d}{number:05d}",
            actor=maker,
            now=NOW,
        )
        if number < times:
            check_account(account_id=account.pk, actor=make_user("checker"), now=NOW)


def waiting_accounts(*, times: int) -> None:
    """Enter other accounts of firms, which wait for officials."""
    for _time in range(times):
        firm, number = make_company(), f"3301{next(_serials):013d}"
        told = {"holder_name": firm.name, "bank_name": "杭州银行", "bank_number": "313331000014", "number": number}
        replace_account(company=firm, **told, actor=act_for(firm, make_user("keeper of it")), now=NOW)


def delivery_keys(*, times: int) -> None:
    """Register this many keys of machines of the tax department."""
    for _time in range(times):
        register(make_private_key())


def account_stops(*, times: int) -> None:
    """Stop changed accounts and lift the stop this many times, and leave one stop open."""
    for number in range(times):
        stop = _open_account_stop()
        asked = propose_lifting(stop_id=stop.pk, because=f"已核实 {number}", actor=make_user("proposer"), now=NOW)
        confirm(proposal_id=asked.pk, actor=make_user("official"), now=NOW)
    _open_account_stop()


def sources(*, times: int) -> None:
    """Make sources of the tax office, each with pulls."""
    for _time in range(times):
        source = make_source(name=f"来源{DataSource.objects.count()}")
        note = {"began_at": NOW, "ended_at": NOW, "outcome": PullOutcome.NOTHING_NEW}
        SourcePull.objects.bulk_create(SourcePull(source=source, **note) for _pull in range(times))


def _open_account_stop() -> AccountStop:
    """The open stop; only one of a kind is open at a time."""
    seen = {"account_count": 50, "stopped_at": timezone.now()}
    return AccountStop.objects.get_or_create(kind="burst", lifted_at=None, defaults=seen)[0]


def grants(*, times: int) -> None:
    """Enter grants of the newest fund, and approve half of them."""
    asked = {"version": Fund.objects.latest("pk").version, "actor": make_user("maker"), "now": NOW}
    for number in range(times):
        # Two pending grants of the same amount need two papers.
        paper = f"预算追加 {number}"
        approved = propose_grant(amount_cny=Decimal(5), because=paper, **asked)
        confirm(proposal_id=approved.pk, actor=make_user("approver"), now=NOW)
        propose_grant(amount_cny=Decimal(7), because=paper, **asked)


def group_proposals(group: StackingGroup, versions: list[PolicyVersion], *, times: int) -> None:
    """Give a group this many earlier rules and its present one, and propose another that waits for a second officer."""
    now = group_terms(group=group, policies=[version.policy for version in versions])
    for number in range(times):
        change_group(group, now | {"rule": "cap_together", "cap_cny": f"{number + 1}.00"})
    change_group(group, now)
    make_group_proposal(group, now | {"span": "year"})


def come_back(payouts: list[int]) -> None:
    """The bank returns these payments; their firm has to name another account."""
    numbers = list(Instruction.objects.filter(payout__in=payouts).values_list("end_to_end_id", flat=True))
    record_returns(gateway=Returning(numbers), limit=1000, now=timezone.now())
    apply_replies(limit=1000, now=timezone.now())
    assert Payout.objects.filter(pk__in=payouts, status="returned").count() == len(payouts)


def facts_change(payouts: list[int]) -> None:
    """Change this many facts of each payout, so that each payout has risks to look at."""
    now, facts = timezone.now(), {f"tax[year = {2000 + year}].revenue": [1, 2] for year in range(len(payouts))}
    rights = Entitlement.objects.filter(payouts__in=payouts)
    FactChange.objects.bulk_create(FactChange(entitlement=right, facts=facts, found_at=now) for right in rights)
    assert raise_risks(now=now) >= len(payouts)


def credit_code(stem: str) -> str:
    """The stem with its check digit."""
    return stem + str(uscc.calc_check_digit(stem))


def findings(*, times: int, official: User) -> None:
    """
    Make payments that the bank reports as refused and made at once: half with a finding, half with proposals of one, of
    which the last one waits.
    """
    for _time in range(times):
        now = timezone.now()
        found = propose_finding(reply_id=_contradict(now).pk, was_paid=True, because="柜台", actor=official, now=now)
        confirm(proposal_id=found.pk, actor=make_user("approver"), now=now)
        reply = _contradict(now)
        for turn in range(times):
            told = {"was_paid": True, "because": f"柜台答复{turn}", "actor": official, "now": now}
            finding = propose_finding(reply_id=reply.pk, **told)
            if turn + 1 < times:
                turn_down(proposal_id=finding.pk, actor=official, now=now)


def _contradict(now: dt.datetime) -> Reply:
    """Make a payment that the bank reports as refused and made at once; returns the reply that says it was made."""
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1000, now=now)
    number = f"Q{payout.pk:015d}A01"
    record_answers(answers=[Answer(number, "refused", now), Answer(number, "paid", now)], now=now)
    while apply_replies(limit=1000, now=now):
        pass
    return Reply.objects.get(instruction__payout=payout, outcome="paid")
