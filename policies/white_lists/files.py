"""Reads a department's list from a CSV file or a workbook: bytes in, rows and faults out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from django.utils.translation import gettext as _

from qinqing.kernel.identifiers import is_credit_code, is_id_number
from qinqing.kernel.money import FEN, LARGEST_CNY, parse_number, round_to_fen
from qinqing.kernel.tables import delimited, workbook
from qinqing.kernel.tables.refusals import ROWS_BEFORE_TITLES, Row, UnreadableTable

LARGEST_FILE_BYTES = 50 << 20
MOST_ROWS = 200_000
# A person who corrects a file needs the first faults; a file with more faults than these is wrong as a whole.
MOST_FAULTS = 200
LONGEST_NAME, LONGEST_REMARK = 120, 200
# The rounding error that binary fractions in a spreadsheet may leave.
_DUST = Decimal("0.000001")
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_SUMS = ("合计", "总计", "小计", "total", "sum")

# The titles that a column may have, in lower case and without blanks; a list of persons has the person's name.
_CREDIT_CODE = ("统一社会信用代码", "社会信用代码", "信用代码", "creditcode", "credit_code")
_ID_NUMBER = ("身份证号", "身份证号码", "公民身份号码", "idnumber", "id_number")
_AMOUNT = ("金额", "金额(元)", "金额（元）", "兑付金额", "补贴金额", "amount", "amount_cny")
_REMARK = ("备注", "remark", "remarks")
_COMPANY = ("企业名称", "单位名称", "名称", "name", "company")
_PERSON = ("姓名", "人员姓名", "name", "person")


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row as it can be stored; `id_number` is empty in a list of firms."""

    row: int
    credit_code: str
    id_number: str
    name: str
    amount_cny: Decimal
    remark: str

    @property
    def subject(self) -> str:
        """The key of the subject; a list names each subject once."""
        return self.id_number or self.credit_code


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a row: one sentence that says what is wrong and what to do."""

    row: int
    sentence: str

    def __str__(self) -> str:
        return _("Row %(row)d: %(fault)s") % {"row": self.row, "fault": self.sentence}


@dataclass(slots=True)
class ReadList:
    """A file that was read to its end; if it has a fault, nothing of it is used. `fault_count` counts all faults."""

    rows: list[ListedRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0

    @property
    def total_cny(self) -> Decimal:
        """The sum of all rows, in yuan."""
        return sum((row.amount_cny for row in self.rows), Decimal(0))

    def add_fault(self, row: int, sentence: str) -> None:
        """Keep a fault; beyond `MOST_FAULTS` it is only counted."""
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(row, sentence))


def read_list(content: IO[bytes], *, names_people: bool) -> ReadList:
    """
    Read a list of firms, or of persons who work for firms; every row is checked.

    Raises:
        UnreadableTable: it is no CSV and no workbook, has no titles or no rows, or is too long.
    """
    stream = _rows(content)
    places = _find_title_row(stream, names_people=names_people)
    read, seen = ReadList(), dict[str, int]()
    for number, cells in stream:
        given = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if any(cell.strip() for cell in cells) and not _is_sum(number, cells, given, read):
            _read_row(number, given, read, seen, names_people=names_people)
        if len(read.rows) + read.fault_count > MOST_ROWS:
            sentence = _("The list has more than %(count)s rows; bring it in several files.")
            raise UnreadableTable(sentence, count=f"{MOST_ROWS:,}")
    if not read.rows and not read.fault_count:
        raise UnreadableTable(_("There is no row below the titles; the list names nobody."))
    return read


def _rows(content: IO[bytes]) -> Iterator[Row]:
    content.seek(0, 2)
    if content.tell() > LARGEST_FILE_BYTES:
        sentence = _("The file is larger than %(count)s MB; bring the list in several files.")
        raise UnreadableTable(sentence, count=LARGEST_FILE_BYTES >> 20)
    content.seek(0)
    start = content.read(4000)
    if not start.strip():
        raise UnreadableTable(_("The file is empty; choose the list again."))
    if start.startswith((_OLE, _PDF)):
        sentence = _("The file is an old or protected workbook, or a PDF; save it as xlsx or CSV without a password.")
        raise UnreadableTable(sentence)
    if start.startswith(_ZIP):
        return workbook.read_rows(content)
    first = start.splitlines()[0]
    return delimited.read_rows(content, delimiter=max(",\t;", key=lambda sign: first.count(sign.encode())))


def _find_title_row(stream: Iterator[Row], *, names_people: bool) -> dict[str, int]:
    wanted = {
        "credit_code": _CREDIT_CODE,
        "name": _PERSON if names_people else _COMPANY,
        "amount": _AMOUNT,
        **({"id_number": _ID_NUMBER} if names_people else {}),
    }
    for number, cells in stream:
        titles = ["".join(cell.split()).lower() for cell in cells]
        places = _find_columns(titles, wanted)
        if places.keys() == wanted.keys():
            return places | _find_columns(titles, {"remark": _REMARK})
        if number >= ROWS_BEFORE_TITLES:
            break
    sentence = _("None of the first %(count)d rows holds all of these titles: %(titles)s. Write them above the rows.")
    titles_shown = _("; ").join(words[0] for words in wanted.values())
    raise UnreadableTable(sentence, count=ROWS_BEFORE_TITLES, titles=titles_shown)


def _find_columns(titles: list[str], wanted: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    found = {name: next((titles.index(word) for word in words if word in titles), -1) for name, words in wanted.items()}
    return {name: place for name, place in found.items() if place >= 0}


def _is_sum(number: int, cells: object, given: Mapping[str, str], read: ReadList) -> bool:
    """Whether the row is the total below a table; a total that differs from the sum of the rows is a fault."""
    said = [str(cell).strip().lower().rstrip(":：") for cell in cells]  # type: ignore[attr-defined]
    has_firm = given["credit_code"] and given["credit_code"].lower().rstrip(":：") not in _SUMS
    if has_firm or not any(word in said for word in _SUMS):
        return False
    total = _number(given["amount"])
    if total is not None and not read.fault_count and total != read.total_cny:
        asked = {"said": f"{total:,.2f}", "sum": f"{read.total_cny:,.2f}"}
        read.add_fault(
            number, _("the total says ¥%(said)s, but the rows come to ¥%(sum)s; correct one of them.") % asked
        )
    return True


def _read_row(
    number: int, given: Mapping[str, str], read: ReadList, seen: dict[str, int], *, names_people: bool
) -> None:
    credit_code, id_number = given["credit_code"].upper(), given.get("id_number", "").upper()
    amount = _number(given["amount"])
    faults = [*_wrong_subject(credit_code, id_number, names_people=names_people), *_wrong_texts(given)]
    faults += [fault] if (fault := _wrong_amount(given["amount"], amount)) else []
    subject = id_number if names_people else credit_code
    if not faults and (first := seen.setdefault(subject, number)) != number:
        faults.append(
            _("the same person stands in row %(first)d; name each once.") % {"first": first}
            if names_people
            else _("the same firm stands in row %(first)d; name each once.") % {"first": first}
        )
    for sentence in faults:
        read.add_fault(number, sentence)
    if not faults and amount is not None:
        name, remark = given["name"], given.get("remark", "")
        read.rows.append(ListedRow(number, credit_code, id_number, name, round_to_fen(amount), remark))


def _wrong_subject(credit_code: str, id_number: str, *, names_people: bool) -> Iterator[str]:
    if not is_credit_code(credit_code):
        yield _("“%(code)s” is no credit code of 18 characters; correct it.") % {"code": credit_code[:30]}
    if names_people and not is_id_number(id_number):
        # The sentence does not repeat the ID number, because it is personal.
        yield _("the ID number is missing or wrong; its 18 characters end in a check digit.")


def _wrong_texts(given: Mapping[str, str]) -> Iterator[str]:
    if not given["name"]:
        yield _("the name is missing.")
    if len(given["name"]) > LONGEST_NAME or len(given.get("remark", "")) > LONGEST_REMARK:
        yield _("the name or the remark is longer than %(count)d characters; shorten it.") % {
            "count": LONGEST_NAME if len(given["name"]) > LONGEST_NAME else LONGEST_REMARK
        }


def _wrong_amount(text: str, amount: Decimal | None) -> str:
    if amount is None:
        return _("“%(text)s” is no amount; write yuan as a number, such as 20000.00.") % {"text": text[:30]}
    if amount <= 0:
        return _("the amount is not above zero; leave out whom nothing is paid.")
    if amount > LARGEST_CNY:
        return _("the amount is larger than ¥%(most)s; check its unit.") % {"most": f"{LARGEST_CNY:,}"}
    if amount != round_to_fen(amount):
        return _("the amount %(text)s has more than two decimals; round it to the fen.") % {"text": text[:30]}
    return ""


def _number(text: str) -> Decimal | None:
    plain = text.translate(str.maketrans("", "", ",，¥￥元 \u3000"))
    amount = parse_number(plain)
    if amount is None or abs(amount) > LARGEST_CNY:
        return amount
    whole = amount.quantize(FEN)
    return whole if abs(amount - whole) < _DUST else amount
