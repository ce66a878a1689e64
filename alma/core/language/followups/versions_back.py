"""An earlier version of what runs: "our plugin breaks on the new MySQL, go back to version 8.0", "postgres back to 14".

To go back to a version of the draft is said in the same words. What is named tells them apart: it is of the software,
where the message names one that runs here, and of nothing else.
"""

from __future__ import annotations

import re

from alma.core.language.followups.orders import ORDERS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import DATA, Blueprint, Resource

_BACK = seldom(
    r"(?P<lead>^|[\s,;.:!–—-])(?:(?:so|and|then|please|let['’]?s|can you|could you|we should|"
    r"i want to|we want to|we need to)"
    r"[\s,]+)*"
    r"(?:(?:(?:go|move|switch|step|change|come|get) back|back|roll(?: [\w-]+| the [\w-]+)?(?: back)?|"
    r"revert(?: [\w-]+| the [\w-]+)?(?: back)?|return|(?:put|take|bring|get|set|move|switch) (?:the )?[\w-]+ back)"
    r" (?:to|on|onto)(?: using)?)(?: the)?(?: (?P<word>[a-z]+))?? (?P<said>(?:version|release|v) ?)?"
    r"v?(?P<v>\d+(?:\.\d+){0,2})(?![\w.]*\d|\s?(?:[kmgt]i?b?\b|gigs?\b|cores?\b|cpus?\b|instances?\b|replicas?\b|"
    r"servers?\b|nodes?\b|%))(?: (?:of|on|for|in) (?:the |our )?(?P<of>[\w-]+))?",
    re.IGNORECASE,
)
_NEAR = 3
_WORD = seldom(r"[A-Za-z][\w-]*")


def versions_back(message: str, blueprint: Blueprint, gazetteer: Gazetteer) -> str:
    """The message with `upgrade … to version …`, where it goes back to a version of what runs here."""
    found = _BACK.search(message)
    if found is None:
        return message
    owner = _named(message, blueprint, gazetteer) or _alone(blueprint, found["v"])
    if owner is None or not (found["said"] or "." in found["v"] or owner.type in DATA):
        return message
    word = found["word"]
    if word and word.casefold() != "version" and _runs(word, gazetteer) != owner.engine:
        return message
    before = message[: found.start()]
    before = f"{before}. " if ORDERS.search(before) else ""
    return f"{before}upgrade {owner.name} to version {found['v']}{message[found.end() :]}"


def _named(message: str, blueprint: Blueprint, gazetteer: Gazetteer) -> Resource | None:
    """The one resource with software of its own that is named, or whose software is."""
    words = {word.casefold() for word in _WORD.findall(message)}
    engines = {engine for word in words if (engine := _runs(word, gazetteer)) is not None}
    meant = [
        r
        for r in blueprint.resources
        if r.engine and (r.engine in engines or r.name.casefold() in words)
    ]
    return meant[0] if len(meant) == 1 else None


def _alone(blueprint: Blueprint, version: str) -> Resource | None:
    """The store that is all there is, where that may be a version of it: one near the version that it has."""
    owner = blueprint.resources[0]
    had = re.match(r"\d+", owner.version or "") if len(blueprint.resources) == 1 else None
    near = had is not None and abs(int(had[0]) - int(version.partition(".")[0])) <= _NEAR
    return owner if near and owner.type in DATA and owner.version != version else None


def _runs(word: str, gazetteer: Gazetteer) -> str | None:
    term = gazetteer.meaning(word.casefold()).get(Sort.SOFTWARE)
    return term.id if term is not None else None
