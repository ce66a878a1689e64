"""The edge towards Proxmox VE's API: the only modules that know aiohttp. Plain calls inwards, AlmaErrors outwards."""

from alma.engines.proxmox.client.api import Api
from alma.engines.proxmox.client.errors import (
    Altered,
    Exists,
    Locked,
    Missing,
    NodeOffline,
    NoQuorum,
    NotAllowed,
    Refused,
    StorageFull,
    TaskFailed,
    TaskUnknown,
    Untrusted,
)
from alma.engines.proxmox.client.permissions import Permissions
from alma.engines.proxmox.client.tasks import Log, TaskResult, Upid

__all__ = [
    "Altered",
    "Api",
    "Exists",
    "Locked",
    "Log",
    "Missing",
    "NoQuorum",
    "NodeOffline",
    "NotAllowed",
    "Permissions",
    "Refused",
    "StorageFull",
    "TaskFailed",
    "TaskResult",
    "TaskUnknown",
    "Untrusted",
    "Upid",
]
