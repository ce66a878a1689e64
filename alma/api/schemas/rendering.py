"""Blueprints as files for other tools, as they are shown."""

from __future__ import annotations

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.rendering import Rendering


class RenderedFileView(Frozen):
    """A file for the other tool."""

    path: str = Field(description="Relative to the folder that all of them go to.")
    content: str
    mode: str = Field(description="Its permissions, as 0644.")


class RenderingView(Frozen):
    """What a blueprint is for another tool. No secret is in it, and nothing was saved."""

    engine: str
    format: str
    files: tuple[RenderedFileView, ...] = Field(
        description="In the order in which people read them."
    )
    notes: tuple[Diagnostic, ...] = Field(
        description="What the tool can't be told exactly, and what is left to do; a path begins with a resource."
    )


def rendering_view(made: Rendering) -> RenderingView:
    """As it is shown."""
    return RenderingView(
        engine=made.engine,
        format=made.format,
        files=tuple(
            RenderedFileView(path=file.path, content=file.content, mode=f"{file.mode:04o}")
            for file in made.files
        ),
        notes=made.notes,
    )
