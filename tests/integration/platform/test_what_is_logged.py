"""An error leaves a trace on standard error, in production as JSON, without anybody's name or number."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from qinqing import logs
from tests.unit.tools.test_environment import TOLD

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NAME = "张三"
SETTING_UP = """
import os
import django
django.setup()
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

def broken(request):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE people (name text UNIQUE, age integer CHECK (age > 0))")
        cursor.execute(os.environ["STATEMENT"])

# The pages of the product know each other's addresses.
urlpatterns = [path("", broken), path("", include("qinqing.urls"))]
handler500 = lambda request: HttpResponse("sorry", status=500)
settings.ROOT_URLCONF = "__main__"
"""
VISITED = """
answer = Client(raise_request_exception=False).get("/", headers={"host": os.environ["VISITED_HOST"]})
print(answer.status_code)
"""
CAUGHT = """
def failing(name):
    raise ValueError("broken")
try:
    failing(os.environ["STATEMENT"])
except ValueError:
    structlog.get_logger().exception("it.failed", number=1)
"""


def ran(script: str, *, statement: str = "", host: str = "localhost") -> subprocess.CompletedProcess[str]:
    told = TOLD | {name: os.environ[name] for name in ("DATABASE_URL", "READER_DATABASE_URL")}
    told |= {"QINQING_ENV": "production", "DJANGO_SETTINGS_MODULE": "qinqing.settings"}
    return subprocess.run(
        [sys.executable, "-c", SETTING_UP + script],
        cwd=settings.BASE_DIR,
        env=os.environ | told | {"STATEMENT": statement, "VISITED_HOST": host},
        capture_output=True,
        text=True,
        timeout=120,
    )


def lines(script: str, **told: str) -> list[dict[str, str]]:
    """The lines of standard error, each read as JSON."""
    done = ran(script, **told)
    assert done.returncode == 0, done.stderr
    return read(done.stderr)


def read(written: str) -> list[dict[str, str]]:
    # Python itself may warn that there are no static files to serve.
    return [json.loads(line) for line in written.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"INSERT INTO people VALUES ('{NAME}', 1), ('{NAME}', 2)", "people_name_key"),
        (f"INSERT INTO people VALUES (E'{NAME}\n{NAME}\n\n{NAME}', -1)", "people_age_check"),
        (f"INSERT INTO people (age) VALUES ('{NAME}')", "invalid input syntax for type integer"),
    ],
)
def test_an_error_page_leaves_its_traceback_and_nobodys_name(statement: str, said: str) -> None:
    done = ran(VISITED, statement=statement)
    assert done.stdout == "500\n", done.stderr
    [line] = read(done.stderr)
    assert (line["event"], line["level"], line["logger"]) == ("Internal Server Error: /", "error", "django.request")
    assert line["timestamp"]
    assert "in broken" in line["exception"]
    assert said in line["exception"]
    assert NAME not in done.stderr


def test_a_host_that_is_not_ours_leaves_a_line() -> None:
    [line] = lines(VISITED, host="evil.example.org")
    assert "evil.example.org" in line["event"]
    assert line["logger"] == "django.security.DisallowedHost"


def test_what_the_platform_catches_is_written_alike_and_without_variables() -> None:
    [line] = lines(CAUGHT, statement=NAME)
    assert (line["event"], line["level"], line["number"]) == ("it.failed", "error", 1)
    assert "ValueError: broken" in line["exception"]
    assert NAME not in line["exception"]


def test_a_sentence_made_of_an_error_is_cut() -> None:
    """Celery makes such a sentence of a task that failed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE people (name text UNIQUE) ON COMMIT DROP")
        with pytest.raises(DatabaseError) as failed:
            cursor.execute(f"INSERT INTO people VALUES ('{NAME}'), ('{NAME}')")
        transaction.set_rollback(True)
    record = logging.LogRecord("celery", logging.ERROR, "", 1, "failed: %r and %s", (failed.value, failed.value), None)
    line = logs.line().format(record)
    assert "people_name_key" in line
    assert NAME not in line
