"""An object that was there before ALMA and carries its marker: what was kept of it, and its properties now. Pure.

Variables, arguments and amounts are told as Kubernetes has them, without any reading between: what was read and is
written again is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import Field, ValidationError

from alma.core.model.base import Frozen, Json
from alma.core.model.plaintext import is_secret_variable
from alma.engines.kubernetes import existing, kinds, marker, quantities, shape

Object = Mapping[str, Any]
ADOPTED: Final = f"{marker.DOMAIN}/adopted"
# What a variable is whose value stands elsewhere.
ELSEWHERE: Final = "a value from elsewhere"


class Kept(Frozen):
    """Which container a blueprint describes, and the name of the claim behind each volume, by the volume's address."""

    container: str = ""
    claims: Mapping[str, str] = Field(default_factory=dict)


def kept_of(found: Object) -> Kept | None:
    """What was kept when the object was adopted; None of what ALMA made."""
    text = (found["metadata"].get("annotations") or {}).get(ADOPTED)
    if text is None:
        return None
    try:
        return Kept.model_validate_json(text)
    except ValidationError:
        return Kept()


def id_of(found: Object) -> existing.Place:
    """The object's name, as a blueprint has it."""
    meta = found["metadata"]
    return existing.Place(str(found["kind"]), str(meta.get("namespace", "")), str(meta["name"]))


def pod_of(found: Object) -> Object:
    """What its pods are to be."""
    return ((found.get("spec") or {}).get("template") or {}).get("spec") or {}


def pod_labels(found: Object) -> dict[str, str]:
    """The labels that its pods are made with. Whoever made it chose them."""
    template = (found.get("spec") or {}).get("template") or {}
    return dict((template.get("metadata") or {}).get("labels") or {})


def container_of(found: Object, kept: Kept) -> Object:
    """The container that a blueprint describes; empty when it is gone."""
    containers = pod_of(found).get("containers") or ()
    return next((item for item in containers if item.get("name") == kept.container), {})


def properties_of(found: Object, kept: Kept) -> dict[str, Json]:
    """Every property that was declared, with the value that it has now. What is gone has no key."""
    properties: dict[str, Json] = {}
    for path, said in marker.declared_of(found).items():
        value = _value(found, kept, path, said)
        if value is not None and value != []:
            properties[path] = value
    return properties


def _value(found: Object, kept: Kept, path: str, said: Json) -> Json:
    part, _, name = path.partition(".")
    if part == "labels":
        return (found["metadata"].get("labels") or {}).get(name)
    if part == "env":
        return variable(container_of(found, kept), name)
    if path in {"specs.cpu", "specs.memory"}:
        return _amount(container_of(found, kept), name, said)
    reader = _READERS.get(path)
    return None if reader is None else reader(found, kept, said)


def variable(container: Object, name: str) -> str | None:
    """A variable's value. Of several with one name, the last counts."""
    entries = [item for item in container.get("env") or () if item.get("name") == name]
    if not entries:
        return None
    return ELSEWHERE if "valueFrom" in entries[-1] else str(entries[-1].get("value") or "")


def _amount(container: Object, name: str, said: Json) -> Json:
    limit = ((container.get("resources") or {}).get("limits") or {}).get(name)
    if name == "cpu":
        return quantities.cpu_property(limit, said)
    return quantities.size_property(limit)


def secret_names(found: Object) -> list[str]:
    """The Secrets that its pods are given, as variables or files."""
    pod = pod_of(found)
    names = {(v.get("secret") or {}).get("secretName") for v in pod.get("volumes") or ()}
    for container in (*(pod.get("containers") or ()), *(pod.get("initContainers") or ())):
        names |= {(i.get("secretRef") or {}).get("name") for i in container.get("envFrom") or ()}
        for item in container.get("env") or ():
            names.add(((item.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name"))
    return sorted(filter(None, names))


def plain_secrets(found: Object) -> list[str]:
    """The values of its variables that look like secrets."""
    return [
        str(item["value"])
        for container in pod_of(found).get("containers") or ()
        for item in container.get("env") or ()
        if is_secret_variable(str(item.get("name")), str(item.get("value") or ""))
    ]


def ports(container: Object) -> list[str]:
    """The ports that a blueprint can say, as it says them: of TCP and UDP, and not on the node itself."""
    return sorted(
        {
            f"{port['containerPort']}{'/udp' if port.get('protocol') == 'UDP' else ''}"
            for port in container.get("ports") or ()
            if port.get("protocol", "TCP") in {"TCP", "UDP"} and not port.get("hostPort")
        }
    )


def mounts(found: Object, kept: Kept) -> list[str]:
    """The volumes that are claims, and where they appear, as properties have them."""
    claims = claims_of(found)
    addresses = {claim: address for address, claim in kept.claims.items()}
    return sorted(
        f"{addresses[claim]}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"
        for mount in whole_mounts(container_of(found, kept))
        if (claim := claims.get(mount["name"])) in addresses
    )


def claims_of(found: Object) -> dict[str, str]:
    """The claims that its pods name, by the name that each has inside of them."""
    return {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in pod_of(found).get("volumes") or ()
        if volume.get("persistentVolumeClaim")
    }


def whole_mounts(container: Object) -> Sequence[Object]:
    """Where whole volumes appear; a part of one can't be said in a blueprint."""
    return [
        mount
        for mount in container.get("volumeMounts") or ()
        if not mount.get("subPath") and not mount.get("subPathExpr")
    ]


def _declared(there: Sequence[str], said: Json) -> Json:
    """Of a list, what was declared and is still there: what others add is theirs."""
    return [text for text in said if text in there] if isinstance(said, list) else []


def count(found: Object) -> int:
    return int((found.get("spec") or {}).get("replicas", 1))


def asked(found: Object) -> Json:
    requests = ((found.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return quantities.size_property(requests.get("storage"))


def storage_class(found: Object) -> str | None:
    return (found.get("spec") or {}).get("storageClassName") or None


def access(found: Object) -> str | None:
    return next(iter((found.get("spec") or {}).get("accessModes") or ()), None)


_READERS: Final[Mapping[str, Callable[[Object, Kept, Json], Json]]] = {
    existing.EXISTING: lambda found, kept, _: str(id_of(found)),
    "image": lambda found, kept, _: container_of(found, kept).get("image"),
    "command": lambda found, kept, _: [*container_of(found, kept).get("args", ())],
    "ports": lambda found, kept, said: _declared(ports(container_of(found, kept)), said),
    "mounts": lambda found, kept, said: _declared(mounts(found, kept), said),
    "count": lambda found, kept, _: count(found),
    "specs.disk": lambda found, kept, _: asked(found),
    shape.ACCESS: lambda found, kept, _: access(found),
    shape.STORAGE_CLASS: lambda found, kept, _: storage_class(found),
}
CLAIM: Final = kinds.CLAIM
# Of these ALMA adopts what others made.
KINDS: Final = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, CLAIM)
