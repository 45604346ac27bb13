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

    def statement(self, *, returning: str, is_first: bool) -> Composable:
        """
        The statement that writes the rows; it returns the column `returning` of every row new or changed.

        Two rows of the source never have the same key: the caller has seen to it. `is_first` says that the table
        is empty and nobody else writes to it: looking out for stored rows would take a third of the time.
        """
        columns = [*self.values, *self.stamps]
        return SQL(
            "INSERT INTO {table} AS stored ({columns}) SELECT {values} {source} {change} RETURNING stored.{returning}"
        ).format(
            table=Identifier(self.table),
            columns=_names(columns),
            values=SQL(", ").join([*self.values.values(), *self.stamps.values()]),
            source=self.source,
            change=SQL("") if is_first else self._change(),
            returning=Identifier(returning),
        )

    def query(self, *, also: Composable = NOTHING) -> Composable:
        """The query of the values to write, with further columns in front of them."""
        values = [SQL("{} AS {}").format(value, Identifier(name)) for name, value in self.values.items()]
        return SQL("SELECT {}{} {}").format(also, SQL(", ").join(values), self.source)

    @property
    def changeable(self) -> tuple[str, ...]:
        """The columns beside the key."""
        return tuple(name for name in self.values if name not in self.key)

    def differs(self, new: str) -> Composable:
        """The condition that a `stored` row has other values than the new one."""
        return SQL("({}) IS DISTINCT FROM ({})").format(_names(self.changeable, "stored"), _names(self.changeable, new))

    def is_same_row(self, new: str) -> Composable:
        """The condition that the `stored` row and the new one have the same key."""
        pairs = (SQL("{} = {}").format(Identifier("stored", name), Identifier(new, name)) for name in self.key)
        return SQL(" AND ").join(pairs)

    def _change(self) -> Composable:
        if not self.changeable:
            return SQL("ON CONFLICT ({}) DO NOTHING").format(_names(self.key))
        assigned = [SQL("{0} = excluded.{0}").format(Identifier(name)) for name in (*self.changeable, *self.stamps)]
        return SQL("ON CONFLICT ({}) DO UPDATE SET {} WHERE {}").format(
            _names(self.key), SQL(", ").join(assigned), self.differs("excluded")
        )


def _names(names: Sequence[str], relation: str = "") -> Composable:
    path = (relation,) if relation else ()
    return SQL(", ").join(Identifier(*path, name) for name in names)
