"""Serves `signed`: the product with one more view."""

from __future__ import annotations

from django.conf import settings

from qinqing.wsgi import application

settings.ROOT_URLCONF = "tests.benchmarks.click.signed"

__all__ = ["application"]
