"""Numbers that carry a check digit; python-stdnum knows the algorithms."""

from __future__ import annotations

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError
from stdnum.luhn import is_valid as is_luhn


def is_credit_code(text: str) -> bool:
    """Whether the text is a unified social credit code (GB 32100-2015), 18 characters, upper case."""
    return len(text) == 18 and text == text.upper() and uscc.is_valid(text)


def is_id_number(text: str) -> bool:
    """Whether the text is a citizen ID number (GB 11643), 18 characters, check digit included."""
    if len(text) != 18:
        return False
    try:
        return str(ric.validate(text)) == text
    except ValidationError:
        return False


def is_card_number(text: str) -> bool:
    """Whether the digits pass the Luhn test of bank cards; accounts of firms need not."""
    return text.isascii() and text.isdigit() and is_luhn(text)
