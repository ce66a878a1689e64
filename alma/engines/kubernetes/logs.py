"""What pods printed, without the secrets they may have printed too."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.state import ObservedResource
from alma.engines.base import together
from alma.engines.kubernetes import adopted, marker
from alma.engines.kubernetes.session import Session
from alma.engines.redaction import redacted

Object = Mapping[str, Any]
Hide = Callable[[str], str]


def hider(secrets: Iterable[str]) -> Hide:
    """What hides these secrets in a text. Before that is cut: half a secret would not be found."""
    values = tuple(secrets)
    return lambda text: redacted([text], values)[0]


async def hider_of(session: Session, namespace: str, labels: Mapping[str, str]) -> Hide:
    """What hides every secret that the objects with these labels were given, read from where they were put."""
    found = await session.cluster.listed("Secret", namespace=namespace, labels=labels)
    return hider(value for item in found for value in values_of(item))


def values_of(secret: Object) -> list[str]:
    """The values of a Secret: whole, and line by line, as a log has them."""
    found: list[str] = []
    for encoded in (secret.get("data") or {}).values():
        try:
            text = base64.b64decode(str(encoded)).decode(errors="replace")
        except binascii.Error:
            continue
        found += [text.strip(), *(line.strip() for line in text.splitlines())]
    return found


async def hider_for(session: Session, found: Object) -> Hide:
    """What hides the secrets that the pods of an imported workload are given, wherever these are kept."""
    meta, values = found["metadata"], adopted.plain_secrets(found)
    for name in adopted.secret_names(found):
        secret = await session.cluster.get("Secret", name, namespace=meta["namespace"])
        values += values_of(secret) if secret else []
    return hider(values)


async def last_lines(session: Session, observed: ObservedResource, *, lines: int) -> list[str]:
    """The last lines of all pods of an observed resource, pod by pod, each with its pod's name where there are several.
    Secrets are hidden."""
    _, namespace, *_ = (*observed.object_id.split("/"), "", "")
    return await of_address(session, namespace, observed.address, observed.object_id, lines=lines)


async def of_address(
    session: Session, namespace: str, address: str, object_id: str, *, lines: int
) -> list[str]:
    """The same, for the address of the object with that id."""
    kind, _, name, _ = object_id.split("/")
    primary = await session.cluster.get(kind, name, namespace=namespace)
    mark = marker.marker_of(primary) if primary else None
    if mark is None or mark.address != address:
        return []
    return await of_pods(session, namespace, _selector(primary or {}), lines=lines, of=primary)


def _selector(primary: Object) -> dict[str, str]:
    if adopted.kept_of(primary) is not None:
        return adopted.pod_labels(primary)
    labels = primary["metadata"].get("labels") or {}
    return {name: labels[name] for name in (marker.STACK, marker.ADDRESS) if name in labels}


async def of_pods(
    session: Session,
    namespace: str,
    labels: Mapping[str, str],
    *,
    lines: int,
    of: Object | None = None,
) -> list[str]:
    """The same, for the pods with these labels; `of` is the workload that they are of, if that was imported."""
    if of is not None and adopted.kept_of(of) is not None:
        hide = await hider_for(session, of)
    else:
        hide = await hider_of(session, namespace, labels)
    pods = await session.cluster.listed("Pod", namespace=namespace, labels=labels)
    pods = sorted(pods, key=lambda pod: str(pod["metadata"]["name"]))
    texts = await together([_of_pod(session, pod, lines=lines) for pod in pods])
    if len(texts) == 1:
        return [hide(line) for line in texts[0]]
    return [
        hide(f"{pod['metadata']['name']}: {line}")
        for pod, printed in zip(pods, texts, strict=True)
        for line in printed
    ]


async def _of_pod(session: Session, pod: Object, *, lines: int) -> Sequence[str]:
    async with session.looks:
        return await session.cluster.log_tail(
            pod["metadata"]["name"],
            namespace=pod["metadata"]["namespace"],
            container=pod["spec"]["containers"][0]["name"],
            lines=lines,
        )
