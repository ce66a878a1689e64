"""Some of several that differ, without a word which: "the memory of one of them to 2GB" is asked about.

Those that are alike (`web-1` … `web-3`) are picked before a message is read; whatever comes here would get all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.conversation import Edit, SetField

_SEVERAL = frozenset("them these those the our my us".split())
_THEM = frozenset({"them", "these", "those", "us"})
_LEAST = 3


def whichever(act: Act, edits: Sequence[Edit]) -> Asks | None:
    """The question which ones are meant, where a clause speaks of fewer than it would change."""
    said = _of_several(act)
    names = list(dict.fromkeys(edit.name for edit in edits if isinstance(edit, SetField)))
    number = said[0].value if said else None
    if not isinstance(number, int) or not 0 < number < len(names):
        return None
    one = "Which one" if number == 1 else f"Which {number}"
    question = f"{one} do you mean: {listed(names, last='or')}?"
    about = " ".join(token.text for token in said)
    return Asks(question, open=True, among=names, about=about)


def _of_several(act: Act) -> Sequence[Token]:
    """`one of them`, `two of the containers`: the number and what it is of."""
    for place, (token, after) in enumerate(pairwise(act.body)):
        of_them = after.norm == "of" and len(act.body) >= place + _LEAST
        if token.kind is Kind.NUMBER and of_them and act.body[place + 2].norm in _SEVERAL:
            noun = act.body[place + 2].norm not in _THEM
            return act.body[place : place + _LEAST + noun]
    return ()
