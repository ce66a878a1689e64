"""What people write about models becomes a chain of endpoints, each with the key that was meant for it."""

from pathlib import Path
from typing import Any

import pytest

from alma.config import load_models
from alma.core.model.errors import InvalidInput
from alma.llm.keys import with_keys
from alma.llm.settings import Endpoint, ModelSettings, Use, model_settings, overridden

CANARY = "sk-canary-5f2c9b71d04e4e1a"
BASE: dict[str, Any] = {"provider": "openai", "model": "gpt", "api_key": CANARY}


def read(**given: Any) -> ModelSettings:
    found = model_settings(given, source="the environment")
    assert found is not None
    return found


def refused(**given: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        model_settings(given, source="the environment")
    assert CANARY not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"
    return caught.value.message


def key(endpoint: Endpoint) -> str | None:
    return endpoint.api_key.get_secret_value() if endpoint.api_key else None


@pytest.mark.parametrize(
    "given", [{}, {"provider": None}, {"provider": "none"}, {"provider": "Off"}]
)
def test_without_a_provider_there_is_no_model(given: dict[str, Any]) -> None:
    assert model_settings(given, source="x") is None


def test_words_of_the_environment_become_values() -> None:
    found = read(
        **BASE,
        timeout_seconds="5",
        retries="0",
        budget="0",
        price_in="1",
        price_out="2",
        use="when_unsure",
    )
    assert (found.timeout_seconds, found.retries, found.budget) == (5.0, 0, 0.0)
    assert found.use is Use.WHEN_UNSURE
    assert found.endpoints[0].name == "openai:gpt"


def test_fallbacks_are_written_as_provider_model_and_address() -> None:
    found = read(
        **BASE,
        api_key_anthropic="k-a",
        fallbacks="anthropic:claude, ollama:qwen3:8b, openai_compatible:org/m@v2@http://gpu:8000/v1, openai:mini",
    )
    assert [(e.name, e.base_url, key(e)) for e in found.endpoints] == [
        ("openai:gpt", None, CANARY),
        ("anthropic:claude", None, "k-a"),
        ("ollama:qwen3:8b", None, None),
        ("openai-compatible:org/m@v2", "http://gpu:8000/v1", None),
        ("openai:mini", None, CANARY),
    ]


@pytest.mark.parametrize(
    "fallback", ["openai:m@http://elsewhere/v1", "anthropic:m@http://elsewhere"]
)
def test_a_key_never_goes_to_an_address_it_was_not_given_for(fallback: str) -> None:
    found = read(**BASE, api_key_openai=CANARY, api_key_anthropic=CANARY, fallbacks=fallback)
    assert key(found.endpoints[1]) is None


def test_a_fallback_may_be_a_mapping_with_a_key_of_its_own() -> None:
    found = read(**BASE, fallbacks=[{"provider": "gemini", "model": "g", "api_key": "k-g"}])
    assert key(found.endpoints[1]) == "k-g"


def test_what_runs_here_costs_nothing_unless_somebody_says_so() -> None:
    here = {"provider": "openai-compatible", "model": "m", "base_url": "http://localhost:8080/v1"}
    assert (read(**here).endpoints[0].price_in, read(**here).endpoints[0].price_out) == (0.0, 0.0)
    assert read(**here, price_in=1).endpoints[0].price_in == 1.0
    assert read(**{**here, "base_url": "http://gpu:8080/v1"}).endpoints[0].price_in is None


def test_a_budget_needs_to_know_prices() -> None:
    assert "a budget needs price_in and price_out of openai:gpt" in refused(**BASE, budget=5)
    assert read(**BASE, budget=5, price_in=1, price_out=2).budget == 5.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": ""}, "endpoints.0.model"),
        ({"base_url": "ftp://x"}, "endpoints.0.base_url"),
        ({"base_url": f"http://me:{CANARY}@host/v1"}, "a key goes into api_key"),
        ({"timeout_seconds": "soon"}, "timeout_seconds"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"use": "sometimes"}, "use"),
        ({"temperature": 1}, "temperature: is no setting of a model"),
        ({"fallbacks": [{"provider": "openai", "model": "m", "key": CANARY}]}, "endpoints.1.key"),
        ({"api_key": [CANARY]}, "endpoints.0.api_key"),
        ({"price_in": CANARY}, "endpoints.0.price_in"),
    ],
)
def test_a_mistake_is_named_without_the_value(given: dict[str, Any], words: str) -> None:
    assert words in refused(**{**BASE, **given})


def test_keys_show_in_no_text_of_settings() -> None:
    found = read(**BASE, fallbacks="openai:mini")
    assert CANARY not in repr(found) + str(found) + found.model_dump_json()


def test_a_project_may_change_one_thing_and_keep_the_rest() -> None:
    found = overridden({**BASE, "budget": 5, "price_in": 1}, {"budget": 7})
    assert found == {**BASE, "budget": 7, "price_in": 1}


def test_another_model_has_another_price() -> None:
    found = overridden({**BASE, "price_in": 1, "price_out": 2}, {"model": "mini"})
    assert found == {**BASE, "model": "mini"}


@pytest.mark.parametrize("own", [{"provider": "anthropic"}, {"base_url": "http://elsewhere"}])
def test_another_provider_or_address_inherits_no_key(own: dict[str, Any]) -> None:
    base = {**BASE, "price_in": 1, "fallbacks": "ollama:m", "retries": 4}
    assert overridden(base, own) == {"retries": 4, **own}


def test_keys_are_fetched_from_where_they_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{CANARY}\n")
    (tmp_path / "key").chmod(0o600)
    given = {"api_key_env": "A", "fallbacks": [{"api_key_file": "key"}, "ollama:m"]}
    found = with_keys(given, folder=tmp_path, variable={"A": "k-a"}.get)
    assert found == {"api_key": "k-a", "fallbacks": [{"api_key": CANARY}, "ollama:m"]}


@pytest.mark.parametrize("given", [{"api_key_env": "NOT_SET"}, {"api_key_file": "missing"}])
def test_a_key_that_is_not_there_is_named(given: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"NOT_SET|missing"):
        with_keys(given, folder=tmp_path, variable=lambda name: None)


def test_a_key_that_others_can_read_is_pointed_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "key").write_text(CANARY)
    (tmp_path / "key").chmod(0o644)
    with_keys({"api_key_file": "key"}, folder=tmp_path, variable=lambda name: None)
    assert "chmod 600" in caplog.text
    assert CANARY not in caplog.text


def test_the_file_has_a_section_for_each_project(tmp_path: Path) -> None:
    assert load_models(tmp_path) == {}
    (tmp_path / "models.yaml").write_text("projects:\n  shop:\n    model: mini\n    budget: 20\n")
    assert load_models(tmp_path) == {"shop": {"model": "mini", "budget": 20}}


@pytest.mark.parametrize(
    "text", ["- a", "projects: [a]", "projects: {a: 1}", "models: {}", "a: [", "{"]
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=r"models\.yaml"):
        load_models(tmp_path)
