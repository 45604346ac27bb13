"""A layout is edited while it is a draft; two people take it into use and retire it, and nobody edits it after that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import ProtectedError

from payouts.batches.admin.batch_files import _list_layouts
from payouts.batches.layouts import ChosenLayout
from payouts.batches.release import release_batch
from payouts.batches.terms.lives import (
    LayoutStays,
    MeansTwoThings,
    copy_to_draft,
    propose_retirement,
    propose_use,
)
from payouts.batches.transition import BatchRefused
from payouts.formats.exports.layout import Content, Kind, LayoutRefused
from payouts.models import BankTemplate, ReplyTemplate
from qinqing.proposals.decide import OutOfDate, SamePerson, confirm
from qinqing.proposals.kinds import find_kind
from qinqing.proposals.models import Proposal
from qinqing.proposals.queries import list_changes
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal
from tests.factories.layouts import draft_template, make_template, retire, take_into_use
from tests.factories.payouts import change_bank, check_batch, make_bank, make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.replies import draft_replies
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

Layout = BankTemplate | ReplyTemplate
# How a draft of each kind is made.
MODELS: dict[str, Callable[..., Any]] = {"bank_template": draft_template, "reply_template": draft_replies}
# The promises about its beginning, its state, its content and its end.
PROMISES = {
    "bank_template": (
        "bank_template_begins_as_a_draft",
        "bank_template_takes_two",
        "bank_template_in_use_is_never_edited",
        "bank_template_is_kept",
    ),
    "reply_template": (
        "reply_template_begins_as_a_draft",
        "reply_template_takes_two",
        "reply_template_in_use_is_never_edited",
        "reply_template_is_kept",
    ),
}
ASKED: dict[str, Any] = {"because": "银行的说明书", "now": NOW}


def table(layout: Layout) -> str:
    return layout._meta.db_table


def proposed(layout: Layout) -> Proposal:
    return propose_use(layout=layout, actor=make_user("wu"), **ASKED)


@pytest.mark.parametrize("kind", MODELS)
def test_a_draft_is_taken_into_use_by_a_second_person(kind: str) -> None:
    draft = MODELS[kind]()
    proposal = proposed(draft)
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=make_user("wu"), now=NOW)
    draft.refresh_from_db()
    assert draft.is_draft
    confirm_proposal(proposal)
    draft.refresh_from_db()
    assert draft.status == "in_use"
    assert retire(draft).status == "retired"
    for propose in (propose_use, propose_retirement):
        with pytest.raises(OutOfDate):
            propose(layout=draft, actor=make_user("wu"), **ASKED)


@pytest.mark.parametrize("kind", MODELS)
def test_no_statement_takes_a_layout_into_use_or_edits_one_in_use(kind: str) -> None:
    draft, (begins, takes_two, never_edited, is_kept) = MODELS[kind](), PROMISES[kind]
    into_use = f"UPDATE {table(draft)} SET status = 'in_use' WHERE id = %s"
    rename = f"UPDATE {table(draft)} SET name = name || '改' WHERE id = %s"
    assert refusal_of(into_use, draft.pk) == takes_two
    assert refusal_of(rename, draft.pk) is None
    draft.refresh_from_db()
    take_into_use(draft)
    assert refusal_of(rename, draft.pk) == never_edited
    for status in ("draft", "retired"):
        back = f"UPDATE {table(draft)} SET status = '{status}' WHERE id = %s"
        assert refusal_of(back, draft.pk) == takes_two
    assert refusal_of(f"DELETE FROM {table(draft)} WHERE id = %s", draft.pk) == is_kept
    carry = f"SELECT carry_out_{kind}(p) FROM proposals_proposal p WHERE p.id = %s"
    proposal = propose_retirement(layout=draft, actor=make_user("wu"), **ASKED)
    assert refusal_of(carry, proposal.pk) == takes_two
    columns = ", ".join(each.column for each in draft._meta.concrete_fields if each.name not in {"id", "name"})
    copied = f"INSERT INTO {table(draft)} (name, {columns}) SELECT '副本', {columns} FROM {table(draft)} WHERE id = %s"
    assert refusal_of(copied, draft.pk) == begins


def test_no_statement_changes_the_columns_of_a_layout_in_use() -> None:
    layout, draft = make_template(), draft_template()
    (column,) = layout.columns.filter(position=1)
    insert = """
        INSERT INTO payouts_templatecolumn (template_id, part, position, title, content, text, longest)
        VALUES (%s, 'line', 9, '', 'blank', '', 0)
    """
    promise = "template_column_is_of_a_draft"
    assert refusal_of(insert, draft.pk) is None
    assert refusal_of(insert, layout.pk) == promise
    assert refusal_of("UPDATE payouts_templatecolumn SET text = 'x' WHERE id = %s", column.pk) == promise
    assert (
        refusal_of("UPDATE payouts_templatecolumn SET template_id = %s WHERE id = %s", draft.pk, column.pk) == promise
    )
    own = draft.columns.latest("pk")
    assert refusal_of("UPDATE payouts_templatecolumn SET template_id = %s WHERE id = %s", layout.pk, own.pk) == promise
    assert refusal_of("DELETE FROM payouts_templatecolumn WHERE id = %s", column.pk) == promise
    assert refusal_of("DELETE FROM payouts_templatecolumn WHERE id = %s", own.pk) is None


def test_what_is_shown_is_taken_into_use_and_nothing_else() -> None:
    draft = draft_template()
    proposal = proposed(draft)
    draft.columns.filter(content=Content.AMOUNT).update(longest=30)
    with pytest.raises(OutOfDate):
        confirm_proposal(proposal)
    entered = """
        INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because, document_number,
            excluded_ids, proposed_at, proposed_by_id, decision)
        SELECT kind, subject_id, subject_name, 'beside', before, after || '{"row_limit": 7}', because, '',
            excluded_ids, proposed_at, proposed_by_id, ''
        FROM proposals_proposal WHERE id = %s
    """
    assert refusal_of(entered, proposal.pk) == "layout_is_taken_as_it_is"


@pytest.mark.parametrize("kind", MODELS)
def test_all_that_is_taken_into_use_is_shown(kind: str) -> None:
    assert {term.key for term in find_kind(kind).terms} == set(proposed(MODELS[kind]()).after)


def test_a_copy_is_compared_with_the_layout_that_it_was_copied_from() -> None:
    layout = make_template(name="工行版式")
    draft = copy_to_draft(layout=layout, actor=make_user("wu"))
    assert (draft.name, draft.status, draft.copied_from, draft.columns.count()) == ("工行版式 (2)", "draft", layout, 4)
    assert copy_to_draft(layout=layout, actor=make_user("wu")).name == "工行版式 (3)"
    draft.row_limit = 500
    draft.save()
    changed = [(each.before, each.after) for each in list_changes(proposal=proposed(draft)) if each.is_other]
    assert changed[1:] == [("工行版式", "工行版式 (2)"), ("3000", "500")]
    assert copy_to_draft(layout=take_into_use(draft_replies()), actor=make_user("wu")).copied_from is not None


def test_a_layout_in_which_no_batch_could_be_written_is_not_proposed() -> None:
    with pytest.raises(LayoutRefused):
        proposed(draft_template(line=(Content.AMOUNT,)))
    with pytest.raises(MeansTwoThings):
        proposed(draft_replies(paid_words="成功", refused_words="成功"))


def test_a_bank_has_layouts_in_use_and_they_stay_while_it_has_them() -> None:
    template, replies = make_template(), take_into_use(draft_replies())
    bank = make_bank(template=template, reply_template=replies)
    for layout in (template, replies):
        with pytest.raises(LayoutStays):
            retire(layout)
    change_bank(bank=bank, template=None, reply_template=None)
    waiting = propose_retirement(layout=template, actor=make_user("wu"), **ASKED)
    change_bank(bank=bank, template=template)
    with pytest.raises(LayoutStays):
        confirm_proposal(waiting)
    retire(replies)
    entered = """
        INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because, document_number,
            excluded_ids, proposed_at, proposed_by_id, decision)
        VALUES ('bank_account', %s, 'S', '', '{}', jsonb_build_object(%s::text, %s), 'b', '', '{}', now(), %s, '')
    """
    wu = make_user("wu").pk
    assert refusal_of(entered, bank.pk, "reply_template_id", replies.pk, wu) == "bank_has_layouts_in_use"
    assert refusal_of(entered, bank.pk, "template_id", draft_template().pk, wu) == "bank_has_layouts_in_use"


def test_a_batch_leaves_in_a_layout_in_use_alone() -> None:
    retired, draft = retire(make_template()), draft_template()
    batch = check_batch(batch=make_sealed_batch(1), actor=make_user("checker"))
    for layout in (retired, draft):
        with pytest.raises(BatchRefused):
            release_batch(
                batch=batch, layout=ChosenLayout(Kind.DELIMITED, layout), actor=make_user("releaser"), now=NOW
            )
    released = """
        UPDATE payouts_batch SET status = 'exported', layout_kind = 'delimited', layout_template_id = %s WHERE id = %s
    """
    assert refusal_of(released, draft.pk, batch.pk) == "batch_leaves_in_a_layout_in_use"


def test_a_batch_that_left_in_a_layout_is_taken_in_it_after_it_was_retired() -> None:
    template = make_template()
    batch = make_released_batch(1, of=make_bank(template=template))
    assert batch.layout_template == template
    change_bank(bank=batch.bank, template=None)
    retire(template)
    batch.refresh_from_db()
    assert [each.template for each in _list_layouts(batch)] == [template]


def test_a_layout_that_was_copied_is_kept() -> None:
    layout = make_template()
    copy_to_draft(layout=layout, actor=make_user("wu"))
    with pytest.raises(ProtectedError):
        layout.delete()
