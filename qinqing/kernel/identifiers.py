"""Numbers that carry a check digit; python-stdnum knows the algorithms."""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.luhn import is_valid as is_luhn

ID_NUMBER_FORM = re.compile("[0-9]{17}[0-9X]")


def is_credit_code(text: str) -> bool:
    """Whether the text is a unified social credit code (GB 32100-2015), 18 characters, upper case."""
    # The library also accepts digits of other widths and scripts, which no code contains.
    return len(text) == 18 and text.isascii() and text == text.upper() and uscc.is_valid(text)


def is_id_number(text: str) -> bool:
    """
    Whether the text is a citizen ID number (GB 11643), 18 characters, check digit and date of birth included.

    The place of birth in it is not looked up: codes of counties come and go, and a person keeps the number.
    """
    if not ID_NUMBER_FORM.fullmatch(text) or text[-1] != ric.calc_check_digit(text):
        return False
    try:
        born_on(text)
    except ValueError:
        return False
    return True


def born_on(id_number: str) -> date:
    """
    The date of birth that a citizen ID number carries.

    Raises:
        ValueError: there is no such day.
    """
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def is_card_number(text: str) -> bool:
    """Whether the digits pass the Luhn test of bank cards; accounts of firms need not."""
    return text.isascii() and text.isdigit() and is_luhn(text)
