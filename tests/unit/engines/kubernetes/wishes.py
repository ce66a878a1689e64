"""Desired resources as the tests of the Kubernetes engine need them: one at a time, and any at all."""

from __future__ import annotations

import string
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st

from alma.core.model.blueprint import DATA, Resource, ResourceType
from alma.core.model.state import DesiredResource, StackRef
from alma.engines.kubernetes.discovery import Api, Served
from alma.engines.kubernetes.manifests import Manifests, build
from alma.engines.kubernetes.settings import KubernetesSettings

STACK = StackRef(id="0f3c9a52-1111-4222-8333-444455556666", name="shop", engine="kubernetes")
SETTINGS = KubernetesSettings()
OPERATORS = (
    Api("postgresql.cnpg.io", "v1", "Cluster", "clusters"),
    Api("redis.redis.opstreelabs.in", "v1beta2", "Redis", "redis"),
    Api("kubevirt.io", "v1", "VirtualMachine", "virtualmachines"),
    Api("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
)
SERVED = Served.standard()
EVERYTHING = Served.standard(*OPERATORS)
_OLD = {
    "v1": "ConfigMap PersistentVolumeClaim Pod Secret Service",
    "apps/v1": "Deployment StatefulSet",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "policy/v1beta1": "PodDisruptionBudget",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
}
_APIS = [
    Api(*name.rpartition("/")[::2], kind, f"{kind.lower()}s")
    for name, kinds in _OLD.items()
    for kind in kinds.split()
]
# As Kubernetes 1.20 serves them; and without what scales by load.
OLD = Served(_APIS)
PLAIN = tuple(api for api in _APIS if api.group != "autoscaling")
# How long an example takes depends on who else uses the machine.
patient = settings(deadline=None, max_examples=60)
VALUE: Final = "hunter2-and-a-half"


def wish(
    type_: ResourceType | str = ResourceType.SERVICE,
    *,
    address: str = "web-1",
    resource: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    **fields: Any,
) -> DesiredResource:
    """A desired resource; `resource` are the fields of the blueprint's own entry, `options` those of this engine."""
    entry = {"name": address, "type": type_, **(resource or {})}
    if options:
        entry["options"] = {"kubernetes": options}
    given: dict[str, Any] = {"image": "nginx:1.27", "user": 101} | fields
    return DesiredResource.model_validate(
        {"address": address, "type": type_, "resource": Resource.model_validate(entry), **given}
    )


def volume(address: str = "files", **fields: Any) -> DesiredResource:
    """A volume."""
    return wish("volume", address=address, **({"image": None, "user": None} | fields))


def network(address: str = "lan", **fields: Any) -> DesiredResource:
    """A network."""
    return wish("network", address=address, **({"image": None, "user": None} | fields))


def made(
    desired: DesiredResource,
    *,
    served: Served = SERVED,
    settings: KubernetesSettings = SETTINGS,
    key: str = "k-1",
) -> Manifests:
    """Its manifests. Every secret has the same value, which is easily found again."""
    return build(desired, STACK, served=served, settings=settings, secret=lambda _: VALUE, key=key)


# ── any at all ───────────────────────────────────────────────────────────────────────────────────

_ENDS = string.ascii_letters + string.digits
names = st.builds(
    lambda first, middle, last: f"{first}{middle}{last}" if middle else first,
    st.sampled_from(_ENDS),
    st.text(_ENDS + "_.-", max_size=61),
    st.sampled_from(_ENDS),
)
short_names = names.map(lambda name: name[:12].rstrip("_.-"))
_variables = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
_secrets = short_names.map(lambda name: {"secret": f"{name}.password"})
_ports = st.one_of(
    st.integers(1, 65535),
    st.builds("{}:{}".format, st.integers(1, 65535), st.integers(1, 65535)),
    st.integers(1, 65535).map("{}/udp".format),
)
_paths = st.lists(short_names, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
_files = st.fixed_dictionaries(
    {"path": _paths, "mode": st.sampled_from([0o644, 0o444, 0o600, 0o755])},
    optional={"content": _texts, "secret": short_names.map("{}.key".format)},
)
_labels = st.dictionaries(
    st.one_of(short_names, _texts), st.one_of(short_names, _texts), max_size=3
)


_REPLICATED = (ResourceType.SERVICE, ResourceType.CONTAINER)
_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"pod_security": "baseline"},
    {"user": 1234},
    {"user": "image"},
    {"autoscale": {"max": 5}},
    {"node_selector": {"disk": "ssd"}},
)


@st.composite
def wishes(draw: st.DrawFn, types: tuple[ResourceType, ...] = ()) -> DesiredResource:
    """Any workload that can be asked for, of these types or of all that are made of pods."""
    type_ = draw(
        st.sampled_from(types or (ResourceType.SERVICE, ResourceType.CONTAINER, *sorted(DATA)))
    )
    volumes = draw(st.lists(short_names, max_size=3, unique_by=str.lower))
    files = draw(st.lists(_files, max_size=3, unique_by=lambda file: str(file["path"])))
    return wish(
        type_,
        address=draw(names),
        resource={
            "labels": draw(_labels),
            "specs": {"gpu": draw(st.none() | st.integers(1, 4))},
        },
        options=draw(st.sampled_from(_OPTIONS)),
        image=draw(st.sampled_from([None, "nginx:1.27", "debian-12", "ghcr.io/a/b@sha256:0"])),
        user=draw(st.sampled_from([None, 0, 999])),
        writable=tuple(draw(st.lists(_paths, max_size=2, unique=True))),
        command=tuple(draw(st.lists(_texts.filter(bool), max_size=3))),
        cpu=draw(st.sampled_from([None, 1, 2, 0.25, 0.1234])),
        memory=draw(st.sampled_from([None, "512MB", "1GiB", "1234567B"])),
        env=draw(st.dictionaries(_variables, st.one_of(_texts, _secrets), max_size=4)),
        ports=tuple(draw(st.lists(_ports, max_size=4, unique=True))),
        public=draw(st.booleans()),
        files=tuple(files),
        mounts=tuple(
            {"volume": name, "path": f"/mnt/{at}", "read_only": draw(st.booleans())}
            for at, name in enumerate(volumes)
        ),
        networks=tuple(draw(st.lists(short_names, max_size=3, unique_by=str.lower))),
        replicas=draw(st.sampled_from([1, 3])) if type_ in _REPLICATED else 1,
        health=draw(
            st.sampled_from(
                [
                    None,
                    {"kind": "http", "port": 80},
                    {"kind": "tcp", "port": 1},
                    {"kind": "command", "command": ["sh", "-c", 'test "$(id -u)"']},
                ]
            )
        ),
    )
