"""What is known of one resource of a draft, as a sentence: the answer to "how much memory did I give nas again?"; and
shortly, as one of a list."""

from __future__ import annotations

from alma.core.language.vocabulary.defaults import TITLES, listed
from alma.core.model.blueprint import Resource

_WORDS = {
    "cpu": "CPU",
    "memory": "memory",
    "disk": "disk",
    "storage": "storage",
    "nodes": "nodes",
    "control_plane": "control plane",
    "workers": "workers",
}


def summary(resource: Resource) -> str:
    """`3 × web (virtual machine, nginx 1.27 on debian-12, 2 CPU, 4GB memory)`: one of a list."""
    program = " ".join(part for part in (resource.engine, resource.version) if part)
    runs = " on ".join(part for part in (program, resource.image) if part)
    kind = TITLES[resource.type]
    told = [kind, *([runs] if runs else []), *sizes(resource)]
    times = f"{resource.count} × " if resource.count > 1 else ""
    return f"{times}{resource.name} ({', '.join(told)})"


def sizes(resource: Resource) -> list[str]:
    """`2 CPU`, `4GB memory`: how big each of them is, as far as it was said."""
    said = resource.specs.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return [f"{said[key]} {word}" for key, word in _WORDS.items() if key in said]


def facts(resource: Resource) -> str:
    """`nas is a virtual machine (debian): 4 CPU and 16GB memory.`"""
    runs = " ".join(part for part in (resource.engine or resource.image, resource.version) if part)
    kind = f"{TITLES[resource.type]}{f' ({runs})' if runs else ''}"
    has = sizes(resource)
    article = "an" if kind[0] in "aeiou" else "a"
    number = f"{resource.count} times " if resource.count > 1 else ""
    needs = f" It depends on {listed(list(resource.depends_on))}." if resource.depends_on else ""
    return f"{resource.name} is {number}{article} {kind}{f': {listed(has)}' if has else ''}.{needs}"
