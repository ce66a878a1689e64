"""What a message wants done, as examples tell: a second opinion beside the grammar, learned from sentences in a file.

The grammar finds what is said in words it knows; people have more ways to ask than a grammar has rules. So each message
is also weighed word by word: a linear model over words and short runs of words, in which things, software, names and
amounts are only "a thing", "a number" and so on. It is small, has no library, and gives the same answer every time.

`intents.yaml` holds the sentences, `intents.json` the weights learned from them: `python -m benchmarks.intents` learns
them anew, and a test sees that they belong together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from alma.core.language.intent import linear
from alma.core.language.intent.linear import Linear, letters
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.conversation import Intent

FOLDER = Path(__file__).parent
EXAMPLES, WEIGHTS = FOLDER / "intents.yaml", FOLDER / "intents.json"
_LONGEST = 60
_ROUNDS = 20
_THING = frozenset({Sort.TYPE, Sort.COMPUTE, Sort.GROUP})
_SOFTWARE = frozenset({Sort.SOFTWARE, Sort.IMAGE})
# The examples are about no blueprint: what is numbered there stands for the names of one.
_NAMED = re.compile(r"[a-z][a-z\d]*(?:-[a-z\d]+)*-\d{1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent, and its share of the belief: all shares add up to 1."""

    intent: Intent
    share: float


class Recogniser:
    """Weighs messages. Its weights are read when the first one comes."""

    def __init__(self, gazetteer: Gazetteer, weights: Path = WEIGHTS) -> None:
        self._gazetteer = gazetteer
        self._file = weights

    def guesses(self, message: str, names: Sequence[str] = ()) -> Sequence[Guess]:
        """Every intent, the likeliest first. `names` are those of the draft's resources."""
        shares = self._model.shares(features(words(self._gazetteer, message, names)))
        ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
        return [Guess(Intent(intent), share) for intent, share in ranked]

    @cached_property
    def _model(self) -> Linear:
        return Linear.loaded(self._file)


def words(gazetteer: Gazetteer, message: str, names: Sequence[str] = ()) -> list[str]:
    """The message's words, with whatever only fills a place replaced by what kind of thing it is."""
    return [_plain(item) for item in gazetteer.tag(tokenize(message), names)][:_LONGEST]


def _plain(item: Item) -> str:
    if item.existing or ("-" in (text := item.text) and _NAMED.fullmatch(text)):
        return "<name>"
    if item.kind is not Kind.WORD:
        return "?" if item.text == "?" else f"<{item.kind.value}>"
    sorts = item.terms.keys()
    if not sorts:
        return item.norm
    if sorts & _SOFTWARE:
        return "<software>"
    return "<thing>" if sorts & _THING else item.norm


def features(said: Sequence[str]) -> set[str]:
    """Words, runs of two and three of them, from before the first to after the last, and runs of letters: a word that
    no example has, or one that is misspelled, still counts by what it is built like."""
    run = ["^", *said, "$"]
    found = set(said)
    for size in (2, 3):
        found |= {" ".join(run[at : at + size]) for at in range(len(run) - size + 1)}
    return found.union(*map(letters, said))


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────


def examples_digest(content: bytes) -> str:
    """What ties weights to the sentences they were learned from."""
    return hashlib.sha256(content).hexdigest()


def learn(examples: Mapping[str, Sequence[str]], read: Callable[[str], Sequence[str]]) -> str:
    """The weights as a JSON document. Intents with few sentences count for more, so that none is forgotten."""
    pairs = [
        (features(read(said)), intent) for intent in sorted(examples) for said in examples[intent]
    ]
    document = linear.learn(pairs, rounds=_ROUNDS, balanced=True, words_once=True)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
