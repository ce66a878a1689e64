"""The most that any of several may have: "no machine should have more than 4 cores", "cap all vms at 8GB of memory".

Which of them have more is known from the draft: those get as much as they may, and all others stay as they are. A
removal, which "no machine" would be elsewhere, is nowhere in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource
from alma.core.model.units import Size

_WHAT = r"(?P<{}>(?:(?:of )?(?:the|our|my|these|those) )?(?:[\w-]+ )?[\w-]+?)"
_AMOUNT = r"(?P<{}>\d+(?:\.\d+)?(?: ?(?:[kmgt]i?b|gigs?|g)\b)?|one|two|three|four|six|eight|ten|twelve|sixteen)"
_OF = r"(?: (?:of )?(?P<{}>v?cpus?|cores?|processors?|memory|ram|disk(?: space)?|storage|space))?"
_ABLE = r"(?:should|shall|must|may|can|needs? to|is (?:allowed|supposed) to|are (?:allowed|supposed) to|will)"
_HAVE = r"(?:have|get|use|take|be given|run (?:on|with)|go|need|own|be)"
_NONE = seldom(
    rf"(?:no|none|not one|not any|not a single) {_WHAT.format('none')} (?:{_ABLE} (?:ever )?{_HAVE}|has|have|gets?|"
    rf"needs?|uses?)"
    rf"(?: any)? (?:more than|over|above|beyond) {_AMOUNT.format('over')}{_OF.format('of')}\b",
    re.IGNORECASE,
)
_CAPPED = seldom(
    rf"(?:cap|limit|restrict) (?:all|every|each|both) {_WHAT.format('all')} (?:at|to) (?:at most |a maximum of |"
    rf"max(?:imum)? )?"
    rf"{_AMOUNT.format('at')}{_OF.format('what')}\b",
    re.IGNORECASE,
)


def capped(message: str, blueprint: Blueprint | None, gazetteer: Gazetteer) -> str:
    """The message with such a ceiling as the amounts of those that have more; any other as it is."""
    if blueprint is None or not blueprint.resources:
        return message
    found = _NONE.search(message) or _CAPPED.search(message)
    if found is None:
        return message
    said = {name: value for name, value in found.groupdict().items() if value}
    owners = _owners(said.get("none") or said["all"], blueprint, gazetteer)
    amount, named = said.get("over") or said["at"], said.get("of") or said.get("what") or ""
    path = _property(amount, named, gazetteer)
    if not owners or path is None:
        return message
    more = [owner.name for owner in owners if _has_more(owner, path, amount)]
    order = (
        f"set the {path} of {' and '.join(more)} to {amount}"
        if more
        else f"what {path} do they have?"
    )
    return f"{message[: found.start()]}{order}{message[found.end() :]}"


def _owners(what: str, blueprint: Blueprint, gazetteer: Gazetteer) -> Sequence[Resource]:
    """Those of that kind."""
    items = gazetteer.tag(gazetteer.prepare(tokenize(what)).tokens)
    types = {item.id_of(Sort.TYPE) for item in items} - {None}
    if types:
        return [resource for resource in blueprint.resources if resource.type in types]
    machines = any(Sort.COMPUTE in item.terms for item in items)
    return [r for r in blueprint.resources if r.type in COMPUTE] if machines else ()


def _property(amount: str, named: str, gazetteer: Gazetteer) -> str | None:
    """Of what the amount is: a size without a word is one of memory."""
    items = gazetteer.tag(gazetteer.prepare(tokenize(named)).tokens)
    known = items[0].id_of(Sort.ATTRIBUTE) if items else None
    if known is not None:
        return known.rpartition(".")[2]
    return "memory" if tokenize(amount)[0].kind is Kind.SIZE else None


def _has_more(owner: Resource, path: str, amount: str) -> bool:
    """Whether it has more than that; what is not known is no more."""
    has, most = getattr(owner.specs, path, None), tokenize(amount)[0].value
    if has is None or most is None:
        return False
    if isinstance(has, int | float):
        return not isinstance(most, str) and has > most
    return isinstance(most, str) and Size(str(has)).bytes > Size(most).bytes
