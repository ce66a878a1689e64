"""Limits of a request that stand in a sentence of their own, whoever they come from: `Legal insists that data stays in
eu-central-1`, `if it could all stay below $200 I'd be happy`.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    """The only amount of money, if a word beside it makes it a limit."""
    places = [n for n, token in enumerate(tokens) if token.kind is Kind.MONEY]
    if len(places) != 1:
        return None
    place = places[0]
    near = {token.norm for token in tokens[max(0, place - _AROUND) : place + 3]}
    limits = bool(near & _BOUNDS) or _at_hand(tokens, place)
    return float(tokens[place].value or 0) if limits and not near & {"year", "yearly"} else None


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
