"""What a resource runs, however it was said: as its engine, or by an image that is named like the software."""

from __future__ import annotations

from alma.core.model.blueprint import Resource


def runs(resource: Resource, software: str) -> bool:
    """Whether a resource runs it: as its engine, or by its image (`grafana/grafana:11`)."""
    if resource.engine is not None:
        return resource.engine == software
    image = (resource.image or "").casefold().rpartition("/")[2].partition(":")[0]
    return image in {software, software.replace("-", "")}
