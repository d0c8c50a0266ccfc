"""How the reader reads single sentences, command by command."""

from __future__ import annotations

import pytest

from ariadne.memory import AriGraph
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.values import Fact, Reading, Replacement, Triplet


def read_triplets(text: str, *known: str) -> set[str]:
    return {str(triplet) for triplet in read(text, *known).triplets}


def read(text: str, *known: str) -> Reading:
    return RulesExtractor().read(text, [fact(line) for line in known])


def fact(line: str) -> Fact:
    subject, relation, value = line.split(" | ")
    return Fact(subject, relation, value, 1, None, 1, None, (1,))


ROOM = "-= Hall =-\nYou are in a hall. A normal one.\n\n"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("You see a closed chest.", {"chest is in Hall", "chest is closed"}),
        ("You make out an opened oak chest nearby.", {"oak chest is in Hall", "oak chest is open"}),
        ("You can see a locked normal looking Cyan locker nearby.",
         {"Cyan locker is in Hall", "Cyan locker is locked"}),
        ("You see a locked safe, which looks usual, here.", {"safe is in Hall", "safe is locked"}),
        ("You see a locked safe, which looks rusty, here.", {"rusty safe is in Hall", "rusty safe is locked"}),
        ("A closed crate is in the corner.", {"crate is in Hall", "crate is closed"}),
        ("You smell an awful smell, and follow it to a Red locker.", {"Red locker is in Hall"}),
        ("Look out! It's a- oh, never mind, it's just a shelf.", {"shelf is in Hall"}),
        ("Look over there! a shelf. Huh, weird.", {"shelf is in Hall"}),
        ("Oh wow! Is that what I think it is? It is! It's a bed stand.", {"bed stand is in Hall"}),
        (
            "You see a rack. The rack is dusty. On the dusty rack you can make out a mop, so there's that.",
            {"dusty rack is in Hall", "mop is on dusty rack"},
        ),
        (
            "You see a dusty rack. You see a mop and a pair of pants on the rack.",
            {"dusty rack is in Hall", "mop is on dusty rack", "pair of pants is on dusty rack"},
        ),
        (
            "You see a chest. The chest contains an old key, some salt and bread and a note 3.",
            {"chest is in Hall", "chest is open", "old key is in chest", "salt and bread is in chest",
             "note 3 is in chest"},
        ),
        ("You see a chest. What a letdown! The chest is empty!", {"chest is in Hall", "chest is open"}),
        ("You see a bar. But there isn't a thing on it. You swear loudly.", {"bar is in Hall"}),
        ("There is a Key 1 on the floor.", {"Key 1 is in Hall", "Key 1 can be taken"}),
        (
            "There is a sock, a shoe and a golf tee on the floor.",
            {f"{thing} {state}" for thing in ("sock", "shoe", "golf tee") for state in ("is in Hall", "can be taken")},
        ),
        ("There is an unblocked exit to the east.", {"Hall has exit east"}),
        ("There is an exit to the south. Don't worry, it is unguarded.", {"Hall has exit south"}),
        ("You need an unguarded exit? You should try going west.", {"Hall has exit west"}),
        ("You don't like doors? Why not try going north, that entranceway is unblocked.", {"Hall has exit north"}),
        ("There are unblocked exits to the east, north and west.",
         {f"Hall has exit {d}" for d in ("east", "north", "west")}),
        (
            "There is a closed stone gate leading east.",
            {"Hall has exit east", "east exit of Hall is behind stone gate", "stone gate is closed"},
        ),
    ],
)  # fmt: skip
def test_a_room_is_read_in_each_phrasing(sentence: str, expected: set[str]) -> None:
    reading = read(f"> look\n{ROOM}{sentence}")
    assert {str(t) for t in reading.triplets} == expected | {"player is at Hall"}
    assert reading.unread == ()


@pytest.mark.parametrize("room", ["Room At", "Room By", "Room In", "Room Is"])
def test_a_room_may_have_a_letter_name_that_is_a_word(room: str) -> None:
    seen = read_triplets(
        f"> look\n-= {room} =-\nYou are in {room}. There is a red locker here. There is an exit to the east."
    )
    assert {f"red locker is in {room}", f"{room} has exit east"} <= seen
    assert f"blue locker is in {room}" in read_triplets(f"The Key 2 unlocks the blue locker in {room}.")


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        ("> take sock\nYou pick up the sock from the ground.", {"sock is in inventory"}),
        ("> take sock from box\nYou take the sock from the box.", {"sock is in inventory"}),
        ("> drop sock\nYou drop the sock on the ground.", {"sock is in Hall"}),
        ("> put sock on bed\nYou put the sock on the bed.", {"sock is on bed"}),
        ("> insert sock into box\nYou put the sock into the box.", {"sock is in box"}),
        ("> open box\nYou open the box.", {"box is open"}),
        ("> open box\nYou open the box, revealing a Key 2 and a Note 2.",
         {"box is open", "Key 2 is in box", "Note 2 is in box"}),
        ("> close box\nYou close the box.", {"box is closed"}),
        ("> unlock box with key\nYou unlock the box.", {"box is closed", "key unlocks box"}),
        ("> lock box with key\nYou lock the box.", {"box is locked"}),
        ("> open box\nYou have to unlock the box with the old key first.", {"box is locked", "old key unlocks box"}),
        ("> go east\nYou have to open the oak door first.", {"oak door is closed"}),
        ("> inventory\nYou are carrying: a Note 2, a Key 3 and a Key 2.",
         {f"{t} is in inventory" for t in ("Note 2", "Key 3", "Key 2")}),
        ("> go east\nYou can't go that way.\nYou are carrying nothing.", set()),
    ],
)  # fmt: skip
def test_an_answer_states_the_changes_of_the_action(transcript: str, expected: set[str]) -> None:
    reading = read(transcript, "player | is at | Hall")
    assert {str(t) for t in reading.triplets} == expected
    assert reading.unread == ()


def test_a_move_and_a_room_header_give_a_connection() -> None:
    assert "Attic is north of Hall" in read_triplets(
        "> go north\n-= Attic =-\nYou are in an attic.", "player | is at | Hall"
    )
    assert "Cellar is down of Hall" in read_triplets(
        "> down\n-= Cellar =-\nYou are in a cellar.", "player | is at | Hall"
    )


def test_several_moves_connect_each_room_with_the_next() -> None:
    moves = "> go north\n-= Attic =-\nYou are in an attic.\n\n> go east\n-= Loft =-\nYou are in a loft."
    assert read_triplets(moves, "player | is at | Hall") == {
        "Attic is north of Hall",
        "Loft is east of Attic",
        "player is at Loft",
    }


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("The key 2 unlocks Red locker.", {"key 2 unlocks Red locker"}),
        ("Use the key 2 to open the Red locker.", {"key 2 unlocks Red locker"}),
        ("The Red locker in Room B can be opened with Key 2.", {"Key 2 unlocks Red locker", "Red locker is in Room B"}),
        ("Key 1, in room A, opens the white locker.", {"Key 1 unlocks white locker", "Key 1 is in room A"}),
        ("Treasure is hidden in the golden locker. You need a golden key to unlock it.",
         {"Treasure is in golden locker", "golden key unlocks golden locker"}),
        ("You will find the Red locker in Room B.", {"Red locker is in Room B"}),
        ("You will find the Red locker in Room A.", {"Red locker is in Room A"}),
        ("The Key 1, in Room A, unlocks the Red locker.", {"Key 1 unlocks Red locker", "Key 1 is in Room A"}),
        ("Only the key 3 can open the box 4.", {"key 3 unlocks box 4"}),
        ("PS: remember that the white locker is unlocked by Key 4.", {"Key 4 unlocks white locker"}),
        ("The lock of the Yellow locker takes the Key 2.", {"Key 2 unlocks Yellow locker"}),
        ("In Room L there is a yellow locker. Unlock it with Key 2.",
         {"yellow locker is in Room L", "Key 2 unlocks yellow locker"}),
        ("You will find the bronze key on the oak table in the Chapel. Use it to open the wooden box in the Scullery.",
         {"bronze key is on oak table", "oak table is in Chapel", "bronze key unlocks wooden box",
          "wooden box is in Scullery"}),
        ("Take the emergency key to open the crate, which stands in the Deck.",
         {"emergency key unlocks crate", "crate is in Deck"}),
        ("Begin with the Key 1: it unlocks the red locker.", {"Key 1 unlocks red locker"}),
        ("To get going, fetch Key 1 from Room C and try it on the Teal locker.",
         {"Key 1 is in Room C", "Key 1 unlocks Teal locker"}),
        ("The golden locker needs the golden key, so find that too.", {"golden key unlocks golden locker"}),
    ],
)  # fmt: skip
def test_a_note_is_kept_word_for_word_and_understood(note: str, expected: set[str]) -> None:
    assert read_triplets(f"> examine Note 2\n{note}") == expected | {f"Note 2 says {note}"}


@pytest.mark.parametrize(
    "note",
    [
        "Whoever takes it can open the jewellery box.",
        "You can get in using the Key 2.",
        "The key lying next to this note is for the Teal locker.",
        "You will come across it in Room H.",
        "It is dark and cold. It opens the red box.",
        "The golden key is in one of the other lockers.",
    ],
)
def test_an_unreadable_note_is_kept_word_for_word_and_nothing_is_invented(note: str) -> None:
    assert read_triplets(f"> examine letter\n{note}") == {f"letter says {note}"}


def test_an_objective_states_places_and_which_key_fits_which_lock() -> None:
    objective = (
        "Welcome to TextWorld! First of all, you could, like, try to travel east. Then, recover the old teacup from the"
        " bureau inside the attic. With that done, assure that the passageway is unlocked with the latchkey. Got that?"
    )
    reading = read(objective)
    assert {str(triplet) for triplet in reading.triplets} == {
        "old teacup is in bureau", "bureau is in attic", "latchkey unlocks passageway",
    }  # fmt: skip
    assert reading.unread == ()


def test_a_locked_door_that_is_described_as_closed_is_still_locked() -> None:
    known = "oak door | is | locked"
    assert "oak door is closed" not in read_triplets(
        "> look\n-= Hall =-\nThere is a closed oak door leading east.", known
    )
    assert read_triplets("> unlock oak door with iron key\nYou unlock the oak door.", known) == {
        "oak door is closed", "iron key unlocks oak door",
    }  # fmt: skip


def test_a_failed_action_is_learned() -> None:
    assert read_triplets("> unlock box with old key\nThat doesn't seem to fit the lock.") == {
        "old key does not unlock box"
    }
    assert read_triplets("> open box\nIt isn't something you can open.") == {"box cannot be opened"}
    assert read_triplets("> take box\nThat's fixed in place.") == {"box cannot be taken"}


def test_a_description_of_a_thing_is_not_mistaken_for_writing() -> None:
    reading = read("> examine chest\nThe chest looks strong, and impossible to break. It is closed.")
    assert [str(t) for t in reading.triplets] == ["chest is closed"]


def test_an_eaten_thing_has_no_place() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("> take apple\nYou take the apple from the table.")
        memory.remember("> eat apple\nYou eat the apple. Not bad.")
        assert [str(fact) for fact in memory.facts()] == ["apple is eaten"]


def test_a_thing_that_the_inventory_no_longer_lists_is_outdated() -> None:
    reading = read("> wait\nTime passes.\nYou are carrying: a sock.", "shoe | is in | inventory")
    assert reading.outdated == (Replacement(Triplet("shoe", "is in", "inventory"), None),)


def test_empty_hands_hold_nothing() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("> take apple\nYou take the apple.\n\nYou are carrying: an apple.")
        memory.remember("> wait\nTime passes.\n\nYou are carrying nothing.")
        assert memory.facts(about="inventory") == ()


def test_a_connection_is_learned_from_texts_without_a_known_player() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("-= Room 1 =-\nThere is an exit to the east.")
        memory.remember("> go east\n\n-= Room 2 =-\nThere is an exit to the east and west.")
        assert Triplet("Room 2", "is east of", "Room 1") in memory.places()


def test_an_unread_sentence_is_listed_and_nothing_is_invented() -> None:
    reading = read("> look\n-= Hall =-\nA clock strikes thirteen with great dignity.")
    assert reading.unread == ("A clock strikes thirteen with great dignity.",)
    assert [str(t) for t in reading.triplets] == ["player is at Hall"]


def test_the_words_this_key_in_a_note_mean_the_last_key_mentioned() -> None:
    opened = "> open box\nYou open the box, revealing a Key 2 and a Note 2."
    text = f"{opened}\n\n> examine Note 2\nThis key opens the Red locker."
    assert "Key 2 unlocks Red locker" in read_triplets(text)


# -- cooking -----------------------------------------------------------------------------------------------------------

RECIPE = """> examine cookbook
You open the copy of "Cooking: A Modern Approach (3rd Ed.)" and start reading:

Recipe #1
---------
Gather all following ingredients and follow the directions to prepare this tasty meal.

Ingredients:
  red potato
  black pepper
  pork chop

Directions:
  dice the red potato
  fry the red potato
  roast the pork chop
  prepare meal
"""
HUNGRY = "player | is | hungry"


def test_a_recipe_gives_ingredients_and_their_steps() -> None:
    reading = read(RECIPE)
    assert {str(triplet) for triplet in reading.triplets if triplet.relation != "says"} == {
        "recipe requires red potato", "recipe requires black pepper", "recipe requires pork chop",
        "red potato needs dice", "red potato needs fry", "pork chop needs roast",
    }  # fmt: skip
    assert [triplet.subject for triplet in reading.triplets if triplet.relation == "says"] == ["cookbook"]
    assert reading.unread == ()


def test_food_states_are_split_from_names_in_a_room_and_in_hand() -> None:
    room = "> look\n-= Kitchen =-\nYou see a counter. On the counter you make out a raw diced pork chop and a knife."
    assert read_triplets(f"{room}\nYou are carrying: a fried yellow potato and an egg.", HUNGRY) == {
        "player is at Kitchen", "counter is in Kitchen", "knife is on counter",
        "pork chop is on counter", "pork chop is raw", "pork chop is diced",
        "yellow potato is in inventory", "yellow potato is fried", "egg is in inventory",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        ("> cook egg with stove\nYou fried the egg.", {"egg is fried"}),
        ("> cook egg with oven\nYou roasted the egg.", {"egg is roasted"}),
        ("> cook egg with BBQ\nYou grilled the egg.", {"egg is grilled"}),
        ("> cook egg with stove\nYou burned the egg!", {"egg is burned"}),
        ("> cook egg with stove\nThe egg is already fried.", {"egg is fried"}),
        ("> slice egg with knife\nYou slice the egg.", {"egg is sliced"}),
        ("> chop egg with knife\nYou chop the egg.", {"egg is chopped"}),
        ("> take egg\nYou're carrying too many things already.", {"inventory is full"}),
        ("> prepare meal\nCan only prepare meal in the -= Kitchen =-.", {"meal is made in Kitchen"}),
        ("> prepare meal\nYou still miss something!", set()),
        ("> prepare meal\nAdding the meal to your inventory.", {"meal is in inventory"}),
        ("> eat meal\nYou eat the meal. Not bad.", {"meal is eaten"}),
        ("> examine stove\nUseful for frying things.", {"stove is for frying"}),
        ("> examine oven\nThe oven looks hot. Useful for roasting things. It is closed.",
         {"oven is for roasting", "oven is closed"}),
    ],
)  # fmt: skip
def test_an_answer_states_the_changes_of_cooking(transcript: str, expected: set[str]) -> None:
    reading = read(transcript, "player | is at | Hall")
    assert {str(triplet) for triplet in reading.triplets} == expected
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("You are hungry! Let's cook a delicious meal.", {"player is hungry"}),
        ("Check the cookbook in the kitchen for the recipe. Once done, enjoy your meal!", {"cookbook is in kitchen"}),
        ("Frying is done with the stove. Roast things in the oven. Grill with the BBQ.",
         {"stove is for frying", "oven is for roasting", "BBQ is for grilling"}),
        ("The meal can only be prepared in the kitchen.", {"meal is made in kitchen"}),
        ("Prepare the meal in the kitchen once all is done.", {"meal is made in kitchen"}),
    ],
)  # fmt: skip
def test_a_goal_or_a_hint_states_how_food_is_made(hint: str, expected: set[str]) -> None:
    reading = read(hint)
    assert {str(triplet) for triplet in reading.triplets} == expected
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("transcript", "place"),
    [
        ("> drop egg\nYou drop the egg on the ground.", "egg is in Hall"),
        ("> put egg on bed\nYou put the egg on the bed.", "egg is on bed"),
        ("> insert egg into box\nYou put the egg into the box.", "egg is in box"),
    ],
)
def test_full_hands_are_not_full_after_a_drop(transcript: str, place: str) -> None:
    hall = "player | is at | Hall"
    assert read_triplets(transcript, hall, "inventory | is | full") == {place, "inventory is not full"}
    assert read_triplets(transcript, hall) == {place}


def test_a_meal_leaves_the_knife_and_food_that_the_recipe_does_not_require() -> None:
    with AriGraph(embedder=None) as memory:
        for text in (
            RECIPE,
            "> inventory\nYou are carrying: a red potato, some black pepper, a pork chop, a knife and an egg.",
            "> prepare meal\nAdding the meal to your inventory.",
            "> eat meal\nYou eat the meal. Not bad.",
        ):
            memory.remember(text)
        held = {str(fact) for fact in memory.facts() if fact.relation == "is in"}
        assert held == {"knife is in inventory", "egg is in inventory"}


# -- instructions and counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "then", ["And then, recover", "Then, retrieve", "With that done, pick up", "Following that, take"]
)
def test_an_instruction_states_no_later_place_of_a_thing(then: str) -> None:
    start = "First off, retrieve the broccoli from the board. Then, put the broccoli on the rack."
    reading = read(f"{start} {then} the broccoli from the rack.")
    assert [str(triplet) for triplet in reading.triplets] == ["broccoli is in board"]
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("text", "read_count", "silent", "unread"),
    [
        ("> wait\nTime passes.", 0, 1, 0),
        ("> eat egg\nYou eat the egg. Not bad.", 1, 1, 0),
        (f"> look\n{ROOM}You see a closed chest. A clock strikes thirteen with great dignity.", 1, 2, 1),
        ("> take key\nYou take the key from the box. (with a sigh)", 1, 0, 0),
        ("", 0, 0, 0),
    ],
)
def test_each_sentence_is_counted_once(text: str, read_count: int, silent: int, unread: int) -> None:
    reading = read(text)
    assert (reading.read_count, reading.silent_count, len(reading.unread)) == (read_count, silent, unread)


def test_the_counts_of_a_whole_game_add_up_to_its_sentences() -> None:
    sentences = [
        "You see a closed chest.",
        "The chest is empty.",
        "Fine.",
        "There is an exit to the east.",
        "Wow!",
        "Zounds, a bat!",
    ]
    for number in range(len(sentences) + 1):
        reading = read("> look\n-= Hall =-\n" + " ".join(sentences[:number]))
        assert reading.read_count + reading.silent_count + len(reading.unread) == number


def test_a_long_list_is_read_to_its_end_and_other_long_sentences_are_unread() -> None:
    widgets = ", ".join(f"a rusty widget {number}" for number in range(60))
    reading = read(f"> look\n-= Hall =-\nThere is {widgets} and a spoon on the floor.")
    places = {str(triplet) for triplet in reading.triplets if triplet.relation == "is in"}
    assert {"rusty widget 0 is in Hall", "rusty widget 59 is in Hall", "spoon is in Hall"} <= places
    assert (len(places), reading.unread) == (61, ())
    endless = "The key is in " * 60 + "the box."
    assert read(endless).unread == (endless,)


EXPRESS = (
    "You are in the kitchen. "
    "In one part of the room you see a stove. "
    "There is also an oven. "
    "You also see a trash can that is closed. "
    "In another part of the room you see An open fridge, that contains a raw pork chop, and some lettuce. "
    "In one part of the room you see a counter that has a knife, a red apple, and a cookbook on it. "
    "There is also a dining table, that has nothing on it. "
    "In one part of the room you see a box, that is empty.\n"
    "To the East you see a closed patio door. "
    "Through an open wood door, to the North you see the pantry. "
    "To the West you see the corridor.\n"
)


def test_a_room_without_a_header_line_is_read_with_its_things_and_exits() -> None:
    reading = read(f"You are hungry!\n\n{EXPRESS}Inventory:\n  a map\n  some raw white tuna")
    assert {str(triplet) for triplet in reading.triplets} == {
        "player is hungry", "player is at kitchen", "stove is in kitchen", "oven is in kitchen",
        "trash can is in kitchen",
        "trash can is closed", "fridge is in kitchen", "fridge is open", "pork chop is in fridge", "pork chop is raw",
        "lettuce is in fridge", "counter is in kitchen", "knife is on counter", "red apple is on counter",
        "cookbook is on counter", "dining table is in kitchen", "box is in kitchen", "box is open",
        "kitchen has exit east",
        "east exit of kitchen is behind patio door", "patio door is closed", "kitchen has exit north",
        "north exit of kitchen is behind wood door", "wood door is open", "kitchen has exit west",
        "map is in inventory",
        "white tuna is in inventory", "white tuna is raw",
    }  # fmt: skip
    assert reading.unread == ()


def test_a_room_without_a_header_line_gives_a_connection() -> None:
    answer = "> move north\nYou are in the hall.\nTo the South you see the pantry."
    assert read_triplets(answer, "player | is at | pantry") == {
        "hall is north of pantry", "player is at hall", "hall has exit south",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        ("> take knife\nYou take the knife.", {"knife is in inventory"}),
        ("> cook chop in oven\nYou roast the chop with the oven.", {"chop is roasted"}),
        ("> open fridge\nYou open the fridge. The fridge contains a raw egg, some salt.",
         {"fridge is open", "raw egg is in fridge", "salt is in fridge"}),
        ("> open bin\nYou open the bin. It's empty inside.", {"bin is open"}),
        ("> open door to north\nYou open the wood door, revealing the pantry.", {"wood door is open"}),
        ("> open shelf\nUnknown action: I'm not sure what you mean.", {"shelf cannot be opened"}),
        ("> take shelf\nUnknown action: I'm not sure what you mean.", {"shelf cannot be taken"}),
        ("> take egg from fridge\nUnknown action: I'm not sure what you mean.", set()),
        ("> open wood door\nUnknown action: I'm not sure what you mean.", set()),
        ("> take egg\nYour inventory currently has 4 items, and is full.  You can't pick up another item.",
         {"inventory is full"}),
        ("> read map\nThe map reads:\n  The bar connects to the shower and sauna.",
         {"bar connects to shower", "bar connects to sauna",
          "map says The map reads: The bar connects to the shower and sauna."}),
    ],
)  # fmt: skip
def test_an_answer_of_a_second_game_engine_is_read(transcript: str, expected: set[str]) -> None:
    reading = read(transcript, "player | is at | kitchen")
    assert {str(triplet) for triplet in reading.triplets} == expected
    assert reading.unread == ()


def test_a_goal_states_the_places_of_its_thing_and_its_target() -> None:
    goal = "Your task is to take the coin that is located in the shower, and put it into the box found in the bar."
    assert {"coin is in shower", "box is in bar"} <= read_triplets(f"{goal}\n\n{EXPRESS}")


def test_a_thing_that_an_inventory_of_lines_no_longer_lists_is_outdated() -> None:
    reading = read("> put key in box\nYou put the key in the box.\nInventory:\n  Your inventory is currently empty.",
                   "lamp | is in | inventory")  # fmt: skip
    assert reading.outdated == (Replacement(Triplet("lamp", "is in", "inventory"), None),)


@pytest.mark.parametrize("hint", ["The Attic is north of the Hall.", "Attic lies north of Hall"])
def test_a_hint_states_the_direction_of_a_room(hint: str) -> None:
    assert read_triplets(hint) == {"Attic is north of Hall"}
    assert read_triplets("The key is north of here.") == set()
