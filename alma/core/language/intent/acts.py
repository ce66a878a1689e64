"""What a person wants done, decided before anything is extracted: a question can therefore never create a resource.

A message is cut into clauses, each with one act: a verb's group ("add", "remove"), or what a question is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from alma.core.language.intent.act import OF_VERB, Act
from alma.core.language.intent.clausing import Clausing, sentences
from alma.core.language.intent.joining import join, without_empty
from alma.core.language.intent.orders import ACTING, Orders
from alma.core.language.intent.remarks import Remarks
from alma.core.language.intent.statements import Statements
from alma.core.language.intent.topics import Topics, buildable
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.conversation import Intent

_BEGINNING = 200
# A message is read in several ways, and what was said before it with each: so many are remembered, of so many words.
_REMEMBERED, _MOST_WORDS = 256, 200
_OF_ONESELF = {("can", "i"), ("could", "i"), ("may", "i")}
_NEEDING = frozenset("need needs require requires want wants requiring needing wanting".split())
_UNNEEDED = {
    "not",
    "don't",
    "doesn't",
    "dont",
    "doesnt",
    "no",
    "never",
    "longer",
    "what",
    "which",
    "if",
    "how",
}
_NEAR_WISH = 8
_POINTING = {"the", "this", "that", "these", "those"}
_ASKS_ADVICE = ("should", "do ", "would", "is ", "what about", "how about", "why ")
_MODALS = {"can", "could", "will", "would"}
_ADDRESSED = frozenset(
    "you we i u ya someone somebody anyone anybody be please kindly also just it go has not".split()
)
_LEAST_ASKED = 4
_NOT = {"don't", "dont", "never"}
# Before an approval these only agree: "ok, do it".
_AGREED = frozenset({"ok", "okay", "yes", "yep", "yeah", "sure", "alright", "great", "perfect"})

_WITHHOLDING = {"won't", "wont", "wouldn't"}


class Acts:
    """Cuts messages into clauses and says what each wants."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        data = gazetteer.data
        self._gazetteer = gazetteer
        self._clausing = Clausing(gazetteer)
        self._verbs = self._clausing.verbs
        self._desires = self._clausing.desires
        self._facts = Phrases.flat(data["facts"])
        self._remarks = Remarks(gazetteer, self._clausing)
        self._topics = Topics(gazetteer)
        self._orders = Orders(gazetteer, self._clausing, self._topics)
        self._statements = Statements(gazetteer, self._topics, self._remarks)
        self._smalltalk = Phrases.flat(data["smalltalk"])
        self._approvals = Phrases.flat(data["approvals"])
        self._fillers = frozenset(str(data["talk_fillers"]).split())
        self._cut = lru_cache(_REMEMBERED)(self._read)

    def read(self, tokens: Sequence[Token]) -> tuple[Act, ...]:
        """The message's acts in order. A sentence without a wish of its own continues the request before it."""
        words = tuple(tokens)
        return self._cut(words) if len(words) <= _MOST_WORDS else self._read(words)

    def _read(self, tokens: tuple[Token, ...]) -> tuple[Act, ...]:
        acts: list[Act] = []
        for sentence, asked in sentences(tokens):
            clauses = self._clausing.clauses(sentence)
            last = len(clauses) - 1
            asking = last if last and self._clausing.starts_question(clauses[last], 0) else 0
            for number, clause in enumerate(clauses):
                begun = any(act.edits for act in acts)
                act = self._classify(
                    clause, asked and number == asking, alone=not (last or acts), begun=begun
                )
                join(acts, act)
        return tuple(without_empty(acts))

    def skip(self, tokens: Sequence[Token], index: int) -> tuple[int, bool]:
        """Past the words that open a request, and whether they made a polite question of it."""
        return self._clausing.skip(tokens, index)

    def verb(self, tokens: Sequence[Token], index: int) -> str | None:
        """The group of the verb that stands there."""
        hit = self._verbs.at(tokens, index)
        return hit[1] if hit is not None else None

    def wishes(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether somebody wishes for something there: "I need"."""
        return self._desires.at(tokens, index) is not None

    def begins_order(self, text: str) -> bool:
        """Whether a text starts with an order, polite or not."""
        tokens = self._gazetteer.prepare(tokenize(text[:_BEGINNING])).tokens
        start = self._clausing.skip(tokens, 0)[0]
        return (
            self._verbs.at(tokens, start) is not None or self._desires.at(tokens, start) is not None
        )

    def acts_upon(self, text: str) -> bool:
        """Whether an order anywhere in a text would do more than change a draft."""
        tokens = self._gazetteer.prepare(tokenize(text)).tokens
        groups = self._verbs.groups(tokens).keys()
        return bool(groups & ACTING) or (
            "remove" in groups and bool({"everything", "all"} & {t.norm for t in tokens})
        )

    # ── one clause ───────────────────────────────────────────────────────────────────────────────────

    def _classify(self, clause: Sequence[Token], asked: bool, *, alone: bool, begun: bool) -> Act:
        start, polite = self._clausing.skip(clause, 0)
        body = tuple(clause[start:])
        if not alone and (verb := self._verbs.at(body, 0)) and verb[1] == "deploy":
            return self._orders.order(clause, body, asked) or self._statements.read(body, asked)
        for reader in (
            self._talk,
            self._question,
            self._forbidden,
            self._orders.rather,
            self._wish,
            self._orders.order,
            self._late_wish,
        ):
            if reader == self._late_wish and begun and self._tells_amount(body):
                continue
            act = reader(clause, body, asked and not (polite and _of_others(clause)))
            if act is not None:
                return act
        return self._orders.condition(body) or self._statements.read(body, asked)

    def _talk(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
        words = tuple(token for token in clause if token.kind is not Kind.PUNCTUATION)
        if not words:
            return Act(Intent.UNKNOWN, None, body, statement=True)
        agreed = next((n for n, t in enumerate(words) if t.norm not in _AGREED), len(words))
        if self._covers(self._approvals, words[agreed:], self._fillers):
            return Act(Intent.APPROVE, "approve", ())
        if self._covers(self._clausing.helps, words, self._fillers):
            return Act(Intent.HELP, "help", (), asks=True)
        return (
            Act(Intent.SMALLTALK, None, (), statement=True)
            if self._covers(self._smalltalk, words, self._fillers)
            else None
        )

    @staticmethod
    def _covers(phrases: Phrases, words: Sequence[Token], fillers: frozenset[str]) -> bool:
        """Whether words are nothing but such phrases and what goes with them."""
        index, found = 0, False
        while index < len(words):
            hit = phrases.at(words, index)
            if hit is None and words[index].text.casefold().replace("’", "'") not in fillers:
                return False
            found = found or hit is not None
            index += hit[2] if hit is not None else 1
        return found

    def _question(
        self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool
    ) -> Act | None:
        if [token.norm for token in body[:2]] == ["do", "not"]:
            return None
        supposition = self._clausing.suppositions.at(body, 0)
        question, wish = self._clausing.questions.at(body, 0), self._desires.at(body, 0)
        others = supposition is None and question is None and self._asks_of_others(body)
        known = supposition is not None or question is not None or others
        if not known or (wish and supposition is None and question and wish[2] > question[2]):
            return None
        fallback = Intent.EXPLAIN
        if supposition is not None and supposition[0].startswith(_ASKS_ADVICE):
            fallback = Intent.SUGGEST
            return Act(
                self._topics.of(body, fallback, avoid={"status", "list", "explain"}),
                None,
                body,
                asks=True,
            )
        avoid = {"list", "status"} if supposition is not None else set()
        fallback = Intent.SUGGEST if body[0].norm == "should" else fallback
        return Act(self._topics.of(body, fallback, avoid=avoid), None, body, asks=True)

    def _asks_of_others(self, body: tuple[Token, ...]) -> bool:
        """`Can customers get into web`, `will 100GB last us`: what somebody or something else can or will do."""
        if len(body) < _LEAST_ASKED or body[0].norm not in _MODALS or body[1].norm in _ADDRESSED:
            return False
        desired = self._desires.at(body, 0) or self._desires.at(body, 1)
        return self._verbs.at(body, 1) is None and desired is None

    def _forbidden(
        self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool
    ) -> Act | None:
        if [token.norm for token in body[:2]] in (["no", ","], ["sorry", ","]):
            body = body[2:]  # "nope, I don't approve of this"
        personal = bool(body) and body[0].norm in {"i", "we"}
        body = body[1:] if personal else body
        words = [token.norm for token in body[:2]]
        if words[:1] == ["leave"] and body[-1].norm in {
            "alone",
            "untouched",
            "is",
            "are",
            "unchanged",
            "it",
        }:
            return Act(Intent.CHANGE, "keep", body[1:-1], word="touch", forbidden=True)
        if not words or (words[0] not in _NOT and words != ["do", "not"]):
            return None
        rest = body[1 if words[0] in _NOT else 2 :]
        verb = self._verbs.at(rest, 0)
        if (
            verb is None
            or verb[0] in {"want", "name", "call"}
            or (personal and verb[1] == "remove")
        ):
            return None
        # "I won't approve it" withholds an approval, and turns nothing down yet.
        if personal and verb[1] == "approve" and words[0] not in _WITHHOLDING:
            return Act(Intent.REJECT, "reject", rest[verb[2] :], word="reject")
        return Act(
            OF_VERB.get(verb[1], Intent.UNKNOWN),
            verb[1],
            rest[verb[2] :],
            word=verb[0],
            forbidden=True,
        )

    def _wish(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
        hit = self._desires.at(body, 0)
        verb = self._verbs.at(body, 0)
        if hit is None or (verb is not None and verb[2] > hit[2]):
            return None
        rest = body[hit[2] :]
        if rest and rest[0].norm == "to" and self._verbs.at(rest, 1):
            return self._orders.order(clause, rest[1:], asked)
        thing = bool(rest) and rest[0].norm in {"something", "somewhere", "someplace"}
        report = None if thing else self._topics.report(rest)
        if report is Intent.HELP:
            report = self._topics.of(rest, report, avoid={"list", "explain", "status"})
        if report is not None:
            return Act(report, "show", rest, asks=True)
        return Act(Intent.CREATE, "create", rest, word=hit[0])

    def _late_wish(
        self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool
    ) -> Act | None:
        """`Reporting needs its own database`, `after the meeting we agreed that we need two servers`."""
        wish = self._wish_after_if(body)
        if wish is not None and not asked:
            return Act(Intent.CREATE, "create", wish, word="")
        for index, token in enumerate(body[:-1]):
            if token.norm == ":" and self._lists(body, index) and not asked:
                return Act(Intent.CREATE, "create", body[index + 1 :], word="")
            chosen = token.norm == "with" and body[index - 1].norm in {"go", "going"}
            if index == 0 or not (token.norm in _NEEDING or chosen) or asked:
                continue
            if {before.norm for before in body[max(0, index - 3) : index]} & _UNNEEDED:
                return None
            rest = (*self._needing(body[:index]), *body[index + 1 :])
            only = "only " if {"only", "just"} & {before.norm for before in body[:index]} else ""
            if any(map(buildable, self._gazetteer.tag(rest[:_NEAR_WISH]))):
                return Act(Intent.CREATE, "create", rest, word=f"{only}{token.norm}")
        return None

    def _tells_amount(self, body: tuple[Token, ...]) -> bool:
        """`The postgres needs 16GB`: how much of something that was spoken of, and no further thing."""
        place = next((n for n, token in enumerate(body) if token.norm in _NEEDING), 0)
        return bool(place) and self._amount(body[place + 1 :]) and self._known(body[:place])

    def _amount(self, rest: tuple[Token, ...]) -> bool:
        """Whether an amount stands there rather than a number of things."""
        first = next(iter(rest), None)
        if first is None or first.kind not in {Kind.SIZE, Kind.NUMBER}:
            return False
        unit = next(iter(self._gazetteer.tag(rest[1:4])), None)
        return first.kind is Kind.SIZE or (unit is not None and Sort.ATTRIBUTE in unit.terms)

    def _known(self, before: tuple[Token, ...]) -> bool:
        """`The postgres needs …`: something that was spoken of."""
        pointing = before[0].norm in _POINTING
        return pointing and any(map(buildable, self._gazetteer.tag(before[1:])))

    def _needing(self, before: tuple[Token, ...]) -> tuple[Token, ...]:
        """`A wordpress site, it needs mysql`: what is wanted before what it needs."""
        pronoun = before[-1].norm in {"it", "they"} and len(before) > 1
        told = {token.norm for token in before[:-1]} & {"is", "are", "was", "were", "has", "have"}
        items = self._gazetteer.tag(before[:-1]) if pronoun and not told else ()
        programs = any(item.terms.keys() & {Sort.SOFTWARE, Sort.PRODUCT} for item in items)
        if programs:
            return before[:-1]
        alone = [
            item
            for item in self._gazetteer.tag(before)
            if item.norm not in {"a", "an", "also", "then"}
        ]
        if len(alone) == 1 and Sort.SOFTWARE in alone[0].terms:
            return before
        return self._introduced(before)

    def _introduced(self, before: tuple[Token, ...]) -> tuple[Token, ...]:
        """`An nginx and an app on 5000, the app needs a redis`: what was wanted before a comma."""
        commas = [n for n, token in enumerate(before) if token.norm == ","]
        begins = before[0].norm in {"a", "an"} or before[0].kind is Kind.NUMBER
        wanted = before[: commas[-1] + 1] if commas and begins else ()
        return wanted if any(map(buildable, self._gazetteer.tag(wanted))) else ()

    def _wish_after_if(self, body: tuple[Token, ...]) -> tuple[Token, ...] | None:
        """What `if it isn't any bother, I'd love a database` wishes for."""
        comma = next((n for n, token in enumerate(body) if token.norm == ","), None)
        if comma is None or body[0].norm != "if":
            return None
        desire = self._desires.at(body, comma + 1)
        rest = body[comma + 1 + desire[2] :] if desire else ()
        return rest if any(map(buildable, self._gazetteer.tag(rest[:_NEAR_WISH]))) else None

    def _lists(self, body: tuple[Token, ...], colon: int) -> bool:
        """`We're a clinic, so be careful: one server and one database`: what is wanted, after an introduction."""
        rest = body[colon + 1 :]
        begins = bool(rest) and (rest[0].kind is Kind.NUMBER or rest[0].norm in {"a", "an"})
        tag = self._gazetteer.tag
        return (
            begins
            and self._facts.at(body, 0) is not None
            and not any(map(buildable, tag(body[:colon])))
            and any(map(buildable, tag(rest[:_NEAR_WISH])))
        )


def _of_others(clause: Sequence[Token]) -> bool:
    """Whether a polite question asks ALMA to do something: "can you", but not "can I"."""
    words = [token.norm for token in clause if token.kind is not Kind.PUNCTUATION][:4]
    return not any(pair in _OF_ONESELF for pair in pairwise(words))
