"""Make a treasure hunt, play it with the rules, and look at what the agent knew. Needs the extra [textworld]."""

import tempfile
from pathlib import Path

from ariadne.envs import make_treasure_hunt
from ariadne.runs import Run, RunSettings, play_game

with tempfile.TemporaryDirectory() as folder:
    game = make_treasure_hunt("easy", seed=1)  # kept in your cache: the same seed gives the same game
    recording = play_game(RunSettings(game=game), folder=Path(folder, "run"))
    with Run.open(recording.folder) as run:
        print("outcome:", run.record.outcome)
        print("step 5:", run.steps[4].decision.action, "|", run.steps[4].decision.reason)
        print("known after step 5:", *run.memory(at=5).facts(), sep="\n  ")
