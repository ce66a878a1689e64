"""Puts container templates and disk images on storages, each once, however many guests want it at the same time.

Within a process, those who want the same file wait for the one that gets it. Between processes, a file that is there
and a download that runs are looked for first; what remains is harmless, as Proxmox writes beside the file and renames.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

from alma.core.model.errors import AlmaError, ChangeRejected
from alma.core.model.state import DesiredResource
from alma.engines.proxmox import fetch
from alma.engines.proxmox.client import Api, Log, NotAllowed, Refused
from alma.engines.proxmox.cluster import Cluster, Content
from alma.engines.proxmox.options import ProxmoxOptions
from alma.engines.proxmox.shelf import read, shelf_for
from alma.engines.proxmox.sources import (
    Asked,
    Fault,
    Source,
    SourceKind,
    image_of,
    source_on,
)
from alma.engines.proxmox.systems import Systems, load

# For so many seconds a file that was seen on a storage counts as there: many guests are made from one file.
_FRESH = 60
Key = tuple[str, str, str]


class _Once:
    """Who gets which file now, and which were seen. Belongs to one connection, and so to one event loop."""

    def __init__(self) -> None:
        self.locks: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.seen: dict[Key, float] = {}


_ONCE: WeakKeyDictionary[Api, _Once] = WeakKeyDictionary()


async def template_for(
    api: Api,
    cluster: Cluster,
    desired: DesiredResource,
    *,
    options: ProxmoxOptions,
    node: str,
    storage: str | None = None,
    log: Log | None = None,
    systems: Systems | None = None,
) -> Source:
    """What the guest is made from on that node, there and ready: what the plan says, else what fits best now.

    Downloads a file that is missing, to `storage` if it is given. Raises ChangeRejected when there is nothing to make
    it from; nothing was made.
    """
    asked = image_of(desired, options, systems=systems)
    if storage is not None:
        asked = asked.model_copy(update={"image_storage": storage})
    planned = desired.placement.site.get("source") if desired.placement else None
    source = await _planned(api, cluster, asked, node=node, text=planned, systems=systems)
    if source.kind is not SourceKind.CLONE:
        await ensure(api, cluster, node, source, log=log)
        source = source.model_copy(update={"there": True})
    return source


async def _planned(
    api: Api,
    cluster: Cluster,
    asked: Asked,
    *,
    node: str,
    text: str | None,
    systems: Systems | None,
) -> Source:
    """The source that the plan names, without a look at what else there is; without a plan, the best one."""
    if text is not None and text.isdigit():
        asked = asked.model_copy(update={"vmid": int(text)})
    elif text is not None:
        return _of_volume(text, asked, systems or load())
    shelf = await shelf_for(api, cluster, [asked], nodes=[node])
    found = source_on(node, asked, cluster, shelf, systems=systems)
    if isinstance(found, Fault):
        message = f"{node} {found.message}" if found.of_node else found.message
        raise ChangeRejected(message, hint=found.hint)
    return found


def _of_volume(volume: str, asked: Asked, systems: Systems) -> Source:
    storage, _, path = volume.partition(":")
    folder, _, file = path.partition("/")
    if folder == Content.VZTMPL:
        return Source(kind=SourceKind.ARCHIVE, storage=storage, volume=volume, there=False)
    system = systems.by_file(file)
    url = asked.text if "://" in asked.text else system.image if system else None
    checksums = system.checksums if system and system.image == url else None
    return Source(
        kind=SourceKind.IMAGE,
        storage=storage,
        volume=volume,
        there=False,
        url=url,
        checksums=checksums,
    )


# ── getting ──────────────────────────────────────────────────────────────────────────────────────


async def ensure(
    api: Api, cluster: Cluster, node: str, source: Source, *, log: Log | None = None
) -> None:
    """Has the file of a source on its storage. Raises ChangeRejected when it can't be had."""
    storage = cluster.storage(node, source.storage)
    shared = storage is not None and storage.shared
    files = _ONCE.setdefault(api, _Once())
    key = ("" if shared else node, source.storage, source.file)
    clock = asyncio.get_running_loop().time
    async with files.locks[key]:
        if clock() - files.seen.get(key, -_FRESH) < _FRESH:
            return
        content = Content.VZTMPL if source.kind is SourceKind.ARCHIVE else Content.IMPORT
        if not await _is_there(api, node, source, content):
            await _get(api, node, source, content, log=log)
        files.seen[key] = clock()


async def _is_there(api: Api, node: str, source: Source, content: Content) -> bool:
    path = f"/nodes/{node}/storage/{source.storage}/content"
    found = await api.get(path, content=str(content))
    return any(entry.get("volid") == source.volume for entry in found or ())


async def _get(api: Api, node: str, source: Source, content: Content, *, log: Log | None) -> None:
    """Waits for somebody else's download first; what fails because the file has come meanwhile has not failed."""
    if await _other_download(api, node, source, log=log) and await _is_there(
        api, node, source, content
    ):
        return
    if log:
        log(f"Downloading {source.file} to {source.storage} on {node}")
    try:
        await _download(api, node, source, log=log)
    except Refused:
        if not await _is_there(api, node, source, content):
            raise


async def _other_download(api: Api, node: str, source: Source, *, log: Log | None) -> bool:
    """Whether a download of this file, or of one that Proxmox does not name, ran on the node; it is over then."""
    running = await read(api, f"/nodes/{node}/tasks", source="active", typefilter="download") or ()
    others = [
        task
        for task in running
        if task.get("type") == "download"
        and not task.get("endtime")
        and str(task.get("id") or "") in {"", source.file, source.storage}
    ]
    for task in others:
        if log:
            log(f"Waiting for a download that runs on {node} already")
        try:
            await api.wait(
                str(task["upid"]), doing=f"Downloading {source.file} to {source.storage}"
            )
        except Refused:
            continue  # it failed for its own reasons; ours may be none of them
    return bool(others)


async def _download(api: Api, node: str, source: Source, *, log: Log | None) -> None:
    doing = f"Downloading {source.file} to {source.storage} on {node}"
    if source.kind is SourceKind.ARCHIVE and source.url is None:
        form = {"storage": source.storage, "template": source.file}
        path = f"/nodes/{node}/aplinfo"
        await api.run("POST", path, form, doing=doing, storage=source.storage, log=log)
        return
    if source.url is None:
        raise ChangeRejected(
            f"{source.volume} is not on {node}, and nobody knows where to get it",
            hint="put it there, or make the plan again",
        )
    expected = await _checksum(source, log=log)
    try:
        await _by_node(api, node, source, expected, doing=doing, log=log)
    except NotAllowed as error:
        if log:
            log(
                f"{node} may not download for ALMA ({', '.join(error.privileges) or 'Sys.Modify'}): "
                f"ALMA downloads {source.file} and uploads it"
            )
        await _by_upload(api, node, source, expected, log=log)


async def _checksum(source: Source, *, log: Log | None) -> str | None:
    """A list that can't be read here is no reason to stop: the node's download is over TLS all the same."""
    if source.checksums is None or source.url is None:
        return None
    try:
        found = await fetch.checksum(source.checksums, source.url)
    except AlmaError as error:
        found = None
        if log:
            log(f"{error.message}; {source.file} is taken without its checksum")
    return found


async def _by_node(
    api: Api, node: str, source: Source, expected: str | None, *, doing: str, log: Log | None
) -> None:
    algorithm, _, digest = (expected or "").partition(":")
    form = {
        "content": str(Content.IMPORT),
        "filename": source.file,
        "url": source.url,
        **({"checksum": digest, "checksum-algorithm": algorithm} if expected else {}),
    }
    path = f"/nodes/{node}/storage/{source.storage}/download-url"
    await api.run("POST", path, form, doing=doing, storage=source.storage, log=log)


async def _by_upload(
    api: Api, node: str, source: Source, expected: str | None, *, log: Log | None
) -> None:
    room = api.settings.state_dir  # images are big, and a system's own folder may be in memory
    if room is not None:
        room.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="alma-image-", dir=room) as folder:
        file = Path(folder) / source.file
        await fetch.download(source.url or "", file, expected=expected)
        await api.upload(
            node,
            source.storage,
            content=str(Content.IMPORT),
            filename=source.file,
            file=file,
            checksum=expected,
            log=log,
        )
