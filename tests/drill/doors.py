"""Attacks at the doors: by strangers, by large files, and by the product's own way into its database."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile

import psycopg
from django.conf import settings

from tests.drill.stage import Stage

_BOMB_BYTES = 300_000_000


def objection_of_a_stranger_stops_money(stage: Stage) -> bool:
    """Somebody unknown objects to a payout that is publicised."""
    _ = stage.batch
    stranger = stage.stranger()
    path = stranger.open("/publicity/").find(r'href="(/publicity/\d+/objection/)"')
    stranger.submit(path, name="Nobody", contact="nobody@example.org", text="I simply do not want them to be paid.")
    payout = path.split("/")[2]
    return "publicised" in stage.person("auditor").open(f"/admin/payouts/payout/{payout}/change/").words


def form_without_its_token_is_taken(stage: Stage) -> bool:
    """Another site sends an owner's claim in the owner's name."""
    answer = stage.person("owner").post_from_elsewhere(f"{stage.firm}claims/")
    return answer.status == 403


def workbook_that_grows_is_read(stage: Stage) -> bool:
    """A department's workbook of some kilobytes unpacks to hundreds of megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * _BOMB_BYTES)
    answer = stage.person("tax").submit(
        "/admin/companies/delivery/add/", dataset_name="tax", files={"file": ("tax.xlsx", packed.getvalue())}
    )
    return answer.status in (200, 413, 422) and answer.path.endswith("/add/")


def department_delivers_another_ones_data(stage: Stage) -> bool:
    """The tax office delivers accounts of firms."""
    answer = stage.person("tax").post(
        "/admin/companies/delivery/add/",
        dataset_name="company_accounts",
        files={"file": ("accounts.csv", b"credit_code,holder_name,bank_name,bank_number,number\n")},
    )
    return "company_accounts is not one of the available choices" in answer.words


def product_switches_guards_off(stage: Stage) -> bool:
    """The product's role switches a trigger off."""
    return _is_refused(stage, "ALTER TABLE payouts_payout DISABLE TRIGGER ALL")


def product_replays_without_guards(stage: Stage) -> bool:
    """The product's role sets the session in which triggers do not fire."""
    return _is_refused(stage, "SET session_replication_role = 'replica'")


def product_empties_its_records(stage: Stage) -> bool:
    """The product's role empties the table of postings."""
    return _is_refused(stage, "TRUNCATE payouts_posting CASCADE")


def product_rewrites_its_records(stage: Stage) -> bool:
    """The product's role changes a posting, and deletes one."""
    statements = ("UPDATE payouts_posting SET amount_cny = amount_cny + 1", "DELETE FROM payouts_posting")
    return all(_is_refused(stage, statement) for statement in statements)


def product_makes_itself_superuser(stage: Stage) -> bool:
    """The product's role gives itself all rights."""
    return _is_refused(stage, "ALTER ROLE CURRENT_USER SUPERUSER")


def product_starts_as_the_owner(_stage: Stage) -> bool:
    """Somebody sets the product up with the owner's address, under whom guards can be switched off."""
    done = subprocess.run(
        [sys.executable, "-c", "import qinqing.wsgi"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": os.environ["OWNER_DATABASE_URL"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode != 0 and "owns tables" in done.stderr


ATTACKS = (
    objection_of_a_stranger_stops_money,
    form_without_its_token_is_taken,
    department_delivers_another_ones_data,
    workbook_that_grows_is_read,
    product_switches_guards_off,
    product_replays_without_guards,
    product_empties_its_records,
    product_rewrites_its_records,
    product_makes_itself_superuser,
    product_starts_as_the_owner,
)


def _is_refused(stage: Stage, statement: str) -> bool:
    with psycopg.connect(stage.database) as connection:
        try:
            connection.execute(statement)
        except psycopg.Error:
            return True
        finally:
            connection.rollback()
    return False
