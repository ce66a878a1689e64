"""A number taken back: "no wait, two", "one is enough", "100 is not enough, 250GB", "core is too large, make it 5".

Such a message names an amount and leaves to the conversation what it is of. What was asked for last had amounts as
well, and what is there has them now; so the amount is found again where the last request put it, and only that is
changed. A request that made something is never read a second time, which would make it twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from alma.core.language.changing.resize import Resizer
from alma.core.language.changing.targets import Focus, Targets, stem
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.editing.sketch import path_of
from alma.core.language.followups import places as at
from alma.core.language.followups.anchors import as_tiers
from alma.core.language.followups.segments import Segment, segments
from alma.core.language.intent.act import Act
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.phrases import Attribute, Parsed, Phrase
from alma.core.language.vocabulary.defaults import title
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.amounts import COUNTING, SEVERAL
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, Blueprint, Resource
from alma.core.model.conversation import Intent, SetField

Read = Callable[[Sequence[Token]], Sequence[Act]]

_MAKING = {"create", "deploy", "add"}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE}
_FILLING = frozenset(
    "no nope nah not actually sorry i i'd we mean meant make it that this rather instead just only should be is are "
    "was were "
    "wait hmm hm hmmm wtf omg dude yeah yes but and please pls plz ok okay oops well let's lets then them of with "
    "at use enough "
    "suffices plenty "
    "sufficient fine would will do now so uh um better in total lol ah oh need want have has correction to thanks thx "
    "a the there altogether though tho , . ! … - – — : ; maybe really again scratch "
    "there's that's take go for give say let us good right like liked "
    "think guess second thought thoughts safe safer side sure does feels er erm uhm argh ugh typo some".split()
)
_CORRECTING = frozenset(
    "no nope nah wait actually sorry meant mean rather correction oops whoops instead now total only just enough "
    "suffices sufficient plenty scratch".split()
)
_TAKING_BACK = frozenset(
    "no nope nah wait sorry meant mean rather correction oops whoops instead scratch mistake".split()
)
_TWO_OF_THEM = seldom(r"\bmake (?:it|that) \w+ of (?:them|those|these)\b", re.IGNORECASE)
_ENOUGH = frozenset("enough suffices suffice sufficient plenty fine do ok okay better".split())
_DISKS = {"specs.disk", "specs.storage"}
_OF_A_PROPERTY = {*at.NUMERIC, "specs.memory", *_DISKS}
_FIGURE_AND_PROPERTY = 2
_NEAR = 6.0
_FEW = 5
# A number is rather of the amount that it is this much nearer to than to how many there are.
_NEARER = 2.0
# Nobody corrects ten times as many machines into existence.
_CROWD, _TIMES = 100, 10
# A version is followed by the next ones, and none that is half as high again.
_NEXT_VERSIONS = 1.5
_BY = seldom(
    rf"^\W*(?:(?:no|ok|okay|and|so|hm+|wait|sorry|actually|make it|make that|please|just)\b\W*)*(?:"
    rf"(?:{SEVERAL}|one) (?:less|fewer|more)|"
    rf"(?:drop|minus|less|plus|add|remove|lose|take away|cut|skip) (?:{SEVERAL}|one)"
    r"(?: more| of (?:them|those|these))?)\W*$",
    re.IGNORECASE,
)
# "30 is tight", "100 is more than we'll ever fill": who judges an amount that is there wants another one.
_JUDGED = seldom(
    rf"^\W*(?:(?:hm+|well|but|ok|okay|no|oh|so|actually|sorry|i (?:think|fear|guess))\b\W*)*(?:only |just |the |a )*"
    rf"(?:\d[\w.]*|{COUNTING})(?: [a-z]+){{0,3}}? (?:is|are|was|seems?|looks?|feels?|sounds?|might|may|could|would|"
    r"will|won['’]?t|does(?:n['’]?t)?)\b",
    re.IGNORECASE,
)
_SIZES = ("specs.memory", "specs.disk")


class Correcting:
    """Finds what a message that takes back an amount is about. `read` cuts messages into acts."""

    def __init__(self, gazetteer: Gazetteer, read: Read) -> None:
        self._gazetteer = gazetteer
        self._read = read

    def corrected(
        self, message: str, blueprint: Blueprint, history: Sequence[str], focus: Focus
    ) -> Outcome | None:
        """What becomes of the draft, None if the message takes nothing back."""
        if not history or not blueprint.resources or _TWO_OF_THEM.search(message):
            return None
        parts = segments(message, self._gazetteer, blueprint, self._read)
        parts = _without_steps(_judging(parts, blueprint))
        wishes = [part for part in parts if part.amounts and not part.complains]
        wishes = _bare_first(wishes) or wishes
        complaint = next((part for part in parts if part.complains), None)
        others = [part for part in parts if part is not wishes[0]] if len(wishes) == 1 else []
        if len(wishes) != 1 or any(
            (p.orders or p.of_something) and not p.complains for p in others
        ):
            return None
        try:
            named = complaint is not None and complaint.of_something
            if (whole := self._tier_with(wishes[0], parts, blueprint, history, focus)) is not None:
                return whole
            found = (
                self._instead(complaint, wishes[0], blueprint, focus)
                if complaint and named
                else None
            )
            if complaint and named and not complaint.amounts:
                return found
            return found or self._again(wishes[0], parts, blueprint, history, focus)
        except Asks as asks:
            return Outcome(asks=[asks])

    # ── after a complaint ────────────────────────────────────────────────────────────────────────────

    def _instead(
        self, complaint: Segment, wish: Segment, blueprint: Blueprint, focus: Focus
    ) -> Outcome | None:
        """`4 gigs is way too much, 1 gig`, `core is too large, make it 5`."""
        new = wish.amounts[0]
        left = [item for item in wish.items if item.norm not in _FILLING]
        if len(wish.amounts) != 1 or not all(_of_amount(item) for item in left):
            return None
        spoken = [r for name in focus.names if (r := blueprint.resource(name)) is not None]
        targets = Targets(blueprint, focus)
        owners = [
            r
            for phrase in self._parsed(complaint.items, blueprint).phrases
            for r in targets.find(phrase)
        ]
        if complaint.amounts:
            old = complaint.amounts[0]
            paths = {p for item in complaint.items if (p := item.id_of(Sort.ATTRIBUTE))}
            for among in (owners,) if owners else (spoken, blueprint.resources):
                places = [*at.tiers(among, old), *at.places(among)]
                places = [p for p in places if at.is_amount(p.value, old) and at.takes(p, new)]
                places = [p for p in places if not paths or p.path in paths]
                if places:
                    return self._put(
                        at.several_of(places), at.written(new, places[0].value), blueprint
                    )
            return self._misremembered(complaint, wish, owners or spoken, blueprint)
        if not owners or any(item.id_of(Sort.ATTRIBUTE) for item in wish.items):
            return self._misremembered(complaint, wish, owners, blueprint)
        return self._put(at.whole(owners, new, complaint.text), new.value, blueprint)

    def _misremembered(
        self,
        complaint: Segment,
        wish: Segment,
        owners: Sequence[Resource],
        blueprint: Blueprint,
    ) -> Outcome | None:
        """`1 core isn't gonna cut it, 6 cores`, where it never was 1; `the db isn't cutting it, 16GB memory`: what
        there should be is said all the same."""
        new, old = wish.amounts[0], next(iter(complaint.amounts), wish.amounts[0])
        said = [i.id_of(Sort.ATTRIBUTE) for i in (*wish.items, *complaint.items)]
        paths = {path for path in said if path in {*at.NUMERIC, *_SIZES}}
        if not paths and new.kind is old.kind is Kind.SIZE:
            paths = {"specs.memory"}
        one = bool(owners) and all(at.kin(owners[0], owner) for owner in owners)
        if len(paths) != 1 or not one:
            return None
        place = at.Place(tuple(owners), str(*paths), None)
        before = str(old.value) if old.kind is Kind.SIZE else "GB" if paths & set(_SIZES) else None
        return (
            self._put(place, at.written(new, before), blueprint) if at.takes(place, new) else None
        )

    # ── the last request again ───────────────────────────────────────────────────────────────────────

    def _again(
        self,
        wish: Segment,
        parts: Sequence[Segment],
        blueprint: Blueprint,
        history: Sequence[str],
        focus: Focus,
    ) -> Outcome | None:
        """`No wait, two`, `sorry, I meant 8GB`, `now with 2 api VMs`."""
        words = {item.norm for part in parts for item in part.items}
        left = [item for item in wish.items if item.norm not in _FILLING]
        only = len(left) == 1 and not wish.means_something  # "we need 6" makes nothing by itself
        if len(wish.amounts) != 1 or not (only or all(a.verb not in _MAKING for a in wish.acts)):
            return None
        topic = [
            item
            for part in parts
            if part is not wish and not part.complains  # "for memory, 8 should do"
            for item in part.items
            if item.norm not in _FILLING
        ]
        corrects = bool(words & _CORRECTING) or _makes_that(wish) or len(parts) > 1
        named = self._of_property(wish, [*left, *topic], blueprint, focus)
        if named is not None or len(left) > 1:
            goes_on = "and" in words and self._resized(history[-1], blueprint)
            goes_on = goes_on or self._made_so_many(wish, history[-1], blueprint, focus)
            counted = corrects or goes_on
            return named or (self._tier(wish, blueprint, focus) if counted else None)
        if not left or left[0].tokens[0] != wish.amounts[0] or (wish.orders and not only):
            return None
        new = _as_before(wish.amounts[0], history)
        if (asked := self._asked_of(history[-1], new, blueprint, focus)) is not None:
            return self._put(*asked, blueprint)
        again = False
        for said in reversed(history):
            if self._only_complains(said, blueprint):
                continue
            parsed = self._made(said, blueprint)
            if parsed is not None and not parsed.phrases and self._only_amount(said, blueprint):
                again = True  # "make that 5", "no, 4": what was asked for stands before both
                continue
            if parsed is None:
                continue
            stores = _makes_that(wish) and isinstance(new.value, int) and new.value <= _FEW
            place = self._place(parsed, new, blueprint, focus, said, again=again, stores=stores)
            return self._put(*place, blueprint) if place is not None else None
        return None

    def _asked_of(
        self, said: str, new: Token, blueprint: Blueprint, focus: Focus
    ) -> tuple[at.Place, Json] | None:
        """`How many cores do I get?` … `4 please`: the amount that was just asked about, of what was spoken of."""
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(said)).tokens)
        paths = [
            path for item in items if (path := item.id_of(Sort.ATTRIBUTE)) in {*at.NUMERIC, *_SIZES}
        ]
        spoken = focus.spoken(blueprint)
        owners = spoken or list(blueprint.resources)
        alike = owners and all(at.kin(owners[0], owner) for owner in owners)
        numeric = bool(paths) and (paths[0] in at.NUMERIC) == (new.kind is Kind.NUMBER)
        if not said.rstrip().endswith("?") or not alike or not numeric:
            return None
        return at.Place(tuple(owners), str(paths[0]), None), new.value

    def _of_property(
        self, wish: Segment, left: Sequence[Item], blueprint: Blueprint, focus: Focus
    ) -> Outcome | None:
        """`16 is enough for the memory`: of what was spoken of, or of all that has it."""
        paths = [path for item in left if (path := item.id_of(Sort.ATTRIBUTE)) in _OF_A_PROPERTY]
        enough = {item.norm for item in wish.items} & _ENOUGH
        if len(left) != _FIGURE_AND_PROPERTY or len(paths) != 1 or not enough:
            return None
        new, path = wish.amounts[0], str(paths[0])
        spoken = focus.spoken(blueprint)
        having = [
            place
            for place in at.places(spoken or blueprint.resources)
            if place.path == path or {place.path, path} <= _DISKS
        ]
        owners = {(p.resources[0].type, stem(p.resources[0])) for p in having}
        if len(owners) != 1 or not all(at.takes(place, new) for place in having):
            return None
        whole = at.Place(tuple(p.resources[0] for p in having), having[0].path, having[0].value)
        return self._put(whole, at.written(new, whole.value), blueprint)

    def _only_amount(self, said: str, blueprint: Blueprint) -> bool:
        """Whether a message said nothing but another amount itself."""
        parts = segments(said, self._gazetteer, blueprint)
        items = [item for part in parts if not part.complains for item in part.items]
        left = [item for item in items if item.norm not in _FILLING]
        return len(left) == 1 and left[0].kind in _AMOUNTS

    def _only_complains(self, said: str, blueprint: Blueprint) -> bool:
        """`That's too many`: what should be instead was not said with it."""
        parts = segments(said, self._gazetteer, blueprint)
        return bool(parts) and all(part.complains and not part.amounts for part in parts)

    def _tier(self, wish: Segment, blueprint: Blueprint, focus: Focus) -> Outcome | None:
        """`No, 4 workers`: how many there are of what is there."""
        parsed = self._parsed(wish.items, blueprint)
        targets = Targets(blueprint, focus)
        counted = [
            p
            for p in parsed.phrases
            if p.count is not None and not (p.more or p.fewer or p.negated)
        ]
        if len(counted) != 1 or len(parsed.phrases) != 1 or parsed.loose or parsed.modifiers:
            return None
        phrase = counted[0]
        plain = not (phrase.names or phrase.attributes or phrase.image or phrase.existing)
        found = [r for r in targets.find(phrase) if r.type in COMPUTE] if plain else []
        if not found or len({stem(resource) for resource in found}) != 1:
            return None
        return self._put(at.Place(tuple(found), "", None), phrase.count, blueprint)

    def _tier_with(
        self,
        wish: Segment,
        parts: Sequence[Segment],
        blueprint: Blueprint,
        history: Sequence[str],
        focus: Focus,
    ) -> Outcome | None:
        """`Sorry, 8 VMs with 4 cores` after `4 VMs with 8 cores`: how many there are, and what each of them has."""
        words = {item.norm for part in parts for item in part.items}
        if len(wish.amounts) == 1 or not words & _TAKING_BACK:
            return None
        parsed, made = self._parsed(wish.items, blueprint), self._made(history[-1], blueprint)
        phrase = parsed.phrases[0] if len(parsed.phrases) == 1 else Phrase()
        said = [*phrase.attributes, *parsed.loose]
        before = [p for p in (made.phrases if made else []) if p.count and p.type is phrase.type]
        odd = phrase.names or phrase.existing or phrase.more or phrase.fewer or phrase.negated
        sized = said and all(a.path.startswith("specs.") and a.op == "set" for a in said)
        found = Targets(blueprint, focus).find(phrase)
        tier = [r for r in found if r.type in COMPUTE and r.name in focus.recent]
        whole = tier and len({stem(r) for r in tier}) == 1 and len(wish.amounts) == len(said) + 1
        if not (before and sized and whole) or odd or phrase.count is None:
            return None
        outcome = Outcome(intent=Intent.CHANGE)
        resizer = Resizer(blueprint, Targets(blueprint, focus), outcome)
        resizer.resize(tier, phrase.count)
        members = [*resizer.staying, *resizer.new]
        told = [(path_of(a, members[0]), a.value) for a in said]
        told += [("image", phrase.image)] if phrase.image else []
        for path, value in told:
            outcome.edits += [SetField(name=r.name, path=path, value=value) for r in members]
            outcome.understood.append(f"{title(path)} of all of them to {value}")
        return outcome

    def _made_so_many(self, wish: Segment, said: str, blueprint: Blueprint, focus: Focus) -> bool:
        """`3 consumers on VMs` … `4 consumers`: said right after so many of them were made, and with nothing else."""
        if any(act.verb is not None for act in wish.acts) or any(
            i.norm == "and" for i in wish.items
        ):
            return False
        wanted, made = self._parsed(wish.items, blueprint), self._made(said, blueprint)
        phrases = made.phrases if made is not None else []
        targets = Targets(blueprint, focus)
        new = [r.name for p in wanted.phrases if p.role and not p.fewer for r in targets.find(p)]
        old = [p for p in phrases if p.role and p.count is not None]
        return bool(new) and any([r.name for r in targets.find(p)] == new for p in old)

    def _resized(self, said: str, blueprint: Blueprint) -> bool:
        """Whether a message said how many of something there should be: "make it 5 workers"."""
        names = [resource.name for resource in blueprint.resources]
        acts = self._read(self._gazetteer.prepare(tokenize(said), names).tokens)
        return any(
            act.verb in {"set", "scale", "increase", "decrease"}
            and any(token.kind is Kind.NUMBER for token in act.body)
            for act in acts
        )

    def _made(self, said: str, blueprint: Blueprint) -> Parsed | None:
        """What a message said, if it changed anything: no phrases if it made nothing."""
        names = [resource.name for resource in blueprint.resources]
        tokens = self._gazetteer.prepare(tokenize(said), names).tokens
        acts = [act for act in self._read(tokens) if act.edits and act.body]
        if not acts:
            return None
        parsed = Parsed()
        for act in acts:
            read = parse(act.body, self._gazetteer, names=names, verb=act.word)
            as_tiers(read, blueprint.resources)
            bare = act.verb is None or act.word in {"make", "give"}
            if act.verb in _MAKING or (bare and any(p.creates for p in read.phrases)):
                parsed.phrases += read.phrases
                parsed.loose += read.loose
        return parsed

    def _place(
        self,
        parsed: Parsed,
        new: Token,
        blueprint: Blueprint,
        focus: Focus,
        request: str,
        *,
        again: bool,
        stores: bool,
    ) -> tuple[at.Place, Json] | None:
        """Where the amount is that a request had, and what it should be: its number, or the amount that is nearest.
        `again`: it was corrected before, and is no longer as it was said; `stores`: it may be of stores, which hold no
        data yet ("make that two")."""
        targets = Targets(blueprint, focus)
        made = [p for p in parsed.phrases if not p.negated and p.existing is None]
        found = [(p, targets.find(p) if again else _newest(p, targets)) for p in made]
        number, said = new.kind is Kind.NUMBER, _said(parsed)
        counted = [r for p, r in found if p.count is not None and r]
        owners = [resource for _, resources in found for resource in resources]
        nearer = self._nearer(new, owners, said, request, counted[-1] if counted else ())
        if number and nearer is not None:
            return nearer
        if number and counted:
            return at.Place(tuple(counted[-1]), "", None), new.value
        places = [p for p in at.places(owners) if again or _stated(p, said)]
        fitting = [
            (at.apart(p.value, at.written(new, p.value)), p)
            for p in places
            if number or p.path in _SIZES
        ]
        if fitting and not new.text.isalpha():
            apart, nearest = min(fitting, key=lambda each: each[0])
            several = len({p.path for _, p in fitting}) > 1
            if several and apart > _NEAR:
                return None
            alike = [p for p in places if p.path == nearest.path]
            return at.several_of(alike), at.written(new, nearest.value)
        kinds = COMPUTE | DATA if stores and not again else COMPUTE
        single = [r for p, r in found if r and r[0].type in kinds and not p.names]
        return (at.Place(tuple(single[-1]), "", None), new.value) if number and single else None

    @staticmethod
    def _nearer(
        new: Token,
        owners: Sequence[Resource],
        said: Sequence[Attribute],
        request: str,
        counted: Sequence[Resource],
    ) -> tuple[at.Place, Json] | None:
        """The size or the version that a request said and that a number is much nearer to than to how many it asked
        for: 512 is no number of machines after "two with 256MB each"."""
        if new.kind is not Kind.NUMBER or new.text.isalpha():
            return None
        sizes = [p for p in at.places(owners) if p.path in _SIZES and _stated(p, said)]
        ways = [(at.apart(p.value, at.written(new, p.value)), p) for p in sizes]
        versions = [
            (at.apart(float(old), float(str(new.value))), p)
            for p, old in at.versions(owners, request)
        ]
        ways += [(apart, p) for apart, p in versions if apart <= _NEXT_VERSIONS]
        ways = [(apart, p) for apart, p in ways if apart != 1.0]
        if not ways:
            return None
        apart, nearest = min(ways, key=lambda each: each[0])
        several = len({p.path for _, p in ways}) > 1
        now = sum(r.count for r in counted)
        if now and now != new.value and at.apart(now, new.value) <= _NEARER * apart:
            return None
        if not now and not several and nearest.path in _SIZES:
            return None  # that is found among all amounts
        place = at.several_of([p for _, p in ways if p.path == nearest.path])
        return place, at.renewed(new, nearest)

    # ── the change ───────────────────────────────────────────────────────────────────────────────────

    def _put(self, place: at.Place, value: Json, blueprint: Blueprint) -> Outcome | None:
        outcome = Outcome(intent=Intent.CHANGE)
        if not place.path:
            if not isinstance(value, int) or place.resources[0].type not in COMPUTE | DATA:
                return None
            if value >= _CROWD and value >= _TIMES * sum(r.count for r in place.resources):
                raise Asks(
                    f"{value} of what? There would be {value} of {stem(place.resources[0])}."
                )
            Resizer(blueprint, Targets(blueprint), outcome).resize(place.resources, value)
            return outcome
        outcome.edits += [
            SetField(name=r.name, path=place.path, value=value) for r in place.resources
        ]
        names = " and ".join(resource.name for resource in place.resources)
        outcome.understood.append(f"{title(place.path)} of {names} to {value}")
        return outcome

    def _parsed(self, items: Sequence[Item], blueprint: Blueprint) -> Parsed:
        names = [resource.name for resource in blueprint.resources]
        tokens = [token for item in items for token in item.tokens]
        while tokens and (tokens[0].norm in _CORRECTING or tokens[0].kind is Kind.PUNCTUATION):
            tokens = tokens[1:]
        parsed = parse(tokens, self._gazetteer, names=names)
        as_tiers(parsed, blueprint.resources)
        return parsed


def _judging(parts: Sequence[Segment], blueprint: Blueprint) -> list[Segment]:
    """`30 is tight, go for 100`: the amount that is there already is judged, where another one follows."""
    amounts = [part for part in parts if part.amounts]
    if len(amounts) < _FIGURE_AND_PROPERTY or not _JUDGED.match(amounts[0].text):
        return list(parts)
    old = amounts[0].amounts[0]
    there = [*at.tiers(blueprint.resources, old), *at.places(blueprint.resources)]
    enough = {item.norm for item in amounts[0].items} & _ENOUGH
    if enough or not any(at.is_amount(p.value, old) for p in there):
        return list(parts)
    return [replace(p, complains=True) if p is amounts[0] else p for p in parts]


def _without_steps(parts: Sequence[Segment]) -> list[Segment]:
    """`One less, two will do`: what there should be in the end says it all."""
    rest = [part for part in parts if not _BY.match(part.text)]
    return rest if len(rest) < len(parts) and any(part.amounts for part in rest) else list(parts)


def _bare_first(wishes: Sequence[Segment]) -> list[Segment]:
    """`15 - my 1 key sticks`: the amount alone, where all that follows speaks of nothing that is known."""
    left = [item for item in wishes[0].items if item.norm not in _FILLING] if wishes else []
    alone = len(left) == 1 and left[0].kind in _AMOUNTS
    idle = not any(part.means_something or part.orders for part in wishes[1:])
    return list(wishes[:1]) if alone and idle else []


def _newest(phrase: Phrase, targets: Targets) -> list[Resource]:
    """Of what a phrase points at, as many as it has made."""
    found = targets.find(phrase)
    count = phrase.count or 1
    return found[-count:] if sum(r.count for r in found) > count and not phrase.names else found


def _said(parsed: Parsed) -> list[Attribute]:
    return [*parsed.loose, *(a for phrase in parsed.phrases for a in phrase.attributes)]


def _stated(place: at.Place, said: Sequence[Attribute]) -> bool:
    """Whether the amount is one of those that were said."""
    return any(at.apart(place.value, a.value) == 1.0 for a in said)


def _as_before(new: Token, history: Sequence[str]) -> Token:
    """A figure with the unit that it was said with before: "500 was fine" after "500GB"."""
    if new.kind is not Kind.NUMBER or not history:
        return new
    sizes = (t for said in reversed(history) for t in tokenize(said) if t.kind is Kind.SIZE)
    figure = re.compile(rf"{re.escape(new.text)}(?![\d.,])")
    return next((size for size in sizes if figure.match(size.text)), new)


def _of_amount(item: Item) -> bool:
    return item.kind in _AMOUNTS or Sort.ATTRIBUTE in item.terms


def _makes_that(wish: Segment) -> bool:
    words = [item.norm for item in wish.items]
    return words[:1] == ["make"] and words[1:2] in (["that"], ["it"], ["them"])
