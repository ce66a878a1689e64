"""Clauses that begin with a verb: what is ordered, by the verb and by what stands after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.intent.act import OF_VERB, Act
from alma.core.language.intent.clausing import CONDITIONS, CREATING, Clausing
from alma.core.language.intent.topics import Topics, buildable
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.conversation import Intent

# What does more than change a draft.
ACTING = {"deploy", "destroy", "approve", "reject", "rollback"}
_OVERVIEWS = {"status", "list", "explain"}
_SIDE_BY_SIDE = ({"side", "by"}, {"next", "each", "other"})
_ADVERBS = {"now", "please", "today", "again", "right", "up", "for", "me", "us", "all"}
_NOTHING_NEW = {"it", "this", "that", "them", "everything", "these", *_ADVERBS}
_KEEPING = {"keep", "keeping", "leave", "leaving", "spare", "retain"}
_PURPOSES = {"so", "because"}
# What a new thing is to tell: "to see when the shop is down".
_LEARNING = frozenset(
    "see know learn notice tell notify alert inform warn show check find watch message email mail ping".split()
)
_NEAR_VERB = 3
_RATHER = {"just", "only", "but", "rather"}
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


class Orders:
    """Reads orders, one clause at a time."""

    def __init__(self, gazetteer: Gazetteer, clausing: Clausing, topics: Topics) -> None:
        self._gazetteer = gazetteer
        self._clausing = clausing
        self._verbs = clausing.verbs
        self._topics = topics

    def order(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
        """What a clause that begins with a verb orders; None if it begins with none."""
        body = self._said_by_me(body)
        verb = self._verbs.at(body, 0)
        if verb is None or self._is_noun(body, verb):
            return None
        phrase, group, length = verb
        rest = body[length:]
        phrase, group = ("list", "list") if phrase == "name" and _names_all(rest) else verb[:2]
        if group in _LOOKING or group == "help":
            return self._look(body, phrase, group, rest)
        group = _meant(phrase, group, rest)
        if asked and group in ACTING:  # "deploy it?"
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

    def _is_noun(self, body: tuple[Token, ...], verb: tuple[str, str, int]) -> bool:
        """`Builds are stuck`, `ssh times out on web-2`."""
        several = body[0].text.casefold() == f"{body[0].norm}s"
        troubled = verb[1] == "operate" and "troubleshoot" in self._topics.groups(body[verb[2] :])
        return several or troubled

    def rather(self, clause: Sequence[Token], body: tuple[Token, ...], asked: bool) -> Act | None:
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

    def condition(self, body: tuple[Token, ...]) -> Act | None:
        """`If it is healthy, deploy it`: nothing here waits for anything."""
        if not body or body[0].norm not in CONDITIONS:
            return None
        turn = next(
            (n for n, t in enumerate(body) if t.norm in {",", "then", "not", "so"} and n), None
        )
        if turn is None or self._verbs.at(body, self._clausing.skip(body, turn + 1)[0]) is None:
            return None
        return Act(Intent.UNKNOWN, "condition", body, word="wait for that", statement=True)

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
        if any({token.norm for token in rest} >= words for words in _SIDE_BY_SIDE):
            return Intent.COMPARE
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
        return own if verb is not None and verb[1] in {*ACTING, "undo"} else body


def _meant(phrase: str, group: str, rest: Sequence[Token]) -> str:
    """The group of a verb, by what stands after it."""
    words = [token.norm for token in rest]
    if group in ACTING and _waits(words, makes=group == "deploy"):
        return "condition"
    back = group == "undo" or phrase.endswith("back to") or phrase == "restore"
    if back and _goes_back_far(rest):
        return "rollback"
    nothing_new = bool(words) and set(words) <= _NOTHING_NEW and words[0] not in _ADVERBS
    return "deploy" if group == "create" and nothing_new else group  # "launch it"


def _waits(words: Sequence[str], *, makes: bool) -> bool:
    """`Deploy it once the tests pass`; not `deploy uptime-kuma so I can see when it is down`, which tells what a new
    thing is good for."""
    new = makes and bool(words) and words[0] not in _NOTHING_NEW
    for place, word in enumerate(words):
        if new and place and word in _PURPOSES:
            return False
        learns = new and _LEARNING & set(words[max(0, place - _NEAR_VERB) : place])
        if word in {*CONDITIONS, "when"} and not learns:
            return True
    return False


def _names_all(rest: Sequence[Token]) -> bool:
    """`Name all the databases`, `name every server we have`: they are to be told, and none gets a name."""
    words = [token.norm for token in rest]
    given = {"to", "as", "after", "like", "with", "so"} & set(words)
    several = words[:1] and words[0] in {"all", "every", "each", "any"}
    return bool(several) and not given and all(t.kind is Kind.WORD for t in rest)


def _goes_back_far(rest: Sequence[Token]) -> bool:
    """`revert to revision 3`, `undo the deployment`: more than the last change of a draft."""
    words = {token.norm for token in rest}
    return bool(
        {"revision", "version", "deployment", "release", "rev", "rollout", "deploy"} & words
    ) or any(re.fullmatch(r"[vr]\d+", word) for word in words)


def _excepting(token: Token) -> Token:
    """`remove the servers but keep the database` excepts the database."""
    return replace(token, norm="except") if token.norm in _KEEPING else token
