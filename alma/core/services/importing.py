"""Takes what runs already into a stack: looks what there is, writes it into a blueprint, and asks for an approval.

Nothing is touched here. The request's plan says what gets the stack's marker, and only its deployment puts it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import Candidate, Discovered, Wish
from alma.core.model.errors import InvalidInput, NotFound
from alma.core.model.ipr import IPR
from alma.core.model.principal import Principal
from alma.core.planning.described import Described, described
from alma.core.ports import Engines, Imports
from alma.core.services.blueprints import Blueprints
from alma.core.services.candidates import importer
from alma.core.services.iprs import IPRs
from alma.core.services.plans import Plans
from alma.core.services.stacks import Stacks

_SHOWN = 8


class Importing:
    """Imports into the caller's project."""

    def __init__(
        self,
        *,
        engines: Engines,
        blueprints: Blueprints,
        stacks: Stacks,
        plans: Plans,
        iprs: IPRs,
    ) -> None:
        self._engines = engines
        self._blueprints = blueprints
        self._stacks = stacks
        self._plans = plans
        self._iprs = iprs

    async def discover(self, principal: Principal, engine: str) -> Sequence[Discovered]:
        """What is there and belongs to no stack. Raises InvalidInput for an engine that can't import, EngineError."""
        principal.require(Permission.ENGINE_READ)
        return await self._importer(principal, engine).discover()

    async def open(
        self,
        principal: Principal,
        *,
        engine: str,
        wishes: Sequence[Wish],
        name: str | None = None,
        blueprint_id: int | None = None,
        title: str | None = None,
        description: str = "",
    ) -> IPR:
        """Describes the objects in a new blueprint of that name, or in a further revision of one, and asks for the
        approval to adopt them. Raises NotFound for what is not there, InvalidInput, EngineError."""
        principal.require(
            Permission.BLUEPRINT_WRITE, Permission.IPR_OPEN, Permission.PLAN, Permission.ENGINE_READ
        )
        place = self._plans.engine_for_name(principal.project, engine)
        imports = self._importer(principal, place)
        names = _names(_found(await imports.discover(), wishes, place))
        chosen = _all_there(await imports.inspect(sorted(names)), names, place)
        asked = {id_: address for id_, address in names.items() if address}
        saved, found = await asyncio.to_thread(
            self._save, principal, place, chosen, names=asked, name=name, blueprint_id=blueprint_id
        )
        things = plural("object", len(found.addresses))
        return await self._iprs.open(
            principal,
            title=title or f"Import {things} from {place} into {found.blueprint.name}",
            description=description,
            blueprint_id=saved.id,
            engine=place,
            adopt=found.addresses,
        )

    def _importer(self, principal: Principal, engine: str) -> Imports:
        return importer(self._engines.get(engine, project=principal.project))

    def _save(
        self,
        principal: Principal,
        place: str,
        chosen: Sequence[Candidate],
        *,
        names: Mapping[str, str],
        name: str | None,
        blueprint_id: int | None,
    ) -> tuple[Revision, Described]:
        if (blueprint_id is None) is not bool(name):
            raise InvalidInput(
                "it is not clear which blueprint shall describe what is imported",
                hint="either name a new one, or give the id of one that is there",
            )
        if blueprint_id is None:
            found = described(Blueprint(name=str(name), engine=place), chosen, names)
            document = parse_blueprint(found.blueprint.dump())
            saved = self._blueprints.create(principal, document, origins=found.origins)
            return saved, found
        before = self._blueprints.get(principal, blueprint_id)
        made = self._made(principal, before.id, place)
        found = described(before.blueprint, chosen, names, made=made)
        if found.blueprint == before.blueprint:
            return before, found
        saved = self._blueprints.update(
            principal,
            blueprint_id,
            parse_blueprint(found.blueprint.dump()),
            expected=before.number,
            origins={**before.origins, **found.origins},
        )
        return saved, found

    def _made(self, principal: Principal, blueprint_id: int, place: str) -> set[str]:
        """The addresses at which something is recorded."""
        stacks = self._stacks.list(principal, blueprint_id=blueprint_id)
        return {
            item.address for stack in stacks if stack.ref.engine == place for item in stack.records
        }


def _found(
    there: Sequence[Discovered], wishes: Sequence[Wish], place: str
) -> Sequence[tuple[Discovered, Wish]]:
    """What is meant by each wish: an id, else a name that only one has."""
    if not wishes:
        raise InvalidInput("nothing was chosen to be imported", hint="name at least one object")
    return [(_meant(there, wish.object, place), wish) for wish in wishes]


def _meant(there: Sequence[Discovered], text: str, place: str) -> Discovered:
    found = [item for item in there if item.object_id == text]
    found = found or [item for item in there if item.name == text]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(item.object_id for item in found)
        raise InvalidInput(
            f"'{text}' is the name of {len(found)} objects on {place}", hint=f"say which: {ids}"
        )
    known = ", ".join(f"{item.object_id} ({item.name})" for item in there[:_SHOWN])
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    raise NotFound(
        f"there is no '{text}' on {place} that belongs to no stack",
        hint=f"there are: {known}{more}" if known else "everything there belongs to a stack",
    )


def _names(found: Sequence[tuple[Discovered, Wish]]) -> Mapping[str, str | None]:
    """The name asked for, by the object's id. Raises InvalidInput for one that is asked for twice."""
    names: dict[str, str | None] = {}
    for item, wish in found:
        if item.object_id in names:
            raise InvalidInput(f"'{item.name}' is chosen twice", hint="name each object once")
        if item.obstacle:
            raise InvalidInput(f"'{item.name}' can't be imported: {item.obstacle}")
        if wish.name and wish.name in names.values():
            raise InvalidInput(
                f"two objects can't both be '{wish.name}'", hint="give each a name of its own"
            )
        names[item.object_id] = wish.name
    return names


def _all_there(
    candidates: Sequence[Candidate], wanted: Mapping[str, object], place: str
) -> Sequence[Candidate]:
    """The candidates in the order of the wishes; companions that are objects come with them, by way of these."""
    by_id = {item.object_id: item for item in candidates}
    gone = [id_ for id_ in wanted if id_ not in by_id]
    if gone:
        raise NotFound(
            f"{', '.join(gone)} on {place} is gone, or belongs to a stack by now",
            hint="look again at what can be imported",
        )
    return [by_id[id_] for id_ in wanted]
