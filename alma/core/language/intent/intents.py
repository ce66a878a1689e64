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
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.conversation import Intent

FOLDER = Path(__file__).parent
EXAMPLES, WEIGHTS = FOLDER / "intents.yaml", FOLDER / "intents.json"
_LONGEST = 60
_ROUNDS, _STEP, _FADE = 20, 4.0, 3e-4
_SCALE, _LEAST = 100, 30
_RUN = 4
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
        return _weighed(self._model, features(words(self._gazetteer, message, names)))

    @cached_property
    def _model(self) -> _Model:
        document = json.loads(self._file.read_bytes())
        return _Model(
            intents=tuple(Intent(name) for name in document["intents"]),
            bias=document["bias"],
            weights=document["weights"],
        )


@dataclass(frozen=True)
class _Model:
    """A linear model, in hundredths: by feature the weights that it has, by an intent's place."""

    intents: tuple[Intent, ...]
    bias: Sequence[int]
    weights: Mapping[str, Mapping[str, int]]


def words(gazetteer: Gazetteer, message: str, names: Sequence[str] = ()) -> list[str]:
    """The message's words, with whatever only fills a place replaced by what kind of thing it is."""
    return [_plain(item) for item in gazetteer.tag(tokenize(message), names)][:_LONGEST]


def _plain(item: Item) -> str:
    if item.existing or _NAMED.fullmatch(item.text):
        return "<name>"
    if item.kind is not Kind.WORD:
        return "?" if item.text == "?" else f"<{item.kind.value}>"
    sorts = set(item.terms or ())
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
    return found.union(*map(_letters, said))


def _letters(word: str) -> set[str]:
    """The runs of four letters in a word, with its ends; none of what only fills a place."""
    if word.startswith("<"):
        return set()
    ended = f"^{word}$"
    return {f"#{ended[at : at + _RUN]}" for at in range(len(ended) - _RUN + 1)}


def _weighed(model: _Model, found: Iterable[str]) -> Sequence[Guess]:
    known = [model.weights[feature] for feature in found if feature in model.weights]
    sums = [0] * len(model.bias)
    for row in known:
        for place, weight in row.items():
            sums[int(place)] += weight
    scale = 1 / math.sqrt(len(known) or 1)
    pairs = zip(model.bias, sums, strict=True)
    shares = _shares([(bias + scale * weight) / _SCALE for bias, weight in pairs])
    ranked = sorted(zip(shares, model.intents, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [Guess(intent, share) for share, intent in ranked]


def _shares(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────


def examples_digest(content: bytes) -> str:
    """What ties weights to the sentences they were learned from."""
    return hashlib.sha256(content).hexdigest()


def learn(examples: Mapping[str, Sequence[str]], read: Callable[[str], Sequence[str]]) -> str:
    """The weights as a JSON document: logistic regression by gradient descent, in an order that is always the same.
    Intents with few sentences count for more, so that none is forgotten."""
    intents = sorted(examples)
    pairs = [
        (features(read(said)), place)
        for place, intent in enumerate(intents)
        for said in examples[intent]
    ]
    often = Counter(feature for found, _ in pairs for feature in found)
    kept = [
        (sorted(f for f in found if often[f] > 1 or not (" " in f or f[0] == "#")), place)
        for found, place in pairs
    ]
    weights, bias = _descended(kept, len(intents))
    rows = {feature: _sparse(row) for feature, row in sorted(weights.items())}
    document = {
        "intents": intents,
        "bias": [round(value * _SCALE) for value in bias],
        "weights": {feature: row for feature, row in rows.items() if row},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _descended(
    pairs: list[tuple[list[str], int]], size: int
) -> tuple[dict[str, list[float]], list[float]]:
    order, sizes = random.Random(0), Counter(place for _, place in pairs)  # noqa: S311 - an order, no secret
    weights: dict[str, list[float]] = {f: [0.0] * size for found, _ in pairs for f in found}
    bias = [0.0] * size
    for turn in range(_ROUNDS):
        order.shuffle(pairs)
        step = _STEP / (1 + turn / 5)
        for found, place in pairs:
            scale = 1 / math.sqrt(len(found) or 1)
            rows = [weights[feature] for feature in found]
            scores = [bias[k] + scale * sum(row[k] for row in rows) for k in range(size)]
            rarity = math.sqrt(len(pairs) / size / sizes[place])
            for k, share in enumerate(_shares(scores)):
                change = (share - (k == place)) * rarity * step
                bias[k] -= change / 10
                for row in rows:
                    row[k] -= change * scale + step * _FADE * row[k]
    return weights, bias


def _sparse(row: Sequence[float]) -> dict[str, int]:
    rounded = {str(place): round(value * _SCALE) for place, value in enumerate(row)}
    return {place: value for place, value in rounded.items() if abs(value) >= _LEAST}
