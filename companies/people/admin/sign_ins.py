"""The pages of django-axes in the admin, in both languages: who tried to sign in, and who is locked out."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from axes.admin import AccessAttemptAdmin, AccessFailureLogAdmin, AccessLogAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.labels import Colours, Labelled

for model in (AccessAttempt, AccessFailureLog, AccessLog):
    admin.site.unregister(model)
# Second factors, sessions and confirmed addresses belong to the person; no official reads or changes them here.
for own in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(own)

_FROM = (gettext_lazy("Meta Data"), {"fields": ("user_agent", "ip_address", "http_accept")})


@admin.register(AccessAttempt)
class AttemptAdmin(AccessAttemptAdmin, ModelAdmin):
    """Wrong passwords by account and address; after a row is deleted, the account may try again."""

    list_display = ["attempt_time", "ip_address", "username", "path_info", "failures_since_start", "standing"]
    fieldsets = (  # type: ignore[assignment]
        (None, {"fields": ("username", "attempt_time", "path_info", "failures_since_start", "standing")}),
        (gettext_lazy("Form Data"), {"fields": ("get_data", "post_data")}),
        _FROM,
    )
    readonly_fields = [*AccessAttemptAdmin.readonly_fields, "standing"]
    actions = []

    @display(description=gettext_lazy("standing"), label=Colours({"locked": "danger", "open": "info"}))
    def standing(self, attempt: AccessAttempt) -> Labelled:
        """Whether the account is locked from this address now."""
        left = settings.AXES_FAILURE_LIMIT - attempt.failures_since_start
        if left <= 0:
            return Labelled("locked", _("Locked Out"))
        return Labelled("open", _("attempts left: %(count)s") % {"count": left})


@admin.register(AccessFailureLog)
class FailureAdmin(AccessFailureLogAdmin, ModelAdmin):
    """Every failed attempt to sign in."""


@admin.register(AccessLog)
class SignInAdmin(AccessLogAdmin, ModelAdmin):
    """Every sign-in, and when the session ended."""


# The words of django-axes, which has no Chinese translation.
AXES_WORDS = (
    gettext_lazy("Access lock out"),
    gettext_lazy("access attempt"),
    gettext_lazy("access attempts"),
    gettext_lazy("access failure"),
    gettext_lazy("access failures"),
    gettext_lazy("access log"),
    gettext_lazy("access logs"),
    gettext_lazy("Attempt Time"),
    gettext_lazy("Failed Logins"),
    gettext_lazy("GET Data"),
    gettext_lazy("HTTP Accept"),
    gettext_lazy("IP Address"),
    gettext_lazy("Logout Time"),
    gettext_lazy("Path"),
    gettext_lazy("POST Data"),
    gettext_lazy("Session key hash (sha256)"),
    gettext_lazy("User Agent"),
    gettext_lazy("Username"),
)
