"""One clause with one act: decides whether it creates, changes or removes, and leads it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from alma.core.language.changing.becoming import become
from alma.core.language.changing.change import Changer
from alma.core.language.changing.closing import close
from alma.core.language.changing.copying import copies
from alma.core.language.changing.numbers import lowered, number_of, spoken_number
from alma.core.language.changing.relative import relative
from alma.core.language.changing.renaming import rename, swap_names
from alma.core.language.changing.swap import swap, upgrade
from alma.core.language.changing.targets import is_member, which
from alma.core.language.clauses.making import CREATING, Making
from alma.core.language.clauses.missing import wished_for
from alma.core.language.clauses.pools import another_kind
from alma.core.language.clauses.whole import whole
from alma.core.language.creating.makers import makers
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import MACHINES, TITLES, listed
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    Resource,
    ResourceType,
)
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    SetField,
)
from alma.core.model.template import Template

_CHANGING = {"set", "increase", "decrease", "scale", "add"}
_OLD_AND_NEW = 2
_REPLACING = {"replace", "replacing", "swap", "exchange"}
_DOWNWARDS = {"scale down", "scale in", "shrink", "scale back", "scale back down"}


class Clause(Making):
    """Carries out one clause on one draft. What it changes is left in `outcome`; its methods raise Asks instead of
    guessing."""

    def __init__(
        self, act: Act, parsed: Parsed, changer: Changer, *, templates: Mapping[str, Template]
    ) -> None:
        super().__init__(act, parsed, changer, templates=templates)
        if act.word.startswith("it "):  # "it should have 2GB"
            parsed.pronoun = parsed.pronoun or "it"
        if any(token.text.casefold() == "its" for token in act.body):  # "double its memory"
            parsed.pronoun = parsed.pronoun or "it"
        if [token.norm for token in act.body[:1]] == ["that"] and _amount_next(act):
            parsed.pronoun = parsed.pronoun or "that"  # "make that 6 cores"
        changer.targets.leave_out(parsed.phrases)
        changer.pointed = parsed.pronoun is not None or (act.verb is None and not parsed.phrases)

    def edits(self) -> list[Edit]:
        """The edits that create, those that change being in `outcome`. Raises Asks."""
        verb = self.act.verb
        if self.parsed.rules and not makers(self.parsed):
            return self._rule()
        self._refuse()
        if verb in {"remove", "destroy"} and self.parsed.everything:
            self.outcome.intent = Intent.DESTROY
        if verb in {"rename", "remove", "destroy", "disable"} and not self.empty:
            self._rename_or_remove()
        elif verb == "migrate":
            if self.parsed.engine is None and not (not self.empty and self._swaps()):
                raise Asks("Where to? I can plan for proxmox, docker, kubernetes and simulation.")
        elif not self.empty and (made := self._made_for_known()) is not None:
            return made
        elif not self.empty and (self._copies() or self._changes()):
            pass
        elif self._creates():
            return self._create()
        elif not (verb == "deploy" and not makers(self.parsed)):
            self._nothing()
        return []

    def _made_for_known(self) -> list[Edit] | None:
        """What is made for those that are there, or in their place; None where the clause wants neither."""
        if users := self._links_new():
            return self._connected(users, self._create())
        return self._create() if self._exchanges() else None

    def _exchanges(self) -> bool:
        """ "Replace the cluster with two debian VMs": what is there goes, and something of another kind is made."""
        phrases = [p for p in self.parsed.phrases if not p.negated]
        if self.act.word not in _REPLACING or len(phrases) != _OLD_AND_NEW:
            return False
        old, new = phrases
        counted = new.count is not None
        made = new.creates and (counted or new.determiner is Determiner.INDEFINITE)
        gone = self.changer.targets.find(old) if made and new.link in {"with", "by", "for"} else []
        kinds = {resource.type for resource in gone}
        machines = {new.type, *kinds} <= MACHINES and not counted  # those become of another kind
        if not gone or new.type in {None, *kinds} or machines or self._empties(gone, new):
            return False
        self.changer.drop(self.parsed, self.changer.targets.one_or_all(old))
        self.parsed.makers = [new]
        return True

    @staticmethod
    def _empties(gone: Sequence[Resource], new: Phrase) -> bool:
        """Whether machines with a program would make room for others without any: that is asked about."""
        bare = new.software is None and new.role is None and new.type in MACHINES
        return bare and any(resource.engine for resource in gone if resource.type in MACHINES)

    def _copies(self) -> bool:
        return copies(self.changer, self.act, self.parsed)

    def _refuse(self) -> None:
        """What no clause can ask for: raises Asks."""
        below = [
            t.norm for t in self.act.body if t.kind is Kind.WORD and t.norm in {"minus", "negative"}
        ]
        if (
            below
            and self.act.verb in {"set", "create", "scale"}
            and self.changer.attributes(self.parsed)
        ):
            raise Asks("An amount can't be below zero. How much should it be?", open=True)
        if (asked := another_kind(self.act, self.parsed, self.draft)) is not None:
            raise Asks(asked)
        if len(several := list(dict.fromkeys(self.parsed.environments))) > 1:
            raise Asks(f"A blueprint is for one environment: {listed(several, last='or')}?")
        if self.parsed.bounded == "limit" or (self.parsed.bounded and not self.empty):
            raise Asks("I keep no limit on numbers. How many should there be?", open=True)

    # ── removing and renaming ────────────────────────────────────────────────────────────────────────

    def _rename_or_remove(self) -> None:
        parsed = self.parsed
        if self.act.verb == "remove" and {"half"} & {token.norm for token in self.act.body}:
            relative(self.changer, replace(self.act, verb="set"), parsed)
            return
        if self.act.verb == "remove" and (lowered(self.changer, self.act, parsed) or self._links()):
            return
        if self.act.verb == "rename":
            rename(self.changer, self.act.body, parsed)
            return
        known = any(self.changer.targets.find(phrase) for phrase in parsed.phrases)
        if self.act.verb == "destroy" and not known and not parsed.new_names:
            self.outcome.intent = Intent.DESTROY  # a stack by its name
            return
        specific = parsed.phrases or parsed.new_names or parsed.capabilities or parsed.loose
        if self.act.verb == "destroy" and not specific:
            self.outcome.intent = Intent.DESTROY
            return
        ports = [
            a for a in self.changer.attributes(parsed) if a.path == "network.ports" and a.value
        ]
        if ports and self.act.verb == "remove":
            close(self.changer, self.act, parsed)
        elif parsed.capabilities:
            self.wishes.unwish(parsed)
        elif self.act.verb == "disable":
            self.changer.switch_off(parsed)
        else:
            self.changer.remove(parsed)
        if self.outcome.edits:
            self.outcome.intent = Intent.CHANGE

    # ── changing ─────────────────────────────────────────────────────────────────────────────────────

    def _changes(self) -> bool:
        """Whether the clause is about what is there; if so, it has been carried out."""
        self._ports()
        shipped = self.act.verb in {"deploy", "create"} and self._ships()
        if shipped or self._links() or self._closes() or self._grows() or self._instances():
            return True
        if self._totals():
            return self._sets()
        self._keep_known()
        clause = (self.changer, self.act, self.parsed)
        if self._becomes() or spoken_number(*clause) or relative(*clause):
            return True
        if not self.parsed.instead:
            self.changer.negated(self.parsed)
            if self.act.verb in {"create", "deploy", None}:
                return self._continues()
        if self.act.verb == "add":
            return self._adds()
        return self._swaps() or self._sets() or self._asks_how_much()

    def _becomes(self) -> bool:
        """ "Make jellyfin a container": whether that was done. Raises Asks where it can't become that."""
        if self.act.verb in {"set", "migrate"} and become(self.changer, self.act, self.parsed):
            return True
        self._refuse_kind()
        return False

    def _refuse_kind(self) -> None:
        """ "Make the api a VM": what runs the image of a program can't stand for a machine. Raises Asks."""
        phrases = [p for p in self.parsed.phrases if not p.negated]
        if self.act.verb not in {"set", "migrate"} or len(phrases) != 2 or not phrases[0].existing:
            return
        owner, kind = self.draft.resource(phrases[0].existing), phrases[1]
        bare = kind.determiner is Determiner.INDEFINITE and not (kind.software or kind.names)
        other = kind.type in COMPUTE and not kind.generic and owner and kind.type is not owner.type
        if owner is None or not (bare and other) or owner.type not in COMPUTE or kind.type is None:
            return
        words = f"remove {owner.name} and add a {TITLES[kind.type]} called {owner.name}"
        raise Asks(
            f"{owner.name} is a {TITLES[owner.type]} and can't become a {TITLES[kind.type]} in its place: its data "
            f"would stay behind. Should I {words}?"
        )

    def _links_new(self) -> list[Resource]:
        """ "Let web talk to a postgres db": who uses a store that is not there yet, which is to be made."""
        new = [
            phrase for phrase in self.parsed.phrases
            if phrase.determiner is Determiner.INDEFINITE and phrase.type in DATA
            and not self.changer.targets.find(phrase)
        ]  # fmt: skip
        others = [phrase for phrase in self.parsed.phrases if phrase not in new]
        users = [resource for phrase in others for resource in self.changer.targets.find(phrase)]
        machines = bool(users) and all(resource.type in COMPUTE for resource in users)
        if self.act.verb != "connect" or len(new) != 1 or not machines:
            return []
        self.parsed.makers = new
        return users

    @staticmethod
    def _connected(users: Sequence[Resource], made: Sequence[Edit]) -> list[Edit]:
        """What was made, and its users depending on it."""
        names = [edit.resource.name for edit in made if isinstance(edit, AddResource)]
        return [
            *made,
            *(
                SetField(name=user.name, path="depends_on", value=[*user.depends_on, *names])
                for user in users
            ),
        ]

    def _asks_how_much(self) -> bool:
        """Raises Asks where an amount is missing; else says whether the clause was about the whole alone."""
        if self.act.verb == "scale" and not whole(self.act, self.parsed):
            raise Asks("To how many? For example: scale web to 3.", open=True)
        if self.parsed.mentioned or self._said({"bigger", "smaller"}):
            self.changer.which_amount(self.parsed)
        return self.act.verb in _CHANGING and bool(whole(self.act, self.parsed))

    def _keep_known(self) -> None:
        """ "Put the database on …" speaks of the database there is: it makes no other."""
        known = {Determiner.DEFINITE, Determiner.POSSESSIVE}
        self.parsed.makers = [
            phrase
            for phrase in makers(self.parsed)
            if phrase.determiner not in known or not self.changer.targets.find(phrase)
        ]

    def _swaps(self) -> bool:
        changer, parsed = self.changer, self.parsed
        if self.act.word in _REPLACING and swap_names(changer, self.act.body, parsed):
            return True
        if self._images() or swap(changer, parsed):
            return True
        if self.act.word in _REPLACING and not changer.attributes(parsed):
            raise Asks(
                "I can put other software in the same place. For anything else, say what to remove and what to add."
            )
        tags = self.act.word.startswith(("upgrade", "update", "downgrade"))
        if self.act.verb not in {"set", "increase"} or not upgrade(changer, parsed, tags=tags):
            return False
        changer.amounts(self.act, parsed)  # "upgrade the db to 16 with 500GB of disk"
        return True

    def _sets(self) -> bool:
        if self.act.word.startswith(("upgrade", "downgrade")) and self.parsed.by_number is not None:
            self._ask_of_known()  # "by one major": of which version is not told
        if number_of(self.changer, self.act, self.parsed):
            return True
        down = self.act.verb == "decrease" or self.act.word in _DOWNWARDS
        scaled = self._about_number() and self.changer.resizer.scale(self.parsed, down=down)
        return self._applied() or scaled or bool(self.outcome.edits)

    def _applied(self) -> bool:
        """Amounts, properties and wishes, as far as there are any."""
        amounts = self.changer.amounts(self.act, self.parsed)
        properties = self.wishes.properties(self.parsed)
        return self.wishes.wish(self.parsed) or amounts or properties

    def _continues(self) -> bool:
        """A bare phrase in a conversation: new things, unless it only speaks of what is there."""
        phrases = self.parsed.phrases
        if phrases and all(phrase.negated for phrase in phrases):
            excepted = self.parsed.everything and all(phrase.excepted for phrase in phrases)
            return self._applied() if excepted and self.parsed.loose else True
        pointing = [
            p for p in phrases
            if p.existing or p.determiner is Determiner.DEFINITE or self._tells_of(p)
        ]  # fmt: skip
        new = [
            phrase for phrase in makers(self.parsed) if phrase.creates and phrase not in pointing
        ]
        if len(phrases) == len(pointing) == 1 and self._renames(phrases[0]):
            return True
        if growing := [phrase for phrase in new if phrase.more]:
            return self._grow(growing, new)
        if new:
            return False
        self._refuse_missing(pointing)
        if any(not self.changer.targets.find(phrase) for phrase in pointing):
            return False
        return self._applied_to(pointing)

    def _applied_to(self, pointing: Sequence[Phrase]) -> bool:
        if not pointing and self.parsed.images and self.parsed.loose and not self.parsed.phrases:
            return self._describes_machine()
        if not pointing and (self.act.verb == "deploy" or self.parsed.images):
            return False
        return self._applied() or (self.act.verb == "deploy" and bool(pointing))

    def _describes_machine(self) -> bool:
        """`It should have 4 CPUs. The operating system should be Debian 13.`: of the machine spoken of."""
        machines = [r for r in self.draft.resources if r.type in MACHINES]
        if not machines:
            return False
        (machine, *_) = self.changer.targets.spoken_of(machines, what="image")
        self._applied()
        self.outcome.edits.append(
            SetField(name=machine.name, path="image", value=self.parsed.images[0])
        )
        self.outcome.understood.append(f"{self.parsed.images[0]} in {machine.name}")
        return True

    def _refuse_missing(self, pointing: Sequence[Phrase]) -> None:
        """ "The cache" where there is none: raises Asks, for nobody said to make one."""
        for phrase in pointing:
            if phrase.type in {None, ResourceType.VM} or phrase.purpose or phrase.existing:
                continue
            if phrase.link is None and not self.changer.targets.find(phrase):
                kind = TITLES[phrase.type]
                raise Asks(
                    f"There is no {kind} in {self.draft.name}. Should I add one?",
                    offer=f"add a {kind}",
                )

    def _joins_cluster(self) -> bool:
        """ "Add a node to prod": one more of the cluster's own. Raises Asks where it may be either of several."""
        phrases = self.parsed.phrases
        members = [p for p in phrases if p.generic and p.link is None and is_member(p)]
        pointed = [p for p in phrases if p.link in {"to", "in", "for", "on"}]
        clusters = [
            r
            for p in pointed
            for r in self.changer.targets.find(p)
            if r.type is ResourceType.KUBERNETES_CLUSTER
        ]
        if not members or not clusters:
            return False
        if len(clusters) > 1:
            raise which(clusters)
        self.parsed.by_number = members[0].count or 1
        return self.changer.resizer.members_of(clusters[0], self.parsed, down=False)

    def _adds(self) -> bool:
        if self._joins_cluster() or (self.parsed.everything and self._images()):
            return True
        phrases = self.parsed.phrases
        places = {"to", "on", "for", "of", "front"}
        made = makers(self.parsed)
        pointing = [p for p in phrases if p.link in places or p.existing or not p.creates]
        new = [phrase for phrase in phrases if phrase in made and phrase not in pointing]
        if new:
            machines = [
                phrase
                for phrase in new
                if phrase.generic or (phrase.role and phrase.type in COMPUTE)
            ]
            return self._grow(machines, new)
        return self._applied()

    def _grow(self, growing: Sequence[Phrase], new: Sequence[Phrase]) -> bool:
        """Adds to the tiers there are; whether that was all. What is left is created."""
        grown = [phrase for phrase in growing if self.changer.resizer.grow(phrase)]
        self.parsed.makers = [phrase for phrase in makers(self.parsed) if phrase not in grown]
        return len(grown) == len(new)

    def _nothing(self) -> None:
        """Nothing could be made of the clause, unless it was about the whole: asks for what is missing."""
        parsed, verb = self.parsed, self.act.verb
        limited = parsed.max_cost is not None and verb is None and not parsed.phrases
        if whole(self.act, parsed) and (limited or not parsed.unused):
            if self.empty:
                raise Asks("What would you like to run?", open=True)
            return
        self._ask_of_known()
        amounts = parsed.loose or parsed.mentioned or parsed.capabilities
        if self.empty and (verb not in CREATING or (verb == "add" and amounts)):
            raise Asks(
                "There is nothing to change yet in this conversation. What would you like to run?"
            )
        if not self.empty and (missing := wished_for(self.act)):
            self.outcome.intent = Intent.CHANGE
            there = listed([resource.name for resource in self.draft.resources])
            raise Asks(
                f"I find no '{missing}' in this blueprint. There is {there}: which do you mean?"
            )
        if verb in {"create", "add", None} and parsed.unused:
            unknown = " ".join(parsed.unused)
            raise Asks(
                f"I don't know what '{unknown}' is. Can you say it as servers, databases and the like?",
                lost=not any(self.changer.targets.find(phrase) for phrase in parsed.phrases),
            )
        if parsed.mentioned:
            raise Asks(
                "Of what, and how much? For example: 8GB memory for the database.", open=True
            )
        if self.empty and verb == "create" and not parsed.phrases:
            raise Asks(
                "What would you like to run? For example: 2 web servers and a PostgreSQL database.",
                open=True,
            )
        examples = "add a redis cache, scale web to 3, how much does it cost?"
        raise Asks(
            f"I did not understand what to do. For example: {examples}", lost=not parsed.phrases
        )


def _amount_next(act: Act) -> bool:
    """Whether an amount follows the first word of a clause."""
    return act.verb == "set" and any(t.kind in {Kind.NUMBER, Kind.SIZE} for t in act.body[1:2])
