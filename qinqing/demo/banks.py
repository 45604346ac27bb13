"""Two banks that take files, with the layouts that such banks ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from companies.models import User
from payouts.batch_states import Channel
from payouts.batches.terms.accounts import propose_bank_terms
from payouts.batches.terms.lives import propose_use
from payouts.formats.exports.layout import COMMON_LINE, Column, Content, Encoding, Kind, LineEnd
from payouts.models import Bank, BankTemplate, ReplyTemplate, TemplateColumn
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal

_BECAUSE = "The demo begins."
_TERMS = {
    "channel": Channel.FILE,
    "payer_name": "杭州市财政局",
    "payer_account": "33010000000000000001",
    "payer_bank_number": "011331000015",
    "answer_days": 5,
}
# A wallet's batch file: number, date, count and total first; a reason from 50,000 yuan.
_WALLET_HEAD = (
    Column(Content.BATCH_NUMBER, "批次号"),
    Column(Content.DATE, "日期"),
    Column(Content.COUNT, "笔数"),
    Column(Content.TOTAL, "总金额"),
)
_WALLET_LINE = (
    Column(Content.END_TO_END_ID, "商户流水号", longest=22),
    Column(Content.PAYEE_ACCOUNT, "收款账号"),
    Column(Content.PAYEE_NAME, "收款人姓名"),
    Column(Content.AMOUNT, "金额"),
    Column(Content.REASON, "付款事由", longest=60),
)


@dataclass(frozen=True, slots=True)
class Clerks:
    """The two people who agree on the banks: one proposes, the other confirms."""

    proposer: User
    confirmer: User
    now: datetime

    def agree_on(self, propose: Callable[..., Proposal], **subject: Any) -> None:
        """Propose something and have it confirmed."""
        proposal = propose(**subject, because=_BECAUSE, actor=self.proposer, now=self.now)
        confirm(proposal_id=proposal.pk, actor=self.confirmer, now=self.now)


@transaction.atomic
def load_banks(*, proposer: User, confirmer: User, now: datetime) -> None:
    """Have two people enter the banks with their layouts, unless they are there."""
    if Bank.objects.filter(channel=Channel.FILE).exists():
        return
    clerks = Clerks(proposer, confirmer, now)
    sheet, wallet, replies = _draft_sheet(), _draft_wallet(), _draft_replies()
    for layout in (sheet, wallet, replies):
        clerks.agree_on(propose_use, layout=layout)
    for name, template in (("杭州银行（文件）", sheet), ("钱包（文件）", wallet)):
        terms = {"name": name, "template": template, "reply_template": replies, **_TERMS}
        clerks.agree_on(propose_bank_terms, bank=None, terms=terms)


def _draft_sheet() -> BankTemplate:
    sheet = BankTemplate.objects.create(name="通用代发表（xlsx）", kind=Kind.WORKBOOK)
    _add_columns(sheet, TemplateColumn.Section.LINE, COMMON_LINE)
    return sheet


def _draft_wallet() -> BankTemplate:
    wallet = BankTemplate.objects.create(
        name="钱包批量付款（GB18030）",
        kind=Kind.DELIMITED,
        encoding=Encoding.GB18030,
        delimiter="|",
        line_end=LineEnd.LF,
        has_titles=False,
        reason_from_cny=Decimal(50_000),
    )
    _add_columns(wallet, TemplateColumn.Section.HEAD, _WALLET_HEAD)
    _add_columns(wallet, TemplateColumn.Section.LINE, _WALLET_LINE)
    return wallet


def _draft_replies() -> ReplyTemplate:
    return ReplyTemplate.objects.create(
        name="通用代发回盘",
        id_title="业务编号",
        result_title="处理结果",
        amount_title="金额",
        reason_title="失败原因",
        paid_words="成功，交易成功",
        refused_words="失败，交易失败",
    )


def _add_columns(template: BankTemplate, part: str, columns: tuple[Column, ...]) -> None:
    TemplateColumn.objects.bulk_create(
        TemplateColumn(
            template=template,
            part=part,
            position=position,
            title=column.title,
            content=column.content,
            longest=column.longest,
        )
        for position, column in enumerate(columns, start=1)
    )
