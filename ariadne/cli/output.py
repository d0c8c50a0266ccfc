"""What a memory did and what it knows, in lines for people and as data for programs."""

from __future__ import annotations

from collections.abc import Sequence

from ariadne.cli.base import as_data, counted, in_columns
from ariadne.memory import Fact, Forgotten, Recall, Update
from ariadne.values import When

_SHOWN = 100  # characters of an episode that is listed
_UNREAD = 3  # sentences that were not read


def changed(update: Update) -> list[str]:
    """What remembering a text changed, a line each."""
    marked = {"added": ("+", update.added), "restated": ("=", update.restated), "retired": ("-", update.retired)}
    counts = [f"{counted(update.added, 'fact')} added"]
    counts += [f"{len(facts)} {how}" for how, (_, facts) in marked.items() if facts and how != "added"]
    counts += [f"{len(update.refused)} refused"] if update.refused else []
    counts += [f"{counted(update.reading.unread, 'sentence')} unread"] if update.reading.unread else []
    facts = [f"{mark} {fact}" for mark, facts in marked.values() for fact in facts]
    unread = [f"? {' '.join(sentence.split())}" for sentence in update.reading.unread[:_UNREAD]]
    return [f"episode {update.episode.id}: {', '.join(counts)}", *facts, *unread]


def changes_of(update: Update) -> dict[str, object]:
    changes = as_data(update)
    del changes["reading"]
    return {**changes, "unread": update.reading.unread}


def listed(gone: Forgotten) -> list[str]:
    """What goes, and what holds again, a line each."""
    texts = [(one.id, one.text, "..." if len(one.text) > _SHOWN else "") for one in gone.episodes]
    episodes = [f"- [{number}] {text[:_SHOWN]}{more}" for number, text, more in texts]
    return [*episodes, *(f"- {fact}" for fact in gone.facts), *(f"+ {fact}" for fact in gone.restored)]


def explained(recalled: Recall) -> list[str]:
    """How what was recalled came up, as a tree."""
    tree = recalled.explain()
    return tree.split("\n") if tree else []


def texted(recalled: Recall) -> list[str]:
    """Its text, a line each."""
    return recalled.text.split("\n") if recalled.text else []


def lived(facts: Sequence[Fact]) -> list[str]:
    """The lives of facts, as a table; nothing where there are none."""
    rows = [
        (str(fact), _time(fact.valid_from), _time(fact.valid_to), _taught(fact), str(fact.retired_in or "-"))
        for fact in facts
    ]
    return in_columns([("fact", "from", "until", "taught by", "retired by"), *rows]) if rows else []


def _taught(fact: Fact) -> str:
    """The first episodes that state a fact."""
    return ", ".join([*map(str, fact.episodes[:3]), *(["..."] if len(fact.episodes) > 3 else [])])


def _time(at: When | None) -> str:
    return "-" if at is None else str(at) if isinstance(at, int) else at.isoformat()
