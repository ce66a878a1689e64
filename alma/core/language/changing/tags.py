"""The tags of images: for what runs an image of its own, another version is another tag; and for a machine of which
only the system is known, another release of that."""

from __future__ import annotations

from alma.core.language.vocabulary.defaults import MACHINES, is_packed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Resource

_RELEASE = seldom(r"-v?\d[\d.]*$")


def has_tag(resource: Resource) -> bool:
    """Whether it runs an image of its own by a tag: `acme/api:1.4`."""
    return resource.engine is None and ":" in (resource.image or "").rpartition("/")[2]


def has_release(resource: Resource) -> bool:
    """Whether it is a machine of which only the system is known: `ubuntu`, `debian-12`."""
    bare = resource.type in MACHINES and resource.engine is None
    return bare and resource.image is not None and not is_packed(resource.image)


def released(image: str, version: str) -> str:
    """The system in another release: `ubuntu-24.04`."""
    return f"{_RELEASE.sub('', image)}-{version}"


def tagged(image: str, version: str) -> str:
    """The image with another tag, written as the old one: `v2` stays with its letter."""
    name, _, old = image.rpartition(":")
    letter = "v" if old.startswith("v") and not version.startswith("v") else ""
    return f"{name}:{letter}{version}"
