"""The Celery application: it only wakes workers up; the work is rows."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, task_prerun, worker_before_create_process, worker_init

from qinqing import heartbeat
from qinqing.kernel.refusals import Refusal
from qinqing.start import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")

app = Celery("qinqing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
heartbeat.install(app)


@setup_logging.connect
def _log_as_the_web_does(**_signal: object) -> None:
    """Give Celery's log lines our format, and keep Celery from replacing standard error."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_init.connect
def _refuse_unsafe_worker(sender: Any, **_signal: object) -> None:
    _refuse_unsafe_start(set(sender.app.amqp.queues.consume_from))


@beat_init.connect
def _refuse_unsafe_beat(**_signal: object) -> None:
    _refuse_unsafe_start(set())


def _refuse_unsafe_start(queues: set[str]) -> None:
    try:
        refuse_unsafe_start(queues=queues)
    except Refusal as refusal:
        # Celery logs an error of a signal's receiver and goes on.
        sys.exit(str(refusal))


@worker_before_create_process.connect
def _keep_what_is_loaded(**_signal: object) -> None:
    """Exempt all loaded objects from garbage collection, so that the processes go on sharing their memory pages."""
    gc.freeze()


@task_prerun.connect
def _check_connections(**_signal: object) -> None:
    """Close broken and expired connections before a task; the others live on from task to task."""
    from django.db import close_old_connections

    close_old_connections()
