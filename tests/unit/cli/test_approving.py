"""What a request waits for, as people read it: how many approvals, whose, and who holds it up."""

from __future__ import annotations

from typing import Any, cast

from alma.cli.approving import approval_lines, told_missing, waits_for
from alma.cli.shapes import IPR

NEED: dict[str, Any] = {
    "engine": None,
    "environment": None,
    "approvals": 1,
    "approvers": [],
    "given_by": [],
    "missing": 1,
}


def ipr(*needs: dict[str, Any], held_by: tuple[str, ...] = (), status: str = "pending") -> IPR:
    complete = not held_by and not any(need["missing"] for need in needs)
    found = {
        "complete": complete,
        "missing": "what it waits for",
        "held_by": held_by,
        "needs": needs,
    }
    return cast("IPR", {"id": 7, "status": status, "approvals": found})


def lines(request: IPR) -> list[str]:
    return list(approval_lines(request))


def test_a_request_says_how_many_of_whom_are_missing_and_who_has_said_yes() -> None:
    need = NEED | {"engine": "proxmox", "approvals": 2, "approvers": ["role:approver"]}
    request = ipr(need | {"given_by": ["user:ada"], "missing": 1})
    assert lines(request) == [
        "waits for 1 of 2 approvals on proxmox, of role:approver; given by user:ada"
    ]
    assert waits_for(request) == "what it waits for"


def test_who_asked_for_changes_is_named_as_holding_it_up() -> None:
    held = ipr(NEED | {"given_by": ["user:ada"], "missing": 0}, held_by=("user:bob",))
    assert (
        lines(held)[-1] == "held up by user:bob, who asked for changes and has not approved since"
    )


def test_what_everybody_agreed_to_waits_for_nothing() -> None:
    request = ipr(NEED | {"given_by": ["user:ada"], "missing": 0})
    assert lines(request) == ["has 1 of 1 approval; given by user:ada"]
    assert waits_for(request) == ""


def test_a_request_that_has_ended_waits_for_nobody() -> None:
    assert lines(ipr(NEED, status="rejected")) == []
    assert waits_for(ipr(NEED, status="cancelled")) == ""


def test_a_server_that_says_nothing_of_approvals_is_taken_at_its_word() -> None:
    bare = cast("IPR", {"id": 7, "status": "pending"})
    assert (lines(bare), waits_for(bare)) == ([], "")


def test_a_refusal_is_told_entry_by_entry() -> None:
    missing = {
        "approvals": 2,
        "approvers": ["user:ada"],
        "engine": None,
        "environment": "production",
        "given_by": [],
    }
    assert told_missing({"missing": [missing], "held_by": ["user:bob"]}) == [
        "2 approvals are missing in production, of user:ada",
        "held up by user:bob, who asked for changes and has not approved since",
    ]
    assert told_missing({}) == []


def test_where_one_approval_of_anybody_is_missing_nothing_is_left_to_list() -> None:
    assert told_missing({"missing": [NEED]}) == []
    twice = told_missing({"missing": [NEED | {"given_by": ["user:ada"]}]})
    assert twice == ["1 more approval is missing"]
