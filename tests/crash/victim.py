"""A worker that kills itself, really, at one exact point: run as a process of its own by the crash tests.

    python -m tests.crash.victim HOME deploy|destroy|update|resume [--die|--freeze POINT:N] [--url URL --executor ID]

`deploy` queues a new deployment, `update` and `destroy` one of the first blueprint, `resume` only waits. All wait until
every deployment has ended, then print their states as JSON. `--elsewhere FILE` names a JSON file with the settings of
other engines (`engines`) and the documents that `deploy` and `update` take instead of the shop (`documents`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from alma.core.model.deployment import Deployment
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.ipr import IPR
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.journal import Journal
from alma.engines.simulation.pace import Pace
from tests.world import SHOP, World, world

BIGGER = SHOP | {
    "resources": [
        {**SHOP["resources"][0], "version": "1.26", "count": 4},
        *SHOP["resources"][1:],
    ]
}

# Name of the point → what to wrap, and whether death comes before or after it.
POINTS: dict[str, tuple[type, str, bool]] = {
    "before-intent": (Journal, "intend", True),
    "after-intent": (Journal, "intend", False),
    "kept": (Journal, "keep", False),
    "between-effects": (Pace, "spend", False),
    "made-unrecorded": (Journal, "made", True),
    "made-recorded": (Journal, "made", False),
    "finished-unremembered": (Journal, "finish", False),
    "step-boundary": (Journal, "skips", True),
    "started": (Journal, "start", False),
    "verifying": (Journal, "checks", True),
    "before-end": (Journal, "conclude", True),
    "after-end": (Journal, "conclude", False),
}


def arm(point: str, number: int, blow: signal.Signals) -> None:
    """Death, or a standstill, at the `number`-th time the point is passed."""
    owner, name, before = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def die() -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            if blow is signal.SIGSTOP:
                print("frozen", flush=True)
            os.kill(os.getpid(), blow)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            die()
        result = real(*args, **kwargs)
        if not before:
            die()
        return result

    setattr(owner, name, wrapped)


async def wanted(here: World, what: str, documents: Mapping[str, dict[str, Any]]) -> IPR:
    if what == "deploy":
        return await here.request(documents.get(what, SHOP))
    if what == "update":
        return await here.request(documents.get(what, BIGGER), blueprint_id=1)
    return await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)


async def seen_to_end(here: World, id_: str) -> Deployment:
    """Whoever slept for long finds its connection cut, and asks again."""
    while True:
        try:
            return await here.ended(id_)
        except DatabaseUnavailable:
            await asyncio.sleep(0.1)


async def main(arguments: argparse.Namespace) -> None:
    options: dict[str, Any] = {}
    if arguments.faults:
        options["faults"] = json.loads(arguments.faults)
    if arguments.slow:
        options["time_scale"] = arguments.slow
    elsewhere = json.loads(arguments.elsewhere.read_text()) if arguments.elsewhere else {}
    async with world(
        arguments.home,
        url=arguments.url,
        executor_id=arguments.executor,
        simulation=options,
        others=elsewhere.get("engines"),
        shared=arguments.url is not None,
    ) as here:
        documents = elsewhere.get("documents", {})
        ipr = None if arguments.what == "resume" else await wanted(here, arguments.what, documents)
        for where, blow in ((arguments.die, signal.SIGKILL), (arguments.freeze, signal.SIGSTOP)):
            if where:
                point, number = where.split(":")
                arm(point, int(number), blow)
        if ipr is not None:
            await here.iprs.deploy(LOCAL, ipr.id)
        ended = [await seen_to_end(here, item.id) for item in here.deployments.list(LOCAL)[0]]
        print(json.dumps([item.state.value for item in ended]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("what", choices=["deploy", "update", "destroy", "resume"])
    parser.add_argument("--die")
    parser.add_argument("--freeze")
    parser.add_argument("--url")
    parser.add_argument("--executor", default="local")
    parser.add_argument("--faults")
    parser.add_argument("--slow", type=float)
    parser.add_argument("--elsewhere", type=Path)
    asyncio.run(main(parser.parse_args()))
