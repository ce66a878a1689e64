"""Blue-green as three blueprints after each other: green beside blue, the balancers switched, blue removed.

Only what can stand twice takes part: compute that a load balancer names, without files of its own. Everything else
changes in place with the first stage, and both colours work with it meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, ResourceType
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.planning.difference import BlueprintDifference, compare

_COLOUR = re.compile(r"-(blue|green)$")


@dataclass(frozen=True, slots=True)
class StageDraft:
    """One stage: what it is for, and the whole blueprint that it deploys."""

    title: str
    purpose: str
    blueprint: Blueprint


@dataclass(frozen=True, slots=True)
class BlueGreen:
    """The stages; none where it is not possible, and `why_not`. `switched` are blue and green names; `in_place` changes
    under both colours; `notes` say what green does not get."""

    stages: tuple[StageDraft, ...] = ()
    switched: Mapping[str, str] | None = None
    in_place: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why_not: str | None = None


def blue_green(running: Blueprint, wanted: Blueprint) -> BlueGreen:
    """The stages from what runs to what is wanted. Raises InvalidInput when a stage would be no valid blueprint."""
    found = compare(running, wanted)
    blue = {item.name: item for item in running.resources}
    switched = {
        item.name: _other_colour(item.name)
        for item in found.changed
        if item.name in blue and _can_stand_twice(wanted.resource(item.name), running)
    }
    if not switched:
        return BlueGreen(why_not=_why_not(found))
    taken = {item.name for side in (running, wanted) for item in side.resources}
    for green in switched.values():
        if green in taken:
            raise InvalidInput(
                f"'{green}' is there already, so it can't be the other colour",
                hint="rename or remove it first",
            )
    stages = _Stages(running, wanted, switched)
    changed = [item.name for item in found.changed if item.name not in switched]
    return BlueGreen(
        stages=stages.drafts(),
        switched=switched,
        in_place=tuple(changed),
        notes=tuple(stages.notes()),
    )


def _other_colour(name: str) -> str:
    base = _COLOUR.sub("", name)
    return f"{base}-blue" if name.endswith("-green") else f"{base}-green"


def _can_stand_twice(item: Resource | None, running: Blueprint) -> bool:
    if item is None or item.type not in COMPUTE or any(not m.read_only for m in item.mounts):
        return False
    return any(item.name in other.backends for other in _balancers(running))


def _balancers(blueprint: Blueprint) -> Iterator[Resource]:
    return (item for item in blueprint.resources if item.type is ResourceType.LOAD_BALANCER)


def _why_not(found: BlueprintDifference) -> str:
    if found.identical:
        return "what runs is what is wanted"
    return "nothing that changes is compute, without files of its own, that a load balancer names as a backend"


class _Stages:
    """The documents, made from the last backwards."""

    def __init__(self, running: Blueprint, wanted: Blueprint, switched: Mapping[str, str]) -> None:
        self._running = running
        self._wanted = wanted
        self._switched = switched
        self._kept = {item.name for item in wanted.resources} - switched.keys()

    def drafts(self) -> tuple[StageDraft, ...]:
        final = [self._final(item) for item in self._wanted.resources]
        blue = [
            item.model_dump(mode="json", exclude_unset=True)
            for item in self._running.resources
            if item.name not in self._kept
        ]
        both = [self._for_both(item) for item in final]
        first = [self._unswitched(item) for item in both]
        names = ", ".join(f"{old} → {new}" for old, new in self._switched.items())
        return (
            self._draft(
                "green beside blue", f"makes green ({names}); blue goes on serving", [*first, *blue]
            ),
            self._draft("switch", "points load balancers and dependants at green", [*both, *blue]),
            self._draft("remove blue", "removes blue, and what is not wanted any more", final),
        )

    def notes(self) -> Iterator[str]:
        """What green does not get from the blueprint, because blue has it."""
        for name, green in self._switched.items():
            item = self._wanted.resource(name)
            assert item is not None
            if item.network.private_ip or isinstance(item.network.public_ip, str):
                yield f"{green} gets an address of its own: {name} has the fixed one until the end"
            if any(port.published for port in item.network.ports):
                yield f"{green} publishes no port: the load balancer reaches it inside"

    def _draft(self, title: str, purpose: str, resources: list[dict[str, Any]]) -> StageDraft:
        document = self._wanted.dump() | {"resources": resources}
        try:
            return StageDraft(title, purpose, parse_blueprint(document))
        except BlueprintInvalid as error:
            told = "; ".join(str(item) for item in error.diagnostics[:5])
            raise InvalidInput(
                f"the stage '{title}' would be no valid blueprint: {told}",
                hint="change what is shared first, with a deployment of its own",
            ) from None

    def _final(self, item: Resource) -> dict[str, Any]:
        """As wanted, with green in the place of blue everywhere."""
        plain = item.model_dump(mode="json", exclude_unset=True)
        plain = _renamed(plain, self._switched)
        if item.name in self._switched:
            plain["name"] = self._switched[item.name]
            plain["network"] = _apart(plain.get("network") or {})
        return plain

    def _for_both(self, item: dict[str, Any]) -> dict[str, Any]:
        """Firewalls let both colours through while both are there."""
        if not item.get("rules"):
            return item
        back = {green: blue for blue, green in self._switched.items()}
        rules: list[dict[str, Any]] = []
        for rule in item["rules"]:
            other = _renamed({"rules": [rule]}, back)["rules"][0]
            rules += [rule] if other == rule else [rule, other]
        return item | {"rules": rules}

    def _unswitched(self, item: dict[str, Any]) -> dict[str, Any]:
        """Everything but green itself still speaks to blue."""
        if item["name"] in self._switched.values() or item.get("rules"):
            return item
        return _renamed(item, {green: blue for blue, green in self._switched.items()})


def _apart(network: dict[str, Any]) -> dict[str, Any]:
    """Without what only one of two can have: fixed addresses, published ports."""
    kept = {key: value for key, value in network.items() if key != "private_ip"}
    if isinstance(kept.get("public_ip"), str):
        kept["public_ip"] = True
    if kept.get("ports"):
        kept["ports"] = [_inside(port) for port in kept["ports"]]
    return kept


def _inside(port: Any) -> Any:
    if isinstance(port, Mapping):
        return {key: value for key, value in port.items() if key != "published"}
    return str(port).rpartition(":")[2]


def _renamed(item: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A resource's document with references by their new names."""
    found = dict(item)
    for field in ("depends_on", "backends"):
        if found.get(field):
            found[field] = [names.get(name, name) for name in found[field]]
    if found.get("rules"):
        sides = ("source", "target")
        found["rules"] = [
            rule | {side: _instance(rule[side], names) for side in sides if side in rule}
            for rule in found["rules"]
        ]
    if found.get("env"):
        found["env"] = {key: _secret(value, names) for key, value in found["env"].items()}
    return found


def _secret(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, Mapping) or "secret" not in value:
        return value
    owner, dot, rest = str(value["secret"]).rpartition(".")
    return {"secret": f"{_instance(owner, names)}{dot}{rest}"}


def _instance(name: str, names: Mapping[str, str]) -> str:
    owner, dash, number = name.rpartition("-")
    if name not in names and dash and number.isdecimal() and owner in names:
        return f"{names[owner]}-{number}"
    return names.get(name, name)
