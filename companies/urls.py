"""Addresses of the sign-in, of passwords, and of a firm's account."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from companies.people import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password/", views.NewPassword.as_view(), name="password"),
    path("desk/", views.desk, name="desk"),
    path("firms/<str:credit_code>/account/", views.account, name="account"),
    path("firms/<str:credit_code>/account/<int:account_id>/stop/", views.stop, name="account-stop"),
]
