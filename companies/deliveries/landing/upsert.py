"""Writes rows to a table by set: it inserts new rows, updates changed rows, and leaves equal rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Identifier

NOTHING = SQL("")


@dataclass(frozen=True, slots=True)
class Upsert:
    """
    What goes where: `source` is a FROM clause, `values` maps the table's columns to expressions over it.

    `key` are the columns that a unique constraint covers. `stamps` are written along with new and changed
    rows, but a difference in them alone changes nothing.
    """

    table: str
    key: Sequence[str]
    values: Mapping[str, Composable]
    source: Composable
    stamps: Mapping[str, Composable]

    def statements(self, *, returning: str) -> Composable:
        """
        The common table expressions that write the rows: one join finds the `news`, `changed` and `added` write them.

        Both return the column `returning` of the rows they wrote. Two rows of the source never have the same key, and
        nobody else adds rows to the table meanwhile: the caller has seen to both, and the unique constraint would
        refuse. So nothing is inserted speculatively.
        """
        news = SQL(
            "news AS MATERIALIZED (SELECT fresh.*, stored.id AS stored_id FROM ({query}) AS fresh"
            " LEFT JOIN {table} AS stored ON {same} WHERE stored.id IS NULL OR {differs})"
        ).format(
            query=self.query(),
            table=Identifier(self.table),
            same=self.is_same_row("fresh"),
            differs=self.differs("fresh") if self.changeable else SQL("false"),
        )
        added = SQL("added AS ({} RETURNING stored.{})").format(
            self.insert(source=SQL("news"), where=SQL("WHERE fresh.stored_id IS NULL")), Identifier(returning)
        )
        return SQL(", ").join([news, self._changed(returning), added])

    def insert(self, *, source: Composable | None = None, where: Composable = NOTHING) -> Composable:
        """
        The INSERT of the rows that the condition leaves.

        They come by the first column of their key, which has the index filled place by place: in a third less time
        than by ON CONFLICT. Ties are not broken, because they meet on the same page anyway.
        """
        return SQL(
            "INSERT INTO {table} AS stored ({columns}) SELECT {values} FROM {source} AS fresh {where}"
            " ORDER BY fresh.{first}"
        ).format(
            table=Identifier(self.table),
            columns=_names([*self.values, *self.stamps]),
            values=SQL(", ").join([*(Identifier("fresh", name) for name in self.values), *self.stamps.values()]),
            source=source or SQL("({})").format(self.query()),
            where=where,
            first=Identifier(self.key[0]),
        )

    def already_stored(self) -> Composable:
        """The query for 1 if the key of some row is stored already, otherwise 0."""
        return SQL("SELECT count(*) FROM (SELECT FROM ({}) AS fresh JOIN {} AS stored ON {} LIMIT 1) AS known").format(
            self.query(), Identifier(self.table), self.is_same_row("fresh")
        )

    def query(self, *, also: Composable = NOTHING) -> Composable:
        """The SELECT of the values to write, with further columns in front of them."""
        values = [SQL("{} AS {}").format(value, Identifier(name)) for name, value in self.values.items()]
        return SQL("SELECT {}{} {}").format(also, SQL(", ").join(values), self.source)

    @property
    def changeable(self) -> tuple[str, ...]:
        """The columns that are no key."""
        return tuple(name for name in self.values if name not in self.key)

    def differs(self, new: str) -> Composable:
        """The condition that the `stored` row and the new row differ in a value."""
        return SQL("({}) IS DISTINCT FROM ({})").format(_names(self.changeable, "stored"), _names(self.changeable, new))

    def is_same_row(self, new: str) -> Composable:
        """The condition that the `stored` row and the new row have the same key."""
        pairs = (SQL("{} = {}").format(Identifier("stored", name), Identifier(new, name)) for name in self.key)
        return SQL(" AND ").join(pairs)

    def _changed(self, returning: str) -> Composable:
        if not self.changeable:
            return SQL("changed AS (SELECT {} FROM {} WHERE false)").format(
                Identifier(returning), Identifier(self.table)
            )
        values = [SQL("{} = {}").format(Identifier(name), Identifier("fresh", name)) for name in self.changeable]
        stamps = [SQL("{} = {}").format(Identifier(name), value) for name, value in self.stamps.items()]
        return SQL(
            "changed AS (UPDATE {table} AS stored SET {assigned} FROM news AS fresh"
            " WHERE stored.id = fresh.stored_id RETURNING stored.{returning})"
        ).format(
            table=Identifier(self.table),
            assigned=SQL(", ").join([*values, *stamps]),
            returning=Identifier(returning),
        )


def _names(names: Sequence[str], relation: str = "") -> Composable:
    path = (relation,) if relation else ()
    return SQL(", ").join(Identifier(*path, name) for name in names)
