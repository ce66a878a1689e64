"""One more of what is there, under a name of its own: "a second one like api", "add ad02, same specs as ad01",
"clone the api as api-v2"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.changing.change import Changer
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.heads import is_identifier
from alma.core.language.parsing.phrases import Determiner, Parsed
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Sort
from alma.core.language.words.naming import valid
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import COMPUTE, DATA, Blueprint, Resource, dump_plain
from alma.core.model.conversation import AddResource, SetField

_LIKE = (
    ("exactly", "like"), ("just", "like"), ("like",), ("identical", "to"), ("copy", "of"), ("clone", "of"),
    ("twin", "of"), ("duplicate", "of"), ("copied", "from"), ("cloned", "from"), ("based", "on"),
)  # fmt: skip
_CLONING = {"clone", "copy", "duplicate", "replicate"}
_CALLED = {"as", "called", "named", "into", "to", "name"}
_LEADING = frozenset("a an another the my our its his her their one some new second third".split())
# "Copy db to the bucket every night" speaks of its data.
_ELSEWHERE = {"to", "onto", "every", "nightly", "daily", "hourly", "weekly"}
_NUMBERED = seldom(r"^(.*?)(\d+)$")
_WISHING: tuple[list[str], ...] = (["would"], ["i'd"], ["we'd"], ["i"], ["we"], [])
_ADDING = {"add", "create", "deploy", None}
_SAME_REACH = 5
_SHORTEST = 2
_OWN = {"private_ip", "public_ip", "ports"}


def copies(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """Adds what is to be like something else that is there. Says whether the clause was about that; raises Asks where
    it is unclear like what."""
    if changer.outcome.edits:
        return False
    said = _parts(act)
    if said is None:
        return False
    new, model = said
    names = [resource.name for resource in changer.blueprint.resources]
    fresh = _fresh_names([*new, *model], changer.blueprint) or _called_before(new, changer)
    counted = _count(changer, new, names)
    if not fresh and not counted and (new or _ELSEWHERE & {token.norm for token in model}):
        return False
    kind = parse(new, changer.gazetteer, names=names)
    if act.verb is None and not fresh and _there(kind, changer):
        return False  # "mysql the same as postgres" is about the one that is there
    original = _again(new, model, changer) or _original(
        changer, parse(model, changer.gazetteer, names=names), kind
    )
    if original is None or (original.type in DATA and not fresh and _a_copy(act)):
        return False  # a store's copy follows it
    made = fresh or _next_names(original.name, counted or 1, names)
    for name in made:
        changer.outcome.edits.append(_twin(original, name))
        changer.outcome.edits += _differing(changer, parsed, name)
    changer.outcome.understood.append(f"{listed(made)} like {original.name}")
    parsed.unused = [word for word in parsed.unused if word.casefold() not in {"two", *made}]
    return True


def _parts(act: Act) -> tuple[Sequence[Token], Sequence[Token]] | None:
    """What is said of the new, and what of the one it is to be like."""
    words = [token.norm for token in act.body]
    clones = act.verb is None and bool(words) and words[0] in _CLONING
    if act.word in _CLONING or clones:
        return (), act.body[clones:]
    if act.verb not in _ADDING or act.asks:
        return None
    for place in range(len(words)):
        if words[place] == "same" and (turn := _same_as(words, place)):
            # "same size as manager" is about what was spoken of
            return (act.body[:place], act.body[turn + 1 :]) if place or turn == 1 else None
        for phrase in _LIKE:
            wishes = phrase == ("like",) and (
                words[place + 1 : place + 2] == ["to"]
                or words[max(0, place - 1) : place] in _WISHING
            )
            if tuple(words[place : place + len(phrase)]) == phrase and not wishes:
                return act.body[:place], act.body[place + len(phrase) :]
    return None


def _same_as(words: Sequence[str], place: int) -> int:
    """Where the "as" of `same … as` stands, 0 if there is none."""
    reach = range(place + 1, min(place + _SAME_REACH, len(words)))
    return next((n for n in reach if words[n] == "as"), 0)


def _there(kind: Parsed, changer: Changer) -> bool:
    """Whether all that is spoken of is there already, and no further one is asked for."""
    known = {Determiner.BARE, Determiner.DEFINITE, Determiner.POSSESSIVE}
    plain = [p for p in kind.phrases if p.determiner in known and not (p.count or p.more)]
    return bool(plain) and plain == kind.phrases and all(map(changer.targets.find, plain))


def _a_copy(act: Act) -> bool:
    return bool({"copy", "duplicate", "twin"} & {token.norm for token in act.body})


def _again(new: Sequence[Token], model: Sequence[Token], changer: Changer) -> Resource | None:
    """`a second ledger just like the first one`: another of what the new one is called after."""
    known = [r for t in new if (r := changer.blueprint.resource(t.text)) is not None]
    words = {token.norm for token in model}
    return (
        known[0] if len(known) == 1 and words & {"one", "it", "that", "first", "original"} else None
    )


def _fresh_names(said: Sequence[Token], blueprint: Blueprint) -> list[str]:
    """Names that nothing has yet: after "as" or "called", or words that can be nothing else."""
    found: list[str] = []
    for index, token in enumerate(said):
        called = index > 0 and said[index - 1].norm in _CALLED and token.kind is Kind.WORD
        called = called and token.norm not in _LEADING  # "copy it to a new VM called web-2"
        quoted = token.kind is Kind.QUOTED
        plain = token.kind is Kind.WORD and is_identifier(token.text)
        if not (called or quoted or plain) or token.glued:
            continue
        name = valid(str(token.value or token.text)).casefold()
        if blueprint.resource(name) is None and name not in found:
            found.append(name)
    return found


def _called_before(said: Sequence[Token], changer: Changer) -> list[str]:
    """`A lidarr container set up like sonarr`: the word before what it is, which means nothing else that runs here."""
    for token, following in pairwise(said):
        meaning = changer.gazetteer.meaning(following.norm)
        machine = Sort.COMPUTE in meaning or (
            (kind := meaning.get(Sort.TYPE)) and kind.id in COMPUTE
        )
        own = changer.gazetteer.meaning(token.norm)
        plain = token.norm in changer.gazetteer.common or own.keys() - {Sort.SOFTWARE, Sort.PRODUCT}
        fresh = changer.blueprint.resource(token.text.casefold()) is None
        if (
            machine
            and fresh
            and token.kind is Kind.WORD
            and not plain
            and len(token.text) > _SHORTEST
        ):
            return [valid(token.text).casefold()]
    return []


def _count(changer: Changer, said: Sequence[Token], names: Sequence[str]) -> int:
    """How many are wanted: none where no thing is spoken of."""
    phrases = parse(said, changer.gazetteer, names=names).phrases
    wanted = [phrase for phrase in phrases if phrase.existing is None and not phrase.negated]
    if wanted:
        return wanted[0].count or 1
    words = [token.norm for token in said]
    return int("another" in words or "one" in words or "second" in words)


def _original(changer: Changer, model: Parsed, kind: Parsed) -> Resource | None:
    """What is to be copied. Several that are alike are as good as one; `kind` is what the new one is said to be."""
    found = [r for phrase in model.phrases[:1] for r in changer.targets.find(phrase)]
    if not found and model.pronoun:
        recent = changer.targets.recent or changer.targets.focus[:1]
        found = [r for r in changer.blueprint.resources if r.name in recent]
        found = found or [r for r in changer.blueprint.resources if r.type in COMPUTE]
    alike = {r.name for phrase in kind.phrases for r in changer.targets.find(phrase)}
    found = [r for r in found if r.name in alike] or found
    if not found:
        return None
    if len({_shape(resource) for resource in found}) > 1:
        raise Asks(f"Like which of them: {listed([r.name for r in found], last='or')}?", open=True)
    return found[-1]


def _shape(resource: Resource) -> str:
    return str(
        sorted((key, str(value)) for key, value in _document(resource).items() if key != "name")
    )


def _document(resource: Resource) -> dict[str, object]:
    """The resource as written, without what only one can have."""
    document = dump_plain(resource)
    network = {k: v for k, v in document.get("network", {}).items() if k not in _OWN - {"ports"}}
    document.pop("mounts", None)
    document.pop("network", None)
    return {**document, "network": network} if network else document


def _twin(resource: Resource, name: str) -> AddResource:
    return AddResource(resource=Resource.model_validate({**_document(resource), "name": name}))


def _differing(changer: Changer, parsed: Parsed, name: str) -> list[SetField]:
    """What the new one has that the other has not: `like api but with 8GB`."""
    said = [a for a in changer.attributes(parsed) if a.path.startswith("specs.") and a.op == "set"]
    return [SetField(name=name, path=a.path, value=a.value) for a in said]


def _next_names(name: str, count: int, taken: Sequence[str]) -> list[str]:
    """`ad02` after `ad01`, `api-2` after `api`."""
    numbered = _NUMBERED.match(name)
    stem, digits = (numbered[1], numbered[2]) if numbered else (f"{name}-", "1")
    used = {each.casefold() for each in taken}
    found: list[str] = []
    number = int(digits)
    while len(found) < count:
        number += 1
        new = f"{stem}{number:0{len(digits)}d}"
        if new not in used:
            found.append(new)
    return found
