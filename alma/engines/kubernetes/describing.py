"""Describes a workload or claim that somebody made without ALMA as a blueprint would, from its manifest. Pure.

What a blueprint can't say stays as it is on the object and is told: ALMA neither sees nor touches it. Values that look
like secrets are left alone, and only their names are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from alma.core.model.base import Json, canonical_json
from alma.core.model.blueprint import Mount, Network, Resource, ResourceType, Specs
from alma.core.model.engine import Candidate, Companion, Discovered
from alma.core.model.plaintext import is_secret_variable, tells_secret
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.core.model.units import Port, Size
from alma.engines.kubernetes import (
    adopted,
    kinds,
    labels,
    marker,
    obstacles,
    quantities,
    shape,
    standing,
)
from alma.engines.kubernetes.adopted import ADOPTED, Kept
from alma.engines.kubernetes.observe import object_id
from alma.engines.kubernetes.options import ENGINE
from alma.engines.kubernetes.settings import KubernetesSettings

Object = Mapping[str, Any]
_DEFAULT: Final = "kubectl.kubernetes.io/default-container"
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_PATH: Final = 256
# Fields that a description says, that the server fills in, or that are told apart.
_POD_SAID: Final = frozenset(
    "containers volumes initContainers restartPolicy dnsPolicy schedulerName serviceAccount "
    "terminationGracePeriodSeconds".split()
)
_CONTAINER_SAID: Final = frozenset(
    "name image args command env ports resources volumeMounts terminationMessagePath terminationMessagePolicy "
    "imagePullPolicy".split()
)
_CLAIM_SAID: Final = frozenset(
    "accessModes resources storageClassName volumeMode volumeName".split()
)
_SERVERS: Final = (
    "deployment.kubernetes.io/",
    "kubectl.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.",
)


@dataclass(frozen=True)
class Surroundings:
    """What else is in the namespaces of what is described: claims by namespace and name, and what scales by load."""

    claims: Mapping[tuple[str, str], Object] = field(default_factory=dict)
    scalers: Sequence[Object] = ()


def discovered(found: Object, around: Surroundings) -> Discovered:
    """The object in a list."""
    return Discovered(
        object_id=object_id(found),
        name=str(found["metadata"]["name"]),
        type=_type(found),
        status=standing.status_of(found, ()),
        site={"namespace": adopted.id_of(found).namespace},
        facts=_facts(found),
        obstacle=obstacles.of(found, around.scalers),
    )


def candidate(found: Object, around: Surroundings, settings: KubernetesSettings) -> Candidate:
    """The object as something to adopt."""
    is_claim = found["kind"] == kinds.CLAIM
    described = None if is_claim else _Workload(found, around)
    desired = described.desired() if described else _volume(found)
    declared = shape.shape_of(desired, settings)
    kept = described.kept() if described else Kept()
    seen = with_annotations(
        found, {marker.DECLARED: _text(declared), ADOPTED: kept.model_dump_json()}
    )
    return Candidate(
        **dict(discovered(found, around)),
        resource=desired.resource,
        companions=tuple(described.companions()) if described else (),
        properties=dict(sorted(adopted.properties_of(seen, kept).items())),
        # Claims are found again by the names that their volumes get; adopting looks whether these are the ones.
        unread=("mounts",) if desired.mounts else (),
        notes=tuple(described.unsaid() if described else _claim_unsaid(found)),
    )


def kept_for(desired: DesiredResource, found: Object) -> Kept:
    """What is kept of an object that becomes this resource: its claims are known by where they appear."""
    if desired.type is ResourceType.VOLUME:
        return Kept()
    container = main_container(found)
    claims = adopted.claims_of(found)
    at = {
        mount["mountPath"]: claims.get(mount["name"]) for mount in adopted.whole_mounts(container)
    }
    behind = {mount.volume: at.get(mount.path) for mount in desired.mounts}
    return Kept(
        container=str(container["name"]),
        claims={volume: claim for volume, claim in behind.items() if claim},
    )


def with_annotations(found: Object, more: Mapping[str, str]) -> dict[str, Any]:
    """The same object with these annotations besides."""
    meta = found["metadata"]
    return {
        **found,
        "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), **more}},
    }


def _text(declared: Mapping[str, Json]) -> str:
    return canonical_json(shape.declared_of(declared))


def main_container(found: Object) -> Object:
    """The container that a blueprint describes: the one that is said to be it, or is named like the whole, or the
    first."""
    template = (found.get("spec") or {}).get("template") or {}
    said = ((template.get("metadata") or {}).get("annotations") or {}).get(_DEFAULT)
    containers: Sequence[Object] = adopted.pod_of(found).get("containers") or ({},)
    by_name = {item.get("name"): item for item in containers}
    return by_name.get(said) or by_name.get(found["metadata"]["name"]) or containers[0]


def _type(found: Object) -> ResourceType:
    return ResourceType.VOLUME if found["kind"] == kinds.CLAIM else ResourceType.CONTAINER


def _facts(found: Object) -> dict[str, Json]:
    facts: dict[str, Json] = {"kind": str(found["kind"])}
    if found["kind"] == kinds.CLAIM:
        return facts | {"specs.disk": adopted.asked(found)}
    container = main_container(found)
    limits = (container.get("resources") or {}).get("limits") or {}
    amounts = {
        "specs.cpu": quantities.cpu_property(limits.get("cpu")),
        "specs.memory": quantities.size_property(limits.get("memory")),
    }
    facts |= {"image": container.get("image"), "count": adopted.count(found)}
    return facts | {path: amount for path, amount in amounts.items() if amount}


def _name(text: str) -> str:
    return text[:60].strip("-.")


def _labels(found: Object) -> dict[str, str]:
    own = found["metadata"].get("labels") or {}
    return {name: value for name, value in own.items() if labels.is_kept(name, value)}


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def _volume(found: Object) -> DesiredResource:
    resource = _volume_resource(found)
    return DesiredResource(
        address=resource.name,
        type=ResourceType.VOLUME,
        resource=resource,
        disk=resource.specs.disk,
        retain=True,
    )


def _volume_resource(found: Object) -> Resource:
    size = obstacles.size_of(adopted.asked(found))
    options = {
        "existing": str(adopted.id_of(found)),
        "access_mode": adopted.access(found),
        "storage_class": adopted.storage_class(found),
    }
    given: dict[str, Any] = {
        "name": _name(found["metadata"]["name"]),
        "type": ResourceType.VOLUME,
        "specs": Specs(disk=size) if size else None,
        "labels": _labels(found),
        "options": {ENGINE: {key: value for key, value in options.items() if value}},
    }
    return Resource(**{key: value for key, value in given.items() if value})


def _claim_unsaid(found: Object) -> Iterator[str]:
    spec = found.get("spec") or {}
    if more := sorted(key for key in spec.keys() - _CLAIM_SAID if spec[key]):
        yield f"its {', '.join(more)} can't be said in a blueprint, and is left alone"
    yield from _annotations(found)


def _annotations(found: Object) -> Iterator[str]:
    own = found["metadata"].get("annotations") or {}
    if more := sorted(key for key in own if not key.startswith(_SERVERS)):
        yield f"its annotations {', '.join(more)} are left alone"
    unsaid = sorted((found["metadata"].get("labels") or {}).keys() - _labels(found).keys())
    if unsaid:
        yield f"its labels {', '.join(unsaid)} are left alone"


# ── workloads ────────────────────────────────────────────────────────────────────────────────────


class _Workload:
    """One Deployment or StatefulSet in the words of a blueprint."""

    def __init__(self, found: Object, around: Surroundings) -> None:
        self.found, self.around = found, around
        self.name = _name(found["metadata"]["name"])
        self.pod = adopted.pod_of(found)
        self.container = main_container(found)
        self.limits = (self.container.get("resources") or {}).get("limits") or {}
        self.claims = self._claims()

    def _claims(self) -> dict[str, Object]:
        """The claims that are there and nobody's, by the name that each has inside of the pods."""
        namespace = adopted.id_of(self.found).namespace
        there = {
            inside: self.around.claims.get((namespace, name))
            for inside, name in adopted.claims_of(self.found).items()
        }
        return {
            inside: claim
            for inside, claim in there.items()
            if claim and not marker.is_marked(claim) and obstacles.of(claim) is None
        }

    # ── the whole ──

    def resource(self) -> Resource:
        specs: dict[str, Any] = {"cpu": self._cpu(), "memory": self._memory()}
        given: dict[str, Any] = {
            "name": self.name,
            "type": ResourceType.CONTAINER,
            "image": str(self.container.get("image", ""))[:256],
            "count": min(max(adopted.count(self.found), 1), obstacles.MOST),
            "specs": Specs(**{key: value for key, value in specs.items() if value}),
            "network": Network(ports=tuple(map(Port, adopted.ports(self.container)))),
            "env": self._env(),
            "command": self._command(),
            "mounts": tuple(
                Mount(volume=m.volume, path=m.path, read_only=m.read_only) for m in self._mounts()
            ),
            "labels": _labels(self.found),
            "options": {ENGINE: {"existing": str(adopted.id_of(self.found))}},
        }
        return Resource(**{key: value for key, value in given.items() if value})

    def desired(self) -> DesiredResource:
        """As resolving will have it."""
        resource = self.resource()
        return DesiredResource(
            address=self.name,
            type=resource.type,
            resource=resource,
            image=resource.image,
            replicas=resource.count,
            command=resource.command,
            cpu=resource.specs.cpu,
            memory=resource.specs.memory,
            env={name: str(value) for name, value in resource.env.items()},
            ports=resource.network.ports,
            mounts=tuple(self._mounts()),
        )

    def kept(self) -> Kept:
        claims = {_name(item["metadata"]["name"]): item for item in self.claims.values()}
        return Kept(
            container=str(self.container.get("name", "")),
            claims={address: item["metadata"]["name"] for address, item in claims.items()},
        )

    def companions(self) -> Iterator[Companion]:
        """The claims of its mounts, each once."""
        used = {mount.volume for mount in self._mounts()}
        for name, claim in sorted(
            {_name(c["metadata"]["name"]): c for c in self.claims.values()}.items()
        ):
            if name in used:
                yield Companion(resource=_volume_resource(claim), object_id=object_id(claim))

    def _cpu(self) -> int | float | None:
        amount = quantities.cpu_property(self.limits.get("cpu"))
        return amount if isinstance(amount, int | float) and amount >= 0.001 else None

    def _memory(self) -> Size | None:
        amount = quantities.size_property(self.limits.get("memory"))
        return obstacles.size_of(amount)

    def _command(self) -> tuple[str, ...]:
        args = tuple(str(part) for part in self.container.get("args") or ())
        return () if tells_secret(args) else args

    def _env(self) -> dict[str, str]:
        found = {name: adopted.variable(self.container, name) for name in self._variables()}
        return {
            name: text
            for name, text in found.items()
            if text is not None and self._why_not(name, text) is None
        }

    def _variables(self) -> list[str]:
        return sorted({str(item.get("name")) for item in self.container.get("env") or ()})

    def _why_not(self, name: str, text: str) -> str | None:
        """Why a variable is left alone."""
        entries = [item for item in self.container.get("env") or () if item.get("name") == name]
        if any("valueFrom" in item for item in entries):
            return "get their values from elsewhere"
        if is_secret_variable(name, text):
            return "look like secrets"
        if len(entries) > 1 or not _VARIABLE.fullmatch(name):
            return "can't be said in a blueprint"
        return None

    def _mounts(self) -> list[ResolvedMount]:
        return [
            ResolvedMount(
                volume=_name(claim["metadata"]["name"]),
                path=mount["mountPath"],
                read_only=bool(mount.get("readOnly")),
            )
            for mount in adopted.whole_mounts(self.container)
            if (claim := self.claims.get(mount["name"])) and self._is_path(mount["mountPath"])
        ]

    @staticmethod
    def _is_path(path: str) -> bool:
        return path.startswith("/") and len(path) <= _LONGEST_PATH

    # ── what can't be said ──

    def unsaid(self) -> Iterator[str]:
        """What stays as it is, and is told."""
        yield from self._other_containers()
        yield from self._unsaid_variables()
        yield from self._unsaid_of_container()
        yield from self._unsaid_mounts()
        pod = self.pod
        if more := sorted(key for key in pod.keys() - _POD_SAID if pod[key]):
            yield f"of its pods, {', '.join(more)} can't be said in a blueprint, and is left alone"
        yield from _annotations(self.found)
        yield "its pods, their labels and the Services that lead to them are left alone"

    def _other_containers(self) -> Iterator[str]:
        for key, what in (("containers", "containers"), ("initContainers", "init containers")):
            others = [c.get("name", "") for c in self.pod.get(key) or () if c is not self.container]
            if others:
                described = self.container.get("name")
                yield f"its {what} {', '.join(others)} are left alone: '{described}' is what is described"

    def _unsaid_variables(self) -> Iterator[str]:
        reasons: dict[str, list[str]] = {}
        for name in self._variables():
            why = self._why_not(name, adopted.variable(self.container, name) or "")
            if why:
                reasons.setdefault(why, []).append(name)
        for why, names in sorted(reasons.items()):
            yield f"its variables {', '.join(names)} {why}, and are left alone"

    def _unsaid_of_container(self) -> Iterator[str]:
        container = self.container
        if container.get("command"):
            yield "its entrypoint is left alone: the command in the blueprint is what it is given as arguments"
        if container.get("args") and not self._command():
            yield "its arguments look like secrets, and are left alone"
        if more := sorted(key for key in container.keys() - _CONTAINER_SAID if container[key]):
            yield f"its {', '.join(more)} can't be said in a blueprint, and is left alone"
        left = sorted(
            str(p["containerPort"])
            for p in container.get("ports") or ()
            if p.get("hostPort") or p.get("protocol") == "SCTP"
        )
        if left:
            yield f"its ports {', '.join(left)} are left alone: they are SCTP, or on the node itself"
        yield from self._unsaid_amounts()

    def _unsaid_amounts(self) -> Iterator[str]:
        requests = (self.container.get("resources") or {}).get("requests") or {}
        own = {name: amount for name, amount in requests.items() if amount != self.limits.get(name)}
        if own:
            said = ", ".join(f"{name} {amount}" for name, amount in sorted(own.items()))
            yield f"what it asks for ({said}) is left alone: a blueprint says its limits"
        said_limits = {"cpu": self._cpu(), "memory": self._memory()}
        if more := sorted(name for name in self.limits if not said_limits.get(name)):
            yield f"its limits of {', '.join(more)} are left alone"
        if unlimited := [name for name in said_limits if name not in self.limits]:
            yield f"it has no limit of {' and '.join(unlimited)}, and keeps that until the blueprint says one"

    def _unsaid_mounts(self) -> Iterator[str]:
        said = {mount.path for mount in self._mounts()}
        for mount in self.container.get("volumeMounts") or ():
            if mount["mountPath"] not in said:
                yield f"what is mounted at {mount['mountPath']} ({self._source(mount)}) is left alone"

    def _source(self, mount: Object) -> str:
        """What is behind a mount, in a few words."""
        volumes = self.pod.get("volumes") or ()
        volume = next((item for item in volumes if item["name"] == mount["name"]), None)
        if volume is None:
            return f"claims of its own, by the template '{mount['name']}'"
        if claim := volume.get("persistentVolumeClaim"):
            part = "a part of " if mount["name"] in self.claims else ""
            whose = "" if part else ", which is not there, is another stack's, or can't be adopted"
            return f"{part}claim {claim['claimName']}{whose}"
        return next((key for key in volume if key != "name"), "nothing")
