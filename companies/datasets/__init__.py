"""One typed model per dataset, grouped by the department that shares it."""

from companies.datasets.civil import Marriage
from companies.datasets.commerce import CarSale
from companies.datasets.credit import CreditRecord, PersonCreditRecord
from companies.datasets.economy import Listing, Stoppage
from companies.datasets.finance import Loan
from companies.datasets.health import RiskPeriod
from companies.datasets.hiring import BenefitMonth, ContributionMonth, HardshipHire, TraineeMonth
from companies.datasets.housing import Compound, Housing, RentMonth
from companies.datasets.labour import Employment, InsuranceMonth, InsuranceYear
from companies.datasets.market import AnnualReport
from companies.datasets.science import ResearchYear, Title
from companies.datasets.statistics import LibraryEntry, OutputQuarter, SalesMonth
from companies.datasets.tax import Taxpayer, TaxYear, WageYear
from companies.datasets.utilities import UtilityBill

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
