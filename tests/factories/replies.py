"""Files as banks write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

import xlsxwriter

from payouts.models import ReplyTemplate
from tests.factories.layouts import take_into_use

STATUS_REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-03-02T10:00:00+08:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}\
</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{original}</OrgnlPmtInfId>{payment}{rows}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>
"""
STATUS = """<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}\
<AcctSvcrRef>REF{id}</AcctSvcrRef></TxInfAndSts>
"""
REASON = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>{reason}</AddtlInf></StsRsnInf>"

STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-03-02T18:00:00+08:00</CreDtTm></GrpHdr>
<Stmt><Id>{message_id}</Id><Acct><Id><Othr><Id>33010000000000000001</Id></Othr></Id></Acct>{rows}</Stmt>
</BkToCstmrStmt></Document>
"""
ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}<Sts><Cd>{status}</Cd></Sts>
<NtryDtls><TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs>{returned}</TxDtls></NtryDtls></Ntry>
"""


def status_report(
    rows: Iterable[tuple[str, str]],
    *,
    message_id: str = "BANK-1",
    original: str = "QQ",
    group: str = "",
    payment: str = "",
    reason: str = "",
) -> bytes:
    """A pain.002 with these end-to-end ids and statuses; `group` and `payment` are statuses of the whole."""
    told = REASON.format(reason=reason) if reason else ""
    return STATUS_REPORT.format(
        message_id=message_id,
        original=original,
        group=f"<GrpSts>{group}</GrpSts>" if group else "",
        payment=f"<PmtInfSts>{payment}</PmtInfSts>" if payment else "",
        rows="".join(STATUS.format(id=each, status=status, reason=told) for each, status in rows),
    ).encode()


def entry(
    end_to_end_id: str,
    amount: Decimal | int | str = 100,
    *,
    side: str = "DBIT",
    status: str = "BOOK",
    currency: str = "CNY",
    is_reversal: bool = False,
    returned: str = "",
) -> str:
    """An entry of a statement; `returned` is the reason for which the money came back."""
    return ENTRY.format(
        id=end_to_end_id,
        amount=amount,
        side=side,
        status=status,
        currency=currency,
        reversal="<RvslInd>true</RvslInd>" if is_reversal else "",
        returned=f"<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>{returned}</AddtlInf></RtrInf>" if returned else "",
    )


def statement(entries: Iterable[str], *, message_id: str = "STMT-1") -> bytes:
    """A camt.053 with these entries."""
    return STATEMENT.format(message_id=message_id, rows="".join(entries)).encode()


def table(rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(rows: Iterable[Sequence[object]], *, has_formula: bool = False) -> bytes:
    """A workbook."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    if has_formula:
        sheet.write_formula(1, 1, "=1+1")
    book.close()
    return content.getvalue()


NAME = "试验银行回执"
TITLES = ("业务编号", "金额", "处理结果", "流水号", "失败原因")


def template() -> ReplyTemplate:
    """The layout of replies whose titles are `TITLES`, in use."""
    return ReplyTemplate.objects.filter(name=NAME).first() or take_into_use(draft_replies(name=NAME))


def draft_replies(**fields: object) -> ReplyTemplate:
    """A draft of a layout of replies whose titles are `TITLES`."""
    values = {
        "name": "试验银行回执草稿",
        "id_title": TITLES[0],
        "amount_title": TITLES[1],
        "result_title": TITLES[2],
        "reference_title": TITLES[3],
        "reason_title": TITLES[4],
        "paid_words": "成功，交易成功",
        "refused_words": "失败",
    }
    return ReplyTemplate.objects.create(**(values | fields))
