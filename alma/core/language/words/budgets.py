"""Amounts that limit a cost are money without a currency, too: "keep the cost under 500"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from alma.core.language.words.token import Kind, Token

_NAMING = {"of", "is", "to", ":", "="}
_CAPS = {"limit", "cap", "ceiling"}
_SPENDING = {"spend", "afford"}
_AFTER_A_COST = {
    "/",
    "a",
    "per",
    "monthly",
    "yearly",
    "and",
    "but",
    "now",
    "please",
    "max",
    "instead",
    "total",
    "from",
}


def mark_budgets(
    tokens: Sequence[Token], *, costs: Collection[str], bounds: Collection[str]
) -> list[Token]:
    """The tokens, with bare numbers made money where a word for a cost and a limiting one stand before them."""
    out: list[Token] = []
    cost = ""
    for index, token in enumerate(tokens):
        if token.norm in costs:
            cost = token.norm
        elif token.norm in _CAPS and index and tokens[index - 1].norm in {"monthly", *costs}:
            cost = "budget"  # "raise the monthly limit to 900"
        elif token.kind is Kind.PUNCTUATION and token.norm not in _NAMING:
            cost = ""
        if token.kind is not Kind.NUMBER:
            out.append(token)
            continue
        place = (
            index - 2 if index > 1 and tokens[index - 1].norm in {"now", "currently"} else index - 1
        )
        before = tokens[place].norm if index else ""
        limited = before in bounds or (cost == "budget" and before in {*_NAMING, "budget"})
        near = {token.norm for token in tokens[max(0, place - 3) : place]}
        capped = before in {"of", "at"} and bool(near & set(bounds))
        limited = limited or (capped and _of_a_month(tokens, index))
        limited = limited or _at_most_after(tokens, index, bounds) or before in _SPENDING
        told = (cost and _ends_amount(tokens, index)) or _of_a_month(tokens, index)
        if told and limited:
            out.append(replace(token, kind=Kind.MONEY, value=float(token.value or 0)))
        else:
            out.append(token)
    return out


def _ends_amount(tokens: Sequence[Token], index: int) -> bool:
    """Whether no noun follows: three servers are no money."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return (
        following is None or following.kind is Kind.PUNCTUATION or following.norm in _AFTER_A_COST
    )


def _at_most_after(tokens: Sequence[Token], index: int, bounds: Collection[str]) -> bool:
    """`250 a month tops`."""
    last = tokens[index + 3].norm if index + 3 < len(tokens) else ""
    return _of_a_month(tokens, index) and last in bounds


def _of_a_month(tokens: Sequence[Token], index: int) -> bool:
    """`under 300 a month`: only money is told so."""
    after = [token.norm for token in tokens[index + 1 : index + 3]]
    return after[:1] == ["monthly"] or (
        after[:1] in [["a"], ["per"], ["/"]] and after[1:] in [["month"], ["mo"]]
    )
