"""How long 200 Deployments take to be applied to a cluster, against kubectl; and a plan of 1,000 objects as wanted.

    ALMA_BENCH_FAKENODE=…/fakenode.py python -m benchmarks.kubernetes [--quick] [--json | --markdown]

Both make the same manifests, each in a namespace of its own: ALMA through `Engine.apply`, one call for each address and
as many at a time as the engine says; kubectl with one `apply -f`, then one `wait`. Both are timed until every
Deployment is available. The pods run on fake nodes, which take them at once, so that what is measured are the calls.

The fake nodes take anybody's pods while this runs: ALMA_TEST_KUBECONFIG names a cluster of its own.
ALMA_BENCH_FAKENODE names a program that is called with a kubeconfig, `--count`, `--name` and `--no-taint`, and adds
such nodes until it is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import NotFound
from alma.core.model.plan import Action, Change, Plan, Target
from alma.core.model.state import DesiredResource, StackRef
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.engines.base import together
from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.manifests import build, namespace
from alma.engines.kubernetes.settings import KubernetesSettings
from benchmarks.measuring import Options, Report, Row, Samples, Skipped, progress, run

COUNT = 200
NETWORKS = 199  # with the stack's own and four objects for each Deployment: a thousand
NODES = 10
_SECONDS = 300


class Context:
    """What an apply may use: there are no secrets, and nobody watches."""

    def __init__(self, stack: StackRef) -> None:
        self.stack = stack

    def secret(self, name: str) -> str:
        raise NotFound(f"There is no secret {name}")

    async def keep(self, name: str, value: str) -> None:
        """Nothing is kept."""

    def kept(self, name: str) -> str | None:
        return None

    def log(self, message: str, **data: Any) -> None:
        """Nobody reads it."""


@dataclass(frozen=True)
class Ground:
    """The cluster and the ways to it."""

    kubeconfig: Path
    kubectl: str
    fakenode: str

    @classmethod
    def found(cls) -> Ground:
        """Raises Skipped for what is missing."""
        kubeconfig = os.environ.get("ALMA_TEST_KUBECONFIG")
        fakenode = os.environ.get("ALMA_BENCH_FAKENODE")
        kubectl = shutil.which("kubectl")
        if not kubeconfig:
            raise Skipped("ALMA_TEST_KUBECONFIG names no cluster")
        if not fakenode:
            raise Skipped("ALMA_BENCH_FAKENODE names no program that adds fake nodes")
        if not kubectl:
            raise Skipped("there is no kubectl")
        return cls(Path(kubeconfig), kubectl, fakenode)

    def call(self, *arguments: str) -> str:
        """One kubectl command. Raises Skipped with what it said if it fails."""
        done = subprocess.run(
            [self.kubectl, f"--kubeconfig={self.kubeconfig}", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Skipped(f"`kubectl {arguments[0]}` failed: {done.stderr.strip()[-400:]}")
        return done.stdout

    @contextlib.contextmanager
    def nodes(self) -> Iterator[None]:
        """Nodes that take every pod and say that it runs."""
        name = f"bench-{os.getpid()}"
        command = [sys.executable, self.fakenode, str(self.kubeconfig), "--count", str(NODES)]
        process = subprocess.Popen(
            [*command, "--name", name, "--no-taint"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for number in range(NODES):
                self._wait_for_node(f"{name}-{number}")
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    def _wait_for_node(self, name: str) -> None:
        deadline = time.monotonic() + 60
        while not self.call("get", "node", name, "--ignore-not-found", "-o", "name"):
            if time.monotonic() > deadline:
                raise Skipped(f"the fake node {name} did not come")
        self.call("wait", "--for=condition=Ready", f"node/{name}", "--timeout=60s")

    def engine(self) -> KubernetesEngine:
        return KubernetesEngine(KubernetesSettings(kubeconfig=self.kubeconfig))


def new_stack() -> StackRef:
    id_ = uuid.uuid4().hex[:12]
    return StackRef(id=id_, name=f"bench-{id_}", engine="kubernetes")


def wishes() -> Sequence[DesiredResource]:
    """The web servers of one blueprint, and networks that nobody is in."""
    selector = {"kubernetes": {"node_selector": {"testbed/fake": "true"}}}
    webs = [
        {"name": f"web-{n}", "type": "service", "engine": "nginx", "options": selector}
        for n in range(COUNT)
    ]
    networks = [{"name": f"net-{n}", "type": "network"} for n in range(NETWORKS)]
    blueprint = Blueprint.model_validate({"name": "bench", "resources": [*webs, *networks]})
    for item in blueprint.resources[:COUNT]:
        assert item.options, "the pods have to go to the fake nodes"
    return resolve(blueprint, load_catalogue(), KubernetesEngine.traits).resources


def manifests(
    desired: Sequence[DesiredResource], stack: StackRef, served: Served
) -> list[dict[str, Any]]:
    """What ALMA applies for these, as one list."""
    settings, context = KubernetesSettings(), Context(stack)
    found = [namespace(stack, settings, level="baseline")]
    for item in desired:
        found += build(
            item, stack, served=served, settings=settings, secret=context.secret, key="bench"
        )
    return found


# ── the two ways ─────────────────────────────────────────────────────────────────────────────────


async def applied(
    engine: KubernetesEngine, stack: StackRef, desired: Sequence[DesiredResource]
) -> None:
    """Every address by a change of its own, as many at a time as the engine takes."""
    gate = asyncio.Semaphore(engine.traits.max_parallel)
    context = Context(stack)

    async def one(item: DesiredResource) -> None:
        change = Change(
            address=item.address,
            type=item.type,
            action=Action.CREATE,
            reason="measured",
            desired=item,
        )
        async with gate:
            await engine.apply(change, f"bench:{item.address}", context)

    await together([one(item) for item in desired])


async def planned(
    engine: KubernetesEngine, stack: StackRef, desired: Sequence[DesiredResource]
) -> Plan:
    """A plan as it is made before each deployment: read, then compared."""
    return make_plan(
        target=Target(blueprint_id=1, revision=1, engine="kubernetes"),
        blueprint_name="bench",
        revision_digest="sha256:1",
        desired=tuple(desired),
        observation=await engine.read(stack),
        records=(),
        engine=engine,
    )


async def _by_alma(ground: Ground, stack: StackRef, samples: Samples) -> None:
    desired = wishes()
    engine = ground.engine()
    try:
        await engine.read(stack)  # what a cluster serves is asked once for a process
        with samples.timed("alma apply"):
            await applied(engine, stack, [item for item in desired if item.ports])
        await applied(engine, stack, [item for item in desired if not item.ports])
        with samples.timed("alma plan"):
            plan = await planned(engine, stack, desired)
        if changed := [change.address for change in plan.effective]:
            raise Skipped(f"the plan is not empty: {', '.join(changed[:5])}")
    finally:
        await engine.close()


async def _served(ground: Ground) -> Served:
    cluster = Cluster(KubernetesSettings(kubeconfig=ground.kubeconfig))
    try:
        return await cluster.served()
    finally:
        await cluster.close()


def _by_kubectl(ground: Ground, stack: StackRef, samples: Samples, folder: Path) -> None:
    served = asyncio.run(_served(ground))
    webs = [item for item in wishes() if item.ports]
    file = folder / f"{stack.id}.json"
    items = manifests(webs, stack, served)
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    with samples.timed("kubectl apply"):
        ground.call("apply", "-f", str(file))
        ground.call(
            *("wait", "-n", stack.name, "--for=condition=Available", "deployment", "--all"),
            f"--timeout={_SECONDS}s",
        )


def _read_by_kubectl(ground: Ground, stack: StackRef, samples: Samples) -> None:
    kinds = "deployments,pods,services,configmaps,secrets,networkpolicies,statefulsets,persistentvolumeclaims"
    with samples.timed("kubectl get"):
        ground.call("get", kinds, "-n", stack.name, "-o", "json")


def _removed(ground: Ground, stacks: Sequence[StackRef]) -> None:
    for stack in stacks:
        ground.call("delete", "namespace", stack.name, "--ignore-not-found", "--wait=true")


def measure(options: Options) -> Report:
    """The turns, one after another; everything made is removed, whatever happens."""
    ground = Ground.found()
    samples = Samples()
    with TemporaryDirectory() as folder, ground.nodes():
        for number in range(options.rounds):
            progress(f"kubernetes: turn {number + 1} of {options.rounds}")
            ours, theirs = new_stack(), new_stack()
            try:
                asyncio.run(_by_alma(ground, ours, samples))
                _read_by_kubectl(ground, ours, samples)
                _by_kubectl(ground, theirs, samples, Path(folder))
            finally:
                _removed(ground, (ours, theirs))
    progress("")
    return Report("kubernetes", "", rows=tuple(_rows(samples)))


def _rows(samples: Samples) -> Iterator[Row]:
    yield samples.row(
        f"{COUNT} Deployments applied, until available",
        "s",
        ("alma apply wall", "kubectl apply wall"),
        against="kubectl apply -f, then wait",
    )
    yield samples.row(
        "a plan of 1,000 objects, nothing to do",
        "s",
        ("alma plan wall", "kubectl get wall"),
        against="kubectl get of the same objects",
    )


if __name__ == "__main__":
    sys.exit(run("kubernetes", f"Applying {COUNT} Deployments to a cluster", measure, rounds=3))
