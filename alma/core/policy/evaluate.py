"""Asks every rule about every resource it is about, and writes down what the answer was computed from.

A rule sees only the facts it names. Where many resources give a rule the same facts, it is asked once: an expression
is nothing but its facts, so the answer is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from alma.core.model.base import Json
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


@dataclass(frozen=True, slots=True)
class _Said:
    """What a rule says of certain facts, and those facts as evidence. `fault` is why it could not be computed."""

    result: Result | None
    evidence: Mapping[str, Json]
    fault: ExpressionFault | None = None


class _Asked:
    """One rule while it is asked: what it has said, by the facts it was asked with, and how often it said what."""

    def __init__(self, item: CompiledRule, held: Waivers) -> None:
        self.item = item
        self.counts = dict.fromkeys(Result, 0)
        self.fault: tuple[str, ExpressionFault] | None = None
        self._held = held
        self._pick = item.pick()
        self._said: dict[tuple[Any, ...], _Said] = {}
        self._blank = _blank(item)

    def look(self, name: str, resource: Resource | None, row: Row) -> Finding | None:
        """Asks about one place and counts the answer. Nothing where the rule does not apply, or all is well."""
        said = self._answer(row)
        result = said.result
        if result is None:
            return None
        waiver = None
        if result is Result.FAIL:
            waiver = self._held.of(self.item.rule.id, resource.name if resource else None)
            result = Result.WAIVED if waiver else result
        self.counts[result] += 1
        if said.fault is not None and self.fault is None:
            self.fault = (name, said.fault)
        if result is Result.PASS:
            return None
        return self._finding(name, resource, row, (result, said, waiver))

    def count(self) -> RuleCount:
        """How often it said what."""
        return RuleCount(
            passed=self.counts[Result.PASS],
            failed=self.counts[Result.FAIL],
            unknown=self.counts[Result.UNKNOWN],
            waived=self.counts[Result.WAIVED],
        )

    def _answer(self, row: Row) -> _Said:
        key = self._pick(row)
        if self.item.open:
            # 1, 1.0 and true are one key of a mapping, and three values of an expression.
            key = (*key, *map(type, key))
            if any(isinstance(value, dict | list) for value in key):
                return self._computed(row)
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = self._computed(row)
        return found

    def _computed(self, row: Row) -> _Said:
        evidence = {name: _plain(row[name]) for name in self.item.names}
        try:
            return _Said(self.item.ask(row), evidence)
        except ExpressionFault as fault:
            return _Said(Result.UNKNOWN, evidence, fault)

    def _finding(
        self,
        name: str,
        resource: Resource | None,
        row: Row,
        outcome: tuple[Result, _Said, Waiver | None],
    ) -> Finding:
        """A copy of the rule's blank, not validated again: every part of it is a value of ours already."""
        result, said, waiver = outcome
        unknown = result is Result.UNKNOWN
        changes: dict[str, Any] = {
            "result": result,
            "resource": resource.name if resource else None,
            "path": _path(self.item.rule.path, resource),
            "message": _unsaid(self.item, name, said) if unknown else self.item.message(name, row),
            "evidence": said.evidence,
            "waiver": waiver,
        }
        if not unknown and self.item.fixes:
            changes["fix"] = self.item.mend(name, row)
        return self._blank.model_copy(update=changes)


def _blank(item: CompiledRule) -> Finding:
    """What all findings of a rule have in common."""
    rule = item.rule
    return Finding(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        level=rule.level,
        result=Result.PASS,
        path=rule.path,
        message=rule.title,
        remediation=rule.remediation,
        controls=rule.controls,
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
    held = Waivers(blueprint, stored=waivers, today=today)
    asked = [
        _Asked(item, held)
        for item in book.active
        if not frameworks or any(name in item.rule.controls for name in frameworks)
    ]
    facts = Facts(
        blueprint,
        lifecycle=lifecycle,
        today=today,
        catalogue=catalogue,
        wanted=frozenset().union(*(one.item.wanted for one in asked)),
        faulty=held.faulty,
    )
    findings = [*_of_the_whole(asked, facts), *_of_resources(asked, facts)]
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


def _of_the_whole(asked: Iterable[_Asked], facts: Facts) -> Iterator[Finding]:
    for one in asked:
        if one.item.rule.scope is Scope.BLUEPRINT:
            found = one.look(facts.blueprint.name, None, facts.whole)
            if found is not None:
                yield found


def _of_resources(asked: Iterable[_Asked], facts: Facts) -> Iterator[Finding]:
    by_type: dict[ResourceType, list[_Asked]] = defaultdict(list)
    for one in asked:
        if one.item.rule.scope is Scope.RESOURCE:
            for type_ in one.item.rule.types or ResourceType:
                by_type[type_].append(one)
    if not by_type:
        return
    for resource, row in facts.rows():
        for one in by_type[resource.type]:
            found = one.look(resource.name, resource, row)
            if found is not None:
                yield found


def _path(path: str, resource: Resource | None) -> str:
    """The place in the blueprint: `resources.db.network.public_ip`."""
    inside = path.strip(".")
    if resource is None:
        return inside
    return f"resources.{resource.name}.{inside}" if inside else f"resources.{resource.name}"


def _unsaid(item: CompiledRule, name: str, said: _Said) -> str:
    """What is missing, by the names of the facts that are null."""
    missing = [key for key, value in said.evidence.items() if value is None]
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
