"""Rows into a table by set: new ones inserted, changed ones updated, equal ones left alone."""

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
        The common table expressions `fresh`, `updated` and `inserted`; the last two carry the column
        `returning` of every row that was written.

        The caller holds a lock by which nobody else writes these rows meanwhile.
        """
        return SQL("fresh AS MATERIALIZED ({}), updated AS ({}), inserted AS ({})").format(
            self.query(), self._update(returning), self._insert(returning)
        )

    def query(self, *, also: Composable = NOTHING) -> Composable:
        """The query of the values to write, with further columns in front of them."""
        values = [SQL("{} AS {}").format(value, Identifier(name)) for name, value in self.values.items()]
        return SQL("SELECT {}{} {}").format(also, SQL(", ").join(values), self.source)

    @property
    def changeable(self) -> tuple[str, ...]:
        """The columns beside the key."""
        return tuple(name for name in self.values if name not in self.key)

    def differs(self, new: str = "fresh") -> Composable:
        """The condition that a `stored` row has other values than the new one."""
        return SQL("({}) IS DISTINCT FROM ({})").format(_names(self.changeable, "stored"), _names(self.changeable, new))

    def is_same_row(self, new: str = "fresh") -> Composable:
        """The condition that the `stored` row and the new one have the same key."""
        pairs = (SQL("{} = {}").format(Identifier("stored", name), Identifier(new, name)) for name in self.key)
        return SQL(" AND ").join(pairs)

    def _update(self, returning: str) -> Composable:
        if not self.changeable:
            return SQL("SELECT NULL::bigint AS {} WHERE false").format(Identifier(returning))
        assigned = [SQL("{0} = fresh.{0}").format(Identifier(name)) for name in self.changeable]
        assigned += [SQL("{} = {}").format(Identifier(name), value) for name, value in self.stamps.items()]
        return SQL(
            "UPDATE {table} AS stored SET {assigned} FROM fresh WHERE {same} AND {differs} RETURNING stored.{returning}"
        ).format(
            table=Identifier(self.table),
            assigned=SQL(", ").join(assigned),
            same=self.is_same_row(),
            differs=self.differs(),
            returning=Identifier(returning),
        )

    def _insert(self, returning: str) -> Composable:
        columns = [*self.values, *self.stamps]
        return SQL(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM fresh "
            "WHERE NOT EXISTS (SELECT FROM {table} AS stored WHERE {same}) RETURNING {returning}"
        ).format(
            table=Identifier(self.table),
            columns=_names(columns),
            values=SQL(", ").join([_names(tuple(self.values), "fresh"), *self.stamps.values()]),
            same=self.is_same_row(),
            returning=Identifier(returning),
        )


def _names(names: Sequence[str], relation: str = "") -> Composable:
    path = (relation,) if relation else ()
    return SQL(", ").join(Identifier(*path, name) for name in names)
