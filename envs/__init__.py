"""Text worlds: adapters to the environment contract, and makers of games. They know nothing of memory or minds."""

if __name__ == "envs":
    raise ImportError("import ariadne.envs, not envs: under its bare name every class would exist twice")

from ariadne.envs.contract import check_environment
from ariadne.envs.express.adapter import TextWorldExpress
from ariadne.envs.express.games import make_express
from ariadne.envs.makers.cleaning import make_cleaning
from ariadne.envs.makers.coin_collector import make_coin_collector
from ariadne.envs.makers.cooking import make_cooking
from ariadne.envs.makers.paper_hunt import make_treasure_hunt
from ariadne.envs.makers.textworld_hunter import make_treasure_hunter
from ariadne.envs.tasks import Task, load_task
from ariadne.envs.text_world.adapter import TextWorld

__all__ = [
    "Task",
    "TextWorld",
    "TextWorldExpress",
    "check_environment",
    "load_task",
    "make_cleaning",
    "make_coin_collector",
    "make_cooking",
    "make_express",
    "make_treasure_hunt",
    "make_treasure_hunter",
]
