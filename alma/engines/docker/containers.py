"""Containers: made, finished, changed and replaced so that an attempt that dies at any point leaves something the next
attempt recognises and completes.

The marker is on a container from its create call on, and its networks are in that call. Between making and starting it
only files are placed, so "created and never started" always means "not finished", and finishing is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alma.core.model.blueprint import ResourceType
from alma.core.model.engine import Outcome
from alma.core.model.errors import ChangeRejected, EngineError
from alma.core.model.state import DesiredResource, ObservedResource, differing
from alma.engines import base
from alma.engines.docker import files, look, names, shape, spec
from alma.engines.docker.client.daemon import CONFLICT
from alma.engines.docker.client.translate import Refused
from alma.engines.docker.images import ImageFacts
from alma.engines.docker.session import Session
from alma.engines.docker.spec import Host, Surroundings
from alma.engines.docker.work import Work
from alma.engines.systems import image_of

Found = Mapping[str, Any]
_REMOVAL_SECONDS = 60.0
_BIRTH_SECONDS = 10.0


@dataclass(frozen=True)
class _Ready:
    """Everything that can fail before anything is made: the image is here, the secrets are known, networks and volumes
    exist."""

    desired: DesiredResource
    host: Host
    around: Surroundings
    image: ImageFacts
    archive: bytes | None

    @property
    def wanted_networks(self) -> list[Found]:
        return [self.around.networks[address] for address in self.desired.networks]


async def create(work: Work) -> Outcome:
    """Makes and starts the container, or adopts and finishes the one that is there already."""
    desired = work.desired()
    if found := await _found(work):
        if not work.is_mine(found[0]["Config"]["Labels"]):
            seen = await _observed(work, found[0])
            work.require_same(desired, seen.properties if seen else {})
        return await _complete(work, desired, found[0], adopted=True)
    ready = await _ready(work, desired)
    made, warnings = await _make(work, ready, work.name)
    return await _finish(work, ready, made, warnings=warnings)


async def update(work: Work) -> Outcome:
    """Changes limits, takes in configuration files and starts what does not run. Raises ChangeRejected when what is
    there needs more than that."""
    desired = work.desired()
    found = await _found(work)
    if not found:
        raise work.gone()
    current, *surplus = found
    seen = await _observed(work, current)
    if seen is None:
        raise work.gone()
    paths = differing(shape.shape_of(desired), seen.properties)
    work.require_in_place(desired, paths)
    await _remove_all(work, surplus)
    warnings = await _change_limits(work, desired, current, paths)
    if current["State"]["Status"] != "created":
        planned = [field.path for field in work.change.fields]
        await _reconfigure(work, desired, current, [*paths, *planned])
    return await _complete(work, desired, current, warnings=warnings)


async def replace(work: Work) -> Outcome:
    """Puts a new container in the place of the old one.

    The new one is made, with all its files, before the old one is stopped; if it then can't start, it goes and the old
    one runs again. The old one is removed only when the new one runs. Names change while nothing runs: Docker fails to
    rename a container that is just starting again.
    """
    found = await _found(work)
    mine = [item for item in found if work.is_mine(item["Config"]["Labels"])]
    old, given_up = _old([item for item in found if item not in mine])
    ready = await _ready(work, work.desired())
    await _remove_all(work, given_up)
    new, warnings = (mine[0], []) if mine else await _make_next(work, ready, old)
    await _place(work, ready, new)
    for item in old:
        await work.session.daemon.stop(item["Id"], name=work.address)
        if _name(item) == work.name:
            previous = names.name_of_previous(work.stack, work.address)
            await work.session.daemon.rename(item["Id"], previous)
    if _name(new) != work.name:
        await work.session.daemon.rename(new["Id"], work.name)
    try:
        await _start(work, new)
    except ChangeRejected as error:
        raise await _take_back(work, new, old, error) from error
    await _remove_all(work, old)
    return await _outcome(work, new, around=ready.around, adopted=bool(mine), warnings=warnings)


async def delete(work: Work) -> Outcome:
    """Stops and removes every container of the address, with its anonymous volumes. Named ones stay."""
    await _remove_all(work, await _found(work))
    return Outcome()


def _old(found: Sequence[Found]) -> tuple[Sequence[Found], Sequence[Found]]:
    """The one to be replaced, if there is one: the one that runs, else one that ran. And what replacements that were
    given up have left beside it, which would be in the way by its name."""
    in_order = sorted(found, key=lambda item: item["State"]["Status"] == "created")
    return in_order[:1], in_order[1:]


async def _make_next(work: Work, ready: _Ready, old: Sequence[Found]) -> tuple[Found, list[str]]:
    taken = any(_name(item) == work.name for item in old)
    name = names.name_of_next(work.stack, work.address) if taken else work.name
    return await _make(work, ready, name, ports=_chosen_ports(old))


async def _take_back(
    work: Work, new: Found, old: Sequence[Found], error: ChangeRejected
) -> ChangeRejected:
    await _remove(work, new)
    if not old:
        return error
    if await work.session.daemon.container(work.name) is None:
        await work.session.daemon.rename(old[0]["Id"], work.name)
    await work.session.daemon.start(old[0]["Id"], name=work.address)
    return ChangeRejected(
        f"{error.message}; the previous {work.address} runs again", hint=error.hint
    )


def _name(found: Found) -> str:
    return str(found["Name"]).lstrip("/")


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


async def _found(work: Work) -> list[Found]:
    """The containers of this address in full, the one that counts first."""
    listed = look.groups(await work.session.daemon.containers(work.labels()))
    found = [await work.session.daemon.container(item["Id"]) for group in listed for item in group]
    return [item for item in found if item is not None]


async def _observed(
    work: Work, found: Found, around: Surroundings | None = None
) -> ObservedResource | None:
    host = await work.session.host()
    around = around or await look.surroundings(work.session, work.stack)
    return await look.observed(work.session, found, around, cpus=host.cpus)


async def _outcome(
    work: Work,
    made: Found,
    *,
    around: Surroundings | None = None,
    adopted: bool = False,
    warnings: Iterable[str] = (),
) -> Outcome:
    current = await work.session.daemon.container(made["Id"])
    resource = await _observed(work, current, around) if current else None
    return Outcome(resource=resource, adopted=adopted, warnings=tuple(warnings))


# ── making ───────────────────────────────────────────────────────────────────────────────────────


async def _ready(work: Work, desired: DesiredResource) -> _Ready:
    archive = files.archive_of(desired, work.context.secret, with_manifest=True)
    spec.environment(desired, work.context.secret)  # a missing secret shows before anything is made
    around = await look.surroundings(work.session, work.stack)
    _require(work, desired.networks, around.networks, ResourceType.NETWORK)
    _require(work, [mount.volume for mount in desired.mounts], around.volumes, ResourceType.VOLUME)
    host = await work.session.host()
    image = await work.session.image(image_of(desired), work.context)
    return _Ready(desired, host, around, image, archive)


def _require(
    work: Work, wanted: Iterable[str], there: Mapping[str, Any], kind: ResourceType
) -> None:
    missing = sorted(set(wanted) - there.keys())
    if missing:
        raise ChangeRejected(
            f"{work.address} needs {kind} {', '.join(missing)}, which is not there",
            hint="make the plan again: it will create it first",
        )


async def _make(
    work: Work, ready: _Ready, name: str, *, ports: Mapping[str, str] | None = None
) -> tuple[Found, list[str]]:
    config = spec.container_config(
        ready.desired,
        work.marker(ready.desired),
        stack=work.stack,
        host=ready.host,
        image=ready.image,
        around=ready.around,
        secret=work.context.secret,
        ports=ports,
    )
    warnings = [*spec.misplaced(ready.desired, ready.around)]
    try:
        id_, said = await work.session.daemon.create_container(name, config)
        warnings += said
    except Refused as error:
        # The name is taken: by an attempt of this change that was thought lost, or by somebody else.
        if error.status != CONFLICT:
            raise
        twin = await _once_there(work, name)
        if twin is None:
            raise
        labels = twin["Config"].get("Labels")
        if not (work.is_ours(labels) and work.is_mine(labels)):
            raise work.taken("container") from error
        id_ = str(twin["Id"])
    made = await work.session.daemon.container(id_)
    if made is None:
        raise ChangeRejected(f"{name} was made and is gone again", hint="deploy again")
    return made, warnings


async def _once_there(work: Work, name: str) -> Found | None:
    """The container of that name, once it can be seen: its name is taken a moment earlier."""

    async def probe() -> Found | None:
        return await work.session.daemon.container(name)

    return await base.until(probe, within=_BIRTH_SECONDS)


def _chosen_ports(old: Sequence[Found]) -> dict[str, str]:
    """The ports Docker chose for the container that is being replaced: its successor asks for the same."""
    found: dict[str, str] = {}
    for item in old[:1]:
        for inner, bindings in (item["NetworkSettings"].get("Ports") or {}).items():
            if bindings:
                found[inner] = bindings[0]["HostPort"]
    return found


async def _complete(
    work: Work,
    desired: DesiredResource,
    found: Found,
    *,
    adopted: bool = False,
    warnings: Iterable[str] = (),
) -> Outcome:
    """Sees to it that what was found runs: finished first when it never did."""
    state = found["State"]["Status"]
    if state == "created":
        ready = await _ready(work, desired)
        return await _finish(work, ready, found, adopted=adopted, warnings=warnings)
    if state != "running":
        await _start(work, found)
    return await _outcome(work, found, adopted=adopted, warnings=warnings)


async def _finish(
    work: Work,
    ready: _Ready,
    made: Found,
    *,
    adopted: bool = False,
    warnings: Iterable[str] = (),
) -> Outcome:
    """Completes what may have been left at any point, and starts it. What can't be started and never ran goes."""
    await _place(work, ready, made)
    try:
        await _start(work, made)
    except ChangeRejected:
        if made["State"]["Status"] == "created":
            await _remove(work, made)
        raise
    return await _outcome(work, made, around=ready.around, adopted=adopted, warnings=warnings)


async def _place(work: Work, ready: _Ready, made: Found) -> None:
    """What has to be there before the first start: networks beyond the first, and files."""
    if made["State"]["Status"] != "created":
        return
    attached = made["NetworkSettings"].get("Networks") or {}
    for network in ready.wanted_networks:
        if network["Name"] not in attached:
            fixed = ready.desired.resource.network.private_ip
            endpoint = spec.endpoint(work.address, fixed, network)
            await work.session.daemon.connect(
                network["Id"], made["Id"], endpoint, name=work.address
            )
    if ready.archive is not None:
        await work.session.daemon.put_files(made["Id"], ready.archive, name=work.address)


async def _start(work: Work, made: Found) -> None:
    if made["State"]["Status"] == "paused":
        await work.session.daemon.unpause(made["Id"], name=work.address)
    else:
        await work.session.daemon.start(made["Id"], name=work.address)


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


async def _change_limits(
    work: Work, desired: DesiredResource, current: Found, paths: Sequence[str]
) -> list[str]:
    if not {"specs.cpu", "specs.memory"} & set(paths):
        return []
    host = await work.session.host()
    return await work.session.daemon.update_container(
        current["Id"], spec.limits(desired, cpus=host.cpus), name=work.address
    )


async def _reconfigure(
    work: Work, desired: DesiredResource, current: Found, paths: Sequence[str]
) -> None:
    """Takes in new files: places them, tells the software, and only then writes down that it was done."""
    signal = shape.reload_signal(desired)
    if signal is None or not paths:
        return
    if any(path == "backends" or path.startswith("files.") for path in paths):
        archive = files.archive_of(desired, work.context.secret)
        if archive is not None:
            await work.session.daemon.put_files(current["Id"], archive, name=work.address)
        if current["State"]["Status"] == "running":
            await work.session.daemon.signal(current["Id"], signal, name=work.address)
    manifest = files.manifest_of(desired)
    await work.session.daemon.put_files(current["Id"], manifest, name=work.address)


# ── removing ─────────────────────────────────────────────────────────────────────────────────────


async def _remove_all(work: Work, found: Iterable[Found]) -> None:
    for item in found:
        if item["State"]["Status"] in {"running", "restarting", "paused"}:
            await work.session.daemon.stop(item["Id"], name=work.address)
        await _remove(work, item)


async def _remove(work: Work, found: Found) -> None:
    await remove(work.session, found["Id"], work.address)


async def remove(session: Session, id_: str, name: str) -> None:
    """Removes one container and waits until it is gone, whoever removes it."""
    try:
        await session.daemon.remove_container(id_, name=name)
    except Refused as error:
        if error.status != CONFLICT:
            raise

    async def gone() -> bool | None:
        return await session.daemon.container(id_) is None or None

    if not await base.until(gone, within=_REMOVAL_SECONDS):
        raise EngineError(
            f"{name} is still being removed after {_REMOVAL_SECONDS:.0f} s",
            hint="look at `docker ps -a` and the daemon's log, then deploy again",
        )
