"""One cluster in four messages, each of which adds a requirement: what is drafted at the end keeps all of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import API, Server

CHAT = f"{API}/conversation/chat"
FIRST = "I need a Kubernetes cluster"
ROUNDS = (
    "Make it highly available with 5 nodes",
    "Keep monthly cost under $800",
    "Add network policies and pod security standards",
)


def say(server: Server, message: str, conversation: str | None) -> Any:
    context = {} if conversation is None else {"context": {"conversation_id": conversation}}
    answer = server.http.post(CHAT, json={"message": message, **context})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("known", [True, False], ids=["id-of-round-one", "id-of-ones-own"])
def test_a_cluster_that_is_available_within_budget_and_carries_policies(
    server: Server, known: bool
) -> None:
    first = say(server, FIRST, None)
    conversation = first["conversation_id"] if known else "a-cluster-of-ones-own"
    answers = [say(server, message, conversation) for message in ROUNDS]
    answer = answers[-1]
    assert [each["question"] for each in answers] == [None] * 3
    assert [each["unused"] for each in answers] == [[]] * 3

    assert answer["blueprint_id"] == first["blueprint_id"]
    (cluster,) = answer["blueprint"]["resources"]
    assert cluster["type"] == "kubernetes_cluster"
    assert cluster["specs"]["nodes"] == 5
    assert cluster["specs"]["control_plane"] == 3
    assert cluster["policies"] == {"network": "default-deny", "pod_security": "baseline"}
    assert answer["blueprint"]["constraints"]["max_monthly_cost"] == 800
    assert 0 < answer["cost"]["monthly"] <= 800

    saved = server.post("/blueprints/validate", answer["blueprint"], status=200)
    assert saved["valid"] is True
    plan = server.post(f"/blueprints/{answer['blueprint_id']}/plan", {}, status=200)
    assert plan["blocked"] is False


def test_a_fifth_node_too_many_is_refused_with_the_figures_and_the_nearest_that_fits(
    server: Server,
) -> None:
    conversation = say(server, "a kubernetes cluster with 5 nodes", None)["conversation_id"]
    before = say(server, "Keep monthly cost under $400", conversation)
    assert before["cost"]["within_limit"] is True

    answer = say(server, "scale it to 40 nodes", conversation)

    assert answer["blueprint"] == before["blueprint"]
    assert answer["cost"]["within_limit"] is False
    assert answer["cost"]["monthly"] > 400
    assert f"${answer['cost']['monthly']:,.0f}" in answer["response"]
    assert "$400" in answer["response"]
