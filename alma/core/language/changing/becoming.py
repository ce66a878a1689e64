"""A machine of another kind in its place: "turn nextcloud into a VM with 8GB", "make dns a container".

Everything else about it is kept. A draft holds no data, and what runs is replaced only by a plan that says so and that
somebody approves: so it is done, and the answer tells it.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.changing.swap import is_system
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import TITLES, listed, plural
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.conversation import SetField

KINDS = frozenset({ResourceType.VM, ResourceType.CONTAINER})
"""The kinds that can stand for one another: both are machines with a system of their own."""

STAYS_BEHIND = "what is on it is not carried over, where it runs already: it is made anew"


def become(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """Carries out a clause that makes machines of another kind; says whether it was one."""
    phrases = [phrase for phrase in parsed.phrases if not phrase.negated]
    kind = phrases[-1] if phrases and _names_kind(phrases[-1]) else None
    if kind is None or kind.type is None:
        return False
    owners = [r for phrase in phrases[:-1] for r in changer.targets.find(phrase)]
    if not phrases[:-1] and parsed.pronoun and act.word in {"make", "turn", "convert"}:
        machines = [r for r in changer.blueprint.resources if r.type in KINDS]
        owners = changer.targets.spoken_of(machines, what="kind")
    turned = [owner for owner in owners if can_become(changer, owner, kind.type)]
    if not turned or len(turned) != len(owners):
        return False
    changer.outcome.edits += [
        SetField(name=owner.name, path="type", value=str(kind.type)) for owner in turned
    ]
    for amount in [a for phrase in phrases for a in phrase.attributes] + list(parsed.loose):
        changer.set_on(turned, amount, act)
    changer.outcome.understood.append(told(turned, kind.type))
    changer.outcome.assumptions.append(STAYS_BEHIND)
    return True


def told(owners: Sequence[Resource], kind: ResourceType) -> str:
    """What was made of them, in words."""
    return f"{listed([owner.name for owner in owners])} as {plural(TITLES[kind], len(owners))}"


def can_become(changer: Changer, owner: Resource, kind: ResourceType) -> bool:
    """Whether a machine can be of that kind instead: what runs an image of a program is no machine."""
    system = owner.image is None or is_system(changer.gazetteer, owner.image)
    return owner.type in KINDS - {kind} and kind in KINDS and system


def _names_kind(phrase: Phrase) -> bool:
    """`A container`, `proper VMs`: nothing but a kind."""
    own = phrase.software or phrase.names or phrase.existing or phrase.product or phrase.count
    new = phrase.determiner is Determiner.INDEFINITE or (phrase.plural and phrase.link is not None)
    bare = phrase.determiner is Determiner.BARE
    return phrase.type in KINDS and not (phrase.generic or own) and (new or bare)
