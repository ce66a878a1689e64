"""Which software of the catalogue an image is, so that it can also be run where there are no images."""

from __future__ import annotations

import re

from alma.core.migration.draft import Doc, Draft, Thing
from alma.core.model.blueprint import DATA, ResourceType
from alma.core.model.software import Catalogue, Software

_VERSION = re.compile(r"^v?(\d+(?:\.\d+)*)")
_PREFIXES = ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/")


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference; what is not there is empty."""
    rest, _, digest = image.partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, tag = rest, ""
    return name, tag, digest


def software_of(catalogue: Catalogue, image: str) -> Software | None:
    """The entry whose official image this is."""
    name = split_image(image)[0]
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return next((entry for entry in catalogue.software.values() if entry.image == name), None)


def kind_of(entry: Software | None) -> ResourceType:
    """What an image is in a blueprint: a store of data if it is one, else a container."""
    held = [kind for kind in entry.types if kind in DATA] if entry else []
    return held[0] if held else ResourceType.CONTAINER


def run_image(draft: Draft, thing: Thing, doc: Doc, image: str, *, at: str = "image") -> None:
    """Says what a resource runs: software with its version where the catalogue knows the image, else the image."""
    entry = software_of(draft.lookups.catalogue, image)
    _, tag, digest = split_image(image)
    version = _VERSION.match(tag)
    if entry is None or digest or (tag not in {"", "latest"} and not version):
        doc["image"] = image[:256]
        if entry is not None:
            doc["engine"] = entry.id
        return
    doc["engine"] = entry.id
    if tag == entry.default_version:
        doc["version"] = tag
    elif version:
        # Some images have a `v` before the number in their tags; others have not, and people write it all the same.
        doc["version"] = version[0] if entry.default_version.startswith("v") else version[1]
        if version[0] != tag:
            message = f"version {version[1]} of {entry.title}; '{tag[version.end() :]}' is not kept"
            draft.remark(thing, at, message, code="approximated")
    else:
        message = f"no version is named: {entry.title} {entry.default_version} is run"
        draft.remark(thing, at, message, code="assumed")
