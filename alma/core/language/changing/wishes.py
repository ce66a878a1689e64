"""Wishes without amounts: public, highly available, encrypted.

What ALMA can build is built; the rest is recorded with the resources it is about, for reviewers to see, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.language.changing.change import Changer
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Attribute, Parsed, Phrase
from alma.core.language.vocabulary.defaults import RUNS, TITLES, listed, title
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, Origin, Resource, ResourceType
from alma.core.model.conversation import Intent, SetField

_T = ResourceType
_LEAST_FOR_AVAILABILITY = 3


POLICIES = ("network-policies", "pod-security-standards")


def policies(parsed: Parsed) -> dict[str, Json]:
    """What of a cluster's own policies a clause asks for, by path. "restricted" has to be said."""
    found: dict[str, Json] = {}
    if "network-policies" in parsed.capabilities:
        found["policies.network"] = "default-deny"
    if "pod-security-standards" in parsed.capabilities:
        levels = [word for word in parsed.unused if word.casefold() in {"restricted", "baseline"}]
        found["policies.pod_security"] = levels[-1].casefold() if levels else "baseline"
        parsed.unused = [word for word in parsed.unused if word not in levels]
    return found


class Wishes:
    """Records and carries out the wishes of one clause. Its methods raise Asks instead of guessing."""

    def __init__(self, changer: Changer) -> None:
        self.changer = changer
        self.gazetteer = changer.gazetteer
        self.blueprint = changer.blueprint
        self.targets = changer.targets
        self.outcome = changer.outcome

    def wish(self, parsed: Parsed) -> bool:
        """Records wishes with the resources they are about. Says whether there were any."""
        by_owner: dict[str, list[str]] = {}
        titles: list[str] = []
        if "network-policies" in parsed.capabilities:  # "talk to each other where allowed"
            parsed.capabilities = [wish for wish in parsed.capabilities if wish != "peering"]
        left = self._policies(parsed)
        for wish in dict.fromkeys(left):
            entry = self.gazetteer.data["capabilities"][wish]
            titles.append(str(entry["title"]))
            for resource in self._wish_owners(parsed, entry):
                by_owner.setdefault(resource.name, []).append(wish)
        for name, wishes in by_owner.items():
            present = self._requirements(name)
            value: list[Json] = [*present, *(wish for wish in wishes if wish not in present)]
            self.outcome.edits.append(
                SetField(name=name, path="metadata.requirements", value=value)
            )
        if titles:
            self.outcome.understood.append(
                f"{listed(titles)} as requirements of {listed(list(by_owner))}"
            )
            self.outcome.assumptions.append(
                f"{listed(titles)} are recorded for reviewers: ALMA does not carry them out itself yet"
            )
        return bool(titles) or len(left) < len(parsed.capabilities)

    def _policies(self, parsed: Parsed) -> list[str]:
        """Sets what a cluster can refuse by itself; gives the wishes that are left."""
        entry = self.gazetteer.data["capabilities"]["network-policies"]
        wanted = policies(parsed)
        if not wanted:
            return parsed.capabilities
        for resource in self._wish_owners(parsed, entry):
            self.outcome.edits += [
                SetField(name=resource.name, path=path, value=value)
                for path, value in wanted.items()
            ]
            said = listed([f"{title(path)} {value}" for path, value in wanted.items()])
            self.outcome.understood.append(f"{said} in {resource.name}")
        if wanted.get("policies.pod_security") == "baseline":
            self.outcome.assumptions.append(
                "pod security at the level 'baseline', not 'restricted'"
            )
        return [wish for wish in parsed.capabilities if wish not in POLICIES]

    def unwish(self, parsed: Parsed) -> None:
        for resource in self.blueprint.resources:
            held = resource.policies.model_dump(exclude_none=True) if resource.policies else {}
            gone = [path for path in policies(parsed) if path.partition(".")[2] in held]
            self.outcome.edits += [SetField(name=resource.name, path=path) for path in gone]
            self.outcome.understood += [f"no {title(path)} in {resource.name}" for path in gone]
        for resource in self.blueprint.resources:
            present = self._requirements(resource.name)
            left: list[Json] = [wish for wish in present if wish not in parsed.capabilities]
            if len(left) < len(present):
                self.outcome.edits.append(
                    SetField(name=resource.name, path="metadata.requirements", value=left or None)
                )
                self.outcome.understood.append(
                    f"{listed(parsed.capabilities)} no longer required of {resource.name}"
                )
        if not self.outcome.edits:
            raise Asks(
                f"Nothing here requires {listed(parsed.capabilities, last='or')}. What should go?"
            )

    def _wish_owners(self, parsed: Parsed, entry: Mapping[str, Any]) -> list[Resource]:
        types = set(entry.get("on", ())) or {str(kind) for kind in RUNS}
        pointed = [
            r for phrase in parsed.phrases if not phrase.negated for r in self.targets.find(phrase)
        ]
        fitting = [r for r in pointed if r.type in types] or [
            r for r in self.blueprint.resources if r.type in types
        ]
        if not fitting:
            kinds = listed([TITLES[_T(kind)] for kind in sorted(types)], last="or")
            raise Asks(
                f"{str(entry['title']).capitalize()}: of what? There is no {kinds} in this blueprint. Should I add one?"
            )
        return fitting

    def _requirements(self, name: str) -> list[str]:
        resource = self.blueprint.resource(name)
        present = resource.metadata.get("requirements", []) if resource else []
        return [str(wish) for wish in present] if isinstance(present, list) else []

    def properties(self, parsed: Parsed) -> bool:
        """Public, private, highly available. Says whether any was asked for."""
        said = {*parsed.modifiers, *(m for phrase in parsed.phrases for m in phrase.modifiers)}
        for word, value in (("public", True), ("private", False)):
            if word in said:
                attribute = Attribute("network.public_ip", value)
                self.changer.set_on(
                    self.changer.loose_owners(parsed, attribute),
                    attribute,
                    Act(Intent.CHANGE, "set", ()),
                )
        if "ha" in said:
            self._available(parsed)
        return bool(said & {"public", "private", "ha"})

    def _available(self, parsed: Parsed) -> None:
        pointed = [
            r
            for phrase in parsed.phrases
            for r in self.targets.find(phrase)
            if phrase.role or not phrase.generic
        ]
        for resource in pointed or self.blueprint.resources:
            if resource.type is _T.KUBERNETES_CLUSTER:
                self._available_cluster(resource, parsed)
            elif resource.type in DATA:
                present = self._requirements(resource.name)
                value: list[Json] = [*present, *({"high-availability"} - set(present))]
                self.outcome.edits.append(
                    SetField(name=resource.name, path="metadata.requirements", value=value)
                )
                self.outcome.assumptions.append(
                    f"high availability of {resource.name} is recorded as a requirement: "
                    "ALMA does not set up its replication yet"
                )
            elif (
                resource.type in COMPUTE
                and resource.count == 1
                and self.targets.find(Phrase(existing=resource.name))
            ):
                self._available_machine(resource)
        self.outcome.understood.append("highly available")

    def _available_cluster(self, resource: Resource, parsed: Parsed) -> None:
        said = next(
            (a.value for a in self.changer.attributes(parsed) if a.path == "specs.nodes"),
            resource.specs.nodes,
        )
        if isinstance(said, int) and said < _LEAST_FOR_AVAILABILITY:
            raise Asks(
                f"High availability of {resource.name} needs 3 control-plane nodes, which {said} nodes can't have. "
                "How many nodes?",
                open=True,
            )
        if (resource.specs.control_plane or 0) < _LEAST_FOR_AVAILABILITY:
            edit = SetField(
                name=resource.name, path="specs.control_plane", value=3, origin=Origin.INFERRED
            )
            self.outcome.edits.append(edit)
            self.outcome.assumptions.append(
                f"3 of the nodes of {resource.name} are its control plane, so that one can fail"
            )

    def _available_machine(self, resource: Resource) -> None:
        siblings = [
            r
            for r in self.blueprint.resources
            if r.type is resource.type and r.engine == resource.engine
        ]
        if len(siblings) == 1:
            self.changer.resizer.resize([resource], 2)
            self.outcome.assumptions.append(f"2 instances of {resource.name}, so that one can fail")
