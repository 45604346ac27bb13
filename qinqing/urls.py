"""All addresses of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from companies.people.views import NewPassword
from qinqing import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("qinqing.cockpit.urls")),
    path("", include("policies.urls")),
    path("", include("payouts.urls")),
    path("", include("companies.urls")),
    path("api/v1/", include("companies.deliveries.api_urls")),
    path("admin/login/", views.redirect_admin_login),
    # Under its own form the admin would let wrong passwords be tried without end.
    path("admin/password_change/", NewPassword.as_view()),
    path("admin/", admin.site.urls),
]

handler400 = "qinqing.views.bad_request"
handler404 = "qinqing.views.not_found"
handler500 = "qinqing.views.server_error"
