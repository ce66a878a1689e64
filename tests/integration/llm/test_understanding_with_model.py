"""Cases of understanding that a language model reads, too: a scripted server on this machine stands for it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import InvalidInput
from alma.settings import Settings
from benchmarks.understanding import main
from benchmarks.understanding_model import chosen_model
from tests.integration.llm.conftest import KEY
from tests.integration.llm.provider import Provider

DATABASE = {"op": "add", "name": "orders-db", "type": "database", "software": "postgresql"}
WITH_DATABASE = {"say": "I added a database for the orders.", "edits": [DATABASE]}
GERMAN = "Kundenbestellungen sollen irgendwo sicher liegen, am liebsten in Postgres"
"""Without a model, ALMA reads English only."""
GERMAN_CASE = {
    "id": "german",
    "say": GERMAN,
    "expect": {"intent": "create", "counts": {"database": 1}, "says": ["for the orders"]},
}


@pytest.fixture(autouse=True)
def _nothing_else_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings().llm:
        monkeypatch.delenv(f"ALMA_LLM_{name.upper()}")
    monkeypatch.setenv("ALMA_HOME", str(tmp_path / "home"))


@pytest.fixture(name="configured")
def provider_in_the_environment(monkeypatch: pytest.MonkeyPatch, endpoint: Provider) -> Provider:
    configure(
        monkeypatch,
        provider="openai-compatible",
        model="another",
        base_url=endpoint.url,
        api_key=KEY,
        retries="0",
    )
    return endpoint


def configure(monkeypatch: pytest.MonkeyPatch, **llm: str) -> None:
    for name, value in llm.items():
        monkeypatch.setenv(f"ALMA_LLM_{name.upper()}", value)


def written(folder: Path, *cases: dict[str, Any]) -> Path:
    file = folder / "cases.yaml"
    file.write_text(json.dumps(cases))  # which is YAML, too
    return file


async def report(capsys: pytest.CaptureFixture[str], file: Path, model: str) -> dict[str, Any]:
    """The benchmark has an event loop of its own, so it runs beside the server's."""
    arguments = ["--cases", str(file), "--json", "--model", model]
    assert await asyncio.to_thread(main, arguments) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


async def test_the_model_reads_as_in_a_conversation_and_who_read_what_is_counted(
    configured: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured.says(json.dumps(WITH_DATABASE))
    configured.refuses(400, {"error": {"message": "not today"}})
    start = {"name": "shop", "resources": [{"type": "server", "name": "web 1"}]}
    file = written(
        tmp_path,
        GERMAN_CASE,
        {
            "id": "alone",
            "say": "add a redis cache",
            "start": start,
            "expect": {"counts": {"cache": 1}},
        },
        {"id": "deed", "say": "deploy it", "start": start, "expect": {"intent": "deploy"}},
        {"id": "silence", "say": "", "expect": {"counts": {"vm": 0}}},
    )

    found = await report(capsys, file, "qwen3:8b")

    assert found["misses"] == []
    assert (found["total"], found["passed"]) == (4, 4)
    counted = found["model"]
    (reason,) = counted.pop("reasons").items()
    assert counted == {
        "name": "openai-compatible:qwen3:8b",
        "messages": 4,
        "answered": 1,
        "fell_back": 1,
        "not_asked": 2,
    }
    assert reason[0].startswith("the language model can't be used")
    assert reason[1] == 1
    assert [request.body["model"] for request in configured.requests] == ["qwen3:8b", "qwen3:8b"]
    assert configured.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert not (tmp_path / "home").exists()


async def test_a_later_message_is_read_after_the_earlier_ones_and_a_yes_takes_the_models_offer(
    configured: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer = {"op": "add", "name": "sessions", "type": "cache", "software": "redis"}
    configured.says(json.dumps(WITH_DATABASE | {"edits": [DATABASE, offer]}))
    configured.says(json.dumps({"say": "Done.", "edits": []}))
    case = GERMAN_CASE | {"say": [GERMAN, "yes"], "expect": {"counts": {"cache": 1}}}

    found = await report(capsys, written(tmp_path, case), "m")

    assert found["misses"] == []
    assert GERMAN in json.dumps(configured.requests[1].body)


async def test_the_report_for_people_says_who_answered(
    configured: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured.says(json.dumps(WITH_DATABASE))
    arguments = ["--cases", str(written(tmp_path, GERMAN_CASE)), "--model", "openai-compatible:m"]

    assert await asyncio.to_thread(main, arguments) == 0

    told = capsys.readouterr().out
    assert "1 of 1 cases passed" in told
    assert "openai-compatible:m answered 1 of 1 messages; 0 fell back" in told


def test_without_a_provider_it_says_what_to_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--cases", str(written(tmp_path, GERMAN_CASE)), "--model", "qwen3:8b"])

    assert left.value.code == 2
    told = capsys.readouterr().err
    assert "no language model is configured, so 'qwen3:8b' can't be asked" in told
    assert "ALMA_LLM_PROVIDER" in told


def test_a_provider_that_lacks_something_is_told_with_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--cases", str(written(tmp_path, GERMAN_CASE)), "--model", "anthropic:claude"])

    assert "anthropic:claude has no key" in capsys.readouterr().err


def test_the_named_model_alone_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {"provider": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": KEY}
    configure(monkeypatch, **mine, model="m", price_in="1", fallbacks="ollama:qwen3:8b")

    assert chosen_model("m", Settings()) == {**mine, "model": "m", "price_in": "1"}
    assert chosen_model("other", Settings()) == {**mine, "model": "other"}
    assert chosen_model("OpenAI_compatible:x", Settings()) == {**mine, "model": "x"}


def test_another_provider_than_the_configured_one_gets_neither_its_key_nor_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure(monkeypatch, provider="openai-compatible", base_url="http://127.0.0.1:9/v1")
    configure(monkeypatch, api_key_env="MINE", model="m", timeout_seconds="9", api_key_openai="k")
    monkeypatch.setenv("MINE", KEY)

    assert chosen_model("openai:gpt", Settings()) == {
        "provider": "openai",
        "model": "gpt",
        "timeout_seconds": "9",
        "api_key_openai": "k",
    }


def test_the_default_projects_own_section_counts_as_configured(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True)
    (folder / "models.yaml").write_text("projects: {default: {provider: ollama, model: m}}")

    assert chosen_model("qwen3:8b", Settings()) == {"provider": "ollama", "model": "qwen3:8b"}

    (folder / "models.yaml").write_text("projects: {default: {provider: none}}")
    with pytest.raises(InvalidInput, match="no language model is configured"):
        chosen_model("qwen3:8b", Settings())
