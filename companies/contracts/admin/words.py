"""The words of contracts in the desk: types, roles, subjects, and what a missing row means."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from companies.contracts.contract import Level, Role, Subject, Type
from companies.datasets.catalogue import Absence

TYPES: Final[dict[Type, Promise]] = {
    Type.TEXT: pgettext_lazy("type of a column", "text"),
    Type.WHOLE: _("whole number"),
    Type.NUMBER: pgettext_lazy("type of a column", "number"),
    Type.YUAN: _("yuan"),
    Type.YES_NO: _("yes or no"),
    Type.DAY: _("day"),
    Type.MONTH: _("month"),
    Type.QUARTER: _("quarter"),
    Type.YEAR: _("year"),
    Type.CODE: _("one of some codes"),
    Type.CREDIT_CODE: _("credit code"),
    Type.ID_NUMBER: _("ID number"),
}
ROLES: Final[dict[Role, Promise]] = {
    Role.NONE: _("a fact"),
    Role.CREDIT_CODE: _("the firm that the row is about"),
    Role.ID_NUMBER: _("the person whom the row is about"),
    Role.PERSON_NAME: _("the name of the person, who becomes known by it"),
    Role.PERIOD: _("the time that the row is about"),
}
SUBJECTS: Final[dict[Subject, Promise]] = {
    Subject.COMPANY: _("a firm"),
    Subject.PERSON: _("a person"),
    Subject.COMPANY_PERSON: _("a person at a firm"),
}
LEVELS: Final[dict[Level, Promise]] = {Level.CITY: _("an office of the city"), Level.DISTRICT: _("the districts")}
ABSENCES: Final[dict[Absence, Promise]] = {
    Absence.UNKNOWN: _("is unknown; no rule decides by it"),
    Absence.NONE: _("means that there is nothing; the register is complete"),
}
