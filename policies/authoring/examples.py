"""Takes the facts of an example from a firm."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from companies.models import Company
from policies.authoring.parts import NotADraft
from policies.models import Example, PolicyVersion
from policies.trial.trial import try_version
from policies.trial.trial_facts import BadFacts
from policies.trial.worked_examples import facts_of, verdict_of
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal


class NoSuchFirm(Refusal):
    """No firm has this credit code."""


class TooLargeFirm(Refusal):
    """More is known about the firm than an example may hold."""


@transaction.atomic
def take_from_firm(*, version: PolicyVersion, credit_code: str, now: dt.datetime) -> Example:
    """
    Write an example of a draft with the facts of a firm, without its name or number.

    Its expected verdict and amount are those of the rules of today; the officer reads whether they are right.

    Raises:
        NoSuchFirm: nobody has that credit code.
        TooLargeFirm: it has more records than an example may hold.
        NotADraft: the version was submitted meanwhile.
        RuleRefused: a rule of the version does not check.
    """
    company = Company.objects.filter(credit_code=credit_code).first()
    if company is None:
        raise NoSuchFirm(_("No firm has this credit code; it has 18 characters."))
    PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    try:
        facts = facts_of(version=version, company=company, now=now)
    except BadFacts as refused:
        raise TooLargeFirm(str(refused)) from refused
    trial = try_version(version=version, facts=facts)
    last = version.examples.aggregate(last=Max("position"))["last"] or 0
    verdict = verdict_of(trial)
    no_draft = NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    with translate_refusals({"example_is_final": no_draft}):
        return Example.objects.create(
            version=version,
            position=last + 1,
            title=_("Like a real firm: %(verdict)s") % {"verdict": verdict.label},
            facts=facts,
            expected_verdict=verdict,
            expected_cny=trial.amount_cny,
        )
