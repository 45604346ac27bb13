"""The forms by which people prove who they are: allauth's, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from companies.people.one_time_codes import use_code

Words = dict[str, tuple[Any, Any]]


class InOurWords(forms.Form):
    """Gives fields our labels and help; a placeholder would hide the label from those who look twice."""

    words: Words = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label, field.help_text = self.words.get(name, (field.label, ""))
            field.widget.attrs.pop("placeholder", None)


class SignInForm(InOurWords, account_forms.LoginForm):  # type: ignore[misc]
    """The form to sign in; password managers know its field of the name as `username`."""

    words = {"login": (_("User name"), ""), "password": (_("Password"), "")}

    def add_prefix(self, field_name: str) -> str:
        """The name of the field in the page."""
        return str(super().add_prefix("username" if field_name == "login" else field_name))


class PasswordOnceMoreForm(InOurWords, account_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password of who is signed in."""

    words = {"password": (_("Password"), "")}


class AskForCodeForm(InOurWords, account_forms.RequestReauthenticationCodeForm):  # type: ignore[misc]
    """The address of mail to which a code goes."""

    words = {"recipient": (_("Send the code to"), "")}


class MailedCodeForm(InOurWords, account_forms.ConfirmReauthenticationCodeForm):  # type: ignore[misc]
    """The code that came by mail."""

    words = {"code": (_("Code from the mail"), "")}


_CODE: Words = {"code": (_("Code"), _("The six digits that your app shows now, or one of your recovery codes."))}


class _UsedOnce(forms.Form):
    """Takes each code of an app once, whichever process hears it."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        """
        Note that the code is used.

        Raises:
            ValidationError: it is wrong, or was used before.
        """
        code = str(super().clean_code())  # type: ignore[misc]
        use_code(self.authenticator)
        return code


class SecondFactorForm(InOurWords, _UsedOnce, factor_forms.AuthenticateForm):  # type: ignore[misc]
    """The second factor of a sign-in."""

    words = _CODE


class SecondFactorOnceMoreForm(InOurWords, _UsedOnce, factor_forms.ReauthenticateForm):  # type: ignore[misc]
    """The second factor of who is signed in."""

    words = _CODE


class NewAppForm(InOurWords, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app."""

    words = {"code": (_("Code"), _("The six digits that your app shows now."))}


_KEY_NAME = (_("Name of the key"), _("So that you know it again, such as “my phone”."))


class NewKeyForm(InOurWords, AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key."""

    words = {
        "name": _KEY_NAME,
        "passwordless": (
            _("Sign in with it alone, without a password"),
            _("The device then asks for your face, finger or PIN."),
        ),
    }


class KeyNameForm(InOurWords, EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    words = {"name": _KEY_NAME}


class ForgottenPasswordForm(InOurWords, account_forms.ResetPasswordForm):  # type: ignore[misc]
    """The address of mail to which a link for a new password goes."""

    words = {"email": (_("Your e-mail address"), _("The address that your account has here."))}


class _NewPassword(InOurWords):
    """Says beside the new password what it has to be like."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())


_NEW: Words = {"password1": (_("New password"), ""), "password2": (_("New password once more"), "")}


class PasswordByMailForm(_NewPassword, account_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password of who followed the link in the mail."""

    words = _NEW


class ChangePasswordForm(_NewPassword, account_forms.ChangePasswordForm):  # type: ignore[misc]
    """The new password of who knows the old one."""

    words = {"oldpassword": (_("Old password"), ""), **_NEW}
