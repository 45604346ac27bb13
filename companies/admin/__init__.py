"""What officials see of companies, people and deliveries: mostly to read, because departments own the data."""

from companies.admin.companies import CompanyAdmin
from companies.admin.datasets import DatasetAdmin
from companies.admin.deliveries import DeliveryAdmin
from companies.admin.people import EmployeeAdmin, MembershipAdmin, UserAdmin
from companies.admin.sign_ins import AttemptAdmin, FailureAdmin, SignInAdmin
from companies.admin.tokens import ApiTokenAdmin

__all__ = [
    "ApiTokenAdmin",
    "AttemptAdmin",
    "CompanyAdmin",
    "DatasetAdmin",
    "DeliveryAdmin",
    "EmployeeAdmin",
    "FailureAdmin",
    "MembershipAdmin",
    "SignInAdmin",
    "UserAdmin",
]
