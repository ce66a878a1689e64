"""Groups of workers: a cluster has workers of one kind, so what is said of another is asked about, never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import Blueprint, ResourceType

_GROUPS = {"pool", "group"}
_MEMBERS = {"worker", "node"}
_FURTHER = {"second", "third", "another", "new", "additional", "extra", "separate", "different"}
_ONE = {"a", "an", "one"}
_ADDING = {"add", "create", None}
# What else may stand between an article and a group of workers: it tells no group from another.
_PLAIN = {*_MEMBERS, "the", "our", "my", "its", "kubernetes", "k8s", "cluster", "whole", "entire"}
_WISHING = {"should", "must", "need", "have", "get", "shall", "could", "can"}
_MOST = 4


def another_kind(act: Act, parsed: Parsed, draft: Blueprint) -> str | None:
    """The question about a group of workers that a cluster can't have beside those it has; None where there is none."""
    clusters = [r.name for r in draft.resources if r.type is ResourceType.KUBERNETES_CLUSTER]
    named = {resource.name.casefold() for resource in draft.resources}
    if len(clusters) == 1 and not named & {token.norm for token in act.body}:
        groups = [n for n, token in enumerate(act.body) if token.norm in _GROUPS]
        if any(_is_another(act, _before(act.body, place)) for place in groups):
            return (
                f"The workers of {clusters[0]} are all of one kind. How many should it have, say for example "
                "'5 workers'? Workers of another size need a cluster of their own."
            )
    if any(p.type is ResourceType.KUBERNETES_CLUSTER for p in parsed.phrases) and _several(act):
        return (
            "The workers of a cluster are all of one kind. How many should it have in all, and how big? Or should "
            "there be a cluster for each group?"
        )
    return None


def _before(tokens: Sequence[Token], place: int) -> list[str]:
    """What belongs to a group that is spoken of, from its article on; nothing where it is no group of workers."""
    words: list[str] = []
    for token in reversed(tokens[max(0, place - _MOST) : place]):
        if token.kind is Kind.PUNCTUATION:
            break
        words.insert(0, token.norm)
        if token.norm in _ONE | {"the", "our", "my", "another"}:
            break
    return words


def _is_another(act: Act, words: Sequence[str]) -> bool:
    """`a second worker pool` that is to be made, `the small group` that should have more."""
    of_workers = bool(_MEMBERS & set(words))
    if of_workers and act.verb in _ADDING and set(words) & (_FURTHER | _ONE):
        return True
    wished = {token.norm for token in act.body} & _WISHING
    counted = act.body[-1].kind is Kind.NUMBER
    told = words[:1] == ["the"] and set(words) - _PLAIN
    return act.verb in {None, "set", "scale"} and bool(told) and bool(wished) and counted


def _several(act: Act) -> bool:
    """`with two worker groups`."""
    body = act.body
    return any(
        token.kind is Kind.NUMBER
        and isinstance(token.value, int)
        and token.value > 1
        and [t.norm for t in body[n + 1 : n + 3]] in [[m, g] for m in _MEMBERS for g in _GROUPS]
        for n, token in enumerate(body)
    )
