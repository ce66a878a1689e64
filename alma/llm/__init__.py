"""Adapters for language models: each provider's wire behind the one port, and wrappers for what all of them need.

An adapter knows the nouns and the ports of the core and nothing else of ALMA. SDKs are imported nowhere else, and only
when a model is asked for, so that an installation without one pays nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from alma.llm.entries import Entry

__all__ = ["PROVIDERS", "Entry"]

_WIRE = "alma.llm.makers"

PROVIDERS: Mapping[str, Entry] = {
    "openai-compatible": Entry(f"{_WIRE}:openai_compatible", needs_url=True, needs_key=False),
    "ollama": Entry(f"{_WIRE}:ollama", needs_key=False, default_url="http://127.0.0.1:11434/v1"),
    "openai": Entry(f"{_WIRE}:openai"),
    "anthropic": Entry(f"{_WIRE}:anthropic"),
    "gemini": Entry(f"{_WIRE}:gemini"),
}
