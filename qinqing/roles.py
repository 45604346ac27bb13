"""What each official role may do, in one table; kept in the database as groups."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

OUR_APPS = ("companies", "policies", "payouts", "proposals")

# The records of staff, which are the auditor's alone.
RECORDS = ("signin", "adminrecord")

# The parts that an officer writes beside a version, and may delete while it is a draft.
WRITTEN = (
    "clause",
    "namedclause",
    "parameter",
    "parametervalue",
    "decisiontable",
    "example",
    "stackinggroup",
    "stackingmember",
    "breaker",
)

# The work of officers and finance after the money has gone; each takes their own steps of it.
LOOKED_AFTER = (
    *("postcheck", "samplingplan", "recovery", "repayment", "appeal"),
    *("fraudfinding", "fine", "blacklisting", "hearingnotice", "hearinganswer"),
)

# The actions that a role may take, as (app, action, models). None stands for every model of the app but the records of
# staff.
Rights = tuple[tuple[str, str, tuple[str, ...] | None], ...]

# What all finance clerks share, whatever their duty in batches.
CLERKS: Rights = (
    ("proposals", "view", ("proposal",)),
    ("companies", "view", ("company", "payeeaccount", "accountstop", "district", "thirdparty")),
    # Whoever enters an account may not check it; the model itself enforces that.
    ("companies", "add", ("thirdparty",)),
    ("companies", "change", ("thirdparty",)),
    # Proposes and confirms accounts that wait, and stops them.
    ("companies", "change", ("payeeaccount", "accountstop")),
    ("policies", "view", ("policy", "policyversion", "entitlement", "whitelist", "whitelistentry")),
    ("payouts", "view", None),
    ("payouts", "add", ("bank", "banktemplate", "templatecolumn", "replytemplate", "replyfile")),
    ("payouts", "add", ("recovery", "repayment", "settlement", "grant")),
    # Proposes that a demand is for fraud, a fine and a ban; officers confirm them.
    ("payouts", "add", ("fraudfinding", "fine", "blacklisting")),
    # Ends the lease of a worker that holds a payout for too long.
    ("payouts", "add", ("leaserelease",)),
    # Finds out from the bank which of two replies is true; where money follows, somebody else confirms it.
    ("payouts", "add", ("clarification", "finding")),
    ("payouts", "change", ("recovery", "grant", "settlement", "finding")),
    (
        "payouts",
        "change",
        ("payout", "fund", "bank", "banktemplate", "templatecolumn", "replytemplate", "replyfile"),
    ),
    ("payouts", "delete", ("templatecolumn",)),
)

# The roles of `companies.classifications.roles`, which says which of them exclude each other.
ROLES: dict[str, Rights] = {
    "officer": (
        ("proposals", "view", ("proposal",)),
        ("companies", "view", None),
        ("companies", "view", ("dataset_rows",)),
        ("policies", "view", None),
        ("policies", "add", ("policy", "policyversion", "whitelist", *WRITTEN)),
        # An officer's steps change a list: check, publish, put away, and take back a row.
        ("policies", "change", ("policy", "policyversion", "whitelist", *WRITTEN)),
        # The pages delete only a draft that nobody has reviewed, and a policy that never had a version.
        ("policies", "delete", ("policy", "policyversion", *WRITTEN)),
        ("payouts", "view", ("claim", "payout", "fund", "publication", "objection", "share", *LOOKED_AFTER)),
        ("payouts", "add", ("postcheck", "samplingplan")),
        ("payouts", "change", ("objection", "postcheck", "appeal", "share")),
        # Confirms what finance proposes about a firm.
        ("payouts", "change", ("fraudfinding", "fine", "blacklisting")),
    ),
    # A clerk without a duty in batches.
    "finance": CLERKS,
    # The duties of a batch; the batch itself demands different people as well. Its files are for those who make and
    # release it.
    "finance_maker": (*CLERKS, ("payouts", "add", ("batch",)), ("payouts", "change", ("batch",))),
    "finance_checker": (*CLERKS, ("payouts", "check", ("batch",)), ("payouts", "close", ("batch",))),
    "finance_releaser": (*CLERKS, ("payouts", "release", ("batch",)), ("payouts", "change", ("batch",))),
    "department": (
        ("proposals", "view", ("proposal",)),
        ("companies", "view", ("delivery", "deliverykey", "quarantinedrow", "datasetcontract", "dataset_rows")),
        # A department declares its own datasets; what narrows one, two of its people decide.
        ("companies", "add", ("delivery", "datasetcontract")),
        # Two of its people say where the platform fetches rows; one pauses it, or has it fetched now.
        ("companies", "view", ("datasource", "sourcepull")),
        ("companies", "add", ("datasource",)),
        ("companies", "change", ("datasource",)),
        # Proposes the keys by which its machines sign; a security administrator confirms them.
        ("companies", "add", ("deliverykey",)),
        # The department's own lists of whom a policy pays; officers check and publish them.
        ("policies", "view", ("whitelist", "whitelistentry")),
        ("policies", "add", ("whitelist",)),
    ),
    # Reads everything, and how people signed in and what the administrators did as well.
    "auditor": (
        *((app, "view", None) for app in OUR_APPS),
        ("companies", "view", RECORDS),
        ("auth", "view", ("group",)),
        ("axes", "view", None),
        ("companies", "view", ("pairs", "dataset_rows")),
    ),
    # Sees that the platform works: its runs, its deliveries and what is stuck; no roles, no records of people.
    "system_administrator": (
        ("companies", "view", ("delivery", "datasetcontract", "datasource", "sourcepull", "district")),
        ("policies", "view", ("matchrun",)),
        ("payouts", "view", ("leaserelease",)),
    ),
    # Looks after the accounts and roles of staff, and the tokens and keys of departments' machines; sees no money. One
    # security administrator proposes accounts, changes of accounts and departments, another confirms them.
    "security_administrator": (
        ("proposals", "view", ("proposal",)),
        ("companies", "view", ("user", "membership", "apitoken", "deliverykey", "department")),
        ("companies", "add", ("user", "apitoken", "deliverykey", "department")),
        ("companies", "change", ("user", "deliverykey", "department")),
        ("companies", "delete", ("apitoken",)),
        ("auth", "view", ("group",)),
        # Whoever deletes an attempt lets its account try again.
        ("axes", "view", ("accessattempt",)),
        ("axes", "delete", ("accessattempt",)),
    ),
}


def grant_roles(**_signal: Any) -> None:
    """Bring the groups in line with the table; run after every migration."""
    for name, rights in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(_permissions(rights))


def _permissions(rights: Rights) -> list[Permission]:
    wanted = Q(pk__in=[])
    for app, action, models in rights:
        every = (model._meta.model_name or "" for model in apps.get_app_config(app).get_models())
        names = models or tuple(name for name in every if name not in RECORDS)
        wanted |= Q(content_type__app_label=app, codename__in=[f"{action}_{name}" for name in names])
    return list(Permission.objects.filter(wanted))
