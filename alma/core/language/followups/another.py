"""One more of what was spoken of: "and a second called proxy-02", "another one just like it", "same thing again for
test, name erp-test, half the memory".

The noun is left out because everybody knows it; so the new one is a copy of what was spoken of last, and what the
message says besides is said of the copy. So is what only has a name, where the one before it was just given one: "a VM
named east" … "and west with 4GB", "plus agent-3".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alma.core.language.changing.resize import copied
from alma.core.language.changing.targets import Focus, stem
from alma.core.language.followups.mentions import mentions
from alma.core.language.parsing.heads import is_identifier
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.environments import ENVIRONMENT_WORDS
from alma.core.language.words.naming import valid
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import COMPUTE, Blueprint, Origin, Resource, ResourceType
from alma.core.model.conversation import AddResource, SetField

_LONGEST = 25
_OPENING = (
    r"^\W*(?:(?:and|also|oh|ok|okay|then|now|plus|hey|hi|please|pls|well|so|hm+|actually|yes|yep|great|cool|"
    r"nice|thanks|"
    r"perfect|add|create|make|deploy|launch|give|set|spin|up|me|us|get|let's|have|can|could|would|you|i|we|i'd|"
    r"we'd|like|"
    r"want|wants|need|needs|to|just|one more thing|what about|how about|kids|boss|team|they|the)\b\W*)*?"
)
_ONE = (
    r"(?P<what>(?:a |one )?(?:second|2nd|third|3rd|fourth|4th|fifth|5th)(?: (?:one|copy|instance))?|"
    r"(?:yet )?another(?: (?:one|copy))?|(?:once |yet )?again|once more|one more time|"
    r"one more(?: of (?:those|them|these|it))?|(?:an? |one )(?:extra|additional|identical|similar) one|"
    r"(?:the )?(?:very |exact )?same(?: thing| one)?(?: again| once more)?|"
    r"(?:a |an |one )?(?:exact )?(?:copy|clone|duplicate|twin)(?: of (?:it|that|this|that one|this one))?|one)"
)
_ENDS = (
    r"(?=\W*$|\s*[,.;:…\"'“(–—-]|\s+(?:called|named|name|call|with|for|like|identical|just|but|as|too|also|please|pls|"
    r"same|exactly|then|and|again|of the same)\b)"
)
_BEGINS = seldom(_OPENING + _ONE + _ENDS, re.IGNORECASE)
_CLONED = seldom(
    _OPENING
    + r"(?:duplicate|clone|copy|replicate)\s+(?:it|that one|this one|that (?:vm|server|box|"
    r"container|machine))\s+(?:as|to|into|called|named|and (?:call|name) it)\s+[\"'`]?"
    r"(?P<name>[A-Za-z][\w.-]*)[\"'`]?[\s.!]*$",
    re.IGNORECASE,
)
_DEFINITE = seldom(r"\b(?:the|that|this|which) $", re.IGNORECASE)
_BARE_ONE = seldom(r"^[\s,:–-]+(?:called|named)\b|^\s+for\b", re.IGNORECASE)
_NAME = seldom(
    r"\b(?:called|named|call (?:it|that|this|this one|that one)|call|name(?: it| is|:)?)\s+[\"'“`]?"
    r"(?P<name>[A-Za-z][\w.-]*)[\"'”`]?|[\"“`](?P<quoted>[A-Za-z][\w.-]*)[\"”`]",
    re.IGNORECASE,
)
_NAMED_AT_ONCE = seldom(
    r"^\s*[,:–—-]+\s*(?:namely\s+)?(?P<name>[A-Za-z][\w.-]*)(?=\s*(?:$|[,.;:!–—(]|(?:with|at|for|but|and|has)\b))",
    re.IGNORECASE,
)
_NEXT = seldom(
    r"^\W*(?P<lead>(?:(?:and|plus|also|then|next|now|oh|ok|okay|yes|finally|lastly|likewise|as well as|add|create|"
    r"make|deploy|"
    r"spin up|set up|we need|i need|give me|please)\W+)+)[\"'`“]?(?P<name>[A-Za-z][\w.-]*[\w])[\"'`”]?"
    r"(?P<rest>\s*(?:$|[.!]*$|,\s*(?=\d|also|too|same|but|with|as well|identical|the same)|\s(?=the same|with|"
    r"at\b|has|gets|needs|on \d|\d|too|"
    r"as well|please|same|which)).*)$",
    re.IGNORECASE,
)
_JOINED = seldom(
    r"\b(?:and|plus|also|then|next|now|finally|lastly|likewise|as well as)\b", re.IGNORECASE
)
_NAMING = seldom(r"\b(?:called|named|name|names|dubbed)\b", re.IGNORECASE)
_SIZED = seldom(r"\s*(?:,|with|has|gets)?\s*\d", re.IGNORECASE)
_NO_NAMES = frozenset(
    "maybe please perhaps ideally both each all it that this them those these they everything everyone anything only "
    "just now also too more then the one ones another start make give with without for from not no yes nothing "
    "some any most best at about almost around up instead again same less least half double twice thanks later".split()
)
_NEEDS_A_NAME = {"one", "again", "once again", "yet again", "once more", "one more time"}
_RENAMES = seldom(r"\b(?:rename|call (?:it|them|that)|instead)\b", re.IGNORECASE)
_NUMBERED = seldom(r"^(?P<stem>.*?)[-_.]?(?:\d{1,4}|(?<=[-_])[a-z])$", re.IGNORECASE)
_FOR = seldom(
    r"\bfor (?:the |our |my )?(?P<who>[A-Za-z][\w-]*)(?: (?:team|people|department|group|guys|side))?\b",
    re.IGNORECASE,
)
_AS_IT_IS = seldom(
    r"\b(?:(?:with|of|also|and|but|has|having|all|using) )*(?:the |exactly the |exact )?same(?: \w+)?(?: as [\w -]+)?|"
    r"\b(?:exactly |just )?(?:like|as) (?:it|that|this|the (?:first|other|last|previous|one)(?: one)?|before|"
    r"[\w]+-?\d+)\b|"
    r"\b(?:exactly |otherwise |completely )?(?:identical|alike)(?: to \w+)?|"
    r"\b(?:too|as well|please|pls|thanks|thx|thank you|"
    r"again|then|while you(?:'re|’re| are) at it|also|exactly|just|though|otherwise)\b",
    re.IGNORECASE,
)
_PLAIN = seldom(
    r"^[\s,.;:!…()&–—-]*(?:(?:with|and|but|of|it|has|gets|needs|is|at|in)\b[\s,.;:!…–—-]*)*",
    re.IGNORECASE,
)
_RELATIVE = seldom(
    r"^(?:(?P<how>half|double|twice|triple) (?:the |as much |of the |as many )?"
    r"(?P<what>memory|ram|cpus?|cores|disk|storage|nodes)|"
    r"(?P<only>only|just) )",
    re.IGNORECASE,
)
_VERBS = {"half": "halve", "double": "double", "twice": "double", "triple": "triple"}
_KINDS = {
    ResourceType.VM: "vm",
    ResourceType.CONTAINER: "container",
    ResourceType.SERVICE: "service",
}


@dataclass(frozen=True, slots=True)
class More:
    """One more: a copy (`added`, with what follows `beside` it) about which `said` is to be read; or, where it is of
    another kind, the request in full (`request`)."""

    like: Resource
    added: AddResource | None = None
    beside: tuple[SetField, ...] = ()
    said: str = ""
    request: str = ""


class Another:
    """Finds messages that ask for one more of what was spoken of."""

    def __init__(self, gazetteer: Gazetteer, orders: Callable[[str], bool]) -> None:
        self._gazetteer = gazetteer
        self._orders = orders

    def found(
        self, message: str, blueprint: Blueprint, focus: Focus, said: Sequence[str]
    ) -> More | None:
        """What the message wants one more of; None if it wants none, or says itself what it should be."""
        return self._next(message, blueprint, focus, said) or self._more(message, blueprint, focus)

    def _next(
        self, message: str, blueprint: Blueprint, focus: Focus, said: Sequence[str]
    ) -> More | None:
        """`And west with 4GB` right after a VM named east; `plus agent-3` beside agent-1."""
        found = _NEXT.match(message)
        if found is None or len(message.split()) > _LONGEST:
            return None
        name = found["name"]
        if blueprint.resource(name) is not None or (not is_identifier(name) and self._orders(name)):
            return None
        like = _sibling(name, blueprint)
        named = self._is_name(name) or (_SIZED.match(found["rest"]) and self._is_plain(name))
        if like is None and _JOINED.search(found["lead"]) and named:
            like = _just_named(blueprint, focus, said)
        if like is None:
            return None
        to = valid(name)
        beside = _spread(like.name, to, blueprint)
        rest = found["rest"]
        return More(like, added=copied(like, to), beside=beside, said=_said_of(to, rest))

    def _is_name(self, word: str) -> bool:
        """Whether a word can be nothing but a name."""
        known = self._gazetteer.meaning(word.casefold()).keys() - {Sort.ROLE}
        ordinary = word.casefold() in self._gazetteer.common
        return is_identifier(word) or not (known or ordinary)

    def _is_plain(self, word: str) -> bool:
        """Whether a word means nothing here, and is none that joins or qualifies: `north`."""
        qualifies = word.casefold().endswith(("ly", "er", "est"))
        return (
            not (self._gazetteer.meaning(word.casefold()) or qualifies)
            and word.casefold() not in _NO_NAMES
        )

    def _more(self, message: str, blueprint: Blueprint, focus: Focus) -> More | None:
        """`And a second called proxy-02`, `another one: node-b`."""
        begun = _BEGINS.match(message)
        if (
            begun is None
            or len(message.split()) > _LONGEST
            or _DEFINITE.search(message[: begun.start("what")])
        ):
            return None
        what, rest = begun["what"].casefold(), message[begun.end() :]
        like = _spoken_of(blueprint, focus)
        if like is None or (what in _NEEDS_A_NAME and not _BARE_ONE.match(rest)):
            return None
        name = _NAME.search(rest) or self._named_at_once(rest)
        if like.type in COMPUTE and like.count > 1 and not rest.strip(" .!,"):
            return More(like, request=f"scale {like.name} up by 1")
        called = next(filter(None, name.groups()), None) if name else None
        if "same" in what and (called is None or blueprint.resource(called)):
            return None  # "same for staging" is a copy of all of it
        rest = f"{rest[: name.start()]} {rest[name.end() :]}" if name else rest
        purpose = _FOR.search(rest)
        if purpose is not None and (request := self._of_other_kind(purpose["who"], like)):
            return More(like, request=request)
        if called is None and purpose is not None:
            called = self._called_for(purpose["who"], like)
        if purpose is not None:
            rest = f"{rest[: purpose.start()]} {rest[purpose.end() :]}"
        to = _free(valid(called) if called else stem(like), blueprint, named=called is not None)
        beside = _spread(like.name, to, blueprint)
        return More(like, added=copied(like, to), beside=beside, said=_said_of(to, rest))

    def _named_at_once(self, rest: str) -> re.Match[str] | None:
        """The name of `a second one, agent-2`."""
        found = _NAMED_AT_ONCE.match(rest)
        named = found is not None and self._is_name(found["name"])
        return found if named and found is not None and not self._orders(found["name"]) else None

    def _of_other_kind(self, who: str, like: Resource) -> str | None:
        """`One for Sonarr too`: the same kind of machine, for other software."""
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(who)).tokens)
        software = bool(items[0].terms.keys() & {Sort.SOFTWARE, Sort.PRODUCT})
        if not software or like.type not in COMPUTE or like.engine == items[0].id_of(Sort.SOFTWARE):
            return None
        return f"add a {_KINDS[like.type]} for {who}" if like.type in _KINDS else None

    def _called_for(self, who: str, like: Resource) -> str | None:
        """The name of one `for support`, `for staging`."""
        if who.casefold() in ENVIRONMENT_WORDS:
            head, _, tail = like.name.rpartition("-")
            return f"{head if head and tail.casefold() in ENVIRONMENT_WORDS else like.name}-{who.casefold()}"
        known = self._gazetteer.meaning(who.casefold())
        return (
            None
            if known or who.casefold() in {"me", "us", "it", "that", "now", "this", "them"}
            else who.casefold()
        )


def cloned(message: str, blueprint: Blueprint, focus: Focus) -> More | None:
    """`Duplicate it as web02`: a copy of the one that was spoken of; None for every other message."""
    found = _CLONED.match(message)
    spoken = focus.spoken(blueprint)
    to = valid(found["name"]) if found else None
    if to is None or len(spoken) != 1 or blueprint.resource(to) is not None:
        return None
    return More(
        spoken[0], added=copied(spoken[0], to), beside=_spread(spoken[0].name, to, blueprint)
    )


def wants_another(message: str) -> bool:
    """Whether a message begins like such a wish."""
    return any(way.match(message) is not None for way in (_BEGINS, _CLONED, _NEXT))


def _sibling(name: str, blueprint: Blueprint) -> Resource | None:
    """The last of those that are called like it but for the number."""
    numbered = _NUMBERED.match(name)
    if numbered is None or not numbered["stem"]:
        return None
    alike = [
        resource
        for resource in blueprint.resources
        if (other := _NUMBERED.match(resource.name)) is not None
        and other["stem"].casefold() == numbered["stem"].casefold()
    ]
    return alike[-1] if alike and len({r.type for r in alike}) == 1 else None


def _just_named(blueprint: Blueprint, focus: Focus, said: Sequence[str]) -> Resource | None:
    """What was made by its name, or added to such, in the message right before."""
    like = _spoken_of(blueprint, focus)
    if like is None or not said or not mentions(said[-1], like.name):
        return None
    before = _NEXT.match(said[-1])
    given = is_identifier(like.name) or _NAMING.search(said[-1]) is not None
    named = given and not _RENAMES.search(said[-1])
    return (
        like if named or (before is not None and before["name"].casefold() == like.name) else None
    )


def _spoken_of(blueprint: Blueprint, focus: Focus) -> Resource | None:
    for name in (*reversed(focus.recent), *focus.names):
        if (resource := blueprint.resource(name)) is not None:
            return resource
    return blueprint.resources[0] if len(blueprint.resources) == 1 else None


def _spread(name: str, to: str, blueprint: Blueprint) -> tuple[SetField, ...]:
    """What spreads load over one spreads it over its copy as well."""
    return tuple(
        SetField(name=r.name, path="backends", value=[*r.backends, to], origin=Origin.INFERRED)
        for r in blueprint.resources
        if name in r.backends
    )


def _free(name: str, blueprint: Blueprint, *, named: bool) -> str:
    if named and blueprint.resource(name) is None:
        return name
    number = 2
    while blueprint.resource(f"{name}-{number}") is not None:
        number += 1
    return f"{name}-{number}"


def _said_of(name: str, rest: str) -> str:
    """What the rest of the message says about the copy, as an order; empty if it says nothing."""
    left = _PLAIN.sub("", _AS_IT_IS.sub(" ", re.sub(r"\s+", " ", rest)).strip()).strip(
        " ,.;:!?…)\"'"
    )
    relative = _RELATIVE.match(left)
    if relative and relative["how"]:
        order = f"{_VERBS[relative['how'].casefold()]} the {relative['what']} of {name}"
        after = _PLAIN.sub("", left[relative.end() :])
        return f"{order}. set {name} to {after}" if after else order
    left = left[relative.end() :] if relative else left
    return f"set {name} to {left}" if left else ""
