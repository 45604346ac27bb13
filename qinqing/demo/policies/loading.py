"""The demo's policies into the database, by the operations that officers use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from companies.models import User
from policies import operations
from policies.models import Policy, PolicyVersion
from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.twenty import POLICIES
from qinqing.kernel.money import rounded_to_fen


@transaction.atomic
def load_policies(
    *,
    actor: User,
    publisher: User,
    today: dt.date,
    now: dt.datetime,
    grant_share: Decimal = Decimal(1),
    wanted: Iterable[DemoPolicy] = POLICIES,
) -> list[PolicyVersion]:
    """
    Write and publish the demo policies that are not there yet, by the operations an officer uses.

    `actor` drafts and `publisher` publishes; `grant_share` is the part of the usual money that each is granted.
    Returns the versions that were published now.
    """
    known = set(Policy.objects.values_list("code", flat=True))
    drafts = [_draft(policy, actor, today, grant_share) for policy in wanted if policy.code not in known]
    waiting = [operations.submit(version=draft, actor=actor, now=now) for draft in drafts]
    return [operations.publish(version=version, actor=publisher, now=now) for version in waiting]


def _draft(demo: DemoPolicy, actor: User, today: dt.date, grant_share: Decimal) -> PolicyVersion:
    policy = operations.create_policy(
        code=demo.code,
        title_zh=demo.title.zh,
        title_en=demo.title.en,
        summary_zh=demo.summary.zh,
        summary_en=demo.summary.en,
        department=demo.department,
    )
    return operations.draft_version(
        policy=policy,
        clauses=demo.clauses,
        actor=actor,
        subject=demo.subject,
        payee=demo.payee,
        period_label=demo.period_label,
        as_of_on=demo.as_of_on,
        amount_feel=demo.amount_feel,
        cap_cny=demo.cap_cny,
        track=demo.track,
        opens_on=today,
        closes_on=today + dt.timedelta(days=demo.window_days),
        commitment_zh=demo.commitment.zh,
        commitment_en=demo.commitment.en,
        granted_cny=rounded_to_fen(demo.granted_cny * grant_share),
    )
