"""`manage.py first_administrators`: the two people who let everybody else in."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone

from companies.models import User
from companies.staff.first_administrators import Named, make_first_administrators
from qinqing.kernel.refusals import Refusal


class Command(BaseCommand):
    """Make exactly two security administrators, once."""

    help = (
        "Makes the first two security administrators of an installation that has none, as the owner of the tables"
        " (OWNER_DATABASE_URL). Nobody learns a password: both ask for a link by mail. All other officials come by"
        " proposal: one of the two proposes them, the other confirms."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("people", nargs="+", type=_read, metavar="NAME=MAIL", help="such as lin=lin@city.example")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_first_administrators(named=options["people"], now=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        names = " and ".join(user.username for user in made)
        self.stdout.write(
            f"{names} are security administrators. Each asks for a link at {reverse('account_reset_password')} and sets"
            " up a second factor. Let them make a third soon: neither confirms what is about the own account."
        )


def _read(text: str) -> Named:
    username, _equals, email = text.partition("=")
    try:
        User.username_validator(username)
        validate_email(email)
    except ValidationError as wrong:
        raise ArgumentTypeError(f"“{text}” is no NAME=MAIL, such as lin=lin@city.example.") from wrong
    return Named(username=username, email=email)
