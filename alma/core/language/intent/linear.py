"""A linear model over words: small, without a library, and the same answer every time.

Each thing to be told (an intent, the bearing of a clause) has a weight for every feature that was seen in the examples;
what is asked about gets the sum of those of its own features. Learned by logistic regression, in an order that is
always the same, so that weights and examples can be held to each other by a test.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROUNDS, _STEP, _FADE = 12, 4.0, 3e-4
_SCALE, _LEAST = 100, 30
_RUN = 4


@dataclass(frozen=True)
class Linear:
    """The weights, in hundredths: by feature those that it has, by the place of a class."""

    classes: Sequence[str]
    bias: Sequence[int]
    weights: Mapping[str, Mapping[str, int]]

    @classmethod
    def loaded(cls, file: Path) -> Linear:
        """The model in a file with a document that `learn` made."""
        return cls.of(json.loads(file.read_bytes()))

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Linear:
        """The model in a document that `learn` made."""
        return cls(document["classes"], document["bias"], document["weights"])

    def shares(self, found: Iterable[str]) -> Mapping[str, float]:
        """The share of the belief that each class has: they add up to 1."""
        weights = self.weights
        known = [weights[feature] for feature in found if feature in weights]
        sums = {str(place): 0 for place in range(len(self.bias))}
        for row in known:
            for place, weight in row.items():
                sums[place] += weight
        scale = 1 / math.sqrt(len(known) or 1)
        pairs = zip(self.bias, sums.values(), strict=True)
        scores = [(bias + scale * weight) / _SCALE for bias, weight in pairs]
        return dict(zip(self.classes, softmax(scores), strict=True))


def letters(word: str) -> set[str]:
    """The runs of four letters in a word, with its ends, so that a word that no example has still counts by what it is
    built like; none of what only fills a place."""
    if word.startswith("<"):
        return set()
    ended = f"^{word}$"
    return {f"#{ended[at : at + _RUN]}" for at in range(len(ended) - _RUN + 1)}


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as shares that add up to 1."""
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def learn(
    examples: Sequence[tuple[set[str], str]],
    *,
    rounds: int = _ROUNDS,
    balanced: bool = False,
    words_once: bool = False,
) -> dict[str, object]:
    """The weights, as a document for JSON: of features that more than one example has, and with `words_once` of single
    words that one has. `balanced`: classes with few examples count for more."""
    classes = sorted({name for _, name in examples})
    often = Counter(feature for found, _ in examples for feature in found)

    def kept(feature: str) -> bool:
        return often[feature] > 1 or (words_once and not (" " in feature or feature[0] == "#"))

    pairs = [(sorted(filter(kept, found)), classes.index(name)) for found, name in examples]
    sizes = Counter(place for _, place in pairs)
    even = len(pairs) / len(classes) if classes else 0.0
    worth = [math.sqrt(even / sizes[k]) if balanced else 1.0 for k in range(len(classes))]
    weights, bias = _descended(pairs, worth, rounds)
    rows = {feature: _sparse(row) for feature, row in sorted(weights.items())}
    return {
        "classes": classes,
        "bias": [round(value * _SCALE) for value in bias],
        "weights": {feature: row for feature, row in rows.items() if row},
    }


def _descended(
    pairs: list[tuple[list[str], int]], worth: Sequence[float], rounds: int
) -> tuple[dict[str, list[float]], list[float]]:
    order, size = random.Random(0), len(worth)  # noqa: S311 - an order, no secret
    weights: dict[str, list[float]] = {f: [0.0] * size for found, _ in pairs for f in found}
    bias = [0.0] * size
    for turn in range(rounds):
        order.shuffle(pairs)
        step = _STEP / (1 + turn / 5)
        for found, place in pairs:
            scale = 1 / math.sqrt(len(found) or 1)
            rows = [weights[feature] for feature in found]
            scores = [bias[k] + scale * sum(row[k] for row in rows) for k in range(size)]
            for k, share in enumerate(softmax(scores)):
                change = (share - (k == place)) * worth[place] * step
                bias[k] -= change / 10
                for row in rows:
                    row[k] -= change * scale + step * _FADE * row[k]
    return weights, bias


def _sparse(row: Sequence[float]) -> dict[str, int]:
    rounded = {str(place): round(value * _SCALE) for place, value in enumerate(row)}
    return {place: value for place, value in rounded.items() if abs(value) >= _LEAST}
