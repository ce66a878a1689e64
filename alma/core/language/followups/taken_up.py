"""Messages that take up the one before them and say only what is new: "and double it again", "nor the load balancer",
"db is too small" … "16GB of memory please".

They are put in full as the request that they stand for, and read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.followups.openings import LEAD, TAIL
from alma.core.language.words.amounts import COUNTING, SEVERAL, number_of
from alma.core.language.words.seldom import seldom

_AGAIN = seldom(
    LEAD
    + r"(?:(?P<verb>double|triple|halve|quadruple)\s+(?:(?:it|that|this|them)\s+)?(?:again|once more|"
    r"one more time|another time|a second time)|(?:(?:do|repeat) (?:it|that|this|the same)(?: thing)?\s*)?(?:again|"
    r"once more|one more time|another time|a second time)|same (?:thing )?(?:again|once more)|repeat(?: (?:it|that))?)"
    + TAIL,
    re.IGNORECASE,
)
_RELATIVE = seldom(
    r"\b(?:double|triple|halve|quadruple|more|less|fewer|extra|another|additional|increase|decrease|reduce|bump|grow|"
    r"shrink|half|twice|by \d+|percent)\b|[+%]",
    re.IGNORECASE,
)
_FACTOR = seldom(r"\b(?:double|triple|halve|quadruple)\b", re.IGNORECASE)
_NOR = seldom(
    rf"{LEAD}(?:(?:nor|neither|or)\s+(?:(?:do|will|would) (?:we|i) (?:need|want) )?(?P<what>\S.*?)"
    r"(?:\s+(?:either|neither|for that matter|anymore|any ?more|after all))*|"
    r"(?P<late>\S.*?)\s+(?:neither|either|isn'?t needed either|is not needed either|can go too|goes too|"
    r"(?:can|may|could|should) (?:go )?(?:too|as well))|"
    r"so (?:can|may|could|should|does|do|is|are|goes?|will) (?P<so>\S.*?)|"
    r"(?:the )?same (?:goes|applies|is true|holds) (?:for|to|of) (?P<same>\S.*?))" + TAIL,
    re.IGNORECASE,
)
_REMOVED = seldom(
    r"\b(?:remove|delete|drop|kill|ditch|scrap|lose|bin|chuck|trash|get rid|no longer|not need\w*|do(?:n['’]t| not) "
    r"(?:really |actually )?(?:need|want|use)|no need|without|take out|(?:can|may|could|should) go|"
    r"isn['’]?t needed|not needed|unnecessary)\b|"
    r"^\W*(?:actually\W+|ok\W+|and\W+)?no\b(?!\W*,)",
    re.IGNORECASE,
)
_TOO_SMALL = seldom(
    r"^\W*(?:(?:hm+|ok|well|so|the thing is|i think|i fear|i'm afraid|i guess|it seems|looks like|but|and|btw)\b\W*)*"
    r"(?P<who>(?:the |our |my )?[\w.-]+(?: (?!is\b|are\b|looks\b|seems\b)[\w.-]+)?)\s*(?:['’]s| is| are| looks| look| "
    r"seems| seem| feels| feel)"
    r"\s+(?:(?:way|far|much|a bit|a little|really|quite|still|probably|clearly|definitely|getting|just|rather)\s+)*"
    r"(?:too (?:small|little|weak|slow|tight|low|big|large)|undersized|underpowered|"
    r"not (?:big|large|strong|fast) enough|"
    r"running (?:low|full)|full|slow|oversized|overkill)\W*$",
    re.IGNORECASE,
)
_AMOUNT = seldom(
    LEAD
    + r"(?:(?:make it|i'?d say|say|maybe|let'?s say|try|use|set)\s+)?(?P<much>(?:\d[\d.,]*|one|two|three|four|six|"
    r"eight)\s?(?:[kmgt]i?b?|gigs?|cores?|cpus?|vcpus?|threads?|processors?)\b[\w\s,]*?)"
    r"(?:\s+(?:should|would|will) do)?" + TAIL,
    re.IGNORECASE,
)
_LONG = rf"(?P<long>(?:\d+|an?|{COUNTING}|a couple of)\s+(?:days?|weeks?|months?|years?))"
_KEPT_FOR = seldom(
    LEAD
    + r"(?:(?:make|keep|store|retain|hold) (?:it|them|those|these|that)|let'?s say|say)\s+(?:for\s+)?"
    rf"{_LONG}" + TAIL,
    re.IGNORECASE,
)
# "30 days, sorry", "actually 30 days is better": another time than was said just before.
_LONGER = seldom(
    LEAD
    + r"(?:(?:wait|nope|i mean|i meant|we need|i need|rather|better|for|only|let['’]?s (?:say|do|make it|keep|go with)|"
    r"make (?:it|that)|should (?:be|have been)|it should be|my mistake|correction|oops|hm+|is|or)\b\W*)*"
    rf"{_LONG}(?:\W+(?:sorry|rather|instead|better|i mean(?:t)?|actually|is (?:better|enough|plenty|fine)|"
    r"(?:would|will|should) (?:do|be (?:better|enough|fine|plenty|ok))|of course|my (?:mistake|bad)|not \d+(?: \w+)?|"
    r"that is|though|to be safe|total|in total))*" + TAIL,
    re.IGNORECASE,
)
_HOW_LONG = seldom(r"\b(?:\d+|\w+) (?:days?|weeks?|months?|years?)\b", re.IGNORECASE)
_EVERY = r"hourly|daily|nightly|weekly|monthly|every (?:hour|day|night|week|month)"
_OFTEN = seldom(
    LEAD + r"(?P<who>(?:the |our |my )?[\w.-]+(?: [\w.-]+)?)\s+(?P<how>"
    rf"{_EVERY}|once a (?:day|week|month))" + TAIL,
    re.IGNORECASE,
)
_HOW = seldom(
    LEAD + r"(?:(?:do|make|have|take|i'?d say|say|use)\s+(?:it |them |that )?)?(?P<how>"
    rf"{_EVERY}|once a (?:day|week|month))(?:\s+(?:ones?|backups?|is fine|is enough|would do|"
    r"will do|would be (?:fine|good|better|enough|nice)|sounds good))?" + TAIL,
    re.IGNORECASE,
)
_WANTED = seldom(
    r"^\W*(?:(?:yes|yep|yeah|sure|ok|okay|please|good idea|go on|why not|definitely|absolutely|right|then|well|and)\b"
    r"\W*)+"
    r"(?:(?:add|make it|make that|i'?d like|let'?s have|with|give me|we need)\s+)?"
    rf"(?P<many>\d+|{COUNTING}|a couple|a few)(?:\s+(?:of (?:them|those|these)))?" + TAIL,
    re.IGNORECASE,
)
_PROPOSED = seldom(
    r"\b(?:should|shall|could|can|would|will|might|do|does (?:it|that)|is it worth|what about|how about)\b"
    r"[^?]*?\b(?:an?|some|any|another|extra|more)\s+(?P<what>[\w-]+(?: (?!for\b|to\b|in\b|on\b|there\b|too\b)[\w-]+)?)"
    r"[^?]*\?\W*$",
    re.IGNORECASE,
)
_FEWER = seldom(
    LEAD
    + rf"(?:(?:that'?s|that is|it'?s|make it|there are|i need|we need)\s+)?(?P<many>\d+|{COUNTING})\s+"
    r"(?:too many|fewer|less)" + TAIL,
    re.IGNORECASE,
)
_SO_MANY_MORE = seldom(
    r"^\W*(?:(?:no|nope|wait|hm+|sorry|oh|ok|but)\W+)*(?:(?:actually|make (?:that|it)|i mean(?:t)?|rather|sorry|"
    r"no|on second thoughts?)\W+)+"
    r"(?P<many>\d+|two|three|four|five|six) more(?: actually| instead)?"
    + TAIL
    + r"|^\W*(?:hm+\W+)?(?P<late>\d+|two|three|four|five|six) more,? (?:actually|instead|rather|i mean)\W*$",
    re.IGNORECASE,
)
_MORE = seldom(
    r"\b(?:(?P<many>\d+|one|two|three|four|five|six) (?:\w+ )?more|another)\b", re.IGNORECASE
)
_BACKED = seldom(r"\bback(?:ed|ing)?[ -]?ups?\b|\bback(?:ed|ing)? [\w -]{1,30} up\b", re.IGNORECASE)
_SCHEDULED = seldom(rf"\b(?:{_EVERY})\b", re.IGNORECASE)
_ENGINE = r"(?:proxmox|docker|kubernetes|k8s|the simulation|simulation)"
_ON_ENGINE = seldom(
    rf"\b(?:on|onto|to|in|into|with|for)\s+(?:the\s+)?{_ENGINE}\b\W*", re.IGNORECASE
)
_ENGINE_ALONE = seldom(
    LEAD
    + r"(?:(?:wait|nope|i mean|i meant|rather|better|make (?:it|that)|use|take|on|to|or|maybe|go with)\b\W*)*"
    rf"(?P<engine>{_ENGINE})(?:\W+(?:instead|rather|better|sorry|is better|would be better))*"
    + TAIL,
    re.IGNORECASE,
)
_NOT_SO = seldom(
    r"^\W*(?:(?:no|nope|hey|sorry|but|wait|oh|well)\W+)*(?:(?:i|we) (?:said|meant|asked for|want|wanted|wrote)|"
    r"it should be|it's|make it|should be)\s+(?P<new>\d[\w.]*)\s*,?\s*(?:and )?(?:not|instead of|rather than)"
    r"\s+\d[\w.]*\W*$",
    re.IGNORECASE,
)
# "2GB is what I wanted", "16 is what we asked for": it should be so.
_WHAT_WAS_WANTED = seldom(
    LEAD
    + r"(?P<much>\d[\w.]*(?: (?!is\b|was\b)[\w.]+){0,3}) (?:is|was) (?:actually |really )?what "
    r"(?:i|we) (?:actually |really )?(?:want(?:ed)?|meant|need(?:ed)?|asked for|said|had in mind|was after)"
    + TAIL,
    re.IGNORECASE,
)
# "tiny won't even boot with that, 1GB then".
_WILL_NOT = seldom(
    r"^\W*(?:(?:hm+|ok|well|so|but|and|oh|no|sorry|wait)\b\W*)*(?P<who>(?:the |our |my )?[\w.-]+)\s+"
    r"(?:won['’]?t|will not|can['’]?t|cannot|doesn['’]?t|does not|can hardly|will hardly|barely|hardly)\s+"
    r"(?:even |really |ever )?[a-z]+(?: up| properly| well| anything)?\s+(?:with|on|in|at)\s+"
    r"(?:just |only |so )?(?:that|this|it|that (?:much|little)|so little|so few|that few|"
    r"(?:a )?\d[\w.]*|(?:a|one|two) )"
    r"(?:\s?(?:memory|ram|cores?|disk|space))?\s*[,;.:–—-]+\s*"
    r"(?:(?:so|make it|make that|give it|let['’]?s (?:say|do|try)|try|use|better|rather|i['’]?d say|say|go with|"
    r"needs|it needs|at least|then|please)\s+)*"
    r"(?P<much>\d[\d.,]*\s?(?:[kmgt]i?b?|gigs?|cores?|cpus?|vcpus?)\b(?: (?:of )?(?:memory|ram|disk|storage|space))?)"
    r"(?:\s+(?:instead|rather|at least|should do|it is))*" + TAIL,
    re.IGNORECASE,
)
_SOME = r"(?:\d[\d.,]*\s?(?:[kmgt]i?b|gigs?|(?:v?cpu )?cores?|v?cpus?|processors?|threads?)\b)"
_OF_WHAT = (
    r"(?:(?:of\s+)?(?:its\s+|the\s+)?(?P<what>(?:more |less )?(?:memory|ram|disk|storage|space)))"
)
_BY_AMOUNT = seldom(
    r"\b(?:(?:take|remove|cut|subtract|shave|drop|add|chop|knock)\s+(?:away\s+|off\s+|another\s+|an extra\s+)?|"
    r"(?:by|give [\w.-]+)\s+)"
    rf"(?P<all>(?P<much>{_SOME}|\d+(?= more (?:v?cpus?|cores?)))(?:\s+(?P<more>more|less|extra))?"
    rf"(?:\s+(?:v?cpus?|cores?))?(?:\s+{_OF_WHAT})?)"
    r"(?=\s+(?:away|from|off|to)\b|\W*$)",
    re.IGNORECASE,
)
_FURTHER_AMOUNT = seldom(
    r"^\W*(?:and|also|plus|then)\b\W*(?:also\s+)?(?:by\s+)?"
    rf"(?P<much>{_SOME}|\d+)(?:\s+(?P<more>more|less|extra))?(?:\s+{_OF_WHAT})?"
    r"(?:\s+(?P<where>(?:from|off|to|for)\s+(?:the\s+)?[\w.-]+))?" + TAIL,
    re.IGNORECASE,
)
_TAKEN_FROM = seldom(
    r"\s+(?:away\s+)?(?:from|off)\s+(?P<who>(?:the\s+)?[\w.-]+)[\s.!]*$", re.IGNORECASE
)
_WHERE = seldom(r"\s+(?:from|off|to|for)\s+(?:the\s+)?[\w.-]+", re.IGNORECASE)
_OR = seldom(
    r"\b(?P<one>[\w-]+(?: [\w-]+)?) or (?:an? |rather |better )?(?P<other>[\w-]+)", re.IGNORECASE
)
_CHOICE = seldom(
    LEAD + r"(?:(?:i|we)(?:['’](?:ll|d)| will| would)?\s+|let['’]?s\s+|then\s+)?"
    r"(?:take|use|go with|go for|pick|choose|have|prefer|rather have|like|do|try|stick with|opt for)\s+"
    r"(?:an? |the )?(?P<what>[\w-]+)(?:\s+(?:then|please|it is))*"
    r"(?P<rest>(?:\s*[,;.–—-]|\s+(?:and|with|called|named|for)\b).*)?$",
    re.IGNORECASE,
)
_IT_IS = seldom(
    LEAD
    + r"(?P<what>[\w-]+) (?:it is|then|sounds (?:good|better|right)|please)\b(?P<rest>\s*[,;.–—-].*)?[\s.!]*$",
    re.IGNORECASE,
)
_DOING = seldom(
    r"\b(?:let['’]?s|let us) do (?=\d|(?:one|two|three|four|five|six|eight|ten|a dozen|half)\b)",
    re.IGNORECASE,
)
_NOBODY = {"i", "we", "you", "they", "he", "she", "people", "users"}
_MAKE_THAT = seldom(
    r"\bmake that (?=\d[\d.]*\s?(?:[kmgt]i?b\b|gigs?\b|v?cpus?\b|(?:cpu )?cores?\b|of (?:memory|ram)\b))",
    re.IGNORECASE,
)
# "16 is out already, take that", "use 16": the number that takes the place of the one said before.
_TAKE_THAT = seldom(
    LEAD
    + r"(?:(?:but|i think|i hear|apparently|looks like|version|v)\W+)*v?(?P<new>\d[\d.]*)(?:['’]s| is| has been| are)"
    r" (?:(?:already|now|even|also|still|actually)\s+)*"
    r"(?:out|available|released|there|stable|current|better|cheaper|newer|ready|ga|lts|supported|"
    r"the (?:latest|current|newest|new|stable)(?: (?:version|one|release))?)(?: (?:already|now|too|by now))?"
    r"\s*(?:[,.;!]|\s[–—-]|\band\b|\bso\b)\s*(?:(?:so|then|and|please|let['’]?s|we can|we should|i['’]?d)\s+)*"
    r"(?:take|use|go (?:with|for)|make it|switch to|move to|pick|do|have|want)(?: (?:that|it|this)(?: one)?)"
    r"(?: instead| rather)?" + TAIL,
    re.IGNORECASE,
)
_TAKE_NUMBER = seldom(
    LEAD + r"(?:take|use|go (?:with|for)|pick) v?(?P<new>\d[\d.]*)(?: instead| rather)?" + TAIL,
    re.IGNORECASE,
)
_CAN_DO = seldom(
    r"^\W*(?:(?:sorry|actually|hm+|wait|oh|and|ok|but)\b\W*)*(?:can|could|would) (?:you|we|i) (?:please |maybe |rather "
    r"|just )?(?:do|make (?:it|that)|use|take|go (?:with|for)|have|get|run) v?(?P<new>\d[\d.]*)"
    r"(?: (?:instead|rather|please|then))*\s*\??$",
    re.IGNORECASE,
)
_FURTHER = seldom(
    rf"^\W*(?:(?:and|ok|okay|then|so|also|sorry)\b\W*)*(?:(?:plus|\+) ?(?P<more>{SEVERAL}|one)(?: more)?|"
    rf"(?:plus )?(?P<top>{SEVERAL}|one) (?:on top(?: of (?:that|those|it))?|in addition|besides)|"
    rf"(?:minus|less) (?P<less>{SEVERAL}|one)){TAIL}",
    re.IGNORECASE,
)
_WAY = r"(?:other|wrong) way (?:a?round|about)"
_MIXED_UP = seldom(
    r"^\W*(?:(?:sorry|oops|no|wait|oh|ah|argh|whoops|ok|actually|hm+|damn|my bad|my mistake|er+m?|uh)\b\W*)*"
    r"(?:(?:(?:i|we|i['’]ve|we['’]ve)\s+)?(?:must have |may have |probably |just )?"
    r"(?:(?:mixed|muddled|messed|swapped|switched|confused|got|had|turned)\s+(?:it|that|this|them|things|those|the "
    r"(?:numbers|figures|two|values|amounts)|the two)?\s*(?:all |completely )?(?:up|around|round|backwards|wrong|"
    rf"reversed|the {_WAY}|mixed up|confused|swapped)?)|"
    r"swap (?:those|them|these|the two|the numbers|that)(?: around| round| over)?|"
    r"(?:(?:it['’]?s|that['’]?s|make (?:it|that)|(?:i|we) meant(?: it)?|should be|exactly|just)\s+)*"
    rf"(?:(?:the )?(?:{_WAY}|reverse|inverse|opposite)|vice versa|backwards|reversed))"
    r"(?: please)?\s*[.,;:!–—-]+\s*(?=.*\d)",
    re.IGNORECASE,
)
_LONGEST = 12


def taken_up(text: str, said: Sequence[str]) -> str | None:
    """The request that a message takes up, with what is new in it; None for every other message."""
    if not said or len(text.split()) > _LONGEST or "?" in text:
        return None
    return (
        _again(text, said)
        or _nor(text, said[-1])
        or sized(text, said[-1])
        or _backed_up(text, said)
        or _landed(text, said[-1])
        or _as_much_of(text, said[-1])
        or _wanted(text, said[-1])
        or _chosen(text, said[-1])
        or _will_not(text)
        or _fewer(text)
        or _more_than_said(text, said[-1])
    )


def _more_than_said(text: str, last: str) -> str | None:
    """`One more please` … `actually, two more`: more by what is missing to it."""
    new, old = _SO_MANY_MORE.match(text), _MORE.search(last)
    if new is None or old is None:
        return None
    missing = number_of(new["many"] or new["late"]) - number_of(old["many"] or "one")
    return f"{missing} more" if missing > 0 else None


def plainer(text: str) -> str:
    """`Let's do 3 workers`: to make it so many, where "do" alone asks; `I said 12, not 16`: to be 12; `16 is
    out already, take that`: to be 16; `make that 6 cores`: it, and no cores that
    were spoken of; `can you do 7 instead?`: an order; `plus five`: as many more; `oops, other way round: 4 cores, 8GB`:
    what is said in the right order."""
    text = _MIXED_UP.sub("sorry, ", text)
    if (further := _FURTHER.match(text)) is not None:
        many = further["more"] or further["top"] or further["less"]
        return f"{many} {'less' if further['less'] else 'more'}"
    if (can := _CAN_DO.match(text)) is not None:
        return f"make that {can['new']}"
    taken = _TAKE_THAT.match(text) or _TAKE_NUMBER.match(text)
    if taken is not None:
        return f"make that {taken['new'].rstrip('.')}"
    text = _WHAT_WAS_WANTED.sub(r"make it \g<much>", text)
    text = _MAKE_THAT.sub("make it ", text)
    return _DOING.sub("make it ", _NOT_SO.sub(r"no, \g<new>", text))


def _again(text: str, said: Sequence[str]) -> str | None:
    """The last request once more, where it was one that can be repeated: by how much more there should be."""
    found = _AGAIN.match(text)
    if found is None:
        return None
    before = next((past for past in reversed(said) if not _AGAIN.match(past)), "")
    if not _RELATIVE.search(before) or before.rstrip().endswith("?"):
        return None
    return _FACTOR.sub(found["verb"], before) if found["verb"] else before


def _nor(text: str, last: str) -> str | None:
    """`Nor the load balancer`, after something was not needed."""
    found = _NOR.match(text)
    if found is None or not (_REMOVED.search(last) or _NOR.match(last)):
        return None
    what = re.sub(
        r"^(?:an?|any|the)\s+", "", next(filter(None, found.groups())), flags=re.IGNORECASE
    )
    return f"remove the {what}"


def _backed_up(text: str, said: Sequence[str]) -> str | None:
    """`Keep them for two weeks`, `and the web servers weekly`, where backups were spoken of."""
    if not any(_BACKED.search(past) for past in said):
        return None
    if (kept := _kept_for(text, said[-1])) is not None:
        return kept
    how = _HOW.match(text) if _BACKED.search(said[-1]) else None
    if how is not None and not _SCHEDULED.search(said[-1]):
        return f"{how['how']} backups"
    if how is not None:
        return f"{_SCHEDULED.sub(how['how'], said[-1])}"
    often = _OFTEN.match(text)
    if often is None or often["who"].casefold() in {"it", "them", "that", "make it", "do it"}:
        return None
    return f"back up {often['who']} {often['how']}"


def _kept_for(text: str, last: str) -> str | None:
    """`Keep them for two weeks`, `30 days, sorry`: for how long they should be kept."""
    spoken = _HOW_LONG.search(last) or _BACKED.search(last)
    found = _KEPT_FOR.match(text) or (_LONGER.match(text) if spoken else None)
    return f"keep the backups for {found['long']}" if found else None


def _wanted(text: str, last: str) -> str | None:
    """`Sure, two of them`, after "should we add a runner?"."""
    found, proposed = _WANTED.match(text), _PROPOSED.search(last)
    if found is None or proposed is None:
        return None
    what = proposed["what"]
    if found["many"].casefold() in {"one", "1"}:
        return f"add a {what}"
    return f"add {found['many']} {what}{'' if what.endswith('s') else 's'}"


def _as_much_of(text: str, last: str) -> str | None:
    """`And 16GB of its memory`, after `take 4 cores away from solver`: the same with another amount."""
    found, before = _FURTHER_AMOUNT.match(text), _BY_AMOUNT.search(last)
    if found is None or before is None:
        return None
    bare = found["much"].isdigit()
    if bare and found["where"] is None:
        return None  # "and 2" may count
    unit = last[before.start("much") : before.end("much")].lstrip("0123456789., ") if bare else ""
    much = f"{found['much']} {unit}".rstrip() if bare else found["much"]
    amount = " ".join(filter(None, (much, found["more"] or before["more"], found["what"])))
    rest = last[before.end("all") :]
    rest = _WHERE.sub(f" {found['where']}", rest) if found["where"] else rest
    taken = _TAKEN_FROM.match(rest)
    if taken is not None:
        return f"reduce {taken['who']} by {amount}"
    return f"{last[: before.start('all')]}{amount}{rest}"


def _chosen(text: str, last: str) -> str | None:
    """`I'll take mysql, name it shopdb`, after "is mysql or postgres better?"."""
    asked = _OR.search(last) if last.rstrip().endswith("?") else None
    found = (_CHOICE.match(text) or _IT_IS.match(text)) if asked is not None else None
    if asked is None or found is None:
        return None
    choices = {asked["one"].split()[-1].casefold(), asked["other"].casefold()}
    return (
        f"add {found['what']}{found['rest'] or ''}" if found["what"].casefold() in choices else None
    )


def _will_not(text: str) -> str | None:
    """`Tiny won't even boot with that, 1GB then`."""
    found = _WILL_NOT.match(text)
    if found is None or found["who"].casefold() in _NOBODY:
        return None
    return f"set {found['who']} to {found['much']}"


def _fewer(text: str) -> str | None:
    """`That's two too many`: of what was spoken of."""
    found = _FEWER.match(text)
    return f"scale them down by {found['many']}" if found else None


def _landed(text: str, last: str) -> str | None:
    """`Wait, kubernetes instead`, after where it should run was said."""
    found = _ENGINE_ALONE.match(text)
    if found is None or not (_ON_ENGINE.search(last) or _ENGINE_ALONE.match(last)):
        return None
    return f"move it to {found['engine']}"


def sized(text: str, last: str) -> str | None:
    """`16GB of memory please`, after a complaint that something is too small."""
    complaint, amount = _TOO_SMALL.match(last), _AMOUNT.match(text)
    if complaint is None or amount is None or complaint["who"].casefold() in {"it", "that", "this"}:
        return None
    return f"set {complaint['who']} to {amount['much']}"
