"""Changing what was imported: only what differs, everything else of the object as it is; or a refusal that says why."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Effect
from alma.core.model.state import DesiredResource, ObservedResource
from alma.engines.kubernetes import existing, marker, shape
from alma.engines.kubernetes.adopted import Kept, kept_of, plain_secrets, secret_names
from alma.engines.kubernetes.between import faults_between
from alma.engines.kubernetes.changes.patching import patch_of
from tests.unit.engines.kubernetes.test_importing_describing import books, server, the_claim
from tests.unit.engines.kubernetes.wishes import SERVED, SETTINGS, made, volume, wish

KEPT = Kept(container="server", claims={"files": "books-files"})
EXISTING = {"existing": "Deployment/prod/books"}


def imported(options: dict[str, Any] | None = None, **fields: Any) -> DesiredResource:
    given = {"image": "nginx:1.27", "user": None} | fields
    return wish("container", address="books", options=EXISTING | (options or {}), **given)


def patched(before: dict[str, Any] | None = None, **wanted: Any) -> list[dict[str, Any]]:
    """The containers after a change to these properties, `__` for a dot."""
    to = {path.replace("__", "."): value for path, value in wanted.items()}
    change = patch_of(books(), KEPT, sorted(to), before=before or {}, wish=to)
    found: list[dict[str, Any]] = change["spec"]["template"]["spec"]["containers"]
    return found


def expected(**update: Any) -> list[dict[str, Any]]:
    containers = copy.deepcopy(books()["spec"]["template"]["spec"]["containers"])
    containers[0].update(update)
    found: list[dict[str, Any]] = containers
    return found


def test_an_image_is_all_that_changes_of_the_pods():
    assert patched(image="nginx:1.28") == expected(image="nginx:1.28")


def test_a_variable_changes_where_it_stands_and_a_new_one_comes_last():
    env = server(books())["env"]
    assert patched(env__MODE="new")[0]["env"] == [{"name": "MODE", "value": "new"}, *env[1:]]
    assert patched(env__MORE="1")[0]["env"] == [*env, {"name": "MORE", "value": "1"}]


def test_a_variable_that_is_not_wished_any_more_goes_and_the_others_stay():
    env = server(books())["env"]
    assert patched(env__MODE=None)[0]["env"] == env[1:]


def test_text_goes_back_as_it_was_read():
    assert patched(command=["echo", "$(MODE) $$"])[0]["args"] == ["echo", "$(MODE) $$"]


def test_what_is_asked_for_stays_below_a_limit_that_changes():
    own = server(books())["resources"]
    more = patched(specs__memory="128MiB")[0]["resources"]
    assert more["requests"] == own["requests"]
    assert more["limits"] == {"cpu": "100m", "memory": str(128 * 2**20)}
    less = patched(specs__memory="8MiB")[0]["resources"]
    assert less["requests"] == {"cpu": "5m", "memory": str(8 * 2**20)}


def test_ports_of_others_stay():
    kept = server(books())["ports"]
    found = patched(ports=["53/udp", "8080"])[0]["ports"]
    assert found == [*kept, {"containerPort": 53, "protocol": "UDP"}]
    gone = patched(before={"ports": ["8080"]}, ports=["53/udp"])[0]["ports"]
    assert gone == [{"containerPort": 53, "protocol": "UDP"}]


def test_how_many_and_labels_leave_the_pods_alone():
    wanted = {"count": 3, "labels.team": "shop", "labels.app": None}
    change = patch_of(books(), KEPT, sorted(wanted), before={}, wish=wanted)
    assert change["spec"] == {"replicas": 3}
    assert change["metadata"] == {"labels": {"team": "shop", "app": None}}


def test_a_claim_grows_and_nothing_else_of_it_changes():
    change = patch_of(the_claim(), Kept(), ["specs.disk"], before={}, wish={"specs.disk": "1GiB"})
    assert change == {"spec": {"resources": {"requests": {"storage": str(2**30)}}}}


def test_a_container_that_is_gone_is_not_made_again():
    with pytest.raises(ChangeRejected, match="no container"):
        patch_of(books(), Kept(container="gone"), ["image"], before={}, wish={"image": "x"})


# ── what the plan says ───────────────────────────────────────────────────────────────────────────


def test_the_shape_has_only_what_can_be_changed_on_the_object_alone():
    assert shape.shape_of(imported(networks=("lan",), public=True), SETTINGS) == {
        "count": 1,
        "image": "nginx:1.27",
        "options.existing": "Deployment/prod/books",
    }


@pytest.mark.parametrize("path", ["mounts", "options.existing", "kind", "anything"])
def test_what_would_take_another_object_is_never_in_place(path):
    assert shape.effect_of(imported(), path) is Effect.REPLACE


def test_taking_the_option_away_does_not_make_it_alma_s():
    plain = wish("container", address="books")
    assert shape.effect_of(plain, existing.EXISTING) is Effect.REPLACE


@pytest.mark.parametrize("path", ["image", "env.MODE", "specs.memory", "count", "labels.team"])
def test_what_the_object_alone_says_changes_in_place(path):
    assert shape.effect_of(imported(), path) is Effect.IN_PLACE


@pytest.mark.parametrize(
    ("desired", "path"),
    [
        (imported({"pod_security": "baseline"}), "options.kubernetes.pod_security"),
        (imported(resource={"network": {"attach": ["lan"]}}), "network.attach"),
        (imported(public=True), "network.public_ip"),
        (imported(env={"A": {"secret": "db.password"}}), "env.A"),
        (imported(software="nginx"), "type"),
        (imported(resource={"specs": {"gpu": 1}}), "specs.gpu"),
    ],
)
def test_what_alma_leaves_alone_is_said_with_the_reason(desired, path):
    found = {note.path: note for note in shape.support_of(desired, SETTINGS, SERVED)}
    assert found[path].reason


def _observed(**properties: Any) -> ObservedResource:
    return ObservedResource(
        address="books",
        type=ResourceType.CONTAINER,
        object_id="Deployment/prod/books/1",
        name="books",
        key="k",
        properties={existing.EXISTING: EXISTING["existing"], **properties},
    )


def test_a_plan_refuses_what_is_not_of_the_stack_and_what_can_t_be_changed():
    (missing,) = existing.faults(imported(), None, frozenset())
    assert "not part of this stack" in missing.message
    (refused,) = existing.faults(imported(), _observed(), frozenset({"mounts", "image"}))
    assert refused.path == "books.mounts"
    assert [*existing.faults(imported(), _observed(), frozenset({"image", "status"}))] == []


def test_a_claim_that_would_change_its_class_is_refused():
    desired = volume("files", options={"existing": "PersistentVolumeClaim/prod/books-files"})
    seen = _observed().model_copy(
        update={"properties": {existing.EXISTING: "PersistentVolumeClaim/prod/books-files"}}
    )
    (refused,) = existing.faults(desired, seen, frozenset({"options.storage_class", "specs.disk"}))
    assert refused.path == "files.options.storage_class"


def test_nothing_of_a_stack_leads_to_what_was_imported():
    balancer = wish("load_balancer", address="lb", backends=[{"address": "books", "port": 80}])
    (fault,) = [
        item
        for item in faults_between([imported(), balancer], SETTINGS, SERVED)
        if item.code == "backend_imported"
    ]
    assert (fault.severity, fault.path) == ("error", "lb.backends")


def test_no_manifest_is_written_for_what_was_there_before():
    with pytest.raises(ChangeRejected, match="was there before"):
        made(imported())


# ── what is read ─────────────────────────────────────────────────────────────────────────────────


def test_the_secrets_that_its_logs_may_hold_are_found():
    found = books()
    server(found)["envFrom"] = [{"secretRef": {"name": "more"}}]
    found["spec"]["template"]["spec"]["volumes"].append(
        {"name": "s", "secret": {"secretName": "tls"}}
    )
    assert secret_names(found) == ["books", "more", "tls"]
    assert plain_secrets(found) == ["canary-in-plain-sight"]


def test_anything_of_alma_s_on_an_object_keeps_it_from_being_offered():
    found = books()
    assert not marker.is_marked(found)
    found["metadata"]["annotations"]["alma.dev/key"] = "k"
    assert marker.is_marked(found)


def test_what_was_kept_and_can_t_be_read_keeps_nothing():
    found = books()
    assert kept_of(found) is None
    found["metadata"]["annotations"]["alma.dev/adopted"] = "nonsense"
    assert kept_of(found) == Kept()
