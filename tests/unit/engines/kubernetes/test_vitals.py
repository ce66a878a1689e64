"""How workloads and pods are is read from what the cluster says of them, in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from alma.engines.kubernetes import vitals


def deployment(*, count: int = 2, generation: int = 3, **status: Any) -> dict[str, Any]:
    whole = {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": generation},
        "spec": {"replicas": count},
        "status": whole | status,
    }


def stateful(**status: Any) -> dict[str, Any]:
    whole = {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1}
    revisions = {"currentRevision": "db-1", "updateRevision": "db-1"}
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "db", "generation": 1},
        "spec": {"replicas": 1},
        "status": whole | revisions | status,
    }


def pod(*, container: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    statuses = (
        [{"name": "main", "image": "nginx:9", "restartCount": 0, **container}] if container else []
    )
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1", "uid": "u1"},
        "spec": {"containers": [{"name": "main"}]},
        "status": {"phase": "Pending", "containerStatuses": statuses, **status},
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def event(reason: str, message: str) -> dict[str, Any]:
    return {"reason": reason, "message": message}


def test_a_deployment_is_through_when_all_its_pods_are_new_and_available() -> None:
    assert vitals.is_through(deployment())


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 2},
        {"updatedReplicas": 1},
        {"availableReplicas": 1},
        {"replicas": 3},  # an old one is still there
    ],
)
def test_a_deployment_is_not_through_while_something_is_old_or_missing(
    status: dict[str, Any],
) -> None:
    assert not vitals.is_through(deployment(**status))


@pytest.mark.parametrize(
    "status", [{"observedGeneration": 0}, {"updateRevision": "db-2"}, {"readyReplicas": 0}]
)
def test_a_stateful_set_is_not_through_while_something_is_old_or_not_ready(
    status: dict[str, Any],
) -> None:
    assert vitals.is_through(stateful())
    assert not vitals.is_through(stateful(**status))


def test_a_workload_of_none_is_through_when_nothing_is_left() -> None:
    empty = {"replicas": 0, "updatedReplicas": 0, "availableReplicas": 0}
    assert vitals.is_through(deployment(count=0, **empty))


@pytest.mark.parametrize(
    ("message", "certain", "hint"),
    [
        (
            'pods "web" is forbidden: exceeded quota: small, requested: pods=1',
            True,
            "ResourceQuota",
        ),
        ('admission webhook "no.test" denied the request: not today', True, "admits"),
        (
            'error looking up service account x/default: serviceaccount "default" not found',
            False,
            "",
        ),
    ],
)
def test_pods_that_may_not_be_made_say_why(message: str, certain: bool, hint: str) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": message}
    (trouble,) = vitals.of_workload(deployment(conditions=[failure]))
    assert message in trouble.what
    assert trouble.certain is certain
    assert hint in trouble.hint


def test_what_a_controller_said_of_an_older_generation_does_not_count() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
    assert vitals.of_workload(deployment(generation=4, conditions=[failure])) == []


def test_no_progress_in_time_is_trouble() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    (trouble,) = vitals.of_workload(deployment(conditions=[late]))
    assert trouble.certain


def test_an_image_that_cannot_be_had_tells_what_the_kubelet_was_told() -> None:
    events = [
        event("Failed", 'Failed to pull image "nginx:9": rpc error: not found'),
        event("Failed", "Error: ImagePullBackOff"),
    ]
    (trouble,) = vitals.of_pod(pod(container=waiting("ImagePullBackOff", "Back-off")), events)
    assert trouble.certain
    assert "nginx:9" in trouble.what
    assert "rpc error: not found" in trouble.what


def test_a_first_failed_pull_may_pass() -> None:
    (trouble,) = vitals.of_pod(pod(container=waiting("ErrImagePull", "timeout")))
    assert not trouble.certain


def test_a_container_that_ends_again_and_again_is_beyond_help_after_two_restarts() -> None:
    ended = {"terminated": {"exitCode": 3, "reason": "Error"}}
    for count, certain in ((0, False), (1, False), (2, True)):
        state = waiting("CrashLoopBackOff") | {"lastState": ended, "restartCount": count}
        (trouble,) = vitals.of_pod(pod(container=state))
        assert trouble.certain is certain
        assert "exit code 3" in trouble.what
        assert (trouble.container, trouble.previous) == ("main", True)


def test_memory_that_did_not_suffice_is_said() -> None:
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    (trouble,) = vitals.of_pod(pod(container={"state": ended, "restartCount": 2}))
    assert "specs.memory" in trouble.what
    assert not trouble.previous, "it has just ended: its own log tells"


def test_a_pod_without_a_node_has_the_schedulers_words_and_new_nodes_are_waited_for() -> None:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "message": "0/1 nodes are available: 1 Insufficient memory.",
    }
    (trouble,) = vitals.of_pod(pod(conditions=[condition]))
    assert "1 Insufficient memory" in trouble.what
    assert not trouble.certain
    (growing,) = vitals.of_pod(pod(conditions=[condition]), [event("TriggeredScaleUp", "1->2")])
    assert "nodes are being added" in growing.what


def test_a_configuration_that_can_not_be_had_is_beyond_help() -> None:
    state = waiting("CreateContainerConfigError", 'secret "x" not found')
    (trouble,) = vitals.of_pod(pod(container=state))
    assert trouble.certain
    assert 'secret "x" not found' in trouble.what


def test_a_configuration_that_a_busy_node_has_not_read_yet_is_waited_for() -> None:
    said = "failed to sync secret cache: timed out waiting for the condition"
    (trouble,) = vitals.of_pod(pod(container=waiting("CreateContainerConfigError", said)))
    assert not trouble.certain
    assert said in trouble.what


def test_a_mount_that_fails_is_told_by_its_event() -> None:
    said = event(
        "FailedMount", 'MountVolume.SetUp failed for volume "v": hostPath type check failed'
    )
    (trouble,) = vitals.of_pod(pod(container=waiting("ContainerCreating")), [said])
    assert "hostPath type check failed" in trouble.what


def test_what_events_tell_is_over_when_the_container_runs() -> None:
    said = event("FailedMount", "timed out waiting for the condition")
    assert vitals.of_pod(pod(container={"state": {"running": {}}}), [said]) == []


def test_what_the_kubelet_ends_since_it_does_not_answer_is_no_crash() -> None:
    ended = {"state": {"terminated": {"exitCode": 137}}, "restartCount": 5}
    killing = event("Killing", "Container main failed startup probe, will be restarted")
    (trouble,) = vitals.of_pod(pod(container=ended), [killing])
    assert not trouble.certain


def test_an_evicted_pod_says_why() -> None:
    gone = pod(
        phase="Failed", reason="Evicted", message="Usage of EmptyDir volume exceeds the limit"
    )
    (trouble,) = vitals.of_pod(gone)
    assert trouble.certain
    assert "EmptyDir" in trouble.what


def test_a_pod_that_is_just_starting_has_no_trouble() -> None:
    assert vitals.of_pod(pod(container=waiting("ContainerCreating"))) == []
    assert vitals.of_pod(pod(container={"state": {"running": {}}})) == []


def test_a_claim_without_a_volume_says_what_its_controller_says() -> None:
    claim = {"metadata": {"name": "data"}, "status": {"phase": "Pending"}}
    said = event(
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
    )
    (trouble,) = vitals.of_claim(claim, [said])
    assert "no storage class is set" in trouble.what
    assert vitals.of_claim({**claim, "status": {"phase": "Bound"}}, [said]) == []
