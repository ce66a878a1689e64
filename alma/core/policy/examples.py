"""Rules' own examples, asked: a rule that does not say of them what it claims is not understood by whoever wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.finding import Level, Result, RuleCount, RuleExample
from alma.core.model.software import Catalogue
from alma.core.policy.evaluate import assess, gravest
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.packs import Pack, RuleBook, read_packs
from alma.core.policy.rules import CompiledRule


@dataclass(frozen=True, slots=True)
class ExampleFault:
    """An example of which a rule says something else. `number` counts from 1; `line` is the rule's own."""

    rule: str
    pack: str
    line: int | None
    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at rules' own examples has shown: how many there were, and what is wrong with them or the files."""

    rules: int
    examples: int
    faults: tuple[ExampleFault, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not self.problems


def examined(
    packs: Sequence[Pack],
    *,
    lifecycle: Lifecycle,
    today: date,
    catalogue: Catalogue | None = None,
    only: Collection[str] | None = None,
) -> Examined:
    """Asks the rules of packs about their own examples; with `only`, those of the packs of these names."""
    book = read_packs(replace(pack, document=None) for pack in packs)  # for the lines
    rules = [item for item in book.rules if only is None or item.rule.pack in only]
    problems = tuple(item for item in book.problems if only is None or item.path in only)
    faults = examine(rules, lifecycle=lifecycle, today=today, catalogue=catalogue)
    examples = sum(len(item.rule.examples) for item in rules)
    return Examined(len(rules), examples, tuple(faults), problems)


def examine(
    rules: Iterable[CompiledRule],
    *,
    lifecycle: Lifecycle,
    today: date,
    catalogue: Catalogue | None = None,
) -> Iterator[ExampleFault]:
    """The examples that don't hold. A rule that is off is asked all the same: it may be switched on."""
    for item in rules:
        rule = item.rule.model_copy(update={"level": Level.ADVISORY})
        book = RuleBook(rules=(item.changed(rule),))
        day = item.examples_on or today
        for number, example in enumerate(item.rule.examples, start=1):
            problem = _problem(book, example, (lifecycle, day, catalogue))
            if problem is not None:
                yield ExampleFault(item.rule.id, item.rule.pack, item.line, number, problem)


def _problem(
    book: RuleBook, example: RuleExample, data: tuple[Lifecycle, date, Catalogue | None]
) -> str | None:
    """Why an example does not hold; None when it does."""
    lifecycle, day, catalogue = data
    try:
        blueprint = parse_blueprint({"version": "1.0", **example.blueprint})
    except BlueprintInvalid as error:
        return f"its blueprint is not valid: {error.diagnostics[0]}"
    found = assess(book, blueprint, lifecycle=lifecycle, today=day, catalogue=catalogue)
    if found.problems:
        return found.problems[0].message
    counted = next(iter(found.counts.values()), None)
    said = gravest(_results(counted)) if counted else None
    if said is example.result:
        return None
    told = "does not apply to it" if said is None else f"says {said} of it"
    return f"is to say {example.result} and {told}"


def _results(count: RuleCount) -> Iterator[Result]:
    pairs = (
        (Result.FAIL, count.failed),
        (Result.UNKNOWN, count.unknown),
        (Result.WAIVED, count.waived),
        (Result.PASS, count.passed),
    )
    return (result for result, number in pairs if number)
