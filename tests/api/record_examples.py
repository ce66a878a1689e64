"""Records the answers that the API's description shows: `python -m tests.api.record_examples`.

Run it when a route has changed. It drives a small world through all of the API once, and keeps one answer a schema.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from alma.api import description
from alma.core.model.blueprint import Network, Resource, ResourceType, Specs
from alma.core.model.units import Size
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.api.server import API, WORDS, Server, serve

TARGET = Path(description.__file__).with_name("examples.json")
SHOP = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "service", "engine": "nginx", "network": {"ports": [80]}},
    ],
}
FEW = 2


def limits() -> Any:
    """What a server without any settings says of its limits."""
    with tempfile.TemporaryDirectory() as home, serve(Path(home), rate_limit_enabled=True) as own:
        return own.get("/monitoring/rate-limit/stats")


def models() -> Any:
    """What a server says that has one model and another behind it. Neither is asked."""
    chain = {
        "provider": "openai-compatible",
        "model": "qwen3-8b",
        "base_url": "http://gpu-1:8000/v1",
        "price_in": "0",
        "price_out": "0",
        "fallbacks": "openai-compatible:qwen3-32b@http://gpu-2:8000/v1",
    }
    with tempfile.TemporaryDirectory() as home, serve(Path(home), llm=chain) as own:
        return own.get("/models")


def record(server: Server) -> dict[str, Any]:
    """One answer for each schema."""
    chat = server.post("/conversation/chat", {"message": WORDS}, status=200)
    made = server.post("/blueprints", SHOP)
    ipr = server.post("/iprs", {"title": "Put the shop online", "blueprint_id": made["id"]})
    dry_run = server.post(f"/iprs/{ipr['id']}/deploy", {"dry_run": True}, status=200)
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    queued = server.post(f"/iprs/{ipr['id']}/deploy", status=202)
    deployment = server.ended(queued["deployment_id"])
    stack = f"/stacks/{deployment['stack_id']}"
    asyncio.run(plant(server.home))
    return {
        "Welcome": server.http.get("/").json(),
        "BlueprintView": made,
        "Page_BlueprintView_": server.get("/blueprints"),
        "Page_RevisionSummary_": server.get(f"/blueprints/{made['id']}/revisions"),
        "Validation": server.post("/blueprints/validate", {"name": "shop"}, status=200),
        "ConversionView": server.post(
            "/blueprints/convert", {"services": {"web": {"image": "nginx:1.28"}}}, status=200
        ),
        "RenderingView": server.get(f"/blueprints/{made['id']}/render?engine=docker"),
        "PlanView": dry_run["plan"],
        "DryRun": dry_run,
        "TemplateList": server.get("/templates"),
        "TemplateView": server.get("/templates/api-gateway"),
        "CategoryList": server.get("/templates/categories"),
        "Blueprint": server.post("/templates/simple-web-app/customize", status=200),
        "ChatView": chat,
        "Page_ConversationItem_": server.get("/conversation"),
        "GraphView": server.get(f"/conversation/{chat['conversation_id']}/graph"),
        "ConversationView": server.get(f"/conversation/{chat['conversation_id']}"),
        "DraftView": server.post(
            "/blueprints/generate-blueprint", {"description": "a redis cache"}, status=200
        ),
        "IPRView": of_request(server, ipr["id"]),
        "Page_IPRSummary_": server.get("/iprs"),
        "Queued": queued,
        "DeploymentView": deployment,
        "Page_DeploymentSummary_": server.get("/deployments"),
        "EventPage": server.get(f"/deployments/{deployment['id']}/events"),
        "Page_StackSummary_": server.get("/stacks"),
        "StackView": server.get(stack),
        "Verification": server.post(f"{stack}/verify", status=200),
        "Discovery": server.get("/engines/simulation/discover"),
        "EngineList": server.get("/engines"),
        "EngineView": server.get("/engines/simulation/check"),
        "ConnectionView": server.put("/engines/docker@nas/connection", {"host": "tcp://nas:2375"}),
        **of_policies(server),
        **of_council(server),
        **of_prices(server),
        **of_tools(server),
        "HealthReport": server.get("/monitoring/health/ready"),
        "MetricsSummary": _few(server.get("/monitoring/metrics/summary")),
        "Alive": server.get("/monitoring/health/live"),
        **of_projects(server),
        **of_secrets(server),
        **of_audit(server),
        # The last: from the first account on, everybody has to be known.
        **of_signing_in(server),
        **of_access(server),
    }


def of_projects(server: Server) -> dict[str, Any]:
    """A project, who is in it, and what its roles allow."""
    server.post("/projects", {"id": "lab", "name": "The lab"})
    role = {"permissions": ["blueprint:read", "plan:make"]}
    return {
        "RoleView": server.put("/projects/lab/roles/planner", role),
        "ProjectView": server.get("/projects/lab"),
        "Page_ProjectView_": server.get("/projects"),
        "RoleList": server.get("/projects/lab/roles"),
    }


def of_secrets(server: Server) -> dict[str, Any]:
    """What secrets are kept under."""
    return {
        "Sealing": server.get("/secrets"),
        "Resealed": server.post("/secrets/reencrypt", {"limit": FEW}, status=200),
    }


def of_audit(server: Server) -> dict[str, Any]:
    """What was done so far, and whether it is whole."""
    page = server.get(f"/audit?limit={FEW}")
    return {
        "Page_AuditEntry_": page,
        "AuditEntry": page["items"][0],
        "KnownHead": server.get("/audit/head"),
        "AuditReport": server.post("/audit/verify", {"heads": []}, status=200),
        "Pruned": server.post("/audit/prune", {"before": "2020-01-01T00:00:00Z"}, status=200),
    }


def of_council(server: Server) -> dict[str, Any]:
    """Who sits in it, and what it says of a few words; a few of the findings."""
    said = server.post("/council/convene", {"request": "web app with database"}, status=200)
    return {"CouncilInfo": server.get("/council"), "CouncilView": few_findings(said)}


def of_request(server: Server, id_: int) -> dict[str, Any]:
    """A request, with a few of the findings."""
    found = server.get(f"/iprs/{id_}")
    return {**found, "council": few_findings(found["council"])}


def few_findings(council: dict[str, Any]) -> dict[str, Any]:
    """What the council says, the rest of it counted."""
    findings = council["findings"]
    return {**council, "findings": findings[:FEW], "omitted": len(findings[FEW:])}


def of_policies(server: Server) -> dict[str, Any]:
    """Rules, what they say of a careless blueprint, and a waiver."""
    careless = {"name": "db", "type": "database", "network": {"public_ip": True}}
    about = {"blueprint": {"name": "shop", "resources": [careless]}}
    waived = server.post(
        "/policies/waivers",
        {
            "rule": "ALMA-NET-001",
            "resource": "db",
            "reason": "moves behind the VPN in March",
            "expires": "2099-03-31",
        },
    )
    checked = server.post("/policies/check", {**about, "limit": FEW}, status=200)
    shown = {item["rule"] for item in checked["findings"]}
    counts = {rule: count for rule, count in checked["counts"].items() if rule in shown}
    return {
        "RuleList": server.get("/policies"),
        "Rule": server.get("/policies/ALMA-NET-001"),
        "CheckResult": {**checked, "counts": counts},
        "Waiver": waived,
        "WaiverList": server.get("/policies/waivers"),
    }


def of_access(server: Server) -> dict[str, Any]:
    """Accounts and keys, as whoever holds the data directory sees them."""
    token = (server.home / "local.token").read_text().strip()
    server.http.headers["Authorization"] = f"Bearer {token}"
    key = server.post("/keys", {"name": "ci", "permissions": ["blueprint:read", "plan:make"]})
    return {
        "AccountView": server.get("/accounts/ada"),
        "Page_AccountView_": server.get("/accounts"),
        "KeyView": server.get(f"/keys/{key['id']}"),
        "Page_KeyView_": server.get("/keys"),
        "NewKeyView": key | {"secret": f"alma_{key['id']}_…"},
        "CallerView": server.get("/auth/me"),
        "Membership": server.post(
            "/projects/lab/members", {"principal": "user:ada", "role": "viewer"}
        ),
        "MemberList": server.get("/projects/lab/members"),
    }


def of_signing_in(server: Server) -> dict[str, Any]:
    """Somebody who signs in, and a device that waits for them."""
    account = {"name": "ada", "password": "seven lamps above the quiet harbour"}
    server.post("/accounts", account)
    login = {"username": account["name"], "password": account["password"]}
    signed_in = server.post("/auth/login", login, status=200)
    codes = server.post("/auth/device", {"client_name": "alma on laptop"}, status=200)
    server.http.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    waiting = server.get(f"/auth/device/{codes['user_code']}")
    return {
        "SignedInView": signed_in | dict.fromkeys(("access_token", "refresh_token"), "…"),
        "DeviceCodesView": codes | {"device_code": "…"},
        "DeviceRequestView": waiting,
        "ProvidersView": {
            **server.get("/auth/providers"),
            "providers": [
                {
                    "name": "company",
                    "title": "Company login",
                    "start": f"{API}/auth/oidc/company/start",
                }
            ],
        },
    }


def of_prices(server: Server) -> dict[str, Any]:
    """Whose prices are known, and a few of them."""
    prices = server.get("/prices/aws")
    return {
        "BookList": server.get("/prices"),
        "PriceList": {**prices, "items": prices["items"][:FEW]},
    }


def of_tools(server: Server) -> dict[str, Any]:
    """What tools are, and what one of them says."""
    call = {"tool_name": "validate_blueprint", "parameters": {"blueprint": SHOP}}
    return {
        "ToolList": server.get("/tools") | {"tools": [server.get("/tools/validate_blueprint")]},
        "ToolView": server.get("/tools/validate_blueprint"),
        "Execution": server.post("/tools/execute", call, status=200),
    }


def _few(summary: Any) -> Any:
    """With few of the routes: what they look like is clear by then."""
    return summary | {"endpoints": summary["endpoints"][:FEW], "tools": summary["tools"][:FEW]}


async def plant(home: Path) -> None:
    """Something that was there before ALMA."""
    engine = SimulationEngine(SimulationSettings(path=home / "simulation.db", time_scale=0))
    lan = Resource(name="lan", type=ResourceType.NETWORK, cidr="10.0.7.0/24")
    specs = Specs(cpu=2, memory=Size("4GiB"))
    attached = Network(attach=("lan",))
    web = Resource(name="old-web", type=ResourceType.VM, specs=specs, network=attached)
    for resource in (lan, web):
        await engine.plant(resource)
    await engine.close()


def shortened(value: Any, name: str = "") -> Any:
    """The same with the beginning of its long lists; what texts speak of stays whole."""
    if isinstance(value, dict):
        return {key: shortened(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in (value[:FEW] if name in {"items", "log"} else value)]
    return value


def main() -> None:
    """Writes the file."""
    alone = {"LimitStats": limits(), "ModelsInUse": models()}
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as server:
        found = {**record(server), **alone}
        text = json.dumps(shortened(found), indent=1, ensure_ascii=False).replace(
            server.url, "http://localhost:8000"
        )
    TARGET.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
