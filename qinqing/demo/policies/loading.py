"""Loads the demo's policies into the database by the operations that officers use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from companies.models import User
from payouts.ledger.shares import set_shares
from policies.authoring.draft import create_policy, draft_version
from policies.authoring.publish import publish_version
from policies.authoring.review import submit_version
from policies.groups.consistency import is_bound
from policies.groups.regroup import group_terms, propose_group
from policies.models import NamedClause, Policy, PolicyVersion, StackingGroup, StackingMember
from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.groups import GROUPS, DemoGroup
from qinqing.demo.policies.library import LIBRARY
from qinqing.demo.policies.lists import publish_lists
from qinqing.demo.policies.neighbours import NEIGHBOURS
from qinqing.demo.policies.twenty import POLICIES
from qinqing.demo.policies.variants import VARIANTS
from qinqing.kernel.money import round_to_fen
from qinqing.proposals.decide import confirm

ALL_POLICIES: tuple[DemoPolicy, ...] = (*POLICIES, *NEIGHBOURS, *VARIANTS)


@transaction.atomic
def load_policies(
    *,
    actor: User,
    publisher: User,
    today: dt.date,
    now: dt.datetime,
    grant_share: Decimal = Decimal(1),
    wanted: Iterable[DemoPolicy] = POLICIES,
    variants: bool = False,
) -> list[PolicyVersion]:
    """
    Write and publish the demo policies that are not there yet, by the operations an officer uses.

    `actor` drafts and `publisher` publishes; `grant_share` is the part of its usual money that each policy gets;
    `variants` adds the neighbours and variants of the twenty, which makes 34.
    It also loads the library of named clauses, the groups of policies that depend on each other, and the departments'
    lists if the city's data names somebody for them. Returns the versions that were published now.
    """
    _fill_library()
    known = set(Policy.objects.values_list("code", flat=True))
    demos = [*wanted, *NEIGHBOURS, *VARIANTS] if variants else wanted
    drafts = [_draft(policy, actor, today, grant_share) for policy in demos if policy.code not in known]
    _group(actor, publisher, now)
    waiting = [submit_version(version=draft, actor=actor, now=now) for draft in drafts]
    published = [publish_version(version=version, actor=publisher, now=now) for version in waiting]
    publish_lists(actor=actor, publisher=publisher, now=now)
    return published


def _fill_library() -> None:
    known = set(NamedClause.objects.values_list("name", flat=True))
    NamedClause.objects.bulk_create(
        NamedClause(name=name, name_zh=name_zh, title_zh=title_zh, title_en=title_en, feel=feel)
        for name, name_zh, title_zh, title_en, feel in LIBRARY
        if name not in known
    )


def _group(actor: User, publisher: User, now: dt.datetime) -> None:
    """Group the loaded policies, by two officers if one is in force; a single policy needs no group."""
    policies = {policy.code: policy for policy in Policy.objects.all()}
    for demo in GROUPS:
        members = [policies[code] for code in demo.members if code in policies]
        if len(members) > 1:
            _join(_made(demo), members, actor, publisher, now)


def _join(group: StackingGroup, members: list[Policy], actor: User, publisher: User, now: dt.datetime) -> None:
    known = Policy.objects.filter(stacking__group=group)
    if set(members) <= set(known):
        return
    if is_bound(group=group, policies=members):
        after = group_terms(group=group, policies={*known, *members})
        proposal = propose_group(group=group, after=after, because="演示数据", actor=actor, now=now)
        confirm(proposal_id=proposal.pk, actor=publisher, now=now)
    else:
        missing = (StackingMember(group=group, policy=policy) for policy in members if policy not in known)
        StackingMember.objects.bulk_create(missing)


def _made(demo: DemoGroup) -> StackingGroup:
    group, _is_new = StackingGroup.objects.get_or_create(
        code=demo.code,
        defaults={
            "title_zh": demo.title.zh,
            "title_en": demo.title.en,
            "rule": demo.rule,
            "holder": demo.holder,
            "pays_difference": demo.pays_difference,
        },
    )
    return group


def _draft(demo: DemoPolicy, actor: User, today: dt.date, grant_share: Decimal) -> PolicyVersion:
    policy = create_policy(
        code=demo.code,
        title_zh=demo.title.zh,
        title_en=demo.title.en,
        summary_zh=demo.summary.zh,
        summary_en=demo.summary.en,
        department=demo.department,
    )
    draft = draft_version(
        policy=policy,
        clauses=demo.clauses,
        parameters=demo.parameters,
        tables=demo.tables,
        examples=demo.examples,
        actor=actor,
        subject=demo.subject,
        payee=demo.payee,
        payee_feel=demo.payee_feel,
        period_label=demo.period_label,
        as_of_on=demo.as_of_on,
        amount_feel=demo.amount_feel,
        minimum_cny=demo.minimum_cny,
        cap_cny=demo.cap_cny,
        track=demo.track,
        pool=demo.pool,
        limit_feel=demo.limit_feel,
        publicise_days=demo.publicise_days,
        counts_working_days=demo.counts_working_days,
        list_is_public=demo.list_is_public,
        reminders=[moment.value for moment in demo.reminders],
        opens_on=today,
        closes_on=today + dt.timedelta(days=demo.window_days),
        commitment_zh=demo.commitment.zh,
        commitment_en=demo.commitment.en,
        granted_cny=round_to_fen(demo.granted_cny * grant_share),
    )
    for shares in demo.shares:
        set_shares(
            version=draft, parts=dict(shares.parts), advance_payer=shares.advance_payer, district=shares.district
        )
    return draft
