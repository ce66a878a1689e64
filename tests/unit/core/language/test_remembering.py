"""What is remembered of words never lets one draft answer for another, nor one reading for the next."""

from __future__ import annotations

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.tokens import tokenize
from tests.unit.core.language.conversing import shop

_VM = {"name": "alpha", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}}
_STORE = {"name": "alpha", "type": "database", "engine": "postgresql", "specs": {"memory": "4GB"}}
_TALK = [
    (shop(_VM, {**_VM, "name": "beta"}), ("scale alpha to 2", "give it 8GB")),
    (shop(_STORE, {**_VM, "name": "beta"}), ("back it up daily", "give it 8GB")),
    (shop({**_VM, "name": "gamma"}), ("scale alpha to 2", "give it 8GB")),
    (None, ("a vm called alpha",)),
]


def test_the_same_words_are_read_anew_against_every_draft() -> None:
    """Whoever was spoken with before, and about whatever: the answer is that of an interpreter that never was used."""
    used = Interpreter(load_catalogue(), load_templates())
    for _ in range(2):
        for draft, (*before, said) in _TALK:
            fresh = Interpreter(load_catalogue(), load_templates())
            told = used.interpret(said, blueprint=draft, history=before)
            assert told == fresh.interpret(said, blueprint=draft, history=before)


@pytest.mark.parametrize("names", [(), ("databse",)])
def test_a_name_is_no_typo_whoever_was_told_otherwise(
    gazetteer: Gazetteer, names: tuple[str, ...]
) -> None:
    norms = [t.norm for t in gazetteer.prepare(tokenize("move databse"), names).tokens]
    assert norms == ["move", "databse" if names else "database"]
    assert [t.norm for t in gazetteer.prepare(tokenize("move databse")).tokens][1] == "database"
