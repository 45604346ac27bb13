"""Addresses of the sign-in, of passwords, and of a firm's account and members."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from companies.memberships import views as memberships
from companies.people import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password/", views.NewPassword.as_view(), name="password"),
    path("desk/", views.desk, name="desk"),
    path("firms/<str:credit_code>/account/", views.account, name="account"),
    path("firms/<str:credit_code>/members/", memberships.members_page, name="members"),
    path("firms/<str:credit_code>/members/leave/", memberships.leave, name="leave"),
    path("firms/<str:credit_code>/members/<int:member_id>/", memberships.member, name="member"),
    path("firms/<str:credit_code>/invitations/<int:invitation_id>/revoke/", memberships.revoke, name="revoke"),
    path("invitation/", memberships.invitation, name="invitation"),
]
