"""Attacks on the terms by which money reaches a bank, and on what stops money: one person changes them alone."""

from __future__ import annotations

from tests.drill.stage import FILE_BANK, Stage

_THIEVES_ACCOUNT = "33019999999999999999"
_LOOSE = {"refused_count": "1000", "refused_percent": "100", "refused_minutes": "60", "payees_per_account": "1000"}


def payer_account_is_changed_alone(stage: Stage) -> bool:
    """One clerk has files and instructions take the money from another account."""
    path = f"/admin/payouts/bank/{FILE_BANK}/propose/"
    terms = _read_choices(stage, path, "channel", "template", "reply_template")
    return stage.holds_alone("clerk", path, **terms, payer_account=_THIEVES_ACCOUNT, because="a drill")


def layout_is_taken_into_use_alone(stage: Stage) -> bool:
    """One clerk copies a layout of files, and lets banks get it."""
    return _use_copy_alone(stage, "banktemplate")


def words_of_replies_are_taken_into_use_alone(stage: Stage) -> bool:
    """One clerk decides that another word of a bank means “paid”."""
    return _use_copy_alone(stage, "replytemplate")


def breaker_is_loosened_alone(stage: Stage) -> bool:
    """One officer lets a thousand payees share an account before payments stop."""
    return stage.holds_alone("officer", "/admin/policies/breaker/add/", **_LOOSE, policy="", because="a drill")


def stop_is_lifted_alone(stage: Stage) -> bool:
    """The officer who suspended a version lifts the suspension."""
    officer = stage.person("officer")
    version = officer.open("/admin/policies/policyversion/?q=P-02").find(r"(/admin/policies/policyversion/\d+/)change/")
    officer.submit(f"{version}suspend/", because="a drill")
    return stage.holds_alone("officer", f"{version}lift/", because="a drill")


ATTACKS = (
    payer_account_is_changed_alone,
    layout_is_taken_into_use_alone,
    words_of_replies_are_taken_into_use_alone,
    breaker_is_loosened_alone,
    stop_is_lifted_alone,
)


def _read_choices(stage: Stage, path: str, *names: str) -> dict[str, str]:
    """What the form's lists have chosen now, which a form sends along."""
    page = stage.person("clerk").open(path)
    return {name: page.find(rf'(?s)<select name="{name}".*?<option value="([^"]+)" selected') for name in names}


def _use_copy_alone(stage: Stage, layout: str) -> bool:
    clerk = stage.person("clerk")
    number = clerk.open(f"/admin/payouts/{layout}/").find(rf"/admin/payouts/{layout}/(\d+)/change/")
    draft = clerk.submit(f"/admin/payouts/{layout}/{number}/copy/").path.removesuffix("change/")
    return stage.holds_alone("clerk", f"{draft}take-into-use/", because="a drill")
