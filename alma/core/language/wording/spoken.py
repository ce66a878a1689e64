"""What dictation and chatting leave in a text, put as it would be written: hesitation, software by its sound, faces."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_HEARD = (
    (seldom(r"\b(?:my[ -]?sequel|my s\.? ?q\.? ?l)\b", re.IGNORECASE), "MySQL"),
    (
        seldom(r"(?<![\w:/-])post ?gress?(?: sequel| s q l)?\b(?![:/])", re.IGNORECASE),
        "Postgres",
    ),
    (seldom(r"\bengine ?[- ]x\b", re.IGNORECASE), "nginx"),
    (
        seldom(r"^(?:(?:please|pls|plz) )?ad (?=\d|an? |another |one |two |three )", re.IGNORECASE),
        "add ",
    ),
    (
        seldom(
            r"\b(?P<asks>can|could|would|will|do|did|are|have|should|want) (?:u|ya)\b",
            re.IGNORECASE,
        ),
        r"\g<asks> you",
    ),
    (seldom(r"\byou can to (?=[a-z])", re.IGNORECASE), "you can "),
    (seldom(r"^pleas(?= )", re.IGNORECASE), "please"),
    (
        seldom(
            r"\b(?:(?:it |that |which )?(?:must|should|has to|needs to|can|shall) )?surviv(?:e|es|ing) "
            r"(?:(?:the|a|an|one|any) )?(?:crash|failure|outage|loss|death|breakdown) of "
            r"(?:one|a|an|any|a single|any single) (?:machine|node|server|host|box)\b",
            re.IGNORECASE,
        ),
        "highly available",
    ),
    (  # as the French write it: "30 Go de disque"
        seldom(
            r"\b(?P<amount>\d+(?:[.,]\d+)?) ?(?P<unit>[GMT])o\b"
            r"(?= (?:of|de|disk|ram|memory|storage|each)\b|\s*(?:[,.;)?]|$))"
        ),
        r"\g<amount> \g<unit>B",
    ),
    (
        seldom(
            r"\b(?P<verb>give|make|get|put|let|scale|bump|move|drop|kill|remove|resize) ['’]?em\b",
            re.IGNORECASE,
        ),
        r"\g<verb> them",
    ),
    (  # "make the control plane three nodes"
        seldom(
            r"\b(?P<verb>make|set|put|scale|bring|take|get) the control plane (?:have |to |up to |on |at )?"
            r"(?P<number>\d|one|two|three|five|seven) (?:nodes?|machines?|members?|vms?|servers?)\b",
            re.IGNORECASE,
        ),
        r"set the control plane to \g<number>",
    ),
    (  # "set LOG_LEVEL to warn"
        seldom(
            r"\b(?P<verb>set|change|make|switch|put|turn) (?:the )?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+) "
            r"(?:to|as|be|=) (?P<value>[\w./:@-]+)"
        ),
        r"\g<verb> \g<name>=\g<value>",
    ),
    (  # a purpose, and no disk: "redis for session storage"
        seldom(
            r"\b(?P<for>for|as)(?: (?:the|our|a|its))? sessions? (?:storage|stores?|state|caching|handling|data)\b",
            re.IGNORECASE,
        ),
        r"\g<for> sessions",
    ),
    (  # "the worker pool should have 5 nodes"
        seldom(
            r"\b(?P<the>the|our|its) (?:(?:kubernetes|k8s|cluster) )?(?:(?:workers?|node)[ -]?(?:pool|group)|"
            r"pool of (?:workers|nodes))(?: (?:should|must|needs? to|has to|ought to) (?:have|be|get|grow to|"
            r"shrink to))? (?:to |at |up to |down to )?(?P<n>\d{1,3})(?: (?:nodes?|workers?|machines?|members?))?\b"
            r"(?=\W*$|[.,;!?]| and\b)",
            re.IGNORECASE,
        ),
        r"\g<the> workers to \g<n>",
    ),
    (seldom(r"\bmaria d ?b\b", re.IGNORECASE), "MariaDB"),
    (seldom(r"\bmongo d ?b\b", re.IGNORECASE), "MongoDB"),
    (seldom(r"\brabbit (?:m q|mq)\b", re.IGNORECASE), "RabbitMQ"),
    (seldom(r"\b(?:word press)\b", re.IGNORECASE), "WordPress"),
)
_HESITATION = seldom(
    r"(?<![\w-])(?:u+h*m+|u+h+|e+rm?|h+m+|e+h+)(?![\w-])[ \t]*(?:,[ \t]*)?", re.IGNORECASE
)
_THANKS = seldom(
    r"\b(?P<thanks>(?:many )?thanks|thank you|thx)(?: (?:a (?:million|lot|bunch|ton|thousand|thousand times)|"
    r"so much|very much|in advance|again|heaps|loads|tons))+(?!\w)",
    re.IGNORECASE,
)
_PICTURE = seldom("[\U0001f300-\U0001faff\u2600-\u26ff\u2764\u2728\u2705\ufe0f]+")
_FACE = seldom(
    r"(?P<before>[.!?,;]?)(?:(?<=\s)|(?<=[.!?,;]))[:;=][-'^]?[()DPpOo|/\\*]+(?P<after>\s*)(?=\S|$)"
)
# Courtesies that wrap an order into a question about the reader, or a question into an order.
_WRAPPED = (
    (
        seldom(
            r"\bcancel (?:the|my|that|this) (?:last |latest |previous )?(?:change|edit)\b",
            re.IGNORECASE,
        ),
        "undo the last change",
    ),
    (seldom(r"\b(?:(?:please|kindly|pls) )*do the needful\b\s*[:,.;-]?\s*", re.IGNORECASE), ""),
    (seldom(r"^(\W*)(?:nah|naw|nope)\b", re.IGNORECASE), r"\1no"),
    (
        seldom(
            r"^\s*(?:from now on|starting now|as of (?:now|today)|going forward),? ", re.IGNORECASE
        ),
        "",
    ),
    (seldom(r"^\s*(?:and |but |so )?(has|have|needs?) to be\b", re.IGNORECASE), r"it \1 to be"),
    (
        seldom(r"(?:^|(?<=[.!\n] ))(?:before|until|after) (?:that|then)[:,] ?", re.IGNORECASE),
        "",
    ),
    (
        seldom(
            r"(?<=\w)(?:(?: -|[,.;]) (?:and |but )?| (?:and|but) )(?:the )?"
            r"(?:others?|rest|other ones|everything else|all else) "
            r"(?:can |should |must )?(?:stays?|remains?)"
            r"(?: (?:as (?:is|it is|they are)|the same|untouched|there|here))?"
            r"(?=\s*[.!]|\s*$)",
            re.IGNORECASE,
        ),
        "",
    ),
    (
        seldom(
            r",?\s*\b(?:if (?:it's|it is|that's|that is) "
            r"(?:not too (?:much|big)(?: of)? (?:a )?(?:trouble|hassle|to ask)|"
            r"(?:ok|okay|fine|possible|alright)(?: (?:with|for) you)?|not a problem)|"
            r"(?:if|when|whenever) you (?:have|get|find) (?:a|the|some) (?:minute|moment|chance|time|second|sec)|"
            r"no (?:hurry|rush|pressure))\b(?:[,:]\s*)?",
            re.IGNORECASE,
        ),
        " ",
    ),
    (
        seldom(
            r"(?:(?<=^)|(?<=[.!\n] ))(?:i(?:'m| am) )?(?:so |very |really )?sorry (?:again )?"
            r"(?:to (?:bother|disturb|interrupt|trouble)(?: you)?(?: again)?|"
            r"for (?:the|my|bothering|disturbing)[\w ]{0,30}?)"
            r"(?:,? but\b|[,.!])\s*",
            re.IGNORECASE,
        ),
        "",
    ),
    (
        seldom(
            r"\b(?:(?:could|can|would|will) you (?:possibly |maybe |perhaps |please )?"
            r"be so (?:kind|good|nice) (?:as to|to|and)|"
            r"do you think (?:you|we) (?:could|can|would)|(?:is there )?any chance (?:that )?you (?:could|can)|"
            r"i(?:'d| would) be (?:very |so |really )?(?:happy|grateful|glad|thankful) if you (?:could|would)|"
            r"i (?:was wondering|wonder) if you (?:could|can|would)|"
            r"it would be (?:great|nice|lovely|good|cool) if you (?:could|would)|"
            r"(?:can|could|may) i ask you to|(?:can|could) i (?:please )?(?:bother|trouble) you to)\b",
            re.IGNORECASE,
        ),
        "could you",
    ),
    (
        seldom(
            r"\b(?:(?:would|will) it be|is it) (?:ok|okay|alright|fine|possible) (?:for (?:me|us) )?to (?:have|get)\b",
            re.IGNORECASE,
        ),
        "could I have",
    ),
    (
        seldom(
            r"\b(?:(?:please|pls|kindly|just|could you|can you|would you) )*remind me(?: again)?,? "
            r"(?=(?:what|which|who|why|how|where|when)\b)",
            re.IGNORECASE,
        ),
        "",
    ),
    (seldom(r"(?<=\w), (?:would|could|will|can) you(?: please)?(?=\s*\?)", re.IGNORECASE), ""),
    (
        seldom(r"^\s*(?:and |it (?:should|must|has to) |to )?be (?:called|named) ", re.IGNORECASE),
        "call it ",
    ),
    (
        seldom(
            r"\b(needs?|wants?|to|with|at) like (?=\d|a |an |two|three|four|five|six|eight|ten|half)",
            re.IGNORECASE,
        ),
        r"\1 ",
    ),
    (  # "a fourth web server" is one more than there are
        seldom(
            r"\b(?:a|yet another) (?:fourth|fifth|sixth|seventh|eighth|ninth|tenth|[4-9]th|1\dth) (?=[a-z])(?!of\b)",
            re.IGNORECASE,
        ),
        "another ",
    ),
    (seldom(r"\bneeded no (?:more|longer)\b", re.IGNORECASE), "no longer needed"),
)


def as_written(text: str) -> str:
    """The text without hesitation, faces and courtesies that hide what is said; a face in the middle of a line ends
    what was said before it."""
    for sound, name in _HEARD:
        text = sound.sub(name, text)
    text = _THANKS.sub(r"\g<thanks>", _HESITATION.sub("", text))
    for courtesy, plain in _WRAPPED:
        text = courtesy.sub(plain, text)
    return _FACE.sub(_ended, _PICTURE.sub(" :) ", text) if _PICTURE.search(text) else text)


def _ended(face: re.Match[str]) -> str:
    rest, line = face.string[face.end() :], face.string[: face.start()].rpartition("\n")[2]
    if face["before"] or not rest or not re.search(r"\w", line):
        return face["before"] + face["after"]
    return "." + (face["after"] or " ")
