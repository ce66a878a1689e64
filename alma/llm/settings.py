"""Which models a project uses and within what limits: checked once, so that nothing below has to.

What is said comes as plain values, from the environment or from a file; here it becomes a chain of endpoints, each with
the key that is its own. A key never goes to an address it was not given for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput
from alma.core.model.model_chain import ChainedModel, ModelChain


class Use(StrEnum):
    """When a model is asked at all."""

    ALWAYS = "always"
    WHEN_UNSURE = "when_unsure"
    """Only where the offline interpreter is not sure that it understood."""


class Endpoint(Frozen):
    """One model of one provider. Prices are in US dollars for a million tokens; None is unknown."""

    provider: str
    model: str = Field(min_length=1, max_length=200)
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=500)
    api_key: SecretStr | None = None
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)

    @field_validator("base_url")
    @classmethod
    def _without_credentials(cls, url: str | None) -> str | None:
        if url is not None and "@" in urlsplit(url).netloc:
            raise ValueError("has a name or password in it; a key goes into api_key")
        return url

    @property
    def name(self) -> str:
        """`provider:model`, as people write it."""
        return f"{self.provider}:{self.model}"

    def shown(self) -> ChainedModel:
        """Without its key; of its address, the host."""
        return ChainedModel(
            name=self.name,
            provider=self.provider,
            model=self.model,
            host=urlsplit(self.base_url).netloc if self.base_url is not None else None,
            price_in=self.price_in,
            price_out=self.price_out,
        )


class ModelSettings(Frozen):
    """One project's models, the first that answers is taken, and the limits that hold for all of them.

    Times are in seconds. `budget` is in US dollars for a calendar month (UTC); None is no limit. It needs prices for
    every endpoint, for without them nobody knows what was spent.
    """

    endpoints: tuple[Endpoint, ...] = Field(min_length=1, max_length=8)
    timeout_seconds: float = Field(default=60.0, gt=0, le=3600)
    first_token_timeout: float = Field(default=20.0, gt=0, le=3600)
    retries: int = Field(default=2, ge=0, le=10)
    budget: float | None = Field(default=None, ge=0)
    max_tokens: int = Field(default=2_000, ge=16, le=200_000)
    use: Use = Use.ALWAYS

    def shown(self) -> ModelChain:
        """What people may know of it."""
        return ModelChain(
            models=tuple(endpoint.shown() for endpoint in self.endpoints),
            **self.model_dump(exclude={"endpoints"}),
        )

    @model_validator(mode="after")
    def _a_budget_needs_prices(self) -> ModelSettings:
        if self.budget is None:
            return self
        for endpoint in self.endpoints:
            if endpoint.price_in is None or endpoint.price_out is None:
                raise ValueError(
                    f"a budget needs price_in and price_out of {endpoint.name}; "
                    "a model of one's own may cost 0"
                )
        return self


# What belongs to one endpoint, and is not inherited by a project that names another provider.
_OWN = ("provider", "model", "base_url", "api_key", "price_in", "price_out")
_PRICES = ("price_in", "price_out")
_LIMITS = ("timeout_seconds", "first_token_timeout", "retries", "budget", "max_tokens", "use")
# `api_key_anthropic` is the key of that provider, wherever it stands in the chain.
_KEY_OF = "api_key_"
_KNOWN = frozenset({*_OWN, *_LIMITS, "fallbacks"})
# How a project says that it wants no model.
_NONE = frozenset({"", "none", "off"})


def model_settings(
    given: Mapping[str, Any], *, source: str, addresses: Mapping[str, str] | None = None
) -> ModelSettings | None:
    """The settings that plain values make; None when they name no provider. `addresses` are where providers are that
    need not be told. Raises InvalidInput naming what is wrong, in `source`, without repeating any value."""
    values = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(n for n in values.keys() - _KNOWN if not n.startswith(_KEY_OF))
    if unknown:
        raise _invalid(source, [f"{name}: is no setting of a model" for name in unknown])
    if _provider(values.get("provider", "")) in _NONE:
        return None
    try:
        endpoints = [_complete(found, addresses or {}) for found in _endpoints(values)]
        limits = {name: values[name] for name in _LIMITS if name in values}
        return ModelSettings.model_validate({"endpoints": endpoints, **limits})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise _invalid(source, [_reason(item["loc"], item["msg"]) for item in found]) from None


def overridden(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A project's values over the installation's. A project with another provider or address inherits the limits, and
    neither key nor price nor fallbacks: they were meant for something else. Another model has another price."""
    left: tuple[str, ...] = _PRICES if "model" in own else ()
    if {"provider", "base_url"} & own.keys():
        left = (*_OWN, "fallbacks")
    return {**{name: value for name, value in base.items() if name not in left}, **own}


def _endpoints(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    first = {name: values[name] for name in _OWN if name in values}
    first["provider"] = _provider(first["provider"])
    first.setdefault("model", "")
    keys = {
        _provider(name.removeprefix(_KEY_OF)): key
        for name, key in values.items()
        if name.startswith(_KEY_OF)
    }
    first.setdefault("api_key", keys.get(first["provider"]))
    given = values.get("fallbacks", ())
    listed = given.split(",") if isinstance(given, str) else list(given)
    texts = [item.strip() if isinstance(item, str) else item for item in listed]
    return [first, *(_fallback(item, first, keys) for item in texts if item)]


def _fallback(
    given: str | Mapping[str, Any], first: Mapping[str, Any], keys: Mapping[str, Any]
) -> dict[str, Any]:
    """An endpoint from `provider:model@base_url` or from a mapping. Unless it brings its own, it has the first one's
    key at the same address of the same provider, and a provider's key at that provider's own address only."""
    found = _written(given) if isinstance(given, str) else dict(given)
    found["provider"] = _provider(found.get("provider", ""))
    if "api_key" in found:
        return found
    if all(found.get(name) == first.get(name) for name in ("provider", "base_url")):
        found["api_key"] = first.get("api_key")
    elif "base_url" not in found:
        found["api_key"] = keys.get(found["provider"])
    return found


def _complete(found: dict[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    """With the address that need not be told. What runs on this machine costs nothing unless somebody says so."""
    url = found.get("base_url") or addresses.get(found["provider"])
    local = url is not None and urlsplit(str(url)).hostname in _HERE
    return {**found, "base_url": url, **{n: found.get(n, 0.0 if local else None) for n in _PRICES}}


_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def _written(text: str) -> dict[str, Any]:
    """A model's name may hold ':' and '/' (`qwen3:8b`), so the provider ends at the first ':', and the address begins
    at an '@' that a URL follows."""
    provider, _, rest = text.partition(":")
    model, at, url = rest.partition("@http")
    return {"provider": provider, "model": model, **({"base_url": f"http{url}"} if at else {})}


def _provider(name: Any) -> str:
    return str(name).strip().casefold().replace("_", "-")


def _reason(place: tuple[int | str, ...], message: str) -> str:
    words = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}: {words}" if place else words


def _invalid(source: str, problems: list[str]) -> InvalidInput:
    return InvalidInput(
        f"The settings of the language model in {source} are not valid: {'; '.join(problems)}",
        hint="mend them and start again",
        details={"errors": problems},
    )
