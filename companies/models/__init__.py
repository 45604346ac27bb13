"""The models of companies: people, firms, districts, accounts, and the deliveries of departments."""

from companies.classifications.size_classes import Size
from companies.datasets.row_faults import Reason
from companies.datasets.tables import *  # noqa: F403 - Django finds the dataset models through this package
from companies.models.account import PayeeAccount
from companies.models.account_stop import AccountStop
from companies.models.company import Company, CompanyDistrict, District, Ownership, Standing
from companies.models.delivery import Delivery, DeliveryStatus, QuarantinedRow, TouchedCompany
from companies.models.employee import Employee
from companies.models.membership import Capacity, DataAuthorisation, FirmRole, Invitation, Membership, MembershipChange
from companies.models.record import AdminRecord, SignIn
from companies.models.role import GivenRight, HeldPermission, HeldRole, Role
from companies.models.sealing_key import SealingKey
from companies.models.staff.own import OwnAddress, OwnFactor
from companies.models.third_party import ThirdParty
from companies.models.token import ApiToken
from companies.models.user import User

__all__ = [
    "AccountStop",
    "AdminRecord",
    "ApiToken",
    "Capacity",
    "Company",
    "CompanyDistrict",
    "DataAuthorisation",
    "Delivery",
    "DeliveryStatus",
    "District",
    "Employee",
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
    "QuarantinedRow",
    "Reason",
    "Role",
    "SealingKey",
    "SignIn",
    "Size",
    "Standing",
    "ThirdParty",
    "TouchedCompany",
    "User",
]
