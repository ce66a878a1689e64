"""Orders that stand beside what is only told: "the site is very slow, please give it 4 GB" is a remark and an order.

A remark left in one sentence with an order hides it: the whole then reads as a complaint, or as one long noun. So
before anything is read, the joint between the two becomes the end of a sentence. A remark by itself changes nothing;
and where what is told is supposed, reported or forbidden, nothing is cut: those words govern the order as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.petitions import Petitions
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.acting import as_acted
from alma.core.language.wording.spoken import as_written
from alma.core.language.words.numerals import CARDINALS, FURTHER
from alma.core.language.words.tokens import Kind, Token, tokenize

# What was said before a message is parted with it: so many are remembered.
_REMEMBERED = 256
_BREAKS = {",", ";", "-", "–", "—", "(", "so", "and", "but", ":"}
_ENDS = {".", "!", "?", ";", "…", "\n"}
# What says that something is, has become or does: the finite verbs that remarks are made with.
_FINITE = frozenset(
    "is are was were am isn't aren't wasn't weren't has have had hasn't haven't hadn't does did doesn't didn't keeps "
    "feels felt runs ran looks looked seems got went goes does says said complains complain can't cannot couldn't "
    "won't died dies crashes broke breaks grew eats fills fails hangs takes took stays became i'm we're they're it's "
    "he's she's that's there's i've we've they've know knows love loves hope hopes thinks works happened queueing "
    "queuing crashing failing hanging crawling dying lagging choking struggling leaking swapping piling waiting".split()
)
# Who does what is told, where nothing of it is known.
_SUBJECTS = frozenset("nobody somebody someone everybody everyone he she they".split())
# … and those that leave no doubt, even where amounts are told.
_FAILING = frozenset(
    "can't cannot couldn't won't keeps isn't aren't wasn't weren't doesn't didn't died ran was were had".split()
)
# Where remarks of things that could be built are told from requests for them ("a server that has 8 cores").
_RELATIVE = {"that", "which", "who", "whose", "where"}
_SUPPOSING = frozenset(
    "if unless once whether suppose supposing imagine assuming provided would might could may should shall ought maybe "
    "perhaps possibly wonder wondering until till hypothetically theoretically".split()
)
_TIMING = frozenset("when whenever after before as while during not never don't dont".split())
_REPORTING = frozenset(
    "says said saying tells told asks asked wants wanted writes wrote written claims claimed suggests suggested "
    "insists thinks demands reads".split()
)
_DIRECTED = frozenset("please pls plz kindly can could would will let's lets just".split())
_OBJECTS = frozenset(
    "the a an it its this that these those them all my our one another some more up down everything back to us me "
    "both each now two three please".split()
)
_CHANGING = frozenset(
    "create add remove disable rename scale increase decrease set connect close".split()
)
_GOING_BACK = frozenset({"rollback", "undo"})
_TROUBLE = re.compile(
    r"\b(?:down|broken|dead|offline|unreachable|unusable|gone|wrong|mess|mistakes?|crash\w*|fail\w*|outage|error\w*|"
    r"not working|doesn't work|stopped)\b",
    re.IGNORECASE,
)
_STATES = frozenset(
    "down broken dead offline slow full gone stuck unreachable failing crashing overloaded working up late small big "
    "tight behind memory space".split()
)
_WORN = frozenset(
    "is are was be been keeps very so too really completely again totally out of no low on".split()
)
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.PERCENT}
_BARE = frozenset(
    "from to at by of them more please pls total in and -> → > - = for the . now it thanks".split()
)
_THINGS = frozenset(
    {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.PRODUCT, Sort.IMAGE, Sort.GROUP, Sort.ROLE}
)
_MODALS = {"should", "must", "needs", "need"}
_PLAIN = {Kind.WORD, Kind.NUMBER, Kind.PUNCTUATION}
_LEAST = 2
# "Step 3: delete everything" is read out of something.
_NUMBERED = frozenset("step phase option stage part point line item example".split())
# What is put before an order and belongs to it: "with 4 replicas, run nginx".
_FRONTED = frozenset("with on in onto using via inside".split())

_MADE = frozenset({Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.IMAGE, Sort.ATTRIBUTE})
_COUNTING = CARDINALS | {"a", "an", "another"}
_COPIES = frozenset({"replica", "instance", "copy", "pod", "worker", "node", "master"})
_SPACES = frozenset({"disk", "storage", "memory", "ram", "cpu", "cores"})


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place to cut: the joint, where the order begins, and the words that give it its subject."""

    joint: int
    order: int
    subject: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a sentence: where its own words begin, and as they were said."""

    tokens: Sequence[Token]
    words: Sequence[str]
    names: Sequence[str]
    supposed: bool = False


class Remarks:
    """Tells remarks from orders, and parts messages where one follows the other."""

    def __init__(self, gazetteer: Gazetteer, clausing: Clausing) -> None:
        self._gazetteer = gazetteer
        self._clausing = clausing
        self._petitions = Petitions(clausing)
        self._known = lru_cache(_REMEMBERED)(self._parted)

    def parted(self, message: str, names: Sequence[str] = ()) -> str:
        """The message with every order in a sentence of its own. What is written stays as it is, but for joints."""
        return self._known(message, tuple(names))

    def _parted(self, message: str, names: tuple[str, ...]) -> str:
        text = self._petitions.plainly(as_acted(as_written(message)))
        tokens = self._gazetteer.prepare(tokenize(text), names).tokens
        cuts: list[_Cut] = []
        begin = 0
        for index, token in enumerate(tokens):
            if token.kind is Kind.PUNCTUATION and token.text in _ENDS:
                begin = index + 1
                continue
            cut = self._cut(tokens, begin, index, names)
            if cut is not None:
                cuts.append(cut)
                begin = cut.order
        for cut in reversed(cuts):
            text = f"{text[: tokens[cut.joint - 1].end]}. {cut.subject}{text[tokens[cut.order].start :]}"
        return text

    def tells(self, body: Sequence[Token]) -> bool:
        """Whether words only tell something: they order nothing, ask nothing and wish for nothing."""
        part = self._part(body, ())
        literal = any(token.kind not in {Kind.WORD, Kind.PUNCTUATION} for token in body)
        plain = not literal or bool(_FAILING & set(part.words))
        return plain and _finite(part.words) and self._is_remark(part)

    # ── where to cut ─────────────────────────────────────────────────────────────────────────────────

    def _cut(
        self, tokens: Sequence[Token], begin: int, index: int, names: Sequence[str]
    ) -> _Cut | None:
        """The cut before an order, if `index` is the joint between a remark and an order, or the order's first word."""
        if index - begin < _LEAST or (tokens[index].glued and tokens[index].kind is Kind.WORD):
            return None
        joins = tokens[index].norm in _BREAKS
        start = index + 1 if joins else index
        while start < len(tokens) and tokens[start].norm in {"so", "and", "but", ","}:
            start += 1
        if start >= len(tokens):
            return None
        order = self._order(tokens, start)
        if not joins and not (order in _GOING_BACK or _bare_start(tokens, begin, index)):
            return None
        part = self._part(tokens[begin:index], names)
        if not self._is_remark(part):
            return None
        if order is not None:
            return _Cut(index, start) if _lets(part, order, tokens[start:]) else None
        said = _sentence(tokens, start)
        subject = self._amount_of(part, said, names) if joins else None
        if subject is None and joins and self._asks_for(part, said, names):
            subject = ""
        return _Cut(index, start, subject) if subject is not None else None

    def _asks_for(self, part: _Part, said: Sequence[Token], names: Sequence[str]) -> bool:
        """`We have a deadline, 3 extra render vms please`: things counted behind a remark that names none."""
        words = [token.norm for token in said]
        counted = bool(said) and (said[0].kind is Kind.NUMBER or words[0] in _COUNTING)
        asked = (words[-1:] and words[-1] in {"please", "pls", "plz"}) or FURTHER & set(words[:3])
        if not (counted and asked) or not _finite(part.words) or _finite(words):
            return False
        named = (item.terms.keys() & _MADE for item in self._gazetteer.tag(part.tokens, names))
        told = any(named) or any(token.kind in _AMOUNTS for token in part.tokens)
        return not told and _builds(self._gazetteer.tag(said[1:], names))

    def _amount_of(self, part: _Part, said: Sequence[Token], names: Sequence[str]) -> str | None:
        """What begins the order that a bare amount is after a remark about one thing: "prometheus is eating disk, 50 to
        200GB". None if what follows is more than an amount."""
        about = {name for token in part.tokens for name in names if _is_called(token, name)}
        items = self._gazetteer.tag(said)
        attributed = [item for item in items if item.id_of(Sort.ATTRIBUTE)]
        others = [item for item in items if item not in attributed and item.norm not in _BARE]
        counted = [item for item in others if item.norm in _COPIES]
        amounts = [item for item in others if item.kind in _AMOUNTS]
        if not amounts or not _finite(part.words) or len(amounts) + len(counted) < len(others):
            return None
        if any(item.norm in {"worker", "node", "master"} for item in counted):
            return ""
        if len(about) != 1 or _REPORTING & set(part.words):
            return None
        name = about.pop()
        if counted:
            return f"scale {name} {'up by' if 'more' in {t.norm for t in said} else 'to'} "
        if items[0] in attributed:
            return f"set {name} "
        spoken = next((word for word in part.words if word in _SPACES), "")
        link = "" if items[0].norm in {"to", "from"} else "from " if len(amounts) > 1 else "to "
        return f"set {name} {spoken} {link}"

    def _order(self, tokens: Sequence[Token], start: int) -> str | None:
        """The group of the verb that orders something there: "wish" for what is wished for, None if nothing is."""
        begin, polite = self._clausing.skip(tokens, start)
        verb = self._clausing.verbs.at(tokens, begin)
        desire = self._clausing.desires.at(tokens, begin)
        if desire is not None and (verb is None or desire[2] >= verb[2]):
            return "wish" if begin + desire[2] < len(tokens) else None
        if verb is None or verb[1] not in _CHANGING | _GOING_BACK:
            said = _sentence(tokens, start)
            return "wish" if _should(_sentence(tokens, begin)) or _asks_for_it(said) else None
        if verb[1] in _GOING_BACK:
            return verb[1]
        after = tokens[begin + verb[2]] if begin + verb[2] < len(tokens) else None
        directed = polite or bool(_DIRECTED & {token.norm for token in tokens[start:begin]})
        if after is None:
            return None
        plain = after.norm in _OBJECTS or after.kind in _AMOUNTS or after.kind is Kind.QUOTED
        thing = self._gazetteer.tag(tokens[begin + verb[2] : begin + verb[2] + 3])
        return verb[1] if plain or directed or (thing and thing[0].terms.keys() & _THINGS) else None

    def _part(self, tokens: Sequence[Token], names: Sequence[str]) -> _Part:
        start = self._clausing.skip(tokens, 0)[0]
        body = tokens[start:]
        supposed = bool(_SUPPOSING & {token.norm for token in tokens[:start]})  # "maybe it is slow"
        words = [token.text.casefold().replace("’", "'") for token in body]
        return _Part(body, words, names, supposed)

    # ── what is a remark ─────────────────────────────────────────────────────────────────────────────

    def _is_remark(self, part: _Part) -> bool:
        words, tokens = part.words, part.tokens
        if part.supposed or len(words) < _LEAST or _SUPPOSING & set(words):
            return False
        if words[0] in _TIMING | _NUMBERED:
            return False
        if words[0] in {"i", "we"} and words[1] in {"don't", "do", "dont", "never", "need", "want"}:
            return False
        clausing = self._clausing
        starts = (clausing.verbs, clausing.desires, clausing.questions, clausing.suppositions)
        if any(phrases.at(tokens, 0) for phrases in starts):
            return False
        if _finite(words):
            return True
        return not (words[0] in _FRONTED or _builds(self._gazetteer.tag(tokens, part.names)))


def _should(said: Sequence[Token]) -> bool:
    """`The disk of web-1 should become 120GB`: how much of something there has to be."""
    modal = next((n for n, token in enumerate(said[:8]) if token.norm in _MODALS), None)
    return bool(modal) and any(token.kind in _AMOUNTS for token in said[modal:])


def _asks_for_it(said: Sequence[Token]) -> bool:
    """`…, can it have 4GB`: an amount for what the remark is about."""
    asked = [token.norm for token in said[:3]]
    asks = asked[:1] and asked[0] in {"can", "could", "may"} and asked[-1] in {"have", "get"}
    return bool(asks and asked[1] in {"it", "they", "both"}) and any(
        token.kind in _AMOUNTS for token in said[3:4]
    )


def _sentence(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    """The tokens from a place up to the end of the sentence."""
    end = start
    while end < len(tokens) and tokens[end].text not in _ENDS:
        end += 1
    return tokens[start:end]


def _is_called(token: Token, name: str) -> bool:
    return token.text.casefold() in {name.casefold(), f"{name.casefold()}s"}


def _finite(words: Sequence[str]) -> bool:
    """Whether there is a finite verb that belongs to no relative clause."""
    for place, word in enumerate(words):
        if word in _FINITE and place and words[place - 1] not in _RELATIVE:
            return True
    return bool(words) and (words[0] in _SUBJECTS or (words[0] in _FINITE and "'" in words[0]))


def _builds(items: Sequence[Item]) -> bool:
    """Whether words name what could be built or changed, or an amount that only such things have."""
    return any(
        item.existing or item.kind not in _PLAIN or item.terms.keys() & {*_THINGS, Sort.ATTRIBUTE}
        for item in items
    )


def _lets(part: _Part, order: str, after: Sequence[Token]) -> bool:
    """Whether a remark lets the order stand by itself. What others say governs what follows, unless that is plainly
    said to the reader; what goes back needs trouble for its reason."""
    said = set(part.words)
    if order in _GOING_BACK:
        return _TROUBLE.search(" ".join(part.words)) is not None and not _REPORTING & said
    directed = _DIRECTED & {token.norm for token in after[:3]}
    return bool(directed) or not _REPORTING & said


def _bare_start(tokens: Sequence[Token], begin: int, index: int) -> bool:
    """Whether an order may begin where no joint stands: at a "please", or after the state that something is in."""
    here, before = tokens[index].norm, tokens[index - 1]
    if here in {"please", "pls", "plz", "kindly"}:
        return True
    if (
        here in {"can", "could"}
        and tokens[index + 1 : index + 2]
        and tokens[index + 1].norm == "you"
    ):
        return True
    words = {token.norm for token in tokens[begin : index - 1]}
    return before.norm in _STATES and bool(_FINITE & words)
