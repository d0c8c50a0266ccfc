"""What text worlds say, as tables of patterns (the language stands in patterns.py).

Covered are the grammars and answers that ship with TextWorld, and what notes, goals and hints say of keys and places.
To teach the reader a sentence, add a line.
"""

from __future__ import annotations

import re

from ariadne.memory.patterns import table

_FRAGMENTS = {
    "head": "[Oh well ]",
    "tail": "[, so there's that|, so why not take a picture, it'll last longer]",
    "see": "(see|make out|can see|can make out)",
    "near": "(here|in the room|nearby|close by|in the corner|right there by you)",
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
    There (is|are) <things> on the floor                  => <things> | is in | <here>
    There is a <thing> {near}                             => <thing> | is in | <here>
    On the <holder>[,] you {see} <things>                 => <things> | is on | <holder>
    On the <holder>[,] (is|are) <things>                  => <things> | is on | <holder>
    In the <holder>[,] (is|are) <things>                  => <things> | is in | <holder>
    In the <holder>[,] you {see} <things>                 => <things> | is in | <holder>
    You see <things> on the <holder>                      => <things> | is on | <holder>
    You can see <things> in the <holder>                  => <things> | is in | <holder>
    You gaze in terror at the <things> that lie upon this very <holder> => <things> | is on | <holder>
    This <holder> has the following upon it, <things>     => <things> | is on | <holder>
    The <holder> contains <things>                        => <things> | is in | <holder>; <holder> | is | open
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
    # Several of a kind
    (You can see|Your attention is drawn to|There are) (two|several) <any>, <things>,[ here] => <things> | is in | <here>
    There are (two|several) <state> doors, <doors>, here  => <doors> | is | <state>
    There are (two|several) <state> doors here, <doors>   => <doors> | is | <state>
    The <holder> is <state>                               => <holder> | is | <state>
    (The) <thing> is <looks>                              => <noun> | is known as | <thing>
    # Exits
    There (is|are) [an ][{unblocked} ](exit|exits) to the <directions>[, don't worry, it is {unblocked}] => <here> | has exit | <directions>
    (You should try|Why not try) going <direction>[, that entranceway is <any>] => <here> | has exit | <direction>
    You can[ also] go <directions>[ from here][ without having to deal with any doors] => <here> | has exit | <directions>
    Nearby <door> leads <direction>[ to <any>]            => <here> | has exit | <direction>; <direction> exit of <here> | is behind | <door>
    (An exit|Exits)[ {unblocked}] (lies|lie) to the <directions> => <here> | has exit | <directions>
    """,
    _FRAGMENTS,
)

ANSWERED = table(
    """
    # What an action changed; <target> and <tool> are what the command named
    You (pick up|take|get) the <thing> from the ground    => <thing> | is in | inventory
    You (take|remove) the <thing> from the <holder>       => <thing> | is in | inventory
    You pick up the <thing>                               => <thing> | is in | inventory
    You drop the <thing>[ on the (ground|floor)]          => <thing> | is in | <here>
    You put the <thing> on the <holder>                   => <thing> | is on | <holder>
    You (put|insert) the <thing> {into} the <holder>      => <thing> | is in | <holder>
    You open the <thing>, revealing <things>              => <thing> | is | open; <things> | is in | <thing>
    You open the <thing>                                  => <thing> | is | open
    You unlock the <thing>                                => <thing> | is | closed; <tool> | unlocks | <thing>
    You close the <thing>                                 => <thing> | is | closed
    You lock the <thing>                                  => <thing> | is | locked
    You have to unlock the <thing> with the <key> first   => <thing> | is | locked; <key> | unlocks | <thing>
    You have to open the <thing> first                    => <thing> | is | closed
    <any> (doesn't|does not|don't|do not)[ seem to] fit the lock => <tool> | does not unlock | <target>
    <any> (isn't|is not|doesn't seem to be|does not seem to be) something you can (open|unlock) => <target> | cannot be | opened
    The <thing> is welded shut                            => <thing> | cannot be | opened
    (It|The <any>) seems to be locked                     => <target> | is | locked
    (That's|It's) already open                            => <target> | is | open
    (That's|It's) already closed                          => <target> | is | closed
    (That's|It's|<any> is) (fixed in place|hardly portable) => <target> | cannot be | taken
    # What looking closer tells
    In it[,] (is|are) <things>                            => <things> | is in | <it>
    On it[,] (is|are) <things>                            => <things> | is on | <it>
    It is <state>                                         => <it> | is | <state>
    You can see inside it                                 => <it> | is | open
    You can't see inside it because the lid's in your way => <it> | is | closed
    There is a lock on it                                 => <it> | is | locked
    """,
    _FRAGMENTS,
)

_NOTED = {
    **_FRAGMENTS,
    "head": "[(PS|NB|Hint|Note|Next|Now|So)(:|,) ][(remember|note|know|they say|I think)[ that] ][(Now|So|Then) ]"
    "[(To|If|When|Once|After) <any>, ]",
    "here_too": "[ (in|within|inside) the <room>]",
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
    [<any>, ]you('ll| will| can| may)[ find] the <thing> {into} the <holder>{here_too} => <thing> | is in | <holder>; <holder> | is in | <room>
    [<any>, ]you('ll| will| can| may)[ find] the <thing> (on|upon) the <holder>{here_too} => <thing> | is on | <holder>; <holder> | is in | <room>
    [<any>, ](look|search) for the <thing> {into} the <holder> => <thing> | is in | <holder>
    (Take|Get|Fetch|Recover|Retrieve|Steal) the <thing> (from|out of|from inside) the <holder>{here_too} => <thing> | is in | <holder>; <holder> | is in | <room>
    (In|Inside) the <holder>[,] (you('ll| will) find|lies|is|waits) the <thing> => <thing> | is in | <holder>
    The <thing>[,][ which] {lies} on the floor (in|of) the <room> => <thing> | is in | <room>
    The <thing> {lies} {into} the <holder>{here_too}      => <thing> | is in | <holder>; <holder> | is in | <room>
    The <thing> {lies} (on|upon) the <holder>{here_too}   => <thing> | is on | <holder>; <holder> | is in | <room>
    The <holder> (holds|contains|hides) the <thing>       => <thing> | is in | <holder>
    # What "it" will mean
    (Begin|Start)[,] (with|by (looking for|taking|getting|finding|locating|fetching)) the <key>[ (in|from|on) <any>] => <key> | is spoken of | here
    [To start, ][first[,] ](look for|find|locate) the <key> => <key> | is spoken of | here
    """,
    _NOTED,
)

ROOM = re.compile(
    r"^(?:bar|den|study)$|\b(?:room|bathroom|bedroom|bedchamber|chamber|kitchen|kitchenette|pantry|cellar|basement|attic|garage|vault|closet"
    r"|corridor|hall|hallway|lounge|parlor|parlour|salon|office|studio|workshop|cubicle|laundry|launderette"
    r"|laundromat|washroom|restroom|shower|sauna|canteen|cookery|scullery|cookhouse|library|garden|backyard|driveway"
    r"|street|supermarket|shop|yard|shed|porch|balcony|nook|foyer|lobby|zone)(?: \w{1,2})?$",
    re.IGNORECASE,
)
"""Names that are said of rooms; for texts that speak of rooms where nobody has been."""

SILENT = table(
    """
    # A room introduces itself
    I am <any> to announce that you are now in the <any>
    Ah, the <any>
    This is some kind of <any>, really great <any> vibes in this place, a wonderful <any> atmosphere
    And now, well, you're in it
    Okay, so you're in a <any>, cool, but is it <any>
    You better believe it is
    You {are} in <any>
    (Guess what|Well how about that|Well I'll be), you are in <any> place we're calling <any>
    (Well, here we are|Here we are|This just in- You,|Wow! You're|You're now|You're) in <any>
    You've[ just] {entered} <any>
    This might come as a shock to you, but you've just {entered} <any>
    You have {entered} <any>
    Of every <any> you could have <any>
    Not the <any> you'd expect
    No, this is a <any>
    It seems to be pretty <any> here
    That is to say, you're in a <any>
    (A|An) <any> (one|kind of place)
    Your mind races to think of what kind of room would be <any>
    (And then it hits you|Of course)
    If you're wondering why everything seems so <any> all of a sudden, it's because you've <any>
    Fancy seeing you here
    Here, by the way, being the <any>
    I never took you for the sort of person who would show up in <any>, but I guess I was wrong
    (This is going to sound unbelievable|You're not going to believe this), but you've just entered a <any>
    You make <any> grand eccentric <any>
    Look at you, bigshot, walking into <any> like it isn't some huge deal
    Look around you
    Take it all in
    It's not every day someone gets to be in <any>
    You've seen better <any>, but at least this one seems pretty <any>
    I just think it's (awesome|great) that you<any>
    A <any> tells you that you are now in the <any>
    Look at that <any>
    What does it say
    It says Welcome to the <any>
    Well that's cool
    Welcome [back ]to the <any>
    Wow
    This <any> you have just entered is definitely <any>
    # and is looked over
    Okay, just remember what you're here to do, and everything will go great
    You try to gain information on your surroundings by using a technique you call <any>
    You can barely contain your excitement
    The room seems oddly familiar, as though it were only superficially different from the other rooms in the building
    You decide to (just list off|start listing off) <any>
    I guess you better just go and list everything you see here
    You start to take note of what's in the room
    The room is well lit
    You begin to take stock of what's <any>
    You begin looking for stuff
    Let's see what's in here
    # Before a thing is named
    What's that over there
    Were you looking for a <any>
    Look out
    Oh, great
    Hey, want to see a <any>
    You bend down to tie your shoe
    Oh wow
    Is that what I think it is
    It is
    You lean against the wall, inadvertently pressing a secret button
    You need an[ {unblocked}] exit[ without a door]
    You don't like doors
    [And hey, ]don't worry, (it is {unblocked}|there is no door|they are {unblocked}|it's {unblocked})
    Let's see how many (open|closed) doors there are
    Looks like (two|several), <any>
    # After a thing is named
    You shudder, but continue examining the <any>
    You wonder idly who (left that|put this stuff) here
    Now why would someone leave that there
    There's something strange about this <any> being here, but you <any>
    There's something strange about this being here, but you can't put your finger on it
    Huh, weird
    Hmmm... what else, what else
    Hmmm
    what else, what else
    [I mean, just wow! |Wow, |I mean, just wow]
    [Wow, ]isn't TextWorld just the best
    You can't wait to tell the folks at home about this
    Something scurries by right in the corner of your eye
    Probably nothing
    You idly wonder how they came up with the name TextWorld for this place
    It's pretty fitting
    Suddenly, you bump your head on the ceiling, but it's not such a bad bump that it's <any>
    Now that's what I call TextWorld
    Classic TextWorld
    Just like in the movies
    It doesn't get [any ]more TextWorld than this
    The light flickers for a second, but nothing else happens
    Why don't you take a picture of it, it'll last longer
    I guess it's true what they say, if you're looking for a <any>, go to TextWorld
    What a coincidence, weren't you just thinking about a <any>
    There's something about an object in a room that's just so...
    There's something about an object in a room that's just so... TextWorld
    TextWorld
    You can't really describe the <any> besides that it's <any>
    Does this look like anything mentioned in the instructions
    What a great pairing of adjectives and nouns
    Make a note of this, you might have to put stuff on or in it later on
    A <any>... Is that really what you were looking for
    A <any>...
    Is that really what you were looking for
    Is this it
    Is this what you came to TextWorld (to see|for)[? a <any>]
    This...[ <any>]
    Hmm
    You always thought you'd be more excited to see a <any> in a room
    You look around you, at all the containers and supporters, doors and objects, and you think to yourself
    Why[ Textworld]
    # Price tags
    You check the price tag <any>
    Wow, check out the price tag <any>
    You look at the price tag <any>
    {price} (dollars|bucks|big ones)
    <any> bucks
    That's ridiculous
    What a deal
    You'll have to ask where they got this
    Where'd they buy this <any>
    (You know|Do you know|Did you ever meet|You ever meet) my <any>
    I'm sure my friend could get you one of those for <any>
    [You know, |You know what, |](I know|I got|I have|I've got|You know) <any> who could get you one of those for <any>
    I (know|got|have) <any> who could get you one of those for <any>
    # Emptiness
    [But |Unfortunately, ]there isn't a thing on it
    But the thing is empty[, unfortunately]
    But the thing hasn't got anything on it
    [But oh no! ]there's nothing on this piece of (trash|garbage|junk)
    The <any> appears to be empty
    Looks like someone's already been here and taken everything off it, though
    However, the <any>, like an empty <any>, has nothing on it
    Empty
    What kind of nightmare TextWorld is this
    What a letdown[, there's nothing here]
    What a waste of a day
    This is the worst thing that could possibly happen, ever
    You move on, clearly <any> TextWorld[ experience]
    Sometimes, just sometimes, TextWorld can just be the worst
    What's the point of an empty <any>
    Hopefully this doesn't make you too upset
    You make a mental note to not get your hopes up the next time you see <any>
    Hopefully, this discovery doesn't ruin your TextWorld experience
    You swear loudly
    This always happens[, here in TextWorld]
    Silly <any>, silly, empty, good for nothing <any>
    You think about smashing the <any> to bits, throwing the bits <any>
    Aw, [and ]here you were, all excited for there to be things on it
    [Oh! ]Why couldn't there just be stuff on it
    Oh[ well]
    Hm
    What, you think everything in TextWorld should have stuff on it
    It would have been so cool if there was stuff on the <any>
    # Goals, looking closer, and the parser's own words
    Your task is to <any>
    [Please ](find|get|take|bring back|recover) the <any>
    (Read|Follow) the notes <any>
    [The ]notes[ that you find| found on the way] (will|tell|say|lead) <any>
    (Most|All|Some) <any> (are|is) locked[ and <any>|, and <any>]
    Somewhere <any>
    The <any> (looks|seems|appears|appears to be|would seem to be) <any>
    The <any> is (ordinary|normal|typical|standard|usual)
    The <any> is (unremarkable|clean|dirty|modern|antiquated|well-used|brand new|expensive looking|cheap looking)
    The <any> is (stable|wobbly|unstable|balanced|durable|reliable|solid|undependable|solidly built|shaky)
    The <any> is an unstable piece of (garbage|trash|junk)
    The <any> is (cold to the touch|heavy|light|weighty|surprisingly heavy|heavier than it looks)
    The metal of the <any> is <any>
    that's a <any>
    it's a <any>
    it is what it is, a <any>
    You couldn't pay me to eat that <any>
    (You see|There's|There is) nothing special about <any>
    You find nothing of interest
    You are carrying nothing
    Your score has just gone up by <any>
    Your score changed by <any>
    That's not a verb I recogni(s|z)e
    You can't <any>
    You (already|aren't|don't) <any>
    That's <any>
    It's already <any>
    It (seems|doesn't) <any>
    That (doesn't|isn't) <any>
    (Time passes|Not bad|Taken|Dropped|Nothing happens)
    What do you want to <any>
    I (only|didn't|don't) <any>
    You have to be more specific
    You('re| are) not <any>
    You scored <any> out of a possible <any>
    [In that game you|You] scored <any>
    Would you like to <any>
    (*** The End ***|*** You lost|***)
    """,
    _FRAGMENTS,
)
