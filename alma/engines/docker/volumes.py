"""Volumes: Docker's named volumes, where the data is that outlives containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.model.engine import Outcome
from alma.core.model.errors import ChangeRejected
from alma.engines.docker import names, observe
from alma.engines.docker.client.daemon import CONFLICT
from alma.engines.docker.client.translate import Refused
from alma.engines.docker.work import Work

Found = Mapping[str, Any]


async def create(work: Work) -> Outcome:
    """Makes the volume, or adopts the one that is there: a kept volume of an earlier deployment keeps its data."""
    desired = work.desired()
    found = await work.session.daemon.volume(work.name)
    adopted = found is not None
    if found is None:
        labels = names.own_labels(desired) | names.labels_of(work.marker(desired), work.stack, {})
        found = await work.session.daemon.create_volume({"Name": work.name, "Labels": labels})
        adopted = not work.is_mine(found.get("Labels"))
    if not work.is_ours(found.get("Labels")):
        raise work.taken("volume")
    return Outcome(resource=observe.volume(found), adopted=adopted)


async def replace(work: Work) -> Outcome:
    """Makes the volume anew, empty. No difference of a volume asks for this; a changed type does."""
    found = await work.session.daemon.volume(work.name)
    if found is not None and work.is_ours(found["Labels"]) and not work.is_mine(found["Labels"]):
        await delete(work)
    return await create(work)


async def delete(work: Work) -> Outcome:
    """Removes the volume with its data. Raises ChangeRejected naming who uses it."""
    for found in await work.session.daemon.volumes(work.labels()):
        try:
            await work.session.daemon.remove_volume(found["Name"])
        except Refused as error:
            if error.status != CONFLICT:
                raise
            raise await _in_use(work, found["Name"]) from error
    return Outcome()


async def _in_use(work: Work, name: str) -> ChangeRejected:
    users = [str(item["Names"][0]).lstrip("/") for item in await work.session.daemon.using(name)]
    return ChangeRejected(
        f"Volume {name} can't be removed: {', '.join(users) or 'a container'} still uses it",
        hint="remove the container first (`docker rm`), then try again",
    )
