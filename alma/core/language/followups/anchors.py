"""Where a message names what is there: "the api service" and "orders db" are the resources `api` and `orders-db`.

A name may be any word ("media", "files"), and what people put beside it says only what it is. So names are marked
before anything else is read, with the noun after them taken along: "the media server" is no Jellyfin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType

# Before a name, these make something new of it: "another app-1" is none of those there are.
_NEW = {
    "a",
    "an",
    "another",
    "new",
    "more",
    "extra",
    "additional",
    "further",
    "called",
    "named",
    "no",
    "second",
    "third",
}
_BEFORE_TIER = {
    "the",
    "our",
    "my",
    "more",
    "another",
    "all",
    "both",
    "of",
    "these",
    "those",
    "every",
    "each",
    "extra",
    "additional",
}
_HAVING = frozenset("have has got had are".split())
_MACHINES = frozenset("vm server machine box node container host".split())
_SPEAKING = frozenset(
    ", : . ; and - give make set scale put bump for resize remove raise move grow upgrade let have".split()
)
_NUMBERED = seldom(r"-\d+$")
_LOOKED_AT = 4


def anchor(
    tokens: Sequence[Token], resources: Sequence[Resource], gazetteer: Gazetteer
) -> tuple[Token, ...]:
    """The tokens with each name of a resource as one that is quoted, without the noun that says what it is."""
    if not resources:
        return tuple(tokens)
    stems = tiers(resources)
    tokens = _with_nouns(tokens, stems, resources, gazetteer)
    tokens = _with_tiers(tokens, stems, gazetteer)
    known = {_spelled(resource.name): resource for resource in resources}
    for resource in resources:  # "runners" are all of `runner`
        *first, last = _spelled(resource.name)
        if resource.type in COMPUTE and last.isalpha():
            known.setdefault((*first, f"{last}s"), resource)
    longest = max(len(spelled) for spelled in known)
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        found, used = _named(tokens, index, known, longest)
        more = found is not None and _is_more(out, tokens[index], found)
        if found is not None and more:  # "3 more loaders"
            near = replace(
                tokens[index], norm="replica", text="replicas", kind=Kind.WORD, value=None
            )
            out += [near, replace(near, text="of", norm="of")]
        copies = found is not None and _is_new(out) and _copied(tokens, index + used, found)
        if found is not None and _is_further(out, tokens[index + used : index + used + 2], found):
            near = replace(tokens[index + used], norm="replica", text="replicas")
            out += [near, replace(near, text="of", norm="of")]
        if found is None or (_is_new(out) and not copies):
            out.append(tokens[index])
            index += 1
            continue
        end = index + used
        if copies:  # "two more api replicas" are two more replicas of api
            near = tokens[end]
            out += [near, replace(near, text="of", norm="of", kind=Kind.WORD)]
        end += _noun(tokens[end : end + _LOOKED_AT], found, gazetteer)
        closing = tokens[end - 1]
        out.append(
            replace(
                tokens[index],
                norm=found.name.casefold(),
                end=closing.end,
                kind=Kind.QUOTED,
                value=found.name,
                glued=False,
            )
        )
        index = end
    return tuple(out)


def tiers(resources: Sequence[Resource]) -> frozenset[str]:
    """What the numbered names of several alike begin with: `build` of `build-1` and `build-2`."""
    stems = Counter(
        _NUMBERED.sub("", resource.name.casefold())
        for resource in resources
        if _NUMBERED.search(resource.name)
    )
    return frozenset(stem for stem, number in stems.items() if number > 1)


def _with_tiers(
    tokens: Sequence[Token], stems: frozenset[str], gazetteer: Gazetteer
) -> Sequence[Token]:
    """The tokens with a tier's name before its noun quoted: "two more build servers" are no CI runners."""
    out = list(tokens)
    for index in range(len(tokens) - 1):
        token, before = tokens[index], tokens[index - 1].norm if index else ","
        counted = before in _BEFORE_TIER or (index and tokens[index - 1].kind is Kind.NUMBER)
        several = tokens[index + 1].text.casefold().endswith(("s", "es"))
        counted = counted or (several and before in _SPEAKING)  # "moodle boxes up to 8 cores"
        if token.norm not in stems or token.kind is not Kind.WORD or not counted:
            continue
        if (role := gazetteer.meaning(token.norm).get(Sort.ROLE)) and role.id == token.norm:
            continue  # "web servers" are found by what they are for
        following = gazetteer.tag(tokens[index + 1 : index + 3])[0]
        if Sort.COMPUTE in following.terms or following.id_of(Sort.TYPE) in COMPUTE:
            out[index] = replace(token, kind=Kind.QUOTED, value=token.norm)
    return out


def _with_nouns(
    tokens: Sequence[Token],
    stems: frozenset[str],
    resources: Sequence[Resource],
    gazetteer: Gazetteer,
) -> Sequence[Token]:
    """The tokens with a noun behind a tier's name that is said alone ("one more kiosk"), or with all that are meant by
    its plural ("the kiosks")."""
    out: list[Token] = []
    for index, token in enumerate(tokens):
        word = token.text.casefold()
        tier = next((form for form in (word, word.removesuffix("s")) if form in stems), None)
        following = gazetteer.tag(tokens[index + 1 : index + 3])[:1]
        headed = bool(following) and (
            Sort.COMPUTE in following[0].terms
            or following[0].id_of(Sort.TYPE) is not None
            or following[0].kind is Kind.NUMBER
            or tokens[index + 1].glued
        )
        if tier is None or token.kind is not Kind.WORD or gazetteer.means(tier) or headed:
            out.append(token)
            continue
        before = out[-1] if out else None
        counted = before is not None and (before.kind is Kind.NUMBER or before.norm in _NEW)
        if word != tier and not counted:
            out += _each_of(token, [r.name for r in resources if _stem(r.name) == tier])
            continue
        noun = "server" if word == tier else "servers"
        out.append(replace(token, norm=tier, kind=Kind.QUOTED, value=tier))
        out.append(replace(token, text=noun, norm="server", start=token.end, glued=False))
    return out


def _stem(name: str) -> str:
    return _NUMBERED.sub("", name.casefold())


def _each_of(near: Token, names: Sequence[str]) -> list[Token]:
    """`kiosk-1 and kiosk-2` in the place of `kiosks`."""
    out: list[Token] = []
    for name in names:
        if out:
            out.append(replace(near, text="and", norm="and", kind=Kind.WORD, value=None))
        quoted = replace(near, norm=name.casefold(), kind=Kind.QUOTED, value=name, glued=False)
        out.append(quoted)
    return out


def as_tiers(parsed: Parsed, resources: Sequence[Resource]) -> None:
    """Phrases named after a tier as ones of its role."""
    stems = tiers(resources) if any(phrase.names for phrase in parsed.phrases) else frozenset()
    for phrase in parsed.phrases:
        machines = phrase.generic or phrase.type in COMPUTE
        if machines and len(phrase.names) == 1 and phrase.names[0] in stems:
            phrase.role, phrase.names, phrase.generic = phrase.names[0], [], True


def _spelled(name: str) -> tuple[str, ...]:
    return tuple(name.casefold().replace("_", "-").split("-"))


def _named(
    tokens: Sequence[Token], index: int, known: Mapping[tuple[str, ...], Resource], longest: int
) -> tuple[Resource | None, int]:
    """The resource whose name stands there, written in one or in several words, and how many tokens that takes."""
    token = tokens[index]
    if token.kind not in {Kind.WORD, Kind.QUOTED}:
        return None, 0
    parts: tuple[str, ...] = ()
    for used in range(1, min(longest, len(tokens) - index) + 1):
        part = tokens[index + used - 1]
        if part.kind not in {Kind.WORD, Kind.QUOTED, Kind.NUMBER}:
            break
        written = str(part.value) if part.kind is Kind.QUOTED else part.text
        parts = (*parts, *_spelled(written.removesuffix("'s").removesuffix("’s")))
        resource = known.get(parts)
        if resource is not None and not (
            part.kind is Kind.NUMBER and _counts(tokens, index + used)
        ):
            return resource, used
    return None, 0


def _counts(tokens: Sequence[Token], index: int) -> bool:
    """Whether the number before counts what follows: "web 3 replicas"."""
    return index < len(tokens) and tokens[index].kind is Kind.WORD


def _is_new(before: Sequence[Token]) -> bool:
    if not before:
        return False
    last = before[-1]
    return last.norm in _NEW or last.kind is Kind.NUMBER


def _is_more(before: Sequence[Token], token: Token, resource: Resource) -> bool:
    """Whether more of a machine are asked for by its name's plural: "3 more loaders"."""
    if len(before) < 2 or before[-1].norm not in {"more", "extra", "additional"}:
        return False
    plural = token.text.casefold() == f"{resource.name.casefold()}s"
    return plural and before[-2].kind is Kind.NUMBER and resource.type in COMPUTE


def _is_further(before: Sequence[Token], after: Sequence[Token], resource: Resource) -> bool:
    """Whether more of a machine are counted by its name and its kind: "3 more render vms"."""
    counted = len(before) > 1 and before[-1].norm == "more" and before[-2].kind is Kind.NUMBER
    counted = counted and not any(token.norm in _HAVING for token in before[-3:-2])
    kinds = {str(resource.type), *_MACHINES}
    return counted and bool(after) and resource.type in COMPUTE and after[0].norm in kinds


def _copied(tokens: Sequence[Token], index: int, resource: Resource) -> bool:
    """Whether instances of a machine are counted there: "4 api instances"."""
    copies = index < len(tokens) and tokens[index].norm in {"replica", "instance", "copy", "pod"}
    return copies and resource.type in COMPUTE


def _noun(tokens: Sequence[Token], resource: Resource, gazetteer: Gazetteer) -> int:
    """How many tokens after a name only say what it is."""
    if tokens and tokens[0].text.casefold() == "one" and len(tokens) == 1:
        return 1  # "the orders one"
    used = 0
    for item in gazetteer.tag(tokens)[:2]:
        if not _describes(item, resource):
            break
        used += len(item.tokens)
    return used


def _describes(item: Item, resource: Resource) -> bool:
    if item.kind is not Kind.WORD:
        return False
    compute = Sort.COMPUTE in item.terms or item.id_of(Sort.TYPE) in COMPUTE
    return (
        item.id_of(Sort.TYPE) == resource.type
        or (compute and resource.type in COMPUTE)
        or (resource.engine is not None and item.id_of(Sort.SOFTWARE) == resource.engine)
        or item.norm in {"resource", "instance", "one"}
        or (item.norm == "cluster" and resource.type is ResourceType.KUBERNETES_CLUSTER)
    )
