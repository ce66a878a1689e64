"""Why a workload or claim that somebody made can't become part of a stack as it is. Pure.

Of two who set the same fields, each undoes what the other did. So what another tool keeps is left to that tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from alma.core.model.blueprint import MAX_COUNT
from alma.core.model.units import Size
from alma.engines.kubernetes import adopted, kinds, marker, vitals

Object = Mapping[str, Any]

# Namespaces of Kubernetes itself: nothing in them is offered.
OWN_NAMESPACES: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
MOST: Final = MAX_COUNT
_LONGEST_IMAGE: Final = 256
# Labels and annotations by which other tools know what is theirs.
_MARKS: Final = (
    ("meta.helm.sh/", "Helm"),
    ("argocd.argoproj.io/", "Argo CD"),
    ("kustomize.toolkit.fluxcd.io/", "Flux"),
    ("helm.toolkit.fluxcd.io/", "Flux"),
    ("objectset.rio.cattle.io/", "Rancher Fleet"),
    ("kapp.k14s.io/", "kapp"),
    ("config.k8s.io/owning-inventory", "kpt"),
    ("olm.owner", "Operator Lifecycle Manager"),
    ("addonmanager.kubernetes.io/", "the cluster's add-on manager"),
)
_FIELD_MANAGERS: Final = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "helm": "Helm",
    "helm-controller": "Flux",
    "kustomize-controller": "Flux",
    "fleetagent": "Rancher Fleet",
    "Terraform": "Terraform",
    "pulumi-kubernetes": "Pulumi",
}
_MODES: Final = frozenset({"ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"})


def is_offered(found: Object) -> bool:
    """Whether it is nobody's of a stack, and not the cluster's own."""
    return not marker.is_marked(found) and adopted.id_of(found).namespace not in OWN_NAMESPACES


def of(found: Object, scalers: Sequence[Object] = ()) -> str | None:
    """The first reason that stands against adopting it; None: nothing does."""
    mine = _of_claim(found) if found["kind"] == kinds.CLAIM else _of_workload(found, scalers)
    return next((reason for part in (_everywhere(found), mine) for reason in part), None)


def _everywhere(found: Object) -> Iterator[str]:
    if vitals.is_ending(found):
        yield "it is just being removed"
    for owner in found["metadata"].get("ownerReferences") or ():
        yield f"{owner.get('kind')} {owner.get('name')} made it, and decides what it is"
    who = keeper(found)
    if who:
        yield f"{who} keeps it, and each would undo what the other sets: take it out there first"


def keeper(found: Object) -> str | None:
    """Which other tool keeps the object, as far as it says so."""
    meta = found["metadata"]
    for key in (*(meta.get("labels") or {}), *(meta.get("annotations") or {})):
        for start, tool in _MARKS:
            if key.startswith(start):
                return tool
    managed = (meta.get("labels") or {}).get(marker.MANAGED_BY)
    if managed:
        return f"'{managed}' (its label {marker.MANAGED_BY})"
    managers = {str(entry.get("manager")) for entry in meta.get("managedFields") or ()}
    return next((_FIELD_MANAGERS[name] for name in sorted(managers & _FIELD_MANAGERS.keys())), None)


def _of_workload(found: Object, scalers: Sequence[Object]) -> Iterator[str]:
    spec, place = found.get("spec") or {}, adopted.id_of(found)
    for scaler in scalers:
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        if scaler["metadata"].get("namespace") == place.namespace and (
            (target.get("kind"), target.get("name")) == (place.kind, place.name)
        ):
            yield f"HorizontalPodAutoscaler {scaler['metadata']['name']} decides how many there are"
    count = adopted.count(found)
    if count == 0:
        yield "it is scaled to 0, and what is in a stack is kept running: start it first"
    if count > MOST:
        yield f"it has more than {MOST} pods"
    if spec.get("paused"):
        yield "its rollout is paused: resume it first"
    yield from _of_strategy(spec)
    if any(
        len(str(c.get("image", ""))) > _LONGEST_IMAGE for c in adopted.pod_of(found)["containers"]
    ):
        yield f"the name of its image has more than {_LONGEST_IMAGE} characters"


def _of_strategy(spec: Object) -> Iterator[str]:
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        yield "its pods are exchanged by hand (OnDelete), and a change waits until it has reached them all"
    if (strategy.get("rollingUpdate") or {}).get("partition"):
        yield "a part of its pods is kept back (partition), and a change waits until it has reached them all"


def _of_claim(found: Object) -> Iterator[str]:
    spec = found.get("spec") or {}
    if (found.get("status") or {}).get("phase") == "Lost":
        yield "its volume is lost"
    if spec.get("volumeMode") == "Block":
        yield "it is a raw disk, and a blueprint's volume has files"
    modes = [*(spec.get("accessModes") or ())]
    if len(modes) != 1 or modes[0] not in _MODES:
        yield f"its access modes are {', '.join(modes)}, and a blueprint's volume has one to write by"
    if size_of(adopted.asked(found)) is None:
        yield "the size that it asks for can't be said in a blueprint"


def size_of(text: object) -> Size | None:
    """An amount as a blueprint says it, if it can."""
    whole = isinstance(text, str) and text[:1].isdigit() and text.endswith("B")
    return Size(str(text)) if whole else None
