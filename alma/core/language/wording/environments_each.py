"""What several environments have, said once for all of them or as a number for each.

`staging and production, each with its own VM and Postgres`, `for production 4 app VMs and for staging only 1`: put as
one line for each environment, under its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alma.core.language.words.amounts import NUMBER
from alma.core.language.words.seldom import Seldom, seldom

_ENV = r"(?:production|prod|prd|live|staging|stage|stg|uat|development|dev|testing|test|qa)"
_SOME_ENV = seldom(rf"\b{_ENV}\b", re.IGNORECASE)
_ARTICLE = r"(?:an? |one |our |the |my )?"
_UNIT = r"(?: (?:environments?|envs?|stages?|systems?|setups?))?"
_ENVS = (
    rf"{_ARTICLE}{_ENV}{_UNIT}(?:\s*[,/+]\s*{_ARTICLE}{_ENV}{_UNIT})*\s*(?:,\s*)?(?:and|&|\+|/|plus)\s*"
    rf"{_ARTICLE}{_ENV}"
)
_HAVING = (
    r"(?:with|has|have|having|is to have|should have|should get|gets?|getting|needs?|wants?|on|in|containing|"
    r"consisting of|made of|running on)"
)
_EACH = r"(?:each(?: (?:of them|one))?|both(?: of them)?|every one(?: of them)?|all of them)"
_LEAD = r"^(?P<lead>[^.!?\n;\d]{0,60}?)(?<![\w-])"
_COMMON = rf"(?P<envs>{_ENVS}){_UNIT}(?P<what> (?:of|for) [^,;:.!?\n–—-]{{1,40}}?)?"
_ALL_THE_SAME = (
    seldom(
        rf"{_LEAD}{_COMMON}\s*[,:;–—-]?\s*(?:where |and )?{_EACH}(?: (?:is|are|must|will|should))?"
        rf"(?: {_HAVING}| (?=an? |one |its |their |\d))\s*(?P<things>[^.!?\n]+)(?P<rest>[.!?\n].*)?$",
        re.IGNORECASE | re.DOTALL,
    ),
    seldom(
        rf"{_LEAD}{_COMMON}\s*[,:–—-]?\s*(?:with|having|:)\s*(?P<things>[^.!?\n]+?),? "
        r"(?:each|apiece|in each(?: of them)?)\s*(?P<rest>[.!?\n].*)?$",
        re.IGNORECASE | re.DOTALL,
    ),
)
_NEEDS = r"(?:needs?|wants?|gets?|has|have|should (?:have|get)|must have|with|:|=|takes?|only|just)"
_ONLY = r"(?:only |just |a single |exactly )?"
_WISH = r"(?:(?:i|we)(?:'d|'ll| would| will)? (?:need|want|like|have|use|take|get)(?: to have)? )?"
_NOUN = r"(?P<thing>(?!(?:gb|gigs?|cores?|cpus?|vcpus?)\b)[a-z][\w-]*(?: (?!for\b|in\b|on\b|and\b)[a-z][\w-]*){0,3}?s)"
# The number for one environment where the thing is named, and what each of the others has of it.
_FIRST = (
    seldom(
        rf"(?P<n>{NUMBER}|an?) {_NOUN} (?:for|in|on) (?:the )?(?P<env>{_ENV}){_UNIT}\b",
        re.IGNORECASE,
    ),
    seldom(
        rf"(?:\b(?:for|in|on) )?(?:the )?\b(?P<env>{_ENV}){_UNIT}[,:]? (?:{_WISH}|{_NEEDS} ){_ONLY}"
        rf"(?P<n>{NUMBER}|an?) {_NOUN}(?= ?(?:,|;|\band\b|\bbut\b|\bwhile\b|–|—|-))",
        re.IGNORECASE,
    ),
)
_JOINT = r"\s*(?:,|;|–|—|-)?\s*(?:and|but|while|plus)?\s*(?:also )?"
_OTHER = (
    seldom(
        rf"{_JOINT}{_ONLY}(?P<n>{NUMBER}|an?)(?: more)? (?:for|in|on) (?:the )?(?P<env>{_ENV}){_UNIT}\b",
        re.IGNORECASE,
    ),
    seldom(
        rf"{_JOINT}(?:(?:for|in|on) )?(?:the )?(?P<env>{_ENV}){_UNIT}[,:]? {_WISH}(?:{_NEEDS} )*"
        rf"(?P<n>{NUMBER}|an?)(?=\s*(?:$|[.,;!\n–—]|\band\b|\bbut\b))",
        re.IGNORECASE,
    ),
)
_OF_ALL = seldom(r"^\s*,?\s*(?:all|each|both|every)\b", re.IGNORECASE)
_ASKING = seldom(
    r"^\W*(?:(?:hi|hello|hey|please|pls|so|ok|and|can|could|would|you|us|me|i|we|'d|'ll|'re|are|will|like|want|need|have|"
    r"to|get|give|set|up|make|create|build|run|for|in|on|of|with|our|my|the|a|an|two|three|four|both|environments?|envs?|"
    r"separate|different|it|there|should|be|app|application|looking)\b\W*)*$",
    re.IGNORECASE,
)
_PLACE = seldom(r"\b(?:on|in|under|below) (?!(?:both|each)\b)[\w$€-]+", re.IGNORECASE)
_OWN = seldom(r"\b(?:its|their|an?) own\b|\b(?:its|their)(?= )", re.IGNORECASE)
_MACHINE = seldom(
    r"\b(?:vms?|servers?|machines?|boxe?s?|containers?|lxcs?|instances?|droplets?|nodes?|clusters?|hosts?)\b",
    re.IGNORECASE,
)
_FEWEST = 2


def in_environments(message: str) -> str:
    """The message with a line for each environment; as it is, where nothing is said of several."""
    named = {found[0].casefold() for found in _SOME_ENV.finditer(message)}
    if len(named) < _FEWEST:
        return message
    return _alike(message) or _numbered(message) or message


def _alike(message: str) -> str | None:
    """`Dev and prod, each with a VM and a redis`."""
    for way in _ALL_THE_SAME:
        found = way.match(message)
        if found is None:
            continue
        lead = found["lead"].strip(" ,:–—-")
        place = "" if _ASKING.match(lead) else lead
        if place and not _PLACE.search(place):
            return None
        things = _OWN.sub("a", found["things"]).strip(" ,;")
        if found["what"] and not _MACHINE.search(things):
            things = f"an app and {things}"
        ends = [f"{_PLACE.search(place)[0]}"] if place else []  # type: ignore[index]
        envs = [each[0] for each in _SOME_ENV.finditer(found["envs"])]
        rest = (found["rest"] or "").strip(" .!\n")
        return _lines([f"{env}: {things}" for env in envs], [*ends, rest])
    return None


def _numbered(message: str) -> str | None:
    """`4 app VMs for production, 1 for staging`."""
    for first, other in zip(_FIRST, _OTHER, strict=True):
        found = first.search(message)
        if found is None:
            continue
        others = list(_others(message, found.end(), other))
        if not others or not _ASKING.match(message[: found.start()]):
            continue
        end = others[-1].end()
        rest = message[end:]
        of_all = rest.partition(".")[0] if _OF_ALL.match(rest) else ""
        after = rest[len(of_all) :].strip(" .,;!\n")
        of_all = f", {of_all.strip(' ,')}" if of_all else ""
        told = [f"{each['env']}: {each['n']} {found['thing']}{of_all}" for each in (found, *others)]
        return _lines(told, [after.removeprefix("and ")])
    return None


def _others(message: str, start: int, other: Seldom) -> Iterator[re.Match[str]]:
    """What the environments after the first have of the same thing, one right behind the other."""
    while (found := other.match(message, start)) is not None:
        yield found
        start = found.end()


def _lines(told: Sequence[str], rest: Sequence[str]) -> str:
    return "\n".join([*told, *filter(None, rest)])
