"""A document is planned against what runs of the blueprint of that name, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

from alma.api.schemas.plans import plan_view
from alma.core.model.blueprint import FirewallRule, Resource, ResourceType
from alma.core.model.plan import Action, Change, Plan, Target
from alma.core.model.state import DesiredResource, ResolvedMount, StackRef
from alma.core.model.units import Port, Size
from tests.api.server import Server


def document(name: str, count: int = 1) -> dict[str, Any]:
    return {
        "name": name,
        "resources": [{"name": "web", "type": "service", "engine": "nginx", "count": count}],
    }


def test_a_name_that_is_not_known_is_all_new(server: Server) -> None:
    plan = server.post("/blueprints/plan", document("unheard-of", 2), status=200)
    assert {change["action"] for change in plan["changes"]} == {"create"}
    assert plan["revision"] == 0
    assert [c["wanted"]["image"] for c in plan["changes"] if c["address"] == "web-2"]


def test_nothing_is_saved(server: Server) -> None:
    server.post("/blueprints/plan", document("only-a-look"), status=200)
    assert server.get("/blueprints?name=only-a-look")["total"] == 0
    assert all(stack["name"] != "only-a-look" for stack in server.get("/stacks")["items"])


def test_what_is_wrong_with_it_is_said(server: Server) -> None:
    body = server.post("/blueprints/plan", {"name": "x", "resources": [{"name": "y"}]}, status=422)
    assert body["code"] == "blueprint_invalid"
    assert server.post("/blueprints/plan?engine=mars", document("x"), status=422)["hint"]


def test_whoever_approves_sees_all_that_is_written(server: Server) -> None:
    rules = [{"action": "allow", "target": "web", "ports": [443]}, {"action": "deny"}]
    resources: list[dict[str, Any]] = [
        {"name": "inside", "type": "network", "cidr": "10.9.0.0/24", "vlan": 9},
        {"name": "wall", "type": "firewall", "rules": rules},
        {
            "name": "web",
            "type": "vm",
            "image": "debian:12",
            "specs": {"gpu": 1},
            "network": {"attach": ["inside"], "private_ip": "10.9.0.7"},
            "command": ["serve", "--all"],
            "backup": {"retention_days": 5},
        },
        {
            "name": "k8s",
            "type": "kubernetes_cluster",
            "specs": {"control_plane": 3, "workers": 2},
            "backup": {"enabled": False},
            "policies": {"network": "default-deny", "pod_security": "baseline"},
        },
    ]

    document = {"name": "all-of-it", "resources": resources}
    plan = server.post("/blueprints/plan", document, status=200)

    wanted = {change["address"]: change["wanted"] for change in plan["changes"]}
    assert wanted["inside"].items() >= {"cidr": "10.9.0.0/24", "vlan": 9}.items()
    assert wanted["wall"]["rules"] == ["allow any → web: 443", "deny any → any: any port"]
    assert wanted["web"]["private ip"] == "10.9.0.7"
    assert wanted["web"]["specs.gpu"] == 1
    assert wanted["web"]["command"] == ["serve", "--all"]
    assert wanted["web"]["backup"] == "daily, kept 5 days"
    assert wanted["k8s"].items() >= {"specs.control_plane": 3, "specs.workers": 2}.items()
    assert wanted["k8s"]["policies.network"] == "default-deny"
    assert wanted["k8s"]["policies.pod_security"] == "baseline"
    assert "backup" not in wanted["k8s"]


def test_what_a_guest_carries_is_shown_where_it_is_no_object_of_its_own() -> None:
    """Whoever approves sees the disks and the rules that come with a guest, and what only this engine is told."""
    rule = FirewallRule(source="10.0.0.5", target="app", ports=(Port(22),))
    resource = Resource(
        name="app",
        type=ResourceType.VM,
        options={"proxmox": {"node": "pve2", "tags": ["lab"]}, "docker": {"other": 1}},
    )
    app = DesiredResource(
        address="app",
        type=ResourceType.VM,
        resource=resource,
        rules=(rule,),
        mounts=(ResolvedMount(volume="data", path="/data", size=Size("20GB")),),
    )
    change = Change(address="app", type=app.type, action=Action.CREATE, reason="new", desired=app)
    plan = Plan(
        target=Target(blueprint_id=1, revision=1, engine="proxmox@lab"),
        stack=StackRef(id="s", name="lab", engine="proxmox@lab"),
        blueprint_name="lab",
        changes=(change,),
        digest="sha256:1",
    )
    wanted = plan_view(plan).changes[0].wanted
    assert wanted["rules"] == ["allow 10.0.0.5 → app: 22"]
    assert wanted["mounts"] == ["data:/data (20GB)"]
    assert wanted["options"] == ["node: pve2", 'tags: ["lab"]']
