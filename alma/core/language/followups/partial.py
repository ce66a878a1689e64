"""Names said in part: "jones needs 8GB" where there is `wp-jones`, "the debian one" where one machine runs Debian.

People shorten names to what tells them apart. A word that is part of one name only, and means nothing else, is that
name; before "one" it may mean something else as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import Resource

_BEFORE_SUBJECT = frozenset("and but also then now ok okay , so no the".split())
_SAYING = frozenset(
    "should must shall need needs get gets has have can could only just with requires wants deserves : =".split()
)
_SHORTEST = 3
_LEAST_MISTYPED = 5
_LONG = 8
_LEAST_COMPOUND = 6
_NEW = {
    "a",
    "an",
    "another",
    "new",
    "more",
    "extra",
    "additional",
    "called",
    "named",
    "call",
    "name",
    "no",
    "one",
}
_MAKING = {"create", "add", "deploy", "install", "spin", "launch", "provision"}
_NAMING = {"to", "as", "into", "it"}


def completed_names(
    tokens: Sequence[Token], resources: Sequence[Resource], gazetteer: Gazetteer
) -> tuple[Token, ...]:
    """The tokens with every name that was said in part as one that is quoted."""
    parts = _telling_parts(resources)
    names = {resource.name.casefold() for resource in resources}
    makes = any(token.norm in _MAKING for token in tokens)
    renames = any(token.norm in {"rename", "call", "called", "name"} for token in tokens)
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token, before = tokens[index], out[-1].norm if out else ""
        one = index + 1 < len(tokens) and tokens[index + 1].norm == "one"
        found = None
        plain = token.kind is Kind.WORD and token.text.casefold() not in names
        if plain and _tells_of_environment(tokens, index, gazetteer):
            found = parts.get(token.text.casefold())
        elif plain and before not in _NEW and not (makes and token.text.casefold() not in parts):
            found = _meant(token, parts, resources, gazetteer, one=one)
        if found is None or (renames and before in _NAMING):
            out.append(token)
            index += 1
            continue
        last = tokens[index + 1] if one else token
        named = replace(
            token, norm=found.name.casefold(), end=last.end, kind=Kind.QUOTED, value=found.name
        )
        if one and before == "the":
            out.pop()
        out.append(replace(named, glued=False))
        index += 1 + one
    return tuple(out)


def _tells_of_environment(tokens: Sequence[Token], index: int, gazetteer: Gazetteer) -> bool:
    """`prod should have 8 cores`, `and test 4`: what is said of `app-prod` and `app-test`, and not where to."""
    begins = all(token.norm in _BEFORE_SUBJECT for token in tokens[:index])
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    meaning = gazetteer.meaning(tokens[index].norm)
    known = meaning.get(Sort.MODIFIER)
    word = known.id if known is not None else tokens[index].norm
    environment = word in ENVIRONMENTS
    amount = following is not None and following.kind in {Kind.NUMBER, Kind.SIZE}
    said = following is not None and (amount or following.norm in _SAYING)
    return begins and environment and said


def _meant(
    token: Token,
    parts: dict[str, Resource],
    resources: Sequence[Resource],
    gazetteer: Gazetteer,
    *,
    one: bool,
) -> Resource | None:
    word = token.text.casefold().removesuffix("'s").removesuffix("’s")
    named = parts.get(word)
    if one:
        return named or _running(word, resources, gazetteer)
    plain = gazetteer.means(word) or bool(gazetteer.meaning(word)) or len(word) < _SHORTEST
    if plain or token.glued:
        return None
    if named is not None or word in gazetteer.common:
        return named
    return _begun(word, resources) or _mistyped(word, resources)


def _begun(word: str, resources: Sequence[Resource]) -> Resource | None:
    """The only one whose name begins so: `graf` for `grafana-1`."""
    names = {resource.name.casefold(): resource for resource in resources}
    fitting = [resource for name, resource in names.items() if name.startswith(word)]
    return fitting[0] if len(fitting) == 1 else None


def _mistyped(word: str, resources: Sequence[Resource]) -> Resource | None:
    """The only one whose name is that but for a slip: `ledgr` for `ledger`."""
    if len(word) < _LEAST_MISTYPED or not word.isalpha():
        return None
    slips = 1 if len(word) < _LONG else 2
    near = [
        r
        for r in resources
        if r.name.isalpha() and OSA.distance(word, r.name.casefold(), score_cutoff=slips) <= slips
    ]
    return near[0] if len(near) == 1 else None


_NAMING_BEFORE = frozenset(
    "called named as to into name call rename a an another new clone copy add create is be meant it's".split()
)
_COMPOUND = seldom(r"(?<![\w.-])[A-Za-z]+(?:[-_][A-Za-z0-9]+)+(?![\w.-])")


def mended_names(message: str, names: Sequence[str]) -> str:
    """The message with names of several parts as they are written, where only letters slipped: `moodel-db`."""
    known = {name.casefold() for name in names}

    def mended(found: re.Match[str]) -> str:
        word, before = found[0].casefold(), message[: found.start()].casefold().split()
        if sum(map(str.isalpha, word)) < _LEAST_COMPOUND:
            return found[0]  # `lb-1` is no slip for `db-1`
        slips = 1 if len(word) < _LONG else 2
        near = [
            name
            for name in names
            if _digits(name) == _digits(word)
            and OSA.distance(word, name.casefold(), score_cutoff=slips) <= slips
        ]
        named = bool(before) and before[-1].strip("\"'`") in _NAMING_BEFORE
        return near[0] if len(near) == 1 and word not in known and not named else found[0]

    return _COMPOUND.sub(mended, message)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _running(word: str, resources: Sequence[Resource], gazetteer: Gazetteer) -> Resource | None:
    """The only one that runs a system or software: `the debian one`."""
    meaning = gazetteer.meaning(word)
    image, software = meaning.get(Sort.IMAGE), meaning.get(Sort.SOFTWARE)
    fitting = [
        r for r in resources
        if (image and r.image and r.image.casefold().startswith(image.id.casefold().split("-")[0]))
        or (software and r.engine == software.id)
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def _telling_parts(resources: Sequence[Resource]) -> dict[str, Resource]:
    """Each word that is part of one name only."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        parts = re.split(r"[-_.]", resource.name.casefold())
        for part in set(parts) if len(parts) > 1 else ():
            if part.isalpha():
                found.setdefault(part, []).append(resource)
    return {part: owners[0] for part, owners in found.items() if len(owners) == 1}
