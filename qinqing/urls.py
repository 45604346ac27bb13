"""All addresses of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from qinqing import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("qinqing.cockpit.urls")),
    path("", include("policies.urls")),
    path("", include("payouts.urls")),
    path("", include("companies.urls")),
    path("api/v1/", include("companies.api_urls")),
    path("admin/login/", views.admin_door),
    path("admin/", admin.site.urls),
]
