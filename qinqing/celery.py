"""The Celery application: it only wakes workers up; the work is rows."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import task_prerun

from qinqing import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")

app = Celery("qinqing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
heartbeat.install(app)


@task_prerun.connect
def _check_connections(**_signal: object) -> None:
    """Connections live from task to task, as they do from request to request; a broken one is given up first."""
    from django.db import close_old_connections

    close_old_connections()
