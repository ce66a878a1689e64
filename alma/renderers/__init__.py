"""Adapters that write a blueprint down for other tools: each knows one tool's files, and touches nothing.

A renderer is to its tool what an engine is to a place, and takes the pure parts of an engine where there is one: what
is rendered is what would be deployed. It is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

from alma.core.model.errors import InvalidInput
from alma.core.model.suggest import did_you_mean
from alma.core.ports.renderers import Renderer

__all__ = ["ALIASES", "RENDERERS", "RendererRegistry"]

RENDERERS: Mapping[str, str] = {
    "aws": "alma.renderers.opentofu.aws:AwsRenderer",
    "docker": "alma.renderers.compose:ComposeRenderer",
    "kubernetes": "alma.renderers.kubernetes:KubernetesRenderer",
    "proxmox": "alma.renderers.opentofu.proxmox:ProxmoxRenderer",
}
ALIASES: Mapping[str, str] = {
    "amazon": "aws",
    "compose": "docker",
    "docker-compose": "docker",
    "k8s": "kubernetes",
    "pve": "proxmox",
}


class RendererRegistry:
    """The renderers of an installation."""

    def names(self) -> list[str]:
        """Sorted."""
        return sorted(RENDERERS)

    def get(self, name: str) -> Renderer:
        """The one of that name or alias, ignoring case. Raises InvalidInput that names those there are."""
        wanted = name.strip().casefold()
        known = ALIASES.get(wanted, wanted)
        if known not in RENDERERS:
            raise InvalidInput(
                f"nothing is rendered for '{name}'",
                hint=did_you_mean(wanted, RENDERERS) or f"use {', '.join(self.names())}",
            )
        module, _, attribute = RENDERERS[known].partition(":")
        return cast("Renderer", getattr(importlib.import_module(module), attribute)())
