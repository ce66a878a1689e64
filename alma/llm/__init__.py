"""Adapters for language models: each provider's wire behind the one port, and wrappers for what all of them need.

An adapter knows the nouns and the ports of the core and nothing else of ALMA. SDKs are imported nowhere else, and only
when a model is asked for, so that an installation without one pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alma.core.model.errors import InvalidInput
from alma.core.ports import Clock, LanguageModel, UsageLedger
from alma.llm.breaker import Breaker
from alma.llm.budgeted import Budgeted
from alma.llm.chain import Chain, Timed
from alma.llm.entries import Entry
from alma.llm.keys import with_keys
from alma.llm.lazy import Lazy
from alma.llm.metered import Counts, Metered, ModelMeter
from alma.llm.models import Models
from alma.llm.redacted import Redacted
from alma.llm.retrying import Retrying
from alma.llm.secrets import Redaction
from alma.llm.settings import Endpoint, ModelSettings, model_settings, overridden

__all__ = ["PROVIDERS", "Entry", "ModelMeter", "Models", "Surroundings", "build_models"]

_WIRE = "alma.llm.makers"

PROVIDERS: Mapping[str, Entry] = {
    "openai-compatible": Entry(f"{_WIRE}:openai_compatible", needs_url=True, needs_key=False),
    "ollama": Entry(
        f"{_WIRE}:openai_compatible", needs_key=False, default_url="http://127.0.0.1:11434/v1"
    ),
    "openai": Entry(f"{_WIRE}:openai"),
    "anthropic": Entry(f"{_WIRE}:anthropic"),
    "gemini": Entry(f"{_WIRE}:gemini"),
}


@dataclass(frozen=True)
class Surroundings:
    """What models are built with. `secrets` gives the values that must not leave, beside the models' own keys."""

    clock: Clock
    ledger: UsageLedger
    secrets: Callable[[], Iterable[str]] = tuple
    counts: Counts = field(default_factory=ModelMeter)
    table: Mapping[str, Entry] = field(default_factory=lambda: PROVIDERS)


def build_models(
    given: Mapping[str, Any],
    around: Surroundings,
    *,
    projects: Mapping[str, Mapping[str, Any]] | None = None,
    folder: Path = Path(),
    variable: Callable[[str], str | None] = lambda name: None,
) -> Models | None:
    """The models of an installation, and of the `projects` that have settings of their own; None when nobody has any.

    `given` are the installation's settings as plain values; `folder` is where relative paths of keys begin, `variable`
    looks into the environment. No SDK is imported, and nobody asked, before the first ask. Raises InvalidInput for
    settings that are not valid.
    """
    found = _resolved(given, projects or {}, around.table, folder=folder, variable=variable)
    if not any(found.values()):
        return None
    keys = frozenset(
        endpoint.api_key.get_secret_value()
        for settings in found.values()
        for endpoint in (settings.endpoints if settings else ())
        if endpoint.api_key is not None
    )
    redaction = Redaction(lambda: (*keys, *around.secrets()))
    built = {
        project: (settings, _built(settings, around, redaction))
        for project, settings in found.items()
        if settings is not None
    }
    return Models(built, without=frozenset(found) - frozenset(built))


def _resolved(
    given: Mapping[str, Any],
    projects: Mapping[str, Mapping[str, Any]],
    table: Mapping[str, Entry],
    *,
    folder: Path,
    variable: Callable[[str], str | None],
) -> dict[str, ModelSettings | None]:
    """The settings by project; under "" those of all others."""
    addresses = {name: entry.default_url for name, entry in table.items() if entry.default_url}
    base = with_keys(given, folder=folder, variable=variable)
    found = {"": model_settings(base, source="the environment", addresses=addresses)}
    for project, own in projects.items():
        values = overridden(base, with_keys(own, folder=folder, variable=variable))
        source = f"project '{project}'"
        found[project] = model_settings(values, source=source, addresses=addresses)
    for settings in found.values():
        for endpoint in settings.endpoints if settings else ():
            _known(endpoint, table)
    return found


def _known(endpoint: Endpoint, table: Mapping[str, Entry]) -> None:
    """Raises InvalidInput for a provider that is unknown, or lacks what it needs."""
    entry = table.get(endpoint.provider)
    if entry is None:
        raise InvalidInput(
            f"Unknown provider of language models '{endpoint.provider}'",
            hint=f"known providers: {', '.join(sorted(table))}",
        )
    if entry.needs_url and endpoint.base_url is None:
        raise InvalidInput(
            f"The language model {endpoint.name} has no address",
            hint="set base_url, such as http://127.0.0.1:8080/v1",
        )
    if entry.needs_key and endpoint.api_key is None:
        raise InvalidInput(
            f"The language model {endpoint.name} has no key",
            hint="set api_key, or api_key_env to the variable that has it",
        )


def _built(settings: ModelSettings, around: Surroundings, redaction: Redaction) -> LanguageModel:
    """From the inside out: each attempt is counted, attempts are repeated, endpoints in trouble are left alone, the
    next one is asked, all within a time and a budget, and nothing secret leaves."""
    chain = Chain([_endpoint(endpoint, settings, around) for endpoint in settings.endpoints])
    model: LanguageModel = Timed(chain, settings.timeout_seconds)
    if settings.budget is not None:
        model = Budgeted(model, settings.budget, ledger=around.ledger, clock=around.clock)
    return Redacted(model, redaction)


def _endpoint(endpoint: Endpoint, settings: ModelSettings, around: Surroundings) -> LanguageModel:
    entry = around.table[endpoint.provider]
    silence = min(settings.first_token_timeout, settings.timeout_seconds)
    lazy = Lazy(endpoint, entry, silence=silence, max_tokens=settings.max_tokens)
    metered = Metered(
        lazy, endpoint, counts=around.counts, ledger=around.ledger, clock=around.clock
    )
    return Breaker(Retrying(metered, settings.retries))
