"""What people may know of the language models that a project asks: which, in what order, within what limits.

No key is part of it, and of an address only the host: paths and queries of gateways may hold more.
"""

from __future__ import annotations

from pydantic import Field

from alma.core.model.base import Frozen


class ChainedModel(Frozen):
    """One model of one provider. Prices are US dollars for a million tokens; null is unknown."""

    name: str = Field(description="`provider:model`, as it stands in answers and figures.")
    provider: str
    model: str
    host: str | None = Field(description="Where it is asked; null is the provider's own address.")
    price_in: float | None = Field(description="What it takes to read, in US dollars.")
    price_out: float | None = Field(description="What it takes to write, in US dollars.")


class ModelChain(Frozen):
    """A project's models: the first is asked, and each other one when those before it fail. Times are in seconds."""

    models: tuple[ChainedModel, ...] = Field(min_length=1)
    use: str = Field(
        description="`when_unsure` asks only where the offline interpreter is not sure."
    )
    timeout_seconds: float = Field(description="For an answer in all, with repeats and fallbacks.")
    first_token_timeout: float = Field(description="How long a model may be silent.")
    retries: int = Field(description="How often one model is asked again.")
    max_tokens: int = Field(description="The longest answer.")
    budget: float | None = Field(description="US dollars a calendar month (UTC); null is no limit.")
