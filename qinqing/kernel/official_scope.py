"""The way to the module that knows what an official may see; it belongs to an app, which the kernel does not import."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings


def scope() -> Any:
    """The module that `settings.SCOPE` names."""
    return import_module(settings.SCOPE)
