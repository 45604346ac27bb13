"""Forms that refuse a rule when it is saved, and say where and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from companies.classifications.districts import district_choices
from companies.contracts.departments import offices
from policies.authoring.admin.part_forms import posted_definitions, read_definitions, refusal_sentence
from policies.authoring.parts import ClauseText
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.models import Clause, Policy, PolicyVersion, ReminderMoment
from policies.rules.content_hash import saved_state
from policies.rules.rules import RuleRefused, check_amount, check_clause, check_payee
from qinqing.kernel.admin.optimistic_lock import UnchangedForm

# A rule is code: the browser marks no spelling, and a phone's keyboard sets no capitals.
_FEEL = {"class": "feel", "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


def rule_widget(*, rows: int) -> forms.Textarea:
    """A text area for a rule, in a monospaced font."""
    widget: forms.Textarea = UnfoldAdminTextareaWidget(attrs=_FEEL | {"rows": rows})
    return widget


def refusal_error(refused: RuleRefused) -> ValidationError:
    """Turn a refusal into a form's error: the sentence, and the line of the rule with carets below the place."""
    return ValidationError(
        format_html('{}<pre class="feel-excerpt">{}</pre>', refused.sentence, refused.excerpt), code="rule"
    )


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A subsidy programme; the department in charge is one that shares data."""

    department = forms.ChoiceField(label=capfirst(_("department in charge")), widget=UnfoldAdminSelectWidget)
    district = forms.ChoiceField(
        label=capfirst(_("district (empty: the city)")), required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Policy
        fields = ("code", "title_zh", "title_en", "summary_zh", "summary_en", "department", "district")
        help_texts = {"code": _("It stays once a version was submitted, for rules of other policies may name it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department = self.fields["department"]
        assert isinstance(department, forms.ChoiceField)
        department.choices = [(key, str(name)) for key, name in offices().items()]
        # People of a district have no such field: their policies are the district's.
        if district := self.fields.get("district"):
            district.choices = district_choices()  # type: ignore[attr-defined]


_FIELDS_OF_CONSTRAINTS = {
    "policy_version_grant_is_not_negative": "granted_cny",
    "policy_version_cap_is_positive": "cap_cny",
    "policy_version_minimum_is_not_negative": "minimum_cny",
    "policy_version_window_is_ordered": "closes_on",
    "policy_version_pays_a_person_it_knows": "payee",
    "policy_version_says_which_third_party": "payee_feel",
    "policy_version_limit_is_for_a_pool": "limit_feel",
    "policy_version_publicity_has_its_days": "publicise_days",
    "policy_version_comes_into_force_in_its_window": "effective_on",
    "policy_version_list_has_its_terms": "track",
    "policy_version_public_list_is_a_list": "list_is_public",
    "policy_version_reminders_have_a_last_day": "reminders",
}


_RULES = {"amount_feel": check_amount, "limit_feel": check_amount, "payee_feel": check_payee}


def _fields_of_sentences() -> dict[str, str]:
    """The field to which each constraint's sentence, in the officer's language, belongs."""
    constraints = {constraint.name: constraint for constraint in PolicyVersion._meta.constraints}
    return {str(constraints[name].violation_error_message): field for name, field in _FIELDS_OF_CONSTRAINTS.items()}


class VersionForm(UnchangedForm):
    """A draft; the form checks its amount against the facts of its subject, and saves all parts at once."""

    reminders = forms.MultipleChoiceField(
        label=capfirst(_("reminders")),
        required=False,
        choices=ReminderMoment.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Who has not claimed, or of whom data or an account is missing, is reminded on these days."),
    )

    class Meta:
        model = PolicyVersion
        fields = (
            "policy",
            "subject",
            "payee",
            "payee_feel",
            "period_label",
            "as_of_on",
            "amount_feel",
            "limit_feel",
            "minimum_cny",
            "cap_cny",
            "pool",
            "track",
            "publicise_days",
            "counts_working_days",
            "list_is_public",
            "reminders",
            "effective_on",
            "opens_on",
            "closes_on",
            "commitment_zh",
            "commitment_en",
            "granted_cny",
        )
        widgets = {
            "amount_feel": rule_widget(rows=3),
            "limit_feel": rule_widget(rows=2),
            "payee_feel": rule_widget(rows=1),
            "commitment_zh": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "commitment_en": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }
        help_texts = {
            "amount_feel": _("Where a department’s list says the amounts, this is the most that is paid."),
        }

    def saved_state(self, row: PolicyVersion) -> Any:
        """The state of the draft and its parts; saving replaces all of them."""
        return saved_state(version=row)

    def _post_clean(self) -> None:
        """Show each contradiction at the field that the officer has to change."""
        super()._post_clean()  # type: ignore[misc]
        general = self.errors.pop(NON_FIELD_ERRORS, None)
        fields = _fields_of_sentences()
        for sentence in general or ():
            self.add_error(fields.get(str(sentence)), sentence)

    def clean(self) -> dict[str, Any]:
        """Check the amount; for this the subject and the definitions have to be known."""
        fields: dict[str, Any] = super().clean() or {}
        try:
            read_definitions(data=self.data, version=self.instance)
        except FeelError as refused:
            self.add_error(None, refusal_sentence(refused))
        definitions = posted_definitions(self.instance)
        for name, check in _RULES.items() if fields.get("subject") and definitions else ():
            self._check_rule(name, check, definitions)
        return fields

    def _check_rule(self, name: str, check: Callable[..., object], definitions: Definitions | None) -> None:
        if text := self.cleaned_data.get(name):
            assert definitions is not None
            try:
                check(text, subject=self.cleaned_data["subject"], definitions=definitions)
            except RuleRefused as refused:
                self.add_error(name, refusal_error(refused))


class ClauseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A condition; the form checks it against the facts of the version's subject."""

    place = forms.IntegerField(
        label=capfirst(_("order")), required=False, min_value=1, max_value=99, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = Clause
        fields = ("title_zh", "title_en", "feel")
        widgets = {"feel": rule_widget(rows=3)}

    def __init__(self, *args: Any, version: PolicyVersion, number: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._version, self._number = version, number
        self.fields["place"].initial = self.instance.position

    def clean_feel(self) -> str:
        """Refuse a text that is not a condition."""
        text: str = self.cleaned_data["feel"]
        definitions = posted_definitions(self._version)
        if (subject := self._version.subject) and definitions:
            try:
                check_clause(text, subject=subject, number=self._number, definitions=definitions)
            except RuleRefused as refused:
                raise refusal_error(refused) from refused
        return text


class ClauseFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The conditions of a draft."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each condition its version, whose facts it may mention, and its number."""
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        return {**kwargs, "version": self.instance, "number": (index or 0) + 1}

    def texts(self) -> list[ClauseText]:
        """The conditions that stay, in the form that operations take."""
        return [ClauseText(clause["title_zh"], clause["title_en"], clause["feel"]) for clause in self._ordered_forms()]

    def _ordered_forms(self) -> list[dict[str, Any]]:
        """The forms in the officer's order; those without a number come last."""
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("feel") and not form.cleaned_data.get("DELETE")
        ]
        return sorted(kept, key=lambda clause: clause["place"] or len(kept) + 99)
