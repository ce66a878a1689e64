"""What a bare number is of: "bump the db to 16" is a version or a size, and only machines come in instances."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import MACHINES, title
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType
from alma.core.model.conversation import SetField

_COUNTED = {"instance", "replica", "copy", "pod", "node", "member"}
_SCALING = {"scale", "scale up", "scale down", "scale out", "scale in"}
_NEXT_VERSIONS = 10
_VERSIONED = "upgrade update downgrade bump move switch set change go take bring".split()


def number_of(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """Sets the version that a bare number of one store must be. Says whether it was one; raises Asks where the number
    could be of more than one thing."""
    number = parsed.to_number if parsed.to_number is not None else parsed.bare_number
    words = {token.norm for token in act.body}
    plain = not changer.attributes(parsed) and not parsed.mentioned and not words & _COUNTED
    if number is None or not plain or act.word in _SCALING:
        return False
    owners = [r for p in parsed.phrases if not p.negated for r in changer.targets.find(p)]
    kinds = COMPUTE | MACHINES | {ResourceType.KUBERNETES_CLUSTER}
    if len(owners) != 1 or owners[0].type in kinds:
        return False
    owner = owners[0]
    if owner.version is not None and _follows(owner.version, number) and _moves(act):
        changer.outcome.edits.append(SetField(name=owner.name, path="version", value=str(number)))
        changer.outcome.understood.append(f"version {number} for {owner.name}")
        changer.outcome.assumptions.append(
            f"{number} is the version of {owner.engine or owner.name}, which has {owner.version} now"
        )
        return True
    raise Asks(f"{number} of what: {_of_what(changer, owner, number)}?", open=True)


def _moves(act: Act) -> bool:
    return (
        act.verb in {"set", "increase", "decrease"} and act.word.split()[:1][0] in _VERSIONED
        if act.word
        else False
    )


def _follows(version: str, number: int) -> bool:
    """Whether a number may be a version near the one there is."""
    major = version.partition(".")[0]
    return major.isdigit() and abs(number - int(major)) <= _NEXT_VERSIONS


def _of_what(changer: Changer, owner: Resource, number: int) -> str:
    ways: Sequence[str] = [f"{number}GB {title('specs.memory')}", f"{number} cores"]
    if owner.engine:
        ways = [ways[0], f"version {number} of {owner.engine}"]
    return " or ".join(ways)
