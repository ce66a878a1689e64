"""Orders about what is there: amounts, software, wishes, removals, names. Only what was named changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.changing.setting import MEMBERS, Setting
from alma.core.language.changing.several import any_of, spoken_together, whichever
from alma.core.language.changing.targets import stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.editing.sketch import bare_path
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import (
    listed,
    title,
)
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, Resource, ResourceType
from alma.core.model.conversation import Intent, RemoveResource, SetField
from alma.core.model.units import Size

_T = ResourceType
# The unit of a bare number of each property.
_TAKEN = {"specs.cpu": "", "specs.memory": "GB", "specs.disk": "GB"}


def _of_them(phrase: Phrase, parsed: Parsed) -> int | None:
    """`one of the servers`: how many of those that are spoken of, None where no number stands before them."""
    if not (phrase.plural or phrase.existing) or parsed.bare_number is None or not parsed.unused:
        return None
    parsed.unused = parsed.unused[1:]  # the number's own word
    return parsed.bare_number


def _some_of(phrases: Sequence[Phrase], parsed: Parsed) -> None:
    """`drop the lb and one of the web servers`: the number is that of what follows it, not of all."""
    of = [p for p in phrases if p.link == "of" and p.plural and p.count is None]
    if len(phrases) > 1 and len(of) == 1 and parsed.bare_number is not None and parsed.unused:
        of[0].count, of[0].link = parsed.bare_number, "and"
        parsed.unused = parsed.unused[1:]


def _any_one(phrase: Phrase) -> bool:
    """`remove a web server`: one of them, whichever."""
    indefinite = phrase.determiner is Determiner.INDEFINITE
    return indefinite and not (phrase.names or phrase.existing or phrase.plural)


class Changer(Setting):
    """Turns one clause into edits of one blueprint. Its methods raise Asks instead of guessing."""

    # ── removing ─────────────────────────────────────────────────────────────────────────────────────

    def remove(self, parsed: Parsed) -> None:
        """Resources, or what is said of them: "remove web-2", "remove the backups from the database"."""
        if self._takes_complained_of(parsed):
            return
        members = [a for a in self.attributes(parsed) if a.path in MEMBERS and a.value is not None]
        if features := self._features(parsed):
            self._unset(parsed, features)
        elif members:
            for member in members:
                taken = replace(member, op="subtract")
                self.set_on(
                    self.loose_owners(parsed, member), taken, Act(Intent.CHANGE, "remove", ())
                )
        elif parsed.everything and not parsed.phrases:
            self.outcome.intent = Intent.DESTROY
        else:
            self.drop(parsed, self._removed(parsed))

    def _takes_complained_of(self, parsed: Parsed) -> bool:
        """`Too many cpus on render. Take four away`: so many of the property that was complained of; whether it was
        that."""
        number, said = parsed.bare_number, parsed.mentioned
        if number is None or parsed.phrases or len(said) != 1 or said[0] not in _TAKEN:
            return False
        unit = _TAKEN[said[0]]
        taken = Attribute(said[0], f"{number}{unit}" if unit else number, op="subtract")
        parsed.unused = []
        act = Act(Intent.CHANGE, "remove", ())
        self.set_on(self.loose_owners(parsed, taken), taken, act)
        return True

    def switch_off(self, parsed: Parsed) -> None:
        """ "Turn off the backups". A resource can't be switched off, only removed: raises Asks."""
        features = self._features(parsed)
        if not features:
            raise Asks(
                "I can't switch that off. To take a resource out of the blueprint, say: remove it by its name."
            )
        self._unset(parsed, features)

    def _features(self, parsed: Parsed) -> list[Attribute]:
        optional = {"backup", "network.public_ip", "network.ports"}
        return [a for a in self.attributes(parsed) if a.value is None or a.path in optional]

    def _removed(self, parsed: Parsed) -> list[Resource]:
        found: list[Resource] = []
        listing = [
            name for name in parsed.new_names if "-" in name or self.blueprint.resource(name)
        ]
        missing = [name for name in listing if self.blueprint.resource(name) is None]
        if missing:
            raise Asks(
                f"I find no {listed(missing, last='or')} in this blueprint. {self._there_is()}"
            )
        kept = [r for p in parsed.phrases if p.negated for r in self.targets.one_or_all(p)]
        wanted = [phrase for phrase in parsed.phrases if not phrase.negated]
        if parsed.everything and kept and not wanted:
            return [r for r in self.blueprint.resources if r not in kept]
        _some_of(wanted, parsed)
        named = [r for phrase in wanted if phrase.existing for r in self.targets.find(phrase)]
        kept = [r for r in kept if r not in named]  # "remove carts, we don't cache anything"
        for phrase in wanted:
            if phrase.link in {"from", "in", "on", "to"} and (found or self.outcome.edits):
                continue
            found += [r for r in self._to_go(phrase, parsed) if r not in [*found, *kept]]
        if not (wanted or kept) and (tier := self._some_spoken_of(parsed)):
            self.resizer.resize(tier, len(tier) - (parsed.bare_number or 0))
        elif not found and parsed.pronoun:
            those = spoken_together(parsed, self.targets, self.resizer)
            every = self.blueprint.resources
            found = self.targets.spoken_of(every, what="presence") if those is None else those
            number = parsed.bare_number
            if number is not None and found and number > sum(r.count for r in found):
                raise Asks(f"{number} of what should go? {self._there_is()}", open=True)
        return found

    def _some_spoken_of(self, parsed: Parsed) -> list[Resource]:
        """`Remove two`: of those of one kind that were spoken of last, or that are all there is."""
        number, words = parsed.bare_number, parsed.unused
        if number is None or parsed.pronoun or len(words) > 1 or parsed.new_names:
            return []
        every = [r for r in self.targets.present if r.type in COMPUTE | DATA]
        tier = [r for r in every if r.name in self.targets.recent] or every
        alike = len({(r.type, stem(r)) for r in tier}) == 1 and all(r.count == 1 for r in tier)
        if not alike or not 0 < number < len(tier):
            return []
        parsed.unused = []
        return tier

    def _to_go(self, phrase: Phrase, parsed: Parsed) -> list[Resource]:
        found = self.targets.find(phrase)
        sized = _sizes(phrase.attributes)
        return self._of_size(found, sized, phrase) if sized else self._found(found, phrase, parsed)

    def _found(self, found: list[Resource], phrase: Phrase, parsed: Parsed) -> list[Resource]:
        """Those that go of what was found: all, or as many as the phrase says, where members may be fewer."""
        if phrase.generic and found and found[0].type is _T.KUBERNETES_CLUSTER:
            if phrase.count or _any_one(phrase):
                parsed.by_number = phrase.count or 1
                self.resizer.members_of(found[0], parsed, down=True)
                return []
            raise Asks(f"How many {phrase.text} should {found[0].name} have?", open=True)
        if phrase.count is not None and phrase.count < 1:
            raise Asks(f"{phrase.text} is nothing to remove: how many should go?", open=True)
        total = sum(resource.count for resource in found)
        number = phrase.count if phrase.count is not None else _of_them(phrase, parsed)
        if number is None and _any_one(phrase):
            number = 1
        if number is None or number >= total or not found:
            if found and parsed.unused and not phrase.existing:
                raise Asks(
                    f"I don't know which {phrase.text} '{' '.join(parsed.unused)}' means. {self._there_is()}",
                    open=True,
                )
            if any_of(found, phrase, parsed, self.targets):
                names = [resource.name for resource in found]
                question = f"Which one should go: {listed(names, last='or')}?"
                raise Asks(question, open=True, among=names, about=phrase.text)
            return found if found and parsed.everything else self.targets.one_or_all(phrase)
        kinds = {(resource.type, stem(resource)) for resource in found}
        if not (phrase.role or phrase.software) and len(kinds) > 1:
            names = [resource.name for resource in found]
            question = f"Which should go: {listed(names, last='or')}?"
            raise Asks(question, open=True, among=names, about=phrase.text)
        if whichever(found, phrase, parsed):
            self.resizer.resize(found, total - number)
        return []

    def _of_size(
        self, found: Sequence[Resource], sized: Sequence[Attribute], phrase: Phrase
    ) -> list[Resource]:
        """`Remove the containers with 4GB`: those that have it. Raises Asks where none has, or too many."""
        those = [r for r in found if all(self._has(r, each) for each in sized)]
        if not those:
            raise Asks(f"None of what is there is one of these: {phrase.text}. {self._there_is()}")
        if len(those) > max(1, phrase.count or 1) and not phrase.plural:
            names = [resource.name for resource in those]
            question = f"Which one should go: {listed(names, last='or')}?"
            raise Asks(question, open=True, among=names, about=phrase.text)
        return those

    def _has(self, resource: Resource, size: Attribute) -> bool:
        paths = {bare_path(size, resource.type, {}), size.path} if size.bare else {size.path}
        return any(
            (has := self.present(resource, path)) is not None and _same(has, size.value)
            for path in paths
        )

    def drop(self, parsed: Parsed, resources: Sequence[Resource]) -> None:
        """Removes resources; raises Asks when there is nothing to remove."""
        if not resources and not self.outcome.edits:
            named = parsed.unused or parsed.new_names
            what = f" I find no '{' '.join(named)}'." if named else ""
            raise Asks(f"What should go?{what} {self._there_is()}", open=True)
        self.outcome.edits += [RemoveResource(name=resource.name) for resource in resources]
        if resources:
            self.outcome.understood.append(
                f"remove {listed([resource.name for resource in resources])}"
            )

    def negated(self, parsed: Parsed) -> None:
        """ "No load balancer": what is there of it goes; nothing there is what was wanted."""
        if parsed.everything:
            return  # "everything is fine but the cache" wants nothing to go
        for phrase in parsed.phrases:
            if phrase.excepted or _others(phrase) or self._replaced(phrase, parsed):
                continue
            if phrase.negated and (found := self.targets.find(phrase)):
                self._ask_of_sized(phrase, parsed, found)
                self.drop(parsed, found)

    def _ask_of_sized(self, phrase: Phrase, parsed: Parsed, found: Sequence[Resource]) -> None:
        """`No more containers with 4GB`: what has another size stays, and what has it may be meant to shrink or just
        not to be joined by more: raises Asks."""
        alone = len(parsed.phrases) == 1 and not (phrase.existing or phrase.names)
        said = [*phrase.attributes, *parsed.loose] if alone else phrase.attributes
        sized = _sizes(said)
        if not sized:
            return
        names = listed([r.name for r in found if all(self._has(r, each) for each in sized)])
        raise Asks(
            f"Should {names} go? If so, say: remove {names}."
            if names
            else f"None of what is there is so. {self._there_is()} What should change?",
        )

    def _replaced(self, phrase: Phrase, parsed: Parsed) -> bool:
        """`use mongo, not postgres`: what is not wanted gives way to what is, and does not go by itself."""
        known = self.gazetteer.software
        kinds = {known[p.software]["type"] for p in parsed.phrases if p.software and not p.negated}
        owner = self.blueprint.resource(phrase.existing) if phrase.existing else None
        runs = {str(owner.type), known.get(owner.engine or "", {}).get("type")} if owner else set()
        own = known.get(phrase.software or "", {}).get("type")
        return bool(kinds & {*runs, own})

    def _there_is(self) -> str:
        names = [resource.name for resource in self.blueprint.resources]
        return f"There is {listed(names)}." if names else "It is empty."

    def _unset(self, parsed: Parsed, features: Sequence[Attribute]) -> None:
        for attribute in features:
            owners = self.loose_owners(parsed, attribute)
            having = [
                r for r in owners if attribute.path != "backup" or r.backup is not None
            ] or owners
            for resource in having:
                self.outcome.edits.append(
                    SetField(name=resource.name, path=attribute.path, value=None)
                )
            self.outcome.understood.append(
                f"no {title(attribute.path)} for {listed([r.name for r in having])}"
            )


def _sizes(said: Sequence[Attribute]) -> list[Attribute]:
    return [each for each in said if each.path in _TAKEN and each.value is not None]


def _same(has: Json, said: Json) -> bool:
    if isinstance(has, str) and isinstance(said, str):
        return Size(has).bytes == Size(said).bytes
    return has == said


def _others(phrase: Phrase) -> bool:
    """`a vm called reports, not the existing ones`: what is wanted is another, and those stay."""
    named = phrase.existing or phrase.software or phrase.names or phrase.product or phrase.role
    loose = phrase.generic or phrase.group or phrase.type is None
    return loose and phrase.plural and phrase.determiner is Determiner.DEFINITE and not named
