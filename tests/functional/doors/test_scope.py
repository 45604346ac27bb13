"""Every kind of row that officials reach says whose it is, and every operation of officials asks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin

from companies.models import User
from companies.people.scope import Undeclared, declared

APPS = ("companies", "policies", "payouts")
# Operations with an actor that ask nobody's scope, each with its reason.
UNASKED = {
    "companies.contracts.declare.read_draft": "asks whether the dataset is of the actor's department",
    "companies.contracts.declare.refuse_other_department": "is what such operations ask",
    "companies.contracts.declare.may_declare": "is what such operations ask",
    "companies.contracts.declare.declare_contract": "declares what was read for the actor, who was asked then",
    "companies.contracts.declare.make_row": "makes the row for the operations above it",
    "companies.contracts.change.propose_change": "proposes what was read for the actor, who was asked then",
    "companies.contracts.change.propose_retirement": "asks whether the dataset is of the actor's department",
    "companies.deliveries.signatures.keys.propose_key": "asks whether the key is of the actor's department",
    "companies.sources.propose.propose_source": "asks whether the dataset is of the actor's department",
    "companies.sources.secrets.seal_secret": "seals for the operation above it",
    "companies.memberships.invitations.invite": "a firm's people invite their colleagues",
    "companies.memberships.invitations.revoke": "a firm's people invite their colleagues",
    "companies.memberships.members.change_role": "a firm's people give each other roles in the firm",
    "companies.memberships.members.record_change": "a firm's people give each other roles in the firm",
    "companies.memberships.members.remove_member": "a firm's people give each other roles in the firm",
    "companies.staff.accounts.propose_new_account": "asks whether the new official's scope is the actor's",
    "companies.departments.propose.propose_department": "a department is the whole city's",
    "companies.departments.propose.propose_names": "a department is the whole city's",
    "companies.staff.scope.refuse_wider_scope": "is what such operations ask",
    "companies.deliveries.tokens.hand_out_token": "tokens are handed out on the city's page alone",
    "companies.firms.payee_accounts.replace_account": "a firm's people act for it by their membership",
    "companies.firms.account_proposals.propose_account": "a firm's account is the firm's or the city's",
    "companies.firms.payee_accounts.confirm_account": "a firm's account is the firm's or the city's",
    "companies.firms.payee_accounts.put_in_use": "a firm's account is the firm's or the city's",
    "companies.firms.payee_accounts.stop_account": "a firm's account is the firm's or the city's",
    "companies.firms.watch_accounts.propose_lifting": "a firm's account is the firm's or the city's",
    "companies.firms.third_parties.enter_account": "the register of third parties is the city's",
    "companies.firms.third_parties.check_account": "the register of third parties is the city's",
    "companies.firms.third_parties.turn_down_account": "the register of third parties is the city's",
    "payouts.portal.prepared_claims.prepare_claim": "a firm's people act for it by their membership",
    "payouts.portal.prepared_claims.discard_prepared_claim": "a firm's people act for it by their membership",
    "policies.authoring.publish.check_second_officer": "asks who wrote the version, and changes nothing",
    "policies.authoring.draft.note_writer": "notes who wrote along, after the page has asked",
    "policies.portable.import_policy.import_policy": "writes by operations that ask",
    "policies.white_lists.lists.upload_list": "asks for the district by itself: its list belongs to a department",
    "policies.authoring.transition.move_version": "moves for the operations above it",
    "payouts.ledger.move.move": "moves for the operations above it",
    "payouts.ledger.move.move_through": "moves for the operations above it",
    "payouts.ledger.shares.propose_settlement": "asks for the district by itself: a settlement belongs to one",
}


def operations() -> Iterator[tuple[str, Any]]:
    """The functions that take an actor as a keyword, outside the pages and commands."""
    for app in APPS:
        for file in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            parts = file.relative_to(settings.BASE_DIR).with_suffix("").parts
            if {"admin", "management", "migrations", "models"} & set(parts) or "actor: User" not in file.read_text():
                continue
            module = import_module(".".join(parts))
            for name, found in vars(module).items():
                is_public = inspect.isfunction(found) and not name.startswith("_")
                is_of_module = is_public and found.__module__ == module.__name__
                if is_of_module and "actor" in inspect.signature(found).parameters:
                    yield f"{module.__name__}.{name}", found


def test_every_operation_of_officials_asks_for_the_scope_or_says_why_not() -> None:
    found = dict(operations())
    assert len(found) > 50
    unasked = {name for name, operation in found.items() if not hasattr(operation, "scoped")}
    assert unasked == set(UNASKED)


def test_the_scope_of_an_operation_names_arguments_that_it_has() -> None:
    for name, operation in operations():
        for argument, model in getattr(operation, "scoped", {}).items():
            assert argument in inspect.signature(operation).parameters, name
            declared(model)


def test_every_kind_of_row_in_the_admin_says_whose_it_is() -> None:
    for model in admin.site._registry:
        declared(model)
        for inline in admin.site._registry[model].inlines:
            # The parts of a row are within the scope of the row; rows about firms and persons have their own.
            assert inline.model._meta.app_label in {"policies", "payouts"} or declared(inline.model)


def test_what_nobody_has_declared_is_refused() -> None:
    with pytest.raises(Undeclared):
        declared(User.groups.through)
