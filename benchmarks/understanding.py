"""How much of what people say is understood: cases in one format, run against the interpreter.

    python benchmarks/understanding.py --cases tests/cases/language [--json]

Prints the share of cases passed, by tag, how many misses were harmful (something was made or changed wrongly, where the
others asked or left the draft alone), the median and 95th percentile of the time one message takes, and every miss with
what was expected and what came. `--json` prints one object instead. The cases' format is described in
docs/understanding-cases.md; people keep sets of their own in it.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from alma.config import load_capacity, load_catalogue, load_templates
from alma.core.economics.capacity import size_for
from alma.core.language.answering.reply import describe
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.language.reading import ACTS
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.errors import AlmaError
from alma.core.model.units import Size
from alma.core.model.yaml_reader import read_yaml
from alma.core.services.templates import Templates

_COMPUTE = {"vm", "container", "service"}
_SIZES = {"specs.memory", "specs.disk", "specs.storage"}
_SPOKEN = {"k": "kB", "m": "MB", "g": "GB", "t": "TB"}
_DRAFTED = {"resources", "counts", "absent", "engine", "constraints"}


@dataclass(frozen=True)
class Case:
    """One conversation and what should be true after it."""

    id: str
    say: tuple[str, ...]
    expect: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    start: Mapping[str, Any] | None = None


@dataclass
class State:
    """Where a conversation stands."""

    blueprint: Blueprint | None = None
    interpretation: Interpretation | None = None
    answer: str = ""
    milliseconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Miss:
    """A case that did not pass: what was expected, and what came instead."""

    id: str
    expected: Any
    got: Any


class Runner:
    """Runs cases offline, as a conversation would go."""

    def __init__(self) -> None:
        self.templates = Templates(load_templates())
        sizing = partial(size_for, model=load_capacity())
        self.interpreter = Interpreter(load_catalogue(), self.templates.entries, sizing=sizing)

    def run(self, case: Case) -> tuple[State, list[Miss]]:
        """The state after the last turn, and what of the expectation does not hold in it."""
        state = State(Blueprint.model_validate(_as_ours(case.start)) if case.start else None)
        origins: dict[str, Any] = {}
        before: list[tuple[Blueprint | None, dict[str, Any]]] = []
        for number, message in enumerate(case.say):
            begun = time.perf_counter()
            said = self.interpreter.interpret(
                message, blueprint=state.blueprint, history=case.say[:number]
            )
            state.milliseconds.append((time.perf_counter() - begun) * 1000)
            if said.intent is Intent.UNDO and before:
                state.blueprint, origins = before.pop()
            elif said.edits:
                before.append((state.blueprint, origins))
                try:
                    state.blueprint, origins = apply_edits(
                        state.blueprint,
                        said.edits,
                        origins=origins,
                        templates=self.templates.customize,
                    )
                except AlmaError as error:
                    return state, [Miss(case.id, "edits that can be applied", str(error))]
            state.interpretation = said
            engine = state.blueprint.engine if state.blueprint else None
            state.answer = describe(said, state.blueprint, engine=engine)
        return state, [Miss(case.id, *difference) for difference in differences(case.expect, state)]


# How others may write what our blueprints have elsewhere.
_ELSEWHERE = {
    "ports": "network.ports",
    "public": "network.public_ip",
    "private_ip": "network.private_ip",
    "public_ip": "network.public_ip",
}


def _as_ours(start: Mapping[str, Any]) -> dict[str, Any]:
    """A blueprint as people outside may write it, in our own terms."""
    resources = start.get("resources") or []
    return {**start, "resources": [_resource_as_ours(dict(entry)) for entry in resources]}


def _resource_as_ours(entry: dict[str, Any]) -> dict[str, Any]:
    for key, path in _ELSEWHERE.items():
        if key in entry:
            entry["network"] = {**entry.get("network", {}), path.partition(".")[2]: entry.pop(key)}
    if "connects_to" in entry:
        behind = "backends" if entry.get("type") == "load_balancer" else "depends_on"
        entry[behind] = [*entry.get(behind, []), *_any_of(entry.pop("connects_to"))]
    return entry


def differences(expect: Mapping[str, Any], state: State) -> Iterator[tuple[Any, Any]]:
    """What of an expectation does not hold, as (expected, got)."""
    said = state.interpretation
    assert said is not None
    resources = list(state.blueprint.resources) if state.blueprint else []
    shown = [_plain(resource) for resource in resources]
    if "intent" in expect and str(said.intent) not in _any_of(expect["intent"]):
        yield {"intent": expect["intent"]}, {"intent": str(said.intent)}
    wanted = expect.get("resources", [])
    if not _all_matched(wanted, resources):
        yield {"resources": wanted}, {"resources": shown}
    for kind, number in expect.get("counts", {}).items():
        found = _count(kind, resources)
        if found not in _any_of(number):
            yield {"counts": {kind: number}}, {"counts": {kind: found}, "resources": shown}
    for entry in expect.get("absent", []):
        if any(entry.get("type") == "*" or _matches(entry, resource) for resource in resources):
            yield {"absent": entry}, {"resources": shown}
    yield from _about_all(expect, state, said)


def _about_all(
    expect: Mapping[str, Any], state: State, said: Interpretation
) -> Iterator[tuple[Any, Any]]:
    blueprint = state.blueprint
    engine = blueprint.engine if blueprint else None
    if "engine" in expect and not _equal("engine", expect["engine"], engine):
        yield {"engine": expect["engine"]}, {"engine": engine}
    limits = blueprint.constraints.model_dump() if blueprint and blueprint.constraints else {}
    for key, value in expect.get("constraints", {}).items():
        if not _equal(key, value, limits.get(key)):
            yield {"constraints": {key: value}}, {"constraints": limits}
    if "asks" in expect and (said.question is not None) != expect["asks"]:
        yield {"asks": expect["asks"]}, {"question": said.question}
    for words in expect.get("says", []):
        if not any(str(word).casefold() in state.answer.casefold() for word in _any_of(words)):
            yield {"says": words}, {"answer": state.answer}


def _all_matched(wanted: Sequence[Mapping[str, Any]], resources: Sequence[Resource]) -> bool:
    """Whether each entry can have a resource of its own."""
    owners: dict[int, int] = {}

    def place(entry: int, tried: set[int]) -> bool:
        for index, resource in enumerate(resources):
            if index in tried or not _matches(wanted[entry], resource):
                continue
            tried.add(index)
            if index not in owners or place(owners[index], tried):
                owners[index] = entry
                return True
        return False

    return all(place(entry, set()) for entry in range(len(wanted)))


def _count(kind: str, resources: Iterable[Resource]) -> int:
    kinds = _COMPUTE if kind == "any_compute" else {kind}
    return sum(resource.count for resource in resources if resource.type in kinds)


def _matches(entry: Mapping[str, Any], resource: Resource) -> bool:
    return all(_equal(path, expected, _value(resource, path)) for path, expected in _flat(entry))


def _flat(entry: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in entry.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _value(resource: Resource, path: str) -> Any:
    if path in {"specs.disk", "specs.storage"}:
        return resource.specs.disk_size
    if path == "image" and resource.image is None:
        return resource.engine  # an application is known by its software
    if path == "connects_to":
        return (*resource.backends, *resource.depends_on)
    value: Any = resource
    for part in _ELSEWHERE.get(path, path).split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
    return value


def _equal(path: str, expected: Any, got: Any) -> bool:
    if isinstance(expected, list | tuple) and not isinstance(got, list | tuple):
        return any(_equal(path, option, got) for option in expected)
    if expected == "*":
        return got not in (None, "", (), [], {})
    if got is None or expected is None:
        return got is expected
    return _same(path, expected, got)


def _same(path: str, expected: Any, got: Any) -> bool:
    if path in _SIZES:
        return _same_size(str(expected), str(got))
    if path == "image":
        return _same_image(str(expected), str(got))
    if path == "version":
        return str(got) == str(expected) or str(got).startswith(f"{expected}.")
    if isinstance(got, list | tuple):
        wanted = sorted(map(_folded, _any_of(expected)))
        return wanted == sorted(map(_folded, got)) or wanted == sorted(map(_port, got))
    return _folded(expected) == _folded(got)


def _folded(value: Any) -> str:
    """Names without case, numbers without a trailing `.0`."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).casefold()


def _port(value: Any) -> str:
    """A port by the number it is reached at inside, however it is published."""
    return str(getattr(value, "target", value))


def _same_size(expected: str, got: str) -> bool:
    """In bytes. "16 gigs" may be meant either way. What is no size is compared as it is written."""
    try:
        return _as_sizes(expected, got)
    except ValueError:
        return _folded(expected) == _folded(got)


def _as_sizes(expected: str, got: str) -> bool:
    spoken = re.fullmatch(r"\s*([\d.]+)\s*([kmgt])(ig|eg)s?\s*", expected.casefold())
    if spoken is None:
        return Size(expected) == Size(got)
    unit = _SPOKEN[spoken[2]]
    return Size(got) in {Size(spoken[1] + unit), Size(f"{spoken[1]}{unit[0].upper()}iB")}


def _same_image(expected: str, got: str) -> bool:
    """`alpine` is also `alpine:3.20`, `alpine-3.20` and `docker.io/library/alpine`."""
    plain = got.casefold().rpartition("/")[2]
    bare = {plain, plain.partition(":")[0], re.sub(r"[-:]\d[\w.]*$", "", plain)}
    return expected.casefold() in {got.casefold(), *bare}


def _any_of(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _plain(resource: Resource) -> dict[str, Any]:
    dumped: dict[str, Any] = resource.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return dumped


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


def load_cases(path: Path) -> list[Case]:
    """The cases of a file, or of every `*.yaml` in a folder. Raises ValueError when two have the same id."""
    sources = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    cases = [
        _case(entry)
        for source in sources
        for entry in read_yaml(source.read_text(encoding="utf-8")) or []
    ]
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise ValueError(f"two cases are called '{case.id}'")
        seen.add(case.id)
    return cases


def _case(entry: Mapping[str, Any]) -> Case:
    say = entry["say"]
    return Case(
        id=str(entry["id"]),
        say=tuple(str(turn) for turn in (say if isinstance(say, list) else [say])),
        expect=entry["expect"],
        tags=tuple(str(tag) for tag in entry.get("tags", [])),
        start=entry.get("start"),
    )


def measure(cases: Sequence[Case]) -> dict[str, Any]:
    """The report over some cases, as `--json` prints it."""
    runner = Runner()
    times: list[float] = []
    by_tag: dict[str, dict[str, int]] = {}
    misses: list[dict[str, Any]] = []
    passed = 0
    for case in cases:
        state, missed = runner.run(case)
        times += state.milliseconds
        passed += not missed
        for tag in case.tags:
            entry = by_tag.setdefault(tag, {"total": 0, "passed": 0})
            entry["total"] += 1
            entry["passed"] += not missed
        if missed:
            entries = {"expected": [m.expected for m in missed], "got": [m.got for m in missed]}
            did_harm = harmful(missed, state.interpretation)
            misses.append({"id": case.id, **entries, "harmful": did_harm})
    return {
        "total": len(cases),
        "passed": passed,
        "harmful": sum(miss["harmful"] for miss in misses),
        "p50_ms": round(statistics.median(times), 3) if times else 0.0,
        "p95_ms": round(sorted(times)[int(len(times) * 0.95)], 3) if times else 0.0,
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
    for tag, entry in report["by_tag"].items():
        print(f"  {tag:16} {entry['passed']:4} of {entry['total']}")
    for miss in report["misses"]:
        print(f"\n{miss['id']}{' (harmful)' if miss['harmful'] else ''}")
        for expected, got in zip(miss["expected"], miss["got"], strict=True):
            print(f"  expected {json.dumps(expected, ensure_ascii=False, default=str)}")
            print(f"  got      {json.dumps(got, ensure_ascii=False, default=str)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Exit code 0 whenever the cases could be run: this measures, it does not judge."""
    parser = argparse.ArgumentParser(description="How much of what people say is understood.")
    parser.add_argument("--cases", type=Path, required=True, help="a YAML file, or a folder of it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--model", help="a language model to interpret with, instead of offline")
    chosen = parser.parse_args(arguments)
    if chosen.model:
        parser.error("no language model can be used yet: leave --model out")
    report = measure(load_cases(chosen.cases))
    if chosen.json:
        json.dump(report, sys.stdout, ensure_ascii=False, default=str)
        print()
    else:
        _print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
