"""The project as an app: templates, static files and commands that see all of it."""

from __future__ import annotations

from django.apps import AppConfig


class QinqingConfig(AppConfig):
    """The project's top layer."""

    name = "qinqing"
