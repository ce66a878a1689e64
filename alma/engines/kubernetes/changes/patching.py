"""Changes what was there before ALMA: only the fields that differ, on the object as it is now.

Nothing is applied as a whole, since ALMA has no whole of it. A patch carries the version of the object that was looked
at; when somebody was faster, it is looked at again. A list goes back complete, with everybody else's entries in it.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from alma.core.model.base import Json, canonical_json
from alma.core.model.engine import Outcome
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource, Properties, StackRef
from alma.engines import base
from alma.engines.kubernetes import adopted, logs, marker, quantities, shape
from alma.engines.kubernetes.adopted import ADOPTED, Kept
from alma.engines.kubernetes.changes import found as there
from alma.engines.kubernetes.changes.undoing import taken_back
from alma.engines.kubernetes.client import Altered, Refused
from alma.engines.kubernetes.existing import Place
from alma.engines.kubernetes.rollout import Rollout, Settled, Stuck, until_ready
from alma.engines.kubernetes.work import Work

Object = Mapping[str, Any]
Patch = dict[str, Any]
T = TypeVar("T")

# Controllers write into what they keep all the time, and each time it is another version.
_TRIES: Final = 20
_GONE: Final = 404


async def patient(work: Work, one: Callable[[], Awaitable[T]]) -> T:
    """Does it from the look on, and again while the object is another version than the one that was looked at."""
    for _ in range(_TRIES):
        try:
            return await one()
        except Altered:
            continue
    raise ChangeRejected(
        f"{work.address} is changed by somebody else all the time: {_TRIES} attempts came too late",
        hint="find out who changes it, then deploy again",
    )


async def patched(
    work: Work, found: Object, change: Mapping[str, Any], *, dry_run: bool = False
) -> Object:
    """The object with this change. Raises Altered when it is not that version of it any more."""
    place = adopted.id_of(found)
    same = {key: found["metadata"][key] for key in ("uid", "resourceVersion")}
    whole = {**change, "metadata": {**change.get("metadata", {}), **same}}
    try:
        return await work.session.cluster.patch(
            place.kind, place.name, namespace=place.namespace, change=whole, dry_run=dry_run
        )
    except Refused as error:
        if error.status == _GONE:
            raise work.gone() from error
        raise


def annotations_of(
    own: base.Marker, stack: StackRef, *, declared: Properties, kept: Kept
) -> dict[str, str]:
    """ALMA's annotations on what it did not make."""
    return {
        **marker.annotations_of(own, stack),
        marker.DECLARED: canonical_json(shape.declared_of(declared)),
        ADOPTED: kept.model_dump_json(),
    }


# ── the change ───────────────────────────────────────────────────────────────────────────────────


async def update(work: Work, primary: Object) -> Outcome:
    """Changes an adopted object in place, and waits until that has reached every pod. What it was before is put back
    when that fails. Raises ChangeRejected for what can't be changed on the object alone."""
    desired = work.desired()
    before = primary

    async def one() -> Object:
        nonlocal before
        found = await _now(work, adopted.id_of(primary))
        if found is None or not work.is_ours(found):
            raise work.gone()
        before = found
        change = await _change(work, desired, found)
        await patched(work, found, change, dry_run=True)  # a no comes before anything is touched
        return await patched(work, found, change)

    async with work.session.changes:
        sent = await patient(work, one)
    try:
        settled = await _rolled_out(work, desired, sent)
        if not settled.well:
            raise Stuck(
                f"{work.address} runs as changed, and is not ready within its time",
                hint="look at its log and its probes",
            )
    except ChangeRejected as error:
        raise await taken_back(work, error, lambda: _restored(work, desired, before)) from error
    return Outcome(resource=await there.seen(work, [settled.workload]))


async def _now(work: Work, place: Place) -> Object | None:
    return await work.session.cluster.get(place.kind, place.name, namespace=place.namespace)


async def _change(work: Work, desired: DesiredResource, found: Object) -> Patch:
    kept = adopted.kept_of(found) or Kept()
    seen = await there.seen(work, [found])
    read = seen.properties if seen else {}
    paths = work.difference(desired, seen)
    work.require_in_place(desired, paths)
    _require_approved(work, found, paths)
    wish = work.wish(desired)
    change = patch_of(found, kept, paths, before=read, wish=wish)
    mark = marker.marker_of(found)
    own = base.Marker.of(desired, work.stack, key=mark.key if mark else work.key)
    annotations = annotations_of(
        own.model_copy(update={"retain": True}), work.stack, declared=wish, kept=kept
    )
    metadata = {**change.get("metadata", {}), "annotations": annotations}
    return {**change, "metadata": metadata}


def _require_approved(work: Work, found: Object, paths: Iterable[str]) -> None:
    """Raises ChangeRejected when something differs that the approved change does not name: somebody set it since. That
    what was stopped runs again is what every change is for."""
    approved = {field.path for field in work.change.fields}
    if adopted.count(found) == 0:
        approved |= {"count"} if approved else set()
    if left := sorted(set(paths) - approved) if approved else []:
        raise ChangeRejected(
            f"{work.address}: {', '.join(left)} of {adopted.id_of(found)} was changed since the plan was made",
            hint="make the plan again: it shows what differs",
        )


def patch_of(
    found: Object, kept: Kept, paths: Iterable[str], *, before: Properties, wish: Properties
) -> Patch:
    """What makes an object differ no more at these paths, as a JSON merge patch. Pure."""
    differing = [*paths]
    if adopted.id_of(found).kind == adopted.CLAIM:
        return _of_labels(differing, wish) | _of_size(differing, wish)
    there_now = [*(adopted.pod_of(found).get("containers") or ())]
    containers = copy.deepcopy(there_now)
    container = next((item for item in containers if item.get("name") == kept.container), None)
    if container is None:
        raise ChangeRejected(
            f"{adopted.id_of(found)} has no container '{kept.container}' any more",
            hint="release it, and import it anew",
        )
    for path in differing:
        _set(container, path, before.get(path), wish.get(path))
    change = _of_labels(differing, wish)
    spec: Patch = {"replicas": wish["count"]} if "count" in differing else {}
    if containers != there_now:
        spec["template"] = {"spec": {"containers": containers}}
    return change | ({"spec": spec} if spec else {})


def _of_labels(paths: Iterable[str], wish: Properties) -> Patch:
    names = [path.removeprefix("labels.") for path in paths if path.startswith("labels.")]
    labels = {name: wish.get(f"labels.{name}") for name in names}
    return {"metadata": {"labels": labels}} if labels else {}


def _of_size(paths: Iterable[str], wish: Properties) -> Patch:
    size = wish.get("specs.disk")
    if "specs.disk" not in paths or size is None:
        return {}
    return {"spec": {"resources": {"requests": {"storage": quantities.text_of(str(size))}}}}


def _set(container: Patch, path: str, before: Json, wish: Json) -> None:
    """Makes one property of the container so. What is not wished any more is taken away; an image can't be."""
    part, _, name = path.partition(".")
    if path == "image" and wish is not None:
        container["image"] = wish
    elif path == "command":
        container["args"] = wish or []
    elif path == "specs.cpu":
        _limit(container, name, None if wish is None else quantities.cpu_quantity(float(str(wish))))
    elif path == "specs.memory":
        _limit(container, name, None if wish is None else quantities.text_of(str(wish)))
    elif path == "ports":
        _ports(container, before, wish)
    elif part == "env":
        _variable(container, name, None if wish is None else str(wish))


def _limit(container: Patch, name: str, amount: str | None) -> None:
    """A limit. What is asked for goes along if it was the same, or would be more than the limit."""
    resources = container.setdefault("resources", {})
    limits, requests = resources.setdefault("limits", {}), resources.get("requests") or {}
    old = limits.pop(name, None)
    if amount is not None:
        limits[name] = amount
    if name not in requests or amount is None:
        return
    asked, most = quantities.parsed(requests[name]), quantities.parsed(amount)
    same = old is not None and asked == quantities.parsed(old)
    if same or (asked is not None and most is not None and asked > most):
        requests[name] = amount


def _ports(container: Patch, before: Json, wish: Json) -> None:
    gone = {*_texts(before)} - {*_texts(wish)}
    kept = [
        port
        for port in container.get("ports") or ()
        if not {*adopted.ports({"ports": [port]})} & gone
    ]
    there_already = {*adopted.ports({"ports": kept})}
    container["ports"] = kept + [
        {"containerPort": int(text.partition("/")[0]), "protocol": "UDP" if "/" in text else "TCP"}
        for text in _texts(wish)
        if text not in there_already
    ]


def _texts(value: Json) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []


def _variable(container: Patch, name: str, text: str | None) -> None:
    """A variable, where it stands: others may refer to it further down."""
    entries = [*(container.get("env") or ())]
    at = next((n for n, item in enumerate(entries) if item.get("name") == name), len(entries))
    after = [item for item in entries[at:] if item.get("name") != name]
    own = [] if text is None else [{"name": name, "value": text}]
    container["env"] = [*entries[:at], *own, *after]


# ── the rollout ──────────────────────────────────────────────────────────────────────────────────


async def _rolled_out(work: Work, desired: DesiredResource, sent: Object) -> Settled:
    health = desired.health
    seconds = until_ready(health)
    hide = await logs.hider_for(work.session, sent)
    labels = adopted.pod_labels(sent)
    return await Rollout(
        work.session, sent, labels, seconds, hide, work.context.log, answers=health is not None
    ).settle()


async def _restored(work: Work, desired: DesiredResource, before: Object) -> bool:
    """Puts back what was changed. Whether that is well."""

    async def one() -> Object:
        found = await _now(work, adopted.id_of(before))
        if found is None:
            raise work.gone()
        return await patched(work, found, _reverse(found, before))

    async with work.session.changes:
        sent = await patient(work, one)
    return (await _rolled_out(work, desired, sent)).well


def _reverse(found: Object, before: Object) -> Patch:
    """What makes the object as it was, in what a change may have touched."""
    spec = before.get("spec") or {}
    own = {part: before["metadata"].get(part) or {} for part in ("labels", "annotations")}
    added = {
        part: dict.fromkeys((found["metadata"].get(part) or {}).keys() - own[part].keys())
        for part in own
    }
    metadata = {part: {**added[part], **own[part]} for part in own}
    if adopted.id_of(before).kind == adopted.CLAIM:
        return {"metadata": metadata}  # a claim that grew stays as big
    containers = adopted.pod_of(before).get("containers")
    template = {"spec": {"containers": containers}}
    return {
        "metadata": metadata,
        "spec": {"replicas": spec.get("replicas", 1), "template": template},
    }
