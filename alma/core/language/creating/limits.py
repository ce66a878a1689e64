"""Limits of a request that stand in a sentence of their own, whoever they come from: `Legal insists that data stays in
eu-central-1`, `if it could all stay below $200 I'd be happy`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import AddResource, Edit, SetBlueprint, UseTemplate

_BOUNDS = frozenset(
    "under below within max maximum most exceed exceeding limit budget cap ceiling tops afford beyond than over".split()
)
_HAVING = {
    "have",
    "got",
    "i've",
    "we've",
    "spend",
    "afford",
    "only",
    "just",
    "about",
    "around",
    "roughly",
}
_AROUND = 5
_PERIODS = {"month": 1, "mo": 1, "monthly": 1, "year": 12, "yearly": 12, "annually": 12}
# Who gives money to be spent, and what is no limit: what was spent, earned or sold.
_GIVING = frozenset(
    "gave give gives given granted grants allotted allocated approved allowed assigned budgeted cent penny".split()
)
_SPENT = frozenset(
    "pay pays paid paying cost costs bill invoice earn earns sell sells rent charge charges charged instead".split()
)
_NO_MORE = {("no", "more"), ("not", "more"), ("nothing", "more")}
_CORRECTING = 12
_ELSEWHERE = {"from", "leave", "leaving", "not", "than", "was", "were", "old", "currently"}
# Where the large providers have regions; people say the city.
_CITIES = frozenset(
    "frankfurt london paris dublin stockholm milan zurich zürich amsterdam madrid warsaw helsinki oslo copenhagen "
    "vienna brussels geneva berlin munich nuremberg falkenstein singapore tokyo osaka seoul sydney melbourne mumbai "
    "hyderabad jakarta johannesburg bahrain dubai montreal toronto oregon virginia ohio ashburn dallas chicago iowa "
    "ireland".split()
)
_IN = {"in", "at", "to", "from", "near", "region"}


def limited(
    edits: Sequence[Edit], tokens: Sequence[Token]
) -> tuple[SetBlueprint | None, list[str]]:
    """What limits a request for something new that its own clauses did not say, and it in words."""
    makes = any(isinstance(edit, AddResource | UseTemplate) for edit in edits)
    said = [e.constraints for e in edits if isinstance(e, SetBlueprint) and e.constraints]
    if not makes:
        return None, []
    cost = None if any(each.max_monthly_cost for each in said) else _cost(tokens)
    region = None if any(each.region for each in said) else _region(tokens)
    if cost is None and region is None:
        return None, []
    words = [f"at most {cost:g} a month"] if cost is not None else []
    words += [f"region {region}"] if region is not None else []
    return SetBlueprint(constraints=Constraints(max_monthly_cost=cost, region=region)), words


def _cost(tokens: Sequence[Token]) -> float | None:
    """The only amount of money, if a word beside it makes it a limit; a month's, where it was said for a year."""
    places = [n for n in range(len(tokens)) if _months(tokens, n)]
    if len(places) != 1:
        return None
    place = places[0]
    near = {token.norm for token in tokens[max(0, place - _AROUND) : place + 3]}
    limits = bool(near & _BOUNDS) or _at_hand(tokens, place) or _given(tokens, place)
    last = _said_last(tokens, place)
    return round(float(tokens[last].value or 0) / _months(tokens, place), 2) if limits else None


def _months(tokens: Sequence[Token], place: int) -> int:
    """For how many months an amount is money; 0 for what is none: `$300`, `6000 a year`."""
    after = [token.norm for token in tokens[place + 1 : place + 3]]
    spoken = after[1:] if after[:1] in (["a"], ["per"], ["/"], ["each"]) else after[:1]
    period = _PERIODS.get(spoken[0], 0) if spoken else 0
    kind = tokens[place].kind
    return period or int(kind is Kind.MONEY) if kind in {Kind.MONEY, Kind.NUMBER} else 0


def _given(tokens: Sequence[Token], place: int) -> bool:
    """`The board gave us 2,500 dollars a month`, `plan for 500 a month`, `6000 a year and no more`."""
    before = [token.norm for token in tokens[max(0, place - _AROUND) : place]]
    ends = (n for n in range(place + 1, len(tokens)) if tokens[n].norm in {".", "!", "?"})
    after = [token.norm for token in tokens[place : next(ends, len(tokens))]]
    if _SPENT & {*before, *after}:
        return False
    planned = before[-2:] in (["plan", "for"], ["plan", "with"], ["spend", "is"])
    no_more = any(pair in _NO_MORE for pair in pairwise(after))
    return bool(_GIVING & set(before)) or planned or no_more or "pot" in after


def _said_last(tokens: Sequence[Token], place: int) -> int:
    """Where the amount stands that took the place of another: `500 a month, actually finance just said 400`."""
    for after in range(place + 1, min(len(tokens), place + _CORRECTING)):
        plain = tokens[after].kind is Kind.NUMBER and tokens[after - 1].norm in {"said", "says"}
        ends = after + 1 == len(tokens) or tokens[after + 1].kind is Kind.PUNCTUATION
        if plain and ends:
            return after
    return place


def _at_hand(tokens: Sequence[Token], place: int) -> bool:
    """`I've got 300 dollars a month`, `we have $300 to spend`: what there is to be spent."""
    before = [
        token.text.casefold().replace("’", "'") for token in tokens[max(0, place - 4) : place]
    ]
    after = {token.norm for token in tokens[place + 1 : place + 5]}
    had = bool({"i", "we", "i've", "we've"} & set(before)) and before[-1] in _HAVING
    return had and bool(after & {"month", "monthly", "spend"}) and not after & {"bill", "invoice"}


def _region(tokens: Sequence[Token]) -> str | None:
    """The only region or city that is told as a place to be in."""
    found: list[str] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1].norm if place else ""
        around = {each.norm for each in tokens[max(0, place - 4) : place]}
        city = token.kind is Kind.WORD and token.norm in _CITIES and before in _IN - {"from"}
        if (token.kind is Kind.REGION or city) and not around & _ELSEWHERE:
            found.append(token.text)
    return found[0] if len(set(found)) == 1 else None
