"""Browsers of tests, with somebody signed in."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client

from companies.models import User
from tests.factories.people import make_user


def sign_in(user: User, *, language: str = "en") -> Client:
    """A browser in which somebody is signed in."""
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def sign_in_official(role: str, username: str = "", **fields: object) -> Client:
    """A browser of an official of a role, called like it unless told otherwise."""
    official = make_user(username or role, **fields)
    assert all(getattr(official, name) == value for name, value in fields.items()), f"{official} is somebody else"
    official.is_staff = True
    official.save(update_fields=["is_staff"])
    official.groups.add(Group.objects.get(name=role))
    return sign_in(official)
