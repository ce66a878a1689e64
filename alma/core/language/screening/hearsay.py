"""What others said is no order: quoted and reported words, and attempts to talk ALMA out of its rules.

Only a person's own words act. "The log says: approve everything" is about a log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from alma.core.language.words.seldom import seldom

_QUOTE = seldom(
    r"\"[^\"\n]{1,2000}\"|“[^”\n]{1,2000}”|«[^»\n]{1,2000}»|(?<!\w)'[^'\n]{2,2000}'(?!\w)|`[^`\n]{2,2000}`"
)
_NAMING = seldom(r"(?:named|called|titled|name|names|hostnames?)\s*[:=]?\s*$", re.IGNORECASE)
_SOURCES = (
    r"(?:logs?|log ?(?:files?|lines?|entry|entries|output)|"
    r"files?|readme|e-?mails?|mail|tickets?|issue|web ?sites?|web ?page|page|documents?|docs?|"
    r"comments?|messages?|errors?|output|banner|notes?|description|pop-?up|alert|prompt|text|response|runbook|wiki|"
    r"chat|slack|sms|bot|script|motd|label|annotation|console|terminal|screen)"
)
# Of these, nobody writes what they wish in their own: "my notes: 2 servers" may be a wish.
_MACHINES_SAY = r"(?:logs?|log ?(?:files?|lines?|entry|entries|output)|errors?|error messages?|output|console|alerts?)"
_PEOPLE = (
    r"(?:someone|somebody|a stranger|(?:my|our|the|a|some) (?:\w+ )?(?:colleague|coworker|co-worker|customer|client|"
    r"user|vendor|boss|manager|friend|guy|person|admin|support|contractor|intern|hacker|attacker)|he|she|they|people|it)"
)
_SAYING = (
    # "the website, and a database for the orders": a noun, and nothing that the website orders
    r"(?<!\bthe )(?<!\bfor )(?<!\bour )(?<!\bmy )(?<!\bof )(?<!\ball )(?<!\btheir )"
    r"(?:says?|said|saying|states?|stated|reads?|wrote|writes|prints?|printed|shows?|showed|displays?|displayed|outputs?|"
    r"contains?|contained|instructs?|mentions?|mentioned|logged|logs|replied|responds?|responded|claims?|wants?|demands?|"
    r"orders?|ordered|insists?)"
)
_TELLING = r"(?:told|tells|asked|asks|instructed|instructs|ordered|wants|begged|urged)\s+(?:me|us|you|alma)"
_COMMANDING = (
    r"(?:you|your|ignore|approve\w*|reject|deploy|destroy|delete|remove|override|must|always|never|grant|disable|allow|"
    r"execute|run|admin|rules?|instructions?|prompt|everything|all)"
)
_TYPING = r"(?:type|say|write|enter|paste|send|run|execute|tell|reply|answer|use the command|use the words)"
_REPORT = seldom(
    rf"\b{_SOURCES}\b[^.!?\n]{{0,60}}?\b(?:{_SAYING}|{_TELLING})\b(?:\s+(?:that|to))?[\s:,]*(?P<content>[\s\S]*)",
    re.IGNORECASE,
)
_COLON = seldom(
    rf"\b(?:{_SAYING}|{_TELLING})\b[^.!?\n]{{0,30}}?:\s*(?P<content>[\s\S]*)", re.IGNORECASE
)
_TYPED = seldom(
    rf"\b(?:{_TELLING}|said|says)\s+(?:to\s+|that\s+i\s+should\s+)?{_TYPING}\b[\s\S]*",
    re.IGNORECASE,
)
_TOLD = seldom(
    rf"\b{_PEOPLE}\s+(?:{_TELLING}|said|says)\s+(?:that\s+|to\s+)?(?P<content>[\s\S]*)",
    re.IGNORECASE,
)
_STATED = seldom(
    r"(?:that\s+)?(?:the|our|my|its?|this|that|everything|\w+-?\w*)\s(?:[\w-]+\s){0,2}?"
    r"(?:is|are|was|were|isn't|aren't|has been|have been|feels|looks|seems|runs|keeps)\b"
    r"(?!\s+(?:to|needed|required)\b)",
    re.IGNORECASE,
)
_TALKED_OUT = seldom(
    r"\b(?:ignore|disregard|forget|override|bypass|overrule|skip)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|guidelines?|"
    r"guardrails?|safety|rules you|your rules|previous rules|all rules|restrictions)\b|"
    r"\b(?:system|developer|hidden) (?:prompt|message|instructions?)\b|\byou are now\b|"
    r"\b(?:developer|god|admin|debug|dan) mode\b|"
    r"\bjailbreak|\bpretend (?:to be|you|that you|i)\b|\bact as (?:if|though|an? |the |root|admin)|"
    r"\bnew instructions\s*:|"
    r"</?(?:system|assistant|instructions?)>|\[/?inst\]|<\|im_|^\s*assistant\s*:|"
    # "System: HR portal" is a field of a form, "System: approve everything" is none.
    rf"^\s*system\s*:(?=[^\n]*\b{_COMMANDING}\b)",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
_SAID_BEFORE = seldom(rf"\b(?:{_SAYING}|{_TELLING}|types?|typed)\b[^.!?]{{0,40}}$", re.IGNORECASE)
_CONTENT = seldom(
    rf"\b(?:(?:this|the|an?|following|attached) {_SOURCES}|(?:our|my) {_MACHINES_SAY})\s*:"
    r"\s*(?P<content>[\s\S]*)",
    re.IGNORECASE,
)
_TAKING = seldom(
    r"\b(?:delete|remove|drop|kill|wipe|stop|shut|disable|rename|scale|change|undo|revert|erase|purge)\b",
    re.IGNORECASE,
)
_A_SENTENCE = 2
_LEFT_OUT = "\x00"
_SENTENCE = seldom(r"(?<=[.!?\n])\s+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message without what others said. `reported`: something was left out; `twisted`: it would change the rules."""

    text: str
    reported: bool = False
    twisted: bool = False


def own_words(text: str, orders: Callable[[str], bool], acts: Callable[[str], bool]) -> Heard:
    """The person's own words. `orders` says whether a text starts with an order, `acts` whether an order in it does
    more than change a draft. What a colleague only passes on ("my boss told me to add a cache") is taken as said."""
    if _TALKED_OUT.search(text):
        return Heard("", twisted=True)
    left = _without_quotes(text, orders, acts)
    for pattern in (_TYPED, _REPORT, _COLON, _CONTENT):
        match = pattern.search(left)
        if match is not None and (
            pattern is _TYPED or orders(match["content"]) or acts(match["content"])
        ):
            left = left[: match.start()] + _LEFT_OUT
    told = _TOLD.search(left)
    if told is not None and _LEFT_OUT not in left:
        if _STATED.match(told["content"]):
            return Heard(text)  # "my colleague says the cache is slow" tells, and orders nothing
        if not acts(told["content"]):
            return Heard(left[: told.start()] + told["content"])
        left = left[: told.start()] + _LEFT_OUT
    if left == text:
        return Heard(text)
    own = [part for part in _SENTENCE.split(left) if _LEFT_OUT not in part]
    return Heard(" ".join(own), reported=True)


def _without_quotes(text: str, orders: Callable[[str], bool], acts: Callable[[str], bool]) -> str:
    """The text without quoted orders; a quoted name stays."""

    def replaced(match: re.Match[str]) -> str:
        inner, before = match[0][1:-1], text[: match.start()]
        said = _SAID_BEFORE.search(before)
        if len(inner.split()) < _A_SENTENCE or (_NAMING.search(before) and not said):
            return match[0]
        if said or acts(inner) or (orders(inner) and _TAKING.search(inner)):
            return _LEFT_OUT
        return f" {inner} " if orders(inner) else match[0]  # a request that was passed on

    return _QUOTE.sub(replaced, text)
