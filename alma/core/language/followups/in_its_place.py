"""Other software, or another system, told with the reason: "RabbitMQ won't cope, we're going with Kafka now", "i dont
like plex anymore, lets have jellyfin", "Sorry, Ubuntu, not Debian".

Two programs of one kind are named, of which one runs and one does not: it takes the other's place where something
speaks against the one and the other is wished for. What a wish may be made of is known; what may be said against
something is not, so that any story may stand there, as long as it is against it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.vocabulary.running import runs
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.blueprint import Blueprint, Resource

_LONGEST = 40
_NAMED = (Sort.SOFTWARE, Sort.IMAGE)
_KINDS = {Sort.TYPE, Sort.COMPUTE, Sort.GROUP, Sort.ROLE}
_CUT = seldom(
    r"\s+(?=(?:let['’]?s|give (?:me|us))\b)|(?:[.;:!,…\n]+|\s[–—-]+)(?:\s+|$)|"
    r"\s*\b(?:so that['’]?s why|that['’]?s why|which is why|so|and|but|because|cause|"
    r"cuz|since|now that|therefore|hence|thus|given that|as (?=\w+ (?:is|are|was|has|had|have|won|can|does|do|"
    r"did)))\b\s*",
    re.IGNORECASE,
)
# Who adds, keeps, asks or waits replaces nothing.
_OTHERWISE = seldom(
    r"\?|\b(?:adds?|adding|also|too(?=\W*$|\s*[,.;!])|as well|plus|another|additional|second|besides? (?:it|the)|"
    r"alongside|next to|keep(?! (?:\w+ing|on|up)\b)|stays?|remains?|maybe|perhaps|might|whether|if|unless|until|"
    r"tomorrow|"
    r"later|next (?:week|month|quarter|year|time)|yet|someday|eventually|why|how|compare|difference|versus|vs|"
    r"copy|clone|remove|delete|destroy|deploy)\b",
    re.IGNORECASE,
)
# What speaks against something: that it is denied, that it is over, that it is bad at what it does or not liked.
_AGAINST = seldom(
    r"\b(?:not?|never|nobody|no[- ]one|none|cannot|hardly|barely|without|\w+n['’]?t|dont|doesnt|wont|cant|isnt|"
    r"too (?!late\b)\w+|less|over|than|instead|out|gone|dead|dying|dies|died|eol|end of (?:life|support)|"
    r"reach\w* (?:its|the) end|discontinued|deprecated|abandoned|unmaintained|unsupported|outdated|obsolete|"
    r"ancient|old|"
    r"legacy|outgr[eo]w\w*|mistake|wrong|error|oops|sorry|apologies|(?:problem|issue|trouble|pain|nightmare|mess|"
    r"hassle|"
    r"joke|disaster|hog|headache|limit|limitation|bug)\w*|slow\w*|heavy|bloated|buggy|flaky|unstable|unreliable|weak|"
    r"bad|worse|horrible|terrible|awful|crap\w*|garbage|rubbish|expensive|costly|costs|pricey|complicated|complex|"
    r"clunky|"
    r"insecure|vulnerable|broke\w*|break\w*|crash\w*|fail\w*|los(?:es?|ing)|leak\w*|eats?|eating|struggl\w+|"
    r"chok\w+|sucks?|hate\w*|dislike\w*|despise\w*|regret\w*|annoy\w+|disappoint\w+|unhappy|tired|sick|fed up|had it|"
    r"had enough|distrust\w*|leav(?:e|ing)|ditch\w*|dump\w*|drop(?:s|ped|ping)?|quit\w*|retir\w+|stop\w*|rid|"
    r"overkill|forbid\w*|forbidden|banned|prohibited|licen[cs]\w+|wants? an? account|became|got (?!the\b|an?\b))\b",
    re.IGNORECASE,
)
# … and in whose favour it is put: "it has to be", "from now on", "in its place".
_INSTEAD = seldom(
    r"\b(?:rather|prefer\w*|instead|from now on|now|there|place|takes? over|over to|it is|it['’]s|it (?:has|had|needs|"
    r"should|must|is|will)|it['’]ll|swap|switch\w*|chang\w+|mov(?:e|es|ing)|migrat\w+|replac\w+)\b",
    re.IGNORECASE,
)
_WISHING = frozenset(
    "i we i'd we'd i'll we'll we're i'm we've i've id ill im ive weve wed you it it'll it's its they us me this "
    "that there "
    "here our my the a an let's lets let he she who must should shall will would has have had to needs need be "
    "can could "
    "ought is are was were been being supposed meant mean go going goes gone use using uses used take taking "
    "took takes "
    "have having having want wants wanted like likes love prefer prefers need run running runs move moving moves "
    "switch "
    "switching switches switched change changing changes changed swap swapping try trying decide decided "
    "deciding on settle "
    "settled choose chose chosen picked pick opt opted make making do doing put putting get getting give set "
    "become becomes "
    "became install stick replace replaces replacing migrate migrating adopt adopting for with in at over of onto into "
    "everywhere every each all both them those these now please pls plz thanks thx thank instead rather than then just "
    "simply only actually place back off ones one whole from sorry oops whoops apologies no nope ok okay well "
    "right hi hello "
    "hey thing things everything os system systems operating distro software program tool stack setup not "
    "mistake wrong bad "
    "decision preference kind old new draft".split()
)
# A correction by itself, of what was there before.
_CORRECTS = seldom(
    r"\W*(?:(?:oops|whoops|sorry|apologies|wrong|my (?:mistake|bad|fault)|mistake|correction|i meant|no|nope|ah|oh)\b"
    r"[\s,]*)+(?:(?:one|it|that|this|system|os|distro|software|wrong|was|were|is|the|my|a|mistake|about|for)\b\s*)*$",
    re.IGNORECASE,
)
_SLIP = seldom(r"\b(?:whoops|my bad|my fault|correction|i meant|nope|ah|oh)\b", re.IGNORECASE)
_TURNS = {"over", "than", "not", "of", "no"}
_NUMBERS = {Kind.NUMBER, Kind.SIZE}


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of a message between two breaths."""

    text: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _New:
    """What is wished for: its words as they were written, with the version."""

    sort: Sort
    id: str
    text: str


class InItsPlace:
    """Finds what is to run in the place of something that runs."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def ordered(self, message: str, blueprint: Blueprint | None) -> str:
        """The message with such a replacement as the order it is; any other as it is."""
        if blueprint is None or not blueprint.resources or not _may_replace(message):
            return message
        names = [resource.name for resource in blueprint.resources]
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(message), names).tokens, names)
        if not any(_sort(item) for item in items):
            return message
        clauses = _clauses(message, items)
        wishes = [(c, wish) for c in clauses if (wish := self._wished(c, blueprint))]
        if len({wish.id for _, wish in wishes}) != 1:
            return message
        wished = [clause for clause, _ in wishes]
        owners = self._owners(wishes[-1][1], clauses, wished, blueprint)
        if not owners:
            return message
        told = [c for c in clauses if c in wished or self._named(c, owners)]
        new = wishes[-1][1]
        about = {new.id, self._gazetteer.software.get(new.id, {}).get("type")}
        if any(_says_more(clause, about) for clause in clauses if clause not in told):
            return message
        replaced = [resource.name for resource in owners]
        return f"switch {' and '.join(replaced)} to {new.text}"

    def _wished(self, clause: _Clause, blueprint: Blueprint) -> _New | None:
        """What a clause wishes for that does not run, where it says nothing but that."""
        found: list[_New] = []
        for place, item in enumerate(clause.items):
            before = clause.items[place - 1].norm if place else ""
            sort = None if item.existing else _sort(item)
            if sort is None:
                if not _belongs(clause.items, place):
                    return None
            elif any(self._has(resource, sort, item) for resource in blueprint.resources):
                if before not in _TURNS:
                    return None
            elif before in _TURNS - {"of"}:
                return None
            else:
                version = _version(clause.items, place + 1)
                found.append(_New(sort, item.terms[sort].id, item.text + version))
        return found[-1] if len({new.id for new in found}) == 1 else None

    def _owners(
        self, new: _New, clauses: Sequence[_Clause], wished: Sequence[_Clause], blueprint: Blueprint
    ) -> Sequence[Resource]:
        """Those that should run it instead of what they do."""
        fitting = [resource for resource in blueprint.resources if self._fits(new, resource)]
        told = [(clause, r) for clause in clauses for r in self._named(clause, fitting)]
        against = any(_AGAINST.search(clause.text) for clause, _ in told)
        if told and (against or any(_INSTEAD.search(clause.text) for clause in wished)):
            pointed = {i.existing for clause in wished for i in clause.items}
            olds = [r for r in fitting if any(r is old for _, old in told)]
            return [r for r in olds if r.name in pointed] or olds
        blamed = any(
            _blames(clause, new, self._gazetteer) for clause in clauses if clause not in wished
        )
        alike = len({resource.engine or resource.image for resource in fitting}) == 1
        return fitting if not told and blamed and alike else ()

    def _named(self, clause: _Clause, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Those that a clause names, by their names or by what they run."""
        said = [
            (sort, item) for item in clause.items if not item.existing and (sort := _sort(item))
        ]
        names = {item.existing for item in clause.items}
        return [
            r
            for r in resources
            if r.name in names or any(self._has(r, sort, i) for sort, i in said)
        ]

    def _has(self, resource: Resource, sort: Sort, item: Item) -> bool:
        """Whether that is what a resource runs, or what it runs on."""
        id_ = item.terms[sort].id
        return runs(resource, id_) if sort is Sort.SOFTWARE else self._system(resource) == id_

    def _system(self, resource: Resource) -> str | None:
        """The operating system of a machine, as far as it is known."""
        word = (resource.image or "").casefold().partition(":")[0].partition("-")[0]
        known = self._gazetteer.meaning(word).get(Sort.IMAGE)
        return known.id if known is not None and resource.type in MACHINES else None

    def _fits(self, new: _New, resource: Resource) -> bool:
        """Whether something may run it in the place of what it runs."""
        if new.sort is Sort.IMAGE:
            return self._system(resource) is not None
        kinds = self._gazetteer.software
        wanted = kinds[new.id].get("type")
        found = next((kinds[id_].get("type") for id_ in kinds if runs(resource, id_)), None)
        return wanted == found or (found is not None and wanted == resource.type)


def _may_replace(message: str) -> bool:
    """Whether anything in a message speaks against something, or for something in its place: looked at before its
    words are."""
    if len(message.split()) > _LONGEST or _OTHERWISE.search(message):
        return False
    return any(way.search(message) for way in (_AGAINST, _INSTEAD, _SLIP))


def _sort(item: Item) -> Sort | None:
    """Whether an item names a program or a system."""
    return next((sort for sort in _NAMED if sort in item.terms), None)


def _clauses(message: str, items: Sequence[Item]) -> list[_Clause]:
    """The message by breaths, with the items of each."""
    cuts = [0, *(found.end() for found in _CUT.finditer(message)), len(message)]
    ends = [*(found.start() for found in _CUT.finditer(message)), len(message)]
    return [
        _Clause(message[start:end], tuple(i for i in items if start <= i.tokens[0].start < end))
        for start, end in zip(cuts, ends, strict=False)
        if message[start:end].strip()
    ]


def _belongs(items: Sequence[Item], place: int) -> bool:
    """Whether a word may stand in a wish: it points at something that is there, or says no more than that one
    wishes."""
    item = items[place]
    if item.existing or item.terms.keys() & _KINDS or item.kind is Kind.PUNCTUATION:
        return True
    numbers = item.kind is Kind.NUMBER
    after_all = place and items[place - 1].norm in {"all", "the"}
    after_new = place and _sort(items[place - 1]) is not None
    return bool(after_all or after_new) if numbers else set(item.norm.split()) <= _WISHING


def _says_more(clause: _Clause, about: Collection[str | None]) -> bool:
    """Whether a clause is of other things, or amounts: what replaces what is not all of the message then."""
    return any(
        item.existing
        or item.kind in _NUMBERS
        or {item.terms[sort].id for sort in item.terms.keys() & {*_KINDS, *_NAMED}} - {*about}
        for item in clause.items
    )


def _version(items: Sequence[Item], place: int) -> str:
    after = items[place] if place < len(items) else None
    return f" {after.text}" if after is not None and after.kind is Kind.NUMBER else ""


def _blames(clause: _Clause, new: _New, gazetteer: Gazetteer) -> bool:
    """Whether something is said against what can only be what runs there: `the broker is too weak`, `oops, wrong`."""
    kind = gazetteer.software.get(new.id, {}).get("type") if new.sort is Sort.SOFTWARE else None
    named = any(item.id_of(Sort.TYPE) == kind for item in clause.items if kind)
    others = any(item.terms.keys() & {*_KINDS, *_NAMED} or item.existing for item in clause.items)
    return bool(
        _AGAINST.search(clause.text) if named else not others and _CORRECTS.match(clause.text)
    )
