"""Who may speak to whom: "let web talk to the db", "connect the api to the cache", "put both on the lan"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Determiner, Parsed
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Token
from alma.core.model.blueprint import COMPUTE, Origin, Resource, ResourceType
from alma.core.model.conversation import Intent, SetField

_T = ResourceType
_LINKING = seldom(
    r"\b(?:talks?|speaks?|access|reach|reaches|connect(?:s|ed|ing)?|depends?|dependent|see|contact|communicate|"
    r"linked|attach(?:ed)?|join|wire|needs?|uses?|requires?|start after|starts after|hook|disconnect|unlink|behind|"
    r"route|forward|balance|spread)\b"
)
_WISHING = seldom(
    r"\b(?:needs?|uses?|requires?|starts?|should|shouldn't|must|can|may|has to|have to|let|allow|depends? on|connect|"
    r"disconnect|link|unlink|wire|hook|put|move|attach|place|join|point|give|make|no longer|doesn't|does not|don't|"
    r"not|add|route|forward)\b"
)
_UNLINKING = seldom(
    r"\b(?:disconnect|unlink|detach|shouldn't|should not|must not|mustn't|no longer|doesn't|does not|don't|cannot|"
    r"can't|never|not|stop)\b"
)
_PIVOTS = frozenset(
    "to with from on onto into behind at use reach access see contact through need needs uses requires require "
    "after".split()
)


def link(changer: Changer, act: Act, read: Callable[[Sequence[Token]], Parsed]) -> bool:
    """Connects what a clause wants connected. Says whether it was one of those; raises Asks on a circle."""
    if act.verb not in {None, "set", "connect", "add"}:
        return False
    words = " ".join([*act.word.split(), *(token.text.casefold() for token in act.body)])
    on_network = any(r.type is _T.NETWORK for r in changer.blueprint.resources)
    if not _WISHING.search(words) or not (
        on_network or act.verb == "connect" or _LINKING.search(words)
    ):
        return False
    body, dropped = _without_old(changer, act.body, read)
    sides = _sides(changer, body, read)
    if sides is None:
        return False
    left, right = sides
    linking = (
        act.verb == "connect" or _LINKING.search(words) or all(r.type is _T.NETWORK for r in right)
    )
    if not linking or (
        act.verb == "add" and act.word == "add" and not all(r.type is _T.NETWORK for r in right)
    ):
        return False
    unlink = _UNLINKING.search(words) is not None
    for one in left:
        for other in right:
            _connect(changer, one, other, unlink=unlink)
        for old in dropped:
            _connect(changer, one, old, unlink=True)
    changer.outcome.intent = Intent.CHANGE
    said = "no longer connected to" if unlink else "connected to"
    changer.outcome.understood.append(
        f"{listed([r.name for r in left])} {said} {listed([r.name for r in right])}"
    )
    return True


_LEAVING = {"take", "pull", "remove", "drop", "kick", "get", "detach", "drain", "unhook", "move"}


def unhook(changer: Changer, act: Act, read: Callable[[Sequence[Token]], Parsed]) -> bool:
    """`Take web-3 out of the load balancer`: what is spread over, or joined, is no longer. Says whether it was that."""
    first = {*act.word.split(), *(token.norm for token in act.body[:1])}
    if act.verb not in {None, "remove", "set", "connect"} or not first & _LEAVING:
        return False
    for place, token in enumerate(act.body):
        if token.norm not in {"from", "of", "off", "out"} or place == 0:
            continue
        right = _spoken(changer, read(act.body[place + 1 :]))
        left = _spoken(changer, read(_before(act.body[:place])))
        holds = all(r.type in {_T.LOAD_BALANCER, _T.NETWORK} for r in right)
        if not (left and right and holds) or set(_names(left)) & set(_names(right)):
            continue
        for one in left:
            for other in right:
                _connect(changer, one, other, unlink=True)
        changer.outcome.intent = Intent.CHANGE
        changer.outcome.understood.append(
            f"{listed(_names(left))} no longer in {listed(_names(right))}"
        )
        return True
    return False


def _before(tokens: Sequence[Token]) -> Sequence[Token]:
    """What stands before `out of`, without the verb that has no meaning of its own here."""
    start = int(bool(tokens) and tokens[0].norm in _LEAVING)
    end = len(tokens) - int(bool(tokens) and tokens[-1].norm in {"out", "off"})
    return tokens[start:end]


def _without_old(
    changer: Changer, body: Sequence[Token], read: Callable[[Sequence[Token]], Parsed]
) -> tuple[Sequence[Token], list[Resource]]:
    """`point lb at green instead of blue`, `from blue to green`: the link without what it was to before, and that."""
    for place in range(1, len(body) - 1):
        pair = (body[place].norm, body[place + 1].norm)
        if pair in {("instead", "of"), ("rather", "than"), ("and", "not")}:
            old = _spoken(changer, read(body[place + 2 :]))
            return (body[:place], old) if old else (body, [])
        after = next((n for n in range(place + 2, len(body)) if body[n].norm == "to"), None)
        if pair[0] == "from" and after is not None:
            old = _spoken(changer, read(body[place + 1 : after]))
            return ([*body[:place], *body[after:]], old) if old else (body, [])
    return body, []


def _sides(
    changer: Changer, body: Sequence[Token], read: Callable[[Sequence[Token]], Parsed]
) -> tuple[list[Resource], list[Resource]] | None:
    for place, token in enumerate(body):
        if token.norm not in _PIVOTS:
            continue
        left, right = (_spoken(changer, read(part)) for part in (body[:place], body[place + 1 :]))
        if left and right and not set(_names(left)) & set(_names(right)):
            return left, right
    return None


def _names(resources: Sequence[Resource]) -> list[str]:
    return [resource.name for resource in resources]


def _spoken(changer: Changer, parsed: Parsed) -> list[Resource]:
    if parsed.pronoun and not parsed.phrases:
        names = changer.targets.recent or changer.targets.focus[:1]
        return [r for r in changer.blueprint.resources if r.name in names]
    if parsed.everything and not parsed.phrases:
        return [r for r in changer.blueprint.resources if r.type in RUNS]
    found: list[Resource] = []
    for phrase in parsed.phrases:
        known = changer.targets.find(phrase)
        if not known or phrase.attributes or phrase.count or phrase.more:
            return []
        if phrase.determiner is Determiner.INDEFINITE:
            return []
        found += [r for r in known if r not in found]
    return found


def _connect(changer: Changer, one: Resource, other: Resource, *, unlink: bool) -> None:
    """Which field says so: a network is joined, a load balancer spreads, anything else is depended on."""
    if _T.NETWORK in {one.type, other.type}:
        owner, name = (one, other.name) if other.type is _T.NETWORK else (other, one.name)
        _put(changer, owner, "network.attach", owner.network.attach, name, unlink=unlink)
    elif one.type is _T.LOAD_BALANCER and other.type in COMPUTE:
        _put(changer, one, "backends", one.backends, other.name, unlink=unlink)
    elif other.type is _T.LOAD_BALANCER and one.type in COMPUTE:
        _put(changer, other, "backends", other.backends, one.name, unlink=unlink)
    elif one.name in other.depends_on and not unlink:
        raise Asks(
            f"{other.name} depends on {one.name} already, and a circle can't be started. "
            "Which of the two needs the other?"
        )
    else:
        _put(changer, one, "depends_on", one.depends_on, other.name, unlink=unlink)


def _put(
    changer: Changer, owner: Resource, path: str, present: Sequence[str], name: str, *, unlink: bool
) -> None:
    before = next(
        (e.value for e in reversed(changer.outcome.edits)
         if isinstance(e, SetField) and e.name == owner.name and e.path == path), list(present)
    )  # fmt: skip
    known = [str(each) for each in before] if isinstance(before, list) else []
    after = [each for each in known if each != name] if unlink else [*known, *({name} - set(known))]
    if after != known:
        edit = SetField(name=owner.name, path=path, value=list(after), origin=Origin.WORDS)
        changer.outcome.edits.append(edit)
