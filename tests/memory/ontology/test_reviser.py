"""Which facts a new triplet retires, and which proposals of others are admitted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.memory import Fact, OntologyReviser, Replacement, Triplet
from ariadne.memory.ontology.names import same_name
from ariadne.memory.ontology.reviser import FactsAround, reviser_for
from ariadne.relations import DIRECTIONS

TEXT_WORLD = reviser_for("text-world")


def triplet(line: str) -> Triplet:
    return Triplet(*(part.strip() for part in line.split("|")))


def around(*lines: str) -> FactsAround:
    """Return the known facts as the reviser queries them."""
    known = [triplet(line) for line in lines]
    facts = [Fact(t.subject, t.relation, t.object, 1, None, 1, None, (1,)) for t in known]
    return lambda name, *_: [fact for fact in facts if same_name(name, fact.subject) or same_name(name, fact.object)]


def retired(known: Sequence[str], *stated: str, reviser: OntologyReviser | None = None) -> set[str]:
    pairs = (reviser or TEXT_WORLD).outdated([triplet(line) for line in stated], around(*known))
    return {str(pair.old) for pair in pairs}


def extended(declared: str) -> OntologyReviser:
    return OntologyReviser(f"""name = "mine"\nextends = ["text-world"]\n{declared}""")


def admits(old: str, new: str | None, *known: str) -> bool:
    proposed = Replacement(triplet(old), None if new is None else triplet(new))
    return TEXT_WORLD.admits(proposed, around(old, *known))


@pytest.mark.parametrize("old", ["apple | is in | box", "box | contains | apple", "The Box | holds | an apple"])
@pytest.mark.parametrize("new", ["apple | is on | table", "table | holds | apple", "the Apple | Is In | inventory"])
def test_a_moved_thing_leaves_its_old_place_in_either_direction_of_the_relation(old: str, new: str) -> None:
    assert retired([old], new) == {str(triplet(old))}


def test_a_retired_place_comes_with_its_replacement() -> None:
    old, new = triplet("apple | is in | box"), triplet("apple | is on | table")
    assert TEXT_WORLD.outdated([new], around("apple | is in | box")) == [Replacement(old, new)]


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (["book | is in | kitchen", "table | is in | kitchen"], "book | is on | table"),
        (["book | is on | table", "table | is in | kitchen"], "book | is in | kitchen"),
        (["book | is in | house", "table | is in | kitchen", "house | contains | kitchen"], "book | is on | table"),
    ],
)
def test_the_room_around_the_table_still_holds_the_book(known: list[str], new: str) -> None:
    assert retired(known, new) == set()


def test_a_holder_in_the_same_statement_counts() -> None:
    assert retired(["book | is in | kitchen"], "book | is on | table", "table | is in | kitchen") == set()


def test_holders_that_hold_each_other_end_the_search() -> None:
    assert retired(["box | is in | bag", "bag | is in | box", "key | is in | box"], "key | is on | bed") == {
        "key is in box"
    }


@pytest.mark.parametrize("state", ["closed", "locked", "Open"])
def test_a_door_has_one_state_at_a_time(state: str) -> None:
    known = [f"door | is | {other}" for other in ("open", "closed", "locked")]
    assert retired(known, f"door | is | {state}") == {str(triplet(k)) for k in known if not k.endswith(state.lower())}


def test_states_of_different_kinds_coexist() -> None:
    assert retired(["door | is | red", "door | is | wooden"], "door | is | open", "door | is | heavy") == set()


def test_a_change_of_one_thing_leaves_others_alone() -> None:
    assert retired(["red key | is in | box", "chest | is | open"], "key | is in | bag", "box | is | closed") == set()


def test_a_fact_without_a_slot_is_never_retired() -> None:
    assert retired(["key | unlocks | box", "note | says | go", "ann | knows | bob"], "key | unlocks | chest") == set()


def test_triplets_of_one_statement_never_conflict() -> None:
    assert retired(["apple | is in | box"], "apple | is in | box", "apple | is on | table") == set()


@pytest.mark.parametrize(
    "new",
    ["table | has on it | knife", "knife | are on | table", "knife | is now located in | drawer",
     "knife | is carried by | player", "player | has | knife"],
)  # fmt: skip
@pytest.mark.parametrize("old", ["knife | is in | box", "box | has | knife", "box | has on it | knife"])
def test_a_move_is_found_in_all_wordings_of_a_place(old: str, new: str) -> None:
    assert retired([old], new) == {str(triplet(old))}


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ("knife | is carried by | player", "knife | is in | inventory"),
        ("knife | is on | floor", "knife | lies on | the ground"),
        ("knife | is on | floor", "knife | is in | kitchen"),
        ("knife | is in | kitchen", "knife | is on | floor"),
        ("knife | is in | drawer", "knife | is in | the open drawer"),
        ("Knife. | is in | the drawer.", "knife | is in | drawer"),
    ],
)
def test_two_wordings_of_one_place_are_no_move(known: str, new: str) -> None:
    assert retired([known], new) == set()


@pytest.mark.parametrize("new", ["knife | is on | table", "knife | is in | inventory"])
def test_the_floor_and_the_hands_exclude_each_other(new: str) -> None:
    room = "table | is in | kitchen"
    assert retired([room, "knife | is on | floor"], new) == {"knife is on floor"}
    assert retired([room, new], "knife | is on | floor") == {str(triplet(new))}


def test_the_relation_has_is_retired_by_a_place_and_retires_none() -> None:
    assert retired(["chest | has | lid"], "locker | has | lid") == set()
    assert retired(["table | has | knife"], "knife | is in | inventory") == {"table has knife"}
    assert retired(["knife | is in | inventory"], "table | has | knife") == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("potato | is | raw", "potato | is | fried"),
        ("potato | is | uncut", "potato | is | diced"),
        ("potato | is | raw", "potato | is | burned"),
        ("door | is | locked", "door | is | unlocked"),
        ("door | is | opened", "door | is | shut"),
        ("door | is | open", "door | is locked | none"),
        ("door | is locked | none", "door | is | open"),
        ("inventory | is | full", "inventory | is | not full"),
    ],
)
def test_a_new_state_replaces_the_state_of_its_kind(old: str, new: str) -> None:
    assert retired([old], new) == {str(triplet(old))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("potato | is | fried", "potato | is | diced"),
        ("door | is | opened", "door | is | open"),
        ("door | is | shut", "door | is | closed"),
        ("door | is | unlocked", "door | is | open"),
        ("door | is locked | none", "door | is | locked"),
    ],
)
def test_compatible_states_coexist(old: str, new: str) -> None:
    assert retired([old], new) == set()


def test_a_name_without_its_food_state_is_the_same_thing() -> None:
    assert retired(["fridge | contains | raw tuna"], "tuna | is in | inventory") == {"fridge contains raw tuna"}
    assert retired(["tuna | is in | fridge"], "raw tuna | is in | inventory") == {"tuna is in fridge"}
    assert retired(["fridge | contains | raw tuna"], "fried tuna | is in | inventory") == {"fridge contains raw tuna"}


def test_food_states_distinguish_two_things_of_one_name() -> None:
    both = "tuna | is in | inventory", "raw tuna | is in | fridge"
    assert retired(["fridge | contains | raw tuna"], *both) == set()
    placed_both = ["fridge | contains | raw tuna", "table | holds | tuna"]
    assert retired(placed_both, "tuna | is in | inventory") == {"table holds tuna"}
    assert retired(["fridge | holds | raw tuna", "table | holds | fried tuna"], "tuna | is in | inventory") == set()


@pytest.mark.parametrize("new", ["box | is in | hall", "box | is in | inventory", "player | carries | box"])
def test_the_content_of_a_holder_moves_with_it(new: str) -> None:
    inside = ["apple | is in | box", "pip | is in | apple"]
    before = ["apple | is in | kitchen", "pip | is in | kitchen", "box | is in | kitchen", "cup | is in | kitchen"]
    assert retired([*inside, *before], new) == {"apple is in kitchen", "pip is in kitchen", "box is in kitchen"}


COOKED = [
    "recipe | requires | egg", "recipe | requires | salt", "egg | is in | inventory", "player | carries | knife",
    "salt | is on | shelf",
]  # fmt: skip


def test_a_meal_uses_up_only_the_required_ingredients_in_hand() -> None:
    for meal in ("meal | is in | inventory", "player | has | meal"):
        assert retired(COOKED, meal) == {"egg is in inventory"}
    assert retired(COOKED, "meal | is in | inventory", "egg | is in | inventory") == set()
    assert retired(COOKED, "meal | is on | table") == set()
    assert retired(COOKED, "pie | is in | inventory") == set()


@pytest.mark.parametrize("new", ["egg | is | eaten", "player | ate | egg", "egg | has been consumed | by ann"])
def test_an_eaten_thing_has_no_place(new: str) -> None:
    proposed = TEXT_WORLD.outdated([triplet(new)], around("egg | is in | inventory", "egg | is | fried"))
    assert proposed == [Replacement(triplet("egg | is in | inventory"), None)]


def test_a_full_stop_is_not_part_of_a_name() -> None:
    assert retired(["Knife. | is in | the drawer."], "knife | is on | table.") == {"Knife. is in the drawer."}


def test_a_connection_is_never_outdated_by_any_table() -> None:
    connections = [f"attic | is {direction} of | hall" for direction in DIRECTIONS]
    others = [f"attic | is {direction} of | den" for direction in DIRECTIONS]
    reviser = extended(f"""[[relation]]\nphrases = {[f"is {way} of" for way in DIRECTIONS]}""")
    for one in (reviser, TEXT_WORLD):
        assert retired([*connections, "hall | contains | attic"], *others, "attic | is in | house", reviser=one) == {
            "hall contains attic"
        }


def test_a_user_may_declare_a_relation_with_one_object() -> None:
    reviser = extended("""[[relation]]\nphrases = ["works for"]""")
    known = ["ann | works for | acme", "bob | works for | acme", "ann | knows | bob"]
    assert retired(known, "Ann | works for | globex", reviser=reviser) == {"ann works for acme"}


def test_a_user_may_declare_states() -> None:
    reviser = extended("""states = [["glad", "sad"]]""")
    assert retired(["ann | is | glad", "ann | is | open"], "ann | is | sad", reviser=reviser) == {"ann is glad"}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_proposal_retires_a_connection(direction: str) -> None:
    way = f"attic | is {direction} of | hall"
    assert not admits(way, None)
    assert not admits(way.replace("is", " IS"), f"attic | is {direction} of | cellar")


@pytest.mark.parametrize(
    ("old", "new", "known", "expected"),
    [
        ("apple | is in | box", None, [], True),
        ("apple | is in | box", "apple | is on | table", [], True),
        ("apple | is in | box", "pear | is on | table", [], False),
        ("apple | is in | box", "apple | is | red", [], False),
        ("apple | is in | box", "box | holds | the apple", [], False),
        ("apple | is in | kitchen", "apple | is on | table", ["table | is in | kitchen"], False),
        ("key | unlocks | box", "key | unlocks | chest", [], False),
    ],
)
def test_only_contradictions_are_admitted(old: str, new: str | None, known: list[str], expected: bool) -> None:
    assert admits(old, new, *known) is expected


EVERYDAY = OntologyReviser("everyday")
RENT = "flat | costs | 900 euro"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (RENT, "flat | costs | 950 euro", True),
        (RENT, "flat | has | balcony", False),
        (RENT, "flat | has | 900 euro", False),
        (RENT, "house | costs | 900 euro", False),
        ("Kim | lives in | Rome", "Kim | loves | Rome", False),
        ("Kim | loves | ramen", "Kim | hates | ramen", True),
        ("Kim | loves | ramen", "Kim | loves | soup", True),
        ("Kim | loves | ramen", "Kim | hates | soup", False),
        ("Kim | loves | ramen", "Ann | loves | ramen", False),
        ("Kim | speaks | Tamil", "Kim | speaks | French", True),
    ],
)
def test_a_fact_is_replaced_by_a_proposal_about_the_same_and_by_nothing_else(
    old: str, new: str, expected: bool
) -> None:
    proposed = Replacement(triplet(old), triplet(new))
    assert EVERYDAY.admits(proposed, around(old)) is expected
