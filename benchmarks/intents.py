"""Learns what messages want from `alma/core/language/intent/intents.yaml`, and which of their parts do from
`bearings.txt` beside it, and says how well it did.

python -m benchmarks.intents            writes intents.json and bearings.json
python -m benchmarks.intents --check    only measures: on sentences and messages that were left out while learning
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from alma.config import load_catalogue
from alma.core.language.intent import bearing, linear
from alma.core.language.intent.intents import (
    EXAMPLES,
    WEIGHTS,
    Recogniser,
    examples_digest,
    learn,
    words,
)
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.model.yaml_reader import read_yaml

_FOLDS = 5


def main() -> int:
    """Learns from all sentences, or measures on each fifth what the others teach."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    gazetteer = Gazetteer(load_catalogue())
    content = EXAMPLES.read_bytes()
    examples = read_yaml(content.decode())
    if parser.parse_args().check:
        right, total = _measured(examples, gazetteer)
        print(f"{right} of {total} sentences that were left out ({right / total:.1%})")
        told = _measured_parts(bearing.EXAMPLES.read_text(encoding="utf-8"), examples, gazetteer)
        print(
            f"{told[0]} of {told[1]} parts of messages that were left out ({told[0] / told[1]:.1%})"
        )
        return 0
    learned = json.loads(learn(examples, lambda said: words(gazetteer, said)))
    document = {"examples": examples_digest(content), **learned}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    WEIGHTS.write_text(f"{text}\n", encoding="utf-8")
    print(f"learned from {sum(map(len, examples.values()))} sentences: {len(text) // 1000} kB")
    _learn_bearings(examples, content, gazetteer)
    return 0


def _learn_bearings(
    sentences: Mapping[str, Sequence[str]], content: bytes, gazetteer: Gazetteer
) -> None:
    marked = bearing.EXAMPLES.read_bytes()
    lessons = bearing.lessons(gazetteer, marked.decode(), sentences)
    document = {"examples": examples_digest(marked + content), **linear.learn(lessons)}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    bearing.WEIGHTS.write_text(f"{text}\n", encoding="utf-8")
    print(f"learned from {len(lessons)} parts of messages: {len(text) // 1000} kB")


def _measured_parts(
    document: str, sentences: Mapping[str, Sequence[str]], gazetteer: Gazetteer
) -> tuple[int, int]:
    """How many parts are told from those that only tell something, and of how many."""
    lines = document.splitlines()
    right = total = 0
    for fold in range(_FOLDS):
        rest = "\n".join(line for at, line in enumerate(lines) if at % _FOLDS != fold)
        model = linear.Linear.of(linear.learn(bearing.lessons(gazetteer, rest, sentences)))
        for names, marked in bearing.examples("\n".join(lines[fold::_FOLDS])):
            for described, mark in bearing.labelled(gazetteer, names, marked):
                shares = model.shares(described)
                told = max(shares, key=lambda name: shares[name]) == bearing.Bearing.TOLD
                right += told == (mark == bearing.Bearing.TOLD)
                total += 1
    return right, total


def _measured(examples: Mapping[str, Sequence[str]], gazetteer: Gazetteer) -> tuple[int, int]:
    right = total = 0
    for fold in range(_FOLDS):
        rest = {
            name: [said for at, said in enumerate(all_) if at % _FOLDS != fold]
            for name, all_ in examples.items()
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "weights.json"
            file.write_text(learn(rest, lambda said: words(gazetteer, said)), encoding="utf-8")
            recogniser = Recogniser(gazetteer, file)
            for name, all_ in examples.items():
                for said in all_[fold::_FOLDS]:
                    right += recogniser.guesses(said)[0].intent == name
                    total += 1
    return right, total


if __name__ == "__main__":
    sys.exit(main())
