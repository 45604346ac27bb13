"""The addresses of the provider."""

from __future__ import annotations

from django.urls import include, path
from oauth2_provider.urls import base_urlpatterns, oidc_urlpatterns

from qinqing.identity_provider import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("o/", include((base_urlpatterns[:2] + oidc_urlpatterns[:3], "oauth2_provider"))),
]
