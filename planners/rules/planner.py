"""The planner by rules: which sub-goals the beliefs call for, each with its reason and progress.

A sub-goal is an imperative that a person, the selector and a later step can read. The planner keeps things only in the
plan. A sub-goal remains in its wording until the beliefs show it done, also if no recall mentions it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ariadne.planners.rules.actions import Actions
from ariadne.planners.rules.beliefs import Beliefs, is_readable, is_shuttable
from ariadne.planners.rules.cooking import PREPARATION, REASONS, Cook
from ariadne.planners.rules.goal_parsing import is_about_tidying, wanted_places, wanted_things
from ariadne.planners.rules.subgoals import (
    EXPLORE,
    STUCK,
    TIDY,
    ParsedSubGoal,
    explore_progress,
    progress_in,
    search_progress,
    searched_rooms,
    takes,
)
from ariadne.planners.rules.tidying import BELONGS, Embed, Placements, Tidy
from ariadne.planners.working_memory import FactsInText
from ariadne.relations import CLOSED, LOCKED, OPEN, is_about_cooking, is_key
from ariadne.values import MAX_SUBGOALS, Plan, Situation, SubGoal, WorkingMemory

GOAL_ASKS = "the goal asks for it"
LOCKED_AWAY = "it was locked away"
CURIOUS = "something may be inside"
SOME_KEY = "a key opens something"
TAKABLE = "there is no goal, and it can be taken"
PERHAPS = "there is no goal, and perhaps it can be taken"
_STUCK_LOCKS = 4  # of them, locks that could not be unlocked
_LAST_RANK = (9, 0)
Proposal = tuple[ParsedSubGoal, str]
"""A sub-goal that the beliefs call for, and its reason."""


@dataclass(frozen=True)
class Candidate:
    """A sub-goal that may enter the plan."""

    parsed: ParsedSubGoal
    reason: str
    progress: str = ""

    @property
    def subgoal(self) -> SubGoal:
        """Return the sub-goal as the plan holds it."""
        return SubGoal(self.parsed.text, self.reason, self.progress)


@dataclass(frozen=True)
class RulesPlanner:
    """A Planner that keeps nothing between steps.

    It builds beliefs of its own. The rules mind shares one set of beliefs between planner and selector instead.

    Args:
        facts_in_text: Reads facts out of texts, for a memory that recalls no facts.
        embed: Gives vectors of texts, which show where things belong; without it, no house is tidied up.
    """

    facts_in_text: FactsInText
    embed: Embed | None = None

    def plan(self, working: WorkingMemory) -> Plan:
        """Make the plan of one step from working memory."""
        return make_plan(working, Beliefs.of(working, self.facts_in_text), self.embed)


def make_plan(working: WorkingMemory, beliefs: Beliefs, embed: Embed | None = None) -> Plan:
    """Return at most ten sub-goals, the next one first; exploring is always one of them."""
    situation = working.situation
    actions = Actions.of(beliefs, situation, situation.plan)
    cook, tidy = _cook(beliefs, situation), _tidy(beliefs, situation, actions, embed)
    merged = _merged(_remaining(situation.plan, beliefs), _proposals(beliefs, cook, tidy, working))
    candidates = [replace(candidate, progress=_progress(candidate, beliefs, actions)) for candidate in merged]
    if tidy:
        candidates.append(Candidate(TIDY, GOAL_ASKS, tidy.placements.text))
    waiting = _waiting_reasons(candidates, cook, has_goal=bool(wanted_things(situation.goal)))
    ranked = sorted(candidates, key=lambda candidate: _rank(candidate, beliefs, actions, waiting))
    return Plan(tuple(candidate.subgoal for candidate in _shortened(ranked)))


# -- candidates --------------------------------------------------------------------------------------------------------


def _cook(beliefs: Beliefs, situation: Situation) -> Cook | None:
    """Return the recipe to follow, if the task is to cook, or if there is no goal and a recipe was found."""
    cook = Cook(beliefs, situation.observation.valid_actions)
    return cook if is_about_cooking(beliefs.goal) or (cook.ingredients and not situation.goal) else None


def _tidy(beliefs: Beliefs, situation: Situation, actions: Actions, embed: Embed | None) -> Tidy | None:
    """Return what to move where, if the task is to tidy up; it is ready once nothing is left to explore."""
    if embed is None or not is_about_tidying(beliefs.goal):
        return None
    before = Placements.parse(progress_in(situation.plan, TIDY))
    pays = bool(situation.observation.max_score)
    return Tidy(beliefs, before.after(situation, beliefs), embed, pays=pays, ready=actions.explore() is None)


def _remaining(plan: Plan, beliefs: Beliefs) -> Iterator[Candidate]:
    """Yield the sub-goals of the last plan that are not done and are not derived again at every step."""
    for goal in plan.subgoals:
        parsed = ParsedSubGoal.parse(goal.text)
        if parsed and not _is_settled(parsed, beliefs) and goal.reason not in (*REASONS, BELONGS):
            yield Candidate(parsed, goal.reason, goal.progress)


def _merged(remaining: Iterable[Candidate], proposals: Iterable[Proposal]) -> list[Candidate]:
    """Keep one candidate for each text; a specific reason replaces curiosity."""
    merged = dict[str, Candidate]()
    for candidate in (*remaining, *(Candidate(*proposal) for proposal in proposals)):
        key = candidate.parsed.text.casefold()
        first = merged.setdefault(key, candidate)
        if first.reason in (CURIOUS, SOME_KEY):
            merged[key] = replace(first, reason=candidate.reason)
    return list(merged.values())


def _is_settled(parsed: ParsedSubGoal, beliefs: Beliefs) -> bool:
    """Return whether the beliefs show that a sub-goal is done or makes no sense any more."""
    thing, state = parsed.thing, beliefs.state(parsed.thing)
    match parsed.verb:
        case "take":
            moved = beliefs.holder(thing) is not None and beliefs.taking(thing) != parsed
            return beliefs.has(thing) or moved or beliefs.cannot_be(thing, "taken")
        case "read":
            return beliefs.was_read(thing)
        case "find":
            return beliefs.room(thing) is not None
        case "open":
            return state in (OPEN, LOCKED) or beliefs.cannot_be(thing, "opened")
        case "unlock":
            useless = beliefs.cannot_be(thing, "opened") or beliefs.misfits(parsed.second, thing)
            return state in (OPEN, CLOSED) or useless
        case "search":
            return parsed != ParsedSubGoal.search(beliefs.unassigned_keys())
        case _:
            return parsed != EXPLORE


# -- proposals ---------------------------------------------------------------------------------------------------------


def _proposals(beliefs: Beliefs, cook: Cook | None, tidy: Tidy | None, working: WorkingMemory) -> Iterator[Proposal]:
    """Yield all sub-goals that the beliefs call for."""
    if cook:
        yield from cook.steps()
    if tidy:
        yield from ((move, BELONGS) for move in tidy.steps())
    yield from _from_goal(beliefs, working.situation.goal)
    if not (beliefs.goal.strip() or cook):
        yield from _without_goal(beliefs)
    if not cook:
        yield from _prizes(beliefs, working)
    for parsed, reason in _from_things(beliefs, working):
        useful = not tidy or parsed.verb in ("open", "unlock")
        if useful and not (cook and cook.is_appliance(parsed.thing)):
            yield parsed, reason
    yield EXPLORE, "new places may hold what is missing"
    yield ParsedSubGoal.search(beliefs.unassigned_keys()), "something may have been missed"


def _from_goal(beliefs: Beliefs, goal: str) -> Iterator[Proposal]:
    """Yield what the goal asks for: take a thing, find it, or put it somewhere."""
    for name, place in wanted_places(goal):
        if beliefs.is_found(place):
            held = filter(beliefs.has, beliefs.things_named(name))
            yield from ((ParsedSubGoal("bring", thing, place), GOAL_ASKS) for thing in held)
    for name in wanted_things(goal):
        things = beliefs.things_named(name)
        for thing in things:
            if not beliefs.has(thing) and not _is_where_wanted(thing, beliefs):
                yield beliefs.taking(thing), GOAL_ASKS
        if not things:
            yield ParsedSubGoal("find", name), GOAL_ASKS


def _without_goal(beliefs: Beliefs) -> Iterator[Proposal]:
    """Yield what can be taken while there is no goal, without keys and readable things."""
    for thing in beliefs.things:
        if beliefs.has(thing) or is_key(thing) or is_readable(thing):
            continue
        if beliefs.can_be_taken(thing):
            yield beliefs.taking(thing), TAKABLE
        elif not beliefs.is_in_room_itself(thing) and not beliefs.cannot_be(thing, "taken"):
            yield beliefs.taking(thing), PERHAPS


def _prizes(beliefs: Beliefs, working: WorkingMemory) -> Iterator[Proposal]:
    """Yield the things in sight that are likely the prize: one was locked away, or the goal names it."""
    mentioned = {name.casefold() for name in working.reading.names}
    valid = working.situation.observation.valid_actions
    for thing in beliefs.in_sight():
        if thing.casefold() not in mentioned or is_key(thing):
            continue
        takable = valid is None or any(takes(action, thing) for action in valid)
        if beliefs.is_named_prize(thing) and not _is_where_wanted(thing, beliefs) and takable:
            yield beliefs.taking(thing), "the goal names it"
        elif beliefs.is_guarded(thing) and not is_readable(thing):
            yield beliefs.taking(thing), LOCKED_AWAY


def _is_where_wanted(thing: str, beliefs: Beliefs) -> bool:
    """Return whether a thing lies where the goal wants it."""
    holder = (beliefs.holder(thing) or "").casefold()
    return any(
        place.casefold() == holder and thing in beliefs.things_named(name)
        for name, place in wanted_places(beliefs.goal)
    )


def _from_things(beliefs: Beliefs, working: WorkingMemory) -> Iterator[Proposal]:
    """Yield what things themselves suggest: to read, to open, to unlock."""
    search = ParsedSubGoal.search(beliefs.unassigned_keys())
    listed = working.situation.observation.valid_actions is not None
    yield from _from_mentioned_things(beliefs, working.reading.names, listed=listed)
    yield from _from_known_keys(beliefs)
    yield from _from_unknown_keys(beliefs, searched_rooms(progress_in(working.situation.plan, search)))
    yield from _from_valid_actions(beliefs, working)


def _from_mentioned_things(beliefs: Beliefs, names: Sequence[str], *, listed: bool) -> Iterator[Proposal]:
    """Yield keys to take, texts to read and things to open among those just mentioned.

    Things mentioned before are in the plan already. Without a list of valid actions (`listed`), what may be shut counts
    as shut.
    """
    mentioned = {name.casefold() for name in names}
    for thing in (thing for thing in beliefs.things if thing.casefold() in mentioned):
        if is_key(thing) and not beliefs.has(thing):
            yield beliefs.taking(thing), _use_of_key(thing, beliefs)
        if _may_carry_text(thing, beliefs) and not beliefs.was_read(thing):
            yield ParsedSubGoal("read", thing), "its text may help"
        state = beliefs.state(thing)
        if state == CLOSED or (state is None and is_shuttable(thing) and not listed):
            held = [key for key in beliefs.keys_for(thing) if beliefs.has(key)]
            yield ParsedSubGoal("open", thing), f"{held[0]}, in hand, is its key" if held else CURIOUS


def _may_carry_text(thing: str, beliefs: Beliefs) -> bool:
    """Return whether a thing is named so, or was locked away and is neither key nor prize."""
    unnamed = beliefs.is_guarded(thing) and not is_key(thing) and not beliefs.is_named_prize(thing)
    return is_readable(thing) or unnamed


def _use_of_key(key: str, beliefs: Beliefs) -> str:
    """Return the reason to take a key."""
    if lock := beliefs.lock_of(key):
        return f"it opens {lock}"
    return LOCKED_AWAY if beliefs.is_guarded(key) else SOME_KEY


def _from_known_keys(beliefs: Beliefs) -> Iterator[Proposal]:
    """Yield locks that a known key opens; the key or the lock must be found first if its place is unknown."""
    for triplet in beliefs.locks:
        key, lock = beliefs.spelling_of(triplet.subject), beliefs.spelling_of(triplet.object)
        if beliefs.state(lock) in (OPEN, CLOSED):
            continue
        if beliefs.has(key):
            yield ParsedSubGoal("unlock", lock, key), beliefs.quotation(key, lock) or f"{key} opens it"
            if not beliefs.is_found(lock):
                yield ParsedSubGoal("find", lock), f"{key}, in hand, opens it"
        elif beliefs.room(key) is None:
            yield ParsedSubGoal("find", key), beliefs.quotation(key, lock) or f"it opens {lock}"


def _from_unknown_keys(beliefs: Beliefs, searched: Container[str]) -> Iterator[Proposal]:
    """Yield the guessed locks of keys whose locks are unknown, without those in rooms that were searched."""
    for key in beliefs.unassigned_keys():
        if beliefs.lock_of(key):
            continue
        for lock, reason in beliefs.guessed_locks(key):
            if beliefs.room(lock) not in searched:
                yield ParsedSubGoal("unlock", lock, key), reason


def _from_valid_actions(beliefs: Beliefs, working: WorkingMemory) -> Iterator[Proposal]:
    """Yield what the list of valid actions offers to open or unlock, except doors."""
    for action in working.situation.observation.valid_actions or ():
        parsed = ParsedSubGoal.parse(action)
        if parsed and parsed.verb in ("open", "unlock") and not beliefs.map.rooms_with(parsed.thing):
            curious = parsed.verb == "open" and not beliefs.keys_for(parsed.thing)
            yield parsed, CURIOUS if curious else "it can be done here"


# -- order -------------------------------------------------------------------------------------------------------------


def _progress(candidate: Candidate, beliefs: Beliefs, actions: Actions) -> str:
    """Return how far a sub-goal has come, in the wording that the next step reads back."""
    parsed = candidate.parsed
    if parsed == EXPLORE:
        count = sum(1 for _ in beliefs.map.unexplored(beliefs.here))
        return explore_progress(count, actions.barred_now(), beliefs.keys_in_hand())
    if parsed.verb == "search":
        here = [] if next(actions.openings_here(), None) else [beliefs.here]
        return search_progress(list(dict.fromkeys([*searched_rooms(candidate.progress), *here])))
    room = beliefs.room(_next_target(parsed, beliefs))
    path = beliefs.map.path(beliefs.here, room) if room else None
    if room is None or path is None:
        return "not seen yet" if room is None else f"in {room}, no known way there"
    if not path:
        return "here" if actions.toward(parsed) else STUCK
    return STUCK if candidate.progress == STUCK else f"in {room}, {len(path)} room{'s' * (len(path) != 1)} away"


def _next_target(parsed: ParsedSubGoal, beliefs: Beliefs) -> str:
    """Return what must be within reach next; a thing to be brought somewhere is fetched first."""
    return parsed.thing if parsed.verb == "bring" and not beliefs.has(parsed.thing) else parsed.target


def _waiting_reasons(candidates: Sequence[Candidate], cook: Cook | None, *, has_goal: bool) -> set[str]:
    """Return the reasons whose sub-goals wait until the known exits are taken.

    - Curiosity waits while there is a lead.
    - A key whose lock is unknown waits while the goal asks for other things: some games are lost by taking a wrong one.
    - Preparations in other rooms wait while something that the recipe requires is missing.
    - Things that are perhaps wanted always wait.
    """
    searching = cook is not None and cook.is_searching()
    unlocking = any(goal.parsed.verb == "unlock" and goal.reason != CURIOUS for goal in candidates)
    lead = unlocking or (cook is not None and not searching)
    waits = ((CURIOUS, lead), (SOME_KEY, has_goal), (PREPARATION, searching), (PERHAPS, True))
    return {reason for reason, is_waiting in waits if is_waiting}


def _rank(candidate: Candidate, beliefs: Beliefs, actions: Actions, waiting: Container[str]) -> tuple[int, int]:
    """Return the sort key of a candidate; the lowest comes first.

    1 and 2: what can be done here, curiosity second. 3: known places by distance. 4: finding and exploring. 5: what
    waits. 6: searching every room. 9: what cannot be done now.
    """
    parsed, reason = candidate.parsed, candidate.reason
    if candidate.progress == STUCK or actions.toward(parsed, candidate.progress) is None:
        return _LAST_RANK
    if parsed.verb in ("find", "explore"):
        has_key = any(map(beliefs.has, beliefs.keys_for(parsed.thing)))
        return (4, 0 if has_key else 2 if parsed == EXPLORE else 1)
    if parsed.verb == "search":
        return (6, 0)
    room = beliefs.room(_next_target(parsed, beliefs)) or beliefs.here
    distance = len(beliefs.map.path(beliefs.here, room) or ())
    if reason in waiting and (distance or reason != PREPARATION):
        return (5, distance)
    if reason == CURIOUS:
        return (5, distance) if distance else (2, 0)
    return (3, distance) if distance else (1, 0)


def _shortened(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Keep at most ten candidates: all that carry notes for the next step, then those that rank first."""
    notes = [goal for goal in ranked if goal.parsed.verb in ("explore", "search", "tidy")]
    notes += [goal for goal in ranked if goal.progress == STUCK and goal.parsed.verb == "unlock"][-_STUCK_LOCKS:]
    others = [goal for goal in ranked if goal not in notes][: MAX_SUBGOALS - len(notes)]
    return [goal for goal in ranked if goal in notes or goal in others]
