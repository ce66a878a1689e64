"""What is known of one resource of a draft, as a sentence: the answer to "how much memory did I give nas again?"."""

from __future__ import annotations

from alma.core.language.vocabulary.defaults import TITLES, listed
from alma.core.model.blueprint import Resource

_WORDS = {"cpu": "CPU", "memory": "memory", "disk": "disk", "storage": "storage", "nodes": "nodes"}


def facts(resource: Resource) -> str:
    """`nas is a virtual machine (debian): 4 CPU and 16GB memory.`"""
    runs = " ".join(part for part in (resource.engine or resource.image, resource.version) if part)
    kind = f"{TITLES[resource.type]}{f' ({runs})' if runs else ''}"
    sizes = resource.specs.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    has = [f"{sizes[key]} {word}" for key, word in _WORDS.items() if key in sizes]
    article = "an" if kind[0] in "aeiou" else "a"
    number = f"{resource.count} times " if resource.count > 1 else ""
    needs = f" It depends on {listed(list(resource.depends_on))}." if resource.depends_on else ""
    return f"{resource.name} is {number}{article} {kind}{f': {listed(has)}' if has else ''}.{needs}"
