"""One-click redemption of government subsidies."""

from qinqing.celery import app as celery_app

__all__ = ["celery_app"]
