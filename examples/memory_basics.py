"""Remember, recall, travel in time, explain, correct and forget."""

from datetime import UTC, datetime

from ariadne.memory import About, AriGraph, Triplet

with AriGraph(ontology="everyday", embedder=None) as memory:  # embedder=None: recall by words; needs no extra
    monday, friday = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    memory.remember(
        "The bike is in the cellar.", triplets=[Triplet("bike", "is in", "cellar")], at=monday, source="Ann"
    )
    update = memory.remember(
        "I put the bike in the garage.", triplets=[Triplet("bike", "is in", "garage")], at=friday, source="Bob"
    )
    print("retired:", *update.retired)

    print("\ncurrent facts about the bike:", *memory.facts("bike"))
    print("true on Monday:", *memory.facts("bike", valid_at=monday))

    recall = memory.recall(["where can I find the bike?", About("cellar")], max_tokens=120)
    print("\ntext for a prompt:", recall.text, sep="\n")
    print("\nwhy:", recall.explain(), sep="\n")
    print(memory.why_not(Triplet("bike", "is in", "cellar"), recall))

    (garage,) = memory.facts("bike")
    memory.correct(garage, Triplet("bike", "is in", "shed"), why="Bob: I meant the shed.")
    print("\ncorrected:", *memory.facts("bike"))

    deleted = memory.forget(source="Bob")
    print("deleted episodes:", len(deleted.episodes))
