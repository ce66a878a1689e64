"""Asks every rule about every resource it is about, and writes down what the answer was computed from.

A rule sees only the facts it names. Where many resources give a rule the same facts, it is asked once: an expression
is nothing but its facts, so the answer is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.finding import (
    Assessment,
    Finding,
    Gravity,
    Result,
    RuleCount,
    Scope,
    Waiver,
)
from alma.core.model.software import Catalogue
from alma.core.policy.expressions import ExpressionFault
from alma.core.policy.facts import Facts, Row
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.packs import RuleBook
from alma.core.policy.rules import CompiledRule
from alma.core.policy.score import score_of
from alma.core.policy.waivers import Waivers

_ORDER = {gravity: number for number, gravity in enumerate(Gravity)}
_RESULTS = {Result.FAIL: 0, Result.UNKNOWN: 1, Result.WAIVED: 2, Result.PASS: 3}
_UNASKED = object()

Answer = Result | None | ExpressionFault


@dataclass(slots=True)
class _Asked:
    """One rule while it is asked: what it has said, by the facts it was asked with."""

    item: CompiledRule
    pick: Any
    said: dict[tuple[Any, ...], Answer] = field(default_factory=dict)
    counts: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    fault: tuple[str, ExpressionFault] | None = None

    def answer(self, row: Row) -> Answer:
        """What the rule says of these facts."""
        if not self.item.keyed:
            return self._computed(row)
        key = self.pick(row)
        found = self.said.get(key, _UNASKED)
        if found is _UNASKED:
            found = self.said[key] = self._computed(row)
        return found  # type: ignore[return-value]

    def _computed(self, row: Row) -> Answer:
        try:
            return self.item.ask(row)
        except ExpressionFault as fault:
            return fault

    def count(self) -> RuleCount:
        """How often it said what."""
        return RuleCount(
            passed=self.counts[Result.PASS],
            failed=self.counts[Result.FAIL],
            unknown=self.counts[Result.UNKNOWN],
            waived=self.counts[Result.WAIVED],
        )


def assess(
    book: RuleBook,
    blueprint: Blueprint,
    *,
    lifecycle: Lifecycle,
    today: date,
    catalogue: Catalogue | None = None,
    waivers: Iterable[Waiver] = (),
    frameworks: Collection[str] = (),
) -> Assessment:
    """What the rules say of a blueprint on one day. With `frameworks`, only the rules that are evidence for a control
    of one of them. The findings are in the order of their weight, the gravest first, and then of the document."""
    asked = [
        _Asked(item, item.pick())
        for item in book.active
        if not frameworks or any(name in item.rule.controls for name in frameworks)
    ]
    held = Waivers(blueprint, stored=waivers, today=today)
    facts = Facts(
        blueprint,
        lifecycle=lifecycle,
        today=today,
        catalogue=catalogue,
        wanted=frozenset().union(*(one.item.wanted for one in asked)),
        faulty=held.faulty,
    )
    findings = [*_of_the_whole(asked, facts, held), *_of_resources(asked, facts, held)]
    findings.sort(key=lambda found: (_RESULTS[found.result], _ORDER[found.severity]))
    counts = {one.item.rule.id: one.count() for one in asked if any(one.counts.values())}
    return Assessment(
        bundle=book.bundle,
        findings=tuple(findings),
        counts=counts,
        score=score_of(
            (one.item.rule, counts[one.item.rule.id]) for one in asked if one.item.rule.id in counts
        ),
        problems=(*book.problems, *map(_problem, (one for one in asked if one.fault))),
    )


def _of_the_whole(asked: Iterable[_Asked], facts: Facts, held: Waivers) -> Iterator[Finding]:
    for one in asked:
        if one.item.rule.scope is Scope.BLUEPRINT:
            yield from _look(one, None, facts.whole, (facts.blueprint.name, held))


def _of_resources(asked: Iterable[_Asked], facts: Facts, held: Waivers) -> Iterator[Finding]:
    by_type: dict[ResourceType, list[_Asked]] = defaultdict(list)
    for one in asked:
        if one.item.rule.scope is Scope.RESOURCE:
            for type_ in one.item.rule.types or ResourceType:
                by_type[type_].append(one)
    if not by_type:
        return
    for resource, row in facts.rows():
        for one in by_type[resource.type]:
            yield from _look(one, resource, row, (resource.name, held))


def _look(
    one: _Asked, resource: Resource | None, row: Row, about: tuple[str, Waivers]
) -> Iterator[Finding]:
    """Asks a rule about one place, counts the answer, and gives the finding where there is one."""
    answer = one.answer(row)
    if answer is None:
        return
    name, held = about
    if isinstance(answer, ExpressionFault):
        one.fault = one.fault or (name, answer)
        answer = Result.UNKNOWN
    waiver = None
    if answer is Result.FAIL:
        waiver = held.of(one.item.rule.id, resource.name if resource else None)
        answer = Result.WAIVED if waiver else answer
    one.counts[answer] += 1
    if answer is not Result.PASS:
        yield _finding(one.item, resource, row, (name, answer, waiver))


def _finding(
    item: CompiledRule,
    resource: Resource | None,
    row: Row,
    outcome: tuple[str, Result, Waiver | None],
) -> Finding:
    """Built without a second validation: every part of it is a value of ours already."""
    name, result, waiver = outcome
    rule = item.rule
    unknown = result is Result.UNKNOWN
    return Finding.model_construct(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        level=rule.level,
        result=result,
        resource=resource.name if resource else None,
        path=_path(rule.path, resource),
        message=_unsaid(item, name, row) if unknown else item.message(name, row),
        remediation=rule.remediation,
        evidence={key: _plain(row[key]) for key in item.names},
        fix=() if unknown else item.mend(name, row),
        controls=rule.controls,
        waiver=waiver,
    )


def _path(path: str, resource: Resource | None) -> str:
    """The place in the blueprint: `resources.db.network.public_ip`."""
    inside = path.strip(".")
    if resource is None:
        return inside
    return f"resources.{resource.name}.{inside}" if inside else f"resources.{resource.name}"


def _unsaid(item: CompiledRule, name: str, row: Row) -> str:
    """What is missing, by the names of the facts that are null."""
    missing = [key for key in item.names if row[key] is None]
    if not missing:
        return f"{name}: '{item.rule.title}' can't be judged from these facts"
    return f"{name} does not say {', '.join(missing)}, so '{item.rule.title}' can't be judged"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _problem(one: _Asked) -> Diagnostic:
    assert one.fault is not None
    name, fault = one.fault
    rule = one.item.rule
    return Diagnostic(
        code="policy_rule",
        path=rule.pack,
        message=f"{rule.id}: can't be computed for {name}: {fault}",
        hint="guard it with `needs`, or with a comparison with null in `applies`",
        line=one.item.line,
    )


def gravest(results: Iterable[Result]) -> Result | None:
    """The one result for several places: what failed, else what is unknown, else what passed. None for no place."""
    return min(results, key=lambda result: _RESULTS[result], default=None)
