"""What a terminal suggests after an answer: its own commands where the server says that they come next."""

from __future__ import annotations

from alma.cli.render.conversation import leads_on


def test_commands_come_where_a_plan_and_a_request_come_next() -> None:
    request = 'Open a request for its deployment: POST /api/v1/iprs {"blueprint_id": 1}'
    assert leads_on({"suggested_actions": [request, "Add a redis cache"]})


def test_no_second_request_is_suggested_while_one_waits() -> None:
    waits = [
        "Approve it: POST /api/v1/iprs/1/review {}",
        "Reject it: POST /api/v1/iprs/1/review {}",
    ]
    assert not leads_on({"suggested_actions": waits})
    assert not leads_on({"suggested_actions": None})
