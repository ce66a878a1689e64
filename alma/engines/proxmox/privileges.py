"""Which privileges each thing takes that ALMA does on Proxmox VE, and at which paths: one table for the checks before
a plan is shown, for the check of the engine, and for the documentation.

The names are those of Proxmox VE 8 and 9; where these differ, a rule says for which version it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from alma.core.model.base import Frozen
from alma.engines.proxmox.client import Permissions

_TOLD = 2
_PLACE = re.compile(r"\{(\w+)\}")


class Task(StrEnum):
    """What ALMA does there, in words for people."""

    LOOK = "see the cluster, its nodes and whether it has quorum"
    SEE_STORAGE = "see a storage and what it holds"
    SEE_GUESTS = "see guests"
    MAKE_VM = "make and configure a virtual machine"
    MAKE_CONTAINER = "make and configure a container"
    CLONE = "clone a template"
    DISKS = "make disks on a storage"
    NETWORK = "connect a guest to a bridge or VNet"
    RUN = "start and stop a guest"
    REMOVE = "remove a guest"
    AGENT = "ask a machine's guest agent for its addresses"
    SNAPSHOT = "keep a snapshot from before a change"
    DOWNLOAD = "download a container template, or upload an image"
    FETCH = "let a node download a disk image"
    POOL = "see a pool"
    HA = "let the HA stack run a guest"
    ORDER = "say in which order a virtual machine starts with its node"


class Rule(Frozen):
    """The privileges that a task takes at a path. `{pool}` or `{vmid}` in it are filled in; `instead` is a path where
    the same privileges do as well."""

    task: Task
    path: str
    privileges: tuple[str, ...]
    instead: str | None = None
    since: int | None = None
    before: int | None = None


def _rule(task: Task, path: str, privileges: str, **more: int | str) -> Rule:
    words = tuple(privileges.split())
    return Rule.model_validate({"task": task, "path": path, "privileges": words, **more})


_CONFIG = "VM.Config.Disk VM.Config.CPU VM.Config.Memory VM.Config.Network VM.Config.Options"

TABLE: tuple[Rule, ...] = (
    _rule(Task.LOOK, "/", "Sys.Audit"),
    _rule(Task.LOOK, "/nodes/{node}", "Sys.Audit"),
    _rule(Task.SEE_STORAGE, "/storage/{storage}", "Datastore.Audit"),
    _rule(Task.SEE_GUESTS, "/vms/{vmid}", "VM.Audit", instead="/pool/{pool}"),
    _rule(
        Task.MAKE_VM,
        "/vms/{vmid}",
        f"VM.Allocate VM.Audit {_CONFIG} VM.Config.HWType VM.Config.CDROM VM.Config.Cloudinit",
        instead="/pool/{pool}",
    ),
    _rule(
        Task.MAKE_CONTAINER,
        "/vms/{vmid}",
        f"VM.Allocate VM.Audit {_CONFIG}",
        instead="/pool/{pool}",
    ),
    _rule(Task.CLONE, "/vms/{template}", "VM.Clone VM.Audit"),
    _rule(Task.DISKS, "/storage/{storage}", "Datastore.AllocateSpace"),
    _rule(Task.NETWORK, "/sdn/zones/{zone}/{bridge}", "SDN.Use"),
    _rule(Task.RUN, "/vms/{vmid}", "VM.PowerMgmt", instead="/pool/{pool}"),
    _rule(Task.REMOVE, "/vms/{vmid}", "VM.Allocate VM.PowerMgmt", instead="/pool/{pool}"),
    _rule(Task.AGENT, "/vms/{vmid}", "VM.Monitor", instead="/pool/{pool}", before=9),
    _rule(Task.AGENT, "/vms/{vmid}", "VM.GuestAgent.Audit", instead="/pool/{pool}", since=9),
    _rule(Task.SNAPSHOT, "/vms/{vmid}", "VM.Snapshot", instead="/pool/{pool}"),
    _rule(Task.DOWNLOAD, "/storage/{storage}", "Datastore.AllocateTemplate"),
    # Either of the two is enough; with neither, ALMA downloads and uploads itself.
    _rule(Task.FETCH, "/", "Sys.Audit Sys.Modify"),
    _rule(Task.FETCH, "/nodes/{node}", "Sys.AccessNetwork"),
    _rule(Task.POOL, "/pool/{pool}", "Pool.Audit"),
    _rule(Task.HA, "/", "Sys.Console"),
    _rule(Task.ORDER, "/", "Sys.Modify"),
)


class Lack(Frozen):
    """Privileges that are missing at a path, and what for. `held` are those of the same kind that are there."""

    path: str
    privileges: tuple[str, ...]
    tasks: tuple[Task, ...]
    held: tuple[str, ...] = ()

    def __str__(self) -> str:
        first, more = self.tasks[:_TOLD], len(self.tasks) - _TOLD
        what = ", to ".join(first) + (f" and for {more} more" if more > 0 else "")
        return f"{', '.join(self.privileges)} on {self.path}, to {what}"

    def remedy(self, who: str, *, token: bool) -> str:
        """What root types on a node so that it is missing no more. The role has what is held already, too: on a path of
        its own it takes the place of what comes from above."""
        role = f"ALMA{self.path.rstrip('/').replace('/', '-')}"
        privileges, kind = " ".join((*self.held, *self.privileges)), "tokens" if token else "users"
        return (
            f"pveum role add {role} --privs '{privileges}' && "
            f"pveum acl modify {self.path} --{kind} '{who}' --roles {role}"
        )


def lacking(
    permissions: Permissions, task: Task, *, version: int | None = None, **places: str | None
) -> list[Lack]:
    """What is missing for a task at these places. A place that is not known yet (None) stands for all of its kind."""
    found: list[Lack] = []
    for rule in TABLE:
        if rule.task is task and _holds(rule, version):
            found += _lacks(permissions, rule, places)
    return found


def may_fetch(permissions: Permissions, node: str) -> bool:
    """Whether a node may be told to download from a URL."""
    ways = [rule for rule in TABLE if rule.task is Task.FETCH]
    return any(
        not permissions.missing(_path(way.path, {"node": node}), *way.privileges) for way in ways
    )


def merged(lacks: Iterable[Lack]) -> list[Lack]:
    """Each path once, with all that is missing there and all that it is for."""
    found: dict[str, Lack] = {}
    for lack in lacks:
        known = found.setdefault(lack.path, lack)
        found[lack.path] = Lack(
            path=lack.path,
            privileges=tuple(dict.fromkeys((*known.privileges, *lack.privileges))),
            tasks=tuple(dict.fromkeys((*known.tasks, *lack.tasks))),
            held=known.held,
        )
    return [found[path] for path in sorted(found)]


def _holds(rule: Rule, version: int | None) -> bool:
    if version is None:
        return rule.since is None and rule.before is None
    return (rule.since is None or version >= rule.since) and (
        rule.before is None or version < rule.before
    )


def _lacks(
    permissions: Permissions, rule: Rule, places: Mapping[str, str | None]
) -> Iterator[Lack]:
    path = _path(rule.path, places)
    missing = permissions.missing(path, *rule.privileges)
    if not missing:
        return
    if rule.instead is not None and all(places.get(name) for name in _PLACE.findall(rule.instead)):
        # What is narrower is what people meant to give.
        path = _path(rule.instead, places)
        missing = permissions.missing(path, *rule.privileges)
    if missing:
        yield Lack(
            path=path,
            privileges=missing,
            tasks=(rule.task,),
            held=_held(permissions, path),
        )


_KINDS: Mapping[str, tuple[str, ...]] = {
    "nodes": ("Sys.",),
    "pool": ("VM.", "Pool.", "Datastore."),
    "sdn": ("SDN.",),
    "storage": ("Datastore.",),
    "vms": ("VM.",),
}


def _held(permissions: Permissions, path: str) -> tuple[str, ...]:
    """What counts there and is held already, as far as the table knows it."""
    kinds = _KINDS.get(path.split("/")[1], ())
    known = sorted({p for rule in TABLE for p in rule.privileges if p.startswith(kinds)})
    return tuple(p for p in known if not permissions.missing(path, p))


def _path(template: str, places: Mapping[str, str | None]) -> str:
    """Up to the first place that is not known."""
    parts = []
    for part in template.split("/"):
        found = _PLACE.fullmatch(part)
        value = places.get(found[1]) if found else part
        if value is None:
            break
        parts.append(value)
    return "/".join(parts) or "/"
