"""Resources of operators, KubeVirt and the Gateway API, against an API server that knows just the fields these have.

None of them is installed in the test cluster. So each gets a kind of the test's own, with a strict schema of what its
authors' types say of the fields that ALMA writes (CloudNativePG `api/v1`, the Redis operator `api/redis/v1beta2`,
KubeVirt `core/v1`, Gateway API `apis/v1`): a field in the wrong place is refused or left out, one of a wrong type is
refused.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest

from alma.core.model.state import DesiredResource
from alma.engines.base import until
from alma.engines.kubernetes.client import Cluster, MissingKind, Refused
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.kubernetes import Outside
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import made, wish

pytestmark = pytest.mark.kubernetes
_DEFINITIONS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer"}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_AMOUNT: Final = {"x-kubernetes-int-or-string": True}
_NOTHING: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def of(required: str = "", **fields: Any) -> dict[str, Any]:
    """An object with these fields and no others."""
    found: dict[str, Any] = {"type": "object", "properties": fields}
    return found | ({"required": required.split()} if required else {})


def many(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def one_of(*texts: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*texts]}


_AMOUNTS = {"type": "object", "additionalProperties": _AMOUNT}
_RESOURCES = of(limits=_AMOUNTS, requests=_AMOUNTS)
_NAMED = of("name", name=_TEXT)

_POSTGRES = of(
    "instances",
    instances={"type": "integer", "minimum": 1},
    imageName=_TEXT,
    imagePullSecrets=many(_NAMED),
    bootstrap=of(initdb=of(database=_TEXT, owner=_TEXT, secret=_NAMED)),
    storage=of(size=_TEXT, storageClass=_TEXT),
    resources=_RESOURCES,
    inheritedMetadata=of(labels=_TEXTS, annotations=_TEXTS),
    affinity=of(nodeSelector=_TEXTS),
)
_CLAIM = of(accessModes=many(_TEXT), resources=_RESOURCES, storageClassName=_TEXT)
_REDIS = of(
    "kubernetesConfig",
    kubernetesConfig=of(
        "image",
        image=_TEXT,
        resources=_RESOURCES,
        redisSecret=of(name=_TEXT, key=_TEXT),
        imagePullSecrets=many(of(name=_TEXT)),
    ),
    storage=of(volumeClaimTemplate=of(spec=_CLAIM)),
    nodeSelector=_TEXTS,
    podSecurityContext=of(runAsUser=_COUNT, fsGroup=_COUNT, runAsNonRoot={"type": "boolean"}),
)
_DISK = of("name", name=_TEXT, disk=of(bus=_TEXT))
_INTERFACE = of(
    "name",
    name=_TEXT,
    masquerade=_NOTHING,
    ports=many(of("port", port=_COUNT, protocol=_TEXT, name=_TEXT)),
)
_DOMAIN = of(
    "devices",
    devices=of(disks=many(_DISK), interfaces=many(_INTERFACE)),
    cpu=of(cores=_COUNT),
    memory=of(guest=_AMOUNT),
)
_VOLUME = of(
    "name",
    name=_TEXT,
    containerDisk=of("image", image=_TEXT),
    persistentVolumeClaim=of("claimName", claimName=_TEXT),
)
_MACHINE = of(
    "template",
    runStrategy=one_of("Always", "Halted", "Manual", "RerunOnFailure", "Once"),
    template=of(
        "spec",
        metadata=of(labels=_TEXTS),
        spec=of(
            "domain",
            domain=_DOMAIN,
            hostname=_TEXT,
            networks=many(of("name", name=_TEXT, pod=_NOTHING)),
            volumes=many(_VOLUME),
            nodeSelector=_TEXTS,
        ),
    ),
)
_ROUTE = of(
    parentRefs=many(of("name", name=_TEXT, namespace=_TEXT)),
    hostnames=many(_TEXT),
    rules=many(of(backendRefs=many(of("name", name=_TEXT, port=_COUNT)))),
)
_KINDS: Final = {
    "Cluster": ("clusters", _POSTGRES),
    "Redis": ("redis", _REDIS),
    "VirtualMachine": ("virtualmachines", _MACHINE),
    "HTTPRoute": ("httproutes", _ROUTE),
}
_VOLUMES = [{"volume": "data", "path": "/data"}]
_SELECTED = {"node_selector": {"disk": "ssd"}}
_ASKED: Final = {
    "Cluster": wish(
        "database",
        software="postgresql",
        image="postgres:16",
        cpu=1,
        memory="1GB",
        disk="5GB",
        networks=("lan",),
        options={"operator": "cloudnative-pg", **_SELECTED},
    ),
    "Redis": wish(
        "cache",
        software="redis",
        image="redis:7.2",
        cpu=1,
        memory="1GB",
        options={"operator": "redis", **_SELECTED},
    ),
    "VirtualMachine": wish(
        "vm",
        cpu=1.5,
        memory="2GiB",
        ports=["80", "53/udp"],
        mounts=_VOLUMES,
        networks=("lan",),
        resource={"image": "ubuntu-22.04"},
        options=_SELECTED,
    ),
    "HTTPRoute": wish(
        ports=[8080], public=True, options={"gateway": "edge/main", "host": "shop.example"}
    ),
}
_GIVEN = KubernetesSettings(storage_class="fast", image_pull_secrets=("registry",))


def definition(kind: str, group: str) -> dict[str, Any]:
    """A kind of the test's own with the fields of somebody else's."""
    plural, spec = _KINDS[kind]
    schema = {"type": "object", "properties": {"spec": spec}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


@pytest.fixture(params=sorted(_KINDS))
async def stranger(
    request: pytest.FixtureRequest, door: Outside, cluster: Cluster, namespace: str
) -> AsyncIterator[dict[str, Any]]:
    """What ALMA writes of such a kind, to be applied as one of the test's own."""
    kind, group = str(request.param), f"{namespace}.example.org"
    defined = definition(kind, group)
    await door.make(_DEFINITIONS, defined)
    try:

        async def is_served() -> bool | None:
            try:
                return await cluster.listed(f"{kind}.{group}", namespace=namespace) is not None
            except MissingKind:
                return None

        assert await until(is_served, within=60)
        yield _written(_ASKED[kind], kind, namespace) | {"apiVersion": f"{group}/v1"}
    finally:
        await door.remove(f"{_DEFINITIONS}/{defined['metadata']['name']}")


def _written(desired: DesiredResource, kind: str, namespace: str) -> dict[str, Any]:
    all_ = made(desired, served=wishes.EVERYTHING, settings=_GIVEN)
    found = copy.deepcopy(next(item for item in all_ if item["kind"] == kind))
    found["metadata"]["namespace"] = namespace
    return found


async def test_every_field_is_one_that_the_kind_has(
    cluster: Cluster, stranger: dict[str, Any]
) -> None:
    """Whatever of it the server does not know it refuses, or leaves out of what it would store."""
    taken = await cluster.apply(stranger, dry_run=True)
    assert taken["spec"] == stranger["spec"]


async def test_a_field_that_the_kind_has_not_is_refused_or_left_out(
    cluster: Cluster, stranger: dict[str, Any]
) -> None:
    """Or the test above could not fail."""
    wrong = {**stranger, "spec": {**stranger["spec"], "invented": {"by": "nobody"}}}
    assert "invented" in await _refusal(cluster, wrong)


async def _refusal(cluster: Cluster, manifest: Mapping[str, Any]) -> str:
    """The server's words about what it does not take; else the fields that it leaves out."""
    try:
        taken = await cluster.apply(manifest, dry_run=True)
    except Refused as error:
        return error.message
    return ", ".join(manifest["spec"].keys() - taken["spec"].keys())
