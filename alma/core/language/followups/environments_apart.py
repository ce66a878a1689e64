"""What each environment should have, where a draft has a part for each: "production should run 5 containers, staging
is fine with the one", "5 in prod and 2 in staging".

The whole of such a draft is for no single environment: the words mean the parts that are called so.
"""

from __future__ import annotations

import re

from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.environments import ENVIRONMENT_WORDS
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource

_ENV = (
    rf"(?:{'|'.join(sorted(ENVIRONMENT_WORDS, key=len, reverse=True))})(?![\w-])(?: environment)?"
)
_N = rf"(?:\d{{1,3}}|{COUNTING}|a single|just one|the one)"
_WHAT = (
    r"(?: (?:of )?(?:the |our )?(?:(?P<tier>[a-z][\w-]*) )??"
    r"(?:containers?|vms?|servers?|instances?|replicas?|copies|machines?|boxes|nodes?|ones?|pods?|workers?))?"
)
_MODAL = r"(?:should|must|shall|needs? to|has to|ought to|can|could|will|to)"
_VERB = r"(?:run|have|get|be|use|go to|go up to|scale to|be scaled to)"
_FINE = r"is (?:fine|ok|okay|good|happy) with"
_GETS = rf"(?:(?:{_MODAL} )?{_VERB}|needs?|gets?|wants?|has|runs?|to|at|with|on|:|=|{_FINE})"
_LAST = r"(?=\s*(?:$|[.,;!]|and\b|but\b|while\b|please\b|instead\b))"
_SUBJECT = seldom(
    rf"(?<![\w-])(?:(?:scale|set|put|bring|take) )?(?:the |our )?(?P<env>{_ENV}) {_GETS}(?: (?:just|only|at least))? "
    rf"(?P<n>{_N}){_WHAT}{_LAST}",
    re.IGNORECASE,
)
_PLACED = seldom(
    rf"(?<![\w-])(?:(?:(?:i|we) (?:want|need)|run|scale to|have|put|use|make it|let['’]?s (?:run|have)) )?"
    rf"(?P<n>{_N}){_WHAT} (?:in|on|for) (?:the |our )?(?P<env>{_ENV}){_LAST}",
    re.IGNORECASE,
)
_LEFT = seldom(
    rf"\b(?P<order>(?:leave|keep|don['’]?t (?:touch|change)) (?:the |our )?)(?P<env>{_ENV})",
    re.IGNORECASE,
)
_NUMBERS = {"a single": "1", "just one": "1", "the one": "1"}


def environments_apart(message: str, blueprint: Blueprint) -> str:
    """The message with `scale … to …` for what is said of an environment; as it is where there are no such parts."""
    parts = _parts(blueprint)
    if len(parts) < 2 or not re.search(_ENV, message, re.IGNORECASE):
        return message

    def scaled(found: re.Match[str]) -> str:
        name = _part(parts, found["env"], found["tier"])
        if name is None:
            return found[0]
        number = _NUMBERS.get(found["n"].casefold(), found["n"])
        return f"scale {name} to {number}"

    def named(found: re.Match[str]) -> str:
        name = _part(parts, found["env"], None)
        return f"{found['order']}{name}" if name else found[0]

    message = _LEFT.sub(named, message)
    return _PLACED.sub(scaled, _SUBJECT.sub(scaled, message))


def _parts(blueprint: Blueprint) -> dict[str, list[Resource]]:
    """The machines that are called after each environment."""
    found: dict[str, list[Resource]] = {}
    for resource in blueprint.resources:
        words = set(re.split(r"[-_.]", resource.name.casefold())) & ENVIRONMENT_WORDS.keys()
        if resource.type in COMPUTE and len(words) == 1:
            found.setdefault(ENVIRONMENT_WORDS[words.pop()], []).append(resource)
    return found


def _part(parts: dict[str, list[Resource]], environment: str, tier: str | None) -> str | None:
    """The one machine of an environment that is meant; None where it may be several."""
    word = environment.casefold().removesuffix(" environment")
    there = parts.get(ENVIRONMENT_WORDS[word], [])
    called = [r for r in there if tier and tier.casefold() in re.split(r"[-_.]", r.name.casefold())]
    meant = called or there
    return meant[0].name if len(meant) == 1 else None
