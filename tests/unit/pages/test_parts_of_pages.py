"""The parts of pages: what a tag makes of its content, and where a line break becomes no blank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils.translation import override

from qinqing.templatetags import sentences


def rendered(text: str, **values: object) -> str:
    with override("en"):
        return Template("{% load parts %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\n  一\n", "一"),
        ("\n  {{ zh }}\n  {% if zh %}、{{ zh }}{% endif %}\n", "清茶、清茶"),
        ("\n  <b>\n    一\n  </b>\n  <i>二</i>\n", "<b>一</b><i>二</i>"),
        ("\n  <a\n    id='a'\n    class='b'>one\n  two</a>\n", "<a\n    id='a'\n    class='b'>one\n  two</a>"),
        (" · {{ zh }} · ", " · 清茶 · "),
        ("\n  {% for each in pair %}\n    <i>{{ each }}</i>\n  {% endfor %}\n", "<i>1</i><i>2</i>"),
        ("\n  {{ lines }}\n", "one\n  two"),
    ],
)
def test_lines_are_joined_without_a_blank(written: str, read: str) -> None:
    text = "{% joinlines %}" + written + "{% endjoinlines %}"
    assert rendered(text, zh="清茶", pair=[1, 2], lines="one\n  two") == read


def test_a_note_says_its_kind_and_what_it_is_about() -> None:
    shown = rendered(
        '{% note "info" icon="bank" about="batch" role="status" %}<p>{{ said }}</p>{% endnote %}', said="<i>"
    )
    assert '<div class="note note-info" role="status" data-batch>' in shown
    assert "icons.svg#bank" in shown
    assert "<p>&lt;i&gt;</p>" in shown


def test_a_card_is_a_link_only_if_it_leads_somewhere() -> None:
    assert "<h3>&lt;i&gt;</h3>" in rendered('{% card title "P-1" %}{% endcard %}', title="<i>")
    assert '<h2><a href="/p">T</a></h2>' in rendered('{% card "T" "P-1" link="/p" level=2 %}{% endcard %}')


def test_a_section_is_named_by_its_heading() -> None:
    shown = rendered('{% section "days" title="By day" level=3 %}<p>x</p>{% endsection %}')
    assert '<section aria-labelledby="days">' in shown
    assert '<h3 id="days">By day</h3>' in shown


@pytest.mark.parametrize(("verdict", "name"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_a_verdict_has_its_sign(verdict: bool | None, name: str) -> None:
    assert f"mark-{name}" in rendered("{% verdict value %}said{% endverdict %}", value=verdict)


def test_a_query_leaves_out_what_is_empty() -> None:
    assert rendered("{% query before=before stage='' q='茶 馆&' %}", before=12_345) == (
        "?before=12345&amp;q=%E8%8C%B6%20%E9%A6%86%26"
    )


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"fixed_cny": Decimal(0), "cap_cny": None}, "¥0.00 for firm"),
        ({"fixed_cny": None, "cap_cny": Decimal(20_000)}, "up to ¥20,000 for firm"),
        ({"fixed_cny": None, "cap_cny": None}, "by formula, for firm"),
    ],
)
def test_what_a_policy_is_worth(policy: dict[str, Decimal | None], said: str) -> None:
    with override("en"):
        assert sentences.worth(SimpleNamespace(subject="firm", **policy)) == said


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"opens_later": True}, "opens on March 2, 2026"),
        ({"is_automatic": True}, "paid without a click"),
        ({}, "until Dec. 31, 2026"),
        ({"closes_on": None}, "since March 2, 2026"),
    ],
)
def test_when_a_policy_can_be_claimed(policy: dict[str, object], said: str) -> None:
    usual = {
        "opens_later": False,
        "is_automatic": False,
        "opens_on": date(2026, 3, 2),
        "closes_on": date(2026, 12, 31),
    }
    with override("en"):
        assert sentences.window(SimpleNamespace(**(usual | policy))) == said


@pytest.mark.parametrize("how", ["seconds", "mixed", "publicised", "batch", "varied"])
def test_how_money_arrives_is_said_with_what_becomes_of_the_rest(how: str) -> None:
    with override("en"):
        said = sentences.arrival(how)
    assert said.startswith("The money is reserved at once")
    assert said.endswith("What you untick stays claimable.")
