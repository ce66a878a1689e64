"""The five tools that clients of older servers call, and the list of a node's machines.

They look at engines and never change them: what would change something becomes a blueprint and a request for its
approval, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alma.mcp.rest import Refused, Rest, part

Json = dict[str, Any]
_ENGINE = "proxmox"

Engine = Annotated[
    str,
    Field(default=_ENGINE, max_length=64, description="The engine, `proxmox@lab` for a named one."),
]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Everything(_Given):
    """Which engine to look at."""

    engine: Engine = _ENGINE


class Listed(Everything):
    """Which engine to look at, and how much of it to name."""

    limit: int | None = Field(
        default=None, ge=1, le=1000, description="At most so many; all of it if unset."
    )
    cursor: str | None = Field(
        default=None, max_length=512, description="The `next_cursor` of the answer before."
    )


class OneGuest(Everything):
    """Which machine."""

    vmid: int | str = Field(description="Its id on the engine, or its name.")


class NewGuest(Everything):
    """The machine that is wanted."""

    name: str = Field(min_length=1, max_length=63, description="Its name.")
    template: str = Field(
        min_length=1, max_length=256, description="Image or template: `debian-12`."
    )
    cores: int = Field(default=2, ge=1, le=512)
    memory: int = Field(default=2048, ge=16, le=16_777_216, description="In MiB.")


class Action(StrEnum):
    """What older clients ask for."""

    START = "start"
    STOP = "stop"
    SHUTDOWN = "shutdown"
    REBOOT = "reboot"
    DELETE = "delete"


class Control(OneGuest):
    """What shall happen to it."""

    action: Action


class Download(Everything):
    """What shall be on which storage."""

    storage: str = Field(min_length=1, max_length=64)
    template: str = Field(min_length=1, max_length=256)


@dataclass(frozen=True, slots=True)
class GuestTool:
    """One of the five. `drafts`: it stores a blueprint and opens a request."""

    name: str
    description: str
    arguments: type[_Given]
    run: Callable[[Rest, Any], Awaitable[Json]]
    drafts: bool = False

    async def __call__(self, rest: Rest, given: Mapping[str, Any]) -> Json:
        """The answer. Raises Refused, also for arguments that don't fit."""
        try:
            arguments = self.arguments.model_validate(dict(given))
        except ValidationError as error:
            faults = tuple(
                f"{'.'.join(map(str, item['loc']))}: {item['msg'].lower()}"
                for item in error.errors()
            )
            raise Refused(f"Invalid arguments of tool '{self.name}'", faults=faults) from None
        return await self.run(rest, arguments)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────


async def guests(rest: Rest, engine: str) -> list[Json]:
    """Everything on an engine: what belongs to stacks as it runs now, and what belongs to none. Raises Refused when
    either can't be known: a part of the list would be taken for all of it."""
    stacks = [item for item in (await rest.get("/stacks"))["items"] if item["engine"] == engine]
    managed = [guest for item in stacks for guest in await _of_stack(rest, item)]
    found = await rest.get(f"/engines/{part(engine)}/discover")
    return [*managed, *(_shown(item, stack=None) for item in found["items"])]


async def _of_stack(rest: Rest, stack: Json) -> list[Json]:
    view = await rest.get(f"/stacks/{part(stack['id'])}")
    if view["observed"] is None:
        raise Refused(f"stack '{stack['name']}' can't be read: {view['problem']}")
    return [_shown(item, stack=view) for item in view["observed"]]


def _shown(item: Json, *, stack: Json | None) -> Json:
    site = item.get("site") or {}
    return {
        "vmid": item["object_id"],
        "name": item.get("address") or item["name"],
        "type": item["type"],
        "status": item["status"],
        "node": site.get("node"),
        "site": site,
        "managed": stack is not None,
        "stack": stack["name"] if stack else None,
        "blueprint_id": stack["blueprint_id"] if stack else None,
        "facts": item.get("facts") or item.get("properties") or {},
    }


async def _list(rest: Rest, given: Listed) -> Json:
    """A page goes on after the id that the one before ended with: what comes or goes meanwhile shifts nothing."""
    found = sorted(await guests(rest, given.engine), key=_id)
    after = [item for item in found if given.cursor is None or _id(item) > given.cursor]
    page = after[: given.limit]
    return {
        "engine": given.engine,
        "resources": page,
        "count": len(page),
        "total": len(found),
        "next_cursor": _id(page[-1]) if len(page) < len(after) else None,
    }


def _id(item: Json) -> str:
    return str(item["vmid"])


async def _stats(rest: Rest, given: OneGuest) -> Json:
    return await _guest(rest, given)


async def _guest(rest: Rest, given: OneGuest) -> Json:
    wanted = str(given.vmid)
    there = await guests(rest, given.engine)
    found = [item for item in there if item["vmid"] == wanted]
    # Ids of engines have a place in front where numbers repeat: "pve1/105".
    found = found or [item for item in there if str(item["vmid"]).rpartition("/")[2] == wanted]
    found = found or [item for item in there if item["name"] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(item["vmid"]) for item in found)
        raise Refused(f"'{wanted}' is the name of {len(found)} things", hint=f"say which: {ids}")
    raise Refused(
        f"there is no '{wanted}' on {given.engine}", hint="list_resources names all there are"
    )


# ── asking for something ─────────────────────────────────────────────────────────────────────────────


async def _deploy(rest: Rest, given: NewGuest) -> Json:
    machine = {
        "name": given.name,
        "type": "vm",
        "image": given.template,
        "specs": {"cpu": given.cores, "memory": f"{given.memory}MiB"},
    }
    document = {"name": given.name, "engine": given.engine, "resources": [machine]}
    made = await rest.post("/blueprints", document)
    title = f"Deploy {given.name} from {given.template}"
    return await _request(rest, made["id"], title, f"{given.name} is not there yet")


async def _control(rest: Rest, given: Control) -> Json:
    guest = await _guest(rest, given)
    if not guest["managed"]:
        raise Refused(
            f"'{guest['name']}' belongs to no stack: ALMA does not touch it",
            hint="import it first: that asks for an approval, too",
        )
    match given.action:
        case Action.START:
            title = f"Start {guest['name']}"
            return await _request(
                rest, guest["blueprint_id"], title, f"{guest['name']} is as it was"
            )
        case Action.DELETE:
            return await _delete(rest, guest)
        case Action.STOP | Action.SHUTDOWN | Action.REBOOT:
            raise Refused(
                f"{given.action} is nothing that a blueprint can say: what is in it shall run",
                hint="to have it gone, ask for delete; to save money, ask optimize_costs for a schedule",
            )


async def _delete(rest: Rest, guest: Json) -> Json:
    """A further revision without the resource, or with one instance less of it."""
    saved = await rest.get(f"/blueprints/{guest['blueprint_id']}")
    resources = [dict(item) for item in saved["resources"]]
    kept = [item for item in resources if item["name"] != guest["name"]]
    if len(kept) == len(resources):
        raise Refused(
            f"'{guest['name']}' is one of several equal instances, or implied by others",
            hint="change the count in its blueprint, or take out the resource that needs it",
        )
    document = {
        key: value
        for key, value in saved.items()
        if key in {"version", "name", "description", "engine", "constraints", "metadata"}
        and value is not None
    }
    await rest.put(
        f"/blueprints/{saved['id']}", {**document, "resources": kept}, revision=saved["revision"]
    )
    return await _request(
        rest, saved["id"], f"Delete {guest['name']}", f"{guest['name']} is still there"
    )


async def _request(rest: Rest, blueprint_id: int, title: str, still: str) -> Json:
    ipr = await rest.post("/iprs", {"title": title, "blueprint_id": blueprint_id})
    return {
        "status": ipr["status"],
        "ipr_id": ipr["id"],
        "blueprint_id": blueprint_id,
        "changes": ipr["changes_summary"],
        "blocked": ipr["plan"]["blocked"],
        "message": (
            f"Request {ipr['id']} is open: {title}. Nothing was changed, {still}. It happens once the request "
            f"is approved and deployed."
        ),
    }


async def _download(rest: Rest, given: Download) -> Json:
    return {
        "status": "not_needed",
        "ipr_id": None,
        "message": (
            f"Nothing was downloaded, and nothing needs to be: an approved plan brings '{given.template}' to the "
            f"storage of the machine that is made from it. Ask deploy_vm for one; the engine's own settings say "
            f"that storage shall be '{given.storage}'."
        ),
    }


GUEST_TOOLS: tuple[GuestTool, ...] = (
    GuestTool(
        "list_resources",
        "Everything on an engine: what ALMA's stacks run there now, and what belongs to none.",
        Listed,
        _list,
    ),
    GuestTool(
        "get_resource_stats",
        "One machine as its engine sees it now: state, size, node, and whose it is.",
        OneGuest,
        _stats,
    ),
    GuestTool(
        "deploy_vm",
        "Asks for a new machine: drafts a blueprint and opens a request. Nothing runs before it is approved.",
        NewGuest,
        _deploy,
        drafts=True,
    ),
    GuestTool(
        "control_vm",
        "Asks to start or delete a machine of a stack: opens a request. Nothing happens before it is approved.",
        Control,
        _control,
        drafts=True,
    ),
    GuestTool(
        "download_template",
        "Says how a template gets to a storage: with the approved plan of a machine that needs it.",
        Download,
        _download,
    ),
)
