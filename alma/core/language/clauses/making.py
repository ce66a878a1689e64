"""A clause that asks for something new: what of it is made, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.changing.altering import Altering
from alma.core.language.changing.change import Changer
from alma.core.language.changing.wishes import POLICIES, Wishes
from alma.core.language.clauses.already import ANOTHER, already_there, told
from alma.core.language.clauses.whole import NOTHING
from alma.core.language.creating.create import Creator
from alma.core.language.creating.makers import again, makers
from alma.core.language.creating.products import build
from alma.core.language.creating.sizes import left_of_all
from alma.core.language.editing.outcome import Asks
from alma.core.language.firewalls.ruling import rule_edits
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.naming import valid
from alma.core.model.base import Json
from alma.core.model.blueprint import (
    COMPUTE,
    WORKLOADS,
    Origin,
    Resource,
    ResourceType,
)
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.template import Template

CREATING = {"create", "deploy", "add", None}


class Making(Altering):
    """Makes what one clause asks for on one draft. Its methods raise Asks instead of guessing."""

    def __init__(
        self, act: Act, parsed: Parsed, changer: Changer, *, templates: Mapping[str, Template]
    ) -> None:
        super().__init__(act, parsed, changer)
        self.wishes = Wishes(changer)
        self.templates = templates
        self.empty = not self.draft.resources

    def _creates(self) -> bool:
        parsed, found = self.parsed, makers(self.parsed)
        if self.act.verb in CREATING:
            return bool(found) or (self.empty and self._only_sizes())
        fresh = any(
            phrase.count is not None
            or phrase.determiner is Determiner.INDEFINITE
            or phrase.product is not None
            for phrase in found
        )
        given = self.act.word == "give"  # "give them a database"
        fresh = fresh or (self.act.word in {"make", "making"} and bool(found))  # "make redis"
        counted = any(phrase.count is not None and phrase.link != "with" for phrase in found)
        free = parsed.pronoun is None or parsed.max_cost is not None or given or counted
        return self.empty and self.act.verb == "set" and free and fresh

    def _only_sizes(self) -> bool:
        """ "1 core, 256MB RAM, Debian 13": a machine that was not named."""
        sizes = {a.path for a in self.parsed.loose if a.path.startswith("specs.")}
        enough = len(sizes) > 1 or bool(sizes and self.parsed.images)
        return self.act.verb != "add" and enough

    def _create(self) -> list[Edit]:
        parsed = self.parsed
        if not makers(parsed):
            machine = Phrase(type=ResourceType.VM, generic=True)
            parsed.makers = [machine]
        first = makers(parsed)[0]
        first.attributes += parsed.loose
        if (
            parsed.quantity is None
            and parsed.factor is not None
            and parsed.factor == int(parsed.factor)
        ):
            parsed.quantity = int(parsed.factor) or None  # "run it 3 times"
        if parsed.quantity is not None and first.count is None:
            first.count = parsed.quantity
        machines = [p for p in makers(parsed) if p.type is not ResourceType.NETWORK]
        alone = len(makers(parsed)) == 1 or machines == [first]
        if parsed.given and alone and not first.names:
            first.names += parsed.given
        for phrase in makers(parsed):
            phrase.attributes += [] if phrase.later else left_of_all(phrase, parsed.for_all)
        known = None if self.empty and not self._named() else self.draft
        creator = Creator(self.changer.gazetteer, self.changer.catalogue, known)
        creator.behind = self._behind()
        made = build(creator, parsed, self.templates)
        if parsed.given and not alone:  # "Name: shop", then what it has
            made.name, made.name_origin = valid(parsed.given[0]).casefold(), Origin.WORDS
        if parsed.rules:
            ruled = rule_edits(parsed.rules, creator, creator.outcome)
            made.edits = [edit for edit in made.edits if not _same(edit, ruled)] + ruled
        made.edits += [*self._requirements(creator), *self._mounted(creator)]
        made.edits += self._balanced(creator)
        made.edits = self._without_there(creator, made.edits)
        self.outcome.unused += [phrase.text for phrase in parsed.phrases if self._lost(phrase)]
        self.outcome.understood += creator.outcome.understood
        self.outcome.assumptions += creator.outcome.assumptions
        self.outcome.unused += creator.outcome.unused
        self.outcome.asks += creator.outcome.asks
        if any(isinstance(edit, UseTemplate) for edit in made.edits) and not self.empty:
            self.outcome.assumptions.append(f"added beside what {self.draft.name} has already")
        if made.name and not self._named():
            return [SetBlueprint(name=made.name, origin=made.name_origin), *made.edits]
        return made.edits

    def _behind(self) -> list[Resource]:
        """ "In front of the api servers", "in front of them": the machines there are for a new load balancer."""
        words = {token.norm for token in self.act.body}
        targets = self.changer.targets
        links = {"front", "before"}
        said = [p for p in self.parsed.phrases if p.link in links and p not in makers(self.parsed)]
        found = [resource for phrase in said for resource in targets.find(phrase)]
        if not said and "front" in words and words & {"them", "those", "these"}:
            found = [r for r in self.draft.resources if r.name in targets.recent]
        return found if all(resource.type in COMPUTE for resource in found) else []

    def _without_there(self, creator: Creator, edits: Sequence[Edit]) -> list[Edit]:
        """What is made, without what would do nothing beside one that is there already."""
        another = bool({token.norm for token in self.act.body} & ANOTHER)
        known = () if another else self.draft.resources
        there = already_there(edits, known, makers(self.parsed))
        for name, same in there.items():
            said = creator.outcome
            said.understood = [text for text in said.understood if f"({name})" not in text]
            said.assumptions = [text for text in said.assumptions if not text.startswith(name)]
            said.understood.append(told(same))
        return [e for e in edits if not (isinstance(e, AddResource) and e.resource.name in there)]

    def _rule(self) -> list[Edit]:
        """Rules alone: for the firewall there is, or a new one."""
        creator = Creator(self.changer.gazetteer, self.changer.catalogue, self.draft)
        edits = rule_edits(self.parsed.rules, creator, self.outcome)
        if not edits:
            raise Asks("Whom is that rule about? I find nothing of that name here.", open=True)
        self.outcome.intent = Intent.CHANGE if self._named() else Intent.CREATE
        name = [] if self._named() else [SetBlueprint(name="firewall", origin=Origin.INFERRED)]
        return [*name, *edits]

    def _lost(self, phrase: Phrase) -> bool:
        """Whether a phrase points at something that neither is there nor is being made."""
        return (
            phrase.determiner is Determiner.DEFINITE
            and phrase.type is not None
            and not (phrase.generic or phrase.creates or phrase.negated or phrase.aside)
            and phrase not in makers(self.parsed)
            and not any(again(phrase, made) for made in makers(self.parsed))
            and not self.changer.targets.find(phrase)
        )

    def _named(self) -> bool:
        return self.draft is not NOTHING

    def _mounted(self, creator: Creator) -> list[Edit]:
        """ "Add a volume to the database": where the volume goes."""
        volumes = [e.resource for e in creator.added if e.resource.type is ResourceType.VOLUME]
        owners = [
            r for p in self.parsed.phrases if p.link == "to" for r in self.changer.targets.find(p)
        ]
        if len(volumes) != 1 or len(owners) != 1 or owners[0].type not in WORKLOADS:
            return []
        present = [mount.model_dump(exclude_unset=True) for mount in owners[0].mounts]
        path = f"/mnt/{volumes[0].name}" if present or owners[0].type not in COMPUTE else "/data"
        mounts: list[Json] = [*present, {"volume": volumes[0].name, "path": path}]
        creator.outcome.assumptions.append(
            f"{volumes[0].name} appears as {path} in {owners[0].name}"
        )
        return [SetField(name=owners[0].name, path="mounts", value=mounts, origin=Origin.INFERRED)]

    def _balanced(self, creator: Creator) -> list[Edit]:
        """ "Add a vm behind the load balancer": it spreads load over the new one as well."""
        new = [e.resource.name for e in creator.added if e.resource.type in COMPUTE]
        balancers = [
            r
            for p in self.parsed.phrases
            if p.link == "behind"
            for r in self.changer.targets.find(p)
            if r.type is ResourceType.LOAD_BALANCER
        ]
        if len(balancers) != 1 or not new:
            return []
        (balancer,) = balancers
        spread = [*balancer.backends, *(name for name in new if name not in balancer.backends)]
        return [
            SetField(
                name=balancer.name, path="backends", value=list(spread), origin=Origin.INFERRED
            )
        ]

    def _requirements(self, creator: Creator) -> list[Edit]:
        """Wishes that no new resource took are the whole blueprint's."""
        wishes = self.parsed.capabilities
        clusters = any(e.resource.policies is not None for e in creator.added)
        wishes = [wish for wish in wishes if not (clusters and wish in POLICIES)]
        if wishes:
            creator.outcome.assumptions.append(
                "requirements are recorded for reviewers: ALMA does not carry them out itself yet"
            )
        left = [wish for wish in wishes if not _recorded(wish, creator)]
        if not left:
            return []
        table = self.changer.gazetteer.data["capabilities"]
        titles = [str(table[wish]["title"]) for wish in left]
        creator.outcome.understood.append(f"{listed(titles)} as a requirement of the whole")
        return [SetBlueprint(metadata={"requirements": list(left)})]


def _same(edit: Edit, others: Sequence[Edit]) -> bool:
    """Whether one of the others adds the same resource."""
    names = {other.resource.name for other in others if isinstance(other, AddResource)}
    return isinstance(edit, AddResource) and edit.resource.name in names


def _recorded(wish: str, creator: Creator) -> bool:
    for added in creator.added:
        requirements = added.resource.metadata.get("requirements", [])
        if isinstance(requirements, list) and wish in requirements:
            return True
    return False
