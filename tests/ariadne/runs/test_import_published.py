"""Published records as runs: won in their games, true to what these answer, and to what the agent thought."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from ariadne import assembly
from ariadne.envs import make_treasure_hunt
from ariadne.errors import RunError
from ariadne.memory.ontology.names import identity_of
from ariadne.runs.import_published import import_run
from ariadne.runs.record import MEMORY, Run
from ariadne.runs.session import resume_game
from ariadne.runs.trajectories import read_turns
from ariadne.runs.verify import verify
from ariadne.values import Query, Triplet
from tests.command import ariadne

STEP = re.compile(r"(?i)step\W*(\d+)")


@pytest.mark.parametrize(
    ("name", "points", "attempt"),
    [
        ("hunt", 7, 1),
        pytest.param("cook", 11, 1, marks=pytest.mark.sample),
        pytest.param("clean", 0, 1, marks=pytest.mark.sample),
        *(
            pytest.param(name, points, attempt, marks=pytest.mark.soak)
            for name, points in (("hunt", 7), ("cook", 11), ("clean", 0))
            for attempt in (2, 3)
        ),
    ],
)
def test_an_imported_run_is_won_and_verified_in_its_game(
    name: str, points: int, attempt: int, shared: Path, tmp_path: Path
) -> None:
    record, game = shared / "published-runs" / f"{name}.jsonl", shared / "games" / f"{name}.z8"
    done, other = import_run(record, game, attempt, folder=tmp_path / "run")
    assert done.record.outcome
    assert (done.record.outcome.score, done.record.outcome.won) == (points, points > 0)
    assert len(other) < 5 or name == "clean"  # its records are of a copy with other words for rooms
    turns = [turn for turn in read_turns(record) if turn.attempt == attempt]
    with Run.open(tmp_path / "run") as run:
        assert verify(run) is None
        assert len(run.steps) == len(turns) + 1
        for turn, step in zip(turns, run.steps, strict=False):
            assert (step.decision.action, step.decision.reason) == (turn.action_text, turn.reason)
            assert {tuple(one) for one in turn.triplets} <= {
                (t.subject, t.relation, t.object) for t in step.update.reading.triplets
            }
            recalled = {tuple(map(identity_of, one)) for one in turn.subgraph}
            assert {tuple(map(identity_of, (f.subject, f.relation, f.object))) for f in step.recall.facts} == recalled
            episode = step.update.episode.id
            assert not any(fact.retired_in and fact.retired_in > episode for fact in step.recall.facts)
            numbers = [int(found[1]) for text in turn.episodic if (found := STEP.search(text))]
            assert [one.at for one in step.recall.episodes] == numbers
            assert len(step.plan.subgoals) == min(len(turn.plan["plan_steps"]), 10)
            assert len(step.queries) == len(turn.crucial_items)


def test_a_record_with_paths_unread_replies_and_turns_after_the_end_becomes_a_run(hunt: Path, tmp_path: Path) -> None:
    """The commands of a run in the form of a published record become a run again."""
    from ariadne.runs.session import play_game
    from ariadne.runs.settings import RunSettings

    play_game(RunSettings(game=hunt), folder=tmp_path / "played")
    with Run.open(tmp_path / "played") as run:
        steps = run.steps[:-1]
        turns = [
            {
                "observation": step.observation.text, "inventory": step.observation.inventory or "",
                "crucial_items": {"key": 1.5}, "triplets": [["a", "is", "b"], ["odd", "one"]], "outdated": [],
                "subgraph": [["a", "is", "b"], ["a", "was", "c"]], "episodic": [f"Step: {step.number}"],
                "plan": "none", "action": {"action_to_take": step.decision.action, "reason_for_action": "so"},
            }
            for step in steps
        ]  # fmt: skip
    turns.insert(0, {**turns[0], "action": "I would rather not say."})
    turns[4] = {**turns[4], "observation": "Psst."}
    turns.append({**turns[-1], "action": {"action_to_take": "look"}})
    file = tmp_path / "record.jsonl"
    file.write_text("\n".join(map(json.dumps, turns)))
    done, other = import_run(file, hunt, folder=tmp_path / "run")
    assert done.record.outcome
    assert (done.record.outcome.won, done.record.outcome.steps) == (True, len(turns) - 1)
    assert other == [5]
    with Run.open(tmp_path / "run") as run:
        first, second = run.steps[0], run.steps[1]
        assert (first.decision.action, first.decision.reason) == ("look", "I would rather not say.")
        assert second.queries == (Query("key", 2),)
        assert [fact.triplet for fact in second.recall.facts] == [Triplet("a", "is", "b"), Triplet("a", "was", "c")]
        assert [episode.text for episode in second.recall.episodes] == [first.observation.transcript]
        assert any(len(step.decision.commands) > 1 for step in run.steps)
        assert verify(run) is None
        with pytest.raises(RunError, match=r"a run of the mind .imported. cannot be continued"):
            resume_game(run.folder, lambda *_: None)
        held = run.memory(at=9).facts()  # type: ignore[attr-defined]
        with closing(assembly.memory("arigraph", extractor=run.extractor)) as memory:
            assert any(step.recall.facts for step in run.rerun_with_memory(memory))
            assert memory.at(run.steps[8].update.episode.id).facts() == held  # type: ignore[attr-defined]
    for part in (tmp_path / "run").glob(f"{MEMORY}*"):
        part.unlink()
    with Run.open(tmp_path / "run") as run:
        assert run.memory(at=9).facts() == held  # type: ignore[attr-defined]


def test_a_file_of_several_attempts_needs_the_number_of_one(hunt: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text('{"attempt": 1, "action": {}}\n{"attempt": 4, "action": {}}\n')
    with pytest.raises(RunError, match=r"record\.jsonl: it has several attempts; name one of: 1, 4"):
        import_run(file, hunt)
    with pytest.raises(RunError, match=r"record\.jsonl: it has no attempt 2; name one of: 1, 4"):
        import_run(file, hunt, 2)
    with pytest.raises(RunError, match="a folder; name the file of a published record"):
        import_run(tmp_path, hunt)
    file.write_text("")
    with pytest.raises(RunError, match=r"the file has no turns"):
        import_run(file, hunt)


def test_the_command_reports_where_record_and_game_differ(hunt: Path, tmp_path: Path) -> None:
    other = make_treasure_hunt("easy", 2)
    (tmp_path / "record.jsonl").write_text('{"observation": "A hall.", "action": {"action_to_take": "look"}}\n')
    command = ("runs", "import", "record.jsonl", "--game", other)
    done = ariadne(*command, cwd=tmp_path)
    assert done.stdout.startswith("0 of 7 points in 1 step; saved in runs/record-1-")
    assert done.stderr == "at 1 step the game answers in other words than the record: 1\n"
    done = ariadne(*command, "--json", "--run", "x", cwd=tmp_path)
    assert json.loads(done.stdout)["other_words"] == [1]
