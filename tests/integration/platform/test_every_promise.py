"""The test finds every promise in the database itself, and has a proof that each one refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from companies.contracts.contract import Contract, Property, Type
from payouts.states import Status
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.text import mask_id_number
from tests.factories import rows
from tests.factories.companies import make_company
from tests.factories.deliveries import make_delivery
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_open_batch, make_sealed_batch
from tests.factories.people import make_employee, make_user
from tests.factories.rows import columns_of, insert, insert_guarded, refusal_of, value_of
from tests.shipped import SHIPPED
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db

OURS = ("companies", "policies", "payouts", "qinqing")
# Django names these after a column: primary keys, `unique=True`, and the check that a count is not negative.
NAMED_BY_DJANGO = re.compile(r"_(pkey|(?<!once_per_)key|check|uniq)$")
PROMISE = re.compile(r"CONSTRAINT = '(\w+)'(?! \|\|)|(?:THEN|ELSE) '([a-z]+_\w+)'")
# A trigger of all datasets refuses in its own name.
NAMED_AS_ITS_TRIGGER = "CONSTRAINT = TG_NAME"
DATASETS = tuple(SHIPPED.contracts.values())


def ours() -> Iterator[type[models.Model]]:
    yield from (model for model in apps.get_models() if model._meta.app_label in OURS)


UNIQUE = {f"{contract.name}_once_per_key": (contract.table, contract.key_columns) for contract in DATASETS} | {
    constraint.name: (
        model._meta.db_table,
        tuple(model._meta.get_field(field).column for field in constraint.fields),
    )
    for model in ours()
    for constraint in model._meta.constraints
    # A constraint over an expression has a test of its own.
    if isinstance(constraint, models.UniqueConstraint) and constraint.deferrable is None and constraint.fields
}
KEPT = {
    trigger.name: (model._meta.db_table, "UPDATE" in str(trigger.operation))
    for model in ours()
    for trigger in getattr(model._meta, "triggers", ())
    if f"{trigger.name}_whole" in {each.name for each in model._meta.triggers}
}
# The values that bring a row under a promise about some rows.
DAY = datetime(2026, 1, 1, tzinfo=UTC)
SEALED = {"content_hash": "h", "submitted_at": DAY, "submitted_by_id": 1}
PERSON = {"id_number_hash": b"h", "id_number_masked": mask_id_number("330102199001010001")}
HOLDS_FOR: dict[str, dict[str, Any]] = {
    "breaker_once": {"policy_id": None},
    "delivery_lands_once": {"status": "landed"},
    "membership_one_representative_per_company": {"capacity": "representative"},
    "match_run_one_due_per_version": {"refusal": ""},
    "payee_account_one_active_per_employee": {"company_id": None, "employee_id": 1},
    "payee_account_one_waiting_per_company": {"company_id": 1, "usable_from": None, "is_active": False},
    "payee_account_one_waiting_per_employee": {
        "company_id": None,
        "employee_id": 1,
        "usable_from": None,
        "is_active": False,
    },
    "policy_version_one_in_force": SEALED | {"status": "published", "published_at": DAY, "published_by_id": 2},
    "policy_version_one_scheduled": SEALED | {"status": "scheduled", "published_at": DAY, "published_by_id": 2},
    "post_check_asked_for_once": {"reason": "officer", "result": ""},
    "posting_once_per_move": {"payout_id": 1, "sequence": 1},
    "reply_file_once_per_message_id": {"status": "read"},
    "payee_account_one_active_per_third_party": {
        "company_id": None,
        "third_party_id": 1,
        "entered_by_id": 1,
        "entered_at": DAY,
        "checked_by_id": 2,
        "checked_at": DAY,
    },
    "posting_of_what_was_published_once": {"payout_id": None, "repayment_id": None, "grant_id": None},
    "share_one_advance_payer": {"is_advance_payer": True},
    "white_list_entry_once_per_person": PERSON,
    "white_list_entry_one_counts_per_company": {"standing": "live"},
    "white_list_entry_one_counts_per_person": PERSON | {"standing": "live"},
}
APPROVED = {"status": "approved", "sealed_at": DAY, "sealed_by_id": 1, "line_count": 1, "control_sum_cny": 1} | {
    "declared_count": 1, "declared_sum_cny": 1, "sha256": "s", "approved_at": DAY, "approved_by_id": 2,
    "checked_sum_cny": 1, "checked_at": DAY, "checked_by_id": 2,
}  # fmt: skip
RELEASED = APPROVED | {
    "status": "exported", "released_at": DAY, "released_by_id": 3, "layout_kind": "delimited",
}  # fmt: skip
# Values that break one check and no other, in a row that is otherwise sound.
BREAKING: dict[str, tuple[str, dict[str, Any]]] = {
    "dataset_contract_has_a_plain_name": ("companies_datasetcontract", {"name": "tax; --"}),
    "dataset_contract_has_a_version": ("companies_datasetcontract", {"version": "1.0"}),
    "dataset_contract_is_retired_by_somebody": ("companies_datasetcontract", {"retired_at": DAY}),
    "department_has_a_plain_code": ("companies_department", {"code": "platform"}),
    "department_has_both_names": ("companies_department", {"name_en": " "}),
    "appeal_is_decided_by_somebody_for_a_reason": ("payouts_appeal", {"is_upheld": True}),
    "grant_amount_is_positive": ("payouts_grant", {"amount_cny": 0}),
    "bank_answers_within_60_days": ("payouts_bank", {"answer_days": 61}),
    "bank_has_a_known_channel": ("payouts_bank", {"channel": "pigeon"}),
    "bank_payer_account_has_form": ("payouts_bank", {"payer_account": "12 34"}),
    "bank_payer_bank_number_has_form": ("payouts_bank", {"payer_bank_number": "01133100001X"}),
    "bank_template_has_a_known_status": ("payouts_banktemplate", {"status": "lost"}),
    "reply_template_has_a_known_status": ("payouts_replytemplate", {"status": "lost"}),
    "bank_template_has_a_row_limit": ("payouts_banktemplate", {"row_limit": 0}),
    "bank_template_reason_threshold_is_positive": ("payouts_banktemplate", {"reason_from_cny": 0}),
    "batch_closer_is_not_its_releaser": (
        "payouts_batch", RELEASED | {"status": "closed", "closed_at": DAY, "closed_by_id": 3},
    ),
    "batch_has_a_checker": ("payouts_batch", APPROVED | {"approved_by_id": None}),
    "batch_has_a_closer": ("payouts_batch", RELEASED | {"status": "closed"}),
    "batch_has_a_maker": ("payouts_batch", APPROVED | {"sealed_by_id": None}),
    "batch_has_a_releaser": ("payouts_batch", RELEASED | {"released_by_id": None}),
    "batch_is_approved_by_who_typed_its_sum": ("payouts_batch", APPROVED | {"checked_by_id": 5}),
    "batch_is_checked_as_sealed": ("payouts_batch", APPROVED | {"checked_sum_cny": 2}),
    "batch_has_lines": ("payouts_batch", {"line_count": 0}),
    "batch_sum_is_not_typed_by_its_maker": ("payouts_batch", APPROVED | {"status": "sealed", "checked_by_id": 1,
        "approved_by_id": None, "approved_at": None}),
    "batch_sum_is_positive": ("payouts_batch", {"control_sum_cny": 0}),
    "batch_is_rejected_for_a_reason": (
        "payouts_batch", APPROVED | {"status": "rejected", "rejected_at": DAY, "rejected_by_id": 4},
    ),
    "batch_is_sealed_with_its_sums": ("payouts_batch", APPROVED | {"sha256": ""}),
    "batch_of_files_has_a_layout": ("payouts_batch", RELEASED | {"layout_kind": ""}),
    "batch_of_files_has_a_bank": ("payouts_batch", {"bank_id": None}),
    "download_is_plain_for_a_reason": ("payouts_download", {"is_encrypted": False, "plain_because": ""}),
    "hand_over_is_ordered_by_somebody": ("payouts_handoverstep", {"kind": "ordered"}),
    "hand_over_is_stored_with_its_signature": ("payouts_handoverstep", {"kind": "stored"}),
    "blacklisting_has_an_end": ("payouts_blacklisting", {"ends_on": date(2025, 1, 1)}),
    "blacklisting_lasts_three_years_at_most": ("payouts_blacklisting", {"ends_on": date(2029, 2, 1)}),
    "fine_amount_is_not_negative": ("payouts_fine", {"amount_cny": -1}),
    "fine_is_within_the_law": ("payouts_fine", {"percentage": 51}),
    "hearing_answer_says_something": ("payouts_hearinganswer", {"text": "", "is_waiver": False}),
    "blacklisting_is_lifted_by_another_person": (
        "payouts_blacklisting", {"listed_by_id": 7, "lifted_by_id": 7, "lifted_at": DAY, "lifted_because": "so"},
    ),
    "blacklisting_is_lifted_by_somebody_for_a_reason": ("payouts_blacklisting", {"lifted_at": DAY}),
    "claim_commitment_has_its_hash": ("payouts_claim", {"commitment_hash": ""}),
    "fund_reserved_is_not_negative": ("payouts_fund", {"reserved_cny": -1, "granted_cny": 1}),
    "fund_disbursed_is_not_negative": ("payouts_fund", {"disbursed_cny": -1, "granted_cny": 1}),
    "fund_is_balanced": ("payouts_fund", {"granted_cny": 4}),
    "instruction_amount_is_positive": ("payouts_instruction", {"amount_cny": 0}),
    "invitation_is_accepted_by_another_person": (
        "companies_invitation", {"ended_as": "accepted", "ended_at": DAY, "ended_by_id": 7, "invited_by_id": 7},
    ),
    "invitation_is_accepted_in_time": (
        "companies_invitation", {"ended_as": "accepted", "ended_at": DAY, "ended_by_id": 7, "expires_at": DAY},
    ),
    "invitation_is_ended_by_somebody": ("companies_invitation", {"ended_as": "revoked"}),
    "invitation_limit_is_an_acceptors": ("companies_invitation", {"role": "preparer", "day_limit_cny": 1}),
    "membership_has_a_known_role": ("companies_membership", {"role": "boss"}),
    "membership_limit_is_an_acceptors": ("companies_membership", {"role": "acceptor", "day_limit_cny": 0}),
    "membership_of_representative_signs_without_limit": (
        "companies_membership", {"capacity": "representative", "role": "viewer"},
    ),
    "match_run_that_stopped_holds_claims": ("policies_matchrun", {"refusal": "so"}),
    "objection_is_decided_by_another_person": (
        "payouts_objection",
        {"recorded_by_id": 7, "decided_by_id": 7, "decided_at": DAY, "decision": "so", "is_upheld": True},
    ),
    "objection_is_decided_by_another_than_took_it_up": (
        "payouts_objection",
        {
            "triage": "taken_up", "triaged_by_id": 7, "triaged_at": DAY, "confirmed_at": DAY,
            "decided_by_id": 7, "decided_at": DAY, "decision": "so", "is_upheld": True,
        },
    ),
    "payout_amount_is_positive": ("payouts_payout", {"amount_cny": 0}),
    "post_check_is_finished_by_another_person": (
        "payouts_postcheck",
        {"opened_by_id": 7, "checked_by_id": 7, "checked_at": DAY, "finding": "so", "result": "kept"},
    ),
    "post_check_is_finished_by_somebody_with_a_finding": ("payouts_postcheck", {"result": "kept"}),
    "posting_has_two_sides": ("payouts_posting", {"credit": "granted"}),
    "posting_names_its_move": ("payouts_posting", {"payout_id": 1}),
    "recovery_amount_is_positive": ("payouts_recovery", {"amount_cny": 0}),
    "recovery_has_a_reason": ("payouts_recovery", {"because": ""}),
    "recovery_is_ended_by_another_person": (
        "payouts_recovery", {"demanded_by_id": 7, "ended_by_id": 7, "ended_at": DAY, "ended_as": "repaid"},
    ),
    "recovery_is_ended_by_somebody": ("payouts_recovery", {"ended_as": "repaid"}),
    "repayment_has_its_reference": ("payouts_repayment", {"bank_reference": ""}),
    "reply_contradicts_when_it_is_applied": (
        "payouts_reply", {"contradicted_status": "paid", "contradicted_latest": True, "applied_at": None},
    ),
    "reply_has_a_known_outcome": ("payouts_reply", {"outcome": "failed"}),
    "reply_file_is_applied_by_another": (
        "payouts_replyfile",
        {"status": "applied", "uploaded_by_id": 1, "applied_by_id": 1, "applied_at": DAY},
    ),
    "reply_file_is_applied_by_somebody": ("payouts_replyfile", {"status": "applied"}),
    "reply_file_is_refused_for_a_reason": ("payouts_replyfile", {"status": "refused", "refusal": ""}),
    "sampling_plan_share_is_a_percentage": ("payouts_samplingplan", {"percentage": 101}),
    "settlement_has_its_voucher": ("payouts_settlement", {"reference": ""}),
    "share_parts_are_positive": ("payouts_share", {"parts": 0}),
    "share_balance_is_not_negative": ("payouts_sharebalance", {"reserved_cny": -1}),
    "example_amount_only_when_eligible": ("policies_example", {"expected_verdict": "unknown", "expected_cny": 1}),
    "policy_version_limit_is_for_a_pool": ("policies_policyversion", {"limit_feel": "1"}),
    "preview_run_has_a_result_when_finished": ("policies_previewrun", {"result": "{}", "content_hash": ""}),
    "preview_run_back_test_is_made_or_refused": ("policies_previewrun", {"result": None, "back_test_refusal": "慢"}),
    "stacking_group_cap_goes_with_its_rule": ("policies_stackinggroup", {"cap_cny": 1}),
    "stacking_group_difference_to_a_higher_one": (
        "policies_stackinggroup", {"pays_difference": True, "rule": "first_wins"},
    ),
    "suspension_is_lifted_by_somebody": ("policies_suspension", {"lifted_at": DAY}),
    "white_list_is_checked_before_it_counts": ("policies_whitelist", {"status": "checked"}),
    "policy_version_says_which_third_party": ("policies_policyversion", {"payee_feel": "bill.supplier"}),
    "third_party_credit_code_has_form": ("companies_thirdparty", {"code": "91330102qq00000017"}),
    "payee_account_of_third_party_has_its_maker": (
        "companies_payeeaccount",
        {"company_id": None, "third_party_id": 1, "is_active": False, "entered_by_id": None, "checked_by_id": None},
    ),
    "payee_account_in_use_is_confirmed": ("companies_payeeaccount", {"company_id": 2, "usable_from": None}),
    "payee_account_is_confirmed_by_somebody": (
        "companies_payeeaccount", {"company_id": 2, "confirmation": "officials"},
    ),
    "payee_account_is_confirmed_by_another_person": (
        "companies_payeeaccount",
        {"company_id": 2, "confirmation": "officials", "confirmed_at": DAY, "confirmed_by_id": 7, "entered_by_id": 7},
    ),
    "fact_change_amount_is_positive": ("policies_factchange", {"amount_cny": 0}),
    "proposal_has_its_reason": ("proposals_proposal", {"because": ""}),
    "proposal_is_decided_by_somebody": ("proposals_proposal", {"decision": "confirmed"}),
    "white_list_is_checked_by_somebody": ("policies_whitelist", {"checked_at": DAY}),
    "stacking_seat_total_is_not_negative": ("policies_stackingseat", {"total_cny": -1}),
}  # fmt: skip


def breaking(column: Property) -> Iterator[object]:
    """Values that the type of a dataset's column has no room for, or that its contract finds implausible."""
    forms: dict[Type, tuple[object, ...]] = {
        Type.MONTH: ("2026-13", "2026-00", "2026-1"),
        Type.QUARTER: ("2026Q5", "26Q1"),
        Type.CREDIT_CODE: ("91330106ct00000016", "9133"),
        **dict.fromkeys((Type.NUMBER, Type.YUAN), ("NaN",)),
    }
    yield from forms.get(column.type, ())
    least, most = column.range
    yield from () if least is None else (least - 1,)
    yield from () if most is None else (most + 1,)


FITS = [
    (f"{contract.name}_{column.name}"[:57] + "_fits", contract.table, column.name, value)
    for contract in DATASETS
    for column in contract.facts
    if column.derived is None
    for value in breaking(column)
]


def promises() -> dict[str, str]:
    """All named promises with their tables, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname, t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
            " WHERE c.contype IN ('c', 'u', 'x') UNION"
            " SELECT i.relname, t.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
            " JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisunique AND NOT x.indisprimary"
        )
        named = {name: table for name, table in cursor.fetchall() if not NAMED_BY_DJANGO.search(name)}
        cursor.execute(
            "SELECT p.prosrc, t.tgname, t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal"
        )
        for body, trigger, table in cursor.fetchall():
            named |= {found[1] or found[2]: table for found in PROMISE.finditer(body)}
            named |= {trigger: table} if NAMED_AS_ITS_TRIGGER in body else {}
    tables_of = (*OURS, "dataset", "history")
    return {name: table for name, table in named.items() if table.partition("_")[0] in tables_of}


def test_no_promise_is_without_a_proof() -> None:
    folder = Path(settings.BASE_DIR) / "tests"
    written = "\n".join(file.read_text() for file in folder.rglob("test_*.py"))
    named_in_tests = set(re.findall(r"\w+", written))
    unproved = set(promises()) - named_in_tests - set(UNIQUE) - set(KEPT)
    unproved -= {promise for promise, *_case in FITS}
    assert not unproved, f"Show each of these refusing a raw statement: {sorted(unproved)}"


@pytest.mark.parametrize("promise", sorted(UNIQUE))
def test_what_is_once_is_refused_twice(promise: str) -> None:
    table, wanted = UNIQUE[promise]
    same = {name: value_of(kind, longest, 1) for name, kind, longest, _must in columns_of(table) if name in wanted}
    same |= {name: value for name, value in rows.sound_values(table).items() if name in wanted}
    same |= HOLDS_FOR.get(promise, {})
    insert(table, variant=1, **same)
    with pytest.raises(IntegrityError) as refused:
        insert(table, variant=2, **same)
    assert constraint_of(refused.value) == promise


def test_two_columns_of_a_layout_exchange_their_places_but_never_share_one() -> None:
    insert("payouts_templatecolumn", variant=1, template_id=1, part="line", position=1)
    second = insert("payouts_templatecolumn", variant=2, template_id=1, part="line", position=2)
    with connection.cursor() as cursor:
        # A deferred constraint may be broken until the transaction ends.
        cursor.execute("SET CONSTRAINTS template_column_once_per_position IMMEDIATE")
    refused = refusal_of("UPDATE payouts_templatecolumn SET position = 1 WHERE id = %s", second)
    assert refused == "template_column_once_per_position"


@pytest.mark.parametrize("promise", sorted(BREAKING))
def test_a_row_that_breaks_one_check_is_refused_in_its_name(promise: str) -> None:
    table, values = BREAKING[promise]
    insert(table)
    with pytest.raises(IntegrityError) as refused:
        insert(table, variant=2, **values)
    assert constraint_of(refused.value) == promise


@pytest.mark.parametrize(("promise", "table", "column", "value"), FITS)
def test_a_value_that_does_not_fit_its_column_is_refused(promise: str, table: str, column: str, value: object) -> None:
    with pytest.raises(IntegrityError) as refused:
        insert(table, **{column: value})
    assert constraint_of(refused.value) == promise


@pytest.mark.parametrize("contract", DATASETS, ids=lambda contract: contract.name)
def test_a_row_of_a_dataset_names_rows_that_exist(contract: Contract) -> None:
    known = {"company_id": make_company(has_account=False).pk, "employee_id": make_employee().pk}
    named = {owner: known[owner] for owner in contract.owners} | {"delivery_id": make_delivery(contract.name).pk}
    for column in named:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            insert_guarded(contract.table, **(named | {column: 0}))
        assert constraint_of(refused.value) == f"row_names_known_{column}"
    row = insert_guarded(contract.table, **named)
    for column in named:
        moved = f"UPDATE {contract.table} SET {column} = 0 WHERE id = %s"
        assert refusal_of(moved, row) == f"row_names_known_{column}"


@pytest.mark.parametrize("contract", DATASETS, ids=lambda contract: contract.name)
def test_a_row_of_a_dataset_and_its_earlier_forms_are_kept(contract: Contract) -> None:
    row, earlier = insert(contract.table), f"history_{contract.name}"
    assert refusal_of(f"DELETE FROM {contract.table} WHERE id = %s", row) == "row_is_never_deleted"
    # The guards look at statements, so they refuse those without a row as well.
    for statement in (f"UPDATE {earlier} SET id = id", f"DELETE FROM {earlier}"):
        assert refusal_of(statement) == "row_is_written_once"
    copied = ", ".join(["id", *contract.owners, "delivery_id"])
    copy = f"INSERT INTO {earlier} ({copied}, until_delivery_id) SELECT {copied}, delivery_id FROM {contract.table}"
    assert refusal_of(copy) == "row_comes_from_an_update"
    with as_superuser():
        assert refusal_of(f"TRUNCATE {contract.table}") == "row_is_never_deleted"
        assert refusal_of(f"TRUNCATE {earlier}") == "row_is_written_once"


@pytest.mark.parametrize("promise", sorted(KEPT))
def test_what_is_kept_is_neither_deleted_nor_emptied(promise: str) -> None:
    table, may_not_change = KEPT[promise]
    number = insert(table)
    assert refusal_of(f"DELETE FROM {table} WHERE id = %s", number) == promise
    with as_superuser():
        assert refusal_of(f"TRUNCATE {table} CASCADE") == promise
    if may_not_change:
        assert refusal_of(f"UPDATE {table} SET id = id WHERE id = %s", number) == promise


def test_a_batch_opens_empty() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("payouts_batch", status="sealed")
    assert constraint_of(refused.value) == "batch_opens"


@pytest.mark.parametrize(
    ("table", "promise"),
    [
        ("policies_decisiontable", "decision_table_is_final"),
        ("policies_example", "example_is_final"),
        ("policies_parameter", "parameter_is_final"),
    ],
)
def test_a_published_version_takes_no_more_parts(table: str, promise: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded(table, version_id=make_version().pk)
    assert constraint_of(refused.value) == promise


def test_a_published_parameter_takes_no_more_values() -> None:
    parameter = insert("policies_parameter", version_id=make_version().pk)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("policies_parametervalue", parameter_id=parameter)
    assert constraint_of(refused.value) == "parameter_value_is_final"


def test_a_batch_on_its_way_keeps_its_bank() -> None:
    batch = make_open_batch(1)
    assert refusal_of("UPDATE payouts_fund SET bank_id = NULL WHERE id = %s", batch.fund_id) == (
        "fund_stays_with_its_bank"
    )
    assert refusal_of("UPDATE payouts_bank SET channel = 'http' WHERE id = %s", batch.bank_id) == (
        "bank_keeps_its_channel"
    )


def test_a_payout_of_a_sealed_batch_is_not_cancelled() -> None:
    batch = make_sealed_batch(1)
    cancel = (
        f"UPDATE payouts_payout SET status = '{Status.CANCELLED}', sequence = sequence + 1, moved_as = 'finance',"
        " moved_by_id = %s WHERE fund_id = %s"
    )
    refused = refusal_of(cancel, make_user("clerk").pk, batch.fund_id)
    assert refused == "payout_in_a_sealed_batch_is_not_cancelled"


def test_money_is_demanded_after_a_breach_alone() -> None:
    check = insert("payouts_postcheck", result="kept", finding="so", checked_at=DAY, checked_by_id=2)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("payouts_recovery", check_found_id=check, payout_id=1)
    assert constraint_of(refused.value) == "recovery_follows_a_breach"


def test_who_took_the_money_does_not_end_the_recovery() -> None:
    recovery = insert("payouts_recovery", demanded_by_id=1)
    insert("payouts_repayment", recovery_id=recovery, principal_cny=1, fine_cny=0, recorded_by_id=2)
    end = "UPDATE payouts_recovery SET ended_as = 'repaid', ended_at = now(), ended_by_id = 2 WHERE id = %s"
    assert refusal_of(end, recovery) == "recovery_is_not_ended_by_who_took_the_money"


def test_an_appeal_is_against_an_open_demand_and_decided_once_by_another_person() -> None:
    ended = insert("payouts_recovery", ended_as="withdrawn", ended_at=DAY, ended_by_id=2, demanded_by_id=1)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("payouts_appeal", recovery_id=ended)
    assert constraint_of(refused.value) == "appeal_is_against_an_open_demand"

    appeal = insert("payouts_appeal", recovery_id=ended, filed_by_id=5)
    decide = "UPDATE payouts_appeal SET is_upheld = false, decision = 'so', decided_at = now(), decided_by_id = %s"
    assert refusal_of(f"{decide} WHERE id = %s", 5, appeal) == "appeal_is_decided_by_another_person"
    # The guard checks the decider first.
    again = f"{decide}, text = 'other' WHERE id = %s"
    assert refusal_of(again, 6, appeal) == "appeal_is_decided_once"


def test_a_blacklisting_is_of_the_firm_that_was_paid() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_guarded("payouts_blacklisting", recovery_id=insert("payouts_recovery"))
    assert constraint_of(refused.value) == "blacklisting_is_of_its_firm"
