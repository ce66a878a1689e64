"""What a clause may want with what is there, beside amounts: ports, links, images, names, and how many there are in
all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from alma.core.language.changing.change import Changer
from alma.core.language.changing.closing import close
from alma.core.language.changing.linking import link, unhook
from alma.core.language.changing.swap import is_system
from alma.core.language.changing.targets import has_image
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import listed, title
from alma.core.language.words.naming import valid
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Resource
from alma.core.model.conversation import (
    RenameResource,
    SetField,
)

_BOTH = 2
_GIVING_UP = {"instead", "not", "rather"}
# What is counted of things themselves, and small words that end like nouns.
_INSTANCES = frozenset(
    "ones units clones times us as is this always pls plus thanks afterwards".split()
)
_EXCHANGING = {"replace", "swap", "exchange", "change", "switch", "move", "migrate"}


class Altering:
    """One clause and the draft it is about. What is changed is left in `outcome`; methods raise Asks instead of
    guessing."""

    def __init__(self, act: Act, parsed: Parsed, changer: Changer) -> None:
        self.act = act
        self.parsed = parsed
        self.changer = changer
        self.outcome = changer.outcome
        self.draft = changer.blueprint

    def _only(self) -> bool:
        """ "I only need one web server", "4 web servers in total": how many there are in all."""
        words = {token.norm for token in self.act.body} | set(self.act.word.split())
        counted = [phrase for phrase in self.parsed.phrases if phrase.count is not None]
        known = counted and self.changer.targets.find(counted[0]) and not counted[0].more
        return (
            bool(words & {"only", "just", "total", "altogether"})
            and len(counted) == 1
            and bool(known)
        )

    def _ports(self) -> None:
        """ "Open 80 and 443 on the load balancer"."""
        opening = self.act.word in {"open", "expose", "publish"}
        if opening and not any(
            a.path == "network.ports" for a in self.changer.attributes(self.parsed)
        ):
            ports: list[Json] = [
                int(token.value or 0) for token in self.act.body if token.kind is Kind.NUMBER
            ]
            if ports:
                self.parsed.loose.append(Attribute("network.ports", ports))
                self.parsed.to_number = self.parsed.by_number = self.parsed.bare_number = None
                self.parsed.unused = [w for w in self.parsed.unused if not w.isdigit()]

    def _grows(self) -> bool:
        """ "The database is too small", "more storage": asks how big it should be. Says no to anything else."""
        parsed = self.parsed
        said = self._said({"bigger", "smaller"})
        more = bool(parsed.mentioned) and any(
            token.norm in {"more", "less"} for token in self.act.body
        )
        settled = self.changer.attributes(parsed) or parsed.percent is not None
        numbered = parsed.to_number is not None or parsed.by_number is not None
        if (
            self.act.verb not in {None, "create", "add"}
            or settled
            or numbered
            or not (said or more)
        ):
            return False
        if all(self.changer.targets.find(p) or p.generic for p in parsed.phrases):
            self.changer.which_amount(parsed)
        return False

    def _links(self) -> bool:
        changer, names = self.changer, [resource.name for resource in self.draft.resources]

        def read(tokens: Sequence[Token]) -> Parsed:
            return parse(tokens, changer.gazetteer, names=names)

        return unhook(changer, self.act, read) or link(changer, self.act, read)

    def _closes(self) -> bool:
        if self.act.verb == "close":
            close(self.changer, self.act, self.parsed)
        return self.act.verb == "close"

    def _images(self) -> bool:
        """ "Put debian 12 on the web servers"."""
        # "The ubuntu vm should run debian": an image of a thing says which it is, where another is named beside it.
        images = [*self.parsed.images] or [p.image for p in self.parsed.phrases if p.image]
        given_up = self._given_up(images)
        images = [image for image in images if image != given_up]
        owners = [
            r
            for p in self.parsed.phrases
            if not p.excepted
            for r in self.changer.targets.find(p)
            if r.type in COMPUTE
        ]
        phrases = self.parsed.phrases
        left_out = all(phrase.excepted for phrase in phrases)
        putting = self.act.verb == "set" or bool(phrases and left_out)
        if images and left_out and putting:
            owners = self._machines(given_up)
        if not images or not owners or self.changer.attributes(self.parsed):
            return False
        version = self.parsed.to_text or (self.parsed.to_number and str(self.parsed.to_number))
        if version and not any(char.isdigit() for char in images[-1]):
            images.append(f"{images[-1]}-{version}")
        for owner in {r.name: r for r in owners}.values():
            self.outcome.edits += _installed(owner, images[-1])
        self.outcome.understood.append(f"{images[-1]} on {listed([r.name for r in owners])}")
        return True

    def _given_up(self, images: Sequence[str]) -> str | None:
        """The system that is given up for another: "debian instead of ubuntu", "replace ubuntu with debian"."""
        if len(set(images)) < _BOTH:
            return None
        words = [token.norm for token in self.act.body]
        if _GIVING_UP & set(words):
            said = {image: self._place(image, words) for image in images}
            turn = next(n for n, word in enumerate(words) if word in _GIVING_UP)
            return next((image for image, place in said.items() if place > turn), None)
        return images[0] if self.act.word in _EXCHANGING else None

    @staticmethod
    def _place(image: str, words: Sequence[str]) -> int:
        return next((n for n, word in enumerate(words) if image.startswith(word)), -1)

    def _ships(self) -> bool:
        """ "Ship acme/api:1.9 on api": another image for what is there."""
        known = [
            p
            for p in self.parsed.phrases
            if p.existing and p.link in {"on", "to", "in", "for", "onto"}
        ]
        plain = [
            p
            for p in self.parsed.phrases
            if p.image and not (p.names or p.count) and p not in known
        ]
        return len(known) == len(plain) == 1 and len(self.parsed.phrases) == 2 and self._images()

    def _machines(self, given_up: str | None = None) -> list[Resource]:
        """What `switch to debian 12` is about: the one spoken of, else all that run a system of their own, or the one
        that is given up."""
        machines = [
            r
            for r in self.changer.targets.present
            if r.type in COMPUTE and r.image and is_system(self.changer.gazetteer, r.image)
        ]
        machines = [r for r in machines if given_up and has_image(r, given_up)] or machines
        if self.parsed.pronoun in {"it", "this", "that"} and machines:
            return self.changer.targets.spoken_of(machines, what="image")
        if len(machines) > 1:
            said = listed([r.name for r in machines])
            self.outcome.assumptions.append(f"on {said}, as no machine was named")
        return machines

    def _said(self, words: set[str]) -> bool:
        modifiers = {*self.parsed.modifiers}
        modifiers.update(word for phrase in self.parsed.phrases for word in phrase.modifiers)
        return bool(words & modifiers)

    def _about_number(self) -> bool:
        """Whether a number in the clause is one of instances."""
        parsed = self.parsed
        numbers = (parsed.to_number, parsed.by_number, parsed.percent)
        if any(number is not None for number in numbers):
            return not (parsed.mentioned or self._counts_others())
        if parsed.bare_number is not None and self.act.verb == "scale":
            return not parsed.mentioned
        return any(p.count is not None and (p.type in COMPUTE or p.replica) for p in parsed.phrases)

    def _counts_others(self) -> bool:
        """`Five developers, 2 cores will do`: whether the number is one of what nobody runs; "to 7 ndoes" counts."""
        if self.act.verb == "scale" or any(token.norm == "to" for token in self.act.body):
            return False
        return any(
            number.kind is Kind.NUMBER
            and number.tokens[0].value == self.parsed.to_number
            and noun.kind is Kind.WORD
            and not noun.terms
            and noun.norm not in _INSTANCES
            and noun.norm.endswith(("s", "people", "men", "children", "staff", "folk"))
            for number, noun in pairwise(self.changer.gazetteer.tag(self.act.body))
        )

    def _renames(self, phrase: Phrase) -> bool:
        """ "db-1 should be called primary-db"."""
        if not phrase.names:
            return False
        found = self.changer.targets.find(replace(phrase, names=[]))
        name = valid(phrase.names[0])
        if len(found) != 1 or len(phrase.names) != 1 or self.draft.resource(name) is not None:
            return False
        self.outcome.edits.append(RenameResource(name=found[0].name, to=name))
        self.outcome.understood.append(f"{found[0].name} is called {name}")
        return True

    def _tells_of(self, phrase: Phrase) -> bool:
        """ "Nodes should have 16GB each", "api: 4 cores": what is there, and nothing new."""
        bare = phrase.determiner is Determiner.BARE and phrase.count is None and not phrase.more
        amounts = phrase.attributes or self.parsed.loose
        return (
            self.act.verb is None
            and (phrase.plural or (phrase.tier and len(self.parsed.phrases) == 1))
            and bare
            and bool(amounts and self.changer.targets.find(phrase))
        )

    def _ask_of_known(self) -> None:
        """ "Change the database": raises Asks for what should become of it."""
        found = [r for p in self.parsed.phrases for r in self.changer.targets.find(p)]
        if not found or self.act.verb not in {"set", "increase", "decrease"}:
            return
        if self.act.word.startswith(("upgrade", "update", "downgrade")) and found[0].engine:
            version = f" It is {found[0].version} now." if found[0].version else ""
            raise Asks(f"To which version of {found[0].engine}?{version}", open=True)
        sizes = (
            (name, self.changer.present(found[0], f"specs.{name}")) for name in ("cpu", "memory")
        )
        now = listed([f"{value} {title(f'specs.{name}')}" for name, value in sizes if value])
        has = f" It has {now}." if now else ""
        raise Asks(f"What should change about {found[0].name}?{has}", open=True)

    def _instances(self) -> bool:
        """ "The api should have 4 instances", "three copies of api"."""
        counted = [p for p in self.parsed.phrases if p.count is not None and p.words]
        owners = [
            r for p in self.parsed.phrases if p not in counted for r in self.changer.targets.find(p)
        ]
        if len(counted) != 1 or len(self.parsed.phrases) != 2 or len(owners) != 1:
            return False
        noun = counted[0].words[-1].casefold()
        scales = owners[0].type in COMPUTE and noun.startswith(
            ("instance", "cop", "replica", "pod")
        )
        if scales and not counted[0].more and self.act.verb in {None, "create", "set"}:
            self.changer.resizer.resize(owners, counted[0].count or 1)
            return True
        return False

    def _totals(self) -> bool:
        """Whether a number is of all there should be, and not of what is to come."""
        total = self.parsed.instead or self.act.word == "there should be" or self._only()
        return total and self.act.verb in {"create", None} and self._about_number()


def _installed(owner: Resource, image: str) -> list[SetField]:
    """A system as the owner tells its own: by its name and a version apart, or by both in one."""
    if owner.version is None or {":", "/"} & set(image):
        return [SetField(name=owner.name, path="image", value=image)]
    name, _, version = image.partition("-")
    edits = [SetField(name=owner.name, path="image", value=name)] if owner.image != name else []
    # Another system without a version has not that of the old one.
    changed = version or owner.image != name
    return [
        *edits,
        *([SetField(name=owner.name, path="version", value=version or None)] if changed else []),
    ]
