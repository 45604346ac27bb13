"""One typed model per dataset, grouped by the department that shares it."""

from companies.datasets.tables.civil import Marriage
from companies.datasets.tables.commerce import CarSale
from companies.datasets.tables.credit import CreditRecord, PersonCreditRecord
from companies.datasets.tables.economy import Listing, Stoppage
from companies.datasets.tables.finance import Loan
from companies.datasets.tables.health import RiskPeriod
from companies.datasets.tables.hiring import BenefitMonth, ContributionMonth, HardshipHire, TraineeMonth
from companies.datasets.tables.housing import Compound, Housing, RentMonth
from companies.datasets.tables.labour import Employment, InsuranceMonth, InsuranceYear
from companies.datasets.tables.market import AnnualReport
from companies.datasets.tables.science import ResearchYear, Title
from companies.datasets.tables.statistics import LibraryEntry, OutputQuarter, SalesMonth
from companies.datasets.tables.tax import Taxpayer, TaxYear, WageYear
from companies.datasets.tables.utilities import UtilityBill

__all__ = [
    "AnnualReport",
    "BenefitMonth",
    "CarSale",
    "Compound",
    "ContributionMonth",
    "CreditRecord",
    "Employment",
    "HardshipHire",
    "Housing",
    "InsuranceMonth",
    "InsuranceYear",
    "LibraryEntry",
    "Listing",
    "Loan",
    "Marriage",
    "OutputQuarter",
    "PersonCreditRecord",
    "RentMonth",
    "ResearchYear",
    "RiskPeriod",
    "SalesMonth",
    "Stoppage",
    "TaxYear",
    "Taxpayer",
    "Title",
    "TraineeMonth",
    "UtilityBill",
    "WageYear",
]
