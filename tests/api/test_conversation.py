"""Conversations over HTTP: words become a draft that can be planned at once, and nothing runs from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import API, WORDS, Server, good

CHAT = f"{API}/conversation/chat"


def say(server: Server, message: str, conversation: str | None = None) -> Any:
    body: dict[str, Any] = {"message": message}
    if conversation is not None:
        body["context"] = {"conversation_id": conversation}
    answer = server.http.post(CHAT, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(answer: Any) -> list[str]:
    return [resource["name"] for resource in answer["blueprint"]["resources"]]


def test_words_become_a_blueprint_that_is_saved(server: Server) -> None:
    answer = say(server, WORDS)

    assert answer["blueprint"]["name"] == "simple-web-app"
    assert names(answer) == ["web-1", "web-2", "db-1", "lb-1"]
    assert answer["changed"] is True
    saved = server.get(f"/blueprints/{answer['blueprint_id']}")
    assert saved["resources"] == answer["blueprint"]["resources"]
    assert saved["origins"] == answer["origins"]
    assert saved["origins"]["resources.db-1.type"] == "words"


def test_the_answer_says_what_to_do_next_with_the_id_to_do_it_with(server: Server) -> None:
    answer = say(server, WORDS)

    first = answer["suggested_actions"][0]
    assert "/api/v1/iprs" in first
    assert f'"blueprint_id": {answer["blueprint_id"]}' in first
    ipr = server.post("/iprs", {"title": "as told", "blueprint_id": answer["blueprint_id"]})
    assert set(names(answer)) <= set(ipr["changes_summary"]["added"])


def test_the_engine_it_will_land_on_is_told(server: Server) -> None:
    assert "simulation" in say(server, WORDS)["response"]
    assert say(server, f"{WORDS} on docker")["engine"] == "docker"


def test_an_engine_beside_the_words_counts_as_said(server: Server) -> None:
    body = {"message": WORDS, "context": {"engine": "docker"}}
    answer = server.http.post(CHAT, json=body).json()
    assert answer["blueprint"]["engine"] == "docker"
    assert answer["origins"]["engine"] == "words"
    assert "It would land on Docker" in answer["response"]


def test_an_alpine_lxc_is_a_container_on_proxmox(server: Server) -> None:
    answer = say(server, "Deploy an Alpine LXC named web-01")

    [container] = answer["blueprint"]["resources"]
    assert (container["name"], container["type"]) == ("web-01", "container")
    assert container["image"].startswith("alpine")
    assert "Proxmox" in answer["response"]


def test_an_engine_that_is_not_here_is_told_and_can_still_be_deployed(server: Server) -> None:
    answer = say(server, "2 web servers on kubernetes")

    assert "not available" in answer["response"]
    assert "simulation" in answer["response"]
    assert answer["engine"] == "simulation"
    ipr = server.post("/iprs", {"title": "it lands", "blueprint_id": answer["blueprint_id"]})
    assert ipr["engine"] == "simulation"


def test_a_wish_to_deploy_opens_a_request_and_deploys_nothing(server: Server) -> None:
    say(server, WORDS, "deploy-me")
    before = server.get("/deployments")["total"]

    answer = say(server, "deploy it", "deploy-me")

    ipr = server.get(f"/iprs/{answer['ipr_id']}")
    assert (ipr["status"], ipr["plan_digest"]) == ("pending", answer["plan_digest"])
    assert answer["links"]["ipr"] == f"/api/v1/iprs/{ipr['id']}"
    assert "/api/v1/" not in answer["response"]
    assert answer["changed"] is False
    assert answer["deployment_id"] is None
    assert server.get("/deployments")["total"] == before


def test_a_request_is_decided_with_the_call_that_is_suggested(server: Server) -> None:
    say(server, WORDS, "as-suggested")
    asked = say(server, "deploy it", "as-suggested")

    words, _, call = asked["suggested_actions"][0].partition(": POST ")
    url, _, body = call.partition(" ")
    reviewed = server.http.post(url, content=body)

    assert words == "Approve it"
    assert reviewed.json()["status"] == "approved"
    assert say(server, "deploy it", "as-suggested")["deployment_id"]


def test_a_request_is_approved_and_deployed_by_saying_so(server: Server) -> None:
    say(server, "a redis cache", "by-words")
    asked = say(server, "deploy it", "by-words")
    approved = say(server, "approve it", "by-words")
    deploying = say(server, "deploy it", "by-words")

    assert approved["ipr_id"] == deploying["ipr_id"] == asked["ipr_id"]
    assert approved["suggested_actions"] == [
        f"Deploy it: POST /api/v1/iprs/{asked['ipr_id']}/deploy"
    ]
    assert deploying["links"]["deployment"] == f"/api/v1/deployments/{deploying['deployment_id']}"
    assert server.ended(deploying["deployment_id"])["status"] == "succeeded"


def test_without_a_draft_nothing_is_suggested_that_needs_one(server: Server) -> None:
    assert say(server, "deploy it")["suggested_actions"] == [
        "Create a simple web application",
        "List the templates",
    ]


def test_an_id_that_is_not_known_yet_starts_a_conversation_under_it(server: Server) -> None:
    first = say(server, WORDS, "my-own.id:1")
    second = say(server, "add a redis cache", "my-own.id:1")

    assert first["conversation_id"] == second["conversation_id"] == "my-own.id:1"
    assert second["blueprint_id"] == first["blueprint_id"]
    assert (first["revision"], second["revision"]) == (1, 2)
    assert names(second) == [*names(first), "cache-1"]


def test_without_an_id_every_message_starts_a_conversation(server: Server) -> None:
    ids = {say(server, "hello")["conversation_id"] for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.parametrize("id_", ["", "a b", "../etc", "-x", "x" * 129, "ä"])
def test_an_id_that_is_none_is_an_error(server: Server, id_: str) -> None:
    answer = server.http.post(CHAT, json={"message": "hi", "context": {"conversation_id": id_}})

    assert answer.status_code == 422


@pytest.mark.parametrize("message", ["", "   ", "x" * 8001])
def test_a_message_that_can_not_be_read_is_an_error(server: Server, message: str) -> None:
    assert server.http.post(CHAT, json={"message": message}).status_code == 422


def test_a_refinement_needs_no_content_type(server: Server) -> None:
    server.curl(
        "curl -X POST http://localhost:8000/api/v1/conversation/chat \\\n"
        '-d \'{"message": "I need a Kubernetes cluster", "context": {"conversation_id": "k"}}\''
    )
    answer = server.curl(
        "curl -X POST http://localhost:8000/api/v1/conversation/chat -d '{\n"
        '  "message": "Make it highly available with 5 nodes",\n'
        '  "context": {"conversation_id": "k"}\n}\''
    )

    assert answer.status_code == 200
    [cluster] = answer.json()["blueprint"]["resources"]
    assert cluster["specs"]["nodes"] == 5


def test_what_somebody_changed_by_hand_meanwhile_is_kept(server: Server) -> None:
    first = say(server, WORDS, "by-hand")
    by_hand = first["blueprint"] | {"description": "mended by hand"}
    server.http.put(f"{API}/blueprints/{first['blueprint_id']}", json=by_hand)

    answer = say(server, "add a redis cache", "by-hand")

    assert answer["blueprint"]["description"] == "mended by hand"
    assert "cache-1" in names(answer)
    assert answer["revision"] == 3


def test_a_draft_deleted_meanwhile_is_saved_anew(server: Server) -> None:
    first = say(server, WORDS, "deleted")
    server.http.delete(f"{API}/blueprints/{first['blueprint_id']}")

    answer = say(server, "add a redis cache", "deleted")

    assert answer["blueprint_id"] != first["blueprint_id"]
    assert "web-1" in names(answer)


def test_undoing_twice_goes_back_twice(server: Server) -> None:
    first = say(server, WORDS, "undo")
    second = say(server, "add a redis cache", "undo")
    say(server, "add a rabbitmq queue", "undo")

    once = say(server, "undo", "undo")
    twice = say(server, "undo", "undo")
    thrice = say(server, "undo", "undo")

    assert names(once) == names(second)
    assert names(twice) == names(first)
    assert names(thrice) == names(first)
    assert thrice["changed"] is False


def test_questions_about_the_state_are_answered_from_it(server: Server) -> None:
    deployment = server.deployed(
        {"name": "asked-for", "resources": [{"name": "web", "type": "vm", "engine": "nginx"}]}
    )
    waiting = server.post("/iprs", {"title": "w", "blueprint_id": deployment["blueprint_id"]})

    assert "asked-for" in say(server, "status")["response"]
    assert "asked-for" in say(server, "list my blueprints")["response"]
    assert "ha-web-app" in say(server, "list the templates")["response"]
    told = say(server, f"show me request {waiting['id']}")
    assert str(waiting["id"]) in told["response"]
    assert told["links"]["iprs"] == "/api/v1/iprs"


def test_what_was_not_understood_is_asked_and_changes_nothing(server: Server) -> None:
    answer = say(server, "zzyzx the frobnicator", "not-understood")

    assert answer["blueprint"] is None
    assert answer["blueprint_id"] is None
    assert answer["question"]
    assert "frobnicator" in answer["unused"]


def test_a_conversation_can_be_read_again(server: Server) -> None:
    said = say(server, WORDS, "read-again")
    say(server, "add a redis cache", "read-again")

    found = server.get("/conversation/read-again")
    listed = server.get("/conversation?limit=1")

    assert [turn["message"] for turn in found["turns"]] == [WORDS, "add a redis cache"]
    assert found["turns"][0]["blueprint"] == said["blueprint"]
    assert found["turns"][0]["cost"] == said["cost"]
    assert (found["turns"][0]["id"], found["turns"][0]["state"]) == (said["turn_id"], "answered")
    assert listed["items"][0]["id"] == "read-again"
    assert listed["items"][0]["turns"] == 2
    assert listed["total"] >= 1


def test_a_turn_of_the_history_says_what_its_answer_said(server: Server) -> None:
    said = [say(server, words, "says-again") for words in (WORDS, "frobnicate it", "deploy it")]

    turns = server.get("/conversation/says-again")["turns"]

    for answer, turn in zip(said, turns, strict=True):
        for field in (
            "understood", "assumptions", "question", "unused", "opinions", "warnings", "suggested_actions"
        ):  # fmt: skip
            assert turn[field] == answer[field], field


def test_a_turn_of_the_history_names_what_came_of_it(server: Server) -> None:
    say(server, WORDS, "came-of-it")
    asked = say(server, "deploy it", "came-of-it")

    turn = server.get("/conversation/came-of-it")["turns"][1]

    assert (turn["ipr_id"], turn["plan_digest"]) == (asked["ipr_id"], asked["plan_digest"])
    assert turn["links"]["ipr"] == asked["links"]["ipr"]
    events = server.http.get(turn["links"]["events"])
    assert '"complete"' in events.text


def test_a_conversation_that_is_not_there_is_not_found(server: Server) -> None:
    for method, path in (
        ("GET", "never-was"),
        ("GET", "never-was/graph"),
        ("PATCH", "never-was"),
        ("DELETE", "never-was"),
    ):
        answer = server.http.request(method, f"{API}/conversation/{path}", json={"title": "t"})
        assert answer.status_code == 404, (method, path)


def test_a_conversation_gets_another_title(server: Server) -> None:
    say(server, WORDS, "titled")

    renamed = server.http.patch(f"{API}/conversation/titled", json={"title": "  The web  shop "})

    assert renamed.json()["title"] == "The web shop"
    listed = {item["id"]: item for item in server.get("/conversation")["items"]}
    assert listed["titled"]["title"] == "The web shop"
    assert server.get("/conversation/titled")["title"] == "The web shop"
    for title in ("", " ", "x" * 201):
        answer = server.http.patch(f"{API}/conversation/titled", json={"title": title})
        assert answer.status_code == 422


def test_a_conversation_is_forgotten_and_its_blueprint_stays(server: Server) -> None:
    said = say(server, WORDS, "forgotten")

    answer = server.http.delete(f"{API}/conversation/forgotten/")

    assert answer.status_code == 204
    assert server.http.get(f"{API}/conversation/forgotten").status_code == 404
    assert server.get(f"/blueprints/{said['blueprint_id']}")["name"] == "simple-web-app"


def test_the_list_has_pages(server: Server) -> None:
    for number in range(3):
        say(server, "hello", f"page-{number}")

    page = server.get("/conversation?skip=1&limit=1")

    assert [item["id"] for item in page["items"]] == ["page-1"]
    assert page["total"] >= 3


def test_limits_beside_the_words_count_as_said_and_hold_from_then_on(server: Server) -> None:
    context = {
        "conversation_id": "limited",
        "constraints": {"max_cost": 200, "region": "eu-central"},
        "user": "of the caller's own",
    }
    first = good(server.http.post(CHAT, json={"message": WORDS, "context": context}))
    later = say(server, "give web-1 512GB of memory", "limited")

    assert first["blueprint"]["constraints"] == {"max_monthly_cost": 200, "region": "eu-central"}
    assert first["cost"]["limit"] == 200
    assert first["cost"]["within_limit"] is True
    assert later["blueprint"]["constraints"] == first["blueprint"]["constraints"]
    assert "$200" in later["response"]


def test_the_drawing_shows_where_a_conversation_stands(server: Server) -> None:
    say(server, "a redis cache", "drawn")
    drafted = server.get("/conversation/drawn/graph")
    asked = say(server, "deploy it", "drawn")
    waiting = server.get("/conversation/drawn/graph")
    say(server, "approve it", "drawn")
    approved = server.get("/conversation/drawn/graph")
    server.ended(say(server, "deploy it", "drawn")["deployment_id"])
    over = server.get("/conversation/drawn/graph")

    assert [one["stands"] for one in (drafted, waiting, approved, over)] == [
        "draft",
        "approval",
        "deploy",
        "conclude",
    ]
    assert waiting["ipr_id"] == asked["ipr_id"]
    assert "class approval here" in waiting["mermaid"]
    assert over["links"]["deployment"] == f"/api/v1/deployments/{over['deployment_id']}"


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/json"),
        ("", "text/html, */*", "application/json"),
        ("", "application/json, text/plain, */*", "application/json"),
        ("", "text/plain", "text/plain"),
        ("", "text/vnd.mermaid", "text/vnd.mermaid"),
        ("?format=mermaid", "application/json", "text/vnd.mermaid"),
        ("?format=json", "text/plain", "application/json"),
    ],
)
def test_a_drawing_comes_as_it_is_asked_for(
    server: Server, query: str, accept: str, kind: str
) -> None:
    say(server, "hello", "as-asked")

    answer = server.http.get(
        f"{API}/conversation/as-asked/graph{query}", headers={"Accept": accept}
    )

    assert answer.headers["content-type"].split(";")[0] == kind
    plain = answer.text if kind != "application/json" else answer.json()["mermaid"]
    assert plain.startswith("flowchart")


def test_a_blueprint_is_generated_without_a_conversation_or_a_trace(server: Server) -> None:
    before = server.get("/blueprints")["total"], server.get("/conversation")["total"]

    answer = server.post(
        "/blueprints/generate-blueprint",
        {
            "description": "Highly available e-commerce platform",
            "constraints": {"max_cost": 1000, "region": "us-east-1"},
        },
        status=200,
    )

    assert answer["blueprint"]["constraints"] == {"max_monthly_cost": 1000, "region": "us-east-1"}
    assert len(answer["blueprint"]["resources"]) > 4
    assert (server.get("/blueprints")["total"], server.get("/conversation")["total"]) == before
    assert server.post("/blueprints", answer["blueprint"])["revision"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"description": ""},
        {"description": "zzyzx the frobnicator"},
        {"description": WORDS, "constraints": {"max_cost": -1}},
        {"description": WORDS, "constraints": {"max_cots": 1}},
        {},
    ],
)
def test_what_can_not_be_generated_is_an_error(server: Server, body: Any) -> None:
    answer = server.http.post(f"{API}/blueprints/generate-blueprint", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_credential_in_a_message_is_not_kept_and_the_person_is_told(server: Server) -> None:
    secret = "sk-proj-0c4f1e77a9b2d3e4f5a6"
    answer = say(server, f"{WORDS}, the API_KEY={secret}")

    conversation = server.get(f"/conversation/{answer['conversation_id']}")
    assert secret not in str(answer)
    assert secret not in str(conversation)
    assert "[redacted]" in conversation["turns"][0]["message"]
    assert "taken out" in answer["response"]
    assert names(answer) == ["web-1", "web-2", "db-1", "lb-1"]
    assert "taken out" not in say(server, WORDS)["response"]
