"""What text worlds say that tells nothing of the world: flavour, prices, the parser's own words."""

from __future__ import annotations

from ariadne.memory.extraction.tables.phrasings import FRAGMENTS
from ariadne.memory.ontology.patterns import table

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
    Not a fan of the doors
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
    There isn't a thing on the <any>
    But the <any> hasn't got anything on it
    Look at the <any>
    [Oh well ]Look at the <any>
    There's nothing on this piece of (trash|garbage|junk)
    Oh, how they also contained nothing
    The <any> (contains|has|is filled with|reveals inside it|holds|shelters|offers you|reveals to you) nothing
    You can see nothing in the <any>
    There[ (is|are)] nothing (in|found in) the <any>
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
    # Recipes
    You open the copy of <any> and start reading
    Recipe #<any>
    --<any>
    Gather all following ingredients and follow the directions to prepare <any>
    (Ingredients|Directions)
    prepare[ the] meal
    Let's cook <any>
    Once done, enjoy your meal
    # Goals, looking closer, and the parser's own words
    Your task is to <any>
    [Please ](find|get|take|bring back|recover) the <any>
    (Read|Follow) the notes <any>
    [The ]notes[ that you find| found on the way] (will|tell|say|lead) <any>
    (Most|All|Some) <any> (are|is) locked[ and <any>|, and <any>]
    Somewhere <any>
    It's food
    The <any> holds nothing
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
    Unknown action: <any>
    It's empty inside
    The map reads
    A map is provided, that you may find helpful
    Nothing is said
    The game begins anew
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
    You still miss something
    Something still needs to be (cut|cooked)
    You haven't got that
    You (need|have) to take <any> first
    You need to specify <any>
    Either slice, dice, or chop it
    The <any> is already here
    <any> is already here
    Which do you mean, <any>
    Can only (cut|cook) <any>
    Cutting something requires a knife
    Cooking requires a source of heat
    You (must|have to) <any>
    (to yourself) There is no reply
    There is no reply
    You (wave|jump on the spot|achieve nothing by this)
    You (see|hear|smell|feel) nothing unexpected[ in that direction]
    You find nothing of interest
    You would achieve nothing by this
    You aren't feeling <any>
    Little is to be achieved by that
    (This|Putting) <any> would achieve <any>
    Nothing obvious happens
    (It|That) (isn't|is not) something you can <any>
    It is fixed in place
    There is nothing (on|in|inside) <any>
    You have to be more specific
    You('re| are) not <any>
    You scored <any> out of a possible <any>
    [In that game you|You] scored <any>
    Would you like to <any>
    (*** The End ***|*** You lost|***)
    """,
    FRAGMENTS,
)
