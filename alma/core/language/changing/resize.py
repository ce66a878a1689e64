"""More or fewer of a tier: members are added as copies of the last and removed from the end: what runs stays."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.targets import Targets, describe, stem
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.parsing.phrases import Parsed, Phrase
from alma.core.language.vocabulary.defaults import MAX_WRITTEN_OUT, listed, plural
from alma.core.language.words.naming import Names
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    MAX_COUNT,
    Blueprint,
    Origin,
    Resource,
    ResourceType,
    dump_plain,
)
from alma.core.model.conversation import AddResource, RemoveResource, SetField

_T = ResourceType
_NUMBERED = seldom(r"^.*-\d+$")


class Resizer:
    """Changes the number of instances in one blueprint."""

    def __init__(self, blueprint: Blueprint, targets: Targets, outcome: Outcome) -> None:
        self.blueprint = blueprint
        self.targets = targets
        self.outcome = outcome
        # What stays of the tier that the clause made bigger or smaller, and what it gets.
        self.staying: Sequence[Resource] = ()
        self.new: Sequence[Resource] = ()

    def scale(self, parsed: Parsed, *, down: bool) -> bool:
        """ "Scale X [from A] to B", "by N", "by P %". Says whether the clause was about a number; raises Asks."""
        if parsed.to_number is not None and (tiers := self._several(parsed)):
            for each in tiers:
                self.resize(each, parsed.to_number)
            return True
        tier = self._tier(parsed)
        self._refuse_store(parsed)
        count = self._wanted(parsed, sum(resource.count for resource in tier), down=down)
        if count is None:
            return False
        if not tier:
            raise Asks(
                "Which servers should there be more or fewer of? I find none in this blueprint."
            )
        if tier[0].type is _T.KUBERNETES_CLUSTER:
            return self.members_of(tier[0], parsed, down=down)
        self.resize(tier, count)
        return True

    def _refuse_store(self, parsed: Parsed) -> None:
        """`Make it 2` after a change of the database: a number of what comes in no numbers. Raises Asks."""
        spoken = [r for r in self.blueprint.resources if r.name in self.targets.recent]
        if parsed.phrases or parsed.pronoun not in {"it", "that", "this"} or not spoken:
            return
        if all(r.type in DATA for r in spoken):
            names = listed([r.name for r in spoken])
            raise Asks(f"Of what should there be so many? {names} was spoken of last.", open=True)

    def _several(self, parsed: Parsed) -> list[list[Resource]]:
        """The tiers of `scale web and api to 3`, where there are more than one and all of them are machines."""
        named = [p for p in parsed.phrases if not p.negated and p.link in {None, "and"}]
        found = [self.targets.find(phrase) for phrase in named]
        machines = [r for tier in found for r in tier if r.type in COMPUTE]
        alike = len(named) > 1 and all(found) and len(machines) == sum(map(len, found))
        stems = {stem(resource) for resource in machines}
        return found if alike and len(stems) == len(found) else []

    def members_of(self, cluster: Resource, parsed: Parsed, *, down: bool) -> bool:
        """The workers, masters or nodes of a cluster: one number of one resource."""
        roles = {phrase.role for phrase in parsed.phrases}
        path = "control_plane" if "master" in roles else "workers" if "worker" in roles else "nodes"
        if path == "nodes" and cluster.specs.workers is not None:
            path = "workers"  # the control plane stays what it is
        present = getattr(cluster.specs, path) or 0
        count = self._wanted(parsed, present, down=down)
        if count is None or count < 1:
            raise Asks(f"How many {path.replace('_', '-')} should {cluster.name} have?", open=True)
        self.outcome.edits.append(SetField(name=cluster.name, path=f"specs.{path}", value=count))
        self.outcome.understood.append(f"{path.replace('_', '-')} of {cluster.name} to {count}")
        return True

    def _tier(self, parsed: Parsed) -> list[Resource]:
        phrases = [phrase for phrase in parsed.phrases if not phrase.negated]
        found = [(phrase, self.targets.find(phrase)) for phrase in phrases]
        pointing = [
            (p, r) for p, r in found if r and not (p.generic and p.role is None and len(found) > 1)
        ]
        if pointing:
            return self._one_tier(pointing[0][1])
        missing = [
            phrase
            for phrase in phrases
            if phrase.link != "to" and (phrase.role or not phrase.generic)
        ]
        if missing and not found[0][1]:
            raise Asks(self.targets.nothing(missing[0]))
        if phrases and all(phrase.replica for phrase in phrases):
            several = [r for r in self.blueprint.resources if r.count > 1 or self._siblings(r) > 1]
            return self._one_tier(several)
        machines = [
            r for r in self.blueprint.resources if r.type in {_T.VM, _T.CONTAINER, _T.SERVICE}
        ]
        machines = machines or self._stores()
        focused = [
            r for r in machines if self.targets.focus and stem(r) == stem_of(self.targets.focus[0])
        ]
        return self._one_tier(focused or machines)

    def _stores(self) -> list[Resource]:
        """The nodes of a store that runs on several: "reduce to one node" where there are no machines."""
        return [r for r in self.blueprint.resources if r.type in DATA and self._siblings(r) > 1]

    def _siblings(self, resource: Resource) -> int:
        return sum(stem(other) == stem(resource) for other in self.blueprint.resources)

    @staticmethod
    def _one_tier(resources: Sequence[Resource]) -> list[Resource]:
        tiers = {stem(resource) for resource in resources}
        if len(tiers) > 1:
            among = list(dict.fromkeys(map(stem, resources)))
            raise Asks(
                f"Which of them: {listed(sorted(tiers), last='or')}?", open=True, among=among
            )
        return list(resources)

    @staticmethod
    def _wanted(parsed: Parsed, present: int, *, down: bool) -> int | None:
        sign = -1 if down else 1
        if parsed.factor is not None or parsed.percent is not None:
            factor = parsed.factor or 1 + sign * (parsed.percent or 0) / 100
            return max(1, round(present * factor))
        if parsed.by_number is not None and parsed.to_number is None:
            return present + sign * parsed.by_number
        number = parsed.to_number if parsed.to_number is not None else parsed.bare_number
        if number is not None:
            return number
        counted = next(
            (phrase for phrase in reversed(parsed.phrases) if phrase.count is not None), None
        )
        if counted is None or counted.count is None:
            return None
        return (
            present + sign * counted.count
            if counted.more or counted.fewer or counted.link == "by"
            else counted.count
        )

    def grow(self, phrase: Phrase) -> bool:
        """ "Add two more web servers": members of the tier there is. Says whether there is one."""
        found = self.targets.find(phrase)
        if (
            not found
            or found[0].type not in COMPUTE
            or phrase.names
            or phrase.attributes
            or phrase.image
            or phrase.product
        ):
            return False
        if len({stem(resource) for resource in found}) > 1:
            return False
        self.resize(found, sum(resource.count for resource in found) + (phrase.count or 1))
        return True

    def resize(self, tier: Sequence[Resource], count: int) -> None:
        """Makes the tier have `count` instances. Raises Asks on a number that can't be."""
        present = sum(resource.count for resource in tier)
        name = stem(tier[0])
        if count < 1:
            raise Asks(
                f"That would leave no {name} at all. To remove them, say: remove {listed([r.name for r in tier])}."
            )
        if count > MAX_COUNT:
            raise Asks(
                f"{count} is more than the {MAX_COUNT} one resource can have: how many {name} do you want?",
                open=True,
            )
        self.staying = tier
        if count == present:
            self.outcome.understood.append(f"{name} stays at {count}")
            return
        members = self._members(tier, count, present)
        self.staying = [resource for resource in tier if resource.name in members]
        added = [edit.resource for edit in self.outcome.edits if isinstance(edit, AddResource)]
        self.new = [resource for resource in added if resource.name in members]
        self.outcome.understood.append(f"{name} from {present} to {count}")
        self._rebalance(tier, members)

    def _members(self, tier: Sequence[Resource], count: int, present: int) -> list[str]:
        written = all(_NUMBERED.match(resource.name) and resource.count == 1 for resource in tier)
        if len(tier) == 1 and (tier[0].count > 1 or not written):
            self.outcome.edits.append(SetField(name=tier[0].name, path="count", value=count))
            return [tier[0].name]
        if not written and len(tier) > 1 and count > present:
            raise Asks(
                f"{listed([r.name for r in tier])} have names of their own: what should the new ones be called?"
            )
        ordered = sorted(tier, key=_number)
        if count < present:
            return self._shrink(ordered, count)
        if count > MAX_WRITTEN_OUT:
            return self._count_up(ordered, count)
        names = Names(resource.name for resource in self.blueprint.resources)
        added = [names.numbered(stem(ordered[-1])) for _ in range(count - present)]
        self.outcome.edits += [copied(ordered[-1], name) for name in added]
        return [*(resource.name for resource in ordered), *added]

    def _shrink(self, ordered: Sequence[Resource], count: int) -> list[str]:
        if any(resource.count > 1 for resource in ordered):
            names = [r.name for r in ordered]
            question = f"Which of them should go: {listed(names, last='or')}?"
            raise Asks(question, open=True, among=names)
        gone = [resource.name for resource in ordered[count:]]
        self.outcome.edits += [RemoveResource(name=name) for name in reversed(gone)]
        self.outcome.assumptions.append(
            f"{listed(gone)} {'has' if len(gone) == 1 else 'have'} the highest number, so that is what goes"
        )
        return [resource.name for resource in ordered[:count]]

    def _count_up(self, ordered: Sequence[Resource], count: int) -> list[str]:
        """A big tier grows on its last member, so that none that runs is renamed or lost."""
        last = ordered[-1]
        self.outcome.edits.append(
            SetField(name=last.name, path="count", value=count - len(ordered) + last.count)
        )
        self.outcome.assumptions.append(
            f"the new ones are {plural('instance', count - len(ordered) + last.count)} of {last.name}"
        )
        return [resource.name for resource in ordered]

    def _rebalance(self, tier: Sequence[Resource], members: Sequence[str]) -> None:
        """A load balancer over a tier is over all of it."""
        old = {resource.name for resource in tier}
        for balancer in self.blueprint.resources:
            if not old & set(balancer.backends):
                continue
            kept = [name for name in balancer.backends if name not in old]
            backends = [*kept, *members]
            if set(backends) - set(balancer.backends):
                self.outcome.edits.append(
                    SetField(
                        name=balancer.name,
                        path="backends",
                        value=list(backends),
                        origin=Origin.INFERRED,
                    )
                )
                self.outcome.assumptions.append(f"{balancer.name} spreads over all of them")


def stem_of(name: str) -> str:
    """`web` of `web-3`."""
    head, dash, tail = name.rpartition("-")
    return head if dash and tail.isdigit() else name


def _number(resource: Resource) -> int:
    return int(resource.name.rpartition("-")[2]) if _NUMBERED.match(resource.name) else 0


def copied(resource: Resource, name: str) -> AddResource:
    document = dump_plain(resource) | {"name": name}
    if "private_ip" in document.get("network", {}):
        document["network"] = {k: v for k, v in document["network"].items() if k != "private_ip"}
    document.pop("mounts", None)  # a volume belongs to one
    return AddResource(resource=Resource.model_validate(document))


__all__ = ["Resizer", "copied", "describe"]
