"""
The three roles of the database: `owner` migrates, `app` reads and writes rows, `reader` reads rows.

The superuser of the server makes the roles once. The owner grants what the others may do after each migration.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from qinqing.kernel.database.sql_files import read_sql

# The reader needs none of these tables: they let their reader sign in as somebody else, or pass for somebody,
# here or at a department.
SECRETS = (
    "account_emailconfirmation",
    "companies_sourcesecret",
    "companies_user",
    "django_session",
    "knox_authtoken",
    "mfa_authenticator",
    "oauth2_provider_accesstoken",
    "oauth2_provider_application",
    "oauth2_provider_grant",
    "oauth2_provider_idtoken",
    "oauth2_provider_refreshtoken",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "usersessions_usersession",
)
# Of a person who signs in, the reader sees everything but this column.
_PASSWORD = ("companies_user", "password")
# The owner alone notes which migrations ran.
_MIGRATIONS = "django_migrations"


class Login(NamedTuple):
    """A role of the database and its password."""

    role: str
    password: str


def login_of(address: str) -> Login:
    """The role that an address names, and its password."""
    parts = urlsplit(address)
    return Login(unquote(parts.username or ""), unquote(parts.password or ""))


def make_roles(server: psycopg.Connection, *, owner: Login, app: Login, reader: Login, makes_databases: bool) -> None:
    """
    Make the roles as the server's superuser, and give the database that it is connected to to the owner.

    A role that exists gets the password and loses every right over the server. `makes_databases` lets the owner make
    databases, which only a machine of tests and demos needs.
    """
    for login in (owner, app, reader):
        for statement in _role(server, login):
            server.execute(statement)
    if makes_databases:
        server.execute(SQL("ALTER ROLE {} CREATEDB").format(Identifier(owner.role)))
    named, role = Identifier(server.info.dbname), Identifier(owner.role)
    server.execute(SQL("ALTER DATABASE {} OWNER TO {}").format(named, role))
    block = read_sql("qinqing.kernel", "take_over.sql", owner=role.as_string(server))
    server.execute(SQL("DO {}").format(Literal(block)))


def _role(server: psycopg.Connection, login: Login) -> list[Composed]:
    role = Identifier(login.role)
    known = server.execute("SELECT FROM pg_roles WHERE rolname = %s", [login.role]).fetchone()
    made = [] if known is not None else [SQL("CREATE ROLE {}").format(role)]
    rights = SQL("LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS PASSWORD {}")
    return [*made, SQL("ALTER ROLE {} ").format(role) + rights.format(Literal(login.password))]


def grant_rows(database: psycopg.Connection, *, app: str, reader: str) -> None:
    """Grant what the two roles may do in this database, as its owner; whatever else they could do, they lose."""
    with database.transaction():
        for statement in [*_doors(database.info.dbname, app, reader), *_for_app(app), *_for_reader(reader)]:
            database.execute(statement)
        for statement in _exceptions(database, app, reader):
            database.execute(statement)


def _doors(database: str, app: str, reader: str) -> list[Composed]:
    roles = {"database": Identifier(database), "app": Identifier(app), "reader": Identifier(reader)}
    texts = [
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {app}, {reader}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {app}, {reader}",
        # Deliveries, previews and the comparison of books lay their rows out in temporary tables.
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}, {reader}",
        "GRANT USAGE ON SCHEMA public TO {app}, {reader}",
    ]
    return [SQL(text).format(**roles) for text in texts]


def _for_app(app: str) -> list[Composed]:
    texts = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        # What a migration makes is open to the rows of the product before the migration ends.
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    ]
    return [SQL(text).format(role=Identifier(app)) for text in texts]


def _for_reader(reader: str) -> list[Composed]:
    texts = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    ]
    return [SQL(text).format(role=Identifier(reader)) for text in texts]


def _exceptions(database: psycopg.Connection, app: str, reader: str) -> list[Composed]:
    """What the tables that exist take from the general grants."""
    tables = {name for (name,) in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    taken: list[Composed] = [
        SQL("REVOKE ALL ON {} FROM {}").format(Identifier(name), Identifier(reader))
        for name in SECRETS
        if name in tables
    ]
    if _PASSWORD[0] in tables:
        names = SQL(", ").join(Identifier(name) for name in _columns(database, *_PASSWORD))
        taken.append(SQL("GRANT SELECT ({}) ON {} TO {}").format(names, Identifier(_PASSWORD[0]), Identifier(reader)))
    if _MIGRATIONS in tables:
        revoked = SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM {}")
        taken.append(revoked.format(Identifier(_MIGRATIONS), Identifier(app)))
    return taken


def _columns(database: psycopg.Connection, table: str, secret: str) -> list[str]:
    found = database.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname <> %s ORDER BY attnum",
        [table, secret],
    )
    return [name for (name,) in found]
