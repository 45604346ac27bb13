"""The admin's site, and the configuration that makes Django use it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class AdminSite(UnfoldAdminSite):
    """The theme's site; it builds the list of apps only for the few pages that show the list."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The apps and models that the official may see; Django asks for them on each page, at a fifth of its time."""
        build = super().get_app_list
        return SimpleLazyObject(lambda: build(request, app_label))


class AdminSiteConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "qinqing.kernel.admin.site.AdminSite"
