"""The operator on a real cluster, from `kubectl apply` to what runs: as its users have it, with its shipped roles."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.state import StackRef
from alma.engines.simulation import SimulationEngine
from alma.engines.simulation.settings import SimulationSettings
from tests.e2e.operating import Operator, Person, condition, people
from tests.kubernetes_proxy import Proxy
from tests.waiting import wait_until

pytestmark = [pytest.mark.kubernetes, pytest.mark.slow]

WEB: dict[str, Any] = {"name": "web", "type": "service", "engine": "nginx"}
SPEC: dict[str, Any] = {"resources": [WEB], "deploy": {"engine": "simulation"}}
LARGER: dict[str, Any] = {**SPEC, "resources": [{**WEB, "specs": {"cpu": 2, "memory": "1GB"}}]}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Person]]:
    namespace = f"test-operator-{uuid.uuid4().hex[:8]}"
    with people(tmp_path_factory.mktemp("people"), namespace) as found:
        yield found


@pytest.fixture(scope="module")
def operator(
    cluster: Mapping[str, Person], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Operator]:
    home = tmp_path_factory.mktemp("alma")
    made = Operator(home, cluster["operator"].config, cluster["operator"].namespace)
    made.start()
    yield made
    assert made.stop() == 0
    assert "Traceback" not in (home / "operator.err").read_text()


@pytest.fixture
def author(cluster: Mapping[str, Person], operator: Operator) -> Person:
    return cluster["author"]


@pytest.fixture
def admin(cluster: Mapping[str, Person], operator: Operator) -> Person:
    return cluster["admin"]


@pytest.fixture
def approver(cluster: Mapping[str, Person], operator: Operator) -> Person:
    return cluster["approver"]


def rows(operator: Operator, statement: str, *values: Any) -> list[Any]:
    """What ALMA has written down."""
    with sqlite3.connect(operator.home / "alma.db", timeout=30) as connection:
        return connection.execute(statement, values).fetchall()


def stack_of(operator: Operator, name: str) -> StackRef:
    found = rows(operator, "SELECT id, name, project, engine FROM stack WHERE name = ?", name)
    id_, name, project, engine = found[0]
    return StackRef(id=id_, name=name, project=project, engine=engine)


def simulated(operator: Operator) -> SimulationEngine:
    return SimulationEngine(SimulationSettings(path=operator.home / "simulation.db"))


def test_a_blueprint_is_planned_approved_deployed_and_changed_by_another_request(
    author: Person, approver: Person, admin: Person
) -> None:
    author.apply("shop", SPEC)
    waits = author.phase("shop", "AwaitingApproval")
    assert condition(waits, "Planned") == ("True", "Planned")
    assert condition(waits, "Approved") == ("False", "AwaitingApproval")
    request = author.sees(waits["request"], lambda s: s.get("state") == "pending", kind="ipr")
    assert request["counts"]["create"] == 2
    assert [c["address"] for c in request["changes"]] == ["network", "web"]
    assert request["monthlyCost"].startswith("$")
    owner = author.read("ipr", waits["request"])["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"]) == ("Blueprint", "shop")

    approver.approves("shop")
    deployed = author.sees("shop", lambda s: condition(s, "Ready") == ("True", "Deployed"))
    assert deployed["phase"] == "Deployed"
    assert deployed["deployment"]["state"] == "succeeded"
    assert condition(deployed, "Deployed") == ("True", "Deployed")
    assert condition(deployed, "Drifted") == ("False", "InStep")
    first = deployed["request"]
    author.sees(first, lambda s: s.get("state") == "deployed", kind="ipr")

    author.apply("shop", LARGER)
    again = author.phase("shop", "AwaitingApproval")
    assert again["request"] != first
    assert (again["revision"], condition(again, "Ready")[0]) == (2, "False")
    approver.approves("shop")
    author.sees("shop", lambda s: condition(s, "Ready") == ("True", "Deployed"))
    assert {"RequestOpened", "AwaitingApproval", "Deployed"} <= admin.events("shop")


def test_who_writes_a_blueprint_can_not_approve_it(author: Person, approver: Person) -> None:
    author.apply("apart", SPEC)
    request = author.phase("apart", "AwaitingApproval")["request"]
    digest = author.sees(request, lambda s: s.get("digest"), kind="ipr")["digest"]
    refused = author.annotate("ipr", request, approve=digest)
    assert refused.returncode != 0
    assert "cannot patch resource" in refused.stderr
    written = approver.kubectl("delete", "blueprint", "apart")
    assert "cannot delete resource" in written.stderr


def test_another_digest_approves_nothing_and_is_told(
    author: Person, approver: Person, admin: Person
) -> None:
    author.apply("stale", SPEC)
    request = author.phase("stale", "AwaitingApproval")["request"]
    assert approver.annotate("ipr", request, approve=f"sha256:{'0' * 64}").returncode == 0
    told = author.sees("stale", lambda s: condition(s, "Approved")[1] == "WrongDigest")
    assert told["phase"] == "AwaitingApproval"
    assert not author.read("ipr", request)["status"]["decision"]["accepted"]
    wait_until(lambda: "RefusedWrongDigest" in admin.events(request), 30)


def test_what_is_rejected_stays_until_it_is_asked_for_again(
    author: Person, approver: Person
) -> None:
    author.apply("turned", SPEC)
    request = author.phase("turned", "AwaitingApproval")["request"]
    approver.annotate("ipr", request, reject="too early")
    rejected = author.phase("turned", "Rejected")
    assert condition(rejected, "Approved") == ("False", "Rejected")
    author.annotate("blueprint", "turned", request_again="in spring")
    again = author.phase("turned", "AwaitingApproval")
    assert again["request"] != request


def test_faults_are_told_with_their_places_and_nothing_is_saved(
    author: Person, operator: Operator
) -> None:
    wrong = {"resources": [{**WEB, "depends_on": ["nobody"]}, {"name": "web", "type": "vm"}]}
    author.apply("wrong", {**wrong, "deploy": {"engine": "simulation"}})
    told = author.phase("wrong", "Invalid")
    assert condition(told, "Planned") == ("False", "InvalidBlueprint")
    assert condition(told, "Ready") == ("False", "InvalidBlueprint")
    assert {d["path"] for d in told["diagnostics"]} == {
        "resources.0.depends_on.0",
        "resources.1.name",
    }
    assert rows(operator, "SELECT count(*) FROM blueprint WHERE name = 'wrong'") == [(0,)]
    author.apply("wrong", SPEC)
    assert not author.phase("wrong", "AwaitingApproval").get("diagnostics")


def test_the_api_server_refuses_what_can_not_be_a_blueprint(author: Person) -> None:
    wrong = {"resources": [{"name": "web", "type": "spaceship"}]}
    with pytest.raises(AssertionError, match=r"resources\[0\]\.type|resources\.type"):
        author.apply("shapeless", wrong)


def test_a_request_whose_object_somebody_deletes_is_there_again(
    author: Person, admin: Person
) -> None:
    author.apply("again", SPEC)
    request = author.phase("again", "AwaitingApproval")["request"]
    before = author.read("ipr", request)["metadata"]["uid"]
    admin.does("delete", "ipr", request)
    author.sees(request, lambda s: s.get("digest"), kind="ipr")
    assert author.read("ipr", request)["metadata"]["uid"] != before


def test_drift_is_a_condition_and_an_event(
    author: Person, approver: Person, admin: Person, operator: Operator
) -> None:
    author.apply("drifting", SPEC)
    author.phase("drifting", "AwaitingApproval")
    approver.approves("drifting")
    author.sees("drifting", lambda s: condition(s, "Ready")[0] == "True")

    async def tampered() -> None:
        engine = simulated(operator)
        await engine.tamper(stack_of(operator, "drifting"), "web", remove=True)
        await engine.close()

    asyncio.run(tampered())
    drifted = author.sees("drifting", lambda s: condition(s, "Drifted")[0] == "True")
    assert drifted["phase"] == "Drifted"
    assert any(line.startswith("web:") for line in drifted["drift"])
    wait_until(lambda: "Drifted" in admin.events("drifting"), 30)


def test_what_is_to_be_destroyed_waits_for_its_own_approval(
    author: Person, approver: Person, operator: Operator
) -> None:
    deploy = {"engine": "simulation", "deletionPolicy": "destroy"}
    author.apply("going", {**SPEC, "deploy": deploy})
    author.phase("going", "AwaitingApproval")
    first = approver.approves("going")
    author.sees("going", lambda s: condition(s, "Ready")[0] == "True")
    author.does("delete", "blueprint", "going", "--wait=false")
    waits = author.sees(
        "going", lambda s: s.get("phase") == "Deleting" and s.get("request") != first
    )
    told = author.sees(waits["request"], lambda s: s.get("kind") == "destroy", kind="ipr")
    assert told["counts"]["delete"] == 2
    assert rows(operator, "SELECT count(*) FROM ipr WHERE title LIKE 'Remove % %/going'") == [(1,)]

    approver.approves("going")
    wait_until(lambda: not author.read("blueprint", "going"), 60)
    records = "SELECT count(*) FROM state_record JOIN stack ON stack.id = stack_id WHERE name = ?"
    assert rows(operator, records, "going") == [(0,)]
    wait_until(lambda: not author.read("ipr", waits["request"]), 60)


def test_what_is_retained_stays_and_is_taken_up_again_by_the_same_name(
    author: Person, approver: Person, operator: Operator
) -> None:
    author.apply("staying", SPEC)
    author.phase("staying", "AwaitingApproval")
    approver.approves("staying")
    known = author.sees("staying", lambda s: condition(s, "Ready")[0] == "True")
    author.does("delete", "blueprint", "staying")
    author.apply("staying", SPEC)
    back = author.sees("staying", lambda s: condition(s, "Ready") == ("True", "Deployed"))
    assert back["blueprintId"] == known["blueprintId"]
    assert rows(operator, "SELECT count(*) FROM deployment WHERE ipr_id = ?", known["iprId"]) == [
        (1,)
    ]


def test_one_that_is_killed_goes_on_where_it_was_and_makes_nothing_twice(
    cluster: Mapping[str, Person], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    namespace = f"test-operator-{uuid.uuid4().hex[:8]}"
    with people(tmp_path_factory.mktemp("people"), namespace) as found:
        author, approver = found["author"], found["approver"]
        slow = Operator(tmp_path, found["operator"].config, namespace, simulation_time_scale="100")
        operator = Operator(tmp_path, found["operator"].config, namespace)
        try:
            operator.start()
            author.apply("shop", {**SPEC, "resources": [WEB, {"name": "db", "type": "database"}]})
            author.phase("shop", "AwaitingApproval")
            operator.kill()
            slow.start()
            approver.approves("shop")
            begun = "SELECT 1 FROM step WHERE state = 'running'"
            wait_until(lambda: rows(slow, begun), 120)
            slow.kill()
            operator.start()
            author.sees("shop", lambda s: condition(s, "Ready") == ("True", "Deployed"))
            for table in ("blueprint", "revision", "ipr", "deployment", "stack"):
                assert rows(operator, f"SELECT count(*) FROM {table}") == [(1,)], table
            assert len(author.list("ipr")) == 1
            assert _made(operator) == {"network": 1, "db-data": 1, "db": 1, "web": 1}
        finally:
            slow.stop()
            operator.stop()


async def test_what_is_decided_while_the_api_server_is_away_is_done_when_it_is_back(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    namespace = f"test-operator-{uuid.uuid4().hex[:8]}"
    proxy = Proxy(tmp_path)
    await proxy.start()
    config = tmp_path / "proxy.kubeconfig"
    config.write_text(proxy.kubeconfig)
    with people(tmp_path_factory.mktemp("people"), namespace) as found:
        author, approver = found["author"], found["approver"]
        operator = Operator(tmp_path, config, namespace)
        try:
            await asyncio.to_thread(operator.start)
            await asyncio.to_thread(author.apply, "shop", SPEC)
            await asyncio.to_thread(author.phase, "shop", "AwaitingApproval")
            proxy.drop(".*")
            proxy.cut()
            await asyncio.to_thread(approver.approves, "shop")
            log = tmp_path / "operator.err"
            await asyncio.to_thread(wait_until, lambda: "will retry" in log.read_text(), 60)
            proxy.pass_on()
            await asyncio.to_thread(
                author.sees, "shop", lambda s: condition(s, "Ready") == ("True", "Deployed")
            )
            assert rows(operator, "SELECT count(*) FROM deployment") == [(1,)]
        finally:
            await asyncio.to_thread(operator.stop)
            await proxy.stop()


def _made(operator: Operator) -> dict[str, int]:
    async def looked() -> list[Any]:
        engine = simulated(operator)
        try:
            return list(await engine.operations(stack_of(operator, "shop")))
        finally:
            await engine.close()

    found: dict[str, int] = {}
    for operation in asyncio.run(looked()):
        if operation.action == "create":
            found[operation.address] = found.get(operation.address, 0) + 1
    return found
