"""One software rather than another: "not mysql, mongo", "have mongo, not mysql" are "use mongo instead of mysql"."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.subjects import order_word
from alma.core.language.words.tokens import Token
from alma.core.model.blueprint import Resource

_JOINTS = {"and", ",", "then", "but", "also", "&", "\n", "-", "•", "*"}
_ENDS = {".", "!", "?", ";", "…"}


def rather(
    tokens: Sequence[Token], gazetteer: Gazetteer, resources: Sequence[Resource]
) -> Sequence[Token]:
    """The tokens with such a choice as the order it is."""
    tokens = _preferred(_rather(tokens, gazetteer), gazetteer)
    return _rather_than(tokens, gazetteer, resources)


def _preferred(tokens: Sequence[Token], gazetteer: Gazetteer) -> Sequence[Token]:
    """`debian over ubuntu on web-1`, `rather mariadb than mysql`: "debian instead of ubuntu …"."""
    for index in range(1, len(tokens) - 1):
        if tokens[index].norm not in {"over", "than"}:
            continue
        than = tokens[index].norm == "than"
        start = next((n for n in range(index - 2, -1, -1) if tokens[n].norm == "rather"), -1)
        if than and not 0 <= start < index - 1:
            continue
        new = gazetteer.tag(tokens[start + 1 : index] if than else tokens[index - 1 : index])
        old = gazetteer.tag(tokens[index + 1 : index + 4])[0]
        if (than and len(new) != 1) or not any(
            sort in new[-1].terms and sort in old.terms for sort in (Sort.SOFTWARE, Sort.IMAGE)
        ):
            continue
        said = [order_word("instead", tokens[index]), order_word("of", tokens[index])]
        using = [order_word("use", tokens[start])] if than else []
        before = [*tokens[:start], *using, *tokens[start + 1 : index]] if than else tokens[:index]
        return (*before, *said, *tokens[index + 1 :])
    return tokens


def _rather(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`not mysql, mongo`: "use mongo instead of mysql"."""
    for index in range(len(tokens) - 3):
        if tokens[index].norm != "not" or (index and tokens[index - 1].norm not in _JOINTS | _ENDS):
            continue
        old, joint, *new = tokens[index + 1 : index + 6]
        while new and new[0].norm in {"but", "rather", "use", "just", ","}:
            new = new[1:]
        known = [Sort.SOFTWARE in gazetteer.tag([token])[0].terms for token in (old, *new[:1])]
        if joint.norm in {",", "but", "-"} and new and all(known):
            place = tokens.index(new[0], index)
            said = [
                order_word("use", old),
                new[0],
                order_word("instead", old),
                order_word("of", old),
                old,
            ]
            return (*tokens[:index], *said, *tokens[place + 1 :])
    return tuple(tokens)


def _rather_than(
    tokens: Sequence[Token], gazetteer: Gazetteer, resources: Sequence[Resource]
) -> Sequence[Token]:
    """`have mongo, not mysql`, where mysql runs: "have mongo instead of mysql"."""
    running = {resource.engine for resource in resources if resource.engine}
    for index in range(2, len(tokens) - 1):
        if tokens[index].norm != "not" or tokens[index - 1].norm not in {",", "and", "but"}:
            continue
        old = gazetteer.tag(tokens[index + 1 : index + 4])[0]
        end = index + 1 + len(old.tokens)
        closed = end >= len(tokens) or tokens[end].norm in _JOINTS | _ENDS
        new = gazetteer.tag(tokens[max(0, index - 4) : index - 1])
        if (
            closed
            and old.id_of(Sort.SOFTWARE) in running
            and any(Sort.SOFTWARE in i.terms for i in new)
        ):
            said = [order_word("instead", tokens[index]), order_word("of", tokens[index])]
            return (*tokens[: index - 1], *said, *tokens[index + 1 :])
    return tokens
