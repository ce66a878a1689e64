"""Which kinds a cluster serves, and under which version: chosen from what it says, never by a constant.

Pure: the client fills it from a cluster's own lists, `Served.standard` stands in where there is no cluster. A kind is
named as in a manifest (`Deployment`); one that several groups have takes its group after a dot
(`Cluster.postgresql.cnpg.io`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alma.core.model.errors import ChangeRejected


class MissingKind(ChangeRejected):
    """The cluster serves no such kind: it is too old, or what brings the kind is not installed."""

    def __init__(self, kind: str) -> None:
        name, _, group = kind.partition(".")
        what = f"{name} of {group}" if group else name
        super().__init__(
            f"The cluster has no kind {what}",
            hint=_BRINGS.get(
                name,
                "install what brings it (its CustomResourceDefinition), or choose another cluster",
            ),
            details={"kind": kind},
        )
        self.kind = kind


@dataclass(frozen=True)
class Api:
    """A kind in one version, as a server serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    verbs: frozenset[str] = frozenset()

    @property
    def api_version(self) -> str:
        """As it is written in a manifest: `apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As RBAC names it: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


# Groups whose kinds need no group after their name, in the order in which they are asked. `extensions` had what others
# have now, and is last wherever it is still served.
_OWN_GROUPS = (
    "",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
    "storage.k8s.io",
    "rbac.authorization.k8s.io",
    "authorization.k8s.io",
    "apiextensions.k8s.io",
    "admissionregistration.k8s.io",
    "scheduling.k8s.io",
    "discovery.k8s.io",
    "coordination.k8s.io",
    "events.k8s.io",
    "gateway.networking.k8s.io",
    "kubevirt.io",
    "cdi.kubevirt.io",
    "metrics.k8s.io",
    "alma.dev",
)
_LAST_GROUPS = ("extensions",)

# What a kind that is not there usually means.
_BRINGS: Mapping[str, str] = {
    "VirtualMachine": "install KubeVirt, or choose an engine that has virtual machines",
    "Gateway": "install the Gateway API and a controller for it, or set ingress_class",
    "HTTPRoute": "install the Gateway API and a controller for it, or set ingress_class",
    "Ingress": "use a cluster that serves networking.k8s.io, or publish through a Service",
}

# Where an older stable version can say less than a newer beta.
_RATHER: Mapping[str, tuple[str, ...]] = {
    "HorizontalPodAutoscaler": ("v2", "v2beta2", "v2beta1", "v1"),
}

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?$")
_STAGE = {None: 2, "beta": 1, "alpha": 0}


def version_order(version: str) -> tuple[int, int, int, str]:
    """Sorts versions from worst to best as Kubernetes does: v2 > v1 > v2beta1 > v1beta2 > v1alpha1 > anything else."""
    found = _VERSION.match(version)
    if found is None:
        return (-1, 0, 0, version)
    major, stage, minor = found.groups()
    return (_STAGE[stage], int(major), int(minor or 0), version)


class Served:
    """The kinds of a cluster, each in every version that is served. `silent` are the group versions of extensions that
    did not answer: what there is of these is not known."""

    def __init__(self, apis: Iterable[Api], *, silent: Iterable[str] = ()) -> None:
        self.silent = tuple(sorted(silent))
        self._by_kind: dict[str, list[Api]] = {}
        for api in apis:
            self._by_kind.setdefault(api.kind, []).append(api)
        for versions in self._by_kind.values():
            versions.sort(key=_order)

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]], *, silent: Iterable[str] = ()) -> Served:
        """From a server's own lists of its resources, by group and version (`v1`, `apps/v1`). Subresources are no
        kinds of their own."""
        found = (
            api
            for name, answer in lists.items()
            for api in _apis(name, answer.get("resources") or ())
        )
        return cls(found, silent=silent)

    @classmethod
    def standard(cls, *more: Api) -> Served:
        """What every present-day cluster serves, and `more`: for manifests that are written without a cluster."""
        return cls((*_STANDARD, *more))

    def find(self, kind: str) -> Api | None:
        """The best version of a kind: a stable one before a beta, a newer before an older. None: not served."""
        name, _, group = kind.partition(".")
        for api in self._by_kind.get(name, ()):
            if group == api.group or (not group and api.group in _RANK):
                return api
        return None

    def api(self, kind: str) -> Api:
        """Like `find`. Raises MissingKind."""
        found = self.find(kind)
        if found is None:
            raise MissingKind(kind)
        return found

    def of_manifest(self, manifest: Mapping[str, Any]) -> Api:
        """What a manifest names, in just that version. Raises MissingKind."""
        group, _, version = str(manifest.get("apiVersion", "")).rpartition("/")
        kind = str(manifest.get("kind", ""))
        for api in self._by_kind.get(kind, ()):
            if (api.group, api.version) == (group, version):
                return api
        raise MissingKind(f"{kind}.{group}" if group else kind)

    def serves(self, kind: str) -> bool:
        """Whether there is such a kind, in whatever version."""
        return self.find(kind) is not None

    def version(self, kind: str) -> str:
        """The `apiVersion` to write into a manifest of that kind. Raises MissingKind."""
        return self.api(kind).api_version

    def listable(self) -> tuple[Api, ...]:
        """Every kind of every group that can be listed, each once, in its best version."""
        found: dict[tuple[str, str], Api] = {}
        for versions in self._by_kind.values():
            for api in versions:
                if "list" in api.verbs:
                    found.setdefault((api.group, api.kind), api)
        return tuple(found.values())

    @property
    def kinds(self) -> frozenset[str]:
        """The names of all kinds."""
        return frozenset(self._by_kind)


_RANK = {group: place for place, group in enumerate((*_OWN_GROUPS, *_LAST_GROUPS))}


def _order(api: Api) -> tuple[int, str, int, tuple[int, int, int, str]]:
    stage, major, minor, text = version_order(api.version)
    rather = _RATHER.get(api.kind, ())
    place = rather.index(api.version) if api.version in rather else len(rather)
    return (_RANK.get(api.group, len(_RANK)), api.group, place, (-stage, -major, -minor, text))


def _apis(name: str, resources: Iterable[Mapping[str, Any]]) -> Iterable[Api]:
    group, _, version = name.rpartition("/")
    for resource in resources:
        if "/" not in resource["name"]:
            yield Api(
                # A list may say of a resource that it has a group and version of its own.
                group=group,
                version=version,
                kind=resource["kind"],
                plural=resource["name"],
                namespaced=bool(resource.get("namespaced")),
                verbs=frozenset(resource.get("verbs") or ()),
            )


_ALL = frozenset(
    {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
)
_NAMESPACED = {
    "v1": "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "batch/v1": "CronJob Job",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "policy/v1": "PodDisruptionBudget",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
}
_EVERYWHERE = {
    "v1": "Namespace Node PersistentVolume",
    "storage.k8s.io/v1": "StorageClass",
    "networking.k8s.io/v1": "IngressClass",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
}


def _plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("s"):
        return name if name == "endpoints" else f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _known(table: Mapping[str, str], *, namespaced: bool) -> Iterable[Api]:
    for name, kinds in table.items():
        group, _, version = name.rpartition("/")
        for kind in kinds.split():
            yield Api(group, version, kind, _plural(kind), namespaced, _ALL)


_STANDARD = (*_known(_NAMESPACED, namespaced=True), *_known(_EVERYWHERE, namespaced=False))
