"""How people sign in and what they do in the admin is recorded, is only appended, and is the auditor's to read."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse

from companies.models import SignIn
from companies.people.sign_in_records import network_of
from policies.models import Policy
from qinqing.kernel.admin.changed_values import list_values
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.people import PASSWORD, make_user
from tests.factories.policies import make_policy
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"


def tried(username: str, password: str) -> Client:
    client = Client(REMOTE_ADDR=ADDRESS)
    client.post(reverse("sign-in"), {"username": username, "password": password})
    return client


def kinds() -> list[str]:
    return list(SignIn.objects.order_by("pk").values_list("kind", flat=True))


def everything_kept() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, E'\\n') FROM companies_signin t")
        return str(cursor.fetchone()[0])


def test_every_way_through_the_door_leaves_a_record() -> None:
    make_user("lin", password=PASSWORD)
    tried("lin", "wrong")
    client = tried("lin", PASSWORD)
    client.post(reverse("sign-out"))
    assert kinds() == ["failed", "signed_in", "signed_out"]
    assert {(each.username, each.network) for each in SignIn.objects.all()} == {("lin", "203.0.113.0/24")}
    for _time in range(5):
        tried("lin", "wrong")
    assert "locked_out" in kinds()[3:]


def test_neither_an_address_nor_a_password_in_the_wrong_field_is_kept() -> None:
    tried("my secret passphrase", "lin")
    kept = everything_kept()
    assert "secret" not in kept
    assert ADDRESS not in kept
    [record] = SignIn.objects.all()
    assert record.name_fingerprint
    assert record.address_fingerprint


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::5", "2001:db8:1::/48"), ("unknown", ""), ("", "")],
)
def test_of_an_address_the_network_is_kept(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_records_are_only_appended() -> None:
    tried("lin", "wrong")
    record = SignIn.objects.get()
    for statement in (
        "UPDATE companies_signin SET kind = 'signed_in' WHERE id = %s",
        "DELETE FROM companies_signin WHERE id = %s",
    ):
        assert refusal_of(statement, record.pk) == "sign_in_is_kept"
    done = LogEntry.objects.log_actions(make_user("lin").pk, [make_user("shen")], 2, "made", single_object=True)
    for statement in (
        "UPDATE django_admin_log SET user_id = 1 WHERE id = %s",
        "DELETE FROM django_admin_log WHERE id = %s",
    ):
        assert refusal_of(statement, done.pk) == "admin_record_is_kept"


def change_title(client: Client, policy: Policy, title: str) -> None:
    form = {"code": policy.code, "title_zh": title, "title_en": "", "summary_zh": "", "summary_en": ""}
    rows = {f"versions-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    page = reverse("admin:policies_policy_change", args=[policy.pk])
    assert client.post(page, form | rows | {"department": "tax"}).status_code == 302


def test_a_change_is_recorded_with_the_values_before_and_after() -> None:
    policy, officer = make_policy("P-1"), sign_in_official("officer")
    before = policy.title_zh
    change_title(officer, policy, "另一标题")
    auditor = sign_in_official("auditor")
    text = auditor.get(reverse("admin:companies_adminrecord_change", args=[LogEntry.objects.latest("pk").pk])).content
    assert f"title_zh: {before} → 另一标题" in text.decode()
    file = b"".join(auditor.get(reverse("admin:companies_adminrecord_export")).streaming_content).decode()
    assert f"title_zh: {before} → 另一标题" in file


class Written(forms.Form):
    email = forms.EmailField()
    first_name = forms.CharField()
    code = forms.CharField()


def test_what_belongs_to_a_person_is_not_recorded_in_clear() -> None:
    before = {"email": "ma@example.org", "first_name": "行", "code": "A"}
    form = Written(before | {"email": "ma2@example.org", "first_name": "知行", "code": "B"}, initial=before)
    assert form.is_valid()
    assert sorted(form.changed_data) == ["code", "email", "first_name"]
    assert list_values(form) == [["code", "A", "B"]]


def test_the_auditor_filters_and_takes_the_sign_ins_away() -> None:
    make_user("lin", password=PASSWORD)
    tried("lin", "wrong")
    tried("lin", PASSWORD)
    auditor = sign_in(make_auditor())
    page, file = reverse("admin:companies_signin_changelist"), reverse("admin:companies_signin_export")
    assert "203.0.113.0/24" in auditor.get(page).content.decode()
    rows = b"".join(auditor.get(file, {"kind__exact": "failed"}).streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert "failed,lin" in rows[1]
    assert auditor.post(file).status_code == 405


def make_auditor() -> object:
    sign_in_official("auditor", "ma")
    return make_user("ma")


@pytest.mark.parametrize("role", ["officer", "finance", "department", "system_administrator", "security_administrator"])
@pytest.mark.parametrize("page", ["signin_changelist", "signin_export", "adminrecord_changelist", "adminrecord_export"])
def test_nobody_but_the_auditor_reads_the_records(role: str, page: str) -> None:
    assert sign_in_official(role).get(reverse(f"admin:companies_{page}")).status_code == 403
