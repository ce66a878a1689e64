"""Where providers' adapters are: imported when one is asked for, so that a provider nobody uses costs nothing."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from alma.core.model.errors import LanguageModelError


@dataclass(frozen=True)
class Entry:
    """Where a provider's maker is: a function of one endpoint that gives its `LanguageModel`.

    `extra` is the pip extra that brings its SDK. `needs_url`: it is wherever somebody runs it, so its address must be
    said. `needs_key`: it answers nobody without a key.
    """

    target: str
    extra: str = "llm"
    needs_url: bool = False
    needs_key: bool = True
    default_url: str | None = None


def load(provider: str, entry: Entry) -> Any:
    """The maker. Raises LanguageModelError, naming the extra, when what it needs is not installed."""
    module, _, attribute = entry.target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        raise not_installed(provider, entry.extra, error) from error


def not_installed(provider: str, extra: str, error: ImportError) -> LanguageModelError:
    """Says what to install. Nothing changes until somebody does, so it is not retryable."""
    found = LanguageModelError(
        f"The model provider '{provider}' is not installed completely: {error.msg}",
        hint=f'install what it needs: pip install "alma[{extra}]"',
        details={"provider": provider},
    )
    found.retryable = False
    return found
