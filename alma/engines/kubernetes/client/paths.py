"""How an API server's objects are addressed, and what they are called in messages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from alma.core.model.errors import InvalidInput
from alma.engines.kubernetes.discovery import Api


def path_of(api: Api, namespace: str | None, name: str | None = None) -> str:
    """The path of a kind, or of one object; without a namespace: in all of them. Raises InvalidInput for
    what is no name."""
    for part in (namespace, name):
        if part is not None and (not part or "/" in part or part in {".", ".."}):
            raise InvalidInput(f"'{part}' is no name of an object in a cluster")
    parts = ["apis", api.group, api.version] if api.group else ["api", api.version]
    if api.namespaced and namespace is not None:
        parts += ["namespaces", quote(namespace, safe="")]
    parts.append(api.plural)
    if name is not None:
        parts.append(quote(name, safe=""))
    return "/".join(parts)


def selectors(labels: Mapping[str, str] | None, fields: Mapping[str, str] | None) -> dict[str, str]:
    """The parameters that choose objects; a label that is "" need only be there."""
    chosen: dict[str, str] = {}
    if labels:
        chosen["labelSelector"] = ",".join(f"{k}={v}" if v else k for k, v in labels.items())
    if fields:
        chosen["fieldSelector"] = ",".join(f"{k}={v}" for k, v in fields.items())
    return chosen


def named(kind: str, name: str, namespace: str | None) -> str:
    """An object for people: `Deployment web in shop`."""
    return f"{kind.partition('.')[0]} {name}{f' in {namespace}' if namespace else ''}"
