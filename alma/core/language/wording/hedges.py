"""What people wrap around a wish: doubts, politeness, kinds of things. `maybe 3 web servers?`, `would it be too much
trouble to get`, `some kind of db`, `a database of type MariaDB`, `3 new ones`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.words.amounts import AMOUNT, SEVERAL
from alma.core.language.words.seldom import seldom

_TROUBLE = (
    r"(?:too much (?:trouble|work|hassle|to ask)|much (?:trouble|work)|ok|okay|fine|alright|all right|feasible|doable|"
    r"a (?:big )?(?:problem|hassle|bother)|an (?:option|issue)|conceivable|within reach)"
)
_BOTHER = seldom(
    rf"\b(?:would|will|is|could|might) it (?:also )?(?:be )?{_TROUBLE}(?: for (?:you|us|me))?,? "
    r"(?:to|if (?:we|i|you)(?: could| can| had| got)?)\s+(?P<verb>get|have|has|had|set up|create|make|add|"
    r"spin up|build|run|host)?\s*",
    re.IGNORECASE,
)
_KIND = seldom(
    r"\b(?:an?|some|any)\s+(?:(?:kind|sort|type|form|bit|piece|flavou?r)s? of)\s+(?:an?\s+)?",
    re.IGNORECASE,
)
_OF_TYPE = seldom(
    r"\s+(?:of (?:the )?(?:type|kind|brand|flavou?r|make)|(?:type|engine|flavou?r)\s*(?:is|being|=|will be|"
    r"should be))\s+"
    r"(?=[A-Za-z])",
    re.IGNORECASE,
)
_SIZE_OF = seldom(
    r"\b(?:size|amount|quantity|capacity) of (?:the |its )?(?P<what>disk|storage|memory|ram|ssd|hdd|drive)s?\b",
    re.IGNORECASE,
)
_THINKING = seldom(
    r"\b(?:i(?:'m| am)|we(?:'re| are)) (?:thinking|guessing|pretty sure|fairly sure|assuming|afraid|sure)"
    r"(?: that)?(?: (?=we|i)|,? )",
    re.IGNORECASE,
)
_WISHED = seldom(
    r"(?P<wish>(?:^|[.!?\n]\s*)(?:(?:ok(?:ay)?|so|and|well|hmm+|um|also|then|plus|but|hey|hi|guess|i guess|"
    r"i think|i suppose|"
    r"probably|maybe)[\s,]+)*(?:we|i)(?:'d| would|'ll| will)?(?: probably| maybe| also| likely)? (?:need|"
    r"want|like|could use|require)\b"
    r"[^.!?\n]*)\?",
    re.IGNORECASE,
)
_FRAGMENT = seldom(
    r"(?P<lead>[.!?]\s+)(?:and|plus|also|oh and|then)\s+(?:also\s+)?(?:probably|maybe|perhaps|possibly|"
    r"i guess|i think)\s+(?=an?\b|some\b|\d|one\b|two\b|three\b)",
    re.IGNORECASE,
)
_HEDGE = seldom(
    r"\b(?:(?<=need )|(?<=want )|(?<=with )|(?<=like )|(?<=and )|(?<=get ))(?:maybe|perhaps|probably|"
    r"possibly|about|say|like)\s+(?=an?\b|some\b|\d|one\b|two\b|three\b|four\b|five\b)",
    re.IGNORECASE,
)
_NOUN = seldom(
    r"\b(?P<noun>(?:virtual machine|server|vm|machine|box|container|lxc|database|node|instance|worker|"
    r"runner|volume|bucket|"
    r"network|host)(?:es|s))\b",
    re.IGNORECASE,
)
_ONES = seldom(
    rf"(?P<count>\b{SEVERAL}\s+(?:[a-z]+\s+)?)ones\b",
    re.IGNORECASE,
)


_SINGLE = seldom(r"\b(?:an?|one|1)\s+(?:single|lone|sole|solitary)\b", re.IGNORECASE)
_IN_TWO = seldom(
    r"(?P<first>\b(?:stor|keep|sav|writ|put|hold|persist|send|push|log|cach|queu)(?:e?s|ing|e)?\b[^.;!?\n]{0,60}?)"
    r"(?P<joint>,?\s+and\s+|,\s+)(?:its|their|the|our|all)\s+(?:[a-z]+\s+){1,2}?(?:in|into|to|on)"
    r"\s+(?=(?:an?\s+)?[a-z])",
    re.IGNORECASE,
)
_COPIES = seldom(
    r"\b(?:replicas|copies|instances|pods)\s+of\s+(?:(?:our|the|my|this|a)\s+)?(?:(?:docker|container)\s+)"
    r"?(?:image\s+)?"
    r"(?=[\w.-]+(?:/[\w.-]+)+|[\w-]+:[\w.]*\d)",
    re.IGNORECASE,
)


_IN_TURN = seldom(
    r"(?P<before>^|[.!?;\n]\s*)(?:the\s+)?(?:first|second|third|fourth|next|last|finally|lastly|one|"
    r"another)(?:\s+(?:thing|up|one|item))?"
    r"(?:\s+(?:is|are|would be|will be|being|comes|there's|there is)|:)\s+(?=an?\b|one\b|two\b|three\b|\d)",
    re.IGNORECASE,
)
_NAMED_SOFTWARE = seldom(
    r"(?P<before>^|[.!?;,\n]\s*|\b(?:so|and|but)\s+)(?:it|that|this)(?:'s| is| will be| would be|'ll be|"
    r" should be)(?: (?:just|simply|only|basically))?\s+"
    r"(?P<what>[a-z][\w-]+)(?!\w)",
    re.IGNORECASE,
)
_OFTEN = {"twice": "2 times", "thrice": "3 times"}
_TWICE = seldom(r"\b(?:twice|thrice)\b(?! (?:as|the|a|per|daily|weekly)\b)", re.IGNORECASE)
_PAIR_OF_THEM = seldom(
    r"(?P<before>^|[.;:\n]\s*|\b(?:an?|and|need|want|get)\s+)(?P<what>[a-z][\w-]*(?: \d[\d.]*)?)"
    r"\s*[,–—-]\s*(?:an? |one )?"
    r"(?P<n>pair|couple|trio|dozen|two|three|four|five|six|\d{1,2}) of (?:them|these|those)\b(?=\s*(?:$|"
    r"[.,;:)\n]|with\b|each\b))",
    re.IGNORECASE,
)
_GROUPS = {"pair": "2", "couple": "2", "trio": "3", "dozen": "12"}


_MAPPED = seldom(
    r"\b(?:host )?ports? (?P<outer>\d{2,5})(?: (?:on|of) the host)?\s*(?:->|→|=>|(?:is |gets |be )"
    r"?(?:mapped |forwarded )?(?:on)?to|maps to)\s*"
    r"(?:the |container |its )*(?:port )?(?P<inner>\d{2,5})(?: (?:inside|internally|in(?:side)"
    r"? the container|of the container))?\b",
    re.IGNORECASE,
)


_LOTS = seldom(
    r"\b(?:lots|plenty|loads|tons|enough|a (?:good )?(?:lot|bit|deal)|a fair amount|some)(?: of)"
    r"? (?P<what>disk(?: space)?|memory|ram|"
    rf"storage|space|ssd)[\s,:(–—-]*(?:(?:say|like|maybe|at least|about|around|roughly|perhaps|i'd say|"
    rf"i think)\s+)?(?P<size>{AMOUNT})\b\)?",
    re.IGNORECASE,
)
_ALIKE = seldom(
    r"\b(?:(?:more or less|pretty much|roughly|basically|nearly|almost|completely) )?(?:identical|equal|"
    r"alike|similar) "
    r"(?=[a-z][\w-]*)",
    re.IGNORECASE,
)
_ONE_ALIKE = seldom(
    r"\b(?:an?|another|one more) (?:second )?(?:identical|equal|similar) (?:second |other )?one\b",
    re.IGNORECASE,
)
_ENOUGH_FOR = seldom(
    rf"(?P<size>\b{AMOUNT})\s+(?:is|are|should be|will be|would be|ought to be)\s+(?:more than\s+)?(?:fine|"
    rf"plenty|enough|ok|okay|"
    r"sufficient|good|all right|alright)\s+(?=for\b)",
    re.IGNORECASE,
)


_SEPARATE = seldom(
    r"\b(?:on|in|inside)\s+(?:their own|separate|individual|dedicated|distinct|different|own)"
    r"\s+(?P<kind>vms|virtual machines|machines|"
    r"servers|boxes|hosts|nodes|containers|lxcs?(?: containers)?)\b",
    re.IGNORECASE,
)


_TOLD_TO = seldom(
    r"\b(?:i was|i've been|i have been|we were|we've been|i am|i'm)(?: told| asked| supposed| meant| sent)"
    r" to (?:ask(?: you)?(?: for)?|request|order|get|"
    r"come to you for)\s+",
    re.IGNORECASE,
)
_PLAIN_ENGINE = seldom(
    r"\b(?:just |only |simply )*(?:plain|pure|vanilla|simple|only|just) (?P<engine>docker|proxmox)\b(?=\s*[:,.;]|$)",
    re.IGNORECASE,
)


_CORED = {
    "dual": "2",
    "two": "2",
    "quad": "4",
    "four": "4",
    "hexa": "6",
    "six": "6",
    "octa": "8",
    "eight": "8",
}
_CORES = seldom(rf"\b(?P<n>{'|'.join(_CORED)})[- ]core\b", re.IGNORECASE)
_PAIRED = seldom(
    r"(?P<before>^|[.;:,\n]\s*|\b(?:an?|and|need|want|get|the)\s+)(?P<what>[a-z][\w-]*(?: \d[\d.]*)?)"
    r" (?P<ha>(?:ha |redundant |"
    r"highly available |active[/-](?:passive|active|standby) |failover )?)pair\b(?! of)",
    re.IGNORECASE,
)


def plainly(message: str) -> str:
    """The message as a plain wish for a thing of its own kind."""
    message = _BOTHER.sub(_asked, message)
    message = _ALIKE.sub("", _ONE_ALIKE.sub("a second one", message))
    message = _ENOUGH_FOR.sub(r"\g<size> ", message)
    message = _LOTS.sub(lambda found: f"{found['size']} {_kept_on(found['what'])}", message)
    message = _TOLD_TO.sub("I need ", message)
    message = _PLAIN_ENGINE.sub(r"on \g<engine>", message)
    message = _CORES.sub(lambda found: f"{_CORED[found['n'].casefold()]} core", message)
    message = _SEPARATE.sub(_as_kind, message)
    message = _MAPPED.sub(r"port \g<outer>:\g<inner>", message)
    message = _IN_TURN.sub(r"\g<before>I need ", message)
    message = _TWICE.sub(lambda found: _OFTEN[found[0].casefold()], message)
    message = _PAIR_OF_THEM.sub(_counted, message)
    message = _COPIES.sub("containers from image ", _SINGLE.sub("1", message))
    message = _IN_TWO.sub(r"\g<first>\g<joint>with ", message)
    message = _THINKING.sub("", message)
    message = _WISHED.sub(lambda found: f"{found['wish']}.", message)
    message = _FRAGMENT.sub(lambda found: f"{found['lead']}and ", message)
    message = _HEDGE.sub("", message)
    message = _KIND.sub("a ", message)
    message = _SIZE_OF.sub(lambda found: found["what"], message)
    return _ONES.sub(lambda found: _of_noun(found, message), _OF_TYPE.sub(" ", message))


def _handled_by(found: re.Match[str], program: Callable[[str], bool]) -> bool:
    """Whether what comes last is the only program that a sentence names."""
    *before, last = re.findall(r"[a-z][\w-]*", found[0].casefold())
    return program(last) and not any(map(program, before))


def _a_pair(found: re.Match[str]) -> str:
    before = re.sub(r"\b(?:an?|the)\s+$", "", found["before"], flags=re.IGNORECASE)
    return f"{before}2 {found['ha']}{found['what']}"


def _needed(found: re.Match[str], message: str) -> str:
    """What something needs, as a wish of its own where what it is was only told."""
    sentence = re.split(r"[.!?\n]", message[: found.start()])[-1]
    told = re.search(r"\b(?:is|are|was|runs)\b", sentence) is not None
    if not told and found[0].lstrip()[:1] == ",":
        return found[0]
    return f". I need a {found['what']}" if told else f", and a {found['what']}"


def _as_kind(found: re.Match[str]) -> str:
    kind = found["kind"].casefold()
    return f"as {kind if kind.startswith(('lxc', 'container')) else 'vms'}"


def _kept_on(what: str) -> str:
    return "disk" if what.casefold() in {"space", "disk space"} else what


def _counted(found: re.Match[str]) -> str:
    number = found["n"].casefold()
    before = re.sub(r"\ban?\s+$", "", found["before"])
    return f"{before}{_GROUPS.get(number, number)} {found['what']}"


_NEEDS = seldom(
    r"\s*[.?!,;]\s*(?:and\s+)?(?:it|they|that|which)(?:'ll| will)?(?: also)? (?:wants?|needs?|requires?|uses?)\s+"
    r"(?P<article>(?:an?|its own|their own|some)\s+)?(?P<what>[a-z][\w-]+)",
    re.IGNORECASE,
)


_HANDLED = seldom(
    r"(?P<before>[.!?\n;]\s*)(?:(?!\d)[^.!?\n;:,]){3,60}?\b(?:is|are|gets?|will be|should be|go(?:es)?)"
    r"\s+(?:[a-z]+\s+){0,3}?"
    r"(?:by|via|through|in|to|into|with|over)\s+(?:an?\s+)?(?P<what>[a-z][\w-]+)",
    re.IGNORECASE,
)


def named(message: str, program: Callable[[str], bool]) -> str:
    """`it's wordpress, so …`, `it wants postgres`: what something is or needs, where that is a program, is wanted.
    `program` tells such words."""
    message = _NEEDS.sub(
        lambda found: _needed(found, message) if program(found["what"].casefold()) else found[0],
        message,
    )
    message = _HANDLED.sub(
        lambda found: f", and a {found['what']}" if _handled_by(found, program) else found[0],
        message,
    )
    message = _PAIRED.sub(
        lambda found: _a_pair(found) if program(found["what"].split()[0].casefold()) else found[0],
        message,
    )
    return _NAMED_SOFTWARE.sub(
        lambda found: (
            f"{found['before']}I need {found['what']}"
            if program(found["what"].casefold())
            else found[0]
        ),
        message,
    )


def _asked(found: re.Match[str]) -> str:
    verb = (found["verb"] or "").casefold()
    return "please get " if verb in {"", "get", "have", "has", "had"} else f"please {verb} "


def _of_noun(found: re.Match[str], message: str) -> str:
    """`our 2 old servers … 3 new ones`: what they are was said in a sentence before."""
    before = message[: found.start()]
    sentence = re.split(r"[.!?\n]", before)[-1]
    if _NOUN.search(sentence):
        return found[0]
    nouns = _NOUN.findall(before)
    return f"{found['count']}{nouns[-1]}" if nouns else found[0]
