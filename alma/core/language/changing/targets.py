"""Which resources a phrase points at: by name, by tier, by type, by software, or by what was spoken of last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.parsing.selecting import ORDINALS, select
from alma.core.language.vocabulary.defaults import TITLES, listed
from alma.core.language.vocabulary.running import runs
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, ResourceType
from alma.core.model.suggest import nearest

_T = ResourceType
_ROLE_STEMS = {
    "web": {"web", "www", "frontend", "nginx"},
    "app": {"app", "application"},
    "monitoring": {"monitoring"},
}
_BOTH = 2
_WEB = {"nginx", "apache", "httpd", "caddy"}


def _by_kind(resources: Sequence[Resource]) -> list[list[Resource]]:
    kinds = dict.fromkeys(resource.type for resource in resources)
    return [[resource for resource in resources if resource.type is kind] for kind in kinds]


@dataclass(frozen=True, slots=True)
class Focus:
    """Names spoken of, the newest first; `recent` are those of the last message that spoke of any."""

    names: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()

    def after(self, names: Sequence[str]) -> Focus:
        """The focus once these were spoken of."""
        if not names:
            return self
        return Focus(tuple(dict.fromkeys((*reversed(names), *self.names))), tuple(names))

    def spoken(self, blueprint: Blueprint) -> list[Resource]:
        """Those of the last message that spoke of any, as far as they are there."""
        return [r for name in self.recent if (r := blueprint.resource(name)) is not None]


class Targets:
    """Finds resources of one blueprint, knowing what was spoken of."""

    def __init__(self, blueprint: Blueprint, focus: Focus | None = None) -> None:
        self.resources = blueprint.resources
        known = focus or Focus()
        self._by_name = {resource.name: resource for resource in blueprint.resources}
        self.focus = [name for name in known.names if name in self._by_name]
        self.recent = [name for name in known.recent if name in self._by_name]
        self._excepted: frozenset[str] = frozenset()

    def leave_out(self, phrases: Iterable[Phrase]) -> None:
        """What is excepted by name or kind is no longer found, nor among `present`."""
        out = {r.name for phrase in phrases if phrase.excepted for r in self.find(phrase)}
        self._excepted = frozenset(out)

    @property
    def present(self) -> list[Resource]:
        """All resources but those that are left out."""
        return [resource for resource in self.resources if resource.name not in self._excepted]

    def find(self, phrase: Phrase) -> list[Resource]:
        """All that fit the phrase, in the blueprint's order; empty if none does."""
        found = self._found(phrase)
        if phrase.excepted:
            return found
        return [resource for resource in found if resource.name not in self._excepted]

    def _found(self, phrase: Phrase) -> list[Resource]:
        if phrase.selector is not None or phrase.one:
            return select(phrase, self._choices(phrase), self.focus)
        if phrase.existing is not None:
            return [self._by_name[phrase.existing]]
        named = [self._named(name) for name in phrase.names]
        if named:
            return [resource for resource in named if resource is not None]
        fitting = [r for r in self.resources if self._fits(r, phrase)] or self._members(phrase)
        return _called(fitting, phrase) or _running(fitting, phrase) or fitting

    def _members(self, phrase: Phrase) -> list[Resource]:
        """The cluster whose workers or nodes are spoken of as if they were machines of their own."""
        if not phrase.generic or not is_member(phrase):
            return []
        clusters = [r for r in self.resources if r.type is _T.KUBERNETES_CLUSTER]
        return clusters if len(clusters) == 1 else []

    def _choices(self, phrase: Phrase) -> list[Resource]:
        """Among which "the first runner", "the other one" choose: what fits, else the kind that was spoken of, else
        the kind there are several of."""
        if not phrase.one:
            return [resource for resource in self.resources if self._fits(resource, phrase)]
        if self.focus:
            last = self._by_name[self.focus[0]]
            if phrase.selector in {"both", None, *ORDINALS} and len(self.recent) > 1:
                return [self._by_name[name] for name in self.recent]
            alike = [r for r in self.resources if r.type is last.type and stem(r) == stem(last)]
            same = [r for r in self.resources if r.type is last.type]
            if len(same) == 1 and phrase.selector in {"other", "both"}:
                same = self._two(same) if phrase.selector == "both" else self._all_of_two(same)
            return alike if len(alike) > 1 else same
        if phrase.selector == "both":
            return list(self.resources) if len(self.resources) == 2 else []
        kinds = _by_kind(self.resources)
        several = [kind for kind in kinds if len(kind) > 1]
        return several[0] if len(several) == 1 else list(self.resources)

    def _all_of_two(self, otherwise: list[Resource]) -> list[Resource]:
        """All there are, where those are two."""
        return list(self.resources) if len(self.resources) == _BOTH else otherwise

    def _two(self, otherwise: list[Resource]) -> list[Resource]:
        """`Put a load balancer before them`, `and raise both to 8GB`: the only two of a kind, else those that were
        spoken of last."""
        pairs = [kind for kind in _by_kind(self.resources) if len(kind) == _BOTH]
        if len(pairs) == 1:
            return pairs[0]
        last = [r for r in self.resources if r.name in self.focus[:_BOTH]]
        return self._all_of_two(last if len(last) == _BOTH else otherwise)

    def _named(self, name: str) -> Resource | None:
        return next((r for r in self.resources if r.name.casefold() == name.casefold()), None)

    def _fits(self, resource: Resource, phrase: Phrase) -> bool:
        if phrase.product or not (phrase.type or phrase.role or phrase.software or phrase.replica):
            return False
        if phrase.replica:
            return resource.metadata.get("role") == "replica"
        if phrase.generic and resource.type not in COMPUTE:
            return False
        if phrase.type is not None and not phrase.generic and not _same_kind(phrase, resource):
            return False
        if phrase.role and not plays(resource, phrase.role):
            return False
        return phrase.software is None or runs(resource, phrase.software)

    def one_or_all(self, phrase: Phrase) -> list[Resource]:
        """What the phrase points at. Raises Asks when nothing fits, or several do and the phrase means one."""
        found = self.find(phrase)
        if not found:
            raise Asks(self.nothing(phrase))
        several = (
            phrase.plural
            or phrase.group
            or phrase.existing
            or (phrase.count or 0) > 1
            or phrase.selector == "both"
            or (phrase.tier and phrase.determiner is Determiner.BARE and not phrase.count)
            or _all_of_it(phrase, found)
        )
        if len(found) == 1 or several:
            return found
        focused = [resource for resource in found if resource.name in self.focus[:1]]
        if focused:
            return focused
        raise which(found, about=phrase.text)

    def nothing(self, phrase: Phrase) -> str:
        """What to say when nothing fits."""
        known = [resource.name for resource in self.resources]
        wanted = phrase.names[0] if phrase.names else describe(phrase)
        near = nearest(wanted, known)
        hint = (
            f" Did you mean {near}?"
            if near
            else f" There is {listed(known)}: which do you mean?"
            if known
            else ""
        )
        return f"I find no {wanted} in this blueprint.{hint}"

    def _with_kin(self, last: Resource, fitting: Sequence[Resource], what: str) -> list[Resource]:
        """What was spoken of last; a tier of several that was spoken of as one is meant as one. Only one is removed."""
        kin = [
            r for r in fitting
            if r.name in self.recent and r.type is last.type and stem(r) == stem(last)
        ]  # fmt: skip
        return kin if len(kin) > 1 and what != "presence" else [last]

    def spoken_of(
        self, candidates: Iterable[Resource], *, what: str, pointed: bool = True
    ) -> list[Resource]:
        """What "it" means among those that fit: the last mentioned, else the only one. Raises Asks otherwise. Where
        nothing was `pointed` at ("increase the memory"), only one that is alone is meant."""
        fitting = list(candidates)
        names = {resource.name for resource in fitting}
        focused = next((name for name in self.focus if pointed and name in names), None)
        if focused is not None:
            return self._with_kin(self._by_name[focused], fitting, what)
        if len(fitting) == 1:
            return fitting
        if not fitting:
            raise Asks(f"I find nothing here whose {what} could change. What should I change?")
        tier = {stem(resource) for resource in fitting}
        if (
            len(tier) == 1
            and len({resource.type for resource in fitting}) == 1
            and len(self.resources) == len(fitting)
        ):
            among = [resource.name for resource in fitting]
            question = f"All of them or one: {listed(among, last='or')}?"
            raise Asks(question, open=True, among=among)
        raise which(fitting)


def which(found: Sequence[Resource], *, about: str = "") -> Asks:
    """The question which of several is meant. `about` are the words that may mean any of them."""
    names = [resource.name for resource in found]
    question = f"Which one do you mean: {listed(names, last='or')}?"
    return Asks(question, open=True, among=names, about=about)


def _all_of_it(phrase: Phrase, found: Sequence[Resource]) -> bool:
    """`Drop consul`: a program by its bare name is all that runs it, if that is one tier."""
    bare = phrase.software and phrase.determiner is Determiner.BARE and not phrase.count
    named = bool(bare) and len(phrase.words) == 1 and not phrase.selector
    return named and len({(resource.type, stem(resource)) for resource in found}) == 1


def is_member(phrase: Phrase) -> bool:
    """Whether a phrase is called like the machines of a cluster."""
    noun = phrase.words[-1].casefold().removesuffix("s") if phrase.words else ""
    return phrase.role in {"worker", "master"} or noun == "node"


def describe(phrase: Phrase) -> str:
    """The phrase in words, for a question."""
    if phrase.role:
        return f"{phrase.role} {'tier' if phrase.group else 'server'}"
    if phrase.software:
        return phrase.software
    return (
        "server"
        if phrase.generic
        else TITLES[phrase.type]
        if phrase.type
        else phrase.text or "such thing"
    )


def _called(fitting: Sequence[Resource], phrase: Phrase) -> list[Resource]:
    """Those named after what they are called: "the nodes" are `node-1` and `node-2`, if there are such."""
    if not phrase.generic or phrase.role or not phrase.words:
        return []
    noun = phrase.words[-1].casefold()
    return [r for r in fitting if stem(r) != r.name and stem(r) in {noun, noun.removesuffix("s")}]


def _running(fitting: Sequence[Resource], phrase: Phrase) -> list[Resource]:
    """Those with the system that is said before what they are: "the ubuntu vm", not "make the vms ubuntu"."""
    before = " ".join(phrase.words).casefold().split()[:-1]
    image = phrase.image or ""
    if not image or not any(image.startswith(word) for word in before):
        return []
    return [resource for resource in fitting if has_image(resource, image)]


def has_image(resource: Resource, image: str) -> bool:
    """Whether it is made from an image, whatever its version: `ubuntu` of `ubuntu-22.04`."""
    own = (resource.image or "").casefold().rpartition("/")[2]
    return bool(own) and own.startswith(image)


def _same_kind(phrase: Phrase, resource: Resource) -> bool:
    """ "The container" may be a service; "the postgres" need not be what it usually is."""
    if phrase.type is resource.type:
        return True
    return phrase.software is not None and runs(resource, phrase.software)


def stem(resource: Resource) -> str:
    """`web` of `web-3`: what the members of a tier share."""
    head, dash, tail = resource.name.rpartition("-")
    return head if dash and tail.isdigit() else resource.name


def plays(resource: Resource, role: str) -> bool:
    """Whether a resource has a role: by its label, its name, or as the usual software of it."""
    if resource.type not in COMPUTE:
        return False
    if resource.labels.get("role") == role or stem(resource) in _ROLE_STEMS.get(role, {role}):
        return True
    if resource.name.casefold().rstrip("0123456789") == role:  # "web1"
        return True
    if role in resource.name.casefold().replace(".", "-").replace("_", "-").split("-"):
        return True
    return role == "web" and resource.engine in _WEB


def mentioned(parsed: Parsed, targets: Targets) -> list[str]:
    """Names of resources a clause speaks of, the last first."""
    names: list[str] = []
    for phrase in reversed(parsed.phrases):
        names += [
            r.name for r in targets.find(phrase) if phrase.determiner is not Determiner.INDEFINITE
        ]
    return names
