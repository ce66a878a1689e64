"""How much a system has to bear: "for 5,000 users", "200 requests a second", "10k daily visitors".

What is said of the load is taken out of the message before it is read as things to make. Sizes come from the capacity
model that is handed in; this module only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alma.core.language.words.tokens import Kind, Token
from alma.core.model.sizing import Load, Sizing

Sizer = Callable[[Load], Sizing]

_PEOPLE = frozenset(
    "user users customer customers visitor visitors people person client clients player players employee "
    "employees student students member members subscriber subscribers shopper shoppers guest guests "
    "viewer viewers reader readers friend friends staff students coworker coworkers colleague colleagues kid kids "
    "roommate roommates flatmate flatmates".split()
)
_REQUESTS = frozenset(
    "request requests req reqs hit hits call calls query queries view views visit visits pageview "
    "pageviews transaction transactions order orders session sessions order message messages page".split()
)
_RATES = {"rps": 1.0, "qps": 1.0, "tps": 1.0, "req/s": 1.0, "rpm": 1 / 60}
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "hour": 3600, "h": 3600, "hr": 3600,
    "day": 86400, "daily": 86400, "week": 604800, "weekly": 604800, "month": 2592000, "monthly": 2592000,
}  # fmt: skip
_BETWEEN = frozenset(
    "a an the registered active concurrent simultaneous daily monthly weekly unique our of regular online "
    "different http api incoming page web site total customer up to more or than new paying website read "
    "write family team".split()
)
_THINGS = frozenset(
    "server servers machine machines vm vms node nodes service services database db queue pod pods".split()
)
# What people do with what is there: `half a dozen family members use them`.
_USING = frozenset("use share play watch work log rely depend look".split())
_USED = frozenset("it them that this these those both".split())
_MODALS = frozenset("will would can should may might 'll".split())
_NEAR = 3
_FEWEST = 20
_PEAK = 3.0  # the busiest hour of a day carries about three times its average
_VISIT = 10  # requests that one visit makes, as an assumption that is said


@dataclass(frozen=True, slots=True)
class Said:
    """A load as it was said: `words` are its own words, `assumed` what had to be assumed to make a load of them."""

    load: Load
    words: str
    assumed: tuple[str, ...] = ()


def take_load(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], Said | None]:
    """The tokens without what they say of a load, and that load; the first one counts."""
    for index, token in enumerate(tokens):
        if token.kind is not Kind.NUMBER or not isinstance(token.value, int | float):
            continue
        read = _measure(tokens, index)
        if read is not None:
            end, said = read
            start = _start(tokens, index)
            return (*tokens[:start], *tokens[end:]), said
    return tuple(tokens), None


def _start(tokens: Sequence[Token], index: int) -> int:
    """Where the words that only lead to the amount begin: "for about"."""
    start = index
    while start and tokens[start - 1].norm in {
        *_FEW,
        "about",
        "around",
        "roughly",
        "some",
        "~",
        "to",
        "least",
        "at",
    }:
        start -= 1
    if start and tokens[start - 1].norm in _LEADING:
        start -= 1
    return start


_FEW = frozenset("approximately up peak peaks of max maximum over almost nearly than more".split())
_LEADING = frozenset(
    "for handle handles handling serve serves serving support supports with expect expecting expects "
    "sustain sustains take takes have has get gets sees bear".split()
)


def _measure(tokens: Sequence[Token], index: int) -> tuple[int, Said] | None:
    value = float(tokens[index].value or 0)
    place, period = index + 1, None
    while place < len(tokens) and tokens[place].norm in _BETWEEN:
        period = _SECONDS.get(tokens[place].norm, period)
        place += 1
    if place >= len(tokens) or value <= 0:
        return None
    noun = tokens[place].norm
    text = tokens[place].text.casefold()
    if noun in _RATES or text in _RATES:
        end = place + 1
        return end, _said(
            tokens, index, end, Load(requests_per_second=value * _RATES.get(noun, 1.0))
        )
    people, requests = {noun, text} & _PEOPLE, {noun, text} & _REQUESTS
    if not people and not requests:
        return None
    used = _used(tokens, place + 1) if people else 0
    if not used and _is_thing(tokens, index, place):
        return None
    end, spoken = _period(tokens, used or place + 1)
    period = spoken or period
    if requests and period is None:
        return None
    return end, _load(tokens, index, end, value, period, visits=bool(people))


def _used(tokens: Sequence[Token], place: int) -> int:
    """Where it ends that people use what was named, if that is told of them there; otherwise 0."""
    start = place + (place < len(tokens) and tokens[place].norm in _MODALS)
    if start >= len(tokens) or tokens[start].norm not in _USING:
        return 0
    for end in range(start + 1, min(len(tokens), start + 1 + _NEAR)):
        if tokens[end].norm in _USED:
            return end + 1
    return 0


def _is_thing(tokens: Sequence[Token], index: int, place: int) -> bool:
    """`3 members`, `2 client machines`: few of something are things to make, unless they are said to be borne."""
    following = tokens[place + 1].norm if place + 1 < len(tokens) else ""
    led = index > 0 and tokens[index - 1].norm in _LEADING - {"with", "have", "has", "get"}
    few = float(tokens[index].value or 0) < _FEWEST and not led
    return few or following in _THINGS


def _period(tokens: Sequence[Token], place: int) -> tuple[int, int | None]:
    """`a day`, `/s`, `per month`, `daily` after a noun."""
    norms = [token.text.casefold() for token in tokens[place : place + 2]]
    if len(norms) == 2 and norms[0] in {"/", "a", "per", "each", "every"} and norms[1] in _SECONDS:
        return place + 2, _SECONDS[norms[1]]
    if norms and norms[0] in {"daily", "monthly", "weekly"}:
        return place + 1, _SECONDS[norms[0]]
    return place, None


def _load(
    tokens: Sequence[Token], index: int, end: int, value: float, period: int | None, *, visits: bool
) -> Said:
    if visits and (period is None or period <= 1):
        return _said(tokens, index, end, Load(users=max(1, round(value))))
    assert period is not None
    rate, assumed = value / period, []
    if visits:
        rate *= _VISIT
        assumed.append(f"{_VISIT} requests for each visit")
    if period > 3600:
        rate *= _PEAK
        assumed.append(f"the busiest hour at {_PEAK:g} times the average")
    return _said(tokens, index, end, Load(requests_per_second=round(max(rate, 0.01), 2)), *assumed)


def _said(tokens: Sequence[Token], start: int, end: int, load: Load, *assumed: str) -> Said:
    amount = (
        f"{tokens[start].value:,}" if isinstance(tokens[start].value, int) else tokens[start].text
    )
    words = [amount, *(token.text for token in tokens[start + 1 : end])]
    return Said(load, " ".join(words).replace(" / ", "/"), tuple(assumed))
