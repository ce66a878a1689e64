"""The tags of images: for what runs an image of its own, another version is another tag."""

from __future__ import annotations

from alma.core.model.blueprint import Resource


def has_tag(resource: Resource) -> bool:
    """Whether it runs an image of its own by a tag: `acme/api:1.4`."""
    return resource.engine is None and ":" in (resource.image or "").rpartition("/")[2]


def tagged(image: str, version: str) -> str:
    """The image with another tag, written as the old one: `v2` stays with its letter."""
    name, _, old = image.rpartition(":")
    letter = "v" if old.startswith("v") and not version.startswith("v") else ""
    return f"{name}:{letter}{version}"
