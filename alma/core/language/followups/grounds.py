"""Why something is ordered of a draft, said before or behind the order: "security complained - no public
address for it", "remove the vms, we'll run the app elsewhere".

Who complained and where things are done instead is no part of the order, and its words ("security", "the app") would be
read as if they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.followups.mentions import mentions
from alma.core.language.words.seldom import seldom

_WHO = (
    r"(?:(?:the|our|my|some|a few|one of (?:the|our|my)|all|everybody|everyone|everyone in) )?"
    r"(?:(?!add|remove|make|give|set|put|drop|scale|rename|no\b|not\b)[\w'’/&-]+ ){0,2}?"
    r"(?!add\b|remove\b|make\b|give\b|it\b|that\b|this\b|not\b)[\w'’-]+"
)
_UPSET = (
    r"(?:(?:has|have|had|just|keeps?|is|are|was|were|already|now|really|also|again|loudly|still)\s+)*"
    r"(?:complain(?:ed|s|ing)|moan(?:ed|s|ing)|grumbl(?:ed|es|ing)|object(?:ed|s)|freaked out|freaking out|"
    r"unhappy|not (?:very |too |so |at all )?(?:happy|amused|pleased|keen|thrilled)|upset|nervous|furious|mad|"
    r"(?:is|are|was|were)n['’]?t (?:very |too |so |at all )?(?:happy|amused|pleased|keen|thrilled)|"
    r"(?:do|does|did)(?:n['’]?t| not) (?:really |quite )?(?:like|want|approve of) (?:it|that|this)|"
    r"flagged (?:it|that|this)|yelled at (?:me|us)|shouted at (?:me|us)|said no|says no|refused|got cold feet)"
)
_ABOUT = r"(?:\s+(?:to (?:me|us)|about (?:it|that|this)|with (?:it|that|this)|again|today|yesterday|just now))*"
_COMPLAINT = seldom(
    rf"^\W*(?:(?:so|ok|okay|hm+|oh|well|sorry|hey|argh|ugh|and|but)\W+)*{_WHO} {_UPSET}{_ABOUT}"
    r"\s*(?:[,.;:!]+|\s[–—-]+)\s*(?:(?:so|and so|therefore|hence)\b[\s,]*)?(?=\w+\W+\w)",
    re.IGNORECASE,
)
_REMOVING = seldom(
    r"\b(?:remove|delete|drop|get rid of|kill|ditch|scrap|take out|lose|don['’]?t need|no longer need|retire|"
    r"decommission|bin|chuck|(?:throw|take|chuck|toss)\b[^.,;]{0,40}? (?:away|out)|"
    r"throw (?:away|out)|skip|leave out|omit|(?:can|should|must|has to|may) go|goes(?: away)?(?= *[,.;!–-])|"
    r"(?:is|are)(?:n['’]?t| not| no longer) needed|won['’]?t (?:need|be needed))\b",
    re.IGNORECASE,
)
# What does the same without it: "our router handles that", "the framework does caching", "we have slack for that".
_DONE_BY_OTHERS = seldom(
    r"(?:\s*[,.;!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|cause\b))(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:we|i|they|(?:the|our|my|your|their) [\w'’-]+(?: [\w'’-]+)?|"
    r"(?!\d|(?:one|two|three|four|five|six|half)\b)[\w'’-]+)"
    r"\s+(?:(?:already|now|always|also|just|simply|anyway)\s+)*"
    r"(?:(?:handles?|does|do|hosts?|covers?|manages?|provides?|includes?|offers?|caches?|"
    r"takes? (?:care|over)|comes? with|is (?:enough|plenty|sufficient)|"
    r"(?:keeps?|runs?|stores?) (?:that|it|them|one|its own))\b"
    r"|(?:has|have|'ve|got|uses?)\b(?! to\b))(?P<what>[^.;,!?\d]*)[.!]*\s*$",
    re.IGNORECASE,
)
_OTHER_ORDER = seldom(
    r"\b(?:instead|should|must|needs?|bigger|smaller|more|less|fewer|another|rather|please|too|as well)\b",
    re.IGNORECASE,
)
_ELSEWHERE = seldom(
    r"(?:\s*[,.;!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|as we\b|cause\b))(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:(?:we|i|they|you|the [\w-]+|our [\w-]+|[\w-]+)(?:['’](?:ll|re|d)| will| (?:are|is)(?: going to)?)?)\s"
    r"[^.;!?,\d]*?\b(?:elsewhere|somewhere else|someplace else|ourselves|itself|by itself|themselves|by themselves|"
    r"on (?:its|their|our) own|in[ -]house|by hand|manually|externally|differently|another way|without (?:it|them)|"
    r"in (?:another|a different|some other) \w+|with (?:another|a different|some other) \w+)\b[^.;!?]*[.!]*\s*$",
    re.IGNORECASE,
)
# "With a single server the load balancer makes no sense, please take it out": what is useless, and why.
_USELESS = seldom(
    r"^\W*(?:(?:so|ok|okay|well|hm+|and|but|please)\W+)*"
    r"(?:(?:with|since|because|as|now that|given|given that|when|if|for)\s[^.;!?]{3,70}?[\s,]+)??"
    r"(?P<what>(?:the|our|my|an?) (?:[\w-]+ ){0,2}?[\w-]+)\s+"
    r"(?:(?:really|just|then|also|now|simply|frankly)\s+)*"
    r"(?:makes? (?:no|little|not much|zero) sense|"
    r"do(?:es)?(?:n['’]?t| not) make (?:any |much |a lot of )?sense(?: anymore)?|"
    r"(?:is|seems|feels|looks|has become|became|would be)\s+(?:(?:a bit|totally|completely|really|"
    r"just|rather|now|quite|kind of|sort of|pretty)\s+)*(?:pointless|useless|overkill|superfluous|redundant|"
    r"unnecessary|obsolete|senseless|"
    r"not (?:needed|necessary|worth it)|a waste(?: of money)?|nonsense|too much|unneeded)|"
    r"(?:is|are)n['’]?t (?:needed|necessary|worth it|useful)|(?:serves|has) no purpose)"
    r"(?:\s(?:with|for|when|if|now that|since|because|as|at|here|anymore|any more|in)\b[^.;!?,]{0,70}?)?"
    r"\s*(?:[,;.:!]+|\s[–—-]+|\band\b|\bso\b)\s*(?:(?:so|and|please|then|just|can you|could you|let['’]?s)[\s,]+)*"
    r"(?:(?:take|throw|kick|leave) (?:it|that) (?:out|away)|(?:remove|drop|delete|kill|ditch|scrap|lose|axe|bin|cut) "
    r"(?:it|that)|get rid of (?:it|that)|it can go|out with it)(?= *(?:$|[.,;!]|\bplease\b|\band\b))",
    re.IGNORECASE,
)
# What stays, told behind what goes: "throw the web servers away, we only need the database"; "two are plenty".
_KEPT = seldom(
    r"(?:\s*[,.;:!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|as\b|cause\b))(?:(?:because|since|as|cause|and|so)\s+)?"
    r"(?:(?:we|i)(?:['’]ll| will| really)? (?:only|just|really) (?:need|want|use|keep)|"
    r"(?:all|the only thing) (?:that )?(?:we|i) (?:really )?(?:need|want|use) (?:is|are)) "
    r"(?!an?\b|\d|one\b|two\b|three\b|some\b|to\b)(?P<what>[^.;,!?\d]{2,60}?)[.!]*\s*$|"
    r"(?:\s*[,.;:!]+\s*|\s+[–—-]+\s+)(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:only )?(?!it\b|that\b|this\b)(?P<who>[^.;,!?\d]{2,50}?) (?:is|are) "
    r"(?:all (?:that )?(?:we|i) (?:really )?(?:need|want|use)|"
    r"the only (?:thing|one)s? (?:that )?(?:we|i) (?:need|want|use))"
    r"[.!]*\s*$|"
    r"(?:\s*[,.;:!]+\s*|\s+[–—-]+\s+)(?:(?:because|since|as|cause|and)\s+)?only (?P<left>[^.;,!?\d]{2,50}?) "
    r"(?:is|are) (?:really )?(?:needed|used|wanted|required)[.!]*\s*$",
    re.IGNORECASE,
)
_MANY_LEFT = seldom(
    r"(?:\s*[,.;:!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|as\b|cause\b))(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:(?:the )?(?:(?:other|remaining|last) )?(?:\d+|one|two|three|four|five|six)|the (?:others?|rest))"
    r"(?: (?:of (?:them|those)|ones?|nodes?|servers?|"
    r"vms?|machines?|boxes|instances?|left))?\s*(?:(?:is|are|['’]s|will be|should be|would be)\s+"
    r"(?:(?:more than|quite|really|"
    r"totally|still|already|just)\s+)*(?:enough|plenty|fine|sufficient|ok|okay|all we need)|"
    r"(?:will|should|would|['’]ll) (?:do|suffice)|suffices?|do(?:es)?)"
    r"(?: (?:for (?:us|now|me)|now|here|really|already))?[.!]*\s*$",
    re.IGNORECASE,
)


# "Black Friday is coming, can we go to 6 web servers?": what for, told before it is asked for.
_STORY = seldom(
    r"^\W*(?P<lead>[^.;?!,\d]{3,80}?)\s*(?:[,.;!:]|\s[–—-])\s+"
    r"(?=(?:can|could|may|shall) we (?:please |now )?(?:go|scale|move|get|grow|bump|have|double|increase)\b[^?]*\d)",
    re.IGNORECASE,
)
_TELLS = seldom(
    r"\b(?:is|are|will|starts?|begins?|comes?|opens?|expects?|launch(?:es)?|goes|have|has)\b",
    re.IGNORECASE,
)


def without_story(message: str, names: Sequence[str]) -> str:
    """The question alone, where what is told before it names nothing of the draft."""
    found = _STORY.match(message)
    if found is None or not _TELLS.search(found["lead"]) or _REMOVING.search(found["lead"]):
        return message
    told = any(mentions(found["lead"], name) for name in names)
    return message if told else message[found.end() :]


def without_grounds(message: str, means: Callable[[str], object], names: Sequence[str] = ()) -> str:
    """The order alone; the message as it is where there is no such reason, or nothing beside it. `means` tells the
    words that stand for something that can be made: "we have redis" may be an order. `names` are what can go by its
    name, so that a number behind it says how many there are then."""
    ordered = _COMPLAINT.sub("", message, count=1)
    ordered = _USELESS.sub(_useless, ordered, count=1)
    if "?" in ordered or not _REMOVING.search(ordered):
        return ordered
    told = _kept(ordered, names) or _ELSEWHERE.search(ordered) or _done_by_others(ordered, means)
    first = _REMOVING.search(ordered)
    if told is None or first is None or told.start() < first.end():
        return ordered
    return ordered[: told.start()]


def _kept(message: str, names: Sequence[str]) -> re.Match[str] | None:
    """What is said to be left, behind what goes."""
    left = _MANY_LEFT.search(message)
    if left is not None and any(mentions(message[: left.start()], name) for name in names):
        return left
    return _KEPT.search(message)


def _done_by_others(message: str, means: Callable[[str], object]) -> re.Match[str] | None:
    """The reason at the end of a message that something else does the same, and that names nothing to be made."""
    found = _DONE_BY_OTHERS.search(message)
    if found is None or _OTHER_ORDER.search(found["what"]):
        return None
    own = re.findall(r"[\w'’-]+", found["what"].casefold())
    replaces = own[-2:] in (["for", "that"], ["for", "it"], ["for", "this"], ["for", "those"])
    return found if replaces or not any(means(word) for word in own) else None


def _useless(found: re.Match[str]) -> str:
    """`An LB is overkill, drop it` is about the one that is there."""
    return "remove " + re.sub(r"^an? ", "the ", found["what"], flags=re.IGNORECASE)
