"""The planner by rules: which sub-goals the world calls for, each with its reason and how far it has come.

A sub-goal is an imperative that a person, the selector and a later step can read. The plan is its own memory: what it
holds stays, in its wording, until the world shows it done, so that a lead outlives a recall that does not mention it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from ariadne.planners.rules.actions import Actions
from ariadne.planners.rules.beliefs import Beliefs, is_key, is_readable, is_shuttable
from ariadne.planners.rules.cooking import REASONS, WORK, Cook
from ariadne.planners.rules.goal_parsing import is_about_cooking, is_about_tidying, placed, wanted
from ariadne.planners.rules.queries import Holds
from ariadne.planners.rules.subgoals import (
    EXPLORE,
    STUCK,
    TIDY,
    Intent,
    explore_progress,
    noted,
    search_progress,
    searched,
    takes,
)
from ariadne.planners.rules.tidying import BELONGS, Embed, Placements, Tidy
from ariadne.values import Plan, SubGoal, WorkingMemory

CURIOUS = "something may be inside"
SOME_KEY = "a key opens something"
AT_HAND = "nothing is asked for, and it lies there to be taken"
PERHAPS = "nothing is asked for, and it can be taken"
_LONGEST = 10  # sub-goals in a plan
_NOTED = 4  # of them, locks that a key was tried on in vain
Called = tuple[Intent, str]
"""An intent that the world calls for, and the reason."""


@dataclass(frozen=True)
class Aim:
    """A sub-goal with its words taken apart."""

    intent: Intent
    reason: str
    progress: str = ""


class RulesPlanner:
    """Plans from WorkingMemory alone and keeps nothing."""

    def __init__(self, holds: Holds, embed: Embed | None = None) -> None:
        self._holds, self._embed = holds, embed

    def plan(self, working: WorkingMemory) -> Plan:
        """At most ten sub-goals, the next one first; exploring is always one of them."""
        world = Beliefs.of(working, self._holds)
        means = Actions.of(world, working.situation, working.situation.plan)
        cook, tidy = _cook(world, working), self._tidy(world, working, means)
        standing = [aim for aim in _aims(working.situation.plan) if not _settled(aim.intent, world)]
        standing = [aim for aim in standing if aim.reason not in (*REASONS, BELONGS)]
        once = dict[str, Aim]()
        for aim in (*standing, *(Aim(*called) for called in _called_for(world, cook, tidy, working))):
            known = once.setdefault(aim.intent.text.casefold(), aim)
            if known.reason in (CURIOUS, SOME_KEY):  # a better one may be known by now
                once[aim.intent.text.casefold()] = replace(known, reason=aim.reason)
        aims = [replace(aim, progress=_progress(aim, world, means)) for aim in once.values()]
        if tidy:
            aims.append(Aim(TIDY, "the goal asks for it", tidy.stays.words))
        later = _idle(aims, cook, goal=bool(wanted(working.situation.goal)))
        ranked = sorted(aims, key=lambda aim: _rank(aim, world, means, later))
        return Plan(tuple(SubGoal(aim.intent.text, aim.reason, aim.progress) for aim in _shortened(ranked)))

    def _tidy(self, world: Beliefs, working: WorkingMemory, means: Actions) -> Tidy | None:
        """What to judge by where things belong, where goal or hint ask for that; once all places are known."""
        if self._embed is None or not is_about_tidying(world.goal):
            return None
        before = Placements.read(noted(working.situation.plan, TIDY))
        stays = before.after(working.situation, world)
        pays = bool(working.situation.observation.max_score)
        return Tidy(world, stays, self._embed, pays=pays, ready=means.explore() is None)


def _aims(plan: Plan) -> Iterator[Aim]:
    """The sub-goals of a plan that rules can follow."""
    for goal in plan.subgoals:
        if intent := Intent.read(goal.text):
            yield Aim(intent, goal.reason, goal.progress)


def _shortened(ranked: Sequence[Aim]) -> list[Aim]:
    """At most ten, those that rank first; what the plan notes down stays: exploring, searching, what was in vain."""
    notes = [aim for aim in ranked if aim.intent.verb in ("explore", "search", "tidy")]
    notes += [aim for aim in ranked if aim.progress == STUCK and aim.intent.verb == "unlock"][-_NOTED:]
    others = [aim for aim in ranked if aim not in notes][: _LONGEST - len(notes)]
    return [aim for aim in ranked if aim in notes or aim in others]


def _cook(world: Beliefs, working: WorkingMemory) -> Cook | None:
    """The recipe to follow, where goal or hint is to cook, or where there is no goal and a recipe was found."""
    cook = Cook(world, working.situation.observation.valid_actions)
    return cook if is_about_cooking(world.goal) or (cook.ingredients and not working.situation.goal) else None


def _called_for(world: Beliefs, cook: Cook | None, tidy: Tidy | None, working: WorkingMemory) -> Iterator[Called]:
    yield from cook.steps() if cook else ()
    yield from ((bring, BELONGS) for bring in tidy.steps()) if tidy else ()
    yield from _wants(world, working.situation.goal)
    yield from _whatever(world) if not (world.goal.strip() or cook) else ()
    yield from () if cook else _prizes(world, working)
    around = (called for called in _around(world, working) if not (cook and cook.is_appliance(called[0].thing)))
    yield from (called for called in around if not tidy or called[0].verb in ("open", "unlock"))
    yield EXPLORE, "new places may hold what is missing"
    yield Intent.search(world.unassigned()), "something may have been missed"


def _around(world: Beliefs, working: WorkingMemory) -> Iterator[Called]:
    """What things themselves suggest: to read, to open, to unlock."""
    listed = working.situation.observation.valid_actions is not None
    yield from _things(world, working.reading.names, listed=listed)
    yield from _keys(world, searched(noted(working.situation.plan, Intent.search(world.unassigned()))))
    yield from _offers(world, working)


def _wants(world: Beliefs, goal: str) -> Iterator[Called]:
    """What the goal asks for: take it, or find it, and put it where it wants it."""
    for want, place in placed(goal):
        held = [thing for thing in world.named(want) if world.has(thing)] if world.is_found(place) else []
        yield from ((Intent("bring", thing, place), "the goal asks for it") for thing in held)
    for want in wanted(goal):
        names = world.named(want)
        for thing in names:
            if not world.has(thing) and not _is_placed(thing, world):
                yield world.taking(thing), "the goal asks for it"
        if not names:
            yield Intent("find", want), "the goal asks for it"


def _whatever(world: Beliefs) -> Iterator[Called]:
    """Where nobody says what is wanted: what is no furniture, a key, or to be read."""
    for thing in (thing for thing in world.things if not (world.has(thing) or is_key(thing) or is_readable(thing))):
        if world.can_be_taken(thing):
            yield world.taking(thing), AT_HAND
        elif world.map.find(world.holder(thing) or "") is None and not world.cannot(thing, "taken"):
            yield world.taking(thing), PERHAPS


def _is_placed(thing: str, world: Beliefs) -> bool:
    """Whether it lies where the goal wants it."""
    holder = (world.holder(thing) or "").casefold()
    return any(thing in world.named(want) and place.casefold() == holder for want, place in placed(world.goal))


def _prizes(world: Beliefs, working: WorkingMemory) -> Iterator[Called]:
    """What lies before us and is likely what all this is about: it was locked away, or the goal speaks of it."""
    now, valid = {name.casefold() for name in working.reading.names}, working.situation.observation.valid_actions
    for thing in (thing for thing in world.in_sight() if thing.casefold() in now and not is_key(thing)):
        named = (
            world.is_named_prize(thing)
            and not _is_placed(thing, world)
            and (valid is None or any(takes(action, thing) for action in valid))
        )
        if named or (world.is_guarded(thing) and not is_readable(thing)):
            yield world.taking(thing), "the goal speaks of it" if named else "it was locked away"


def _things(world: Beliefs, spoken_of: Sequence[str], *, listed: bool) -> Iterator[Called]:
    """What was just spoken of: keys to take, words to read, shut things to open, and what may be, where it is not
    `listed` what can be done. (Earlier ones stand in the plan.)"""
    now = {name.casefold() for name in spoken_of}
    for thing in (thing for thing in world.things if thing.casefold() in now):
        if is_key(thing) and not world.has(thing):
            yield world.taking(thing), _use_of(thing, world)
        if _may_be_written_on(thing, world) and not world.was_read(thing):
            yield Intent("read", thing), "what is written may tell where to go on"
        if world.state(thing) == "closed" or (world.state(thing) is None and is_shuttable(thing) and not listed):
            held = [key for key in world.keys(thing) if world.has(key)]
            yield Intent("open", thing), f"{held[0]}, in hand, is its key" if held else CURIOUS


def _may_be_written_on(thing: str, world: Beliefs) -> bool:
    """Whether it is called so, or lay where a key was needed and is neither key nor prize."""
    return is_readable(thing) or (world.is_guarded(thing) and not is_key(thing) and not world.is_named_prize(thing))


def _keys(world: Beliefs, done: Container[str]) -> Iterator[Called]:
    """Keys and what they are said to open, or are called as though they did; what is missing is to be found."""
    for told in world.locks:
        key, lock = world.called(told.subject), world.called(told.object)
        if world.state(lock) in ("open", "closed"):
            continue
        if world.has(key):
            yield Intent("unlock", lock, key), world.said_of(key, lock) or f"{key} opens it"
            if not world.is_found(lock):
                yield Intent("find", lock), f"{key}, in hand, opens it"
        elif world.room(key) is None:
            yield Intent("find", key), world.said_of(key, lock) or f"it opens {lock}"
    for key in world.unassigned():
        for lock, reason in () if world.opens_something(key) else world.guesses(key):
            if world.room(lock) not in done:
                yield Intent("unlock", lock, key), reason


def _offers(world: Beliefs, working: WorkingMemory) -> Iterator[Called]:
    """What the list of valid actions adds: shut things to open, locks that a key in hand fits."""
    for action in working.situation.observation.valid_actions or ():
        intent = Intent.read(action)
        if intent and intent.verb in ("open", "unlock") and not world.map.rooms_with(intent.thing):
            yield intent, CURIOUS if intent.verb == "open" and not world.keys(intent.thing) else "it can be done here"


def _settled(intent: Intent, world: Beliefs) -> bool:
    """Whether the world shows that a sub-goal is done or has lost its sense."""
    thing, state = intent.thing, world.state(intent.thing)
    match intent.verb:
        case "take":
            moved = world.holder(thing) is not None and world.taking(thing) != intent
            return world.has(thing) or moved or world.cannot(thing, "taken")
        case "read":
            return world.was_read(thing)
        case "find":
            return world.room(thing) is not None
        case "open":
            return state in ("open", "locked") or world.cannot(thing, "opened")
        case "unlock":
            return state in ("open", "closed") or world.cannot(thing, "opened") or world.misfits(intent.other, thing)
        case "search":
            return intent != Intent.search(world.unassigned())
        case _:
            return intent != EXPLORE


def _progress(aim: Aim, world: Beliefs, means: Actions) -> str:
    if aim.intent == EXPLORE:
        ends = sum(1 for _ in world.map.unexplored(world.here))
        return explore_progress(ends, means.now_barred(), world.keys_in_hand())
    if aim.intent.verb == "search":
        here = [] if next(means.trials(), None) else [world.here]
        return search_progress(list(dict.fromkeys([*searched(aim.progress), *here])))
    room = world.room(_where(aim.intent, world))
    way = world.map.path(world.here, room) if room else None
    if room is None or way is None:
        return "not seen yet" if room is None else f"in {room}, no known way there"
    if not way:
        return "here" if means.toward(aim.intent) else STUCK
    return aim.progress if aim.progress == STUCK else f"in {room}, {len(way)} room{'s' * (len(way) != 1)} away"


def _use_of(key: str, world: Beliefs) -> str:
    """Why a key should be taken."""
    if opened := world.opens_something(key):
        return f"it opens {opened}"
    return "it was locked away" if world.is_guarded(key) else SOME_KEY


def _idle(aims: Sequence[Aim], cook: Cook | None, *, goal: bool) -> set[str]:
    """The reasons that wait until the known exits are taken: curiosity while there is a lead; a key of which nothing is
    known while the goal asks for other things (some games are lost with a wrong thing in hand); work elsewhere on what
    a recipe requires while some of it is missing; things that perhaps are wanted."""
    lead = any(aim.intent.verb == "unlock" and aim.reason != CURIOUS for aim in aims)
    searching = cook is not None and cook.is_searching()
    lead |= cook is not None and not searching
    waits = ((CURIOUS, lead), (SOME_KEY, goal), (WORK, searching), (PERHAPS, True))
    return {reason for reason, idle in waits if idle}


def _where(intent: Intent, world: Beliefs) -> str:
    """What has to be near next: what is to be brought elsewhere is fetched first."""
    return intent.thing if intent.verb == "bring" and not world.has(intent.thing) else intent.where


def _rank(aim: Aim, world: Beliefs, means: Actions, later: Container[str]) -> tuple[int, int]:
    """What comes first: what can be done here, then known places by distance, then exploring, then curiosity."""
    if aim.progress == STUCK or means.toward(aim.intent, aim.progress) is None:
        return (9, 0)
    if aim.intent.verb in ("find", "explore"):
        keyed = any(map(world.has, world.keys(aim.intent.thing)))
        return (4, 0 if keyed else 2 if aim.intent == EXPLORE else 1)
    if aim.intent.verb == "search":
        return (6, 0)
    far = len(world.map.path(world.here, world.room(_where(aim.intent, world)) or world.here) or ())
    if (aim.reason in later and (far or aim.reason != WORK)) or (aim.reason == CURIOUS and far):
        return (5, far)
    return (3, far) if far else (2 if aim.reason == CURIOUS else 1, 0)
