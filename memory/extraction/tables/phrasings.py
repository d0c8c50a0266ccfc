"""What text worlds say of what is before the player, as tables of patterns (the language stands in patterns.py).

Covered are the grammars and answers that ship with TextWorld; what a player is told in words stands in notes.py, and
what says nothing of the world in silence.py. To teach the reader a sentence, add a line.
"""

from __future__ import annotations

from ariadne.memory.ontology.patterns import table

FRAGMENTS = {
    "head": "[Oh well ]",
    "tail": "[, so there's that|, so why not take a picture, it'll last longer]",
    "see": "(see|make out|can see|can make out)",
    "near": "(here|in the room|nearby|close by|in the corner|right there by you)",
    "several": "(You can see|Your attention is drawn to|There are) (two|several)",
    "unblocked": "(unblocked|unguarded|open)",
    "into": "(into|in|inside)",
    "entered": "(entered|walked into|fallen into|moved into|stumbled into|come into|shown up in|sauntered into)",
    "are": "(are|find yourself|arrive)",
    "price": "(Thirty|Forty|Fifty|Sixty|Seventy|Eighty|Ninety|A hundred|Two hundred|Three hundred)",
    "unlocks": "(unlocks|opens|fits|fits into|will open|will unlock|will fit|can open|can unlock|goes to|goes into|goes in"
    "|belongs to|matches|is for|is made for|is meant for|was made for|turns in)",
    "unlocked_by": "(opens|unlocks|can be opened|can be unlocked|is opened|is unlocked|will open|yields|will yield)",
    "lies": "(is|lies|is hidden|is kept|is stored|is locked away|is located|is found|can be found|stands|waits|sits|rests|awaits you|is waiting)",
    "open": "(open up|open|unlock)",
    "seen_too": "(In (one|another) part of the room you see|There is also|You also see)",
}

DESCRIBED = table(
    """
    # Containers, supporters and other things that stand in a room
    You {see} a <state> <thing>, which looks <looks>,[ {near}] => <thing> | is in | <here>; <thing> | is | <state>
    You {see} a <state> <looks> looking <thing>[ {near}]  => <thing> | is in | <here>; <thing> | is | <state>
    A <state> <thing>, which looks <looks>, is {near}     => <thing> | is in | <here>; <thing> | is | <state>
    A <state> <looks> looking <thing> is {near}           => <thing> | is in | <here>; <thing> | is | <state>
    You {see} a <state> <thing>[ {near}]                  => <thing> | is in | <here>; <thing> | is | <state>
    A <state> <thing> is {near}                           => <thing> | is in | <here>; <thing> | is | <state>
    There is a <state> <door> leading <direction>         => <here> | has exit | <direction>; <direction> exit of <here> | is behind | <door>; <door> | is | <state>
    There is a <state> <thing> {near}                     => <thing> | is in | <here>; <thing> | is | <state>
    There (is|are) <things> on the floor                  => <things> | is in | <here>; <things> | can be | taken
    There is a <thing> {near}                             => <thing> | is in | <here>
    On the <holder>[,] you {see} <things>                 => <things> | is on | <holder>
    On the <holder>[,] (is|are) <things>                  => <things> | is on | <holder>
    In the <holder>[,] (is|are) <things>                  => <things> | is in | <holder>
    In the <holder>[,] you {see} <things>                 => <things> | is in | <holder>
    In it[,] (is|are) <things>                            => <things> | is in | <it>
    On it[,] (is|are) <things>                            => <things> | is on | <it>
    You see <things> on the <holder>                      => <things> | is on | <holder>
    You can see <things> in the <holder>                  => <things> | is in | <holder>
    You gaze in terror at the <things> that lie upon this very <holder> => <things> | is on | <holder>
    This <holder> has the following upon it, <things>     => <things> | is on | <holder>
    The <holder> contains <things>                        => <things> | is in | <holder>
    The <holder> holds <things>                           => <things> | is on | <holder>
    (The|What a letdown! The) <holder> is empty[, what a horrible day] => <holder> | is | open
    You {see} a <thing>[ {near}]                          => <thing> | is in | <here>
    You see a gleam over in a corner, where you can see a <thing> => <thing> | is in | <here>
    It looks like it's a <thing>                          => <thing> | is in | <here>
    You scan the room, seeing a <thing>                   => <thing> | is in | <here>
    You smell (a|an) <any> smell, and follow it to a <thing> => <thing> | is in | <here>
    Because look over there, it's a <thing>               => <thing> | is in | <here>
    You rest your hand against a wall, but you miss the wall and fall onto a <thing> => <thing> | is in | <here>
    You scan the room for a <any>, and you find a <thing> => <thing> | is in | <here>
    You hear a noise behind you and spin around, but you can't see anything other than a <thing> => <thing> | is in | <here>
    It's a- oh, never mind, it's just a <thing>           => <thing> | is in | <here>
    Look over there! a <thing>                            => <thing> | is in | <here>
    Look over there, a <thing>                            => <thing> | is in | <here>
    Here's a <thing>                                      => <thing> | is in | <here>
    If you haven't noticed it already, there seems to be something there by the wall, it's a <thing> => <thing> | is in | <here>
    When you stand up, you notice a <thing>               => <thing> | is in | <here>
    It is! It's a <thing>                                 => <thing> | is in | <here>
    It's a <thing>                                        => <thing> | is in | <here>
    The wall opens up to reveal a <thing>                 => <thing> | is in | <here>
    As if things weren't amazing enough already, you can even see a <thing> => <thing> | is in | <here>
    The <holder> is <state>                               => <holder> | is | <state>
    """,
    FRAGMENTS,
)

SURVEYED = table(
    """
    The <holder> contains <things>                        => <things> | is in | <holder>; <holder> | is | open
    # Several of a kind
    {several} things[ here], <things>[, here]             => <things> | is in | <here>
    {several} <glued>things[ here], <things>[, here]      => <glued> <things> | is in | <here>
    {several} <kind>s[ here], <ones>[, here]              => <ones> <kind> | is in | <here>
    The <thing> (reminds you of|looks like|floods your mind with memories of|is reminiscent of|is just like) the containers <any> => <thing> | is spoken of | here
    Oh, how they also contained <listed>                  => <listed> | is in | <it>
    The <holder> (has|is filled with|reveals inside it|shelters|offers you|reveals to you) <listed> => <listed> | is in | <holder>; <holder> | is | open
    There[ (is|are)] <listed> (in|found in) the <holder>  => <listed> | is in | <holder>
    There are (two|several) <state> doors, <doors>, here  => <doors> | is | <state>
    There are (two|several) <state> doors here, <doors>   => <doors> | is | <state>
    Let's see how many <state> doors there are            => <state> | is spoken of | here
    Looks like (two|several), <doors>                     => <doors> | is | <it>
    {seen_too} a <holder> that has <things> on it         => <holder> | is in | <here>; <things> | is on | <holder>
    {seen_too} a <holder>, that has nothing on it         => <holder> | is in | <here>
    {seen_too} a[n] open <holder>, that is empty          => <holder> | is in | <here>; <holder> | is | open
    {seen_too} a <holder>, that is empty                  => <holder> | is in | <here>; <holder> | is | open
    {seen_too} a[n] open <holder>, that contains <things> => <holder> | is in | <here>; <holder> | is | open; <things> | is in | <holder>
    {seen_too} a <holder>, that contains <things>         => <holder> | is in | <here>; <holder> | is | open; <things> | is in | <holder>
    {seen_too} a <thing> that is <state>                  => <thing> | is in | <here>; <thing> | is | <state>
    {seen_too} a <thing>                                  => <thing> | is in | <here>
    # Exits
    To the <direction> you see a <state> <door>           => <here> | has exit | <direction>; <direction> exit of <here> | is behind | <door>; <door> | is | <state>
    To the <direction> you see the <any>                  => <here> | has exit | <direction>
    Through a[n] open <door>, to the <direction> you see the <any> => <here> | has exit | <direction>; <direction> exit of <here> | is behind | <door>; <door> | is | open
    There (is|are) [an ][{unblocked} ](exit|exits) to the <directions>[, don't worry, it is {unblocked}] => <here> | has exit | <directions>
    (You should try|Why not try) going <directions>[, that entranceway is <any>] => <here> | has exit | <directions>
    [Hot tip- ](Why not|if you) go <directions>[, you won't have to deal with any doors] => <here> | has exit | <directions>
    If you're not really a <any>, you could leave by the <directions> => <here> | has exit | <directions>
    If you want to leave, and doors <any> you could try going <directions> => <here> | has exit | <directions>
    It looks like you can exit to the <directions>, if doors <any> => <here> | has exit | <directions>
    You can[ also] go <directions>[ from here][ without having to deal with any doors] => <here> | has exit | <directions>
    Nearby <door> leads <direction>[ to <any>]            => <here> | has exit | <direction>; <direction> exit of <here> | is behind | <door>
    (An exit|Exits)[ {unblocked}] (lies|lie) to the <directions> => <here> | has exit | <directions>
    """,
    FRAGMENTS,
)
"""What only the description of a room says."""

LOOKS = table("(The) <thing> is <looks> =>", FRAGMENTS)
"""How things look: what is left when nothing else matches."""

ANSWERED = table(
    """
    # What an action changed; <target> and <tool> are what the command named, <opened> and
    # <taken> what it meant to open or take in the plainest words
    You (pick up|take|get) the <thing> from the ground    => <thing> | is in | inventory
    You (take|remove) the <thing> from the <holder>       => <thing> | is in | inventory
    You take the <thing>                                  => <thing> | is in | inventory
    You pick up the <thing>                               => <thing> | is in | inventory
    You drop the <thing>[ on the (ground|floor)]          => <thing> | is in | <here>; inventory | is | not full
    You put the <thing> on the <holder>                   => <thing> | is on | <holder>; inventory | is | not full
    You (put|insert) the <thing> {into} the <holder>      => <thing> | is in | <holder>; inventory | is | not full
    You're carrying too many things already               => inventory | is | full
    Your inventory currently has <any>, and is full       => inventory | is | full
    You open the <thing> door, revealing the <any>        => <thing> door | is | open
    You open the <thing>, revealing <things>              => <thing> | is | open; <things> | is in | <thing>
    You open the <thing>                                  => <thing> | is | open
    You unlock the <thing>                                => <thing> | is | closed; <tool> | unlocks | <thing>
    You close the <thing>                                 => <thing> | is | closed
    You lock the <thing>                                  => <thing> | is | locked
    You have to unlock the <thing> with the <key> first   => <thing> | is | locked; <key> | unlocks | <thing>
    You have to open the <thing> first                    => <thing> | is | closed
    <any> (doesn't|does not|don't|do not)[ seem to] fit the lock => <tool> | does not unlock | <target>
    <any> (isn't|is not|doesn't seem to be|does not seem to be) something you can (open|unlock) => <target> | cannot be | opened
    Unknown action: <any>                                 => <opened> | cannot be | opened; <taken> | cannot be | taken
    The <thing> is welded shut                            => <thing> | cannot be | opened
    (It|The <any>) seems to be locked                     => <target> | is | locked
    (That's|It's) already open                            => <target> | is | open
    (That's|It's) already closed                          => <target> | is | closed
    (That's|It's|<any> is) unlocked at the moment         => <target> | is | closed
    (That's|It's|<any> is) (fixed in place|hardly portable) => <target> | cannot be | taken
    # Food and the meal
    You <look> the <thing>                                => <thing> | is | <look>
    You fry the <thing> with the <any>                    => <thing> | is | fried
    You roast the <thing> with the <any>                  => <thing> | is | roasted
    You grill the <thing> with the <any>                  => <thing> | is | grilled
    You chop the <thing>                                  => <thing> | is | chopped
    You slice the <thing>                                 => <thing> | is | sliced
    You dice the <thing>                                  => <thing> | is | diced
    The <thing> is already <look>                         => <thing> | is | <look>
    You eat the <thing>                                   => <thing> | is | eaten; inventory | is | not full
    You drink the <thing>                                 => <thing> | is | drunk; inventory | is | not full
    Adding the <thing> to your inventory                  => <thing> | is in | inventory; inventory | is | not full
    Can only prepare[ the] <thing> in the -= <room> =-    => <thing> | is made in | <room>
    # What looking closer tells
    Useful for <use> things                               => <it> | is for | <use>
    It is <state>                                         => <it> | is | <state>
    You can see inside it                                 => <it> | is | open
    You can't see inside it because the lid's in your way => <it> | is | closed
    There is a lock on it[ and seems impossible to <any>]  => <it> | is | locked
    """,
    FRAGMENTS,
)

RECIPE = {
    "ingredients": table("<thing> => recipe | requires | <thing>", {"head": "", "tail": ""}),
    "directions": table("<work> the <thing> => <thing> | needs | <work>", {"head": "", "tail": ""}),
}
"""How a line is read below the line "Ingredients:" or "Directions:"."""
