"""Replies of ISO 20022: status reports (pain.002), statements (camt.053) and advices of entries (camt.054)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from django.utils.translation import gettext_lazy as _

from payouts.formats.replies.amounts import AmountCell, read_amount
from payouts.formats.replies.answer import LONGEST_AMOUNT, FileOutcome, Header, ReplyKind, ReplyRow, UnreadableReply
from payouts.formats.replies.records import Record, records
from qinqing.kernel.tables.refusals import LARGEST_ROWS, too_many_rows

_KINDS = {
    "CstmrPmtStsRpt": ReplyKind.PAIN002,
    "BkToCstmrStmt": ReplyKind.CAMT053,
    "BkToCstmrDbtCdtNtfctn": ReplyKind.CAMT054,
}
_RECORDS = frozenset({*_KINDS, "GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts", "Ntry", "TxDtls"})
# ACCC: credited to the payee's account; ACSC: debited from the payer's. Other statuses, save refusals, may change.
_STATUSES: dict[str, FileOutcome] = {"ACCC": "paid", "ACSC": "paid", "RJCT": "refused", "CANC": "refused"}
_PENDING = frozenset({"ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "ACFC", "RCVD", "PDNG", "PART", "PATC", "BLCK"})
NO_ID = "NOTPROVIDED"


def read(content: IO[bytes]) -> tuple[Header, Iterator[ReplyRow]]:
    """
    Return the header of the message, and its rows, which are read as they are taken.

    Raises:
        UnreadableReply: the file is another message, or damaged XML; a later row may raise it while the rows are taken.
    """
    stream = records(content, names=_RECORDS)
    header = None
    for record in stream:
        if record.name == "GrpHdr" and record.above is not None and record.above.name in _KINDS:
            header = Header(_KINDS[record.above.name], record.text("MsgId")[:35])
            break
    if header is None:
        raise UnreadableReply(_("The file is no pain.002, camt.053 or camt.054; choose the bank’s reply file."))
    return header, _number_rows(_read_rows(stream))


def _number_rows(rows: Iterator[ReplyRow]) -> Iterator[ReplyRow]:
    for number, row in enumerate(rows, start=1):
        if number > LARGEST_ROWS:
            raise too_many_rows()
        yield replace(row, number=number)


def _read_rows(stream: Iterator[Record]) -> Iterator[ReplyRow]:
    for record in stream:
        if record.name == "TxInfAndSts":
            yield _read_status(record)
        elif record.name == "OrgnlGrpInfAndSts" and record.text("GrpSts") == "RJCT":
            yield _read_whole_status(record, record.text("OrgnlMsgId"), "RJCT")
        elif record.name == "OrgnlPmtInfAndSts" and record.text("PmtInfSts") == "RJCT" and not record.held:
            yield _read_whole_status(record, record.text("OrgnlPmtInfId"), "RJCT")
        elif record.name == "TxDtls" or (record.name == "Ntry" and not record.held):
            yield _read_entry(record)


def _read_status(record: Record) -> ReplyRow:
    said = record.text("TxSts")
    amount = _read_amount(record, "OrgnlTxRef/Amt/InstdAmt")
    return ReplyRow(
        number=0,
        end_to_end_id=_id(record.text("OrgnlEndToEndId")),
        outcome=_STATUSES.get(said, ""),
        said=said[:60],
        bank_reference=record.text("AcctSvcrRef", "ClrSysRef")[:35],
        reason=_read_reason(record),
        amount_cny=amount.cny,
        amount_said=amount.said[:LONGEST_AMOUNT],
        is_pending=said in _PENDING,
    )


def _read_whole_status(record: Record, message_id: str, said: str) -> ReplyRow:
    return ReplyRow(
        number=0, outcome="refused", said=said, reason=_read_reason(record), batch_message_id=message_id[:35]
    )


def _read_reason(record: Record) -> str:
    words = (record.text("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"), record.text("StsRsnInf/AddtlInf"))
    return " ".join(word for word in words if word)[:200]


def _read_entry(record: Record) -> ReplyRow:
    """Read an entry of a statement, or one payment of an entry; what the entry says holds for its payments."""
    entry = record.above if record.name == "TxDtls" and record.above else record
    is_debit = (record.text("CdtDbtInd") or entry.text("CdtDbtInd")) == "DBIT"
    is_reversed = entry.text("RvslInd") == "true" or any(path.startswith("RtrInf") for path in record.texts)
    is_booked = entry.text("Sts", "Sts/Cd") == "BOOK"
    outcome: FileOutcome = (
        "returned" if is_reversed and not is_debit else "paid" if is_debit and not is_reversed else ""
    )
    is_alone = entry.text("NtryDtls/Btch/NbOfTxs") in ("", "1")
    amount = _read_amount(record, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
    if amount == AmountCell() and is_alone:
        amount = _read_amount(entry, "Amt")
    return ReplyRow(
        number=0,
        end_to_end_id=_id(record.text("Refs/EndToEndId", "NtryDtls/TxDtls/Refs/EndToEndId")),
        outcome=outcome if is_booked else "",
        said=f"{'DBIT' if is_debit else 'CRDT'} {entry.text('Sts', 'Sts/Cd')}"[:60],
        bank_reference=(record.text("Refs/AcctSvcrRef") or entry.text("AcctSvcrRef", "NtryRef"))[:35],
        reason=" ".join(filter(None, (record.text("RtrInf/Rsn/Cd"), record.text("RtrInf/AddtlInf"))))[:200],
        amount_cny=amount.cny,
        amount_said=amount.said[:LONGEST_AMOUNT],
        is_pending=not is_booked,
    )


def _id(text: str) -> str:
    return "" if text == NO_ID else text[:35]


def _read_amount(record: Record, *paths: str) -> AmountCell:
    """Read the amount at the first of the paths that has a text; no later path replaces an amount that is wrong."""
    for path in paths:
        if text := record.texts.get(path):
            return read_amount(text, currency=record.texts.get(f"{path}@Ccy", "CNY"))
    return AmountCell()
