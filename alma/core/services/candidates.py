"""Asks an engine about what is there and belongs to no stack, where it can put its marker on such things."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.model.engine import Candidate
from alma.core.model.errors import InvalidInput
from alma.core.model.plan import Target
from alma.core.model.state import Observation
from alma.core.ports import Engine, Imports


def importer(engine: Engine) -> Imports:
    """The engine, if it imports. Raises InvalidInput, saying why it does not."""
    if isinstance(engine, Imports):
        return engine
    reason = engine.traits.why_no_imports
    raise InvalidInput(
        f"Engine '{engine.name}' can't import what it did not make"
        + (f": {reason}" if reason else ""),
        hint="describe it in a blueprint and let ALMA make it anew",
    )


async def inspected(
    engine: Engine, target: Target, observation: Observation
) -> Mapping[str, Candidate]:
    """What the target says to adopt, by id, as far as it is there and nobody's. Raises EngineError."""
    mine = {item.object_id for item in observation.resources}
    asked = sorted(set(target.adopt.values()) - mine)
    if not asked:
        return {}
    return {found.object_id: found for found in await importer(engine).inspect(asked)}


def with_candidates(
    observation: Observation, target: Target, candidates: Mapping[str, Candidate]
) -> Observation:
    """As if they were adopted already: they stay where they are."""
    found = tuple(
        candidates[id_].at(address)
        for address, id_ in sorted(target.adopt.items())
        if id_ in candidates
    )
    return observation.model_copy(update={"resources": (*observation.resources, *found)})
