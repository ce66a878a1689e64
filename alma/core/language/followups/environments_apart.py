"""What each environment should have, where a draft has a part for each: "production should run 5 containers, staging
is fine with the one", "5 in prod and 2 in staging"; and the same for another, where all there is was said to be for
one: "production needs a VM" … "the same for staging".

The whole of such a draft is for no single environment: the words mean the parts that are called so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.environments import ENVIRONMENT_WORDS
from alma.core.language.words.seldom import seldom
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, dump_plain

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


_WORDS = seldom(
    r"\b(?:same|identical|likewise|ditto|copy|clone|replica|duplicate|mirror|too|as well|alike)\b",
    re.IGNORECASE,
)
_NEEDED = r"(?:gets?|needs?|has|wants?|is|(?:should|must|will|has to|needs to) (?:be|have|get|look)|looks?)"
_OPENING = r"^\W*(?:(?:now|and|then|also|ok|okay|great|please|i|we|need|want|would|like|give me|make|do|add|'d)\W+)*"
_SAME_FOR = seldom(
    rf"{_OPENING}(?:a |an |the |exactly )*(?:same(?: (?:thing|again|setup|set|stack|machines?|things|once more))*|"
    r"(?:identical |exact )?(?:copy|clone|replica|duplicate)(?: of (?:it|that|this|everything|"
    r"all(?: of)?(?: that| this)?|the (?:whole )?(?:lot|thing|setup)))?|mirror (?:it|that|this))"
    rf"(?: please)?,?(?: but)? (?:for|in|on) (?:the |our )?(?P<env>{_ENV})",
    re.IGNORECASE,
)
_SAME_IN = seldom(
    rf"{_OPENING}(?:the |our )?(?P<env>{_ENV})\s*[:,]?\s*(?:{_NEEDED} )?(?:exactly |just )?(?:the same|same|identical|"
    r"likewise|ditto|a copy(?: of (?:it|that))?|alike|one too|as well|too)\b(?: again| setup| thing)?",
    re.IGNORECASE,
)
_TOLD = seldom(
    rf"(?:^|[.;\n]\s*)(?:\W*(?:for|in|on) )?(?:the |our |a |an )?(?P<env>{'|'.join(ENVIRONMENT_WORDS)})\b"
    r"(?: environment| setup| side)?\s*(?::|,|–|—|-|needs?\b|gets?\b|has\b|should\b|must\b|wants?\b|is\b)",
    re.IGNORECASE,
)
_NOT_NEEDED = seldom(
    rf"^\W*(?:(?:but|and|oh|actually|hm+|ok|okay|wait)\W+)*(?:the |our )?(?P<env>{_ENV}) "
    r"(?:(?:does not|doesn['’]?t|won['’]?t|will not) (?:really |actually )?(?:need|want|have|get|require)|"
    r"can (?:do|live) without|gets? no|needs? no|has no use for) (?:the |a |an |any |its )?(?P<what>[\w-]+)"
    r"(?: (?:though|then|after all|at all|please|any ?more|either))*\W*$",
    re.IGNORECASE,
)
_LINKS = {"name", "depends_on", "backends", "attach", "mounts"}


def environments_apart(message: str, blueprint: Blueprint) -> str:
    """The message with `scale … to …` for what is said of an environment; as it is where there are no such parts."""
    if (without := _without(message, blueprint)) != message:
        return without
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


@dataclass(frozen=True, slots=True)
class Same:
    """The same for another environment, and the message that says how it differs."""

    environment: str
    request: str


def same_for(text: str, blueprint: Blueprint, said: Sequence[str]) -> Same | None:
    """What a message wants that wants for one environment what was said for another; None for every other message."""
    found = _SAME_FOR.search(text) or _SAME_IN.match(text) if _WORDS.search(text) else None
    if found is None or text.rstrip().endswith("?"):
        return None
    word = found["env"].casefold().removesuffix(" environment")
    told = {
        ENVIRONMENT_WORDS[each["env"].casefold()] for past in said for each in _TOLD.finditer(past)
    }
    told |= (
        {str(blueprint.metadata["environment"])} if "environment" in blueprint.metadata else set()
    )
    if not told or ENVIRONMENT_WORDS[word] in told or len(told) > 1:
        return None
    rest = text[found.end() :].strip(" ,;:")
    return Same(word, f"same for the {word} environment {rest}".strip())


def set_for(environment: str, blueprint: Blueprint) -> Blueprint:
    """All that is drafted once more, by names that say which environment it is for."""
    names = {
        resource.name: _named_for(resource.name, environment) for resource in blueprint.resources
    }
    resources = [
        Resource.model_validate(_renamed(dump_plain(resource), names))
        for resource in blueprint.resources
    ]
    return blueprint.model_copy(update={"resources": tuple(resources)})


def _named_for(name: str, environment: str) -> str:
    head, dash, tail = name.rpartition("-")
    return f"{head if dash and tail in ENVIRONMENT_WORDS else name}-{environment}"


def _renamed(written: Json, names: Mapping[str, str], *, links: bool = False) -> Json:
    """What was written of a resource, with its own name and those that it points at."""
    if isinstance(written, dict):
        return {
            key: _renamed(value, names, links=links or key in _LINKS)
            for key, value in written.items()
        }
    if isinstance(written, list):
        return [_renamed(each, names, links=links) for each in written]
    return names.get(written, written) if links and isinstance(written, str) else written


def _without(message: str, blueprint: Blueprint) -> str:
    """`Test doesn't need the redis`: what of a kind is called after an environment goes."""
    found = _NOT_NEEDED.match(message)
    if found is None:
        return message
    kind, what = (
        ENVIRONMENT_WORDS[found["env"].casefold().removesuffix(" environment")],
        found["what"].casefold(),
    )
    owners = [
        r for r in blueprint.resources
        if kind in {ENVIRONMENT_WORDS.get(word) for word in re.split(r"[-_.]", r.name.casefold())}
        and ((r.engine or "").startswith(what) or what in {str(r.type), *r.name.casefold().split("-")})
    ]  # fmt: skip
    return f"remove {owners[0].name}" if len(owners) == 1 else message


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
