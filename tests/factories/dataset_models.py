"""
Models of the tables that shipped contracts have, for tests: the product itself reaches these tables by sets alone.

They belong to no installed app, so neither migrations nor pages know them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from companies.contracts.contract import Contract, Property, Subject, Type
from tests.shipped import SHIPPED


class DatasetRow(models.Model):
    """A row that a department delivered."""

    dataset: ClassVar[Contract]

    class Meta:
        abstract = True


def _column(contract: Contract, each: Property) -> models.Field[Any, Any]:
    kinds: dict[Type, models.Field[Any, Any]] = {
        Type.YES_NO: models.BooleanField(null=True),
        Type.DAY: models.DateField(null=True),
        Type.YUAN: models.DecimalField(max_digits=14, decimal_places=2, null=True),
        Type.NUMBER: models.DecimalField(max_digits=each.digits or 1, decimal_places=each.places, null=True),
        Type.WHOLE: models.IntegerField(null=True),
        Type.YEAR: models.SmallIntegerField(null=True),
    }
    kind = kinds.get(each.type) or models.CharField(max_length=each.length or 40, null=True)
    if each.derived is None:
        return kind
    return models.GeneratedField(expression=models.F("id"), output_field=kind, db_persist=True)


def _reference(target: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(target, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)


def _model_of(contract: Contract) -> type[DatasetRow]:
    owners = {"company_id": ("company", "companies.Company"), "employee_id": ("employee", "companies.Employee")}
    attributes = {name: _reference(target) for name, target in map(owners.__getitem__, contract.owners)}
    attributes["delivery"] = _reference("companies.Delivery")
    columns = {each.name: _column(contract, each) for each in contract.facts}
    meta = type("Meta", (), {"managed": False, "db_table": contract.table, "app_label": "dataset_rows"})
    name = "".join(word.title() for word in contract.name.split("_"))
    return type(name, (DatasetRow,), attributes | columns | {"Meta": meta, "__module__": __name__, "dataset": contract})


def is_about_people(model: type[DatasetRow]) -> bool:
    """Whether a model's rows name persons and no firm."""
    return model.dataset.subject is Subject.PERSON


ROW_MODELS = {name: _model_of(contract) for name, contract in SHIPPED.contracts.items()}
AnnualReport = ROW_MODELS["annual_report"]
BenefitMonth = ROW_MODELS["unemployment_benefits"]
CarSale = ROW_MODELS["car_sales"]
Compound = ROW_MODELS["compounds"]
ContributionMonth = ROW_MODELS["contributions"]
CreditRecord = ROW_MODELS["credit"]
Employment = ROW_MODELS["employees"]
HardshipHire = ROW_MODELS["hardship_hires"]
Housing = ROW_MODELS["housing"]
InsuranceMonth = ROW_MODELS["insurance"]
InsuranceYear = ROW_MODELS["insurance_year"]
LibraryEntry = ROW_MODELS["library"]
Listing = ROW_MODELS["lists"]
Loan = ROW_MODELS["loans"]
Marriage = ROW_MODELS["marriage"]
OutputQuarter = ROW_MODELS["output"]
PersonCreditRecord = ROW_MODELS["person_credit"]
RentMonth = ROW_MODELS["rents"]
ResearchYear = ROW_MODELS["research"]
RiskPeriod = ROW_MODELS["risk_periods"]
SalesMonth = ROW_MODELS["sales"]
Stoppage = ROW_MODELS["stoppages"]
TaxYear = ROW_MODELS["tax"]
Taxpayer = ROW_MODELS["taxpayer"]
Title = ROW_MODELS["titles"]
TraineeMonth = ROW_MODELS["trainings"]
UtilityBill = ROW_MODELS["utilities"]
WageYear = ROW_MODELS["wages"]
