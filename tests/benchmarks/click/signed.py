"""The same INSERT behind the product's own door: its settings and middleware, a session, an account, a CSRF token."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.urls import include, path

from tests.benchmarks.click.minimal import insert

# The product's pages are served too, because a browser has to sign in first.
urlpatterns = [path("insert/", login_required(insert)), path("", include("qinqing.urls"))]
