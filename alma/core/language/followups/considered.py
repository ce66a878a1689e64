"""What was only thought about and is wanted after all: "I was thinking about adding a load balancer, good idea?" …
"ok do it"; "what would it cost to double the memory of db?" … "alright, go for it".

The order stands in the question, in whatever form the question asks for; said yes to, it is put as the order it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alma.core.language.intent.petitions import as_order
from alma.core.language.words.seldom import seldom

_YES = (
    r"^\W*(?:(?:ok|okay|yes|yep|yeah|yup|sure|good|great|fine|right|alright|perfect|cool|nice|well|then|so|and|hm+|oh|"
    r"sounds good|good idea|makes sense|thanks|please|in that case|convinced|agreed|sold|lovely|makes sense to me|"
    r"i think so|all right)\b\W*)*"
)
_DOES = (
    r"(?:(?:let['’]?s|we['’]?ll|i['’]?ll|you can|you may|please|just|i want you to|we should|i['’]?d like you to) )*"
    r"(?:do (?:it|that|this|so|just that|exactly that)|go (?:ahead|for it|for that|with (?:it|that|this))|make it so|"
    r"make (?:it|that) happen|(?:add|take|include|have|get|use|apply|change|try) (?:it|that|one|this|them|those)|"
    r"proceed|by all means)"
)
_AGREED = seldom(
    rf"{_YES}(?:{_DOES}(?: in)?(?:\W+(?:then|please|pls|now|too|as well|anyway|anyways|regardless|for me|for us|thanks|"
    r"thank you|after all|and go ahead|it is))*|(?<=yes )please|(?<=yes, )please|please do)\W*$",
    re.IGNORECASE,
)
_WE = r"(?:i|we|you|one)"
_IDEA = (
    r"(?:(?:an? )?(?:good|bad|smart|wise|great|better|sensible|reasonable|stupid|silly|dumb|fine|ok|okay|"
    r"useful|helpful|"
    r"worth(?: it|while)?|overkill|possible|safe|clever|nice|feasible|enough|advisable|necessary|idea|move|thing|plan|"
    r"sense|too much|a lot of|effort|trouble|work|make|makes|help|an?)\s*)+"
)
_SOFT = (
    r"(?:(?:maybe|perhaps|also|just|rather|really|actually|better|possibly|simply|please|then|instead|even|at least)"
    r"\s+)*"
)
_PLAIN = (
    rf"(?:(?:should|shall|could|can|may|might|must) (?:{_WE})|"
    rf"(?:do|don['’]t) you (?:think|reckon|suggest|recommend|suppose)(?: that)? {_WE}(?: should| could|"
    rf" ought to| better)?|"
    rf"would you(?! (?:mind|please|like)\b)|what if {_WE}|"
    rf"(?:is|would|was|does) it (?:be |really |still )*{_IDEA}(?:to|for (?:us|me) to|if {_WE})|"
    rf"(?:what|how much)(?: more| extra)? (?:would|will|does|might|is) it (?:cost|take|be|mean|change)(?: (?:me|us))?"
    rf"(?: a month| per month| extra| more)* (?:to|if {_WE})|"
    rf"what (?:would|will) (?:happen|it cost|change|be the cost) if {_WE}|"
    rf"(?:{_WE}(?:['’](?:m|re|ve|d)| am| are| was| were| have| had)*(?: been| just| still)* )?"
    r"(?:wonder(?:ing|ed)?|thinking|debating|considering|not sure|unsure|curious)(?: about)?(?: whether| if)(?: "
    rf"{_WE} should| {_WE} could| to))"
)
_GOING_ON = (
    rf"(?:(?:{_WE}(?:['’](?:m|re|ve|d)| am| are| was| were| have| had)*(?: been| just| still| also)* )?"
    r"(?:thinking|considering|contemplating|toying|pondering|mulling|wondering|tempted|dreaming)"
    r"(?: (?:about|of|over|with))?(?: the idea of)?|"
    r"(?:what|how) about|how do you feel about|thoughts on|any objections? to|"
    rf"(?:is|would|does|do you recommend|would you recommend|do you suggest|would you suggest)(?: it (?:be )?{_IDEA})?)"
)
_COSTING = (
    r"(?:what|how much)(?: more| extra)? (?:would|will|does|might|do|is|are)"
    r"(?= [^?]*(?:\b(?:cost|mean|change|add|come to|be)\b|\?))"
)
_ENDS = (
    r"(?=\s*(?:[?.!]|,\s*(?:and )?(?:is (?:that|it|this)|would (?:that|it)|what do you|does (?:that|it)|do you|"
    rf"thoughts|any thoughts|right|or\b|{_IDEA})|\s[–—-]\s|\s+or (?:is|not|would|should|better)\b|"
    r"\s+(?:cost|costs|help|make (?:any )?sense|be|come to|change|hurt|mean|add|do (?:any )?(?:good|harm))\b[^?]*\?|$))"
)
_VERB = (
    r"(?P<verb>(?!(?:be|have|do|know|see|say|worry|expect|pay|wait|deploy|get|"
    r"recommend|suggest|advise|think|mind|reckon)\b)[a-z]{2,})"
)
_ORDERS = seldom(
    rf"(?:^|(?<=[.!?;,] ))\W*(?:(?:so|and|but|ok|okay|hm+|well|by the way|btw|also|maybe|then|now|oh|hey|just)\W+)*"
    rf"(?:{_PLAIN} {_SOFT}{_VERB}|(?:{_GOING_ON}|{_COSTING}) {_SOFT}(?P<doing>[a-z]{{2,}}ing)) "
    rf"(?P<rest>\S[^?.!]*?){_ENDS}",
    re.IGNORECASE,
)
_THING = (
    r"(?P<thing>(?:an?|another|one more|one|two|three|some|\d+)(?: more)? [\w-]+(?: [\w-]+){0,4}?)"
)
_THINGS = seldom(
    rf"(?:^|(?<=[.!?;,] ))\W*(?:(?:so|and|but|ok|okay|hm+|well|also|maybe|then|now)\W+)*"
    rf"(?:(?:would|will|does|do {_WE} (?:really )?need|what about|how about|is there a point in)|"
    rf"{_COSTING}) {_THING}{_ENDS}",
    re.IGNORECASE,
)
_LONGEST = 30


def agrees_to_do(message: str) -> bool:
    """Whether a message says that something should be done, and not what."""
    return _AGREED.match(message) is not None


def considered(last: str) -> Iterator[str]:
    """The orders that a message may have thought about, the likeliest first."""
    if len(last.split()) > _LONGEST:
        return
    found = _ORDERS.search(last)
    if found is not None:
        verbs = [found["verb"]] if found["verb"] else as_order(found["doing"])
        yield from (f"{verb} {found['rest'].strip(' ,')}" for verb in verbs)
    elif (thing := _THINGS.search(last)) is not None and "?" in last:
        yield f"add {thing['thing']}"
