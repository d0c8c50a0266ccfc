"""The tables whose rows belong to a space, by what their rows are about; read from the file, so that none is missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

GRAPH = ("ending", "mention", "fact_episode", "fact", "name")
"""The tables that a replay of the episodes makes; a row comes before those that it refers to."""
_LOG = "deletion"
COLUMNS = """
SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
WHERE m.type = 'table' ORDER BY m.name, p.cid"""
"""What selects the columns of all tables."""


@dataclass(frozen=True)
class Tables:
    """The columns of each table that has a column `space`."""

    columns: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Self:
        """Return the tables of a file from what `COLUMNS` selects."""
        columns = dict[str, list[str]]()
        for table, column in rows:
            columns.setdefault(table, []).append(column)
        return cls({table: tuple(each) for table, each in columns.items() if "space" in each})

    @property
    def of_episodes(self) -> list[str]:
        """The tables with rows for each episode, except those of the graph; `episode` is the last."""
        tables = [table for table in self.columns if table not in GRAPH and self._numbered(table)]
        return sorted(tables, key=lambda table: table == "episode")

    @property
    def of_settings(self) -> list[str]:
        """The tables with rows for the whole space, such as merged names."""
        others = {*GRAPH, *self.of_episodes, _LOG}
        return [table for table in self.columns if table not in others]

    def episode_column(self, table: str) -> str:
        """Return the column that has the number of an episode."""
        return self._numbered(table)[0]

    def copied(self, table: str) -> str:
        """Return the columns that a copy of a row keeps, as a list for SQL; an id is not kept."""
        return ", ".join(column for column in self.columns[table] if column not in ("space", "id"))

    def _numbered(self, table: str) -> list[str]:
        return [column for column in ("number", "episode") if column in self.columns[table]]
