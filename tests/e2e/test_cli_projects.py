"""A team on the command line: projects, who is in them as what, who has to approve, and what a stranger is told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import serving
from tests.e2e.test_cli_simulation import alma, done

PASSWORD = "a long enough sentence"
TEAM = ("ada", "bob", "cem", "dora")
SHOP = "name: {name}\nresources:\n  - {{name: web, type: service, engine: nginx}}\n"


@dataclass
class Team:
    """A served data directory, and a token of everybody in it."""

    home: Path
    tokens: dict[str, str]

    def says(self, who: str, *words: str, code: int = 0, project: str = "shop") -> str:
        """What a command of theirs prints."""
        return done(self._run(who, words, project), code)

    def hears(self, who: str, *words: str, code: int, project: str = "shop") -> str:
        """What a command of theirs is refused with."""
        answer = self._run(who, words, project)
        done(answer, code)
        return answer.stderr

    def json(self, who: str, *words: str, code: int = 0) -> Any:
        return json.loads(self.says(who, *words, "--json", code=code))

    def _run(
        self, who: str, words: tuple[str, ...], project: str
    ) -> subprocess.CompletedProcess[str]:
        return alma(self.home, *words, ALMA_API_KEY=self.tokens[who], ALMA_PROJECT=project)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    home = tmp_path_factory.mktemp("team")
    with serving(home) as client:
        for name in TEAM:
            make = ("users", "create", name, "--password-stdin")
            root = ("--administrator",) if name == "ada" else ()
            done(alma(home, *make, *root, stdin=f"{PASSWORD}\n{PASSWORD}\n"))
        made = Team(home, {name: _token(client, name) for name in TEAM})
        made.says("ada", "projects", "create", "shop", "--name", "The shop", project="default")
        for name, role in (
            ("bob", "editor"),
            ("bob", "approver"),
            ("cem", "approver"),
            ("cem", "operator"),
        ):
            made.says("ada", "members", "grant", name, role)
        yield made


def _token(client: httpx.Client, name: str) -> str:
    body = {"username": name, "password": PASSWORD}
    return str(client.post("/api/v1/auth/login", json=body).json()["access_token"])


def test_a_project_is_made_seen_renamed_and_archived_by_who_administers_the_installation(
    team: Team,
) -> None:
    assert "project lab is there" in team.says(
        "ada", "projects", "create", "lab", "--admin", "dora"
    )
    assert "user:dora" in team.says("dora", "members", "list", project="lab")
    assert "The lab" in team.says("dora", "projects", "rename", "lab", "The lab", project="lab")
    assert "The lab" in team.says("dora", "projects", "show", "lab", project="lab")
    assert "confirmation" in team.says("ada", "projects", "archive", "lab", "--json", code=2)
    assert "project lab is archived" in team.says("ada", "projects", "archive", "lab", "--yes")
    assert "lab" not in team.says("dora", "projects", "list", project="default")


def test_the_project_at_hand_is_the_one_that_is_meant_where_none_is_named(team: Team) -> None:
    assert "The shop" in team.says("bob", "projects", "show")
    assert "project shop" in team.says("bob", "status")
    assert team.json("bob", "status")["project"] == "shop"
    assert "project" not in done(alma(team.home, "status"))
    assert "shop" in team.says("bob", "whoami")


def test_what_a_stranger_may_not_see_is_not_there_and_what_a_member_may_not_do_is_said(
    team: Team,
) -> None:
    assert "shop" in team.hears("dora", "projects", "show", "shop", code=2, project="shop")
    told = team.hears("bob", "members", "grant", "dora", "viewer", code=4)
    assert "member:manage" in told
    assert "alma members list --project shop" in told
    assert "does not administer" in team.hears("bob", "projects", "create", "mine", code=4)
    assert "project:manage" in team.hears("bob", "projects", "rules", "--approvals", "1", code=4)


def test_roles_are_told_with_what_they_allow_and_a_project_makes_its_own(team: Team) -> None:
    listed = team.json("bob", "roles", "list")["items"]
    assert [role["name"] for role in listed if role["builtin"]] == [
        "viewer",
        "editor",
        "approver",
        "operator",
        "admin",
    ]
    assert "start deployments" in team.says("bob", "roles", "show", "operator")
    assert "no role 'oprator'" in team.hears("bob", "roles", "show", "oprator", code=2)
    make = ("roles", "create", "planner", "--allow", "blueprint:read", "--allow", "plan:make")
    assert "planner" in team.says("ada", *make)
    assert "has the role planner already" in team.hears("ada", *make, code=2)
    assert "planner" in team.says("ada", *make, "--yes")
    team.says("ada", "members", "grant", "dora", "planner")
    assert "planner" in team.says("ada", "members", "list")
    held = team.hears("ada", "roles", "delete", "planner", "--yes", code=1)
    assert "planner" in held
    team.says("ada", "members", "revoke", "dora", "planner")
    assert "planner" in team.says("ada", "roles", "delete", "planner", "--yes")


def test_who_takes_a_role_from_themselves_is_asked(team: Team) -> None:
    team.says("ada", "members", "grant", "dora", "admin")
    team.says("ada", "members", "grant", "ada", "admin")
    assert "nobody is there to answer" in team.hears(
        "dora", "members", "revoke", "dora", "admin", code=2
    )
    assert "no longer" in team.says("dora", "members", "revoke", "dora", "admin", "--yes")


def test_rules_are_set_in_options_shown_in_words_and_taken_back(team: Team) -> None:
    team.says("ada", "projects", "create", "rules", project="default")
    rules = ("projects", "rules", "rules")
    assert "one approval" in team.says("ada", *rules, project="rules")
    two = ("--approvals", "2", "--engine", "proxmox", "--approvers", "role:approver,user:ada")
    assert "on proxmox: 2 different people" in team.says(
        "ada", *rules, *two, "--no-author-may-approve"
    )
    found = team.json("ada", *rules)["rules"]
    assert found["author_may_approve"] is False
    assert found["approvals"][0]["approvers"] == ["role:approver", "user:ada"]
    assert "nobody is there to answer" in team.hears("ada", *rules, "--clear", code=2)
    assert "one approval" in team.says("ada", *rules, "--clear", "--yes")
    assert "--approvals" in team.hears("ada", *rules, "--approvals", "21", code=2)


def test_a_request_says_whom_it_waits_for_until_all_of_them_have_agreed(
    team: Team, tmp_path: Path
) -> None:
    team.says("ada", "projects", "rules", "shop", "--approvals", "2", "--no-author-may-approve")
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.format(name="twice"))
    opened = team.hears("bob", "deploy", str(file), "--yes", code=4)
    assert "alma iprs approve" in opened
    number = str(team.json("bob", "iprs", "list")["items"][0]["id"])
    assert "waits for 2 of 2 approvals" in team.says("bob", "iprs", "show", number)

    first = team.says("cem", "iprs", "approve", number, "--yes")
    assert f"IPR {number} is pending" in first
    told = team.hears("cem", "iprs", "deploy", number, "--yes", code=4)
    assert "1 more approval is missing" in told
    assert f"alma iprs approve {number}" in told
    refused = team.json("cem", "iprs", "deploy", number, "--yes", code=4)
    assert refused["code"] == "approval_required"
    assert refused["missing"][0]["given_by"] == ["user:cem"]

    team.says("ada", "iprs", "approve", number, "--yes")
    assert "has 2 of 2 approvals; given by user:cem, user:ada" in team.says(
        "cem", "iprs", "show", number
    )
    team.says("cem", "iprs", "deploy", number, "--yes")
