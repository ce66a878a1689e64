"""Hands a stack over as files: one JSON document for each resource, for another program to act on.

The smallest engine that keeps the whole contract: `docs/adding-an-engine.md` walks through it.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from alma.core.model.base import Frozen
from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.deployment import Check
from alma.core.model.engine import EngineTraits, Health, Outcome
from alma.core.model.errors import ChangeRejected, EngineUnavailable
from alma.core.model.plan import Action, Change, Effect, Support, SupportLevel
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Properties,
    StackRef,
    Status,
)
from alma.core.ports import ApplyContext
from alma.engines.base import Marker, base_shape, effect_of, require_desired, without

TYPES = frozenset({*WORKLOADS, ResourceType.NETWORK, ResourceType.VOLUME})
# Properties that a file can't make true, and why: left out of the shape and told by `support`.
LOST = {"public": "a file opens no door to the outside", "backup": "nothing here makes backups"}
# What is not listed takes a new file under a new id.
EFFECTS = dict.fromkeys(("specs", "env", "labels", "files"), Effect.IN_PLACE)
HINT = "set ALMA_FILES_DIRECTORY to a directory that ALMA may write to"


class FilesSettings(BaseSettings):
    """ALMA hands no settings to engines it does not know, so this one reads its own from the environment."""

    model_config = SettingsConfigDict(env_prefix="ALMA_FILES_")

    directory: Path = Field(default=Path("alma-files"), description="Where stacks are written.")


class Document(Frozen):
    """What is in a resource's file. The marker is in it from the first byte on."""

    marker: Marker
    object_id: str
    properties: Mapping[str, Any]
    status: Status


class FilesEngine:
    """`<directory>/<stack id>/<address>.json` is a resource; its secrets lie beside it, for their owner only."""

    name: ClassVar[str] = "files"
    traits: ClassVar[EngineTraits] = EngineTraits(resource_types=TYPES)
    Settings: ClassVar[type[FilesSettings]] = FilesSettings

    def __init__(self, settings: FilesSettings) -> None:
        self._root = settings.directory

    # ── what can be said without looking ─────────────────────────────────────────────────────────

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        if desired.type not in TYPES:
            reason = f"a {desired.type} can't be handed over as a file"
            return [Support(path="type", level=SupportLevel.UNSUPPORTED, reason=reason)]
        wishes = {path.partition(".")[0] for path in base_shape(desired)}
        notes = [
            Support(path=path, level=SupportLevel.UNSUPPORTED, reason=reason)
            for path, reason in LOST.items()
            if path in wishes
        ]
        if desired.health:
            reason = "nothing runs here: that the file is as it should be is all that is checked"
            notes.append(Support(path="health", level=SupportLevel.APPROXIMATED, reason=reason))
        return notes

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        return without(base_shape(desired), "public", "backup.")

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        return effect_of(path, EFFECTS)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    async def check(self) -> Health:
        try:
            await asyncio.to_thread(self._require_directory)
        except EngineUnavailable as error:
            return Health(engine=self.name, available=False, detail=error.message, problems=(HINT,))
        return Health(engine=self.name, available=True, detail=f"writes to {self._root}")

    async def read(self, stack: StackRef) -> Observation:
        found = await asyncio.to_thread(self._documents, stack)
        return Observation(
            stack=stack,
            place=str(self._root.resolve()),
            resources=tuple(_observed(item) for item in found),
        )

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        found = await asyncio.to_thread(self._document, stack, desired.address)
        problem = self._problem(found, desired, stack)
        detail = problem or "it is there and says what it should"
        return [Check(address=desired.address, name="file", passed=not problem, detail=detail)]

    def _problem(self, found: Document | None, desired: DesiredResource, stack: StackRef) -> str:
        if found is None:
            return "there is no file"
        if found.status is not _good(desired):
            return f"it says {found.status}"
        return "" if found.properties == self.shape(desired, stack) else "it says something else"

    # ── changing ─────────────────────────────────────────────────────────────────────────────────

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        await asyncio.to_thread(self._require_directory)
        if change.action is Action.DELETE:
            await asyncio.to_thread(self._remove, context.stack, change.address)
            return Outcome()
        desired = require_desired(change, TYPES, engine=self.name)
        there = await asyncio.to_thread(self._document, context.stack, change.address)
        adopted, document = self._decide(change.action, desired, there, key, context.stack)
        # Before anything is made: a secret that is missing must not leave half a resource behind.
        secrets = {name: context.secret(name) for name in desired.secret_names}
        await asyncio.to_thread(self._write, context.stack, document, secrets)
        return Outcome(resource=_observed(document), adopted=adopted)

    def _decide(
        self,
        action: Action,
        desired: DesiredResource,
        there: Document | None,
        key: str,
        stack: StackRef,
    ) -> tuple[bool, Document]:
        """Whether an earlier attempt is adopted, and the document to write. Raises ChangeRejected."""
        shape = self.shape(desired, stack)
        mine = there is not None and there.marker.key == key
        if action is Action.CREATE and there and not mine and there.properties != shape:
            raise ChangeRejected(
                f"{desired.address} exists and is different", hint="plan again to see it"
            )
        if action is Action.UPDATE and there is None:
            raise ChangeRejected(
                f"{desired.address} is gone and can't be updated", hint="plan again to make it"
            )
        keeps = there is not None and (action is not Action.REPLACE or mine)
        document = Document(
            marker=Marker.of(desired, stack, key=key),
            object_id=there.object_id if there and keeps else uuid.uuid4().hex,
            properties=shape,
            status=_good(desired),
        )
        return keeps and action is not Action.UPDATE, document

    async def close(self) -> None:
        """Nothing is held open."""

    # ── files ────────────────────────────────────────────────────────────────────────────────────

    def _require_directory(self) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            next(self._root.iterdir(), None)
        except OSError as error:
            raise EngineUnavailable(
                f"The directory {self._root} can't be used: {error.strerror}", hint=HINT
            ) from error

    def _documents(self, stack: StackRef) -> list[Document]:
        """Every file of the stack. One that can't be read raises: unknown is not empty."""
        self._require_directory()
        try:
            paths = sorted((self._root / stack.id).glob("[!.]*.json"))
            return [Document.model_validate_json(path.read_bytes()) for path in paths]
        except (OSError, ValueError) as error:
            raise EngineUnavailable(
                f"A file of stack {stack.name} can't be read", hint=f"look at {self._root}"
            ) from error

    def _document(self, stack: StackRef, address: str) -> Document | None:
        found = self._documents(stack)
        return next((item for item in found if item.marker.address == address), None)

    def _write(self, stack: StackRef, document: Document, secrets: Mapping[str, str]) -> None:
        home = self._root / stack.id
        home.mkdir(exist_ok=True)
        address = document.marker.address
        if secrets:
            _put(home / f"{address}.secrets", json.dumps(secrets), mode=0o600)
        _put(home / f"{address}.json", document.model_dump_json(), mode=0o644)

    def _remove(self, stack: StackRef, address: str) -> None:
        for suffix in ("json", "secrets"):
            (self._root / stack.id / f"{address}.{suffix}").unlink(missing_ok=True)


def _put(path: Path, text: str, *, mode: int) -> None:
    """In one move: whoever reads sees the old file or the new one, never half of one."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
        file.write(text)
    draft.replace(path)


def _good(desired: DesiredResource) -> Status:
    return Status.RUNNING if desired.type in WORKLOADS else Status.PRESENT


def _observed(document: Document) -> ObservedResource:
    marker = document.marker
    return ObservedResource(
        address=marker.address,
        type=marker.type,
        object_id=document.object_id,
        name=marker.address,
        key=marker.key,
        properties=document.properties,
        depends_on=marker.depends_on,
        retain=marker.retain,
        status=document.status,
    )
