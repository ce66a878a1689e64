"""A plan is read before it is approved: the order, the signs and the reasons are part of the safety."""

from __future__ import annotations

import pytest

from alma.cli.render.plan import has_changes, render_plan, shown
from tests.unit.cli.render.reading import change, coloured, field, plan, text_of


def test_each_action_has_its_sign_and_the_summary_counts_them() -> None:
    text = text_of(
        render_plan(
            plan(
                change("web"),
                change("db", "update", fields=[field("specs.memory", "4GB", "8GB")]),
                change("cache", "replace"),
                change("old", "delete"),
                change("same", "no-op"),
            )
        )
    )
    for line in ("  + service web", "  ~ service db", "-/+ service cache", "  - service old"):
        assert line in text
    assert "1 to be created, 1 to be changed, 1 to be replaced, 1 to be deleted; 1 stays." in text
    assert "same" not in text


def test_what_goes_away_comes_first_and_is_named_again_at_the_end() -> None:
    text = text_of(render_plan(plan(change("web"), change("db", "delete"))))
    assert text.index("service db  DESTRUCTIVE") < text.index("service web")
    assert text.endswith("Data or a running service goes away: db")


def test_a_changed_property_shows_before_after_and_what_it_costs() -> None:
    fields = [
        field("image", "nginx:1.25", "nginx:1.27", effect="replace"),
        field("specs.memory", "4GB", "8GB", effect="reboot"),
        field("env.MODE", "slow", "fast", drift=True),
    ]
    text = text_of(
        render_plan(plan(change("web", "replace", fields=fields, reason="image differs")))
    )
    assert "image differs" in text
    assert "image         nginx:1.25 → nginx:1.27  (forces a replacement)" in text
    assert "specs.memory  4GB → 8GB  (needs a restart)" in text
    assert "env.MODE      slow → fast  (changed outside of ALMA)" in text


def test_what_is_adopted_has_a_sign_of_its_own_and_is_said_to_stay_as_it_is() -> None:
    reason = "it is there as 'old-web' and stays as it is"
    text = text_of(render_plan(plan(change("web", "adopt", reason=reason, wanted={"image": "x"}))))
    assert "  = service web" in text
    assert reason in text
    assert "Plan: 1 to be adopted as it is." in text
    assert "image" not in text, "nothing of it is new"
    assert has_changes(plan(change("web", "adopt")))


def test_drift_is_told_apart_by_kind_and_once() -> None:
    moved = {"address": "web", "kind": "moved", "detail": "'web' is on node pve2 now", "paths": []}
    gone = {"address": "db", "kind": "gone", "detail": "'db' is gone", "paths": []}
    remark = {"severity": "info", "path": "web", "message": moved["detail"], "hint": None}
    text = text_of(render_plan(plan(drift=[gone, moved], diagnostics=[remark])))
    assert "Since the last deployment, without ALMA:\n  gone    'db' is gone" in text
    assert text.count("is on node pve2 now") == 1


def test_a_reboot_is_marked_on_the_change() -> None:
    text = text_of(render_plan(plan(change("db", "update", reboots=True))))
    assert "~ service db  restarts" in text


def test_instances_of_one_new_resource_are_told_once() -> None:
    wanted = {"image": "nginx:1.27", "ports": ["80", "443"]}
    text = text_of(render_plan(plan(*(change(f"web-{n}", wanted=wanted) for n in (1, 2, 3)))))
    assert "+ service web-1, web-2, web-3" in text
    assert text.count("nginx:1.27") == 1
    assert "ports  80, 443" in text


def test_where_instances_go_is_told_with_the_reason_once_for_each_place() -> None:
    def at(node: str) -> dict[str, object]:
        return {"site": {"node": node, "storage": "fast"}, "reason": f"most memory on {node}"}

    changes = [change(f"web-{n}", placement=at("a" if n == 2 else "b")) for n in (1, 2, 3)]
    text = text_of(render_plan(plan(*changes)))
    assert "+ service web-1, web-2, web-3" in text
    assert "→ node b, storage fast  web-1, web-3  (most memory on b)" in text
    assert "→ node a, storage fast  web-2  (most memory on a)" in text
    alone = text_of(render_plan(plan(change("db", placement=at("a")))))
    assert "→ node a, storage fast  (most memory on a)" in alone


def test_a_warning_that_stands_beside_its_change_is_not_told_twice() -> None:
    support = [{"path": "backup", "level": "unsupported", "reason": "docker keeps no backups"}]
    note = {
        "severity": "warning",
        "path": "db.backup",
        "message": "docker keeps no backups",
        "hint": None,
    }
    text = text_of(render_plan(plan(change("db", support=support), diagnostics=[note])))
    assert text.count("docker keeps no backups") == 1


def test_of_a_changed_list_what_leaves_and_what_comes_is_shown() -> None:
    fields = [
        field("backends", ["web:80", "web-2:80"], ["web:80", "web-3:80"]),
        field("ports", ["80"], ["443"]),
    ]
    text = text_of(render_plan(plan(change("lb", "update", fields=fields))))
    assert "backends  - web-2:80, + web-3:80" in text
    assert "ports     80 → 443" in text


def test_a_reason_that_only_repeats_the_lines_below_is_left_out() -> None:
    fields = [field("specs.memory", "1GB", "2GB")]
    changed = change("web", "update", fields=fields, reason="specs.memory changed")
    assert "specs.memory changed" not in text_of(render_plan(plan(changed)))


def test_different_new_resources_are_told_apart() -> None:
    text = text_of(
        render_plan(plan(change("a", wanted={"image": "x"}), change("b", wanted={"image": "y"})))
    )
    assert "+ service a\n" in text
    assert "+ service b\n" in text


def test_what_an_engine_does_not_honour_is_told_with_its_reason() -> None:
    support = [{"path": "backup", "level": "unsupported", "reason": "docker keeps no backups"}]
    text = text_of(render_plan(plan(change("db", support=support))))
    assert "! backup: unsupported: docker keeps no backups" in text


def test_no_changes_says_so_and_shows_nothing_else() -> None:
    nothing = plan(change("web", "no-op", reason="as it should be"))
    assert not has_changes(nothing)
    assert text_of(render_plan(nothing)).splitlines() == [
        "Plan for shop on docker",
        "",
        "No changes: what runs is what the blueprint says.",
    ]


def test_a_destroy_of_nothing_does_not_speak_of_a_blueprint() -> None:
    nothing = plan() | {"kind": "destroy"}
    assert text_of(render_plan(nothing)).splitlines()[-1] == "Nothing to destroy: nothing runs."


def test_a_destroy_says_which_data_stays_and_how_to_delete_it() -> None:
    text = text_of(
        render_plan(
            plan(
                change("web", "delete"),
                change(
                    "data", "no-op", type="volume", reason="kept: it holds data", destructive=False
                ),
                kind="destroy",
            )
        )
    )
    assert text.startswith("Destroy shop on docker")
    assert "Kept, with their data: data (--volumes deletes them, too)" in text


def test_a_destroy_with_volumes_says_that_data_goes() -> None:
    text = text_of(render_plan(plan(change("data", "delete", type="volume"), kind="destroy")))
    assert "- volume data  WITH ITS DATA" in text
    assert text.endswith("All data goes away of: data")


def test_diagnostics_are_told_with_their_hints_and_a_blocked_plan_says_so() -> None:
    note = {"severity": "error", "path": "fw", "message": "no firewalls", "hint": "leave it out"}
    text = text_of(render_plan(plan(change("fw"), diagnostics=[note], blocked=True)))
    assert "✗ error: fw: no firewalls (leave it out)" in text
    assert "This plan can't run" in text


def test_what_depends_on_a_replaced_resource_is_named() -> None:
    text = text_of(render_plan(plan(change("db", "replace"), blast_radius={"db": ["web", "lb"]})))
    assert "takes down for a while: web, lb" in text


def test_additions_are_green_and_removals_red() -> None:
    text = coloured(render_plan(plan(change("web"), change("db", "delete"))))
    assert "\x1b[1;32m  + \x1b[0m" in text
    assert "\x1b[1;31m  - \x1b[0m" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(none)"),
        ([], "(none)"),
        (["80", "443"], "80, 443"),
        (True, "true"),
        (0.5, "0.5"),
        ("", '""'),
        ("two\nlines", '"two\\nlines"'),
        ("\x1b[31mred", '"\\u001b[31mred"'),
        ("sha256:" + "ab" * 32, "sha256:abababababab"),
    ],
)
def test_a_value_is_one_harmless_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_long_value_is_cut() -> None:
    assert len(shown("x" * 10_000)) < 200


def test_markup_in_names_and_reasons_is_text() -> None:
    text = text_of(render_plan(plan(change("web", reason="[red]not a style[/red]"))))
    assert "[red]not a style[/red]" in text


def test_a_pace_is_shown_with_who_is_changed_together() -> None:
    rolling = plan(change("web", "update"), change("web-2", "update"), change("new")) | {
        "strategy": "rolling",
        "batch": 1,
        "waves": [["new", "web"], ["web-2"]],
    }
    told = "Pace: rolling, 1 of each at a time; each is proven before the next: web → web-2"
    assert told in text_of(render_plan(rolling))
    assert "Pace" not in text_of(render_plan(rolling | {"strategy": "all-at-once"}))
    fresh = plan(change("web")) | {"strategy": "canary", "batch": None, "waves": [["web"]]}
    assert "Pace" not in text_of(render_plan(fresh))
