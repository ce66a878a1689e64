"""What a person wants done, decided before anything is extracted: a question can therefore never create a resource.

A message is cut into clauses, each with one act: a verb's group ("add", "remove"), or what a question is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from alma.core.language.intent.act import OF_VERB, Act
from alma.core.language.intent.clausing import CONDITIONS, CREATING, Clausing, sentences
from alma.core.language.intent.remarks import Remarks
from alma.core.language.intent.topics import Topics, buildable
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.conversation import Intent

# What does more than change a draft.
_ACTING = {"deploy", "destroy", "approve", "reject", "rollback"}
_BEGINNING = 200
_CAN_GO = (
    ("can", "go"), ("must", "go"), ("should", "go"), ("has", "to", "go"), ("have", "to", "go"),
    ("is", "not", "needed"), ("isn't", "needed"), ("no", "longer", "needed"), ("is", "unnecessary"),
    ("is", "no", "longer", "needed"), ("are", "no", "longer", "needed"), ("is", "not", "necessary"),
)  # fmt: skip
_SUFFICING = {"enough", "plenty", "sufficient", "suffice", "better", "fine"}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE}
_OF_ONESELF = {("can", "i"), ("could", "i"), ("may", "i")}
_OVERVIEWS = {"status", "list", "explain"}
_ADVERBS = {"now", "please", "today", "again", "right", "up", "for", "me", "us", "all"}
_NOTHING_NEW = {"it", "this", "that", "them", "everything", "these", *_ADVERBS}
_NEEDING = {"need", "needs", "require", "requires", "want", "wants", "requiring", "needing"}
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
_DESCRIBING = {"cheap", "billing"}
_ASKS_ADVICE = ("should", "do ", "would", "is ", "what about", "how about", "why ")
_KEEPING = {"keep", "keeping", "leave", "leaving", "spare", "retain"}
_RATHER = {"just", "only", "but", "rather"}
_SUPPOSED = {*CONDITIONS, "whenever"}
_NOT = {"don't", "dont", "never"}
_LOOKING = {
    "show",
    "list",
    "explain",
    "suggest",
    "audit",
    "forecast",
    "compare",
    "troubleshoot",
    "optimize",
}


# Before an approval these only agree: "ok, do it".
_AGREED = frozenset({"ok", "okay", "yes", "yep", "yeah", "sure", "alright", "great", "perfect"})


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
        self._smalltalk = Phrases.flat(data["smalltalk"])
        self._approvals = Phrases.flat(data["approvals"])
        self._fillers = frozenset(str(data["talk_fillers"]).split())

    def read(self, tokens: Sequence[Token]) -> tuple[Act, ...]:
        """The message's acts in order. A sentence without a wish of its own continues the request before it."""
        acts: list[Act] = []
        for sentence, asked in sentences(tokens):
            clauses = self._clausing.clauses(sentence)
            last = len(clauses) - 1
            asking = last if last and self._clausing.starts_question(clauses[last], 0) else 0
            for number, clause in enumerate(clauses):
                act = self._classify(clause, asked and number == asking, alone=not (last or acts))
                if acts and acts[-1].edits and acts[-1].body and _continues(act, acts[-1]):
                    acts[-1] = replace(acts[-1], body=_joined(acts[-1].body, act.body))
                elif acts and _leaves_out(act, acts[-1]):
                    no = Token("no", "no", act.body[0].start, act.body[0].start, Kind.WORD)
                    acts[-1] = replace(acts[-1], body=_joined(acts[-1].body, (no, *act.body)))
                else:
                    acts.append(act)
        return tuple(_without_empty(acts))

    def skip(self, tokens: Sequence[Token], index: int) -> tuple[int, bool]:
        """Past the words that open a request, and whether they made a polite question of it."""
        return self._clausing.skip(tokens, index)

    def verb(self, tokens: Sequence[Token], index: int) -> str | None:
        """The group of the verb that stands there."""
        hit = self._verbs.at(tokens, index)
        return hit[1] if hit is not None else None

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
        return bool(groups & _ACTING) or (
            "remove" in groups and bool({"everything", "all"} & {t.norm for t in tokens})
        )

    # ── one clause ───────────────────────────────────────────────────────────────────────────────────

    def _classify(self, clause: Sequence[Token], asked: bool, *, alone: bool) -> Act:
        start, polite = self._clausing.skip(clause, 0)
        body = tuple(clause[start:])
        if not alone and (verb := self._verbs.at(body, 0)) and verb[1] == "deploy":
            return self._order(clause, body, asked) or self._statement(body, asked)
        for reader in (
            self._talk,
            self._question,
            self._forbidden,
            self._rather,
            self._wish,
            self._order,
            self._late_wish,
        ):
            act = reader(clause, body, asked and not (polite and _of_others(clause)))
            if act is not None:
                return act
        return self._condition(body) or self._statement(body, asked)

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
        if supposition is None and (question is None or (wish and wish[2] > question[2])):
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
        return Act(self._topics.of(body, fallback, avoid=avoid), None, body, asks=True)

    def _forbidden(
        self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool
    ) -> Act | None:
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
        if personal and verb[1] == "approve":
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
            return self._order(clause, rest[1:], asked)
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
            rest = body[index + 1 :]
            only = "only " if {"only", "just"} & {before.norm for before in body[:index]} else ""
            if any(map(buildable, self._gazetteer.tag(rest[:_NEAR_WISH]))):
                return Act(Intent.CREATE, "create", rest, word=f"{only}{token.norm}")
        return None

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

    def _order(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
        body = self._said_by_me(body)
        verb = self._verbs.at(body, 0)
        if verb is None or body[0].text.casefold() == f"{body[0].norm}s":  # "builds are stuck"
            return None
        phrase, group, length = verb
        rest = body[length:]
        if group in _LOOKING or group == "help":
            return self._look(body, phrase, group, rest)
        group = _meant(phrase, group, rest)
        if asked and group in _ACTING:  # "deploy it?"
            return Act(
                self._topics.of(body, Intent.SUGGEST, avoid=_OVERVIEWS), None, body, asks=True
            )
        if group == "condition":
            return Act(Intent.UNKNOWN, group, rest, word="wait for that", statement=True)
        if group in {"remove", "destroy"}:
            rest = tuple(_excepting(token) for token in rest)
        report = self._reported(group, rest)
        if report is not None:
            return Act(report, group, rest, word=phrase, asks=True)
        return Act(OF_VERB[group], group, rest, word=phrase)

    def _look(
        self, body: tuple[Token, ...], phrase: str, group: str, rest: tuple[Token, ...]
    ) -> Act:
        """An order to look at something: the topic says at what."""
        if group == "help":
            topic = self._topics.of(rest, Intent.HELP, avoid={"list", "explain", "status"})
            return Act(topic, group, rest, asks=True)
        avoid = {"explain"} if group != "explain" else {"list"}
        found = self._topics.of(body, OF_VERB[group], avoid=avoid)
        intent = Intent.TROUBLESHOOT if group == "troubleshoot" else found
        return Act(intent, group, rest, word=phrase, asks=True)

    def _reported(self, group: str, rest: tuple[Token, ...]) -> Intent | None:
        """The report that an order to make or change something asks for after all: "cut the costs"."""
        money = any(token.kind is Kind.MONEY for token in rest)
        changing = group in {"decrease", "set", "increase"}
        if changing and not money and "cost" in self._topics.groups(rest):
            return Intent.COST
        return self._topics.report(rest) if group in CREATING else None

    def _said_by_me(self, body: tuple[Token, ...]) -> tuple[Token, ...]:
        """`I hereby approve #7` without its first words."""
        if not body or body[0].norm not in {"i", "we"}:
            return body
        own = body[2:] if len(body) > 1 and body[1].norm == "hereby" else body[1:]
        verb = self._verbs.at(own, 0)
        return own if verb is not None and verb[1] in {*_ACTING, "undo"} else body

    def _rather(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
        """`I don't want a database, just a web server` is `no database, just a web server`."""
        verb = self._verbs.at(body, 0)
        if verb is None or verb[1] != "remove" or not {"want", "need"} & set(verb[0].split()):
            return None
        rest = body[verb[2] :]
        turn = next((n for n, token in enumerate(rest) if token.norm in _RATHER), None)
        if not turn or not any(map(buildable, self._gazetteer.tag(rest[turn:]))):
            return None
        no = Token("no", "no", rest[0].start, rest[0].start, Kind.WORD)
        return Act(Intent.UNKNOWN, None, (no, *rest), word=verb[0])

    def _condition(self, body: tuple[Token, ...]) -> Act | None:
        """`If it is healthy, deploy it`: nothing here waits for anything."""
        if not body or body[0].norm not in CONDITIONS:
            return None
        turn = next(
            (n for n, t in enumerate(body) if t.norm in {",", "then", "not", "so"} and n), None
        )
        if turn is None or self._verbs.at(body, self._clausing.skip(body, turn + 1)[0]) is None:
            return None
        return Act(Intent.UNKNOWN, "condition", body, word="wait for that", statement=True)

    def _without_adjectives(self, body: tuple[Token, ...]) -> tuple[Token, ...]:
        """`a cheap VPS`, `a billing service` ask for no costs: what describes a thing to build is no topic."""
        if not any(map(buildable, self._gazetteer.tag(body))):
            return body
        return tuple(token for token in body if token.norm not in _DESCRIBING)

    def _statement(self, body: tuple[Token, ...], asked: bool) -> Act:
        meant = None if asked else _meant_by(body)
        if meant is not None:
            return meant
        topics = self._topics.groups(self._without_adjectives(body))
        wrong = next((Intent(topic) for topic in ("troubleshoot", "cost") if topic in topics), None)
        bounded = self._topics.limits_money(body)
        if asked:
            return Act(self._topics.of(body, Intent.EXPLAIN, avoid=set()), None, body, asks=True)
        supposed = bool(body) and body[0].norm in _SUPPOSED
        told = supposed or self._facts.at(body, 0) is not None
        told = told or (not bounded and self._remarks.tells(body))
        if told or (_tells(body) and not bounded):
            intent = wrong or Intent.UNKNOWN
            return Act(
                intent, None, body, statement=True, asks=wrong is not None, describes=not told
            )
        if wrong is Intent.TROUBLESHOOT or (wrong is Intent.COST and not bounded):
            return Act(wrong, None, body, asks=True)
        report = None if bounded else self._topics.report(body)
        if report is not None:
            return Act(report, None, body, asks=True)
        return Act(Intent.UNKNOWN, None, body)


def _meant(phrase: str, group: str, rest: Sequence[Token]) -> str:
    """The group of a verb, by what stands after it."""
    words = [token.norm for token in rest]
    if group in _ACTING and {*CONDITIONS, "when"} & set(words):
        return "condition"
    back = group == "undo" or phrase.endswith("back to") or phrase == "restore"
    if back and _goes_back_far(rest):
        return "rollback"
    nothing_new = bool(words) and set(words) <= _NOTHING_NEW and words[0] not in _ADVERBS
    return "deploy" if group == "create" and nothing_new else group  # "launch it"


def _meant_by(body: tuple[Token, ...]) -> Act | None:
    """`The load balancer can go`, `4 nodes are enough`: an order in the shape of a statement."""
    words = [token.norm for token in body]
    for tail in sorted(_CAN_GO, key=len, reverse=True):
        if len(words) > len(tail) and tuple(words[-len(tail) :]) == tail:
            return Act(Intent.CHANGE, "remove", body[: -len(tail)], word="remove")
    if len(words) > 2 and words[-1] in _SUFFICING and any(t.kind in _AMOUNTS for t in body):
        end = next(
            (n for n, word in enumerate(words) if word in {"is", "are", "should", "will", "would"}),
            -1,
        )
        return Act(Intent.CHANGE, "set", body[:end], word="make")
    return None


def _of_others(clause: Sequence[Token]) -> bool:
    """Whether a polite question asks ALMA to do something: "can you", but not "can I"."""
    words = [token.norm for token in clause if token.kind is not Kind.PUNCTUATION][:4]
    return not any(pair in _OF_ONESELF for pair in pairwise(words))


def _goes_back_far(rest: Sequence[Token]) -> bool:
    """`revert to revision 3`, `undo the deployment`: more than the last change of a draft."""
    words = {token.norm for token in rest}
    return bool(
        {"revision", "version", "deployment", "release", "rev", "rollout", "deploy"} & words
    ) or any(re.fullmatch(r"[vr]\d+", word) for word in words)


def _joined(before: tuple[Token, ...], body: tuple[Token, ...]) -> tuple[Token, ...]:
    """Two sentences of one request: what the second says begins anew."""
    end = before[-1].end
    return (*before, Token(";", ";", end, end, Kind.PUNCTUATION), *body)


def _excepting(token: Token) -> Token:
    """`remove the servers but keep the database` excepts the database."""
    return replace(token, norm="except") if token.norm in _KEEPING else token


def _tells(body: Sequence[Token]) -> bool:
    """`VMs are created with 1 CPU`: a finite verb after a noun says how things are."""
    words = [token.norm for token in body[:7]]
    wish = {"should", "must", "shall"} & set(words)
    finite = [
        word
        for before, word in pairwise(words)
        if word in {"is", "are", "was", "were", "has", "have"} and before not in {"that", "which"}
    ]
    return not wish and bool(finite)


def _leaves_out(act: Act, before: Act) -> bool:
    """`… two VMs, don't add a load balancer`: what a request for something new is to be without."""
    creating = act.forbidden and act.verb in CREATING | {"use", "set"} and bool(act.body)
    return creating and before.edits and bool(before.body) and before.verb in {*CREATING, None}


def _continues(act: Act, before: Act) -> bool:
    if before.verb in {"remove", "destroy", "rename"}:
        return False  # nothing goes that was not named with the order
    if act.verb == "set" and act.word in {"use", "using"}:  # "Create a VM. Use Debian 12."
        return before.verb in CREATING
    described = act.describes and before.verb in {*CREATING, None}
    return (
        act.verb is None
        and act.intent is Intent.UNKNOWN
        and (described or not (act.asks or act.statement))
    )


def _without_empty(acts: Sequence[Act]) -> list[Act]:
    """`create and deploy a VM` is one order: a verb with nothing after it gives way to the next."""
    return [
        act for index, act in enumerate(acts)
        if act.body or act.verb not in {"create", "add", "set"} or index + 1 == len(acts)
    ]  # fmt: skip
