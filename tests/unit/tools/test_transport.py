"""Nothing of production starts that would speak to another machine without TLS."""

from __future__ import annotations

import os

import pytest

from tests.unit.tools.test_environment import TOLD, start

PROVEN = "?sslmode=verify-full&sslrootcert=/run/authority.pem"
FAR = "postgres://app@db.example.org/qinqing"
ASKED = (
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'qinqing.settings';"
    " from qinqing.kernel.transport import refuse_plain_addresses; refuse_plain_addresses(); print('started')"
)


def begin(**told: str) -> str:
    ran = start(ASKED, **TOLD | told)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["DATABASE_URL", "READER_DATABASE_URL", "OWNER_DATABASE_URL"])
def test_a_database_of_another_machine_proves_who_it_is(name: str) -> None:
    for plain in (FAR, f"{FAR}?sslmode=prefer", f"{FAR}?sslmode=require", f"{FAR}?sslmode=disable"):
        said = begin(**{name: plain})
        assert f"{name} leads to db.example.org without TLS" in said
        assert "sslmode=verify-full" in said
    assert begin(**{name: FAR + PROVEN}) == "started\n"


@pytest.mark.parametrize(
    "near",
    [
        "postgres://app@127.0.0.1/q",
        "postgres://app@localhost/q",
        "postgres://app@[::1]/q",
        "postgres://app@/q?host=/run/pg",
    ],
)
def test_a_database_of_this_machine_needs_none(near: str) -> None:
    assert begin(DATABASE_URL=near) == "started\n"


def test_an_address_behind_a_name_of_this_machine_is_looked_at() -> None:
    assert "leads to localhost, 192.0.2.7" in begin(DATABASE_URL="postgres://app@localhost/q?hostaddr=192.0.2.7")
    assert "leads to db.example.org" in begin(DATABASE_URL="postgres://app@/q?host=db.example.org")


@pytest.mark.parametrize(
    "plain",
    [
        "redis://:p@broker.example.org:6379/0",
        "rediss://:p@broker.example.org:6379/0",
        "rediss://:p@broker.example.org:6379/0?ssl_cert_reqs=none",
        "rediss://:p@broker.example.org:6379/0?ssl_cert_reqs=required&ssl_check_hostname=false",
    ],
)
def test_a_broker_of_another_machine_proves_who_it_is(plain: str) -> None:
    said = begin(REDIS_URL=plain)
    assert "REDIS_URL leads to broker.example.org without TLS" in said
    assert "ssl_cert_reqs=required" in said
    assert ":p@" not in said


def test_a_broker_that_proves_it_is_taken_and_celery_asks_for_the_proof() -> None:
    proven = "rediss://:p@broker.example.org:6379/0?ssl_cert_reqs=required&ssl_ca_certs=/run/authority.pem"
    assert begin(REDIS_URL=proven) == "started\n"
    asked = "from qinqing.celery import app; print(app.connection().ssl)"
    said = start(asked, **TOLD | {"REDIS_URL": proven}).stdout
    assert "CERT_REQUIRED" in said
    assert "/run/authority.pem" in said


def test_links_for_new_passwords_leave_encrypted() -> None:
    assert "EMAIL_URL leads to mail.example.org without TLS" in begin(EMAIL_URL="smtp://n:p@mail.example.org:25")
    assert begin(EMAIL_URL="smtp+tls://n:p@mail.example.org:587") == "started\n"


def test_containers_of_this_machine_are_named() -> None:
    inside = {"DATABASE_URL": "postgres://app@database/q", "REDIS_URL": "redis://:p@broker:6379/0"}
    assert "DATABASE_URL leads to database" in begin(**inside)
    assert begin(**inside, PLAIN_HOSTS="database,broker") == "started\n"


def test_the_portal_does_not_start_and_the_check_says_why() -> None:
    ran = start("import qinqing.wsgi", **TOLD | {"DATABASE_URL": FAR})
    assert ran.returncode != 0
    assert "PlainAddress" in ran.stderr.splitlines()[-1]
    command = "import sys; sys.argv = ['manage.py', 'check', '--deploy']; import manage; manage.main()"
    assert "qinqing.E003" in start(command, **TOLD | {"DATABASE_URL": FAR}).stderr
    assert "qinqing.E003" not in start(command, **TOLD).stderr


def test_a_server_without_tls_is_refused_by_the_database_driver_itself() -> None:
    """The word that we ask for is not only there: the server of the tests speaks no TLS, and is not spoken to."""
    asked = (
        "import os, psycopg; from urllib.parse import urlsplit; a = urlsplit(os.environ['TRIED']);"
        " psycopg.connect(f'host=127.0.0.1 port={a.port} sslmode=verify-full sslrootcert=system dbname=x user=x')"
    )
    ran = start(asked, TRIED=os.environ["DATABASE_URL"])
    assert "server does not support SSL" in ran.stderr
