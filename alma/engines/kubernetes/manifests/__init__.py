"""What a wish becomes in a cluster: plain manifests, in the order in which they are applied. Pure.

The same ones are applied by the engine and written by whoever wants files. Nothing here asks a cluster: which kinds it
serves comes in as a value.
"""

from __future__ import annotations

from alma.engines.kubernetes.manifests.build import build, namespace
from alma.engines.kubernetes.manifests.parts import Manifest, Manifests

__all__ = ["Manifest", "Manifests", "build", "namespace"]
