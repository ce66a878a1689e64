"""Asks an engine about what is there and belongs to no stack, where it can put its marker on such things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.model.engine import Candidate
from alma.core.model.errors import InvalidInput
from alma.core.model.plan import Target
from alma.core.model.state import DesiredResource, Observation, Properties, is_among
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
    observation: Observation,
    target: Target,
    candidates: Mapping[str, Candidate],
    *,
    desired: Sequence[DesiredResource],
    engine: Engine,
) -> Observation:
    """As if they were adopted already: they stay where they are, and are what the blueprint says of them where nothing
    else tells."""
    found = []
    for item in desired if candidates else ():
        candidate = candidates.get(target.adopt.get(item.address, ""))
        if candidate is not None:
            seen = candidate.at(item.address)
            read = _without(seen.properties, candidate.unread)
            told = engine.shape(item, observation.stack)
            unread = {path: told[path] for path in told if is_among(path, candidate.unread)}
            found.append(seen.model_copy(update={"properties": {**read, **unread}}))
    return observation.model_copy(update={"resources": (*observation.resources, *found)})


def _without(properties: Properties, unread: tuple[str, ...]) -> Properties:
    return {path: value for path, value in properties.items() if not is_among(path, unread)}
