"""Blueprints that are counted as they are saved: whichever way they came, this is where all of them arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.errors import AlmaError
from alma.core.ports.telemetry import Meters
from alma.db.blueprints import Blueprints
from alma.db.repository import Scope

_NAME = "blueprint_operations_total"


class CountedBlueprints(Blueprints):
    """`BlueprintRepository`, counted: a success once it is durable, a refusal at once under its code."""

    def __init__(
        self, scope: Scope, meters: Meters, after_commit: Callable[[Callable[[], None]], None]
    ) -> None:
        super().__init__(scope)
        self._meters = meters
        self._after_commit = after_commit

    def add(
        self, blueprint: Blueprint, *, project: str, origins: Mapping[str, Origin], by: str
    ) -> Revision:
        with self._counted("create"):
            return super().add(blueprint, project=project, origins=origins, by=by)

    def add_revision(
        self,
        id_: int,
        blueprint: Blueprint,
        *,
        project: str,
        origins: Mapping[str, Origin],
        by: str,
        expected: int | None,
    ) -> Revision:
        with self._counted("update"):
            return super().add_revision(
                id_, blueprint, project=project, origins=origins, by=by, expected=expected
            )

    def delete(self, id_: int, *, project: str, expected: int | None = None) -> None:
        with self._counted("delete"):
            super().delete(id_, project=project, expected=expected)

    @contextmanager
    def _counted(self, operation: str) -> Iterator[None]:
        try:
            yield
        except AlmaError as error:
            self._meters.count(_NAME, operation=operation, status=error.code)
            raise
        self._after_commit(lambda: self._meters.count(_NAME, operation=operation, status="success"))
