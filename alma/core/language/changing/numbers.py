"""What a bare number is of: "bump the db to 16" is a version or a size, and only machines come in instances."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.changing.targets import stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import MACHINES, listed, title
from alma.core.model.blueprint import COMPUTE, Resource, ResourceType
from alma.core.model.conversation import SetField
from alma.core.model.units import Size

_COUNTED = {"instance", "replica", "copy", "pod", "node", "member"}
_SCALING = {"scale", "scale up", "scale down", "scale out", "scale in"}
_NEXT_VERSIONS = 10
_UPGRADING = {"upgrade", "update", "downgrade"}
# Verbs that make one machine bigger; "scale it to 4" and "make it 4" count.
_RAISING = {"bump", "raise", "boost", "beef", "crank", "up"}
_GB = 10**9
_VERSIONED = _UPGRADING | set("bump move switch set change go take bring".split())


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
        _versioned(changer, [owner], number)
        changer.outcome.assumptions.append(
            f"{number} is the version of {owner.engine or owner.name}, which has {owner.version} now"
        )
        return True
    raise Asks(f"{number} of what: {_of_what(changer, owner, number)}?", open=True)


def spoken_number(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """`Upgrade to 17`, `bump it to 16`, where nothing is named: a version of what has one, or the amount of the one
    machine that is nearest below it. Says whether it was either."""
    number = parsed.to_number
    plain = not (parsed.phrases or changer.attributes(parsed) or parsed.mentioned)
    word = next(iter(act.word.split()), "")
    if number is None or not plain:
        return False
    resources = changer.blueprint.resources
    spoken = [r for r in resources if r.name in changer.targets.recent] or list(resources)
    if word in _UPGRADING and _upgraded(changer, resources, number):
        return True
    if word not in _RAISING or parsed.pronoun not in {"it", "that", "this", None}:
        return False
    return len(spoken) == 1 and _raised(changer, spoken[0], number)


def lowered(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """`Drop web to one server`: whether it is said how many are left of a tier. Then nothing goes but what is more."""
    counted = [p for p in parsed.phrases if p.link == "to" and p.count and p.generic]
    others = [p for p in parsed.phrases if p not in counted and changer.targets.find(p)]
    if act.verb != "remove" or len(counted) != 1 or len(others) != 1:
        return False
    tier = changer.targets.find(others[0])
    if any(resource.type not in COMPUTE for resource in tier):
        return False
    changer.resizer.resize(tier, counted[0].count or 1)
    return True


def _upgraded(changer: Changer, resources: Sequence[Resource], number: int) -> bool:
    owners = [r for r in resources if r.version and _follows(r.version, number)]
    if not owners or len({(r.engine, r.image) for r in owners}) > 1:
        return False
    _versioned(changer, owners, number)
    return True


def _versioned(changer: Changer, owners: Sequence[Resource], number: int) -> None:
    changer.outcome.edits += [
        SetField(name=r.name, path="version", value=str(number)) for r in owners
    ]
    names = listed([r.name for r in owners])
    changer.outcome.understood.append(f"version {number} for {names}")


def _raised(changer: Changer, machine: Resource, number: int) -> bool:
    kin = [r for r in changer.blueprint.resources if stem(r) == stem(machine)]
    if machine.type not in MACHINES or machine.count > 1 or len(kin) > 1:
        return False
    memory, cpu = (changer.present(machine, f"specs.{name}") for name in ("memory", "cpu"))
    present = {
        "specs.memory": Size(str(memory)).bytes / _GB if memory else 0,
        "specs.cpu": float(str(cpu)) if cpu else 0,
    }
    below = {path: value for path, value in present.items() if 0 < value < number}
    if not below:
        return False
    path = max(below, key=lambda each: below[each])
    value: int | str = f"{number}GB" if path == "specs.memory" else number
    changer.outcome.edits.append(SetField(name=machine.name, path=path, value=value))
    changer.outcome.understood.append(f"{title(path)} of {machine.name} to {value}")
    changer.outcome.assumptions.append(f"{number} is {title(path)}, as it was not said of what")
    return True


def _moves(act: Act) -> bool:
    word = next(iter(act.word.split()), "")
    return act.verb in {"set", "increase", "decrease"} and word in _VERSIONED


def _follows(version: str, number: int) -> bool:
    """Whether a number may be a version near the one there is."""
    major = version.partition(".")[0]
    return major.isdigit() and abs(number - int(major)) <= _NEXT_VERSIONS


def _of_what(changer: Changer, owner: Resource, number: int) -> str:
    ways: Sequence[str] = [f"{number}GB {title('specs.memory')}", f"{number} cores"]
    if owner.engine:
        ways = [ways[0], f"version {number} of {owner.engine}"]
    return " or ".join(ways)
