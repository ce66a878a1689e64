"""The models that settings name are wired, nothing is imported too early, and each project gets its own."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.model.errors import InvalidInput
from alma.llm import PROVIDERS, Entry, Models, Surroundings, build_models
from alma.llm.metered import ModelMeter
from alma.llm.settings import Endpoint, Use
from tests.unit.llm.asking import Clock, Ledger, ask, failed, replied

KEY = "sk-canary-5f2c9b71d04e4e1a"
OPENAI: dict[str, Any] = {"provider": "openai", "model": "gpt", "api_key": KEY}
HERE = "tests.unit.llm.providing"


def surroundings(table: Mapping[str, Entry] = PROVIDERS, **more: Any) -> Surroundings:
    return Surroundings(clock=Clock(), ledger=Ledger(), table=table, **more)


def built(given: Mapping[str, Any], around: Surroundings | None = None, **more: Any) -> Models:
    models = build_models(given, around or surroundings(), **more)
    assert models is not None
    return models


def test_without_settings_there_is_no_model() -> None:
    assert build_models({}, surroundings()) is None
    assert build_models({"timeout_seconds": "5"}, surroundings()) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"provider": "watson", "model": "m"}, "Unknown provider of language models 'watson'"),
        ({"provider": "openai", "model": "m"}, "openai:m has no key"),
        ({"provider": "openai-compatible", "model": "m"}, "has no address"),
        ({**OPENAI, "fallbacks": "anthropic:m"}, "anthropic:m has no key"),
    ],
)
def test_what_is_missing_is_said_at_the_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        build_models(given, surroundings())


def test_a_project_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidInput, match="in project 'shop' are not valid: retries"):
        build_models(OPENAI, surroundings(), projects={"shop": {"retries": 99}})


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_provider_opens(provider: str) -> None:
    from alma.llm.entries import load

    entry = PROVIDERS[provider]
    url = "http://127.0.0.1:1/v1" if entry.needs_url else entry.default_url
    endpoint = Endpoint.model_validate(
        {"provider": provider, "model": "m", "base_url": url, "api_key": KEY}
    )
    assert load(provider, entry)(endpoint, silence=1.0).name == f"{provider}:m"


def test_building_imports_no_sdk() -> None:
    """The command line and the server's start must not pay for it."""
    code = (
        "import sys; from alma.llm import *; from tests.unit.llm.asking import Clock, Ledger;"
        f"build_models({OPENAI!r}, Surroundings(clock=Clock(), ledger=Ledger()));"
        "print([n for n in ('pydantic_ai', 'openai', 'anthropic', 'google.genai', 'httpx2') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_missing_sdk_names_the_extra() -> None:
    table = {"openai": Entry("alma.llm.no_such_module:made")}
    error = await failed(built(OPENAI, surroundings(table)))
    assert error.hint == 'install what it needs: pip install "alma[llm]"'
    assert not error.retryable
    health = await built(OPENAI, surroundings(table)).check()
    assert not health.available


@pytest.fixture(name="table")
def table_of_test_providers() -> Mapping[str, Entry]:
    return {
        "good": Entry(f"{HERE}:good", needs_key=False),
        "bad": Entry(f"{HERE}:bad", needs_key=False),
    }


async def test_each_project_is_answered_by_its_own_model(table: Mapping[str, Entry]) -> None:
    projects = {"shop": {"model": "own", "use": "when_unsure"}, "quiet": {"provider": "none"}}
    models = built({"provider": "good", "model": "all"}, surroundings(table), projects=projects)
    assert (await replied(models, ask(project="shop"))).model == "good:own"
    assert (await replied(models, ask(project="any"))).model == "good:all"
    assert "has no language model" in (await failed(models, ask(project="quiet"))).message
    uses = [models.use(name) for name in ("shop", "any", "quiet")]
    assert uses == [Use.WHEN_UNSURE, Use.ALWAYS, None]


async def test_a_project_may_have_a_model_where_nobody_else_has(table: Mapping[str, Entry]) -> None:
    projects = {"shop": {"provider": "good", "model": "own"}}
    models = built({}, surroundings(table), projects=projects)
    assert (await replied(models, ask(project="shop"))).model == "good:own"
    assert models.use("other") is None


async def test_everything_is_wired_around_each_model(table: Mapping[str, Entry]) -> None:
    meter, ledger = ModelMeter(), Ledger()
    around = Surroundings(
        clock=Clock(), ledger=ledger, counts=meter, table=table, secrets=lambda: ["my-canary"]
    )
    given = {
        "provider": "bad",
        "model": "a",
        "retries": "0",
        "fallbacks": [{"provider": "good", "model": "b", "price_in": 100, "price_out": 100}],
        "price_in": 1,
        "price_out": 1,
        "budget": "0.001",
        "max_tokens": "99",
    }
    models = built(given, around)
    reply = await replied(models, ask("say my-canary"))
    assert reply.document == {"heard": "say [redacted]", "max_tokens": 99}
    assert reply.usage.cost == pytest.approx(0.0015)
    assert meter.snapshot().requests == {("interpret", "server"): 1, ("interpret", "success"): 1}
    assert "has spent its budget" in (await failed(models)).message


async def test_the_keys_of_models_are_secrets_too(table: Mapping[str, Entry]) -> None:
    models = built({"provider": "good", "model": "m", "api_key": "odd+key/1"}, surroundings(table))
    assert "odd+key" not in str((await replied(models, ask("is it odd+key/1?"))).document)
    assert "odd+key" not in repr(models)


def test_what_people_may_know_of_a_chain_has_neither_key_nor_address_beyond_the_host() -> None:
    fallback = {
        "provider": "openai-compatible",
        "model": "qwen3:8b",
        "base_url": f"http://gpu-1:8000/{KEY}/v1?key={KEY}",
        "price_in": 0,
        "price_out": 0,
    }
    given = {**OPENAI, "price_in": 2, "price_out": 8, "budget": 20, "fallbacks": [fallback]}
    models = built(given, projects={"lab": {"provider": "none"}, "shop": {"budget": 5}})
    chain = models.chain("default")
    assert chain is not None
    assert [(found.name, found.host, found.price_in) for found in chain.models] == [
        ("openai:gpt", None, 2.0),
        ("openai-compatible:qwen3:8b", "gpu-1:8000", 0.0),
    ]
    assert (chain.budget, chain.use) == (20.0, Use.ALWAYS.value)
    assert KEY not in chain.model_dump_json()
    assert models.chain("lab") is None
    shops = models.chain("shop")
    assert shops is not None
    assert shops.budget == 5.0
