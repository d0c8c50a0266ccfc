"""How true a graph is: what is counted, on real games; and that it agrees with the judge of the published runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ariadne import assembly
from ariadne.bench.graph_truth import KINDS, Claims, Kind, Report, measure
from ariadne.envs import make_cooking
from ariadne.memory import AriGraph
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.trajectories import Turn, random_walk, read_turns
from ariadne.values import Triplet


def test_a_fact_and_its_inverse_are_one_claim_and_other_relations_are_counted() -> None:
    graph = [
        ("apple", "is in", "box"), ("The Box", "contains", "an apple"), ("raw apple", "lies on", "table"),
        ("apple", "is near", "box"), ("box", "is in", "hall"), ("living room", "is north of", "hall"),
    ]  # fmt: skip
    claims = Claims.of(graph, {"apple"})
    assert claims.places == {("apple", "box"), ("apple", "table")}
    assert claims.exits == {("livingroom", "north", "hall")}
    assert claims.others == 1


@pytest.fixture(scope="module")
def cooking() -> Path:
    return make_cooking("1", 1)


@pytest.mark.sample
def test_rules_believe_nothing_false_on_a_random_walk(cooking: Path, hunt: Path) -> None:
    for game in (cooking, hunt):
        found = measure(game, random_walk(game, 60, 3)).as_dict()
        assert (found["precision"], found["retired_wrongly"], found["turns"]) == (1.0, 0, 60)
        assert (found["exits_true"], found["exits_walked_and_known"]) == (
            (None, None) if game == cooking else (1.0, 1.0)
        )
        assert found["sentences_unread"] == 0
        assert found["sentences"]


def test_false_and_missing_facts_lower_the_figures(cooking: Path) -> None:
    table, fridge = ["cookbook", "is on", "table"], ["cookbook", "is in", "fridge"]
    turns = [Turn(graph=graph, commands=["look"]) for graph in ([table, fridge], [fridge], [])]
    found = measure(cooking, [*turns, Turn(graph=[["moon", "is north of", "kitchen"]])], "record").as_dict()
    assert (found["turns"], found["precision"], found["exits_true"]) == (4, round(1 / 3, 4), 0.0)
    assert (found["places_left"], found["retired_wrongly"]) == (2, 1)


def test_a_place_above_the_nearest_holder_is_true_but_not_direct(cooking: Path) -> None:
    found = measure(cooking, [Turn(graph=[["cookbook", "is in", "kitchen"]], commands=[])], "record").as_dict()
    assert (found["precision"], found["direct"]) == (1.0, 0.0)


def test_a_share_of_nothing_is_none(cooking: Path) -> None:
    found = measure(cooking, [Turn(commands=["look"])], "record").as_dict()
    assert (found["turns"], found["precision"], found["sentences"]) == (0, None, 0)
    assert Report().as_dict() == found


def test_our_own_run_is_true_by_its_record_and_by_rules(hunt: Path, tmp_path: Path) -> None:
    play_game(RunSettings(game=hunt, steps=15), folder=tmp_path / "run")
    turns = read_turns(tmp_path / "run")
    record, rules = (measure(hunt, turns, kind).as_dict() for kind in ("record", "rules"))
    assert record["turns"] == rules["turns"] == len(turns)
    assert record["precision"] == rules["precision"] == 1.0
    assert record["exits_true"] == record["exits_walked_and_known"] == 1.0
    assert record["sentences"] == 0


# -- published runs ----------------------------------------------------------------------------------------------------


SHARES = {
    "precision": "precision", "direct": "direct", "recall": "recall", "exits_true": "exits true",
    "exits_walked_and_known": "exits walked and known", "claims_not_judged": "unread",
}  # fmt: skip
"""What we call what the judge counts."""


def judge(shared: Path) -> ModuleType:
    spec = spec_from_file_location("world_truth", shared / "judges" / "world_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def graph_of(kind: Kind) -> Callable[[Any, dict[str, Any], list[tuple[str, str, str]]], list[Any] | None]:
    """Yield the graph after each row, in the form of the judge."""
    held = dict[object, AriGraph]()

    def after(attempt: object, row: dict[str, Any], texts: list[tuple[str, str, str]]) -> list[Any] | None:
        if kind == "record":
            return [triplet for triplet in row["graph"] if len(triplet) == 3] if "graph" in row else None
        memory = held.setdefault(attempt, assembly.graph())
        if kind == "given":
            given = [Triplet(*triplet) for triplet in row["triplets"] if len(triplet) == 3]
            memory.remember(f"{row['observation']}\n{row['inventory']}", triplets=given)
        for text, inventory, command in texts if kind == "rules" else ():
            memory.remember(f"> {command}\n{text}\n{inventory}")
        return [(fact.subject, fact.relation, fact.object) for fact in memory.facts()]

    return after


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["hunt", "cook"])
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.sample) if kind == "rules" else kind for kind in KINDS]
)
def test_our_measure_agrees_with_the_judge_and_the_targets_are_met(name: str, kind: Kind, shared: Path) -> None:
    game, record = shared / "games" / f"{name}.z8", shared / "published-runs" / f"{name}.jsonl"
    ours = measure(game, read_turns(record), kind).as_dict()
    rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    theirs = judge(shared).run(str(game), rows, graph_of(kind))
    for our, their in SHARES.items():
        assert ours[our] == pytest.approx(theirs[their], abs=0.0006), our
    assert f"{ours['retired_wrongly']} of {ours['places_left']}" == theirs["retired wrongly"]
    if kind == "rules":
        assert (ours["precision"] or 0) >= 0.99
        assert (ours["recall"] or 0) >= 0.99
        assert ours["retired_wrongly"] == 0
        assert ours["exits_true"] == ours["exits_walked_and_known"] == 1.0
    if kind == "given":
        assert (ours["precision"] or 0) >= (0.99 if name == "hunt" else 0.98)


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_at_most_one_given_place_is_retired_wrongly(shared: Path) -> None:
    report = Report()
    for name in ("hunt", "cook", "clean"):
        turns = read_turns(shared / "published-runs" / f"{name}.jsonl")
        measure(shared / "games" / f"{name}.z8", turns, "given", report)
    assert report.count["left"] > 100
    assert report.count["retired wrongly"] <= 1
