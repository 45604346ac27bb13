"""Declares, exports, lists and retires datasets from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.contracts.change import describe_narrowing, propose_change, propose_retirement
from companies.contracts.declare import NoSuchDataset, declare_contract, find_in_force, read_draft
from companies.contracts.registry import contracts
from companies.models import User
from qinqing.kernel.refusals import Refusal


class Command(BaseCommand):
    """Datasets as contracts: `declare FILE`, `export NAME`, `list`, `retire NAME`."""

    help = "Declares, exports, lists and retires datasets."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, with which dataset, and as whom."""
        steps = parser.add_subparsers(dest="step", required=True)
        declare = steps.add_parser("declare", help="declare the contract in a file, or propose it if it narrows one")
        declare.add_argument("file", type=Path)
        export = steps.add_parser("export", help="write the contract of a dataset as YAML")
        export.add_argument("name")
        steps.add_parser("list", help="list the datasets")
        retire = steps.add_parser("retire", help="propose to retire a dataset")
        retire.add_argument("name")
        for step in (declare, retire):
            step.add_argument("--as", dest="actor", required=True, help="the account that declares or proposes")
            step.add_argument("--because", default="", help="the reason, which the colleague who decides reads")

    def handle(self, *_arguments: Any, step: str, **options: Any) -> None:
        """
        Take the step.

        Raises:
            CommandError: it cannot be taken; the sentence says why.
        """
        try:
            getattr(self, f"_{step}")(**options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _declare(self, *, file: Path, actor: str, because: str, **_options: Any) -> None:
        person, now = _find_actor(actor), timezone.now()
        draft = read_draft(text=_read(file), actor=person)
        for each in draft.contract.unread:
            self.stdout.write(_("kept and not used: %(name)s") % {"name": each})
        if draft.takes_two:
            for line in draft.narrowings:
                self.stdout.write(describe_narrowing(line))
            propose_change(draft=draft, because=because, actor=person, now=now)
            told = _("A colleague has to confirm %(name)s %(version)s.")
        else:
            declare_contract(draft=draft, actor=person, now=now)
            told = _("%(name)s %(version)s is declared.")
        self.stdout.write(told % {"name": draft.contract.name, "version": draft.contract.version})

    def _export(self, *, name: str, **_options: Any) -> None:
        row = find_in_force(name)
        if row is None:
            raise NoSuchDataset(_("There is no dataset “%(name)s”.") % {"name": name[:60]})
        self.stdout.write(row.text, ending="")

    def _list(self, **_options: Any) -> None:
        for name, contract in contracts().items():
            self.stdout.write(f"{name}\t{contract.version}\t{contract.department}\t{contract.word.zh}")

    def _retire(self, *, name: str, actor: str, because: str, **_options: Any) -> None:
        propose_retirement(name=name, because=because, actor=_find_actor(actor), now=timezone.now())
        self.stdout.write(_("A colleague has to confirm that %(name)s is retired.") % {"name": name})


def _find_actor(username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None or not person.has_perm("companies.add_datasetcontract"):
        raise Refusal(_("No account “%(name)s” may declare datasets.") % {"name": username[:60]})
    return person


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise Refusal(
            _("The file %(file)s cannot be read: %(fault)s.") % {"file": file, "fault": fault.strerror}
        ) from None
    except UnicodeDecodeError:
        raise Refusal(_("The contract is no text in UTF-8; save it again as UTF-8.")) from None
