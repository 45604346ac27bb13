"""The register of third parties that the demo pays for firms."""

from __future__ import annotations

import datetime as dt

from companies.firms.third_parties import check_account, enter_account
from companies.models import ThirdParty, User
from qinqing.demo.city.suppliers import SUPPLIERS

_BANK = ("杭州银行", "313331000014")


def load_third_parties(*, maker: User, checker: User, now: dt.datetime) -> None:
    """Enter the third parties that are not there yet, by the operations of two clerks."""
    known = set(ThirdParty.objects.values_list("code", flat=True))
    for supplier in SUPPLIERS:
        if supplier.code not in known:
            account = enter_account(
                code=supplier.code,
                name=supplier.name,
                kind=supplier.kind,
                bank_name=_BANK[0],
                bank_number=_BANK[1],
                number=f"33010{supplier.serial:012d}",
                actor=maker,
                now=now,
            )
            check_account(account_id=account.pk, actor=checker, now=now)
