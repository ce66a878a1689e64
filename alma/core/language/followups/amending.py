"""Short messages that amend the one before them: "no, 16", "I meant debian", "another 4", "app-2 as well".

They say only what is different. So they are read as the request before them with that in its place: never where the
request made something, which would make it twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.changing.targets import Focus
from alma.core.language.followups.mentions import mentions
from alma.core.language.intent.act import Act
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.blueprint import Blueprint, Resource

_AROUND = frozenset(
    "no nope nah not actually sorry i i'd we mean meant make it that this rather instead just only should be was to "
    "wait hmm but say about and please pls ok okay oops well let's lets then again them of with on for at the use is "
    "are will do suffice suffices fine plenty enough correction , . ! ; : … - – ? plz thanks thx a an "
    "now so uh um better go in total".split()
)
_MORE = {"another", "more", "extra", "additional", "+", "further"}
_ALSO = {"too", "also", "likewise", "same", "well", "as"}
_AND_SO = {"and", "plus", "&", "now", "next", "then"}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.PERCENT, Kind.MONEY}
_NAMED = seldom(
    r"^\W*(?:(?:and|please|ok|so|then)\W+)*(?:(?:the|its|his|their)?\s*(?:host)?name(?:d| is|'s| should be| it|:)?|"
    r"(?:it'?s |it should be |should be )?(?:called|named)|call it|name it)\s*:?\s+[\"'`]?([A-Za-z][\w.-]*)[\"'`]?"
    r"(?:\s+please)?\W*$",
    re.IGNORECASE,
)
_ANOTHER_NAME = seldom(
    r"^\W*(?:(?:no|nope|wait|sorry|actually|hm+|oops|rather|better|or|make (?:it|that)|i meant|call it|to)\b\W*)+"
    r"[\"'`]?(?P<name>[A-Za-z][\w.-]*)[\"'`]?(?: (?:please|instead|rather|then|sorry))*\W*$",
    re.IGNORECASE,
)
_RENAMED_TOO = seldom(
    r"^\W*(?:(?:and|also|then|next|now|ok|okay|please)\b\W*)*(?:the |our |my )?[\"'`]?[A-Za-z][\w.-]*[\"'`]?"
    r"(?:\s*(?:->|=>|→|:|=)\s*|\s+(?:to|as|into|becomes?|is(?: now)?|should (?:be|become)|will (?:be|become)|gets)\s+)"
    r"[\"'`]?[A-Za-z][\w.-]*?[\"'`]?(?:,? (?:please|too|as well|then|thanks))*[\s.!]*$",
    re.IGNORECASE,
)
_OF_THEM = seldom(r"\bof (?:them|those|these)\b", re.IGNORECASE)
_RENAMING = seldom(r"\b(?:rename|call|name|called|named)\b", re.IGNORECASE)
_TOO_MUCH = seldom(
    r"^\W*(?:(?:hm+|ok|oh|no|nah|well|wait|sorry|actually)\b\W*)*(?:(?:that'?s|that is|this is|it'?s|those are|"
    r"they'?re)\s+)?(?:(?:still|way|far|a bit|a little|probably|maybe|one|much)\s+)*"
    r"(?:too (?:much|many|few|little|big|small|large|high|low)|not enough|overkill)\s*(?:[,.;!:–-]+|\bso\b)\s*",
    re.IGNORECASE,
)
_SCHEDULES = {"hourly", "daily", "weekly", "monthly"}
_USUAL_SIZES = {1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 100, 128, 200, 256, 500, 512}
_JOINING = {
    "and",
    "then",
    ",",
    "also",
    "oh",
    "plus",
    "ok",
    "okay",
    "now",
    "&",
    "please",
    "so",
    "yes",
}
_ALSO_LAST = seldom(r"(?:\W+(?:too|as well|also|please|pls|thanks))+$", re.IGNORECASE)
_ADD_IT = seldom(
    r"^\W*(?:(?:ok|okay|yes|yep|yeah|sure|good|great|fine|right|alright|then|so|please|cool|let's|lets|and|just)\W+)*"
    r"(?:add|include|take|have|put in|throw in|create) (?:it|that|one|this)(?: in)?(?:\W+(?:then|please|too|as well|"
    r"now))*\W*$",
    re.IGNORECASE,
)
_UNIT = seldom(r"^[\d.,\s]+")
_ORDINALS = {"first", "second", "third", "fourth", "last", "other", "bigger", "smaller"}
_LEAST = 2
_SIZED = {"specs.memory", "specs.disk", "specs.cpu"}
_PLAIN_ARTICLES = {"the", "its", "too", "also", "as", "well", "please"}
_KEPT = seldom(r"(?:keep|retain|store) (?:them|it|those|these|that) ", re.IGNORECASE)
_ARTICLES = {"a", "an", "one", "the", "please"}
_THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.PRODUCT}
_ADDING = {"create", "deploy", "add"}
_RELATIVE = {"more", "another", "extra", "additional", "+", "by"}

Read = Callable[[Sequence[Token]], Sequence[Act]]


class Amending:
    """Finds what a short message amends. `read` cuts a message into acts."""

    def __init__(self, gazetteer: Gazetteer, read: Read) -> None:
        self._gazetteer = gazetteer
        self._read = read

    def amended(
        self,
        message: str,
        blueprint: Blueprint,
        history: Sequence[str],
        spoken: Sequence[str],
    ) -> str | None:
        """The request that a message is, put in full; None if it amends nothing, empty if it is so already.
        `spoken` are the resources that were spoken of last."""
        named = _NAMED.match(message)
        if named and (owner := _one(blueprint, spoken)) is not None:
            return f'rename {owner.name} to "{named[1]}"'
        names = [resource.name for resource in blueprint.resources]
        message = _TOO_MUCH.sub("no, ", message)
        renamed = self._renamed_again(message, names, history)
        if renamed is not None or _OF_THEM.search(message):
            return renamed  # "make it two of them" counts, and amends nothing
        tokens = self._gazetteer.prepare(tokenize(message), names).tokens
        items = self._gazetteer.tag(tokens, names)
        left = [item for item in items if item.norm not in _AROUND | _MORE | _ALSO]
        left = _without_wrong(left, items)
        runs = bool(left) and bool(left[0].terms.keys() & {Sort.IMAGE, Sort.SOFTWARE})
        versioned = len(left) == 2 and runs and left[1].kind is Kind.NUMBER
        if not history or (len(left) != 1 and not versioned):
            return None
        return self._with(left, items, blueprint, history, spoken)

    def _with(
        self,
        left: Sequence[Item],
        items: Sequence[Item],
        blueprint: Blueprint,
        history: Sequence[str],
        spoken: Sequence[str],
    ) -> str | None:
        """The last request with what is left of a message in the place of its like."""
        names = [resource.name for resource in blueprint.resources]
        words = {item.norm for item in items}
        if left[0].id_of(Sort.MODIFIER) in _SCHEDULES:
            return self._scheduled(left[0].norm, blueprint, history, spoken)
        if left[0].kind in _AMOUNTS:
            return self._amount(left[0].tokens[0], words, history)
        also = words & _ALSO or items[0].norm in _AND_SO
        if also or any(item.norm == "plus" for item in items):
            return self._target(left[0].existing, names, history) if left[0].existing else None
        version = left[1].text if len(left) > 1 else ""
        return self._other(left[0], blueprint, self._made(history[-1], spoken), version)

    def _renamed_again(
        self, message: str, names: Sequence[str], history: Sequence[str]
    ) -> str | None:
        """`No, to frontend` after a renaming: yet another name for what was renamed."""
        told = [said for said in history if not _RENAMED_TOO.match(said)]
        if not told or not _RENAMING.search(told[-1]) or told[-1] not in history[-2:]:
            return None
        found = _ANOTHER_NAME.match(message)
        if found is None or self._gazetteer.meaning(found["name"].casefold()).keys() - {Sort.ROLE}:
            return None  # "make it internal"
        called = [name for name in names if mentions(history[-1], name)]
        if len(called) != 1 or mentions(found["name"], called[0]):
            return None
        return f'rename {called[0]} to "{found["name"]}"'

    def _scheduled(
        self, how: str, blueprint: Blueprint, history: Sequence[str], spoken: Sequence[str]
    ) -> str | None:
        """`Make it hourly` after backups were spoken of: those of what has them."""
        tokens = self._gazetteer.prepare(tokenize(history[-1])).tokens
        items = self._gazetteer.tag(tokens)
        told = any(item.id_of(Sort.ATTRIBUTE) == "backup" for item in items)
        kept = [r.name for r in blueprint.resources if r.backup and r.backup.enabled]
        owners = [name for name in kept if name in spoken] or kept
        return f"back up {' and '.join(owners)} {how}" if told and owners else None

    def gapped(self, message: str, blueprint: Blueprint, history: Sequence[str]) -> Sequence[str]:
        """The message with the verb, or the property, of the request before it: "and the redis to cache-main" after a
        renaming, "and the db 8" after cores. Empty where it leaves nothing out."""
        names = [resource.name for resource in blueprint.resources]
        if (wanted := self._agreed(message, history)) is not None:
            return [wanted]
        tokens = self._gazetteer.prepare(tokenize(message), names).tokens
        count = len(tokens)
        begun = next((n for n, token in enumerate(tokens) if token.norm not in _JOINING), count)
        said = (
            _ALSO_LAST.sub("", message[tokens[begun].start :].rstrip(" .!"))
            if begun < count
            else ""
        )
        acts = [act for act in self._read(tokens[begun:]) if act.edits]
        last = self._last(history, names)
        if not said or len(acts) != 1 or "?" in message or last is None:
            return ()
        if _KEPT.match(said):
            kept = any(i.id_of(Sort.ATTRIBUTE) == "backup" for i in self._gazetteer.tag(last.body))
            return [_KEPT.sub("keep the backups ", said)] if kept else ()
        if acts[0].verb is not None or last.verb is None or count - begun < _LEAST:
            return ()
        full = self._of_other_property(tokens[begun:], history, names)
        if full is None and tokens[-1].kind is Kind.NUMBER:
            full = self._valued(tokens[begun:], said, last, names)
        again = f"{last.word or last.verb} {said}" if begun or last.verb == "rename" else None
        return [each for each in (full or again,) if each]

    def _of_other_property(
        self, tokens: Sequence[Token], history: Sequence[str], names: Sequence[str]
    ) -> str | None:
        """`And the disk` after `double the memory of orders`: the same of another property."""
        items = [i for i in self._gazetteer.tag(tokens, names) if i.norm not in _PLAIN_ARTICLES]
        if len(items) != 1 or (items[0].id_of(Sort.ATTRIBUTE) or "") not in _SIZED:
            return None
        said = history[-1]
        before = self._gazetteer.tag(self._gazetteer.prepare(tokenize(said), names).tokens, names)
        old = [item for item in before if item.id_of(Sort.ATTRIBUTE) in _SIZED]
        amounts = any(t.kind in _AMOUNTS for item in before for t in item.tokens)
        if len(old) != 1 or amounts:
            return None
        first, last = old[0].tokens[0], old[0].tokens[-1]
        return f"{said[: first.start]}{items[0].text}{said[last.end :]}"

    def _valued(
        self, tokens: Sequence[Token], said: str, last: Act, names: Sequence[str]
    ) -> str | None:
        """`And the db 8` with the property and the unit of the request before it; `the disk, 200` has its own."""
        number = str(tokens[-1].value or tokens[-1].text)
        own = [i for i in self._gazetteer.tag(tokens, names) if i.id_of(Sort.ATTRIBUTE)]
        if own:
            sized = own[0].id_of(Sort.ATTRIBUTE) in {"specs.memory", "specs.disk"}
            return f"set the {own[0].text} to {number}{'GB' if sized else ''}"
        items = self._gazetteer.tag(last.body, names)
        unit = next((_UNIT.sub("", t.text) for t in last.body if t.kind is Kind.SIZE), "")
        properties = [item.text for item in items if item.id_of(Sort.ATTRIBUTE)]
        if not properties and not unit:
            return None
        who = said[: tokens[-1].start - tokens[0].start].strip()
        who += " one" if tokens[-2].norm in _ORDINALS else ""
        return f"set {who} to {number}{unit} {(properties or [''])[-1]}".strip()

    def _agreed(self, message: str, history: Sequence[str]) -> str | None:
        """`What about redis for caching?` … `ok add it`: what was only asked about."""
        if not _ADD_IT.match(message) or not history or not history[-1].rstrip().endswith("?"):
            return None
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(history[-1])).tokens)
        things = [
            item for item in items if item.terms.keys() & {Sort.TYPE, Sort.SOFTWARE, Sort.PRODUCT}
        ]
        return f"add a {things[0].text}" if things else None

    def _last(self, history: Sequence[str], names: Sequence[str]) -> Act | None:
        """The last act of the last request."""
        for said in reversed(history):
            tokens = self._gazetteer.prepare(tokenize(said), names).tokens
            acts = [act for act in self._read(tokens) if act.edits]
            if acts and not (acts[-1].verb is None and _ALSO & {t.norm for t in acts[-1].body}):
                return acts[-1]
        return None

    def made_last(
        self, blueprint: Blueprint, history: Sequence[str], focus: Focus, *, begun: bool = True
    ) -> Sequence[str]:
        """The names of what the last request made: all there is, if it was the first and the draft was `begun` by it;
        none, if none made anything."""
        names = [resource.name for resource in blueprint.resources]
        requests = [said for said in history if self._makes(tokenize(said))]
        if not requests:
            return ()
        if len(requests) == 1 and requests[0] == history[0] and begun:
            return names
        last = self._made(requests[-1], focus.recent)
        return [name for name in last if name in names] or (names if begun else ())

    def _amount(self, new: Token, words: set[str], history: Sequence[str]) -> str | None:
        """The last request with an amount, with that amount instead."""
        odd = new.kind is Kind.NUMBER and new.value not in _USUAL_SIZES
        for said in reversed(history):
            tokens = tokenize(said)
            alike = [t for t in tokens if t.kind is new.kind] if odd else []
            old = next((t for t in reversed(alike or tokens) if _alike(t, new)), None)
            if old is None or (odd and not alike and said is not history[0]):
                continue
            relative = bool({token.norm for token in tokens} & _RELATIVE) or self._adds_amount(
                tokens
            )
            if relative != bool(words & _MORE) or (not relative and self._makes(tokens)):
                return None
            return f"{said[: old.start]}{_written(new, old)}{said[old.end :]}"
        return None

    def _adds_amount(self, tokens: Sequence[Token]) -> bool:
        """`add 4GB to web`: an amount more, and no thing."""
        return self._makes(tokens) and any(token.kind is Kind.SIZE for token in tokens)

    def _makes(self, tokens: Sequence[Token]) -> bool:
        prepared = self._gazetteer.prepare(tokens).tokens
        return any(
            act.verb in _ADDING or (act.verb is None and self._builds(act))
            for act in self._read(prepared)
            if act.edits
        )

    def _builds(self, act: Act) -> bool:
        """`2 app servers`: a bare phrase that begins with a thing, or with how many there should be."""
        items = [item for item in self._gazetteer.tag(act.body[:4]) if item.norm not in _ARTICLES]
        return any(item.terms.keys() & _THINGS for item in items[:3])

    def _target(self, new: str, names: Sequence[str], history: Sequence[str]) -> str | None:
        """The last request about one that is there, for another."""
        known = {name.casefold() for name in names}
        for said in reversed(history):
            tokens = [t for t in tokenize(said) if str(t.value or t.text).casefold() in known]
            if len(tokens) != 1:
                continue
            if str(tokens[0].value or tokens[0].text).casefold() == new.casefold():
                return _no_longer_left_out(new, said)
            return f"{said[: tokens[0].start]}{new}{said[tokens[0].end :]}"
        return None

    def _made(self, said: str, spoken: Sequence[str]) -> Sequence[str]:
        """Of what was spoken of, what was made: the newest of its kind."""
        tokens = tokenize(said)
        if not self._makes(tokens):
            return spoken
        numbers = [token.value for token in tokens if token.kind is Kind.NUMBER]
        number = numbers[0] if numbers and isinstance(numbers[0], int) else 1
        return spoken[-number:] if number else spoken

    @staticmethod
    def _other(item: Item, blueprint: Blueprint, spoken: Sequence[str], version: str) -> str | None:
        """Another system or other software for what was spoken of."""
        owners = [
            name for name in spoken if (found := blueprint.resource(name)) and _runs(found, item)
        ]
        if not owners or not item.terms.keys() & {Sort.IMAGE, Sort.SOFTWARE}:
            return None
        software = item.id_of(Sort.SOFTWARE)
        those = [each for each in blueprint.resources if each.name in owners]
        if software is not None and version and any(each.version for each in those):
            return None  # "postgres 16" after "mysql 8" may be one beside it
        if software is not None and {each.engine for each in those} == {software}:
            return f"use version {version} for {' and '.join(owners)}" if version else ""
        return f"switch {' and '.join(owners)} to {item.text} {version}".strip()


def _no_longer_left_out(name: str, said: str) -> str | None:
    """`Every VM except g3` … `now g3 as well`: the request, of that one; None where it was not left out."""
    full = re.sub(
        rf"\b(?:all|every|each|the|everything)\b[\w\s-]{{0,40}}?,?\s+(?:except|but|excluding|apart from|other than)"
        rf"\s+(?:for\s+)?(?:the\s+)?{re.escape(name)}(?![\w-])",
        name,
        said,
        flags=re.IGNORECASE,
    )
    return full if full != said else None


def _without_wrong(left: Sequence[Item], items: Sequence[Item]) -> list[Item]:
    """`Debian, not ubuntu`: without what it should not be, where both are of a kind."""
    wrong = [items[n + 1] for n, item in enumerate(items[:-1]) if item.norm == "not"]
    kept = [item for item in left if item not in wrong and item.norm != "not"]
    alike = len(kept) == 1 and all(item.terms.keys() & kept[0].terms.keys() for item in wrong)
    return kept if wrong and alike else list(left)


def _runs(resource: Resource, item: Item) -> bool:
    software = item.terms.get(Sort.SOFTWARE)
    if Sort.IMAGE in item.terms:
        return resource.image is not None
    return software is not None and software.data.get("type") == resource.type


def _one(blueprint: Blueprint, spoken: Sequence[str]) -> Resource | None:
    only = blueprint.resources[0].name if len(blueprint.resources) == 1 else None
    name = spoken[0] if len(spoken) == 1 else only
    return blueprint.resource(name) if name is not None else None


def _alike(old: Token, new: Token) -> bool:
    return old.kind is new.kind or (new.kind is Kind.NUMBER and old.kind in _AMOUNTS)


def _written(new: Token, old: Token) -> str:
    """The new amount, in the unit of the old one where it has none."""
    if new.kind is not Kind.NUMBER:
        return new.text
    unit = re.sub(r"^[\d.,\s]+", "", old.text) if old.kind in {Kind.SIZE, Kind.PERCENT} else ""
    return f"{'$' if old.kind is Kind.MONEY else ''}{new.value}{unit}"
