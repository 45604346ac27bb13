"""The reasons for which a delivered row does not land."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """The reason for which a row does not land; `{detail}` is filled in when the sentence is shown."""

    MISSING = "missing", _("is missing")
    NOT_A_NUMBER = "not_a_number", _("is not a plain number such as 1234.50")
    NOT_WHOLE = "not_whole", _("is not a whole number such as 12")
    TOO_PRECISE = "too_precise", _("has more than {detail} decimals")
    TOO_LARGE = "too_large", _("has more than {detail} digits before the point")
    OUT_OF_RANGE = "out_of_range", _("is not plausible; the contract of the dataset allows {detail}")
    NOT_A_DATE = "not_a_date", _("is not a date such as 2024-03-31, from 1900 to 2099")
    DAY_AS_NUMBER = (
        "day_as_number",
        _("is a number such as 45291, as Excel keeps days; format the column as a date, such as 2024-03-31"),
    )
    NOT_A_MONTH = "not_a_month", _("is not a month such as 2024-03")
    NOT_A_QUARTER = "not_a_quarter", _("is not a quarter such as 2024Q1")
    NOT_YES_OR_NO = "not_yes_or_no", _("is neither true nor false")
    NOT_A_CHOICE = "not_a_choice", _("must be one of: {detail}")
    WRONG_FORM = "wrong_form", _("does not look like {detail}")
    TOO_LONG = "too_long", _("is longer than {detail} characters")
    CONTROL_CHARACTER = "control_character", _("contains a line break or another control character")
    WRONG_CREDIT_CODE = "wrong_credit_code", _("is no credit code: the check digit does not fit")
    UNKNOWN_COMPANY = "unknown_company", _("belongs to no registered company; deliver its registration first")
    WRONG_ID_NUMBER = "wrong_id_number", _("is no ID number: 18 characters with a fitting check digit are expected")
    UNKNOWN_PERSON = "unknown_person", _("belongs to nobody who is insured as an employee of a company here")
    OWN_SPOUSE = "own_spouse", _("is the person's own ID number")
    WRONG_ACCOUNT_NUMBER = "wrong_account_number", _("is no account number: 8 to 32 digits are expected")
    OTHER_HOLDER = "other_holder", _("is not what the payee is registered as; an account belongs to its payee")
    OTHER_BANK = "other_bank", _("is a bank number of another bank than the one named")
    UNKNOWN_DISTRICT = "unknown_district", _("is no district of the city on that date")
    DUPLICATE = "duplicate", _("repeats the key of row {detail}")
    SUPERSEDED = "superseded", _("differs from data as of {detail} that landed earlier; deliver it with a newer date")
    PAYEES_WORD = (
        "payees_word",
        _("differs from the account that the payee told us on {detail}, which stays in use; only the payee changes it"),
    )
    ROUNDED = (
        "rounded",
        _("has more than 15 digits, so Excel rounded this number; format the column as text and export again"),
    )
    COMPUTED = (
        "computed",
        _("has more than 15 digits, as computed numbers have; round it in the sheet and export again"),
    )
    NO_RESULT = "no_result", _("is a formula without a result; open the file in Excel, save it and send it again")
    CELL_ERROR = "cell_error", _("is a formula that fails with {detail}; correct the cell")
    RAGGED = "ragged", _("has {detail} fields, unlike the header")
    MALFORMED = "malformed", _("cannot be read: {detail}")
