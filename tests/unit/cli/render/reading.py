"""Reads what a person would see."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType


def text_of(what: RenderableType, *, width: int = 100) -> str:
    """The characters, without colours and without the spaces at the ends of lines."""
    console = Console(file=io.StringIO(), width=width, record=True, highlight=False, markup=False)
    console.print(what)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def coloured(what: RenderableType) -> str:
    """The characters with their ANSI codes."""
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def change(address: str, action: str = "create", **more: Any) -> dict[str, Any]:
    """A change as the API shows it."""
    return {
        "address": address,
        "type": "service",
        "action": action,
        "reason": "new in the blueprint",
        "fields": [],
        "support": [],
        "wanted": {},
        "destructive": action in {"delete", "replace"},
        "reboots": False,
        "implied": False,
        **more,
    }


def field(path: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A changed property as the API shows it."""
    return {
        "path": path,
        "before": before,
        "after": after,
        "effect": "in-place",
        "drift": False,
        **more,
    }


def plan(*changes: dict[str, Any], **more: Any) -> Any:
    """A plan as the API shows it."""
    return {
        "digest": "sha256:1",
        "kind": "deploy",
        "blueprint_name": "shop",
        "engine": "docker",
        "stack": {"id": "s-1", "name": "shop"},
        "blocked": False,
        "changes": list(changes),
        "diagnostics": [],
        **more,
    }


def event(
    type_: str, address: str | None = None, *, at: float = 0.0, message: str = "", **data: Any
) -> Any:
    """A line of a deployment's log, `at` seconds after it began."""
    return {
        "deployment_id": "d-1",
        "seq": 1,
        "time": f"2026-01-31T10:00:{at:09.6f}+00:00",
        "type": type_,
        "message": message,
        "address": address,
        "data": data,
    }
