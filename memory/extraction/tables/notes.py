"""What notes, goals and hints say of keys, places and food, as a table of patterns."""

from __future__ import annotations

from ariadne.memory.extraction.tables.phrasings import FRAGMENTS
from ariadne.memory.ontology.patterns import table

_NOTED = {
    **FRAGMENTS,
    "head": "[(PS|NB|Hint|Note|Next|Now|So)(:|,) ][(remember|note|know|they say|I think)[ that] ][(Now|So|Then) ]"
    "[(To|If|When|Once|After) <any>, ]",
    "here_too": "[[ found| located] (in|within|inside) the <room>]",
}

TOLD = table(
    """
    # Keys and what they open; a key or a lock may be a pronoun
    The key (here|beside this note|found here|you found here|in here|with this note) {unlocks} the <lock> => <last key> | unlocks | <lock>
    The <key>, in <room>, {unlocks} the <lock>            => <key> | unlocks | <lock>; <key> | is in | <room>
    The <key>[, which is in <any>,] {unlocks} the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    The <key> you found in <any> {unlocks} <lock>         => <key> | unlocks | <lock>
    The <key> (is (the (key|one) (to|of|for|that opens)|what you need for)|will get you into|gets you into|will let you into) the <lock> => <key> | unlocks | <lock>
    The key (to|of|for) the <lock>{here_too} is the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    (Use|Take|Try|Turn|Bring) the <key> (to|and) {open} the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    (Use|Try|Turn|Insert|Put) the <key> (into|on|in|with|for) the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    [<any>, ]with the <key>[ in hand][,] you (can|may|will) {open} the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    [go and |go to <any> and ][[you ](can|may|should) ]{open} the <lock>{here_too} (with|using) the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    The <lock>{here_too} {unlocked_by} (with|by|to|using) the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    The <lock>{here_too} was made for the <key>           => <key> | unlocks | <lock>; <lock> | is in | <room>
    The <lock>{here_too} (needs|requires|takes|wants|awaits|is waiting for|won't open without|will not open without|yields to) the <key> => <key> | unlocks | <lock>; <lock> | is in | <room>
    [You('ll| will) need|You must have|You need] the <key> to {open} the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    You('ll| will)[ need] the <key> for the <lock>{here_too} => <key> | unlocks | <lock>; <lock> | is in | <room>
    For the <lock>[,] you('ll| will)[ need| want] the <key> => <key> | unlocks | <lock>
    # Where things are
    In the <room>[,] there (is|stands|sits|lies) a <thing> => <thing> | is in | <room>
    [<any>, ]you('ll| will| can| may) find the <thing> {into} the <holder>{here_too} => <thing> | is in | <holder>; <holder> | is in | <room>
    [<any>, ]you('ll| will| can| may) find the <thing> (on|upon) the <holder>{here_too} => <thing> | is on | <holder>; <holder> | is in | <room>
    [<any>, ](look|search) for the <thing> {into} the <holder> => <thing> | is in | <holder>
    (Take|Get|Fetch|Recover|Retrieve|Steal|Pick up) the <thing> from the floor (of|in) the <room> => <thing> | is in | <room>
    (Take|Get|Fetch|Recover|Retrieve|Steal) the <thing> (from|out of|from inside) the <holder>{here_too} => <thing> | is in | <holder>; <holder> | is in | <room>
    (In|Inside) the <holder>[,] (you('ll| will) find|lies|is|waits) the <thing> => <thing> | is in | <holder>
    The <thing>[,][ which] {lies} on the floor (in|of) the <room> => <thing> | is in | <room>
    The <thing> {lies} {into} the <holder>{here_too}      => <thing> | is in | <holder>; <holder> | is in | <room>
    The <thing> {lies} (on|upon) the <holder>{here_too}   => <thing> | is on | <holder>; <holder> | is in | <room>
    The <holder> (holds|contains|hides) the <thing>       => <thing> | is in | <holder>
    The <room> connects to (the) <things>                 => <room> | connects to | <things>
    The <room> (is|lies) <direction> of the <other>       => <room> | is <direction> of | <other>
    # How food is made
    You are hungry                                        => player | is | hungry
    Check the <thing> in the <room> for the recipe        => <thing> | is in | <room>
    The <thing> in the <room> holds the recipe            => <thing> | is in | <room>
    (Frying|Fry) (is done only|is done|things|food|it)[ only] (with|on|in) the <tool> => <tool> | is for | frying
    (Roasting|Roast) (is done only|is done|things|food|it)[ only] (with|on|in) the <tool> => <tool> | is for | roasting
    (Grilling|Grill) (is done only|is done|things|food|it)[ only] (with|on|in) the <tool> => <tool> | is for | grilling
    Fry with the <tool>                                   => <tool> | is for | frying
    Roast with the <tool>                                 => <tool> | is for | roasting
    Grill with the <tool>                                 => <tool> | is for | grilling
    [the ]meal (shoud|should|must|has to|can only) be prepared in the <room> => meal | is made in | <room>
    Prepare the meal in the <room>[ once <any>]           => meal | is made in | <room>
    # What "it" will mean
    (Begin|Start)[,] (with|by (looking for|taking|getting|finding|locating|fetching)) the <key>[ (in|from|on) <any>] => <key> | is spoken of | here
    [To start, ][first[,] ](look for|find|locate) the <key> => <key> | is spoken of | here
    """,
    _NOTED,
)
