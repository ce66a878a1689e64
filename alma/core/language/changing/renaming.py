"""Other names: "rename X to Y", "call it shop", "swap the names of a and b"."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.changing.targets import which
from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.naming import valid
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import RenameResource, SetBlueprint

_BETWEEN = {"to", "as", "into", "→", "->"}
_REMARKS = frozenset(
    "because since so please instead now thanks as i we it that which this but when if for from in on and".split()
)
_SELF = {"it", "this", "them", "blueprint", "the", "that", "project", "stack"}
_PAIR = 2


def rename(changer: Changer, tokens: Sequence[Token], parsed: Parsed) -> None:
    """ "Rename X to Y", "call it shop", several at once. Raises Asks when X or Y is missing or taken."""
    known = [phrase.existing for phrase in parsed.phrases if phrase.existing]
    if len(known) > 1 and not parsed.new_names and not _BETWEEN & {token.norm for token in tokens}:
        raise Asks(f"What should {listed(known)} be called?", open=True)
    said = [token for token in tokens if token.norm not in {"the", "our", "my", "this", "that"}]
    spoken = len(said) == 1 and len(parsed.phrases) == 1 and changer.targets.find(parsed.phrases[0])
    if spoken and not parsed.phrases[0].names and not parsed.new_names:
        raise Asks(f"What should {listed([r.name for r in spoken])} be called?", open=True)
    pairs = _pairs(tokens)
    if len(pairs) == 1:
        _rename_one(changer, tokens, parsed)
        return
    names = [resource.name for resource in changer.blueprint.resources]
    for pair in pairs:
        part = parse(pair, changer.gazetteer, names=names)
        part.unused = parsed.unused
        _rename_one(changer, pair, part)


def _pairs(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """ "web-1 to a and web-2 to b", cut between the pairs."""
    pairs: list[list[Token]] = [[]]
    for token in tokens:
        complete = any(said.norm in _BETWEEN for said in pairs[-1][:-1])
        if token.norm in {"and", ","} and complete:
            pairs.append([])
        else:
            pairs[-1].append(token)
    return [pair for pair in pairs if any(token.norm in _BETWEEN for token in pair)] or [tokens]


def _rename_one(changer: Changer, tokens: Sequence[Token], parsed: Parsed) -> None:
    to = _new_name(tokens)
    if to is None:
        raise Asks("What should it be called?", open=True)
    while to in parsed.unused:
        parsed.unused.remove(to)
    for phrase in parsed.phrases:
        phrase.names = [name for name in phrase.names if name != to]
    name = valid(to)
    if name != to:
        changer.outcome.assumptions.append(
            f"'{to}' is written '{name}': a name takes no other characters"
        )
    owner = _renamed(changer, parsed, tokens)
    if owner is None:
        changer.outcome.edits.append(SetBlueprint(name=to))
        changer.outcome.understood.append(f"the blueprint is called {to}")
        return
    if _taken(changer.blueprint, name, owner):
        raise Asks(
            f"There is already a resource called {name}. What should {owner.name} be called?",
            open=True,
        )
    changer.outcome.edits.append(RenameResource(name=owner.name, to=name))
    changer.outcome.understood.append(f"{owner.name} is called {name}")


def _without_remark(tokens: Sequence[Token]) -> Sequence[Token]:
    """The order alone: a name is one word or quoted, and what follows it is a remark."""
    between = next((n for n, token in enumerate(tokens) if n and token.norm in _BETWEEN), 0)
    for index, token in enumerate(tokens):
        ends = token.norm in _REMARKS or (
            token.kind is Kind.PUNCTUATION and token.text in ",;—–(\n"
        )
        if index > between + 1 and ends:
            return tokens[:index]
    return tokens


def _new_name(tokens: Sequence[Token]) -> str | None:
    tokens = _without_remark(tokens)
    words = [
        token
        for token in tokens
        if token.kind in {Kind.WORD, Kind.QUOTED} and token.norm != "respectively"
    ]
    if sum(token.kind is Kind.QUOTED for token in words) > 2:
        raise Asks("That is several names at once: please rename one resource at a time.")
    if not words or words[-1].norm in _SELF | _BETWEEN or len(words) < 2:
        return None
    place = next(
        (i for i in range(len(words) - 1, -1, -1) if words[i].norm in _BETWEEN), len(words) - 2
    )
    if words[place].norm in _BETWEEN and words[place + 1].kind is Kind.QUOTED:
        return str(words[place + 1].value)
    while words[place + 1 : place + 2] and words[place + 1].glued:
        place -= 1  # "call the db orders-db"
    name = [
        token for token in words[place + 1 :] if token.norm not in {"a", "the", "instead", "please"}
    ]
    return (
        str(name[0].value or name[0].text)
        if len(name) == 1
        else "-".join(t.text for t in name) or None
    )


def _renamed(changer: Changer, parsed: Parsed, tokens: Sequence[Token]) -> Resource | None:
    """The resource to rename, None for the blueprint itself."""
    pointing = [
        phrase for phrase in parsed.phrases if phrase.link != "to" and changer.targets.find(phrase)
    ]
    if pointing:
        # "The VM web-1" may be read as two: the one with the name says which.
        meant = next((phrase for phrase in pointing if phrase.existing), pointing[0])
        found = changer.targets.one_or_all(meant)
        if len(found) > 1:
            raise which(found, about=meant.text)
        return found[0]
    first = tokens[0].norm if tokens else ""
    missing = [phrase for phrase in parsed.phrases if phrase.type and phrase.link != "to"]
    if missing and not {"blueprint", "project", "stack"} & {token.norm for token in tokens[:2]}:
        raise Asks(changer.targets.nothing(missing[0]))
    if first in _SELF:
        whole = any(token.norm in {"blueprint", "project", "stack"} for token in tokens[:2])
        focused = changer.targets.focus[:1]
        only = changer.blueprint.resources
        if not (whole or focused) and first in {"it", "them"} and len(only) > 1:
            names = listed([resource.name for resource in only], last="or")
            raise Asks(f"What should get the name: {names}, or the blueprint itself?", open=True)
        if whole or not (focused or len(only) == 1):
            return None
        return changer.blueprint.resource(focused[0]) if focused else only[0]
    if parsed.phrases:
        raise Asks(changer.targets.nothing(parsed.phrases[0]))
    raise Asks(
        f"I find no '{tokens[0].text}' in this blueprint. Which resource should get a new name?"
    )


def _taken(blueprint: Blueprint, name: str, owner: Resource) -> bool:
    return any(r.name.casefold() == name.casefold() and r is not owner for r in blueprint.resources)


def swap_names(changer: Changer, tokens: Sequence[Token], parsed: Parsed) -> bool:
    """`Swap the names of a and b`, `swap their names`. Says whether it was that; raises Asks where it is unclear of
    which."""
    if not {"name", "names"} & {token.norm for token in tokens}:
        return False
    found = [r.name for phrase in parsed.phrases for r in changer.targets.find(phrase)]
    names = list(dict.fromkeys(found)) or changer.targets.recent or _only_two(changer.blueprint)
    if len(names) != _PAIR:
        raise Asks("Which two should swap their names?", open=True)
    one, other = names
    between = f"{one}-before"
    for name, to in ((one, between), (other, one), (between, other)):
        changer.outcome.edits.append(RenameResource(name=name, to=to))
    changer.outcome.understood.append(f"{one} and {other} swap their names")
    return True


def _only_two(blueprint: Blueprint) -> list[str]:
    names = [resource.name for resource in blueprint.resources]
    return names if len(names) == _PAIR else []
