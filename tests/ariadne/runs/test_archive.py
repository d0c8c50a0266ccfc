"""Runs that are kept: listed, chosen, packed and unpacked, thrown away; as a table, as a plot, by a schema."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from ariadne.errors import RunError
from ariadne.memory import AriGraph
from ariadne.runs.archive import RunFilter, delete_run, pack, saved_runs, unpack
from ariadne.runs.record import FORMAT, MEMORY, RECORD, STEPS, Outcome, Run, schema
from ariadne.runs.recorder import Recording
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from ariadne.values import Triplet
from tests.command import ariadne

STATES = {"a-won": "won", "b-spent": "finished", "c-killed": "killed"}
PAGE = Path(__file__).resolve().parents[3] / "runs"


@pytest.fixture(scope="module")
def kept(hunt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three runs: won, spent, and killed."""
    folder = tmp_path_factory.mktemp("kept")
    play_game(RunSettings(game=hunt), folder=folder / "a-won")
    play_game(RunSettings(game=hunt, steps=5, memory="none"), folder=folder / "b-spent")
    shutil.copytree(folder / "b-spent", folder / "c-killed")
    record = json.loads((folder / "c-killed" / RECORD).read_text())
    (folder / "c-killed" / RECORD).write_text(json.dumps(record | {"state": "running", "outcome": None}))
    return folder


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "runs")


def ran(folder: Path, *arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
    return ariadne("runs", *arguments, cwd=folder, given=answer)


# -- lists -------------------------------------------------------------------------------------------------------------


def test_runs_are_listed_with_their_outcome_and_filtered(copy: Path) -> None:
    lines = ran(copy.parent).stdout.splitlines()
    assert lines[0].split() == "run game mind memory state score steps tokens cost started size".split()
    assert [line.split()[4:9] for line in lines[1:]] == [
        ["won", "7/7", "27", "0", "0.00"],
        ["finished", "1/7", "5", "0", "0.00"],
        ["killed", "1/7", "6", "-", "-"],
    ]
    for choice, names in (
        (["--won"], ["a-won"]),
        (["--not-won"], ["b-spent", "c-killed"]),
        (["--memory", "none", "--mind", "rules", "--game", "treasure-hunt"], ["b-spent", "c-killed"]),
        (["--game", "cooking"], []),
        (["runs/b-spent", "runs/a-won"], ["a-won", "b-spent"]),
        (["--since", "2020-01-01", "--before", "2020-02-01T10:00+02:00"], []),
        (["--since", "2020-01-01"], ["a-won", "b-spent", "c-killed"]),
    ):
        listed = json.loads(ran(copy.parent, *choice, "--json").stdout)["runs"]
        assert [Path(run["run"]).name for run in listed] == names
        assert [run["state"] for run in listed] == [STATES[name] for name in names]
    assert ran(copy.parent, "list", "--game", "cooking").stderr == "no runs match these options in runs\n"


def test_a_list_without_any_runs_names_the_command_that_makes_one(tmp_path: Path) -> None:
    done = ran(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no runs yet; `ariadne play` makes one\n")
    assert json.loads(ran(tmp_path, "--json").stdout) == {"runs": []}


def test_one_run_that_cannot_be_read_does_not_hide_the_others(copy: Path) -> None:
    (copy / "b-spent" / RECORD).write_text("{")
    done = ran(copy.parent)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert len(ran(copy.parent, "runs/a-won", "runs", "runs/a-won/.").stdout.splitlines()) == 3
    assert f"{Path('runs') / 'b-spent' / RECORD}: not the record of a run" in done.stderr
    (copy / "a-won" / STEPS).write_bytes(b"no step\n")
    shutil.copytree(copy / "c-killed", copy / "d")
    record = json.loads((copy / "d" / RECORD).read_text())
    (copy / "d" / RECORD).write_text(json.dumps(record | {"started": "2026-01-01T00:00:00"}))
    shutil.copytree(copy / "c-killed", copy / "e")
    (copy / "e" / STEPS).unlink()
    (copy / "e" / STEPS).mkdir()
    done = ran(copy.parent)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert "d/run.json: not the record of a run: started:" in done.stderr
    for arguments in (("--csv", "x.csv"), ("--plot", "x.svg")):
        done = ran(copy.parent, *arguments)
        assert done.returncode == 0
        assert "line 1 is not a step" in done.stderr
    table = csv.DictReader(io.StringIO((copy.parent / "x.csv").read_text()))
    assert {row["run"] for row in table} == {"runs/c-killed"}
    done = ran(copy.parent, "nowhere")
    assert (done.returncode, done.stderr) == (
        1,
        "ariadne: nowhere: not a folder; name the folder of a run, or one that has runs in it\n",
    )
    for date in ("yesterday", "0001-01-01"):
        assert ran(copy.parent, "--before", date).returncode == 2
    assert ran(copy.parent, "runs/e", "--csv", "x.csv").returncode == 1


def test_runs_are_filtered_by_their_start(kept: Path) -> None:
    runs, wrong = saved_runs([kept])
    assert not wrong
    now = datetime.now(UTC)
    for wanted, number in (
        (RunFilter(before=now), 3),
        (RunFilter(since=now + timedelta(days=1)), 0),
        (RunFilter(won=True), 1),
    ):
        assert sum(run in wanted for run in runs) == number


# -- tables and plots --------------------------------------------------------------------------------------------------


def test_all_steps_are_written_as_a_table(kept: Path) -> None:
    table = list(csv.DictReader(io.StringIO(ran(kept, ".", "--won", "--csv", "-").stdout)))
    with Run.open(kept / "a-won") as run:
        assert [row["action"] for row in table] == [step.decision.action for step in run.steps]
        by_goal = {fact.triplet for fact in run.memory(at=1).at(1).facts()}  # type: ignore[attr-defined]
        rooms = ""
        for row, step in zip(table, run.steps, strict=True):
            seen, update, recall = step.observation, step.update, step.recall
            rooms = seen.room or rooms
            known = {fact.triplet for fact in run.memory(at=step.number).facts()}  # type: ignore[attr-defined]
            stated = {fact.triplet for before in run.steps[: step.number] for fact in before.update.restated}
            assert row == {
                "run": "a-won", "game": Path(run.record.settings.game).name, "mind": "rules", "memory": "arigraph",
                "step": str(step.number), "room": rooms, "score": str(seen.score), "max_score": "7",
                "learned": str(len(update.added)), "restated": str(len(update.restated)),
                "retired": str(len(update.retired)), "facts": str(len(known - (by_goal - stated))),
                "recalled_facts": str(len(recall.facts)), "recalled_episodes": str(len(recall.episodes)),
                "action": step.decision.action, "commands": "; ".join(step.decision.commands),
                "reason": step.decision.reason,
                "model_calls": "0", "prompt_tokens": "0", "completion_tokens": "0", "cost": "0",
            }  # fmt: skip


def test_score_and_graph_are_drawn_the_same_each_time(copy: Path) -> None:
    for name in ("x.svg", "y.svg"):
        done = ran(copy.parent, "--plot", name)
        assert (done.returncode, done.stdout) == (0, f"{name}\n")
    drawn = (copy.parent / "x.svg").read_text()
    assert drawn == (copy.parent / "y.svg").read_text()
    words = {text for node in ElementTree.fromstring(drawn).iter() for text in [node.text or ""]}
    assert {"score", "current facts", "step"} <= words
    assert {"a-won", "b-spent", "c-killed"} <= {word.strip() for word in words}
    (copy.parent / "other").mkdir()
    shutil.copytree(copy / "a-won", copy.parent / "other" / "a-won")
    for kind in ("pdf", "PNG"):
        first, second = (copy.parent / f"{name}.{kind}" for name in "xy")
        for file in (first, second):
            assert ran(copy.parent, "runs", "other", "--plot", file.name, "--csv", "x.csv").returncode == 0
        assert first.read_bytes() == second.read_bytes()
    rows = list(csv.DictReader(io.StringIO((copy.parent / "x.csv").read_text())))
    assert {row["run"] for row in rows} == {"runs/a-won", "runs/b-spent", "runs/c-killed", "other/a-won"}
    assert "the plot cannot be written" in ran(copy.parent, "--plot", "gone/x.svg").stderr
    assert "the name of a plot must end in" in ran(copy.parent, "--plot", "x.nothing").stderr


# -- packed ------------------------------------------------------------------------------------------------------------


def test_a_packed_run_is_the_same_run_when_unpacked(copy: Path) -> None:
    for name in ("a-won", "b-spent", "c-killed"):
        done = ran(copy.parent, "pack", f"runs/{name}")
        assert (done.returncode, done.stdout) == (0, f"{name}.zip\n")
        assert unpack(copy.parent / f"{name}.zip", copy / f"{name}-2") == copy / f"{name}-2"
        for file in (RECORD, STEPS):
            assert (copy / name / file).read_bytes() == (copy / f"{name}-2" / file).read_bytes()
    assert sorted(file.name for file in copy.parent.iterdir()) == ["a-won.zip", "b-spent.zip", "c-killed.zip", "runs"]
    with Run.open(copy / "a-won") as run, Run.open(copy / "a-won-2") as other:
        assert run.memory().facts() == other.memory().facts()  # type: ignore[attr-defined]
    assert not (copy / "b-spent-2" / MEMORY).exists()
    again = ran(copy.parent, "unpack", "a-won.zip")
    assert (again.returncode, again.stderr) == (
        1, "ariadne: runs/a-won: exists; name another folder with --run, or delete this one\n"
    )  # fmt: skip
    assert "exists; name another file" in ran(copy.parent, "pack", "runs/a-won").stderr


def test_a_memory_is_packed_completely_while_another_process_reads_it(copy: Path) -> None:
    with AriGraph.open(copy / "a-won" / MEMORY, embedder=None) as memory:
        memory.remember("The cat is in the hat.", triplets=[Triplet("cat", "is in", "hat")])
        assert (copy / "a-won" / f"{MEMORY}-wal").exists()
        pack(copy / "a-won", copy.parent / "a.zip")
    unpack(copy.parent / "a.zip", copy / "other")
    with AriGraph.open(copy / "other" / MEMORY, embedder=None) as memory:
        assert memory.facts("cat")
    with zipfile.ZipFile(copy.parent / "flat.zip", "w") as flat:
        for name in (RECORD, STEPS):
            flat.writestr(name, (copy / "a-won" / name).read_text())
    with pytest.raises(RunError, match="not a packed run"):
        unpack(copy.parent / "flat.zip")
    (copy / "a-won" / MEMORY).write_bytes(b"no memory")
    with pytest.raises(RunError, match="cannot be copied"):
        pack(copy / "a-won", copy.parent / "b.zip")
    assert not (copy.parent / "b.zip").exists()


def test_a_file_that_is_not_a_packed_run_leaves_nothing_behind(copy: Path) -> None:
    packed = pack(copy / "a-won", copy.parent / "a.zip")
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RunError, match=r"a\.zip: not a packed run, or damaged"):
        unpack(packed, copy / "new")
    packed.write_bytes(whole[:3000] + bytes([whole[3000] ^ 255]) + whole[3001:])
    with pytest.raises(RunError, match=r"a\.zip: (not a packed run, or damaged|cannot be unpacked)"):
        unpack(packed, copy / "new")
    for members in ({"x/run.json": "{}"}, {"../run.json": "{}", "../steps.jsonl": "", "../evil": ""}, {}):
        with zipfile.ZipFile(packed, "w") as made:
            for name, text in members.items():
                made.writestr(name, text)
        with pytest.raises(RunError, match=r"a\.zip: not a packed run"):
            unpack(packed, copy / "new")
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("x/run.json", "{}")
        made.writestr("x/steps.jsonl", "")
    with pytest.raises(RunError, match="not the record of a run"):
        unpack(packed, copy / "new")
    with pytest.raises(RunError, match="cannot be unpacked"):
        unpack(copy.parent / "gone.zip")
    with pytest.raises(RunError, match="cannot be written"):
        pack(copy / "a-won", copy / "gone" / "a.zip")
    assert sorted(at.name for at in copy.iterdir()) == ["a-won", "b-spent", "c-killed"]


# -- thrown away -------------------------------------------------------------------------------------------------------


def test_prune_confirms_and_deletes_the_chosen_runs(copy: Path) -> None:
    assert ran(copy.parent, "prune").returncode == 2
    done = ran(copy.parent, "prune", "--not-won", "--dry-run")
    assert done.stdout.splitlines()[-1].startswith("would delete 2 runs, ")
    done = ran(copy.parent, "prune", "--not-won", answer="y\n")
    assert (done.returncode, done.stderr) == (1, "ariadne: nothing was deleted: no terminal to confirm at; add --yes\n")
    before = [step.recall for step in Run.open(copy / "a-won").steps]
    done = ran(copy.parent, "prune", "--won", "--memory-only", "--yes")
    assert done.stdout.splitlines()[-1].startswith("deleted the memories of 1 run, ")
    assert not list((copy / "a-won").glob(f"{MEMORY}*"))
    with Run.open(copy / "a-won") as run:
        assert [step.recall for step in run.steps] == before
        assert run.memory(at=3).recall("key").facts
    done = ran(copy.parent, "prune", "--not-won", "--yes")
    assert (done.returncode, sorted(at.name for at in copy.iterdir())) == (0, ["a-won"])
    assert ran(copy.parent, "prune", "--not-won").stderr == "nothing to delete\n"


def test_foreign_files_are_kept_when_a_run_is_deleted(copy: Path) -> None:
    (copy / "b-spent" / "notes.txt").write_text("mine")
    (copy / "b-spent" / f"{MEMORY}.mine").write_text("mine")
    for ours in ("before-resume-1.db", "before-resume-1.db-wal", "run.json.part"):
        (copy / "b-spent" / ours).write_text("")
    (copy / "link").symlink_to(copy / "c-killed")
    assert ran(copy / "a-won", "pack", ".").stdout == "../a-won.zip\n"
    assert ran(copy.parent, "prune", "--all", "--yes").returncode == 0
    assert sorted(at.name for at in copy.iterdir()) == ["a-won.zip", "b-spent"]
    assert sorted(at.name for at in (copy / "b-spent").iterdir()) == [f"{MEMORY}.mine", "notes.txt"]


def test_the_memory_of_a_read_only_run_is_rebuilt(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run.open(copy / "a-won") as run:
        known = run.memory(at=9).facts()  # type: ignore[attr-defined]
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    before = (copy / "a-won" / MEMORY).stat()
    with Run.open(copy / "a-won") as run:
        assert run.memory(at=9).facts() == known  # type: ignore[attr-defined]
    assert (copy / "a-won" / MEMORY).stat() == before


def test_a_running_run_is_neither_packed_nor_deleted(copy: Path) -> None:
    played = Recording.resume(copy / "c-killed")
    try:
        for refused in (lambda: pack(copy / "c-killed", copy / "c.zip"), lambda: delete_run(copy / "c-killed")):
            with pytest.raises(RunError, match="another process is playing this run"):
                refused()
        assert ran(copy.parent, "prune", "--all", "--yes").returncode == 0
        assert [at.name for at in copy.iterdir()] == ["c-killed"]
    finally:
        played.close("interrupted", Outcome(score=played.past[-1].observation.score))


# -- the format --------------------------------------------------------------------------------------------------------


def test_the_published_schema_is_current_and_runs_fit_it(kept: Path) -> None:
    schemas = json.loads((PAGE / "schema.json").read_text())
    assert schemas == schema() == json.loads(ran(kept, "schema").stdout)
    for name, one_schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(one_schema)
        valid = jsonschema.Draft202012Validator(one_schema)
        for folder in kept.iterdir():
            for line in [(folder / name).read_text()] if name == RECORD else (folder / name).read_text().splitlines():
                valid.validate(json.loads(line))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"number": 1}, schemas[STEPS])


@pytest.mark.parametrize(("number", "origin"), [(FORMAT + 1, "of a newer version"), (1, "of an older version")])
def test_another_format_is_refused_with_its_number(number: int, origin: str, copy: Path) -> None:
    record = json.loads((copy / "a-won" / RECORD).read_text())
    (copy / "a-won" / RECORD).write_text(json.dumps({"format": number, "asked": record["settings"]}))
    with pytest.raises(RunError, match=f"format {number} is {origin}; this version reads format {FORMAT}"):
        Run.open(copy / "a-won")
