"""Test clients with a signed-in user."""

from __future__ import annotations

from django.test import Client

from companies.models import User
from tests.factories.people import give_rights, give_roles, make_user


def sign_in(user: User, *, language: str = "en") -> Client:
    """A client in which the user is signed in."""
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def sign_in_official(role: str, username: str = "", **fields: object) -> Client:
    """A client in which an official of a role is signed in; without `username` the official has the role's name."""
    official = make_user(username or role, **fields)
    assert all(getattr(official, name) == value for name, value in fields.items()), f"{official} is somebody else"
    return sign_in(give_roles(give_rights(official, is_staff=True), role))
