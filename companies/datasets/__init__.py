"""One typed model per dataset, grouped by the department that shares it."""

from companies.datasets.civil import Marriage
from companies.datasets.credit import CreditRecord
from companies.datasets.finance import Loan
from companies.datasets.health import RiskPeriod
from companies.datasets.housing import Compound, Housing
from companies.datasets.labour import Employment, InsuranceMonth, InsuranceYear
from companies.datasets.market import AnnualReport
from companies.datasets.science import Title
from companies.datasets.statistics import LibraryEntry, OutputQuarter, SalesMonth
from companies.datasets.tax import Taxpayer, TaxYear, WageYear
from companies.datasets.utilities import UtilityBill

__all__ = [
    "AnnualReport",
    "Compound",
    "CreditRecord",
    "Employment",
    "Housing",
    "InsuranceMonth",
    "InsuranceYear",
    "LibraryEntry",
    "Loan",
    "Marriage",
    "OutputQuarter",
    "RiskPeriod",
    "SalesMonth",
    "TaxYear",
    "Taxpayer",
    "Title",
    "UtilityBill",
    "WageYear",
]
