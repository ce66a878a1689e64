"""Which software a store that is there is: "redis for the cache and mysql for the database", "the database is mysql",
"kafka is fine for the queue".

After "a cache and a database" nobody wants a second one of either: what was assumed is said now.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import stem
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource

_LEAD = (
    r"^\W*(?:(?:ok|okay|and|so|well|then|also|please|just|let['’]?s (?:use|take|say)|use|take|make it|"
    r"i['’]d say)\b\W*)*"
)
_SOFTWARE = r"(?P<software>[a-z][\w+.-]*\w)(?: (?P<version>v?\d[\d.]*))?"
_STORE = r"(?:the|our|my|that) (?P<store>[a-z]+(?: (?:queue|broker|store|storage|server))?)"
_FINE = r"(?:fine|ok|okay|good|great|enough|perfect|alright|nice)"
_FOR = seldom(
    rf"{_SOFTWARE} (?:(?:is|would be|will be) {_FINE} |(?:will|would) do |please )?(?:for|as) {_STORE}\W*",
    re.IGNORECASE,
)
_IS = seldom(
    rf"{_STORE} (?:is|is (?:a|an)|is to be|will be|would be|can be|may be|['’]s) {_SOFTWARE}(?: please)?\W*",
    re.IGNORECASE,
)
_JOINT = seldom(r"\s*(?:,\s*(?:and )?|;\s*|\band |&)\s*", re.IGNORECASE)
_COURTESY = seldom(
    r"[\s,]*\b(?:please|pls|plz|thanks|thank you|then|too|instead)\W*$", re.IGNORECASE
)
_MOST = 4


def stores_named(
    message: str, blueprint: Blueprint, gazetteer: Gazetteer
) -> Sequence[tuple[Resource, str]] | None:
    """The stores with the software that each is to be; None for every message that says anything else."""
    if "?" in message:
        return None
    said = _COURTESY.sub("", re.sub(_LEAD, "", message, flags=re.IGNORECASE)).strip(" .!")
    parts = _JOINT.split(said)
    if not 0 < len(parts) <= _MOST:
        return None
    found: list[tuple[Resource, str]] = []
    for part in parts:
        match = _FOR.fullmatch(part) or _IS.fullmatch(part)
        owners = _owners(match, blueprint, gazetteer) if match else ()
        if match is None or not owners:
            return None
        found += [
            (owner, " ".join(filter(None, match.group("software", "version")))) for owner in owners
        ]
    return found


def _owners(match: re.Match[str], blueprint: Blueprint, gazetteer: Gazetteer) -> Sequence[Resource]:
    """The stores of that kind, where there is one tier of them and the software is of that kind, too."""
    software = gazetteer.meaning(match["software"].casefold()).get(Sort.SOFTWARE)
    kind = gazetteer.meaning(match["store"].casefold()).get(Sort.TYPE)
    if software is None or kind is None or software.data.get("type") != kind.id:
        return ()
    found = [resource for resource in blueprint.resources if resource.type == kind.id]
    return found if len({stem(resource) for resource in found}) == 1 else ()


def runs_already(owner: Resource, software: str, gazetteer: Gazetteer) -> bool:
    """Whether that is what runs there."""
    name, _, version = software.partition(" ")
    known = gazetteer.meaning(name.casefold()).get(Sort.SOFTWARE)
    same = known is not None and owner.engine == known.id
    return same and (not version or owner.version == version)
