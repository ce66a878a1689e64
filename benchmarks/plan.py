"""How long a blueprint of 10,000 resources takes to be read and planned, against plain Python doing the least it could.

    python -m benchmarks.plan [--quick] [--json | --markdown]

The baseline of reading is `json.loads`. That of planning compares the same dictionaries key by key, orders them with
the standard library and digests the result: no defaults, no software, no checks, no reasons, so nothing can be faster
that does the same job. CPU time is the figure to look at; a plan is made in one thread.
"""

from __future__ import annotations

import copy
import gc
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_text
from alma.core.model.plan import Plan, Target
from alma.core.model.state import (
    Observation,
    ObservedResource,
    Properties,
    StackRef,
    StateRecord,
    Status,
)
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.engines.simulation import SimulationEngine, SimulationSettings
from benchmarks.measuring import Options, Report, Samples, progress, run

SIZE = 10_000
STACK = StackRef(id="bench", name="bench", engine="simulation")
Document = dict[str, Any]


# ── the blueprint ────────────────────────────────────────────────────────────────────────────────


def document(size: int) -> Document:
    """Teams of twenty resources each: a load balancer over web servers, workers, a database, a cache, a volume."""
    resources: list[Document] = []
    number = 0
    while len(resources) < size:
        resources += _team(number)
        number += 1
    return {"version": "1.0", "name": "everything", "resources": resources[:size]}


def _team(n: int) -> list[Document]:
    web = [f"web-{n}-{i}" for i in range(10)]
    shared = {"team": f"team-{n}", "tier": "production"}
    small = {"cpu": 1, "memory": "1GiB"}
    env = {"MODE": "production", "DATABASE_HOST": f"db-{n}", "CACHE_HOST": f"cache-{n}"}
    return [
        {
            "name": f"db-{n}",
            "type": "database",
            "engine": "postgresql",
            "specs": {"cpu": 2, "memory": "8GB", "storage": "100GB"},
        },
        {"name": f"cache-{n}", "type": "cache", "engine": "redis", "specs": small},
        {"name": f"files-{n}", "type": "volume", "specs": {"disk": "50GB"}},
        *(
            {
                "name": name,
                "type": "service",
                "engine": "nginx",
                "specs": {"cpu": 0.5, "memory": "512MiB"},
                "env": env,
                "labels": shared,
                "depends_on": [f"db-{n}", f"cache-{n}"],
            }
            for name in web
        ),
        *(
            {
                "name": f"worker-{n}-{i}",
                "type": "vm",
                "image": "debian-12",
                "specs": {**small, "disk": "20GB"},
                "labels": shared,
                "depends_on": [f"db-{n}"],
            }
            for i in range(6)
        ),
        {
            "name": f"lb-{n}",
            "type": "load_balancer",
            "backends": web,
            "specs": small,
            "labels": shared,
        },
    ]


def changed(given: Document) -> Document:
    """The same with one resource in a hundred changed."""
    found = copy.deepcopy(given)
    for resource in found["resources"][::100]:
        resource.setdefault("specs", {})["cpu"] = 3
    return found


# ── ALMA ─────────────────────────────────────────────────────────────────────────────────────────


class Planner:
    """The pure core with the simulation's rules; nothing is read from or written to anywhere."""

    def __init__(self, home: Path) -> None:
        self._catalogue = load_catalogue()
        self._engine = SimulationEngine(SimulationSettings(path=home / "simulation.db"))
        self._seen: tuple[ObservedResource, ...] = ()
        self._records: tuple[StateRecord, ...] = ()

    def plan(self, blueprint: Blueprint) -> Plan:
        """Resolves the blueprint and compares it with what there is."""
        resolved = resolve(blueprint, self._catalogue, self._engine.traits)
        return make_plan(
            target=Target(blueprint_id=1, revision=1, engine="simulation"),
            blueprint_name=blueprint.name,
            revision_digest="sha256:0",
            desired=resolved.resources,
            observation=Observation(stack=STACK, place="bench", resources=self._seen),
            records=self._records,
            engine=self._engine,
            diagnostics=resolved.diagnostics,
        )

    def pretend(self, blueprint: Blueprint) -> None:
        """From now on everything in the blueprint exists as it should be."""
        resolved = resolve(blueprint, self._catalogue, self._engine.traits)
        self._seen = tuple(
            ObservedResource(
                address=item.address,
                type=item.type,
                object_id=item.address,
                name=item.address,
                key="before",
                properties=self._engine.shape(item, STACK),
                depends_on=item.depends_on,
                retain=item.retain,
                status=Status.RUNNING,
            )
            for item in resolved.resources
        )

    def forget(self) -> None:
        """From now on nothing exists."""
        self._seen = ()


# ── the baseline ─────────────────────────────────────────────────────────────────────────────────


def plain_diff(wanted: Sequence[Document], seen: Mapping[str, Properties]) -> tuple[list[Any], str]:
    """What a script of twenty lines would do: actions in dependency order, and a digest over both sides."""
    after = {
        item["name"]: [*item.get("depends_on", ()), *item.get("backends", ())] for item in wanted
    }
    by_name = {item["name"]: item for item in wanted}
    changes: list[Any] = []
    for name in TopologicalSorter(after).static_order():
        shape, there = _flat(by_name[name]), seen.get(name)
        if there is None:
            changes.append((name, "create", shape))
        elif fields := [
            (key, there.get(key), shape.get(key))
            for key in shape.keys() | there.keys()
            if shape.get(key) != there.get(key)
        ]:
            changes.append((name, "update", fields))
        else:
            changes.append((name, "no-op", ()))
    text = json.dumps([wanted, seen], sort_keys=True)
    return changes, hashlib.sha256(text.encode()).hexdigest()


def _flat(value: Document, prefix: str = "") -> Document:
    found: Document = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            found.update(_flat(inner, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = inner
    return found


# ── measuring ────────────────────────────────────────────────────────────────────────────────────

_STAGES = {
    "create": "plan: create all",
    "no-op": "plan: nothing to do",
    "change": "plan: 1 % changed",
}


def measure(options: Options) -> Report:
    """The turns, one after another."""
    given = document(SIZE)
    text = json.dumps(given)
    samples = Samples()
    with TemporaryDirectory() as folder:
        planner = Planner(Path(folder))
        plans = _turn(planner, given, text, Samples())  # warms up
        for number in range(options.rounds):
            progress(f"plan: turn {number + 1} of {options.rounds}")
            _turn(planner, given, text, samples)
    progress("")
    rows = [
        samples.row(
            f"read and check 10,000 resources, {kind}",
            "s",
            (f"read {key}", f"json {key}"),
            against="json.loads",
        )
        for kind, key in (("CPU", "cpu"), ("wall", "wall"))
    ]
    rows += [
        samples.row(
            f"{words}, {kind}",
            "s",
            (f"{stage} {key}", f"plain {stage} {key}"),
            against="plain dict diff",
        )
        for stage, words in _STAGES.items()
        for kind, key in (("CPU", "cpu"), ("wall", "wall"))
    ]
    counts = {action: number for action, number in plans["change"].count().items() if number}
    said = ", ".join(f"{number:,} {action}" for action, number in counts.items())
    instances = f"{len(plans['create'].changes):,} with implied networks and volumes"
    notes = (
        f"{len(given['resources']):,} resources ({instances}), {len(text) / 1e6:.1f} MB of JSON. Last plan: {said}.",
        "A plan resolves software, sizes, files, backends and order, compares, explains and digests.",
    )
    return Report("plan", "", rows=tuple(rows), notes=notes)


def _turn(planner: Planner, given: Document, text: str, samples: Samples) -> dict[str, Plan]:
    """Each stage once by ALMA and once by the baseline."""
    blueprint = parse_text(text, format="json")
    other = changed(given)
    stages = {
        "create": (blueprint, given, {}),
        "no-op": (blueprint, given, _shapes(given)),
        "change": (parse_text(json.dumps(other), format="json"), other, _shapes(given)),
    }
    gc.collect()
    with samples.timed("read"):
        parse_text(text, format="json")
    with samples.timed("json"):
        json.loads(text)
    plans: dict[str, Plan] = {}
    for stage, (wanted, plain, seen) in stages.items():
        if stage == "create":
            planner.forget()
        else:
            planner.pretend(blueprint)
        gc.collect()
        with samples.timed(stage):
            plans[stage] = planner.plan(wanted)
        gc.collect()
        with samples.timed(f"plain {stage}"):
            plain_diff(plain["resources"], seen)
    return plans


def _shapes(given: Document) -> dict[str, Properties]:
    return {item["name"]: _flat(item) for item in given["resources"]}


if __name__ == "__main__":
    sys.exit(run("plan", "Planning a blueprint of 10,000 resources", measure, rounds=7))
