"""Serves `signed`: the product as it is served, with one view more."""

from __future__ import annotations

from django.conf import settings

from qinqing.wsgi import application

settings.ROOT_URLCONF = "tests.benchmarks.click.signed"

__all__ = ["application"]
