"""What is left out of all, by one word: "every vm apart from web-2", "all web servers but web-2" are all but what comes
after "except".

"But" joins sentences, too: it excepts only between all of something and a thing of which nothing else is said.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_LOT = seldom(r"\b(?:the (?:whole )?(?:lot|bunch)|the whole thing)\b", re.IGNORECASE)
_ALL = r"\b(?:all|every|each|everything|any|anything|both|everyone|the (?:whole|entire) [\w-]+)\b"
_LEAVING_OUT = seldom(
    rf"(?P<all>{_ALL}[^.;!?\n]*?)[\s,]+(?:(?:but |just )?not (?:for |on |to )?|(?:apart|aside|other) (?:from|than)\s+|"
    r"with the exception of\s+|save for\s+|excluding\s+|except(?:ing)?(?: for| on)?\s+|barring\s+|bar\s+|besides\s+)"
    r"(?=(?:the|my|our|that)\s|[\w.-]+\s*(?:$|[,.;!?]|\band\b|\bto\b|\bby\b))",
    re.IGNORECASE,
)
_ONLY_NOT = seldom(
    rf"(?P<all>{_ALL}[^.;!?\n]*?)[\s,]+(?:and |but )?(?:only|just) (?P<what>(?:the )?[\w.-]+(?: and (?:the "
    rf")?[\w.-]+)?) "
    r"(?:does(?:n['’]?t| not)|do(?:n['’]?t| not)|should(?:n['’]?t| not)) (?:need|want|get|have|require)"
    r"(?: (?:any|it|one|them|that|those))?(?=\s*(?:$|[.,;!?]))",
    re.IGNORECASE,
)
_EXCLUDED = seldom(
    rf"(?P<all>{_ALL}[^.;!?\n]*?)[\s,]+(?:(?:with|and|but) )?(?P<what>(?:the )?[\w.-]+(?: and (?:the "
    rf")?[\w.-]+)?)(?: is| are|"
    r" being)? (?:excluded|excepted|left out|not included|exempt(?:ed)?|aside)(?=\s*(?:$|[.,;!?]))",
    re.IGNORECASE,
)
_THING = r"(?:(?:the|my|our|that) )?[\w.-]+(?: (?:servers?|vms?|box|database|db|cache|queue|node|container|one))?"
_BUT = seldom(
    rf"(?P<all>{_ALL}(?P<between>(?: [\w-]+){{0,5}}?)) but (?:(?:not )?(?:for |on )?)?"
    rf"(?P<what>(?!not\b|don|leave|keep|no\b|also\b|only\b|first\b){_THING}(?:(?: and |, ?){_THING}){{0,3}})"
    r"(?P<after>\s*(?:$|[.,;!?])| (?:to|by) |(?: should| gets?| must) | (?=\d))",
    re.IGNORECASE,
)
# "Apart from scada, all run debian", "except for web we want fedora everywhere", "scada aside, they all run debian".
_LEFT_OUT = rf"(?P<{{}}>(?!(?:it|that|this|them|all|everything)\b){_THING}(?:(?:,? and |, ?){_THING}){{{{0,3}}}}?)"
_FIRST = seldom(
    r"^(?P<lead>\W*(?:(?:ok|okay|and|so|please|now|then|hi|hello)\W+)*)"
    r"(?:(?:(?:apart|aside|other) (?:from|than)|with the exception of|save for|excluding|except(?:ing)?(?: for)?|"
    rf"barring|bar|besides) {_LEFT_OUT.format('what')}|{_LEFT_OUT.format('aside')} (?:aside|excepted|excluded))"
    r"(?:\s*,\s*|\s+)(?P<order>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NODES = r"(?:machine|server|vm|box|container|instance|node|service|database|one)(?:e?s)?"
_ALL_OF_THEM = re.compile(
    r"\bthey (?P<modal>(?:(?:should|must|shall|need to|have to) )?)all\b|"
    r"\b(?P<all>everywhere|everything|every (?:single )?one|everyone|"
    rf"(?:all|each|every)(?: of)?(?: (?:the|our|my|these|those|them))?(?: others?)?(?: {_NODES})?|"
    rf"the (?:rest|others?)(?: {_NODES})?|the {_NODES})\b(?: else\b)?",
    re.IGNORECASE,
)
_BARE = seldom(r"\b(?:all|everyone|every one) except\b(?! for\b)", re.IGNORECASE)
_TELLING = seldom(r"\b(?:is|are|was|were|get|gets|should|to|needs?|has|have)\b|\d", re.IGNORECASE)


def excepting(message: str) -> str:
    """The message with "except" before what is left out of all."""
    message = _FIRST.sub(_of_all_others, _LOT.sub("everything", message))
    message = _EXCLUDED.sub(r"\g<all> except \g<what>", message)
    message = _ONLY_NOT.sub(r"\g<all> except \g<what>", message)
    message = _BUT.sub(_except, _LEAVING_OUT.sub(r"\g<all> except ", message))
    return _BARE.sub("everything except", message)


def _except(found: re.Match[str]) -> str:
    """`All web servers but web-2`; `all servers are fine but web-2 should grow` excepts nothing."""
    ends = not found["after"].strip(" .,;!?")
    if not ends and _TELLING.search(found["between"]):
        return found[0]
    return f"{found['all']} except {found['what']}{found['after']}"


def _of_all_others(found: re.Match[str]) -> str:
    """What is left out behind the all that it is left out of."""
    left = f"except {found['what'] or found['aside']}"
    every = _ALL_OF_THEM.search(found["order"])
    if every is None:
        return found[0]
    said = (every["all"] or "").casefold()
    noun = re.search(rf" {_NODES}$", said)
    whole = f"all{noun[0]}" if noun and noun[0] not in {" one", " ones"} else "everything"
    before = "on " if said == "everywhere" else ""
    modal = f" {every['modal'].strip()}" if every["modal"] else ""
    order = found["order"]
    plainly = f"{before}{whole} {left}{modal}"
    return f"{found['lead']}{order[: every.start()]}{plainly}{order[every.end() :]}"
