"""The models of companies: people, firms, districts, accounts, and the deliveries of departments."""

from companies.classifications.size_classes import Size
from companies.datasets.row_faults import Reason
from companies.models.account import PayeeAccount
from companies.models.account_stop import AccountStop
from companies.models.company import Company, CompanyDistrict, District, Ownership, Standing
from companies.models.contracts.contract import DatasetContract
from companies.models.delivery import Delivery, DeliveryStatus, QuarantinedRow, TouchedCompany
from companies.models.delivery_key import Algorithm, DeliveryKey
from companies.models.department import Department
from companies.models.employee import Employee
from companies.models.employment import Employment
from companies.models.membership import Capacity, DataAuthorisation, FirmRole, Invitation, Membership, MembershipChange
from companies.models.record import AdminRecord, SignIn
from companies.models.role import GivenRight, HeldPermission, HeldRole, Role
from companies.models.sealing_key import SealingKey
from companies.models.sources.pull import PullOutcome, SourcePull
from companies.models.sources.secret import SourceSecret
from companies.models.sources.source import DataSource, SourceKind
from companies.models.staff.own import OwnAddress, OwnFactor
from companies.models.third_party import ThirdParty
from companies.models.token import ApiToken
from companies.models.user import User

__all__ = [
    "AccountStop",
    "AdminRecord",
    "Algorithm",
    "ApiToken",
    "Capacity",
    "Company",
    "CompanyDistrict",
    "DataAuthorisation",
    "DataSource",
    "DatasetContract",
    "Delivery",
    "DeliveryKey",
    "DeliveryStatus",
    "Department",
    "District",
    "Employee",
    "Employment",
    "FirmRole",
    "GivenRight",
    "HeldPermission",
    "HeldRole",
    "Invitation",
    "Membership",
    "MembershipChange",
    "OwnAddress",
    "OwnFactor",
    "Ownership",
    "PayeeAccount",
    "PullOutcome",
    "QuarantinedRow",
    "Reason",
    "Role",
    "SealingKey",
    "SignIn",
    "Size",
    "SourceKind",
    "SourcePull",
    "SourceSecret",
    "Standing",
    "ThirdParty",
    "TouchedCompany",
    "User",
]
