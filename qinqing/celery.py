"""The Celery application: it only wakes workers up; the work is rows."""

from __future__ import annotations

import gc
import os

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_before_create_process

from qinqing import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")

app = Celery("qinqing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
heartbeat.install(app)


@setup_logging.connect
def _log_as_the_web_does(**_signal: object) -> None:
    """Celery's own lines look like all others, and it leaves standard error as it is."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_before_create_process.connect
def _keep_what_is_loaded(**_signal: object) -> None:
    """What is loaded by now stays for good: the collector leaves it alone, and so its pages stay shared."""
    gc.freeze()


@task_prerun.connect
def _check_connections(**_signal: object) -> None:
    """Connections live from task to task, as they do from request to request; a broken one is given up first."""
    from django.db import close_old_connections

    close_old_connections()
