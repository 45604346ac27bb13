"""The form by which a person proposes a source or other terms of one."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from companies.models import DataSource, SourceKind
from companies.models.sources.source import LARGEST_MIB, LONGEST_MINUTES, SHORTEST_MINUTES, AsOf, BookmarkFrom
from qinqing.proposals.proposing_admin import WhyFields


def _column(name: str) -> Any:
    return DataSource._meta.get_field(name)


def _text(name: str, help_text: Any = "", **options: Any) -> forms.CharField:
    field = _column(name)
    return forms.CharField(
        label=field.verbose_name,
        max_length=field.max_length,
        help_text=help_text,
        widget=options.pop("widget", UnfoldAdminTextInputWidget),
        **({"required": False} | options),
    )


def _choice(name: str, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_column(name).verbose_name, choices=choices, widget=UnfoldAdminSelectWidget, **options
    )


def _number(name: str, smallest: int, largest: int, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=_column(name).verbose_name,
        min_value=smallest,
        max_value=largest,
        initial=initial,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class TermsForm(WhyFields):
    """The terms of a source; the secret is only written, and shown nowhere again."""

    name = _text("name", required=True)
    kind = _choice("kind", SourceKind.choices)
    address = _text(
        "address",
        _(
            "https://data.example.org/tax.csv?after={since}, sftp://data.example.org/out or"
            " postgresql://data.example.org:5432/statistics; no account and no password in it."
        ),
        required=True,
    )
    username = _text("username", _("Left empty, the secret is a token that goes along with the question over HTTPS."))
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        # A private key begins and ends with lines of its own.
        strip=False,
        max_length=10_000,
        help_text=_(
            "A password, a token, or a private key for SFTP without a passphrase. It is sealed, and nobody sees it"
            " again; left empty, it stays as it is."
        ),
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
    )
    trusted = _text(
        "trusted",
        _(
            "SFTP: the server’s host key, “ssh-ed25519 AAAA…”, from a paper of the department. HTTPS and databases: the"
            " authority in PEM that signed the certificate, where it is none of the public ones."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    file_pattern = _text("file_pattern", _("SFTP: such as tax-*.csv; the newest file of the pattern is fetched."))
    query = _text(
        "query",
        _(
            "One SELECT whose columns are those of the dataset. %(since)s stands for the bookmark; beside it a percent"
            " sign is written twice. Ask with >=, so that rows of the same moment are not left out."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )
    bookmark_from = _choice("bookmark_from", BookmarkFrom.choices, required=False)
    bookmark_name = _text("bookmark_name")
    begins_at = _text("begins_at")
    as_of_from = _choice(
        "as_of_from",
        AsOf.choices,
        initial=AsOf.MODIFIED,
        help_text=_("Rules take the data for as old as this day says, so it must be the day on which it was true."),
    )
    as_of_name = _text("as_of_name")
    every_minutes = _number("every_minutes", SHORTEST_MINUTES, LONGEST_MINUTES, 60)
    largest_mib = _number("largest_mib", 1, LARGEST_MIB, 200)

    field_order = (
        *("dataset_name", "name", "kind", "address", "username", "secret", "trusted", "file_pattern", "query"),
        *("bookmark_from", "bookmark_name", "begins_at", "as_of_from", "as_of_name", "every_minutes", "largest_mib"),
    )


class NewSourceForm(TermsForm):
    """A new source of one of the person's datasets."""

    # The admin theme reads a posted field “dataset” as one of its own.
    dataset_name = forms.ChoiceField(label=_("Dataset"), widget=UnfoldAdminSelectWidget)

    def offer(self, datasets: list[tuple[str, str]]) -> None:
        """Offer these datasets."""
        cast(forms.ChoiceField, self.fields["dataset_name"]).choices = datasets
