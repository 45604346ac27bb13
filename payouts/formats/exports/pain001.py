"""
Batches as ISO 20022 pain.001, the corporate standard for credit transfers, in its versions .09 and .03.

A text template, and not a tree of objects, makes the message, so that 95,000 lines take less than a second. The tests
check the message against the official schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO
from xml.sax.saxutils import escape

from payouts.formats.exports.layout import Heading, Kind, Layout
from payouts.formats.exports.lines import Line

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:{version}"
# The day of execution is a choice in the newer version, and a plain day in the older one.
EXECUTE_ON = {Kind.PAIN001: "<Dt>{day}</Dt>", Kind.PAIN001_03: "{day}"}
# The clearing system of China in ISO's external code list.
CLEARING_SYSTEM = "CNAPS"
LONGEST_ID, LONGEST_ACCOUNT, LONGEST_NAME, LONGEST_TEXT = 35, 34, 140, 140
# XML 1.0 cannot hold these characters, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile(f"[&<>]|{FORBIDDEN.pattern}")

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{namespace}">
<CstmrCdtTrfInitn>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{created_at}</CreDtTm><NbOfTxs>{count}</NbOfTxs>\
<CtrlSum>{total}</CtrlSum><InitgPty><Nm>{payer}</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>{payment_id}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>\
<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum><ReqdExctnDt>{execute_on}</ReqdExctnDt>\
<Dbtr><Nm>{payer}</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct>\
<DbtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>{clearing}</Cd></ClrSysId><MmbId>{bank_number}</MmbId>\
</ClrSysMmbId></FinInstnId></DbtrAgt>
"""
# The places are: end-to-end id, amount, bank number, bank name, payee's name, account and purpose.
_LINE = f"""<CdtTrfTxInf><PmtId><EndToEndId>%s</EndToEndId></PmtId>\
<Amt><InstdAmt Ccy="CNY">%s</InstdAmt></Amt>\
<CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>{CLEARING_SYSTEM}</Cd></ClrSysId><MmbId>%s</MmbId>\
</ClrSysMmbId><Nm>%s</Nm></FinInstnId></CdtrAgt>\
<Cdtr><Nm>%s</Nm></Cdtr><CdtrAcct><Id><Othr><Id>%s</Id></Othr></Id></CdtrAcct>\
<RmtInf><Ustrd>%s</Ustrd></RmtInf></CdtTrfTxInf>
"""
_LONGEST = (LONGEST_ID, LONGEST_ID, LONGEST_NAME, LONGEST_NAME, LONGEST_ACCOUNT, LONGEST_TEXT)
_FOOT = "</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n"


def write(target: IO[bytes], *, layout: Layout, heading: Heading, lines: Iterable[Line]) -> None:
    """Write the message line by line as UTF-8; the same arguments give the same bytes."""
    day = heading.created_at.date().isoformat()
    head = _HEAD.format(
        namespace=NAMESPACE.format(version=layout.kind.value),
        message_id=escape(heading.message_id),
        payment_id=escape(heading.batch_number),
        created_at=heading.created_at.isoformat(timespec="seconds"),
        execute_on=EXECUTE_ON[layout.kind].format(day=day),
        count=heading.count,
        total=f"{heading.total_cny:.2f}",
        payer=_text(heading.payer.name, LONGEST_NAME),
        account=_text(heading.payer.account, LONGEST_ACCOUNT),
        bank_number=_text(heading.payer.bank_number, LONGEST_ID),
        clearing=CLEARING_SYSTEM,
    )
    target.write(head.encode())
    for line in lines:
        target.write(_line(line).encode())
    target.write(_FOOT.encode())


def _line(line: Line) -> str:
    texts: tuple[str, ...] = (
        *(line.end_to_end_id, line.bank_number, line.bank_name),
        *(line.payee_name, line.payee_account, line.purpose),
    )
    # Few lines need escaping or cutting, so one check of all texts of a line together saves a check of each.
    if max(map(len, texts)) > min(_LONGEST) or _SPECIAL.search("".join(texts)):
        texts = tuple(map(_text, texts, _LONGEST))
    name, *rest = texts
    return _LINE % (name, f"{line.amount_cny:.2f}", *rest)


def _text(text: str, longest: int) -> str:
    return escape(FORBIDDEN.sub(" ", text)[:longest])
