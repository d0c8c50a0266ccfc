"""`ariadne memory ontology`: prints and checks the ontologies that declare which facts end which."""

from __future__ import annotations

import click

from ariadne.cli.base import json_option, plural, print_result, report_errors
from ariadne.memory import OntologyReviser, Triplet
from ariadne.memory.ontology.ontology import PACKAGED, checked_text, from_text, packaged_text

NEW_SPACE = click.option("--ontology", metavar="NAME_OR_FILE", help="The ontology of a new space. [default: open]")


@click.command("ontology")
@click.argument("ontology", required=False, metavar="[NAME_OR_FILE]")
@click.option(
    "--triplet",
    "triplets",
    nargs=3,
    multiple=True,
    metavar="SUBJECT RELATION OBJECT",
    help="Print what this triplet excludes and ends. Repeatable.",
)
@json_option
@report_errors
def ontology_command(ontology: str | None, triplets: tuple[tuple[str, str, str], ...], as_json: bool) -> None:
    """Print an ontology, or check a file of your own.

    Without an argument, the names of the ontologies are printed.
    """
    if ontology is None:
        print_result(PACKAGED, {"ontologies": PACKAGED}, as_json=as_json)
    elif triplets:
        reviser = OntologyReviser(ontology)
        effects = [_effects(reviser, Triplet(*triplet)) for triplet in triplets]
        print_result([line for lines in effects for line in lines], effects, as_json=as_json)
    elif ontology in PACKAGED:
        text = packaged_text(ontology)
        print_result(text.rstrip("\n").splitlines(), {"ontology": ontology, "text": text}, as_json=as_json)
    else:
        print_result([_summary(ontology)], {"ontology": from_text(checked_text(ontology)).name}, as_json=as_json)


def _summary(path: str) -> str:
    """Return what a correct file declares; raises InvalidInput for a wrong one."""
    checked = from_text(checked_text(path))
    counts = [plural(checked.relation, "rule"), plural(len(checked.kinds), "kind"), plural(checked.states, "group")]
    extends = f", on top of {', '.join(checked.extends)}" if checked.extends else ""
    return f"{path}: correct: the ontology {checked.name} has {', '.join(counts)} of states{extends}"


def _effects(reviser: OntologyReviser, triplet: Triplet) -> list[str]:
    """Return what a triplet states by an ontology, one line for each slot that it fills or ends."""
    lines = [
        f"{triplet}: is the {value.kind} of {value.thing}: {value.value}"
        f" ({'one of many' if value.many else f'one {value.domain}'.strip() + ' at a time'})"
        for value in reviser.slots.values(triplet)
    ]
    denied = reviser.slots.denied_values(triplet)
    lines += [f"{triplet}: denies the {value.kind} of {value.thing}: {value.value}" for value in denied]
    between = dict[str, list[str]]()
    for end in reviser.slots.ends(triplet):
        names = end.subject if end.other is None else f"{end.subject} and {end.other}"
        between.setdefault(names, []).append(end.kind)
    lines += [f"{triplet}: ends, of {names}: {', '.join(kinds)}" for names, kinds in between.items()]
    return lines or [f"{triplet}: excludes nothing but its denial"]
