"""What could be imported, and the wish to import it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ConfigDict, Field

from alma.api.schemas.common import Listed
from alma.core.model.base import Frozen
from alma.core.model.engine import Discovered, Wish


class Discovery(Listed):
    """Everything on an engine that belongs to no stack."""

    engine: str
    items: Sequence[Discovered]


class ImportObject(Frozen):
    """One object to import."""

    object: str = Field(
        min_length=1,
        max_length=256,
        description="Its id on the engine, or its name if no other has it.",
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=63,
        description="Its name in the blueprint; its own, made fit, if unset.",
    )


class ImportCreate(Frozen):
    """Asks for the approval to adopt objects into a stack. Either `name` or `blueprint_id` is given."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "engine": "proxmox",
                "name": "legacy",
                "objects": [{"object": "105"}, {"object": "106", "name": "web-1"}],
            }
        }
    )

    engine: str = Field(min_length=1, max_length=64)
    objects: tuple[ImportObject, ...] = Field(min_length=1, max_length=500)
    name: str | None = Field(
        default=None, min_length=1, max_length=100, description="Of a new blueprint."
    )
    blueprint_id: int | None = Field(
        default=None, ge=1, description="A blueprint that gets what it does not describe yet."
    )
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)

    def wishes(self) -> list[Wish]:
        """The objects as the service takes them."""
        return [Wish(object=item.object, name=item.name) for item in self.objects]


def discovery(engine: str, found: Sequence[Discovered]) -> Discovery:
    """The list."""
    return Discovery(engine=engine, items=found, total=len(found))
