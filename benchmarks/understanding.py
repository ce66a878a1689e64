"""How much of what people say is understood: cases in one format, run against the interpreter.

    python benchmarks/understanding.py --cases tests/cases/language [--json] [--model NAME]

Prints the share of cases passed, by tag, how many misses were harmful (something was made or changed wrongly, where the
others asked or left the draft alone), the median and 95th percentile of the time one message takes, and every miss with
what was expected and what came. `--json` prints one object instead. With `--model` a language model reads the messages,
too, as it would in a conversation, and the report says how many it answered. The cases' format is described in
docs/understanding-cases.md; people keep sets of their own in it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alma.config import load_templates
from alma.core.language.answering.reply import assumed, describe
from alma.core.language.editing.edits import apply_edits
from alma.core.language.reading import ACTS
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import Intent, Interpretation, Said
from alma.core.model.errors import AlmaError
from alma.core.services.templates import Templates

if not __package__:  # run as a script: what is beside this file is found, too
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks.understanding_cases import Case, State, load_cases
from benchmarks.understanding_comparing import differences
from benchmarks.understanding_ours import as_ours
from benchmarks.understanding_reading import Heard, Offline, Reading

__all__ = [
    "Blueprint",
    "Case",
    "Interpretation",
    "Miss",
    "Runner",
    "State",
    "as_ours",
    "differences",
    "harmful",
    "load_cases",
    "main",
    "measure",
]

_DRAFTED = {"resources", "counts", "absent", "engine", "constraints"}
_Before = list[tuple[Blueprint | None, dict[str, Origin]]]


@dataclass(frozen=True)
class Miss:
    """A case that did not pass: what was expected, and what came instead."""

    id: str
    expected: Any
    got: Any


class Runner:
    """Runs cases as a conversation would go: offline, unless somebody else reads."""

    def __init__(self, reading: Callable[[Templates], Reading] = Offline) -> None:
        self.templates = Templates(load_templates())
        self.reading = reading(self.templates)

    def run(self, case: Case) -> tuple[State, list[Miss]]:
        """The state after the last turn, and what of the expectation does not hold in it. Never raises: what ends a
        case early is what it missed."""
        state, reached = State(), "a start that is a blueprint"
        try:
            state.blueprint = Blueprint.model_validate(as_ours(case.start)) if case.start else None
            reached = "messages that can be read"
            self._converse(case, state)
            reached = "an expectation that can be compared"
            found = list(differences(case.expect, state))
        except _Unapplied as error:
            return state, [Miss(case.id, "edits that can be applied", str(error))]
        except Exception as error:  # noqa: BLE001 - no case ends the measurement of the others
            return state, [Miss(case.id, reached, _reason(error))]
        return state, [Miss(case.id, *difference) for difference in found]

    def _converse(self, case: Case, state: State) -> None:
        before: _Before = []
        for message in case.say:
            begun = time.perf_counter()
            heard = self.reading.read(message, state)
            state.milliseconds.append((time.perf_counter() - begun) * 1000)
            self._edit(heard.interpretation, state, before)
            state.interpretation = heard.interpretation
            state.answer = _answer(heard, state.blueprint)
            state.said.append(_said(message, heard, state.answer))

    def _edit(self, said: Interpretation, state: State, before: _Before) -> None:
        if said.intent is Intent.UNDO and before:
            state.blueprint, state.origins = before.pop()
        elif said.edits:
            before.append((state.blueprint, state.origins))
            try:
                state.blueprint, state.origins = apply_edits(
                    state.blueprint,
                    said.edits,
                    origins=state.origins,
                    templates=self.templates.customize,
                )
            except AlmaError as error:
                raise _Unapplied(str(error)) from error


class _Unapplied(Exception):
    """What was understood can't be done to the draft."""


def _answer(heard: Heard, blueprint: Blueprint | None) -> str:
    read = heard.interpretation
    if heard.words is not None:
        return " ".join(filter(None, (heard.words, assumed(read) if read.edits else "")))
    return describe(read, blueprint, engine=blueprint.engine if blueprint else None)


def _said(message: str, heard: Heard, answer: str) -> Said:
    return Said(
        message=message,
        response=answer,
        intent=heard.interpretation.intent,
        offer=heard.offer,
        blueprint_id=None,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
    known = isinstance(error, ValueError | AlmaError)
    return str(error) if known else f"{type(error).__name__}: {error}"


def harmful(missed: Sequence[Miss], said: Interpretation | None) -> bool:
    """Whether the last message of a missed case did something wrong, rather than ask, refuse or only tell: it changed
    the draft, and the draft is not as expected or a question was; or it acted, and that was not wanted."""
    expected = [miss.expected for miss in missed if isinstance(miss.expected, Mapping)]
    if said is None or len(expected) < len(missed):
        return False  # its edits could not be applied
    acted = said.intent in ACTS and said.intent in said.acts
    if acted and any("intent" in entry for entry in expected):
        return True
    wrong = any(entry.keys() & _DRAFTED or entry.get("asks") for entry in expected)
    return bool(said.edits) and wrong


def measure(
    cases: Sequence[Case], reading: Callable[[Templates], Reading] = Offline
) -> dict[str, Any]:
    """The report over some cases, as `--json` prints it."""
    runner = Runner(reading)
    times: list[float] = []
    by_tag: dict[str, dict[str, int]] = {}
    misses: list[dict[str, Any]] = []
    for case in cases:
        state, missed = runner.run(case)
        times += state.milliseconds
        for tag in case.tags:
            entry = by_tag.setdefault(tag, {"total": 0, "passed": 0})
            entry["total"] += 1
            entry["passed"] += not missed
        if missed:
            entries = {"expected": [m.expected for m in missed], "got": [m.got for m in missed]}
            did_harm = harmful(missed, state.interpretation)
            misses.append({"id": case.id, **entries, "harmful": did_harm})
    counted = runner.reading.report()
    return {
        "total": len(cases),
        "passed": len(cases) - len(misses),
        "harmful": sum(miss["harmful"] for miss in misses),
        "p50_ms": round(statistics.median(times), 3) if times else 0.0,
        "p95_ms": round(sorted(times)[int(len(times) * 0.95)], 3) if times else 0.0,
        **({"model": counted} if counted is not None else {}),
        "by_tag": dict(sorted(by_tag.items())),
        "misses": misses,
    }


def _print(report: Mapping[str, Any]) -> None:
    share = report["passed"] / report["total"] if report["total"] else 0
    print(f"{report['passed']} of {report['total']} cases passed ({share:.1%})")
    print(
        f"{report['harmful']} of the {len(report['misses'])} misses made or changed something wrong"
    )
    print(f"one message: p50 {report['p50_ms']} ms, p95 {report['p95_ms']} ms")
    for line in _about_model(report.get("model")):
        print(line)
    for tag, entry in report["by_tag"].items():
        print(f"  {tag:16} {entry['passed']:4} of {entry['total']}")
    for miss in report["misses"]:
        print(f"\n{miss['id']}{' (harmful)' if miss['harmful'] else ''}")
        for expected, got in zip(miss["expected"], miss["got"], strict=True):
            print(f"  expected {json.dumps(expected, ensure_ascii=False, default=str)}")
            print(f"  got      {json.dumps(got, ensure_ascii=False, default=str)}")


def _about_model(counted: Mapping[str, Any] | None) -> Iterator[str]:
    if counted is None:
        return
    yield (
        f"{counted['name']} answered {counted['answered']} of {counted['messages']} messages; "
        f"{counted['fell_back']} fell back to the offline reading, {counted['not_asked']} were not put to it"
    )
    for reason, number in counted["reasons"].items():
        yield f"  {number} times: {reason}"


def _measured(cases: Sequence[Case], model: str | None) -> dict[str, Any]:
    if model is None:
        return measure(cases)
    from benchmarks.understanding_model import reading_with  # it takes its time

    with reading_with(model) as reading:
        return measure(cases, lambda templates: reading)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Exit code 0 whenever the cases could be run: this measures, it does not judge."""
    parser = argparse.ArgumentParser(description="How much of what people say is understood.")
    parser.add_argument("--cases", type=Path, required=True, help="a YAML file, or a folder of it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="a model of the configured provider (docs/models.md), or provider:model: it reads, too",
    )
    chosen = parser.parse_args(arguments)
    try:
        report = _measured(load_cases(chosen.cases), chosen.model)
    except AlmaError as error:
        parser.error(": ".join(filter(None, (error.message, error.hint))))
    except ValueError as error:
        parser.error(str(error))
    if chosen.json:
        json.dump(report, sys.stdout, ensure_ascii=False, default=str)
        print()
    else:
        _print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
