"""The lists of the admin answer every lookup that an address can name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db.models import BinaryField, CharField, DateField, Field, Model
from django.test import Client
from django.urls import reverse

from tests.factories.clients import sign_in
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> Client:
    return sign_in(make_user("root", is_staff=True, is_superuser=True))


def columns(kind: type[Field]) -> Iterator[tuple[type[Model], str]]:  # type: ignore[type-arg]
    """Each registered model with its columns of a kind."""
    for model in admin.site._registry:
        for field in model._meta.concrete_fields:
            if isinstance(field, kind):
                yield model, field.name


def status(browser: Client, model: type[Model], lookup: str, value: str) -> int:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return browser.get(address, {lookup: value}).status_code


@pytest.mark.parametrize("lookup", ["", "__exact", "__in", "__icontains", "__gt", "__isnull"])
def test_no_list_compares_a_binary_column(superuser: Client, lookup: str) -> None:
    binary = list(columns(BinaryField))
    assert binary
    answers = {(model, name): status(superuser, model, f"{name}{lookup}", "x") for model, name in binary}
    assert answers == dict.fromkeys(answers, 400)


@pytest.mark.parametrize(
    ("kind", "lookup", "value", "answer"),
    [
        (CharField, "__regex", "(", 400),
        (CharField, "__trigram_similar", "x", 400),
        (CharField, "__icontains", "(", 200),
        (DateField, "__year", "99999", 302),
    ],
)
def test_a_list_answers_what_the_database_cannot(
    superuser: Client,
    kind: type[Field],
    lookup: str,
    value: str,
    answer: int,  # type: ignore[type-arg]
) -> None:
    first: dict[type[Model], str] = {}
    for model, name in columns(kind):
        if name != "password":  # which Django itself lets nobody ask for
            first.setdefault(model, name)
    answers = {model: status(superuser, model, f"{name}{lookup}", value) for model, name in first.items()}
    assert set(answers.values()) == {answer}


def test_every_list_refuses_such_lookups() -> None:
    from qinqing.kernel.admin.model_admin import ModelAdmin

    assert not [model for model, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)]
