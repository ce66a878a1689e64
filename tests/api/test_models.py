"""What a running server tells of its language models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alma.core.model.dialogue import Usage
from alma.db.usage_ledger import UsageLedger
from tests.api.server import API, Server, serve

KEY = "sk-canary-7d1e0a4c55b24f90"


def test_without_a_model_there_is_no_chain_and_nothing_was_spent(server: Server) -> None:
    found = server.get("/models")
    assert found["chain"] is None
    assert found["spent"] == 0
    assert found["month"] == f"{datetime.now(UTC):%Y-%m}"


def test_models_are_told_in_their_order_with_budget_and_spending_and_never_a_key(
    tmp_path: Path,
) -> None:
    chain = {
        "provider": "openai-compatible",
        "model": "large",
        "base_url": "http://127.0.0.1:1/v1",
        "api_key": KEY,
        "price_in": "3",
        "price_out": "15",
        "budget": "20",
        "fallbacks": "ollama:small",
        "use": "when_unsure",
    }
    with serve(tmp_path, llm=chain) as server:
        ledger = UsageLedger(server.app.state.alma.database)
        month = f"{datetime.now(UTC):%Y-%m}"
        ledger.record("default", month, model="large", usage=Usage(cost=1.25))
        ledger.record("other", month, model="large", usage=Usage(cost=7.0))
        answer = server.http.get(f"{API}/models")
    assert answer.status_code == 200
    assert KEY not in answer.text
    found = answer.json()
    told = [(each["name"], each["host"]) for each in found["chain"]["models"]]
    assert told == [
        ("openai-compatible:large", "127.0.0.1:1"),
        ("ollama:small", "127.0.0.1:11434"),
    ]
    assert found["chain"]["use"] == "when_unsure"
    assert (found["chain"]["budget"], found["spent"]) == (20.0, 1.25)
