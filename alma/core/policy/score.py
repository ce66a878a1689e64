"""How well a blueprint does, from 0 to 10, by arithmetic that anyone can repeat.

10 × Σ(weight × share passed) / Σ(weight) over the rules that could be judged, a rule's share being what passed of what
passed or failed. Waived places count neither way; unknown ones lower the coverage, which is told apart. A critical
failure caps the score at 4.9, a high one at 7.9: good marks elsewhere can't outweigh an open door.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alma.core.model.finding import Gravity, Rule, RuleCount, Score

WEIGHTS = {Gravity.CRITICAL: 10.0, Gravity.HIGH: 7.5, Gravity.MEDIUM: 5.0, Gravity.LOW: 2.5}
CAPS = {Gravity.CRITICAL: 4.9, Gravity.HIGH: 7.9}


@dataclass(slots=True)
class _Sum:
    shares: float = 0.0
    rules: int = 0


def score_of(counted: Iterable[tuple[Rule, RuleCount]]) -> Score:
    """The score of what the rules said. Where nothing was asked it is 10, where nothing could be answered 0."""
    sums = {gravity: _Sum() for gravity in Gravity}
    answered = unknown = 0
    open_: dict[Gravity, str] = {}
    for rule, count in counted:
        judged = count.passed + count.failed
        answered += judged + count.waived
        unknown += count.unknown
        if judged:
            sums[rule.severity].shares += count.passed / judged
            sums[rule.severity].rules += 1
        if count.failed:
            open_.setdefault(rule.severity, rule.id)
    asked = answered + unknown
    coverage = round(answered / asked, 4) if asked else 1.0
    return _scored(sums, coverage, open_, asked=asked)


def _scored(
    sums: dict[Gravity, _Sum], coverage: float, open_: dict[Gravity, str], *, asked: int
) -> Score:
    total = sum(WEIGHTS[gravity] * item.rules for gravity, item in sums.items())
    if not total:
        value = 0.0 if asked and not coverage else 10.0
        told = "nothing could be judged" if asked else "no rule applies"
        return Score(value=value, formula=f"{told}: {value}", coverage=coverage)
    reached = sum(WEIGHTS[gravity] * item.shares for gravity, item in sums.items())
    raw = round(10 * reached / total, 1)
    capped_by = next((open_[g] for g in CAPS if g in open_ and raw > CAPS[g]), None)
    cap = next((CAPS[g] for g in CAPS if g in open_ and raw > CAPS[g]), raw)
    formula = _formula(sums, raw)
    if capped_by:
        formula += f", at most {cap} while {capped_by} is broken"
    return Score(value=min(raw, cap), formula=formula, coverage=coverage, capped_by=capped_by)


def _formula(sums: dict[Gravity, _Sum], raw: float) -> str:
    """The arithmetic with its numbers, by severity: the shares that passed, and the rules they are of."""
    used = {gravity: item for gravity, item in sums.items() if item.rules}
    above = " + ".join(f"{WEIGHTS[g]:g}×{item.shares:.2f}" for g, item in used.items())
    below = " + ".join(f"{WEIGHTS[g]:g}×{item.rules}" for g, item in used.items())
    return f"10 × ({above}) / ({below}) = {raw}"
