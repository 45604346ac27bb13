"""`manage.py policy` exports, checks, imports and evaluates policies as DMN files."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from companies.models import User
from policies.editor.cautions import cautions_in
from policies.models import PolicyVersion
from policies.portable.export import export
from policies.portable.import_policy import Imported, import_policy
from policies.portable.names import EDITIONS
from policies.portable.read_dmn import UnreadablePolicy, read
from policies.rules.rules import TEXTS, RuleRefused, checked_rules_of
from policies.states import VersionStatus
from policies.trial.trial import Trial, try_version, try_version_in_sql
from policies.trial.trial_facts import BadFacts
from qinqing.kernel.refusals import Refusal

WORDS = {True: "eligible", False: "not eligible", None: "unknown"}
STANDING = [VersionStatus.SUBMITTED, VersionStatus.SCHEDULED, VersionStatus.PUBLISHED, VersionStatus.SUSPENDED]
HOLDS = {True: "+", False: "-", None: "?"}


def _refusal(version: PolicyVersion) -> str:
    try:
        checked_rules_of(version)
    except RuleRefused as refused:
        return str(refused)
    return ""


class Command(BaseCommand):
    """Exports, checks, imports and evaluates policies as DMN files."""

    help = "Policies as DMN files: export, check, import, evaluate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        exporting = actions.add_parser("export", help="write a version as a file")
        exporting.add_argument("code", help="the policy's code; its newest version, or P-07:2 for the second")
        exporting.add_argument("--to", type=Path, help="the file; without it the policy is printed")
        exporting.add_argument(
            "--dmn", choices=EDITIONS, default="1.5", help="the edition of DMN; Camunda and bpmn.io open 1.3 alone"
        )
        checking = actions.add_parser(
            "check",
            help="say whether a file could be imported, and change nothing; without a file, whether the rules of what"
            " is in force still check, as after an upgrade",
        )
        importing = actions.add_parser("import", help="write the policy of a file as a draft")
        evaluating = actions.add_parser("evaluate", help="try a file's policy on facts, and change nothing")
        checking.add_argument("file", type=Path, nargs="?")
        for action in (importing, evaluating):
            action.add_argument("file", type=Path)
        importing.add_argument("--code", default="", help="import it under another code")
        importing.add_argument("--as", dest="user", help="the officer who drafts it")
        evaluating.add_argument("--facts", type=Path, required=True, help="JSON, as an example's facts")

    def handle(self, *args: object, **options: Any) -> None:
        action = {
            "export": self._export,
            "check": self._check,
            "import": self._import,
            "evaluate": self._evaluate,
        }[options["action"]]
        try:
            action(options)
        except (UnreadablePolicy, RuleRefused, Refusal, BadFacts, OSError) as refused:
            raise CommandError(str(refused)) from refused

    def _export(self, options: dict[str, Any]) -> None:
        content = export(version=_version(options["code"]), edition=options["dmn"])
        if options["to"] is None:
            self.stdout.write(content.decode(), ending="")
            return
        options["to"].write_bytes(content)
        self.stdout.write(f"{options['to']} holds {options['code']}.")

    def _check(self, options: dict[str, Any]) -> None:
        if options["file"] is None:
            self._check_standing()
            return
        with transaction.atomic():
            imported = _drafted(options["file"])
            summary, cautions = _summary(imported), cautions_in(version=imported.version)
            transaction.set_rollback(True)
        self.stdout.write(f"{options['file']} can be imported. {summary}")
        self._mind(cautions)

    def _check_standing(self) -> None:
        versions = PolicyVersion.objects.filter(status__in=STANDING).prefetch_related(*TEXTS).order_by("policy__code")
        refused = [f"{version}: {refusal}" for version in versions if (refusal := _refusal(version))]
        if refused:
            raise CommandError("\n".join(["The rules of these versions no longer check:", *refused]))
        self.stdout.write(f"The rules of all {len(versions)} versions that stand check.")

    def _import(self, options: dict[str, Any]) -> None:
        imported = _drafted(options["file"], code=options["code"], actor=_officer(options["user"]))
        self.stdout.write(f"{imported.version} is a draft now. {_summary(imported)}")
        self._mind(cautions_in(version=imported.version))

    def _mind(self, cautions: tuple[str, ...]) -> None:
        for caution in cautions:
            self.stdout.write(f"  Mind: {caution}")

    def _evaluate(self, options: dict[str, Any]) -> None:
        facts = _facts(options["facts"])
        with transaction.atomic():
            version = _drafted(options["file"]).version
            python, sql = try_version(version=version, facts=facts), try_version_in_sql(version=version, facts=facts)
            transaction.set_rollback(True)
        self._print("Python", python)
        self._print("SQL", sql)
        if (python.verdict, python.amount_cny) != (sql.verdict, sql.amount_cny):
            raise CommandError("The engines disagree; please report this rule.")

    def _print(self, engine: str, trial: Trial) -> None:
        amount = "" if trial.amount_cny is None else f", {trial.amount_cny:,.2f} yuan"
        self.stdout.write(f"{engine}: {WORDS[trial.verdict]}{amount}")
        for reason in trial.reasons:
            values = ", ".join(f"{value.path} = {value.in_words}" for value in reason.values)
            self.stdout.write(f"  {HOLDS[reason.verdict]} {reason.title}" + (f" ({values})" if values else ""))


def _version(code: str) -> PolicyVersion:
    name, _colon, number = code.partition(":")
    versions = PolicyVersion.objects.select_related("policy").filter(policy__code=name)
    if number.isdecimal():
        versions = versions.filter(number=int(number))
    version = versions.order_by("-number").first()
    if version is None:
        raise CommandError(f"There is no version {code}.")
    return version


def _drafted(file: Path, *, code: str = "", actor: User | None = None) -> Imported:
    return import_policy(policy=read(file.read_bytes()), actor=actor, code=code)


def _officer(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name}.")
    return user


def _facts(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_bytes(), parse_float=str)
    except ValueError as refused:
        raise CommandError(f"{file} is no JSON: {refused}") from refused
    if not isinstance(facts, dict):
        raise CommandError(f'{file} holds no facts; write them as {{"company": {{"industry": "C26"}}}}.')
    return facts


def _summary(imported: Imported) -> str:
    version = imported.version
    parts = [f"{version.clauses.count()} clauses", f"{version.examples.count()} examples"]
    if imported.is_new_policy:
        parts.append("a new policy")
    if imported.new_clauses:
        parts.append(f"new in the library: {', '.join(imported.new_clauses)}")
    joined = imported.joined
    if joined.new_groups:
        parts.append(f"new stacking groups: {', '.join(joined.new_groups)}")
    if joined.groups:
        parts.append(f"put into the stacking groups {', '.join(joined.groups)}")
    return " ".join(["; ".join(parts) + ".", *joined.differences])
