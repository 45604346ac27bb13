"""The files of the simulated bank: it reads pain.001, and writes pain.002 and camt.054."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from qinqing.bank_simulator.books import Payment, PaymentResult, UnreadableRequest

# The bank takes a file whenever a person brings it, and executes it on that day.
NO_CUT_OFF = datetime(9999, 1, 1, tzinfo=UTC).isoformat()
PATHS = {
    "end_to_end_id": "{*}PmtId/{*}EndToEndId",
    "amount_cny": "{*}Amt/{*}InstdAmt",
    "payee_name": "{*}Cdtr/{*}Nm",
    "payee_account": "{*}CdtrAcct/{*}Id/{*}Othr/{*}Id",
    "bank_number": "{*}CdtrAgt/{*}FinInstnId/{*}ClrSysMmbId/{*}MmbId",
    "purpose": "{*}RmtInf/{*}Ustrd",
}
STATUSES = {"paid": "ACSC", "refused": "RJCT", "expired": "RJCT"}


class PaymentOrder(NamedTuple):
    """A file of payments."""

    message_id: str
    payments: list[Payment]


class ReturnedPayment(NamedTuple):
    """A payment that came back."""

    end_to_end_id: str
    amount_cny: Decimal
    reason: str


def read_order(content: bytes) -> PaymentOrder:
    """
    The payments of a pain.001.

    Raises:
        UnreadableRequest: it is cut off or another message, or its count or its sum is not that of its lines.
    """
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - our own files, on the loopback address
        head = root.find("{*}CstmrCdtTrfInitn/{*}GrpHdr")
        asked = [_read_line(line) for line in root.iterfind(".//{*}CdtTrfTxInf")]
    except ElementTree.ParseError as wrong:
        raise UnreadableRequest(f"The file is no XML: {wrong}.") from wrong
    if head is None:
        raise UnreadableRequest("The file is no pain.001.")
    total = sum(Decimal(each["amount_cny"]) for each in asked)
    if (head.findtext("{*}NbOfTxs"), Decimal(head.findtext("{*}CtrlSum", "-1"))) != (str(len(asked)), total):
        raise UnreadableRequest("Count or control sum is not that of the lines.")
    return PaymentOrder(head.findtext("{*}MsgId", ""), [Payment.read(each) for each in asked])


def write_status_report(message_id: str, as_of: str, decisions: Iterable[PaymentResult]) -> bytes:
    """A pain.002 about a file; the same decisions give the same bytes."""
    rows = "".join(
        _STATUS.format(
            id=escape(each.end_to_end_id),
            status=STATUSES[each.outcome],
            reason=_REASON.format(reason=escape(each.reason)) if each.reason else "",
            reference=escape(each.bank_reference),
        )
        for each in decisions
    )
    return _STATUS_REPORT.format(message_id=escape(message_id), as_of=as_of, rows=rows).encode()


def write_return_advice(message_id: str, as_of: str, returned: Iterable[ReturnedPayment]) -> bytes:
    """A camt.054 about payments that came back."""
    rows = "".join(
        _ENTRY.format(id=escape(each.end_to_end_id), amount=f"{each.amount_cny:.2f}", reason=escape(each.reason))
        for each in returned
    )
    return _ADVICE.format(message_id=escape(message_id), as_of=as_of, rows=rows).encode()


def _read_line(line: ElementTree.Element) -> dict[str, str]:
    texts = {name: line.findtext(path, "") for name, path in PATHS.items()}
    return texts | {"valid_until": NO_CUT_OFF}


_STATUS_REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R{message_id}</MsgId><CreDtTm>{as_of}</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message_id}</OrgnlPmtInfId>
{rows}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>
"""
_STATUS = """<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}\
<AcctSvcrRef>{reference}</AcctSvcrRef></TxInfAndSts>
"""
_REASON = "<StsRsnInf><AddtlInf>{reason}</AddtlInf></StsRsnInf>"
_ADVICE = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{as_of}</CreDtTm></GrpHdr>
<Ntfctn><Id>{message_id}</Id>
{rows}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
"""
_ENTRY = """<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd>\
<Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs><RtrInf><AddtlInf>{reason}</AddtlInf></RtrInf></TxDtls>\
</NtryDtls></Ntry>
"""
