"""What reaches a bank is in the environment of the workers that send, and in no other part's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from payouts.banks.interface import HELD_BY_SENDERS, SENDING_QUEUES, read_drop, read_signing_key_file
from payouts.banks.signing import read_signing_key
from qinqing.celery import app
from qinqing.demo.campaign.drop import drop_settings, write_drop
from qinqing.demo.campaign.parts import QUEUES, Addresses, platform
from qinqing.kernel.signatures import sign
from tests.unit.tools.test_environment import DOCKER, TOLD, start

SENDER = {"BANK_URL": "https://bank.example.org", "BANK_TOKEN": "a token of the bank"}
CHECK = (
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'qinqing.settings';"
    " from payouts.banks.interface import check_interface, read_interface; check_interface(queues={queues});"
    " print('started')"
)


def begin(*queues: str, **told: str) -> str:
    """What a process of production says that takes these queues and was told this about the bank."""
    ran = start(CHECK.format(queues=queues), **TOLD, **told)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("queues", [(), ("match",), ("reply", "match")])
def test_a_part_that_speaks_to_no_bank_starts_without_a_token_and_not_with_one(queues: tuple[str, ...]) -> None:
    assert begin(*queues) == "started\n"
    for name in SENDER:
        said = begin(*queues, **{name: SENDER[name]})
        assert f"This part speaks to no bank. Take {name} out of its environment" in said
        assert SENDER[name] not in said


@pytest.mark.parametrize("queue", sorted(SENDING_QUEUES))
def test_a_worker_that_sends_needs_both(queue: str) -> None:
    assert begin(queue, **SENDER) == "started\n"
    for name in SENDER:
        assert f"Set the {name} environment variable" in begin(queue, **SENDER | {name: ""})


def test_a_bank_is_reached_by_tls_alone() -> None:
    plain = SENDER | {"BANK_URL": "http://bank.example.org"}
    assert "BANK_URL begins with https://" in begin("pay", **plain)
    assert begin("pay", **plain, BANK_IS_SIMULATOR="yes") == "started\n"


def test_the_portal_of_production_does_not_start_with_a_token() -> None:
    asked = "import qinqing.wsgi"
    ran = start(asked, **TOLD, **SENDER)
    assert ran.returncode != 0
    assert "Take BANK_URL, BANK_TOKEN out of its environment" in ran.stderr.splitlines()[-1]


def test_no_setting_of_the_platform_is_one_of_them() -> None:
    assert [name for name in HELD_BY_SENDERS if hasattr(settings, name)] == []


def test_every_task_that_speaks_to_the_bank_is_of_a_queue_that_sends() -> None:
    text = (settings.BASE_DIR / "payouts" / "tasks.py").read_text()
    callers = set(re.findall(r"^def (\w+)\((?:(?!\n\n\n).)*?bank\(\)", text, re.MULTILINE | re.DOTALL))
    assert callers == {"_sent", "_ask_some", "_hear_some_returns"}
    speaking = ("send_due", "send_clicked", "ask_in_doubt", "hear_returns", "hand_over_files")
    queues = {app.amqp.router.route({}, f"payouts.tasks.{task}")["queue"].name for task in speaking}
    assert queues == SENDING_QUEUES


def test_the_demo_tells_its_workers_that_send_alone(tmp_path: Path) -> None:
    parts = platform(Addresses(web_port=1, bank_port=2), folder=tmp_path)
    told = {part.name for part in parts if set(HELD_BY_SENDERS) & set(part.told)}
    assert told == {f"worker-{queue}" for queue in SENDING_QUEUES}
    assert len(parts) == len(QUEUES) + 2


def test_the_demo_hands_files_over_to_its_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_drop(folder=tmp_path, bank="http://127.0.0.1:2")
    write_drop(folder=tmp_path, bank="http://127.0.0.1:3")
    for name, value in drop_settings(folder=tmp_path).items():
        monkeypatch.setenv(name, value)
    drop = read_drop(payer_account=settings.PAYER_ACCOUNT)
    assert drop is not None
    assert drop.address == "http://127.0.0.1:3/v1/drop"
    assert sign(b"x", key=read_signing_key(read_signing_key_file())).signature
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


def test_compose_tells_the_workers_that_send_alone() -> None:
    parts: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    told = {name: set(HELD_BY_SENDERS) & set(part.get("environment", {})) for name, part in parts.items()}
    # The simulator asks for the token that it is shown.
    assert {name: held for name, held in told.items() if held} == {
        "worker-click": set(HELD_BY_SENDERS),
        "worker-pay": set(HELD_BY_SENDERS),
        "bank": {"BANK_TOKEN"},
    }
    assert parts["worker-pay"]["command"] == ["worker", "pay"]
