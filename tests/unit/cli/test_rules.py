"""A project's rules as options: each says one thing, and leaves alone what it does not name."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from alma.cli.app import app
from alma.cli.errors import CliError, ExitCode
from alma.cli.render.projects import PERMISSIONS, render_role, render_rules
from alma.cli.rules import Wanted, changed
from alma.core.model.access import ROLES, Permission, ProjectRules
from tests.unit.cli.web import answering, send

NONE: dict[str, Any] = ProjectRules().model_dump(mode="json")


def told(what: RenderableType) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return " ".join(capture.get().split())


def with_entry(**entry: Any) -> dict[str, Any]:
    whole = {"engine": None, "environment": None, "approvals": 1, "approvers": [], **entry}
    return {**NONE, "approvals": [whole]}


def test_an_entry_is_added_for_its_engine_and_environment() -> None:
    wanted = Wanted(approvals=2, engine="proxmox", approvers="role:approver,user:ada")
    assert changed(NONE, wanted) == with_entry(
        engine="proxmox", approvals=2, approvers=["role:approver", "user:ada"]
    )


def test_what_an_entry_already_says_stays_unless_it_is_named() -> None:
    before = with_entry(engine="proxmox", approvals=2, approvers=["user:ada"])
    assert changed(before, Wanted(approvals=3, engine="proxmox")) == with_entry(
        engine="proxmox", approvals=3, approvers=["user:ada"]
    )
    assert changed(before, Wanted(engine="proxmox", approvers="anybody")) == with_entry(
        engine="proxmox", approvals=2
    )


def test_entries_for_other_places_stay_where_they_are() -> None:
    before = with_entry(engine="proxmox", approvals=2)
    after = changed(before, Wanted(environment="production", approvals=3))
    assert [entry["approvals"] for entry in after["approvals"]] == [2, 3]


def test_no_approvals_take_the_entry_away() -> None:
    assert changed(with_entry(engine="proxmox"), Wanted(approvals=0, engine="proxmox")) == NONE


def test_taking_away_what_is_not_there_is_told() -> None:
    with pytest.raises(CliError, match="no rule for docker") as caught:
        changed(with_entry(engine="proxmox"), Wanted(approvals=0, engine="docker"))
    assert caught.value.exit_code is ExitCode.INVALID


def test_a_switch_leaves_the_entries_alone() -> None:
    before = with_entry(engine="proxmox")
    after = changed(before, Wanted(author_may_approve=False, approver_may_deploy=False))
    assert after == {**before, "author_may_approve": False, "approver_may_deploy": False}


@pytest.mark.parametrize(
    ("said", "kept"), [("docker,proxmox@lab", ["docker", "proxmox@lab"]), ("any", None)]
)
def test_the_engines_of_a_project_are_a_list_or_any(said: str, kept: list[str] | None) -> None:
    assert changed(NONE, Wanted(engines=said))["engines"] == kept


@pytest.mark.parametrize("approvers", ["ada", "role:", "group:ops", ","])
def test_an_approver_is_a_person_or_a_role(approvers: str) -> None:
    with pytest.raises(CliError, match="approver") as caught:
        changed(NONE, Wanted(approvers=approvers))
    assert "role:" in str(caught.value.hint)
    assert caught.value.exit_code is ExitCode.INVALID


def test_rules_are_told_in_words() -> None:
    words = told(
        render_rules(with_entry(engine="proxmox", approvals=2, approvers=["role:approver"]))
    )
    assert "on proxmox: 2 different people, of role:approver" in words
    assert "ALMA_IPR_REQUIRE_REVIEW" in words
    strict = {
        **NONE,
        "author_may_approve": False,
        "approver_may_deploy": False,
        "engines": ["docker"],
    }
    words = told(render_rules(strict))
    assert "one approval of anybody who may approve" in words
    assert "an author's own approval does not count" in words
    assert "who approved is not the one who deploys" in words
    assert "only docker" in words


def test_every_permission_has_words_and_a_role_tells_those_it_allows() -> None:
    assert set(PERMISSIONS) == {item.value for item in Permission}
    role = {"name": "viewer", "builtin": True, "permissions": sorted(ROLES["viewer"])}
    words = told(render_role(role))
    assert PERMISSIONS["blueprint:read"] in words
    assert PERMISSIONS["deployment:start"] not in words


def test_rules_are_sent_only_for_the_state_that_they_were_made_on() -> None:
    seen: list[tuple[str, str | None]] = []
    project = json.dumps({"id": "shop", "rules": NONE, "version": "abc"})

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.command, handler.headers.get("If-Match")))
        send(handler, project)

    with answering(answer) as url:
        words = ["projects", "rules", "shop", "--approvals", "2", "--server", url]
        said = CliRunner().invoke(app, words, prog_name="alma")
    assert said.exit_code == 0, said.output
    assert seen == [("GET", None), ("PATCH", '"abc"')]
