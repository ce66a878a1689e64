"""Reads how workloads and pods are: whether a rollout is through, what stands in its way, if waiting is in vain. Pure.

The words are the cluster's own: what the kubelet, the scheduler and the controllers say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Object = Mapping[str, Any]

# Of a container that is not running. With the first kind, the kubelet has tried; with the second it won't try.
_IMAGE: Final = frozenset({"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_PULLING: Final = frozenset({"ErrImagePull", "RegistryUnavailable", "ImageInspectError"})
_CONFIG: Final = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)
# What a busy kubelet says of a secret or configuration that it has not read yet; it tries again by itself.
_STILL_READING: Final = "cache: timed out waiting for the condition"
_CRASHES: Final = frozenset({"CrashLoopBackOff"})
_MOUNTS: Final = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume"})
_CLAIMS: Final = frozenset({"FailedBinding", "ProvisioningFailed"})
# One end may be the start before the database's; after so many restarts it is a loop.
MANY_RESTARTS: Final = 2
_STAYS_SECONDS: Final = 1.0
_STAYS_AFTER_RESTART_SECONDS: Final = 10.0
_KILLED = 137
_LONGEST = 500


@dataclass(frozen=True)
class Trouble:
    """What stands in a rollout's way. `certain`: waiting does not help; else it may pass by itself. `container` is set
    where its log may tell more, `previous` when that of the run before does."""

    what: str
    hint: str
    certain: bool = False
    pod: str = ""
    container: str = ""
    previous: bool = False


# ── workloads ────────────────────────────────────────────────────────────────────────────────────


def wanted(workload: Object) -> int:
    """How many pods a workload is to have."""
    return int((workload.get("spec") or {}).get("replicas", 1))


def is_through(workload: Object) -> bool:
    """Whether what was asked for last is there in full, and nothing of what was before. Kinds without a rollout are
    through at once."""
    status = workload.get("status") or {}
    if workload["kind"] not in {"Deployment", "StatefulSet"}:
        return True
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
        return False
    count = wanted(workload)
    if workload["kind"] == "Deployment":
        fresh = status.get("updatedReplicas", 0)
        return bool(
            status.get("replicas", 0) == fresh == count
            and status.get("availableReplicas", 0) >= count
        )
    same = status.get("currentRevision") == status.get("updateRevision")
    return bool(same and status.get("readyReplicas", 0) == status.get("replicas", 0) == count)


def progress(workload: Object) -> str:
    """How far it is, for people."""
    status = workload.get("status") or {}
    ready = status.get("readyReplicas", 0)
    return (
        f"{ready} of {wanted(workload)} pods ready, {status.get('updatedReplicas', 0)} of them new"
    )


def conditions(found: Object) -> dict[str, Object]:
    """An object's conditions by type."""
    return {item["type"]: item for item in (found.get("status") or {}).get("conditions") or ()}


def of_workload(workload: Object) -> list[Trouble]:
    """What the controllers say of a workload as a whole."""
    status = workload.get("status") or {}
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
        return []
    found = []
    failure = conditions(workload).get("ReplicaFailure")
    if failure and failure.get("status") == "True":
        found.append(_not_made(str(failure.get("message", ""))))
    halted = conditions(workload).get("Progressing")
    if halted and halted.get("reason") == "ProgressDeadlineExceeded":
        what = f"it made no progress for as long as it may ({progress(workload)})"
        hint = (
            "look at its pods' events and logs; health.start_period says how long a start may take"
        )
        found.append(Trouble(what, hint, certain=True))
    return found


def not_made(events: Iterable[Object]) -> list[Trouble]:
    """Pods that a controller wants to make and may not, by its events."""
    said = [str(item.get("message", "")) for item in events if item.get("reason") == "FailedCreate"]
    return [_not_made(said[-1])] if said else []


def _not_made(message: str) -> Trouble:
    # A new namespace has no service account for a moment.
    passing = "serviceaccount" in message and "not found" in message
    if "quota" in message:
        hint = "ask for less, remove what is not needed, or raise the namespace's ResourceQuota"
    elif "PodSecurity" in message or "webhook" in message:
        hint = "make what is asked for such as the cluster admits, or ask who keeps its rules"
    else:
        hint = "do what the message says, then deploy again"
    return Trouble(f"its pods can't be made: {short(message)}", hint, certain=not passing)


# ── pods ─────────────────────────────────────────────────────────────────────────────────────────


def is_ready(pod: Object) -> bool:
    """Whether it takes requests."""
    return not is_ending(pod) and _is_true(pod, "Ready")


def is_ending(found: Object) -> bool:
    """Whether it is being removed."""
    return bool(found["metadata"].get("deletionTimestamp"))


def has_started(pod: Object) -> bool:
    """Whether all its containers run, whatever they answer."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return bool(statuses) and all("running" in (item.get("state") or {}) for item in statuses)


def ready_for(pod: Object) -> float:
    """For how many seconds it has been ready, by its cluster's clock."""
    text = str(conditions(pod).get("Ready", {}).get("lastTransitionTime", ""))
    try:  # to the second
        since = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return (datetime.now(UTC) - since).total_seconds() - 1.0


def has_to_stay(pods: Iterable[Object]) -> float:
    """For how many seconds pods that can't be asked have to run before they count as up."""
    return _STAYS_AFTER_RESTART_SECONDS if any(map(restarts, pods)) else _STAYS_SECONDS


def restarts(pod: Object) -> int:
    """How often its containers were started again."""
    return sum(int(item.get("restartCount", 0)) for item in _containers(pod))


def _is_true(found: Object, condition: str) -> bool:
    return bool(conditions(found).get(condition, {}).get("status") == "True")


def _containers(pod: Object) -> Iterator[Object]:
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def is_unanswering(events: Iterable[Object]) -> bool:
    """Whether the kubelet ended a container because it did not answer: it would have gone on by itself."""
    return any(
        item.get("reason") == "Killing" and "probe" in str(item.get("message", ""))
        for item in events
    )


def of_pod(pod: Object, events: Sequence[Object] = ()) -> list[Trouble]:
    """What stands in one pod's way; `events` are its own."""
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    if status.get("phase") == "Failed":
        what = short(f"pod {name} failed: {status.get('reason', '')} {status.get('message', '')}")
        return [Trouble(what, "give it what it asks for", certain=True, pod=name)]
    scheduled = conditions(pod).get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        return [_unscheduled(name, scheduled, events)]
    found = [
        item for container in _containers(pod) for item in _of_container(pod, container, events)
    ]
    if found or has_started(pod):  # then what its events tell is over
        return found
    return _of_events(name, events)


def _unscheduled(name: str, condition: Object, events: Sequence[Object]) -> Trouble:
    growing = any(item.get("reason") == "TriggeredScaleUp" for item in events)
    what = f"pod {name} finds no node: {short(str(condition.get('message', '')))}"
    if growing:
        return Trouble(f"{what}; nodes are being added", "wait for the nodes", pod=name)
    return Trouble(what, "ask for less, or add a node that has what it needs", pod=name)


def _of_container(pod: Object, container: Object, events: Sequence[Object]) -> Iterator[Trouble]:
    name, state = pod["metadata"]["name"], container.get("state") or {}
    waiting, image = state.get("waiting") or {}, container.get("image", "")
    reason, message = waiting.get("reason", ""), str(waiting.get("message", ""))
    if reason in _IMAGE | _PULLING:
        said = short(_said(events, "Failed", "image") or message)
        yield Trouble(
            f"the image {image} can't be had ({reason}): {said}",
            "look for a slip in its name or tag; a private registry needs image_pull_secrets",
            certain=reason in _IMAGE,
            pod=name,
        )
    elif reason in _CONFIG:
        yield Trouble(
            f"container {container['name']} of pod {name} can't be started ({reason}): {short(message)}",
            "mend what the message names",
            certain=_STILL_READING not in message,
            pod=name,
            container=container["name"] if reason == "RunContainerError" else "",
        )
    elif reason in _CRASHES or "terminated" in state:
        yield from _ended(name, container, certain=not is_unanswering(events))


def _ended(pod: str, container: Object, *, certain: bool) -> Iterator[Trouble]:
    state, count = container.get("state") or {}, int(container.get("restartCount", 0))
    now = state.get("terminated")
    last = now or (container.get("lastState") or {}).get("terminated") or {}
    if now and now.get("exitCode") == 0 and not count:
        return
    how = f"ended with exit code {last.get('exitCode', '?')}"
    hint = "read what it printed last; mend its settings, files or command"
    if last.get("reason") == "OOMKilled":
        how = "was killed for using more memory than specs.memory allows"
        hint = "give it more memory in specs.memory"
    elif last.get("exitCode") == _KILLED:
        how += " (killed)"
    again = f", restarted {count} times" if count else ""
    said = f": {short(last['message'])}" if last.get("message") else ""
    yield Trouble(
        f"container {container['name']} of pod {pod} {how}{again}{said}",
        hint,
        certain=certain and count >= MANY_RESTARTS,
        pod=pod,
        container=container["name"],
        previous=now is None,
    )


def _of_events(name: str, events: Sequence[Object]) -> list[Trouble]:
    for reason in (*sorted(_MOUNTS), "FailedCreatePodSandBox", "FailedScheduling"):
        if said := _said(events, reason):
            hint = (
                "see that the volume and all that is mounted from it are there"
                if reason in _MOUNTS
                else "look at the node that it is on"
            )
            return [Trouble(f"pod {name} ({reason}): {short(said)}", hint, pod=name)]
    return []


def _said(events: Sequence[Object], reason: str, word: str = "") -> str:
    """The last message of that reason that has the word."""
    said = [str(item.get("message", "")) for item in events if item.get("reason") == reason]
    return next((text for text in reversed(said) if word in text), "")


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def of_claim(claim: Object, events: Sequence[Object]) -> list[Trouble]:
    """Why a claim has no volume."""
    name = claim["metadata"]["name"]
    if (claim.get("status") or {}).get("phase") == "Bound":
        return []
    return [
        Trouble(
            f"volume {name} is not there yet ({item['reason']}): {short(str(item.get('message', '')))}",
            "set storage_class to one that the cluster provides, or add a PersistentVolume that fits",
        )
        for item in list(events)[-1:]
        if item.get("reason") in _CLAIMS
    ]


def short(text: str) -> str:
    """One line of a bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
