"""Production refuses to start without a required setting and names it; docker's files pass all settings on."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

DOCKER = settings.BASE_DIR / "docker"
TOLD = {
    "DJANGO_SECRET_KEY": "k" * 50,
    "QINQING_DATA_KEY": "d" * 32,
    "ALLOWED_HOSTS": "qinqing.example.org, localhost",
    "DATABASE_URL": "postgres://app@localhost/qinqing",
    "READER_DATABASE_URL": "postgres://reader@localhost/qinqing",
    "REDIS_URL": "redis://localhost",
    "PAYER_NAME": "杭州市财政局",
    "PAYER_ACCOUNT": "33010000000000000001",
    "PAYER_BANK_NUMBER": "011331000015",
}


def start(
    asked: str = "from qinqing import env; print(env.ALLOWED_HOSTS)", **told: str
) -> subprocess.CompletedProcess[str]:
    """The output of a process that reads the environment in production."""
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
    return subprocess.run(
        [sys.executable, "-c", asked],
        cwd=settings.BASE_DIR,
        env=environment | {"QINQING_ENV": "production"} | told,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_that_is_told_everything_starts() -> None:
    assert start(**TOLD).stdout == "['qinqing.example.org', 'localhost']\n"


@pytest.mark.parametrize("name", TOLD)
def test_what_production_is_not_told_stops_the_start_with_its_name(name: str) -> None:
    ran = start(**{key: value for key, value in TOLD.items() if key != name})
    assert ran.returncode != 0
    assert name in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["ALLOWED_HOSTS", "PAYER_ACCOUNT", "QINQING_DATA_KEY"])
def test_nothing_is_not_taken_for_something(name: str) -> None:
    ran = start(**TOLD | {name: ""})
    assert ran.returncode != 0
    assert name in ran.stderr.splitlines()[-1]


def test_a_short_key_is_refused_with_a_word_on_what_to_do() -> None:
    ran = start(**TOLD | {"QINQING_DATA_KEY": "d" * 31})
    assert "fewer than 32 characters. A key that has data behind it is never thrown away" in ran.stderr
    assert "“openssl rand -hex 32”" in ran.stderr


def test_a_short_secret_is_refused_with_a_word_on_what_to_do() -> None:
    ran = start(**TOLD | {"DJANGO_SECRET_KEY": "k" * 49})
    assert "DJANGO_SECRET_KEY has fewer than 50 characters; whoever guesses it signs in as anybody" in ran.stderr


def test_a_short_key_that_has_data_behind_it_goes_on_when_that_is_said() -> None:
    old = {"QINQING_DATA_KEY_IS_OLD": "yes"}
    assert start(**TOLD | {"QINQING_DATA_KEY": "d" * 31} | old).returncode == 0
    assert start(**TOLD | {"QINQING_DATA_KEY": ""} | old).returncode != 0
    assert "QINQING_DATA_KEY_IS_OLD: ${QINQING_DATA_KEY_IS_OLD:-no}" in (DOCKER / "compose.yaml").read_text()


def test_keys_before_are_passed_on() -> None:
    asked = "from qinqing import env; print(env.DATA_KEYS_BEFORE)"
    assert start(asked, **TOLD).stdout == "[]\n"
    assert start(asked, **TOLD, QINQING_DATA_KEY_BEFORE="").stdout == "[]\n"
    assert start(asked, **TOLD, QINQING_DATA_KEY_BEFORE="b,a").stdout == "['b', 'a']\n"
    assert "QINQING_DATA_KEY_BEFORE: ${QINQING_DATA_KEY_BEFORE:-}" in (DOCKER / "compose.yaml").read_text()


def test_the_files_of_docker_pass_all_of_it_on() -> None:
    compose, build = ((DOCKER / name).read_text() for name in ("compose.yaml", "Dockerfile"))
    listed = re.findall(r"^(\w+)=", (DOCKER / "example.env").read_text(), re.MULTILINE)
    for name in TOLD:
        assert f" {name}=" in build
        if not name.endswith(("DATABASE_URL", "REDIS_URL")):
            assert f"{name}: ${{{name}:?}}" in compose
            assert name in listed


def test_a_blank_beside_a_comma_is_no_part_of_a_key() -> None:
    ran = start(**TOLD, QINQING_DATA_KEY_BEFORE="b, a")
    assert "A blank stands beside a comma in QINQING_DATA_KEY_BEFORE; leave it out." in ran.stderr


def test_nobody_is_taken_for_dead_who_still_waits_for_the_bank() -> None:
    ran = start(**TOLD, BANK_TIMEOUT_SECONDS="30")
    assert "BANK_LEASE_SECONDS has to be longer than BANK_TIMEOUT_SECONDS" in ran.stderr
    assert start(**TOLD, BANK_TIMEOUT_SECONDS="30", BANK_LEASE_SECONDS="60").returncode == 0


def test_whatever_may_be_set_reaches_the_containers() -> None:
    """If compose did not pass on a setting of docker/.env, the setting would silently have no effect."""
    files = ("qinqing/env.py", "qinqing/settings.py", "payouts/banks/interface.py")
    read = "".join((settings.BASE_DIR / name).read_text() for name in files)
    names = set(re.findall(r'(?:env\.\w+|_told|_keys?|_secret|_read)\(\s*"([A-Z_]+)"', read)) - {"QINQING_ENV"}
    compose, example = ((DOCKER / name).read_text() for name in ("compose.yaml", "example.env"))
    assert {"BANK_CUT_OFF_SECONDS", "BANK_TOKEN", "DATABASE_KEEPS_PLANS", "QINQING_DATA_KEY_BEFORE"} <= names
    assert [name for name in sorted(names) if f"    {name}: " not in compose] == []
    built_by_compose = {"DATABASE_URL", "OWNER_DATABASE_URL", "READER_DATABASE_URL", "REDIS_URL"}
    assert [name for name in sorted(names - built_by_compose) if f"{name}=" not in example] == []


def test_logs_do_not_fill_the_disk() -> None:
    compose = (DOCKER / "compose.yaml").read_text()
    assert 'options: {max-size: "50m", max-file: "5"}' in compose
    assert compose.count("logging: *log") == len(re.findall(r"^    image: |^  image: ", compose, re.MULTILINE))


def test_only_a_proxy_on_the_machine_itself_reaches_the_portal() -> None:
    # A visitor who reached the portal directly could give any address in a header.
    assert re.findall(r"ports: (.*)", (DOCKER / "compose.yaml").read_text()) == ['["127.0.0.1:8000:8000"]']
