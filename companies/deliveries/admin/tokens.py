"""Tokens for departments' machines: shown once, recognised by their first characters, withdrawn at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from companies.deliveries.tokens import hand_out_token
from companies.models import ApiToken
from companies.people.permissions import signed_in
from qinqing.kernel.admin.model_admin import ModelAdmin

LONGEST_DAYS, USUAL_DAYS = 730, 365

admin.site.unregister(AuthToken)


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """The account of a machine, and the days for which the token is valid."""

    days = forms.IntegerField(
        label=_("Days until it ends"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=USUAL_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_(
            "The token is shown once, on the next page. Until it ends, whoever holds it delivers in this account’s"
            " name."
        ),
    )

    class Meta:
        model = ApiToken
        fields = ("user",)
        labels = {"user": _("The department’s account")}


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """The tokens, for those who hand them out."""

    form = TokenForm
    fields = ("user", "days")
    list_display = ("token", "account", "handed_out_at", "ends_at")
    # A token has no page of its own: nothing of it changes, and the list can delete it.
    list_display_links = None
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    search_fields = ("=user__username",)
    ordering = ("-created", "pk")

    @admin.display(description=_("token"))
    def token(self, token: ApiToken) -> str:
        """The first characters."""
        return token.shown

    # The columns of django-rest-knox, which has no Chinese of its own.
    @admin.display(description=_("The department’s account"), ordering="user__username")
    def account(self, token: ApiToken) -> str:
        """The account of the machine."""
        return str(token.user)

    @admin.display(description=_("handed out at"), ordering="created")
    def handed_out_at(self, token: ApiToken) -> datetime:
        """When the token was created."""
        return token.created

    @admin.display(description=_("ends at"), ordering="expiry")
    def ends_at(self, token: ApiToken) -> datetime | None:
        """When the token expires."""
        return token.expiry

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Only those who hand tokens out see them."""
        may_hand_out: bool = self.has_add_permission(request)
        return may_hand_out

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """A token does not change; another is handed out instead."""
        return False

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, **options: Any) -> Any:
        """The form, without links to add or change an account."""
        form = super().get_form(request, obj, **options)
        asked = form.base_fields["user"].widget
        asked.can_add_related = asked.can_change_related = asked.can_view_related = False
        return form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form with a single button, because the token is shown next in any case."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().add_view(request, form_url, (extra_context or {}) | buttons)
        return answer

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Create the token."""
        days = form.cleaned_data["days"]
        hand_out_token(token=obj, days=days, actor=signed_in(request), now=timezone.now())

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token this once, on a page: a message would be stored in a cookie."""
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(
            request, "admin/companies/token.html", {**frame, "title": _("The new token"), "token": obj}
        )
