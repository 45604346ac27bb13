"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from companies.departments.load import load_departments
from companies.firms.load_districts import load_districts
from qinqing.kernel.web.login_throttle import count_wrong_password
from qinqing.kernel.web.name_throttle import count_wrong_name, forget_wrong_names
from qinqing.kernel.web.session_expiry import start_session


class CompaniesConfig(AppConfig):
    """Companies."""

    name = "companies"
    verbose_name = _("Companies")

    def ready(self) -> None:
        """Load the districts, the departments and the contracts that ship after each migrate, and log sign-ins."""
        from allauth.account.signals import password_reset
        from allauth.account.signals import user_logged_in as signed_in
        from allauth.mfa.signals import authenticator_added

        from companies.city_identity.session import settle_sign_in
        from companies.contracts.change import DATASET_CONTRACT
        from companies.contracts.declare import declare_shipped
        from companies.deliveries.signatures.keys import DELIVERY_KEY
        from companies.departments.propose import DEPARTMENT
        from companies.firms.account_proposals import PAYEE_ACCOUNT
        from companies.firms.watch_accounts import ACCOUNT_STOP
        from companies.keys import checks as key_checks  # noqa: F401 - registers its check
        from companies.people import checks, sign_in_records
        from companies.people.confirmed_mail import confirm_address
        from companies.people.scope import declare
        from companies.scopes import scopes
        from companies.sources.kinds import DATA_SOURCE
        from companies.staff.kinds import STAFF_ACCOUNT, STAFF_FACTOR, STAFF_ROLES
        from qinqing.kernel.web.step_up import count_new_factor
        from qinqing.proposals.kinds import register_kind

        post_migrate.connect(load_districts, sender=self)
        post_migrate.connect(load_departments, sender=self)
        post_migrate.connect(declare_shipped, sender=self)
        user_login_failed.connect(count_wrong_password)
        user_login_failed.connect(count_wrong_name)
        user_logged_in.connect(start_session)
        signed_in.connect(settle_sign_in)
        user_logged_in.connect(forget_wrong_names)
        authenticator_added.connect(count_new_factor)
        password_reset.connect(confirm_address)
        sign_in_records.connect()
        checks.connect()
        declare(scopes())
        of_data, of_accounts = (DATASET_CONTRACT, DATA_SOURCE, DELIVERY_KEY), (PAYEE_ACCOUNT, ACCOUNT_STOP)
        for kind in (DEPARTMENT, *of_data, *of_accounts, STAFF_ROLES, STAFF_ACCOUNT, STAFF_FACTOR):
            register_kind(kind)
