"""The entitlements that firms can still claim."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from companies.models import PayeeAccount
from policies.models import Entitlement, EntitlementStatus, Payee, Track


def claimable(track: Track) -> QuerySet[Entitlement]:
    """Open entitlements of a track whose payee has an account."""
    accounts = PayeeAccount.objects.filter(is_active=True)
    of_company = Exists(accounts.filter(company=OuterRef("company")))
    of_employee = Exists(accounts.filter(employee=OuterRef("employee")))
    of_third_party = Exists(accounts.filter(third_party__code=OuterRef("payee_code")))
    has_account = (
        Q(of_company, version__payee=Payee.COMPANY)
        | Q(of_employee, version__payee=Payee.EMPLOYEE)
        | Q(of_third_party, version__payee=Payee.THIRD_PARTY)
    )
    return Entitlement.objects.filter(has_account, status=EntitlementStatus.OPEN, version__track=track)
