"""The officials' side bar: the lists that each may see, in the order in which the work flows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Models = dict[str, type[Model]]

# Model → symbol; a section shows those of its models that the official may see.
FOUR_EYES = {"Proposal": "rebase_edit"}
POLICIES = {
    "Policy": "gavel",
    "PolicyVersion": "rule",
    "NamedClause": "bookmark",
    "StackingGroup": "stacks",
    "Suspension": "pause_circle",
    "Breaker": "electric_bolt",
    "WhiteList": "playlist_add_check",
    "WhiteListEntry": "format_list_numbered",
    "Entitlement": "task_alt",
    "ReminderRound": "notifications_active",
    "Reminder": "notifications",
    "MatchRun": "sync",
}
MONEY = {
    "Payout": "payments",
    "Claim": "ads_click",
    "Publication": "campaign",
    "Objection": "report",
    "Fund": "account_balance_wallet",
    "Grant": "add_card",
    "Posting": "swap_horiz",
    "Share": "pie_chart",
    "Settlement": "handshake",
    "Batch": "inventory_2",
    "ReplyFile": "upload_file",
    "ReplyLine": "rule",
    "Instruction": "send",
    "Reply": "reply",
    "Finding": "contact_support",
    "Download": "download",
}
AFTERWARDS = {
    "PostCheck": "policy",
    "Recovery": "undo",
    "Appeal": "balance",
    "Blacklisting": "block",
    "SamplingPlan": "casino",
}
BANKS = {
    "Bank": "account_balance",
    "ThirdParty": "electrical_services",
    "PayeeAccount": "credit_card",
    "AccountStop": "front_hand",
    "BankTemplate": "table_chart",
    "ReplyTemplate": "table_rows",
}
FIRMS = {
    "Company": "domain",
    "Employee": "badge",
    "Membership": "key",
    "User": "person",
    "Group": "groups",
    "ApiToken": "vpn_key",
    "SignIn": "login",
    "AdminRecord": "history_edu",
}
DATA = {
    "DatasetContract": "dataset",
    "Delivery": "local_shipping",
    "DataSource": "cloud_download",
    "SourcePull": "download_done",
    "DeliveryKey": "encrypted",
    "Department": "corporate_fare",
    "District": "map",
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections of the side bar as the admin theme takes them; empty ones are left out."""
    # Django's own list of apps asks each model for four permissions and two addresses; the side bar needs one of each.
    models = {
        model.__name__: model
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_module_permission(request) and model_admin.has_view_or_change_permission(request)
    }
    sections = [
        _section(_("Four eyes"), FOUR_EYES, models),
        _section(_("Policies"), POLICIES, models),
        _with_stuck_work(_section(_("Money"), MONEY, models), models),
        _with_pairs(_section(_("After payment"), AFTERWARDS, models), request),
        _section(_("Banks"), BANKS, models),
        _section(_("Firms and people"), FIRMS, models),
        _section(_("Deliveries"), DATA, models),
    ]
    return [_portal_section(), *(section for section in sections if section["items"])]


def _portal_section() -> dict[str, Any]:
    figures = {"title": _("City figures"), "icon": "monitoring", "link": reverse("cockpit")}
    return {"title": "", "items": [figures]}


def _with_stuck_work(section: dict[str, Any], models: Models) -> dict[str, Any]:
    """The section with the page of stuck work, for those who may see released leases."""
    if "LeaseRelease" in models:
        stuck = {"title": _("Stuck work"), "icon": "hourglass_disabled", "link": reverse("admin:payouts_stuck")}
        section["items"].append(stuck)
    return section


def _with_pairs(section: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """The section with the page of pairs, for auditors."""
    if request.user.has_perm("companies.view_pairs"):
        pairs = {"title": _("Who decides for whom"), "icon": "group", "link": reverse("admin:payouts_pairs")}
        section["items"].append(pairs)
    return section


def _section(title: Promise | str, icons: dict[str, str], models: Models) -> dict[str, Any]:
    items = [
        {"title": capfirst(models[name]._meta.verbose_name_plural), "icon": icon, "link": _list_address(models[name])}
        for name, icon in icons.items()
        if name in models
    ]
    return {"title": title, "items": items, "collapsible": False, "separator": True}


def _list_address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


# Words of the admin's theme, which brings no Chinese translation.
THEME_WORDS = (
    _("Search apps and models..."),
    _("Type to search"),
    _("Select all rows"),
    _("Select record"),
    _("Apply Filters"),
    _("More actions"),
    _("Go back"),
    _("All applications"),
    _("General"),
    _("Submit"),
    _("Run"),
    _("Add row"),
    _("Expand row"),
    _("Next"),
    _("Previous"),
    _("Light"),
    _("Dark"),
    _("System"),
    _("True"),
    _("False"),
    _("No data"),
    _("No results matching your query"),
    _("Loading more results..."),
    _("Recent searches"),
    _("No recent searches"),
    _("Return to site"),
    _("This item will be deleted."),
    _("Click to cancel"),
    _("Click to download"),
    _("Choose file to upload"),
    _("Toggle password visibility"),
)
