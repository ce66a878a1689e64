"""How long rules take over a large blueprint, as a ratio to a baseline that is measured in the same run.

    .venv/bin/python benchmarks/policy.py [--resources 10000] [--rules 60] [--repeat 3] [--check]

The baseline is the least that any evaluator has to do: one Python comparison for each resource and rule. Both figures
move with the machine; their ratio hardly does. Facts are counted in. Resources differ in size, address, network and
what they declare, so that little of what was answered for one can be used for another. `--check` leaves with 1 when the
rules take longer than two seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from random import Random
from time import process_time
from typing import Any

from alma.config import load_catalogue
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint
from alma.core.policy.evaluate import assess
from alma.core.policy.packs import RuleBook, read_packs

TODAY = date(2026, 11, 22)
LIMIT_SECONDS = 2.0
_TYPES = ("vm", "vm", "container", "service", "database", "cache", "load_balancer", "volume")


def blueprint_of(count: int, *, seed: int = 7) -> Blueprint:
    """That many resources of all kinds in a hundred networks, no two alike."""
    random = Random(seed)
    networks = [
        {"name": f"net-{n}", "type": "network", "cidr": f"10.{n}.0.0/16"} for n in range(100)
    ]
    rules = [{"action": "allow", "source": "any", "target": "any", "ports": [443]}]
    firewall = {"name": "edge", "type": "firewall", "rules": rules}
    wanted = [_resource(number, random) for number in range(count - len(networks) - 1)]
    return parse_blueprint(
        {
            "version": "1.0",
            "name": "large",
            "metadata": {"environment": "production", "owner": "platform"},
            "resources": [*networks, firewall, *wanted],
        }
    )


def _resource(number: int, random: Random) -> dict[str, Any]:
    kind = random.choice(_TYPES)
    if kind == "volume":
        return {"name": f"r-{number}", "type": kind, "specs": {"disk": f"{number % 900 + 1}GB"}}
    made: dict[str, Any] = {
        "name": f"r-{number}",
        "type": kind,
        "specs": {"cpu": random.randint(1, 16), "memory": f"{random.randint(256, 65_536)}MB"},
        "network": {
            "private_ip": f"10.{number % 100}.{number // 25_000}.{number // 100 % 250 + 2}",
            "public_ip": random.random() < 0.1,
            "ports": [random.randint(1_024, 65_000), random.choice([22, 80, 443, 5432, 6379])],
        },
        "labels": {"team": f"team-{number % 40}"},
        "metadata": {"logging": {"retention_days": random.randint(1, 700)}},
    }
    if random.random() < 0.5:
        made["backup"] = {"schedule": "daily", "retention_days": random.randint(1, 400)}
    if kind == "load_balancer" and number > 2:
        made["backends"] = []
        made["depends_on"] = []
    return made


def book_of(rules: int) -> RuleBook:
    """The first shipped rules, as many as are asked for."""
    book = read_packs(PolicyFiles().packs("default"))
    return RuleBook(book.active[:rules], (), book.bundle)


def fastest(work: Callable[[], object], repeat: int) -> float:
    """The shortest of several, seconds of this processor: what else the machine does is not counted."""
    times = []
    for _ in range(repeat):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def baseline(blueprint: Blueprint, rules: int) -> int:
    """One comparison for each resource and rule."""
    return sum(
        resource.count >= number for resource in blueprint.resources for number in range(rules)
    )


def main() -> int:
    """Prints the figures; 1 when they are to be checked and the rules are too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=10_000)
    parser.add_argument("--rules", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()

    blueprint, book = blueprint_of(given.resources), book_of(given.rules)
    catalogue, lifecycle = load_catalogue(), load_lifecycle()

    def judged() -> Any:
        return assess(book, blueprint, lifecycle=lifecycle, today=TODAY, catalogue=catalogue)

    asked = judged()
    taken = fastest(judged, given.repeat)
    least = fastest(lambda: baseline(blueprint, len(book.rules)), given.repeat)
    answers = sum(c.passed + c.failed + c.unknown + c.waived for c in asked.counts.values())
    print(f"{len(blueprint.resources)} resources, {len(book.rules)} rules, {answers} answers")
    print(f"{len(asked.findings)} findings, score {asked.score.value}")
    print(f"rules:    {taken:6.2f} s")
    print(f"baseline: {least:6.2f} s   one comparison for each resource and rule")
    print(f"ratio:    {taken / least:6.1f}")
    return int(given.check and taken > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
