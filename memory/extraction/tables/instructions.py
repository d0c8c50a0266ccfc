"""What an objective tells a player to do, step by step, as tables of patterns: the instruction grammars of TextWorld.

An instruction is no fact, but it presupposes some: where a thing is that is to be taken, which key is for which lock.
"""

from __future__ import annotations

from ariadne.memory.ontology.patterns import table

_FRAGMENTS = {
    "tail": "",
    "head": "[To <any>, ][(And then|Okay, and then|Then|Next|Following that|After that|That done|First|First off|First of all"
    "|First stop|First step|Please|With <any>|If you <any>|Once you <any>|After <any>|Having <any>|Welcome to <any>"
    ")[,] ]"
    "[(Your|The)[ first] (objective|task)[ for today] is to |first thing I need you to do is to |[if it's not too much trouble, ]I need you to "
    "|you could, like, |(could you )|it would be <any> if you could |please ]"
    "[(try to|attempt to|make an (effort|attempt) to|go and) ]",
    "take": "(take|retrieve|recover|pick up|pick-up|lift|get|fetch|grab)",
    "ensure": "(ensure|make sure|assure|make it so|doublecheck|look and see|make absolutely sure|check)",
    "within": "(in|within|inside)",
    "put": "(insert|put|place|deposit|sit|rest|drop|ditch|throw|toss)",
    "go": "(go|head|venture|travel|move|take a trip|walk)",
}

INSTRUCTED = table(
    """
    {take} the <thing> (that|which) is[ located| found| hidden| kept] {within} the <room> => <thing> | is in | <room>
    {take} the <thing> from the floor of the <room>       => <thing> | is in | <room>
    {take} the <thing> (from[ within| inside][ the locked]|that's in|in) the <holder>[ {within} the <room>] => <thing> | is in | <holder>; <holder> | is in | <room>
    {ensure} that the <lock>[ {within} the <room>] is unlocked with the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    (unlock|open)[ and open][ the locked] the <lock>[ {within} the <room>] (with|using) the <key>[[,] and {take} the <any>] => <key> | unlocks | <lock>; <lock> | is in | <room>
    {take} the <key> and use (it|<any>) to unlock the <lock>[ {within} the <room>] => <key> | unlocks | <lock>; <lock> | is in | <room>
    unlock the <lock>[ {within} the <room>][,] with the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    insert the <key> into the <lock>[ {within} the <room>]'s lock to unlock it => <key> | unlocks | <lock>; <lock> | is in | <room>
    """,
    _FRAGMENTS,
)

SILENT_INSTRUCTIONS = table(
    """
    {go}[ to the| through the] <any>
    {go} <any>
    (open|close|unlock|lock|eat|examine|look around in|prepare|cook) <any>
    {take} the <any>
    [you can ]{put} <any>
    {ensure}[ that] <any>
    examine your inventory
    wait
    The dinner is almost ready
    It's only missing a <any>
    # Flavour
    Welcome to <any>
    You are now playing <any>
    It's time to explore <any>
    Get ready to <any>
    I hope (you're|your) ready to <any>
    Who's got a virtual machine <any>
    Hey, thanks for coming <any>
    (You do|Got that|Good|Alright, thanks|That's it)
    Here is (your task for today|how to play)
    Once that's all handled, you can stop
    And once you've done that, you win
    And if you do that, you're the winner
    """,
    _FRAGMENTS,
)
