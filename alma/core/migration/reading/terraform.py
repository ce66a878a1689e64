"""Terraform and OpenTofu: the state, or what `show -json` prints of it or of a plan.

The state has everything as it was applied, computed values too. What a provider computes (ids, addresses of its own) is
decided anew wherever it goes, and listed as such; the rest has a place or is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alma.core.migration.conversion import Conversion, Form, Lookups
from alma.core.migration.draft import Draft
from alma.core.migration.reading import aws, azure, containers, google, proxmox
from alma.core.migration.reading.site import Entry, Reader, Site
from alma.core.model.errors import InvalidInput

_DEPTH = 20
_PROVIDERS = (aws.STEPS, azure.STEPS, google.STEPS, proxmox.STEPS, containers.STEPS)
_STEPS: Sequence[Mapping[str, Reader]] = [
    {
        kind: read
        for steps in _PROVIDERS
        if number < len(steps)
        for kind, read in steps[number].items()
    }
    for number in range(max(map(len, _PROVIDERS)))
]
_KNOWN = frozenset(kind for step in _STEPS for kind in step)
_PLATFORMS = {
    "aws": "aws",
    "azurerm": "azure",
    "google": "gcp",
    "proxmox": "proxmox",
    "docker": "docker",
    "kubernetes": "kubernetes",
    "vsphere": "vmware",
}


def known_types() -> tuple[str, ...]:
    """The types of Terraform's that become something."""
    return tuple(sorted(_KNOWN))


def read_terraform(documents: list[Any], lookups: Lookups, name: str) -> Conversion:
    """The blueprint of a state. Raises InvalidInput when it has no resources or is of a form that nobody knows."""
    top = documents[0] if documents and isinstance(documents[0], Mapping) else {}
    site = Site(Draft(Form.TERRAFORM, lookups))
    for item in _entries(top):
        site.register(item)
    if not site.entries:
        raise InvalidInput(
            "there are no resources in it",
            hint="give the state file, or what `terraform show -json` prints after an apply",
        )
    for readers in _STEPS:
        for entry in site.entries:
            if entry.managed and (read := readers.get(entry.type)):
                read(site, entry)
    for entry in site.entries:
        _unknown(site, entry)
    _merge_counted(site)
    platforms = Counter(_platform(entry.type) for entry in site.entries if entry.managed)
    return site.draft.finished(name or "terraform", _first(platforms))


def _first(platforms: Counter[str]) -> str:
    return max(platforms, key=lambda name: (name != "", platforms[name]), default="") or "terraform"


def _platform(kind: str) -> str:
    return _PLATFORMS.get(kind.partition("_")[0], "")


def _unknown(site: Site, entry: Entry) -> None:
    thing = entry.thing
    if not entry.managed:
        site.draft.leave(thing, "it is only looked up there, not made")
    elif entry.type not in _KNOWN:
        site.draft.leave(thing, f"a blueprint has nothing like a {entry.type}")
    elif not thing.resources and not thing.folded:
        site.draft.leave(thing, "nothing that was converted uses it")


def _merge_counted(site: Site) -> None:
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in site.entries:
        if isinstance(entry.index, int) and entry.doc is not None:
            groups.setdefault((entry.type, entry.base), []).append(entry.doc["name"])
    for names in groups.values():
        site.draft.merge(names)


# ── the two forms of a state ─────────────────────────────────────────────────────────────────────


def _entries(top: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every instance as `show -json` tells it: address, mode, type, name, index, values, and what is sensitive."""
    if isinstance(top.get("resources"), list):
        for resource in top["resources"]:
            yield from _instances(resource)
        return
    shown = top.get("values") or top.get("planned_values")
    root = shown.get("root_module") if isinstance(shown, Mapping) else None
    yield from _module(root, depth=0)


def _module(module: Any, *, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(module, Mapping) or depth > _DEPTH:
        return
    for resource in _list(module.get("resources")):
        if isinstance(resource, Mapping):
            hidden = resource.get("sensitive_values")
            marks = hidden if isinstance(hidden, Mapping) else {}
            marked = [str(key) for key, whole in marks.items() if whole is True]
            yield {**resource, "sensitive": marked}
    for child in _list(module.get("child_modules")):
        yield from _module(child, depth=depth + 1)


def _instances(resource: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(resource, Mapping):
        return
    kind, name = resource.get("type"), resource.get("name")
    prefix = f"{resource['module']}." if isinstance(resource.get("module"), str) else ""
    for instance in _list(resource.get("instances")):
        if not isinstance(instance, Mapping):
            continue
        index = instance.get("index_key")
        key = "" if index is None else f"[{index}]" if isinstance(index, int) else f'["{index}"]'
        data = "data." if resource.get("mode") == "data" else ""
        yield {
            "address": f"{prefix}{data}{kind}.{name}{key}",
            "mode": resource.get("mode"),
            "type": kind,
            "name": name,
            "index": index,
            "values": instance.get("attributes"),
            "sensitive": list(_sensitive(instance.get("sensitive_attributes"))),
        }


def _sensitive(found: Any) -> Iterator[str]:
    """The names at the beginning of each path that the state marks."""
    for path in _list(found):
        step = path[0] if isinstance(path, list) and path else path
        value = step.get("value") if isinstance(step, Mapping) else None
        if isinstance(value, str):
            yield value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
