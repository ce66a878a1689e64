"""What is wished for something that is not there: whom it is about is asked, as nothing else is unclear."""

from __future__ import annotations

from alma.core.language.intent.act import Act
from alma.core.language.words.tokens import Kind

_WISHES = (["should", "have"], ["should", "get"], ["should", "be"], ["must", "have"], ["need", "to"], ["has", "to"],
           ["need"], ["needs"], ["must", "be"], ["ought", "to"])  # fmt: skip
_ARTICLES = {"the", "our", "my"}
_OTHERS = frozenset("we i you it they there this that he she everyone everything what who".split())
_AMOUNTS = {Kind.NUMBER, Kind.SIZE}
_MOST = 3


def wished_for(act: Act) -> str | None:
    """`small should have 4`: the words for what should have so much; None where a clause says anything else."""
    body = act.body[1:] if act.body[:1] and act.body[0].norm in _ARTICLES else act.body
    if act.verb is not None or len(body) < 2 or body[-1].kind not in _AMOUNTS:
        return None
    for place in range(1, min(_MOST, len(body) - 1) + 1):
        said = [token.norm for token in body[place : place + 2]]
        who = body[:place]
        plain = all(t.kind in {Kind.WORD, Kind.QUOTED} and t.norm not in _OTHERS for t in who)
        if plain and (said in _WISHES or said[:1] in _WISHES):
            return " ".join(token.text for token in who)
    return None
