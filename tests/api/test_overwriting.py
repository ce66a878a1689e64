"""Two people who change the same thing: who says what the change was made on never overwrites another one unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from alma.cli.client import Client
from alma.cli.errors import CliError
from tests.api.server import API, Server
from tests.api.test_iprs import SHOP

Call = Callable[[Server, str, dict[str, str]], httpx.Response]


def asked(method: str, path: str, body: Any = None) -> Call:
    """A call about a noun that carries the headers given."""

    def call(server: Server, id_: str, headers: dict[str, str]) -> httpx.Response:
        return server.http.request(method, API + path.format(id_), json=body or {}, headers=headers)

    return call


OF_IPRS: dict[str, Call] = {
    "edit": asked("PUT", "/iprs/{}", {"title": "mine"}),
    "withdraw": asked("DELETE", "/iprs/{}"),
    "cancel": asked("POST", "/iprs/{}/cancel"),
    "review": asked("POST", "/iprs/{}/review", {"action": "approve"}),
    "replan": asked("POST", "/iprs/{}/replan"),
    "deploy": asked("POST", "/iprs/{}/deploy"),
    "dry run": asked("POST", "/iprs/{}/deploy", {"dry_run": True}),
}
OF_PROJECTS: dict[str, Call] = {
    "edit": asked("PATCH", "/projects/{}", {"name": "mine", "rules": {"auto_approve": False}}),
    "archive": asked("DELETE", "/projects/{}"),
}


def an_ipr(server: Server) -> dict[str, Any]:
    made = server.post("/blueprints", SHOP)
    found: dict[str, Any] = server.post("/iprs", {"title": "ours", "blueprint_id": made["id"]})
    return found


def a_project(server: Server) -> str:
    number = server.get("/projects")["total"]
    return str(server.post("/projects", {"id": f"project-{number}"})["id"])


def tag(server: Server, path: str) -> str:
    return server.http.get(API + path).headers["ETag"]


@pytest.mark.parametrize("name", OF_IPRS)
def test_a_request_that_moved_is_not_changed_by_who_has_not_seen_it(
    server: Server, name: str
) -> None:
    id_ = an_ipr(server)["id"]
    seen = tag(server, f"/iprs/{id_}")
    server.put(f"/iprs/{id_}", {"description": "theirs"})

    late = OF_IPRS[name](server, id_, {"If-Match": seen})

    assert late.status_code == 412, late.text
    assert late.json()["ipr_id"] == id_
    there = server.get(f"/iprs/{id_}")
    assert (there["title"], there["status"], there["description"]) == ("ours", "pending", "theirs")
    assert there["reviews"] == []


@pytest.mark.parametrize("name", sorted(OF_IPRS.keys() - {"deploy"}))
def test_a_request_that_is_as_it_was_seen_is_changed(server: Server, name: str) -> None:
    id_ = an_ipr(server)["id"]
    seen = tag(server, f"/iprs/{id_}")
    answer = OF_IPRS[name](server, id_, {"If-Match": seen})
    assert answer.is_success, answer.text


def test_an_approved_request_is_deployed_on_another_engine_as_it_was_seen(server: Server) -> None:
    id_ = an_ipr(server)["id"]
    server.post(f"/iprs/{id_}/review", {"action": "approve"}, status=200)
    seen = tag(server, f"/iprs/{id_}")
    answer = server.http.post(
        f"{API}/iprs/{id_}/deploy", json={"strategy": "canary"}, headers={"If-Match": seen}
    )
    assert answer.status_code == 202, answer.text
    server.ended(answer.json()["deployment_id"])


@pytest.mark.parametrize("name", OF_PROJECTS)
def test_a_project_that_moved_is_not_changed_by_who_has_not_seen_it(
    server: Server, name: str
) -> None:
    id_ = a_project(server)
    seen = tag(server, f"/projects/{id_}")
    server.http.patch(f"{API}/projects/{id_}", json={"rules": {"approver_may_deploy": False}})

    late = OF_PROJECTS[name](server, id_, {"If-Match": seen})

    assert late.status_code == 412, late.text
    there = server.get(f"/projects/{id_}")
    assert (there["name"], there["archived_at"]) == (id_, None)
    assert there["rules"]["approver_may_deploy"] is False


@pytest.mark.parametrize("name", OF_PROJECTS)
def test_a_project_that_is_as_it_was_seen_is_changed(server: Server, name: str) -> None:
    id_ = a_project(server)
    seen = tag(server, f"/projects/{id_}")
    answer = OF_PROJECTS[name](server, id_, {"If-Match": seen})
    assert answer.is_success, answer.text


@pytest.mark.parametrize("shown", [None, "*"])
def test_who_says_nothing_of_what_they_saw_is_not_asked(server: Server, shown: str | None) -> None:
    headers = {} if shown is None else {"If-Match": shown}
    assert OF_IPRS["edit"](server, an_ipr(server)["id"], headers).status_code == 200
    assert OF_PROJECTS["edit"](server, a_project(server), headers).status_code == 200


@pytest.mark.parametrize("shown", ['"a", "b"', "", '"a b"'])
def test_what_is_no_single_state_is_told_so(server: Server, shown: str) -> None:
    for call, id_ in (
        (OF_IPRS["edit"], an_ipr(server)["id"]),
        (OF_PROJECTS["edit"], a_project(server)),
    ):
        answer = call(server, id_, {"If-Match": shown})
        assert answer.status_code == 422, answer.text


def test_the_version_in_the_body_is_the_one_to_match(server: Server) -> None:
    ipr = an_ipr(server)
    for weakened in ('"{}"', 'W/"{}"'):
        shown = {"If-Match": weakened.format(ipr["version"])}
        changed = OF_IPRS["edit"](server, ipr["id"], shown)
        assert changed.status_code == 200, changed.text
        assert changed.json()["version"] in changed.headers["ETag"]
        ipr = changed.json()
    listed = server.get("/iprs?limit=1")["items"][0]
    assert listed["version"] == ipr["version"] == server.get(f"/iprs/{ipr['id']}")["version"]


def test_the_answer_to_a_change_names_the_state_that_the_next_one_is_made_on(
    server: Server,
) -> None:
    id_ = a_project(server)
    first = OF_PROJECTS["edit"](server, id_, {})
    again = server.http.patch(
        f"{API}/projects/{id_}", json={"name": "next"}, headers={"If-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200, again.text
    assert again.json()["version"] == server.get(f"/projects/{id_}")["version"]


def test_a_refusal_for_another_reason_is_no_failed_condition(server: Server) -> None:
    id_ = an_ipr(server)["id"]
    server.post(f"/iprs/{id_}/cancel", status=200)
    answer = OF_IPRS["edit"](server, id_, {"If-Match": tag(server, f"/iprs/{id_}")})
    assert answer.status_code == 409, answer.text


def test_a_request_whose_log_goes_on_is_sent_again_though_it_has_not_changed(
    server: Server,
) -> None:
    deployed = server.deployed(SHOP | {"name": "other-shop"})
    first = server.http.get(f"{API}/iprs/{deployed['ipr_id']}")
    changed = first.json()["version"]
    assert first.headers["ETag"].startswith(f'"{changed}')
    assert first.headers["ETag"] != f'"{changed}"'


def test_a_command_that_read_before_somebody_else_wrote_is_refused(server: Server) -> None:
    id_ = a_project(server)
    with Client.at(server.url) as ours, Client.at(server.url) as theirs:
        seen = ours.project(id_)["version"]
        theirs.change_project(id_, rules={"approver_may_deploy": False})
        with pytest.raises(CliError, match="meanwhile"):
            ours.change_project(id_, rules={"auto_approve": True}, seen=seen)
        assert ours.project(id_)["rules"]["approver_may_deploy"] is False


@pytest.mark.parametrize(
    ("mutation", "noun"),
    [
        ('edit_ipr(id: $ipr, input: {title: "mine"}, expected: $seen) { id }', "ipr"),
        ("cancel_ipr(id: $ipr, expected: $seen) { id }", "ipr"),
        ("review_ipr(id: $ipr, input: {action: approve}, expected: $seen) { id }", "ipr"),
        ("replan_ipr(id: $ipr, expected: $seen) { id }", "ipr"),
        ("deploy_ipr(id: $ipr, expected: $seen) { deployment_id }", "ipr"),
        ('edit_project(id: $project, input: {name: "m"}, expected: $seen) { id }', "project"),
        ("archive_project(id: $project, expected: $seen) { id }", "project"),
    ],
)
def test_the_same_holds_for_graphql(server: Server, mutation: str, noun: str) -> None:
    ipr, project = an_ipr(server)["id"], a_project(server)
    seen = server.get(f"/iprs/{ipr}" if noun == "ipr" else f"/projects/{project}")["version"]
    server.put(f"/iprs/{ipr}", {"description": "theirs"})
    server.http.patch(f"{API}/projects/{project}", json={"name": "theirs"})
    asked = f"${noun}: {'Int' if noun == 'ipr' else 'String'}!, $seen: String"
    body = {
        "query": f"mutation({asked}) {{ {mutation} }}",
        "variables": {noun: ipr if noun == "ipr" else project, "seen": seen},
    }
    answer = server.http.post("/graphql", json=body)
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "conflict", answer.text
    assert "meanwhile" in error["message"]
