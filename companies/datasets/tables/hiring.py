"""What human resources and social security share about people whose hiring or training is subsidised."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import (
    MONTH_PATTERN,
    Dataset,
    EngagementRow,
    PersonRow,
    Word,
    cny,
    has_form,
    month,
    once,
)
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class Gender(models.TextChoices):
    """A person's gender as the register of persons has it."""

    MALE = "male", _("male")
    FEMALE = "female", _("female")


class TraineeKind(models.TextChoices):
    """Who is trained on the job."""

    HARDSHIP = "hardship", _("person in hardship")
    GRADUATE = "graduate", _("graduate of the last two years")
    REGISTERED_UNEMPLOYED = "registered_unemployed", _("registered unemployed")
    STAFF = "staff", _("other staff")


class HardshipHire(EngagementRow):
    """A registered hardship person whom a company hired; the register is complete."""

    dataset = Dataset(
        name="hardship_hires",
        zh="就业困难人员用工备案",
        en="Hires of persons in hardship",
        department="labour",
        key=("employee",),
        item="hire",
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "hired_on": Word("入职日期", "Hired on"),
            "gender": Word("性别", "Gender"),
            "age_at_hire": Word("入职年龄", "Age when hired", "岁"),
            "last_left_on": Word("上次从该用人单位离职日期", "Last left the same owner on"),
        },
    )
    hired_on = models.DateField(null=True)
    gender = models.CharField(max_length=6, choices=Gender.choices, null=True)
    age_at_hire = models.SmallIntegerField(null=True)
    last_left_on = models.DateField(null=True)

    class Meta:
        constraints = [once("hardship_hires", "company", "employee")]
        triggers = names_known("company_id", "employee_id")


class TraineeMonth(EngagementRow):
    """A month in which a company trained a person on the job; the register is complete."""

    dataset = Dataset(
        name="trainings",
        zh="以工代训",
        en="Training on the job by month",
        department="labour",
        key=("employee", "month"),
        item="trainee",
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "month": Word("月份", "Month"),
            "kind": Word("培训对象", "Who is trained"),
            "hired_on": Word("入职日期", "Hired on"),
            "month_number": Word("第几个培训月", "Which month of training", "月"),
        },
    )
    month = month()
    kind = models.CharField(max_length=21, choices=TraineeKind.choices, null=True)
    hired_on = models.DateField(null=True)
    # Counted over the years and over employers, so that a person is never trained for more months than the rule says.
    month_number = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            once("trainings", "company", "employee", "month"),
            has_form("trainings", "month", MONTH_PATTERN),
        ]
        triggers = names_known("company_id", "employee_id")


class ContributionMonth(PersonRow):
    """The three social-insurance fees that an employer paid for a person in a month."""

    dataset = Dataset(
        name="contributions",
        zh="个人月度社保缴费",
        en="Social-insurance fees of a person by month",
        department="labour",
        key=("month",),
        words={
            "month": Word("月份", "Month"),
            "employer": Word("缴费单位信用代码", "Credit code of the employer"),
            "fees": Word("单位三项社保费", "The employer's three fees", "元"),
        },
    )
    month = month()
    employer = models.CharField(max_length=18, null=True)
    fees_cny = cny()

    class Meta:
        constraints = [
            once("contributions", "employee", "month"),
            has_form("contributions", "month", MONTH_PATTERN),
        ]
        triggers = names_known("employee_id")


class BenefitMonth(PersonRow):
    """A month in which a person drew unemployment benefit; the register is complete."""

    dataset = Dataset(
        name="unemployment_benefits",
        zh="失业保险金领取",
        en="Unemployment benefit by month",
        department="labour",
        key=("month",),
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "month": Word("月份", "Month"),
            "amount": Word("金额", "Amount", "元"),
        },
    )
    month = month()
    amount_cny = cny()

    class Meta:
        constraints = [
            once("unemployment_benefits", "employee", "month"),
            has_form("unemployment_benefits", "month", MONTH_PATTERN),
        ]
        triggers = names_known("employee_id")
