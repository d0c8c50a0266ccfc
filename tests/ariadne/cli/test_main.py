"""The command line as its user meets it: real processes, real games, real signals."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ariadne.envs import make_cooking, make_treasure_hunt
from ariadne.memory import AriGraph, HashEmbedder, Triplet
from ariadne.memory.embedders.onnx import OnnxEmbedder
from ariadne.runs.record import STEP, RunRecord, read_record, read_steps
from ariadne.runs.settings import DEFAULT_CONTEXT
from ariadne.tokens import count
from tests.command import ariadne

ARIADNE = (sys.executable, "-m", "ariadne")


def in_a_process(*args: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [*ARIADNE, *map(str, args)]
    environment = {**os.environ, **more}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment, timeout=300)


@pytest.fixture(scope="module")
def played(hunt: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("played")
    OnnxEmbedder().prepare()  # the first process ever announces this
    return folder, ariadne("play", hunt, "--json", "--run", "run", cwd=folder)


def test_json_prints_one_object_and_nothing_else(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = played
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert (data["won"], data["score"], data["max_score"], data["run"]) == (True, 7, 7, "run")
    assert {"game", "steps", "commands", "seconds", "model_calls", "prompt_tokens", "completion_tokens"} <= set(data)
    assert data["model_calls"] == 0


def test_a_run_is_saved_with_its_memory(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = played
    data = json.loads(done.stdout)
    record = RunRecord.model_validate_json((folder / "run" / "run.json").read_bytes())
    assert record.state == "finished"
    assert record.outcome
    assert record.outcome.won
    steps = [STEP.validate_json(line) for line in (folder / "run" / "steps.jsonl").read_bytes().splitlines()]
    assert len(steps) == data["steps"] + 1
    assert sum(len(step.decision.commands) for step in steps) == data["commands"]
    assert (folder / "run" / "memory.db").stat().st_size > 10_000
    assert sorted(path.name for path in (folder / "run").iterdir()) == ["memory.db", "run.json", "steps.jsonl"]


def test_the_same_game_and_seed_give_the_same_steps_to_the_byte(
    hunt: Path, played: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    again = in_a_process("play", hunt, "--json", "--run", "again", "--steps", 9, cwd=tmp_path, PYTHONHASHSEED="99")
    assert again.returncode == 0
    first = (played[0] / "run" / "steps.jsonl").read_bytes().splitlines()
    assert (tmp_path / "again" / "steps.jsonl").read_bytes().splitlines()[:9] == first[:9]


def test_output_to_a_pipe_is_one_line_a_step_and_a_summary(hunt: Path, tmp_path: Path) -> None:
    done = ariadne("play", hunt, "--steps", 3, cwd=tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("goal: ")
    assert [line.split()[0] for line in lines[1:5]] == ["1", "2", "3", "4"]
    assert lines[-2].startswith("not won: ")
    assert lines[-2].endswith(" ms per decision (agent only)")
    assert lines[-1].startswith("saved in runs/treasure-hunt-easy-1-")
    assert "\x1b" not in done.stdout


def test_a_terminal_shows_a_live_picture_of_room_plan_and_facts(hunt: Path, tmp_path: Path) -> None:
    shown = _in_a_terminal([*ARIADNE, "play", str(hunt), "--steps", "5"], tmp_path)
    for part in ("score", "Plan", "Facts added and retired", "saved in"):
        assert part in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.z8"], "none.z8: this game does not exist; make one with `ariadne make`"),
        (["text.z8"], "not a TextWorld game"),
        (["alone.z8"], "its description alone.json should lie beside it"),
        (["{hunt}", "--task", "tasks.json:lost"], "no task 'lost'"),
        (["{hunt}", "--task", "none.json:x"], "no tasks can be read"),
        (["{hunt}", "--run", "taken"], "exists; name another folder"),
        (["{hunt}", "--run", "text.z8"], "text.z8 is a file, not a folder; name another"),
        (["{hunt}", "--run", "text.z8/run"], "the run's folder cannot be created"),
    ],
)
def test_a_failure_prints_one_line_ends_with_status_1_and_leaves_nothing(
    arguments: list[str], message: str, hunt: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.z8").write_text("no game " * 100)
    shutil.copy(hunt, tmp_path / "alone.z8")
    (tmp_path / "tasks.json").write_text('{"find": {"game": "g.z8"}}')
    (tmp_path / "taken").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = ariadne("play", *(argument.format(hunt=hunt) for argument in arguments), "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root writes everywhere")
def test_a_read_only_folder_is_reported(hunt: Path, tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    tmp_path.chmod(0o555)
    shut.chmod(0o555)
    command = [*ARIADNE, "play", str(hunt), "--run", str(shut / "run")]
    if os.geteuid() == 0:  # root writes everywhere, but for its capability to
        command = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    tmp_path.chmod(0o755)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the run's folder cannot be created (Permission denied)" in done.stderr


def test_wrong_usage_ends_with_status_2(tmp_path: Path) -> None:
    assert ariadne("play", "--steps", 0, cwd=tmp_path).returncode == 2
    assert ariadne("play", "--memory", "elephant", cwd=tmp_path).returncode == 2
    assert ariadne("dance", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("tokens", [0, -400, "all"])
def test_a_wrong_token_budget_is_wrong_usage(tokens: object, hunt: Path, tmp_path: Path) -> None:
    done = ariadne("play", hunt, "--context", tokens, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '--context': {tokens}" in done.stderr.replace("'all'", "all")
    assert list(tmp_path.iterdir()) == []


def test_a_token_budget_is_kept_and_saved_and_help_shows_the_default(
    hunt: Path, played: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = ariadne("play", hunt, "--context", 150, "--steps", 10, "--json", "--run", "run", cwd=tmp_path)
    assert done.returncode == 0
    assert read_record(tmp_path / "run").settings.context == 150
    sizes = [count(step.recall.text) for step in read_steps(tmp_path / "run")]
    assert 100 < max(sizes) <= 150
    assert read_record(played[0] / "run").settings.context == DEFAULT_CONTEXT
    assert f"[default: {DEFAULT_CONTEXT}]" in " ".join(ariadne("play", "--help", cwd=tmp_path).stdout.split())


def test_ctrl_c_keeps_the_run_so_far_and_marks_it_interrupted(hunt: Path, tmp_path: Path) -> None:
    command = [*ARIADNE, "play", str(hunt), "--run", "run", "--memory", "none", "--steps", "100000"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    while not process.stdout.readline().lstrip().startswith("5 "):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, data = process.communicate(timeout=60)
    assert (process.returncode, data.count("\n")) == (1, 1)
    assert data == "ariadne: interrupted; continue with: ariadne play --resume run\n"
    record = RunRecord.model_validate_json((tmp_path / "run" / "run.json").read_bytes())
    assert record.state == "interrupted"
    steps = (tmp_path / "run" / "steps.jsonl").read_bytes().splitlines()
    assert record.outcome
    assert len(steps) == record.outcome.steps >= 5
    assert [STEP.validate_json(line).number for line in steps] == list(range(1, len(steps) + 1))


@pytest.mark.sample
def test_a_closed_output_leaves_an_interrupted_run(hunt: Path, tmp_path: Path) -> None:
    command = [*ARIADNE, "play", str(hunt), "--run", "run", "--memory", "none", "--steps", "400"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    data = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert "Traceback" not in data
    assert RunRecord.model_validate_json((tmp_path / "run" / "run.json").read_bytes()).state in (
        "interrupted",
        "failed",
    )


@pytest.mark.sample
def test_output_that_cannot_be_written_gets_one_line(hunt: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*ARIADNE, "play", str(hunt), "--run", "run", "--steps", "3"]
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_make_writes_the_game_that_the_library_makes(tmp_path: Path) -> None:
    done = ariadne("make", "treasure-hunt", "--seed", 1, "-o", "mine.z8", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "mine.z8\n")
    assert (tmp_path / "mine.z8").read_bytes() == make_treasure_hunt("easy", 1).read_bytes()
    again = ariadne("make", "treasure-hunt", "--seed", 1, "-o", "mine.z8", cwd=tmp_path)
    assert again.returncode == 1
    assert "exists" in again.stderr


def test_make_cooking_knows_every_level(tmp_path: Path) -> None:
    done = ariadne("make", "cooking", "--level", 1, "-o", "mine.z8", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "mine.z8\n")
    assert (tmp_path / "mine.z8").read_bytes() == make_cooking("1", 1).read_bytes()
    assert ariadne("make", "cooking", "--level", "11", cwd=tmp_path).returncode == 2


MEASURED = {
    "game", "memory", "turns", "precision", "direct", "recall", "exits_true", "exits_walked_and_known", "places_left",
    "retired_wrongly", "claims_not_judged", "sentences", "sentences_read", "sentences_silent", "sentences_unread",
}  # fmt: skip


@pytest.mark.sample
def test_bench_truth_measures_a_random_walk(hunt: Path, tmp_path: Path) -> None:
    done = ariadne("bench", "truth", hunt, "--moves", 40, "--json", "--unread", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    data = json.loads(done.stdout)
    assert set(data) == {*MEASURED, "unread"}
    assert (data["game"], data["memory"], data["turns"]) == (str(hunt), "rules", 40)
    assert (data["precision"], data["retired_wrongly"], data["unread"]) == (1.0, 0, {})
    command = ("bench", "truth", hunt, "--moves", 40, "--json", "--unread")
    again = in_a_process(*command, cwd=tmp_path, PYTHONHASHSEED="99")
    assert again.stdout == done.stdout


@pytest.mark.parametrize("kind", ["record", "rules", "given"])
def test_bench_truth_judges_a_runs_folder(
    kind: str, hunt: Path, played: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    done = ariadne("bench", "truth", hunt, "run", "--memory", kind, "--json", cwd=played[0])
    data = json.loads(done.stdout)
    assert set(data) == MEASURED
    assert (data["memory"], data["precision"], data["retired_wrongly"]) == (kind, 1.0, 0)
    assert data["turns"] == json.loads(played[1].stdout)["steps"] + 1


def test_bench_truth_prints_a_line_for_each_thing_measured(
    hunt: Path, played: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    lines = ariadne("bench", "truth", hunt, "run", "--memory", "record", cwd=played[0]).stdout.splitlines()
    assert lines[0].endswith("run; memory: record")
    assert len(lines) == len(MEASURED) - 1
    assert lines[2].startswith("precision                    1.0   share of its places")
    assert any(line.startswith("sentences read                 -") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.z8"], "none.z8"),
        (["text.z8"], "text.z8"),
        (["{hunt}", "none.jsonl"], "none.jsonl: the record cannot be read"),
        (["{hunt}", "text.z8"], "text.z8: not a record of a run: line 1 is not JSON"),
        (["{hunt}", "."], ". is not a saved run (it has no run.json)"),
    ],
)
def test_a_failed_measurement_prints_one_line_and_ends_with_status_1(
    arguments: list[str], message: str, hunt: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.z8").write_text("no game " * 100)
    done = ariadne("bench", "truth", *(argument.format(hunt=hunt) for argument in arguments), "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr


def test_play_without_a_game_makes_a_small_hunt_and_wins_it(tmp_path: Path) -> None:
    done = ariadne("play", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["won"]


def test_help_and_version_need_no_extra_and_show_only_what_works(tmp_path: Path) -> None:
    assert "play" in in_a_process("--help", cwd=tmp_path).stdout
    assert "0.1.0" in ariadne("--version", cwd=tmp_path).stdout


def test_a_command_of_the_memory_imports_nothing_of_games() -> None:
    code = "import sys; from ariadne.cli.main import main; main(['memory', '--help'], standalone_mode=False)"
    code += "; print('loaded:', *sorted(name for name in sys.modules if name.startswith('ariadne.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.partition("loaded: ")[2].split()
    assert "ariadne.cli.memory" in loaded
    others = ("ariadne.envs", "ariadne.planners", "ariadne.runs", "ariadne.bench", "ariadne.ui")
    assert [name for name in loaded if name.startswith(others)] == []


def _in_a_terminal(command: list[str], folder: Path) -> str:
    """What a program prints to a terminal of 120 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    with subprocess.Popen(command, cwd=folder, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = bytearray()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux's end of a terminal
                break
            shown += piece
            if not piece:
                break
        os.close(ours)
    assert process.returncode == 0
    return shown.decode(errors="replace")


def test_a_file_of_another_embedder_gives_one_warning_that_names_reembed(tmp_path: Path) -> None:
    OnnxEmbedder().prepare()
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        memory.remember("x", triplets=[Triplet("key", "is in", "box")])
    done = ariadne("memory", "recall", "a.db", "where is the key?", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("ariadne: a.db lacks the vectors of 2 facts and episodes by")
    assert "ariadne memory reembed" in done.stderr
    assert "- key is in box" in done.stdout
    assert ariadne("memory", "reembed", "a.db", cwd=tmp_path).returncode == 0
    again = ariadne("memory", "recall", "a.db", "where is the key?", cwd=tmp_path)
    assert (again.returncode, again.stderr, again.stdout) == (0, "", done.stdout)


def test_help_lists_each_command_in_one_whole_line_and_options_below_headings(tmp_path: Path) -> None:
    for group in ((), ("make",), ("memory",), ("runs",)):
        lines = ariadne(*group, "--help", cwd=tmp_path).stdout.partition("Commands:\n")[2].splitlines()
        assert lines
        assert [line for line in lines if line.endswith("...") or len(line.split()) < 3] == []
    text = ariadne("play", "--help", cwd=tmp_path).stdout
    headings = ["Game:", "Agent and memory:", "Output:", "Language model (with --mind llm):", "Limits:"]
    assert [line for line in text.splitlines() if line in headings] == headings
