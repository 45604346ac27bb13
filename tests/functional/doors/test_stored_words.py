"""Words stored in English or as codes appear in the reader's language."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from companies.deliveries.deliver import deliver
from companies.deliveries.registry.columns import WrongColumns
from companies.deliveries.serializers import DeliverySerializer
from companies.models import Company, Delivery
from payouts.banks.gateway import Answer
from payouts.batches.orders import order_files, write_ordered_files
from payouts.formats.exports.layout import Content, Kind
from payouts.ledger.move import move
from payouts.ledger.stored_text import describe_contradiction
from payouts.models import BankTemplate, Batch, FileOrder, Payout, Reply, TemplateColumn
from payouts.replies.apply import apply_replies, record_answers
from payouts.replies.files import read_reply, upload_reply
from payouts.sending.send import send_due
from payouts.states import Role, Status
from policies.models import Clause, MatchRun, PolicyVersion, PreviewRun
from policies.preview.exact import preview
from policies.preview.run import ask_for_preview, preview_due
from policies.preview.serialise import as_json
from policies.rules.content_hash import content_hash
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_payout, make_released_batch
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, match_all
from tests.functional.conftest import in_force
from tests.superuser import unguarded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db
OURS = "The bank never saw it; it is sent under a new number."


def contradicted(*, first: str = "paid", then: str = "refused") -> Reply:
    payout = make_payout()
    send_due(gateway=Teller(outcome=first), limit=10, now=NOW)  # type: ignore[arg-type]
    apply_replies(limit=10, now=NOW)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", then, NOW)], now=NOW)  # type: ignore[arg-type]
    apply_replies(limit=10, now=NOW)
    return Reply.objects.get(outcome=then)


def test_a_receipt_gives_our_reasons_in_chinese(firm: Company, browser: Callable[..., Client]) -> None:
    right = make_entitlement(of=in_force(), company=firm)
    now = timezone.now()
    claim_entitlements(entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=now)
    payout = Payout.objects.get(entitlement=right)
    before, after = Status.APPROVED, Status.CANCELLED
    move(
        payouts=[payout.pk],
        before=before,
        after=after,
        role=Role.FINANCE,
        actor=make_user("owner"),
        because=OURS,
        now=now,
    )
    address = reverse("receipt", args=[firm.credit_code, payout.pk])
    text = browser("keeper", firm, language="zh-hans").get(address).content.decode()
    with override("zh-hans"):
        assert gettext(OURS) in text
    assert OURS not in text


def test_a_contradiction_is_said_in_the_readers_language() -> None:
    reply = contradicted()
    with override("en"):
        assert describe_contradiction(reply) == (
            "The bank says “refused” of the latest attempt, but the payout was “paid” by then."
        )
    with override("zh-hans"):
        said = describe_contradiction(reply)
    assert "refused" not in said
    assert not set("abcdefghijklmnopqrstuvwxyz") & set(said)


@pytest.mark.parametrize("page", ["payouts_stuck", "payouts_reply_changelist", "payouts_reply_change"])
def test_the_clerks_pages_say_it_in_chinese(page: str, browser: Callable[..., Client]) -> None:
    reply = contradicted(first="refused", then="returned")
    arguments = [reply.pk] if page.endswith("_change") else []
    clerk = browser("clerk", role="finance", language="zh-hans")
    text = clerk.get(reverse(f"admin:{page}", args=arguments)).content.decode()
    with override("zh-hans"):
        assert describe_contradiction(reply) in text
    assert "The bank says" not in text


def test_of_what_agrees_nothing_is_said() -> None:
    assert describe_contradiction(Reply(outcome="paid")) == ""


@pytest.mark.usefixtures("in_english")
def test_a_contradiction_of_an_earlier_attempt_is_told_as_such() -> None:
    reply = Reply(outcome="paid", contradicted_status="cancelled", contradicted_latest=False)
    assert describe_contradiction(reply) == (
        "The bank says “paid” of an earlier attempt, but the payout was “cancelled” by then."
    )


@pytest.mark.parametrize("read_in", ["zh-hans", "en"])
def test_why_a_reply_file_was_refused_is_said_in_the_readers_language(
    read_in: str, browser: Callable[..., Client]
) -> None:
    content, actor = io.BytesIO(b"<Document>\n<cut"), make_user("clerk")
    file, _known = upload_reply(bank=None, name="x.xml", content=content, actor=actor, now=NOW)
    with override(read_in):
        read_reply(file=file)
    for language in ("zh-hans", "en"):
        with override(language):
            sentence = gettext("The file is cut off or damaged at line %(line)s; fetch it again.") % {"line": 2}
        client = browser(f"reader-{language}", role="finance", language=language)
        page = client.get(reverse("admin:payouts_replyfile_change", args=[file.pk])).content.decode()
        assert sentence in page


@pytest.mark.parametrize("sent_in", ["zh-hans", "en"])
def test_why_a_delivery_was_refused_is_said_in_the_readers_language(
    sent_in: str, browser: Callable[..., Client]
) -> None:
    content = io.BytesIO(b"credit_code,yaer,revenue,tax_paid\n")
    with override(sent_in), pytest.raises(WrongColumns) as refused:
        deliver(
            delivery_id="tax-1", dataset="tax", content=content, as_of_on=None, delivered_by=None, now=timezone.now()
        )
    kept = Delivery.objects.get()
    for language, told in (
        ("zh-hans", "没有列“yaer”（您是否指“year”？）"),
        ("en", "column “yaer” is unknown (did you mean “year”?)"),
    ):
        client = browser(f"reader-{language}", role="auditor", language=language)
        page = client.get(reverse("admin:companies_delivery_change", args=[kept.pk])).content.decode()
        with override(language):
            assert told in str(refused.value)
            assert str(refused.value) in page
            assert DeliverySerializer(kept).data["refusal"] == str(refused.value)


def read(browser: Callable[..., Client], page: str, *arguments: int, role: str = "auditor") -> dict[str, str]:
    """A page of the back office in each language."""
    found = {}
    for language in ("zh-hans", "en"):
        client = browser(f"{page}-{language}", role=role, language=language)
        found[language] = client.get(reverse(f"admin:{page}", args=arguments)).content.decode()
    return found


@pytest.mark.parametrize("worked_out_in", ["zh-hans", "en"])
def test_why_a_preview_was_refused_is_kept_in_both_languages(worked_out_in: str) -> None:
    version = make_draft("true")
    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="company.gone")
    ask_for_preview(version=version, actor=None, now=NOW)
    with override(worked_out_in):
        assert preview_due(clock=lambda: NOW)
    run = PreviewRun.objects.get()
    assert run.refusal.startswith("金额第 1 行第 ")
    assert run.refusal_en.startswith("Amount, line 1, character ")


def test_why_a_preview_and_its_back_test_stopped_is_said_in_the_readers_language(
    browser: Callable[..., Client],
) -> None:
    make_all_deliveries()
    before = make_published("true")
    version = make_draft("true", policy=before.policy)
    known = {"version": version, "asked_at": NOW, "finished_at": NOW}
    known |= {"content_hash": content_hash(version=PolicyVersion.objects.get(pk=version.pk))}
    result = as_json(preview(version=version, now=NOW))
    told = {"back_test_refusal": "对比太慢。", "back_test_refusal_en": "The comparison is slow."}
    PreviewRun.objects.create(**known, result=result, **told)
    PreviewRun.objects.create(**known, refusal="预演太慢。", refusal_en="The preview is slow.")
    pages = read(browser, "policies_policyversion_who_matches", version.pk)
    assert "对比太慢。" in pages["zh-hans"]
    assert "预演太慢。" in pages["zh-hans"]
    assert "The comparison is slow." in pages["en"]
    assert "The preview is slow." in pages["en"]


@pytest.mark.parametrize("matched_in", ["zh-hans", "en"])
@pytest.mark.parametrize("page", ["policies_matchrun_changelist", "policies_matchrun_change", "payouts_stuck"])
def test_why_matching_stopped_is_said_in_the_readers_language(
    matched_in: str, page: str, browser: Callable[..., Client]
) -> None:
    make_all_deliveries()
    make_company()
    version = make_published("true")
    # The rule was valid when it was published; a later release may have removed its fact.
    with unguarded():
        Clause.objects.filter(version=version).update(feel="company.gone")
    with override(matched_in):
        match_all()
    run = MatchRun.objects.get(version=version, finished_at=None)
    pages = read(browser, page, *([run.pk] if page.endswith("_change") else []))
    assert run.refusal.startswith(f"{version}: 条件 1第 1 行第 ")
    assert run.refusal_en.startswith(f"{version}: Condition 1, line 1, character ")
    assert f"{version}: 条件 1第 1 行第 " in pages["zh-hans"]
    assert f"{version}: Condition 1, line 1, character " in pages["en"]


@pytest.mark.parametrize("written_in", ["zh-hans", "en"])
def test_why_a_batch_was_not_written_is_said_in_the_readers_language(
    written_in: str, browser: Callable[..., Client]
) -> None:
    batch, template = make_released_batch(1), BankTemplate.objects.create(name="窄", kind=Kind.DELIMITED)
    TemplateColumn.objects.create(template=template, part="line", position=0, content=Content.PAYEE_ACCOUNT, longest=3)
    with unguarded():
        Batch.objects.filter(pk=batch.pk).update(layout_kind=Kind.DELIMITED, layout_template=template)
    order_files(batch=batch, kind=Kind.DELIMITED, template=template, actor=make_user("clerk"), now=NOW)
    with override(written_in):
        assert write_ordered_files(clock=lambda: NOW) == 1
    order = FileOrder.objects.get()
    assert order.refusal == "第 1 笔：“收款账号”超过该列允许的 3 个字符。"
    assert order.refusal_en == "Line 1: “payee’s account” is longer than the 3 characters of its column."
    pages = read(browser, "payouts_batch_files", batch.pk, role="finance_releaser")
    assert order.refusal in pages["zh-hans"]
    assert order.refusal_en in pages["en"]


def test_a_refusal_that_was_kept_in_one_language_is_read_in_it() -> None:
    with override("en"):
        assert str(Delivery(refusal="旧").why) == "旧"
