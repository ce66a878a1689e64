"""How an address stands: what its primary and its pods say of the moment, and where it is reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from alma.core.model.base import Json
from alma.core.model.state import Status
from alma.engines.kubernetes import kinds, names, reach
from alma.engines.kubernetes.group import Group
from alma.engines.kubernetes.manifests import services

Object = Mapping[str, Any]
# A container that waits for one of these has come to a stand; any other reason is on the way.
STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)


def status_of(primary: Object, pods: Sequence[Object]) -> Status:
    """A primary's state in ALMA's words, with the pods of its address."""
    match primary["kind"]:
        case kinds.CLAIM:
            lost = (primary.get("status") or {}).get("phase") == "Lost"
            return Status.FAILED if lost else Status.PRESENT
        case kinds.POLICY | kinds.SERVICE:
            return Status.PRESENT
        case kinds.DEPLOYMENT | kinds.STATEFUL_SET:
            return _of_pods(primary, pods)
        case kinds.MACHINE:
            return _of_machine(primary)
        case _:
            return _of_conditions(primary)


def _of_pods(primary: Object, pods: Sequence[Object]) -> Status:
    wanted = (primary.get("spec") or {}).get("replicas", 1)
    if wanted == 0:
        return Status.STOPPED
    if any(waits_for(pod) in STUCK for pod in pods):
        return Status.UNHEALTHY
    status = primary.get("status") or {}
    current = status.get("observedGeneration", 0) >= primary["metadata"].get("generation", 0)
    # A set that was never changed has no revision to update to.
    updated = status.get("updatedReplicas", status.get("currentReplicas", 0))
    if current and status.get("readyReplicas", 0) >= wanted and updated >= wanted:
        return Status.RUNNING
    return Status.UNHEALTHY if any(_was_ready(pod) for pod in pods) else Status.STARTING


def waits_for(pod: Object) -> str | None:
    """Why a container of the pod does not run, in Kubernetes' word."""
    status = pod.get("status") or {}
    for container in (
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ):
        waiting = (container.get("state") or {}).get("waiting")
        if waiting:
            return str(waiting.get("reason") or "")
    return None


def _was_ready(pod: Object) -> bool:
    """Whether it started once and is not ready any more."""
    containers = (pod.get("status") or {}).get("containerStatuses") or ()
    return any(c.get("started") and not c.get("ready") for c in containers) and not _going(pod)


def _going(pod: Object) -> bool:
    return pod["metadata"].get("deletionTimestamp") is not None


def _of_machine(primary: Object) -> Status:
    status = primary.get("status") or {}
    if status.get("ready"):
        return Status.RUNNING
    stopped = status.get("printableStatus") == "Stopped"
    return Status.STOPPED if stopped else Status.STARTING


def _of_conditions(primary: Object) -> Status:
    """Of a resource that an operator takes care of: by its condition Ready, where it has one."""
    conditions = (primary.get("status") or {}).get("conditions") or ()
    ready = next((c.get("status") for c in conditions if c.get("type") == "Ready"), None)
    if ready is None:
        return Status.UNKNOWN
    return Status.RUNNING if ready == "True" else Status.STARTING


# ── where it is reached ──────────────────────────────────────────────────────────────────────────


def endpoints_of(group: Group, nodes: Sequence[str]) -> tuple[str, ...]:
    """Addresses to try from outside, such as `http://192.0.2.7:80`. A port of the nodes is on each of them; that is how
    a load balancer is reached that got no address."""
    found = [*_by_name(group)]
    for protocol in ("tcp", "udp"):
        service = group.companion(kinds.SERVICE, services.public_name(group.address, protocol))
        if service is not None:
            found += _of_service(service, nodes)
    return tuple(dict.fromkeys(found))


def nodes_of(pods: Iterable[Object]) -> list[str]:
    """The addresses of the nodes that pods are on, sorted."""
    return sorted({ip for pod in pods if (ip := (pod.get("status") or {}).get("hostIP"))})


def _of_service(service: Object, nodes: Sequence[str]) -> Iterator[str]:
    spoken = (service["metadata"].get("annotations") or {}).get(services.SPEAKS, "tcp")
    spec = service.get("spec") or {}
    balanced = [*_balanced(service)]
    for port in spec.get("ports") or ():
        target = port.get("targetPort", port["port"])
        begin = reach.scheme(int(target), str(port.get("protocol", "TCP")), spoken)
        for host in balanced:
            yield f"{begin}://{_bracketed(host)}:{port['port']}"
        if not balanced and port.get("nodePort"):
            for node in nodes[:1]:
                yield f"{begin}://{_bracketed(node)}:{port['nodePort']}"


def _balanced(found: Object) -> Iterator[str]:
    status = (found.get("status") or {}).get("loadBalancer") or {}
    for entry in status.get("ingress") or ():
        host = entry.get("ip") or entry.get("hostname")
        if host:
            yield str(host)


def _by_name(group: Group) -> Iterator[str]:
    name = names.object_name(group.address)
    ingress = group.companion(reach.INGRESS, name)
    if ingress is not None:
        rules = (ingress.get("spec") or {}).get("rules") or ()
        hosts = [rule["host"] for rule in rules if rule.get("host")] or [*_balanced(ingress)]
        yield from (f"http://{_bracketed(host)}" for host in hosts)
    route = group.companion(reach.ROUTE, name)
    if route is not None:
        yield from (f"http://{host}" for host in (route.get("spec") or {}).get("hostnames") or ())


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


# ── for people ───────────────────────────────────────────────────────────────────────────────────


def extra_of(primary: Object, pods: Sequence[Object]) -> dict[str, Json]:
    """What people may want to know besides."""
    metadata, status = primary["metadata"], primary.get("status") or {}
    found: dict[str, Json] = {"kind": primary["kind"], "namespace": metadata.get("namespace")}
    if metadata.get("deletionTimestamp"):
        found["going"] = True
    if "phase" in status:
        found["phase"] = status["phase"]
    if pods:
        found["ready"] = status.get("readyReplicas", 0)
        found["pods"] = [
            _pod(pod) for pod in sorted(pods, key=lambda p: str(p["metadata"]["name"]))
        ]
    return found


def _pod(pod: Object) -> dict[str, Json]:
    status = pod.get("status") or {}
    containers = status.get("containerStatuses") or ()
    return {
        "name": pod["metadata"]["name"],
        "phase": status.get("phase"),
        "waits": waits_for(pod),
        "restarts": sum(container.get("restartCount", 0) for container in containers),
        "node": (pod.get("spec") or {}).get("nodeName"),
    }
