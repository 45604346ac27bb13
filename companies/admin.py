"""What officials see of companies, people and deliveries: mostly to read, because departments own the data."""

from companies.datasets.admin import DatasetAdmin
from companies.deliveries.admin.deliveries import DeliveryAdmin
from companies.deliveries.admin.tokens import ApiTokenAdmin
from companies.firms.admin import CompanyAdmin
from companies.people.admin.people import EmployeeAdmin, MembershipAdmin, UserAdmin
from companies.people.admin.sign_ins import AttemptAdmin, FailureAdmin, SignInAdmin

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
