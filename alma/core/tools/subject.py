"""The two ways to say which blueprint is meant, once for every tool that looks at one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pydantic import Field

from alma.core.model.base import Json
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput
from alma.core.tools.kit import Call, Subject
from alma.core.tools.tool import Arguments


class OfBlueprint(Arguments):
    """Arguments of a tool that looks at a blueprint: inline, or saved."""

    blueprint: Mapping[str, Json] | None = Field(
        default=None, description="A blueprint, as a document."
    )
    blueprint_id: int | None = Field(
        default=None, ge=1, description="The number of a saved blueprint; its newest revision."
    )


async def subject_of(given: OfBlueprint, call: Call) -> Subject:
    """The blueprint that is meant; what a conversation is about if nothing is named. Raises InvalidInput when both ways
    are used or none, BlueprintInvalid for a document with faults, NotFound."""
    return await meant(given.blueprint, given.blueprint_id, call)


async def meant(
    document: Mapping[str, Json] | None, blueprint_id: int | None, call: Call
) -> Subject:
    """The same, of a tool that has other names for them."""
    if document is not None and blueprint_id is not None:
        raise InvalidInput(
            "blueprint and blueprint_id are both given", hint="give the document or its number"
        )
    if document is not None:
        return Subject(await asyncio.to_thread(parse_blueprint, dict(document)))
    if blueprint_id is not None:
        found = await asyncio.to_thread(call.kit.blueprints.get, call.principal, blueprint_id)
        return Subject(found.blueprint, found.id, found.number, found.origins)
    if call.draft is not None:
        return Subject(call.draft)
    raise InvalidInput(
        "no blueprint is given", hint="give blueprint (a document) or blueprint_id (a number)"
    )
