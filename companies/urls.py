"""Addresses of the sign-in, of passwords, and of a firm's account and members."""

from __future__ import annotations

from allauth.account import views as accounts
from allauth.mfa.totp.views import deactivate_totp
from allauth.mfa.webauthn.views import remove_webauthn
from django.urls import include, path, re_path

from companies.city_identity import views as city_identity
from companies.memberships import views as memberships
from companies.people import views
from companies.staff.factors import removes_own_factor

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    # The names under which allauth looks for our pages.
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/", views.SignIn.as_view(), name="account_signup"),
    path("sign-in/closed/", accounts.account_inactive, name="account_inactive"),
    path("sign-out/", accounts.LogoutView.as_view(http_method_names=["post", "options"]), name="sign-out"),
    path("once-more/go-on/", views.go_on, name="step-up-resume"),
    path("once-more/", accounts.reauthenticate, name="account_reauthenticate"),
    path("once-more/mail/", accounts.request_reauthentication_code, name="account_request_reauthentication_code"),
    path("once-more/mail/code/", accounts.confirm_reauthentication_code, name="account_confirm_reauthentication_code"),
    path("second-factor/totp/deactivate/", removes_own_factor(deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "second-factor/webauthn/keys/<int:pk>/remove/", removes_own_factor(remove_webauthn), name="mfa_remove_webauthn"
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", views.SessionList.as_view(), name="usersessions_list"),
    path("password/", views.NewPassword.as_view(), name="password"),
    path("password/", views.NewPassword.as_view(), name="account_change_password"),
    path("password/none/", accounts.password_set, name="account_set_password"),
    path("password/forgotten/", accounts.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", accounts.password_reset_done, name="account_reset_password_done"),
    path(
        "password/forgotten/done/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        accounts.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("desk/", views.desk, name="desk"),
    path("firms/<str:credit_code>/account/", views.account, name="account"),
    path("firms/<str:credit_code>/account/<int:account_id>/confirm/", views.confirm, name="account-confirm"),
    path("firms/<str:credit_code>/account/<int:account_id>/stop/", views.stop, name="account-stop"),
    path("firms/<str:credit_code>/members/", memberships.members_page, name="members"),
    path("firms/<str:credit_code>/members/leave/", memberships.leave, name="leave"),
    path("firms/<str:credit_code>/members/<int:member_id>/", memberships.member, name="member"),
    path("firms/<str:credit_code>/invitations/<int:invitation_id>/revoke/", memberships.revoke, name="revoke"),
    path("sign-in/city/", city_identity.begin, name="city-identity"),
    path("sign-in/city/answer/", city_identity.callback, name="city-identity-callback"),
    path("once-more/city/", city_identity.once_more, name="city-identity-again"),
    path("first-sign-in/", city_identity.first_sign_in, name="first-sign-in"),
    path("invitation/", memberships.invitation, name="invitation"),
]
