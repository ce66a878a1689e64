"""Other software in the same place ("use MySQL instead"), other versions of it, and other names."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.changing.targets import stem, which
from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.phrases import Parsed, Phrase
from alma.core.language.vocabulary.defaults import TITLES, listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.vocabulary.running import runs
from alma.core.language.words.naming import valid
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA, Blueprint, Resource, ResourceType
from alma.core.model.conversation import RenameResource, SetBlueprint, SetField

_BETWEEN = {"to", "as", "into", "→", "->"}
_REMARKS = frozenset(
    "because since so please instead now thanks as i we it that which this but when if for from in on and".split()
)
_SELF = {"it", "this", "them", "blueprint", "the", "that", "project", "stack"}


def swap(changer: Changer, parsed: Parsed) -> bool:
    """Replaces software by other software. Says whether the clause was about that; raises Asks when unclear of what."""
    new = _new(changer, parsed)
    if new is None or new.software is None:
        return False
    version = next(
        (attribute.value for attribute in new.attributes if attribute.path == "version"), None
    )
    owners = _owners(changer, parsed, new)
    for resource in owners:
        changer.outcome.edits.append(
            SetField(name=resource.name, path="engine", value=new.software)
        )
        if resource.image is not None and not is_system(changer.gazetteer, resource.image):
            changer.outcome.edits.append(SetField(name=resource.name, path="image"))
        if version is not None or resource.version is not None:
            changer.outcome.edits.append(
                SetField(name=resource.name, path="version", value=version)
            )
    named = changer.gazetteer.software[new.software].get("title", new.software)
    changer.outcome.understood.append(
        f"{named}{f' {version}' if version else ''} for {listed([r.name for r in owners])}"
    )
    if changer.catalogue.find(new.software) is None:
        changer.outcome.assumptions.append(
            f"{named} is not in the software catalogue yet, so a plan will need an image for it"
        )
    if any(resource.type in DATA for resource in owners):
        changer.outcome.assumptions.append(
            "data is not carried over: what is stored in the old software stays there until it is removed"
        )
    return True


def is_system(gazetteer: Gazetteer, image: str) -> bool:
    """Whether an image is an operating system's, which stays under other software."""
    said = gazetteer.meaning(image.casefold().partition(":")[0].partition("-")[0])
    return Sort.IMAGE in said


def _new(changer: Changer, parsed: Parsed) -> Phrase | None:
    """The software wanted: the one that nothing runs yet."""
    resources = changer.blueprint.resources
    said = [phrase.software for phrase in parsed.phrases if phrase.software and not phrase.negated]
    pointed = [r for p in parsed.phrases if p.link != "to" for r in changer.targets.find(p)]
    balancers = [r for r in pointed if r.type is ResourceType.LOAD_BALANCER]
    # nginx may balance what nginx serves: for a load balancer only its own software counts.
    places = balancers if balancers and len(balancers) == len(pointed) else resources
    fresh = {name for name in said if not any(runs(resource, name) for resource in places)}
    return next(
        (p for p in reversed(parsed.phrases) if p.software in fresh and not p.negated), None
    )


def _owners(changer: Changer, parsed: Parsed, new: Phrase) -> list[Resource]:
    type_ = ResourceType(changer.gazetteer.software[new.software or ""]["type"])
    unwanted = [phrase for phrase in parsed.phrases if _unwanted(changer, phrase, type_)]
    for phrase in unwanted:
        if gone := changer.targets.find(phrase):
            changer.drop(parsed, gone)
    others = [phrase for phrase in parsed.phrases if phrase is not new and phrase not in unwanted]
    pointed = [resource for phrase in others for resource in changer.targets.find(phrase)]
    if pointed:
        return pointed
    if new.existing is None and others and not others[0].negated:
        raise Asks(changer.targets.nothing(others[0]))
    fitting = [
        resource for resource in changer.blueprint.resources if _runs(changer, resource, type_)
    ]
    if not fitting:
        raise Asks(
            f"There is no {TITLES[type_]} to run {new.software} instead of something. Should I add one?"
        )
    if len({(resource.type, resource.engine, stem(resource)) for resource in fitting}) == 1:
        return fitting
    return changer.targets.spoken_of(fitting, what="software")


def _unwanted(changer: Changer, phrase: Phrase, type_: ResourceType) -> bool:
    """`use mysql instead, and no cache`: what is to go besides, for it is nothing that mysql could replace."""
    software = changer.gazetteer.software.get(phrase.software or "", {}).get("type")
    besides = phrase.negated and phrase.type and software != type_
    found = changer.targets.find(phrase) if besides else []
    return bool(found) and all(resource.type is not type_ for resource in found)


def _runs(changer: Changer, resource: Resource, type_: ResourceType) -> bool:
    if resource.type is type_ and type_ is not ResourceType.SERVICE:
        return True
    known = changer.gazetteer.software
    return any(entry.get("type") == type_ and runs(resource, name) for name, entry in known.items())


def upgrade(changer: Changer, parsed: Parsed) -> bool:
    """ "Upgrade postgres to 16": another version of what runs. Says whether the clause was about that."""
    number = parsed.to_number if parsed.to_number is not None else parsed.bare_number
    if (number is None and parsed.to_text is None) or not parsed.phrases:
        return False
    owners = [
        r
        for r in changer.targets.find(parsed.phrases[0])
        if r.engine and (parsed.phrases[0].software or r.version)
    ]
    if not owners:
        return False
    version = parsed.to_text or str(number)
    changer.outcome.edits += [SetField(name=r.name, path="version", value=version) for r in owners]
    changer.outcome.understood.append(f"version {version} for {listed([r.name for r in owners])}")
    return True


# ── names ────────────────────────────────────────────────────────────────────────────────────────────


def rename(changer: Changer, tokens: Sequence[Token], parsed: Parsed) -> None:
    """ "Rename X to Y", "call it shop", several at once. Raises Asks when X or Y is missing or taken."""
    known = [phrase.existing for phrase in parsed.phrases if phrase.existing]
    if len(known) > 1 and not parsed.new_names and not _BETWEEN & {token.norm for token in tokens}:
        raise Asks(f"What should {listed(known)} be called?", open=True)
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
        found = changer.targets.one_or_all(pointing[0])
        if len(found) > 1:
            raise which(found, about=pointing[0].text)
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
