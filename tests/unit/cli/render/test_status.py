"""Status tells what is seen now, and what should be there and is not."""

from __future__ import annotations

from typing import Any

from alma.cli.render.status import mending, render_stack, troubled
from tests.unit.cli.render.reading import text_of


def seen(address: str, status: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "address": address,
        "type": "service",
        "object_id": "o-1",
        "name": f"shop-{address}",
        "status": status,
        "endpoints": [],
        "retain": False,
        **more,
    }


def stack(*observed: dict[str, Any], recorded: tuple[str, ...] = (), **more: Any) -> Any:
    return {
        "id": "s-1",
        "name": "shop",
        "engine": "docker",
        "blueprint_id": 1,
        "revision": 3,
        "resources": len(recorded),
        "blueprint_name": "Shop",
        "recorded": [{"address": a, "type": "service", "object_id": "o"} for a in recorded],
        "observed": list(observed),
        "problem": None,
        **more,
    }


def test_each_resource_is_a_line_with_where_it_answers() -> None:
    text = text_of(render_stack(stack(seen("lb", endpoints=["http://localhost:8080"]))))
    assert text.splitlines() == [
        "Shop on docker · revision 3",
        "  ●  lb  service  running  http://localhost:8080  shop-lb",
    ]


def test_a_narrow_terminal_cuts_no_address() -> None:
    shown = stack(seen("load-balancer", endpoints=["http://127.0.0.1:32768"]))
    assert "http://127.0.0.1:32768" in text_of(render_stack(shown), width=80)
    narrow = text_of(render_stack(shown), width=50)
    assert "  ●  load-balancer" in narrow
    assert "…" not in narrow


def test_networks_and_volumes_come_last() -> None:
    text = text_of(render_stack(stack(seen("a-net", "present", type="network"), seen("web"))))
    assert text.index("web") < text.index("a-net")


def test_what_is_recorded_and_not_seen_is_gone() -> None:
    shown = stack(seen("web"), recorded=("web", "db"))
    assert "✗  db   service  gone" in text_of(render_stack(shown))
    assert troubled(shown) == ["db"]
    assert mending(shown) == "alma plan --blueprint 1 --engine docker"


def test_what_was_changed_or_has_moved_is_told_below_each_kind_by_itself() -> None:
    drift = [
        {"address": "web", "kind": "changed", "detail": "'web' was changed", "paths": ["image"]},
        {"address": "db", "kind": "gone", "detail": "'db' is gone", "paths": []},
        {"address": "lb", "kind": "moved", "detail": "'lb' is on node pve2 now", "paths": ["node"]},
    ]
    lines = text_of(render_stack(stack(seen("web"), seen("lb"), recorded=("db",), drift=drift)))
    assert lines.splitlines()[-2:] == [
        "  changed 'web' was changed",
        "  moved   'lb' is on node pve2 now",
    ]
    assert lines.count("gone") == 1


def test_an_engine_that_can_not_be_read_is_not_an_empty_one() -> None:
    shown = stack(observed=(), recorded=("web",), problem="no answer") | {"observed": None}
    text = text_of(render_stack(shown))
    assert "docker can't be read: no answer" in text
    assert "recorded there last: web" in text
    assert "hint: alma engines check docker" in text
    assert troubled(shown) == []


def test_after_a_destroy_only_the_data_is_left() -> None:
    shown = stack(seen("data", "present", type="volume", retain=True), revision=None)
    assert "destroyed, data kept" in text_of(render_stack(shown))


def test_half_a_deployment_is_called_that() -> None:
    assert "not deployed in full" in text_of(render_stack(stack(seen("web"), revision=None)))
