"""The files engine under ALMA's contract suite: `docs/adding-an-engine.md` says how to run it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from alma_engine_files import FilesEngine, FilesSettings

from alma.core.model.blueprint import WORKLOADS, Resource, ResourceType
from alma.core.model.engine import Outcome
from alma.core.model.errors import OutcomeUnknown
from alma.core.model.plan import Change
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, StackRef
from alma.core.model.units import Port, Size
from alma.core.ports import ApplyContext
from tests.contract.harness import NETWORK, new_stack


class LosesReplies(FilesEngine):
    """Does what it is asked to, and nobody hears of it."""

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        await super().apply(change, key, context)
        raise OutcomeUnknown("the reply was lost", hint="read before repeating")


class SpoilsBroken(FilesEngine):
    """Whatever is called broken does not work."""

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        outcome = await super().apply(change, key, context)
        if change.address.startswith("broken"):
            _edit(self._root / context.stack.id / f"{change.address}.json", status="failed")
        return outcome


class FilesHarness:
    """One directory for each test."""

    name: ClassVar[str] = "files"

    def __init__(self, directory: Path) -> None:
        self._settings = FilesSettings(directory=directory / "files")
        self._blocked = FilesSettings(directory=directory / "no-directory")

    @classmethod
    def unavailable(cls) -> str | None:
        return None

    async def start(self) -> None:
        self._blocked.directory.touch()

    async def stop(self) -> None:
        """The test's directory goes by itself."""

    def stack(self) -> StackRef:
        return new_stack(self.name)

    async def engine(self) -> FilesEngine:
        return SpoilsBroken(self._settings)

    async def down(self) -> FilesEngine:
        return FilesEngine(self._blocked)

    async def losing_reply(self) -> FilesEngine:
        return LosesReplies(self._settings)

    def cancel_moments(self) -> Sequence[float]:
        return (0, 0.0005, 0.001, 0.002)

    def workload(self, address: str = "web-1") -> DesiredResource:
        return DesiredResource(
            address=address,
            type=ResourceType.SERVICE,
            resource=Resource(name=address, type=ResourceType.SERVICE),
            image="nginx:1.27",
            memory=Size("64MiB"),
            env={"MODE": "a"},
            ports=(Port(80),),
            networks=(NETWORK,),
            health=HealthCheck(kind="http", port=80),
        )

    def broken(self, address: str = "broken-1") -> DesiredResource:
        return self.workload(address)

    def sample(self, type_: ResourceType) -> DesiredResource:
        resource = Resource(name="sample", type=type_)
        if type_ in WORKLOADS:
            return self.workload("sample").model_copy(update={"type": type_, "resource": resource})
        return DesiredResource(address="sample", type=type_, resource=resource)

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        return {
            "specs.memory": desired.model_copy(update={"memory": Size("96MiB")}),
            "image": desired.model_copy(update={"image": "nginx:1.28"}),
        }

    async def objects(self, stack: StackRef) -> Sequence[str]:
        return [path.stem for path in self._home(stack).glob("[!.]*.json")]

    async def tamper(self, stack: StackRef, address: str) -> str:
        path = self._home(stack) / f"{address}.json"
        properties = json.loads(path.read_text())["properties"]
        _edit(path, properties={**properties, "env.MODE": "tampered"})
        return "env.MODE"

    async def halt(self, stack: StackRef, address: str) -> None:
        _edit(self._home(stack) / f"{address}.json", status="stopped")

    async def remove(self, stack: StackRef, address: str) -> None:
        (self._home(stack) / f"{address}.json").unlink()

    def _home(self, stack: StackRef) -> Path:
        return self._settings.directory / stack.id


def _edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
