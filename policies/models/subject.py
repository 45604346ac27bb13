"""What a policy pays once for, with its names: our own subjects, and the rows of the datasets that people declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.contracts.contract import Contract
from policies.subjects import declared_items
from qinqing.kernel.text import Bilingual

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Subject(models.TextChoices):
    """Our own units that a policy pays once for; every one but the company is a row of a dataset that ships."""

    COMPANY = "company", _("each company")
    EMPLOYEE = "employee", _("each employee")
    COUPLE = "couple", _("each couple (or unmarried employee)")
    SALE = "sale", _("each month of sales")
    COMPOUND = "compound", _("each residential compound")
    TITLE = "title", _("each title")
    BILL = "bill", _("each utility bill")
    LOAN = "loan", _("each loan")
    ENTRY = "entry", _("each entry of the statistics library")
    HIRE = "hire", _("each person hired out of hardship")
    TRAINEE = "trainee", _("each person's month of training")
    CAR = "car", _("each car")


# Our own subjects without a person behind them, who could be the payee; the contract of a declared one says who is.
IMPERSONAL = (
    Subject.COMPANY,
    Subject.SALE,
    Subject.COMPOUND,
    Subject.TITLE,
    Subject.BILL,
    Subject.LOAN,
    Subject.ENTRY,
)
NOBODY_TO_PAY = _("Only a policy whose subject is a person can pay the person.")


def subject_choices() -> list[tuple[str, StrOrPromise]]:
    """What a policy may pay once for, with its names: our own subjects, and a row of each dataset with an item."""
    declared = [(each.item, str(_name_of_item(each))) for each in declared_items()]
    return [*Subject.choices, *declared]


def _name_of_item(contract: Contract) -> Bilingual:
    return Bilingual(f"每条{contract.word.zh}", f"each {contract.item.replace('_', ' ')}")


if TYPE_CHECKING:
    SubjectField = models.CharField
else:

    class SubjectField(models.CharField):
        """A subject by its name; which ones there are is asked each time, for people declare datasets meanwhile."""

        def _check_choices(self):
            # Django's checks run before the first migration too, when no table says what was declared.
            return []
