"""Every route as nobody, as a stranger, and as each role: a table says what each takes, and a new route without a line
in it fails. The server, the database, the accounts and the roles are real."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from alma.core.model.access import ROLES, Permission, RoleName
from tests.api.server import API, Server, serve

P = Permission
KEY = "k" * 40
PASSWORD = "otter lantern quarry mildew"
CANARY = "zanzibar"
"""In the name of everything that `ours` has, and in nothing else."""
NOWHERE: Mapping[str, str] = {
    "blueprint_id": "987654",
    "ipr_id": "987654",
    "deployment_id": "00000000-0000-4000-8000-000000000000",
    "stack_id": "00000000-0000-4000-8000-000000000000",
    "conversation_id": "nobodys-talk",
    "turn_id": "0" * 32,
    "waiver_id": "987654",
    "key_id": "nokeyatall",
    "project_id": "nowhere",
    "seq": "987654",
    "place": "simulation@nowhere",
}


@dataclass(frozen=True)
class Route:
    """What a route takes, and a request that gets as far as that. `public`: nobody may ask. `administrator`: nobody but
    those of the installation. `{name}` in a path, or `"$name"` in a body, is one of `ours`."""

    needs: frozenset[Permission] = frozenset()
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    administrator: bool = False
    answers: frozenset[int] = frozenset()
    """What a stranger may be answered beside 404: where the noun is named in another way than by an id."""


def takes(*needs: Permission, body: Any = None, **path: str) -> Route:
    return Route(frozenset(needs), body=body, path=path)


KNOWN = Route()
PUBLIC = Route(public=True)
DOCUMENT = {"name": "box", "resources": [{"name": "web", "type": "vm"}]}
OF_ENGINE = {"name": "$place"}

ROUTES: Mapping[str, Route] = {
    "GET /": PUBLIC,
    f"POST {API}/blueprints": takes(P.BLUEPRINT_WRITE, body=DOCUMENT),
    f"GET {API}/blueprints": takes(P.BLUEPRINT_READ),
    f"GET {API}/blueprints/schema": KNOWN,
    f"POST {API}/blueprints/validate": takes(body=DOCUMENT),
    f"POST {API}/blueprints/plan": takes(P.PLAN, body=DOCUMENT),
    f"POST {API}/blueprints/convert": takes(body={"services": {"a": {"image": "nginx"}}}),
    f"POST {API}/blueprints/render": takes(body=DOCUMENT | {"engine": "docker"}),
    f"GET {API}/blueprints/{{blueprint_id}}": takes(P.BLUEPRINT_READ),
    f"GET {API}/blueprints/{{blueprint_id}}/render": takes(P.BLUEPRINT_READ),
    f"PUT {API}/blueprints/{{blueprint_id}}": takes(P.BLUEPRINT_WRITE, body=DOCUMENT),
    f"DELETE {API}/blueprints/{{blueprint_id}}": takes(P.BLUEPRINT_DELETE),
    f"GET {API}/blueprints/{{blueprint_id}}/revisions": takes(P.BLUEPRINT_READ),
    f"GET {API}/blueprints/{{blueprint_id}}/revisions/{{number}}": takes(
        P.BLUEPRINT_READ, number="1"
    ),
    f"POST {API}/blueprints/{{blueprint_id}}/plan": takes(P.PLAN),
    f"POST {API}/blueprints/{{blueprint_id}}/deploy": takes(P.IPR_OPEN, P.PLAN),
    f"GET {API}/templates": KNOWN,
    f"GET {API}/templates/categories": KNOWN,
    f"GET {API}/templates/search": KNOWN,
    f"GET {API}/templates/{{template_id}}": takes(template_id="simple-web-app"),
    f"POST {API}/templates/{{template_id}}/customize": takes(template_id="simple-web-app"),
    f"POST {API}/conversation/chat": takes(P.CONVERSATION, body={"message": "help"}),
    f"POST {API}/conversation/chat-stream": takes(P.CONVERSATION, body={"message": "help"}),
    f"GET {API}/conversation/turns/{{turn_id}}/events": takes(P.CONVERSATION),
    f"POST {API}/conversation/turns/{{turn_id}}/stop": takes(P.CONVERSATION),
    f"GET {API}/conversation": takes(P.CONVERSATION),
    f"GET {API}/conversation/{{conversation_id}}": takes(P.CONVERSATION),
    f"PATCH {API}/conversation/{{conversation_id}}": takes(P.CONVERSATION, body={"title": "x"}),
    f"DELETE {API}/conversation/{{conversation_id}}": takes(P.CONVERSATION),
    f"GET {API}/conversation/{{conversation_id}}/graph": takes(P.CONVERSATION),
    f"POST {API}/blueprints/generate-blueprint": takes(
        P.BLUEPRINT_WRITE, body={"description": "a web server"}
    ),
    f"POST {API}/blueprints/generate-blueprint-stream": takes(
        P.BLUEPRINT_WRITE, body={"description": "a web server"}
    ),
    f"GET {API}/tools": KNOWN,
    f"GET {API}/tools/{{name}}": takes(name="validate_blueprint"),
    **{
        f"POST {API}/tools/execute{way}": takes(
            P.TOOL,
            *([P.BLUEPRINT_READ] if way != "-stream" else []),
            body={"tool_name": "security_audit", "parameters": {"blueprint_id": "$blueprint_id"}},
        )
        for way in ("", "-direct", "-stream")
    },
    f"GET {API}/policies": takes(P.POLICY_READ),
    f"POST {API}/policies/check": takes(
        P.POLICY_READ, P.BLUEPRINT_READ, body={"blueprint_id": "$blueprint_id"}
    ),
    f"GET {API}/policies/waivers": takes(P.POLICY_READ),
    f"POST {API}/policies/waivers": takes(
        P.POLICY_WAIVE,
        body={"rule": "ALMA-NET-001", "reason": "for now", "expires": "2999-01-01"},
    ),
    f"DELETE {API}/policies/waivers/{{waiver_id}}": takes(P.POLICY_WAIVE),
    f"GET {API}/policies/{{rule_id}}": takes(P.POLICY_READ, rule_id="ALMA-NET-001"),
    f"GET {API}/council": KNOWN,
    f"POST {API}/council/convene": takes(
        P.BLUEPRINT_READ, P.PLAN, body={"blueprint_id": "$blueprint_id"}
    ),
    f"POST {API}/iprs": takes(
        P.IPR_OPEN, P.PLAN, body={"title": "x", "blueprint_id": "$blueprint_id"}
    ),
    f"GET {API}/iprs": takes(P.IPR_READ),
    f"GET {API}/iprs/{{ipr_id}}": takes(P.IPR_READ),
    f"PUT {API}/iprs/{{ipr_id}}": takes(P.IPR_OPEN, body={"title": CANARY}),
    f"DELETE {API}/iprs/{{ipr_id}}": takes(P.IPR_CANCEL),
    f"POST {API}/iprs/{{ipr_id}}/cancel": takes(P.IPR_CANCEL),
    f"POST {API}/iprs/{{ipr_id}}/review": takes(P.IPR_APPROVE, body={"action": "approve"}),
    f"POST {API}/iprs/{{ipr_id}}/replan": takes(P.PLAN, P.IPR_READ),
    f"POST {API}/iprs/{{ipr_id}}/deploy": takes(P.DEPLOY, P.IPR_READ),
    f"GET {API}/deployments": takes(P.DEPLOYMENT_READ),
    f"GET {API}/deployments/{{deployment_id}}": takes(P.DEPLOYMENT_READ),
    f"POST {API}/deployments/{{deployment_id}}/cancel": takes(P.DEPLOYMENT_CANCEL),
    f"POST {API}/deployments/{{deployment_id}}/retry": takes(
        P.DEPLOYMENT_READ, P.DEPLOY, P.IPR_READ
    ),
    f"GET {API}/deployments/{{deployment_id}}/events": takes(P.DEPLOYMENT_READ),
    f"GET {API}/stacks": takes(P.STACK_READ),
    f"GET {API}/stacks/{{stack_id}}": takes(P.STACK_READ),
    f"POST {API}/stacks/{{stack_id}}/verify": takes(P.STACK_VERIFY, P.STACK_READ),
    f"POST {API}/stacks/{{stack_id}}/destroy": takes(P.STACK_READ, P.IPR_OPEN, P.PLAN),
    f"GET {API}/engines": takes(P.ENGINE_READ),
    f"GET {API}/engines/{{name}}/check": Route(
        frozenset({P.ENGINE_READ}), path=OF_ENGINE, answers=frozenset({422})
    ),
    f"GET {API}/engines/{{name}}/discover": Route(
        frozenset({P.ENGINE_READ}), path=OF_ENGINE, answers=frozenset({422})
    ),
    f"GET {API}/engines/{{name}}/connection": Route(
        frozenset({P.ENGINE_READ}), path=OF_ENGINE, answers=frozenset({422})
    ),
    f"PUT {API}/engines/{{name}}/connection": takes(
        P.ENGINE_CONFIGURE, body={"seed": 1}, name="simulation@another"
    ),
    f"DELETE {API}/engines/{{name}}/connection": Route(
        frozenset({P.ENGINE_CONFIGURE}), path=OF_ENGINE, answers=frozenset({422})
    ),
    f"POST {API}/imports": Route(
        frozenset({P.BLUEPRINT_WRITE, P.IPR_OPEN, P.PLAN, P.ENGINE_READ}),
        body={"engine": "$place", "name": "x", "objects": [{"object": "1"}]},
        answers=frozenset({422}),
    ),
    f"GET {API}/prices": KNOWN,
    f"GET {API}/prices/{{provider}}": takes(provider="aws"),
    f"GET {API}/prices/{{provider}}/focus": takes(provider="aws"),
    f"POST {API}/prices/{{provider}}/focus": takes(provider="aws", body=DOCUMENT),
    f"POST {API}/auth/login": PUBLIC,
    f"POST {API}/auth/refresh": PUBLIC,
    f"POST {API}/auth/logout": PUBLIC,
    f"GET {API}/auth/me": KNOWN,
    f"POST {API}/auth/password": takes(body={"old": "wrong", "new": PASSWORD}),
    f"GET {API}/auth/providers": PUBLIC,
    f"GET {API}/auth/oidc/{{provider}}/start": PUBLIC,
    f"GET {API}/auth/oidc/{{provider}}/callback": PUBLIC,
    f"POST {API}/auth/oidc/token": PUBLIC,
    f"POST {API}/auth/device": PUBLIC,
    f"POST {API}/auth/device/token": PUBLIC,
    f"POST {API}/auth/device/answer": PUBLIC,
    f"GET {API}/auth/device/{{user_code}}": PUBLIC,
    f"POST {API}/keys": takes(P.KEY_MANAGE, body={"name": "mine", "permissions": ["key:manage"]}),
    f"GET {API}/keys": takes(P.KEY_MANAGE),
    f"GET {API}/keys/{{key_id}}": takes(P.KEY_MANAGE),
    f"DELETE {API}/keys/{{key_id}}": takes(P.KEY_MANAGE),
    f"POST {API}/accounts": Route(
        administrator=True, body={"name": "newcomer", "password": PASSWORD}
    ),
    f"GET {API}/accounts": Route(administrator=True),
    f"GET {API}/accounts/{{name}}": Route(administrator=True, path={"name": "guest"}),
    f"PATCH {API}/accounts/{{name}}": Route(
        administrator=True, path={"name": "guest"}, body={"disabled": False}
    ),
    f"PUT {API}/accounts/{{name}}/password": Route(
        administrator=True, path={"name": "guest"}, body={"password": PASSWORD}
    ),
    f"POST {API}/projects": Route(administrator=True, body={"id": "another"}),
    f"GET {API}/projects": KNOWN,
    f"GET {API}/projects/{{project_id}}": KNOWN,
    f"PATCH {API}/projects/{{project_id}}": takes(P.PROJECT_MANAGE, body={"name": CANARY}),
    f"DELETE {API}/projects/{{project_id}}": Route(administrator=True),
    f"GET {API}/projects/{{project_id}}/members": takes(P.MEMBER_READ),
    f"POST {API}/projects/{{project_id}}/members": takes(
        P.MEMBER_MANAGE, body={"principal": "nobody-there", "role": "viewer"}
    ),
    f"DELETE {API}/projects/{{project_id}}/members/{{principal}}/{{role}}": takes(
        P.MEMBER_MANAGE, principal="nobody-there", role="viewer"
    ),
    f"GET {API}/projects/{{project_id}}/roles": takes(P.MEMBER_READ),
    f"PUT {API}/projects/{{project_id}}/roles/{{name}}": takes(
        P.MEMBER_MANAGE, body={"permissions": ["member:manage"]}, name="spare"
    ),
    f"DELETE {API}/projects/{{project_id}}/roles/{{name}}": takes(P.MEMBER_MANAGE, name="nothing"),
    f"GET {API}/audit": takes(P.AUDIT_READ),
    f"GET {API}/audit/{{seq}}": takes(P.AUDIT_READ),
    f"GET {API}/audit/head": Route(administrator=True),
    f"POST {API}/audit/verify": Route(administrator=True),
    f"GET {API}/audit/export": Route(administrator=True),
    f"POST {API}/audit/prune": Route(administrator=True, body={"before": "2001-01-01T00:00:00Z"}),
    f"GET {API}/secrets": Route(administrator=True),
    f"POST {API}/secrets/rotate": Route(administrator=True),
    f"POST {API}/secrets/reencrypt": Route(administrator=True),
    "GET /metrics": Route(frozenset({P.METRICS_READ})),
    f"GET {API}/models": takes(P.CONVERSATION),
    f"GET {API}/monitoring/metrics/summary": takes(P.METRICS_READ),
    f"GET {API}/monitoring/rate-limit/stats": takes(P.METRICS_READ),
    f"GET {API}/monitoring/health/detailed": PUBLIC,
    f"GET {API}/monitoring/health/live": PUBLIC,
    f"GET {API}/monitoring/health/ready": PUBLIC,
}
OWNED = frozenset(NOWHERE)
_UNASKED = {P.AUDIT_READ, P.METRICS_READ}


@dataclass(frozen=True)
class House:
    """Two projects on one server: `ours`, with something of every kind, and `theirs`, with nothing."""

    server: Server
    ours: Mapping[str, str]
    tokens: Mapping[str, str]

    def ask(
        self,
        name: str,
        *,
        who: str | None,
        project: str | None = "mill",
        nouns: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """What a route answers somebody about these nouns, ours if nothing is said. Streams are read to the end."""
        route, (method, path) = ROUTES[name], name.split(" ", 1)
        given = self.ours if nouns is None else nouns
        for key, value in {**given, **route.path}.items():
            path = path.replace(f"{{{key}}}", given[value[1:]] if value[:1] == "$" else value)
        headers = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        if who is not None and project is not None:
            headers["X-ALMA-Project"] = project
        body = json.dumps(route.body) if route.body is not None else "{}"
        for key, value in given.items():
            body = body.replace(f'"${key}"', value if value.isdecimal() else f'"{value}"')
        content = (
            body if method != "GET" and (route.body is not None or method != "DELETE") else None
        )
        # Nothing of whoever asked before: each caller shows one thing.
        with httpx.Client(base_url=self.server.url, timeout=60) as client:
            return client.request(method, path, headers=headers, content=content)

    def holds(self, permissions: frozenset[Permission]) -> None:
        """Lets `exact` do exactly that in our project, from now on."""
        body = {"permissions": sorted(permissions)}
        self.server.put("/projects/mill/roles/exact", body)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with serve(home, api_key=KEY, rate_limit_enabled=False) as server:
        server.http.headers["X-API-Key"] = KEY
        tokens = _people(server)
        server.http.headers["X-ALMA-Project"] = "mill"
        yield House(server, _nouns(server), tokens)


def _people(server: Server) -> dict[str, str]:
    tokens = {}
    for name in (*RoleName, "exact", "stranger", "guest"):
        server.post("/accounts", {"name": name, "password": PASSWORD})
    server.post("/projects", {"id": "mill", "name": CANARY, "admin": "user:admin"})
    server.post("/projects", {"id": "theirs", "admin": "user:stranger"})
    server.put("/projects/mill/roles/exact", {"permissions": ["metrics:read"]})
    for name in (*RoleName, "exact"):
        server.post("/projects/mill/members", {"principal": name, "role": name})
    for name in (*RoleName, "exact", "stranger"):
        answer = server.http.post(
            f"{API}/auth/login", json={"username": name, "password": PASSWORD}
        )
        assert answer.is_success, answer.text
        tokens[str(name)] = answer.json()["access_token"]
    return tokens


def _nouns(server: Server) -> dict[str, str]:
    """One of every kind, all of them with the canary in what can be named."""
    deployed = server.deployed({**DOCUMENT, "name": CANARY})
    later = server.post("/blueprints", {**DOCUMENT, "name": f"{CANARY}-2"})
    waiting = server.post("/iprs", {"title": CANARY, "blueprint_id": later["id"]})
    talk = server.post(
        "/conversation/chat",
        {"message": "help", "context": {"conversation_id": f"{CANARY}-talk"}},
        status=200,
    )
    waiver = {"rule": "ALMA-NET-001", "reason": CANARY, "expires": "2999-01-01"}
    server.put("/engines/simulation@mill/connection", {"seed": 7})
    return {
        "blueprint_id": str(later["id"]),
        "ipr_id": str(waiting["id"]),
        "deployment_id": deployed["id"],
        "stack_id": server.get("/stacks")["items"][0]["id"],
        "conversation_id": f"{CANARY}-talk",
        "turn_id": talk["turn_id"],
        "waiver_id": str(server.post("/policies/waivers", waiver)["id"]),
        "key_id": server.post("/keys", {"name": CANARY, "permissions": ["key:manage"]})["id"],
        "project_id": "mill",
        "seq": str(server.get("/audit")["items"][0]["seq"]),
        "place": "simulation@mill",
    }


# ── the table ────────────────────────────────────────────────────────────────────────────────────────


def test_every_route_is_in_the_table_and_nothing_else(house: House) -> None:
    described = house.server.http.get("/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path}" for path in described for method in described[path]}
    assert there == set(ROUTES)


# ── nobody ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name in ROUTES if not ROUTES[name].public])
def test_nobody_gets_no_further_than_the_door(house: House, name: str) -> None:
    answer = house.ask(name, who=None)
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "unauthenticated"
    assert CANARY not in answer.text


@pytest.mark.parametrize("name", [name for name in ROUTES if ROUTES[name].public])
def test_what_is_public_tells_nothing_of_a_project(house: House, name: str) -> None:
    answer = house.ask(name, who=None)
    assert answer.status_code < 500 or name.endswith("/detailed")
    assert CANARY not in answer.text


# ── strangers ────────────────────────────────────────────────────────────────────────────────────────


def _told(answer: httpx.Response, nouns: Mapping[str, str]) -> tuple[int, str]:
    """What an answer says, whatever it is about and whichever request it is of."""
    text = answer.text.replace(answer.headers.get("X-Request-ID", "\0"), "")
    text = re.sub(r'"(request_id|timestamp)": ?"[^"]*"', "", text)
    for value in sorted({*nouns.values(), "1"}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.]){re.escape(value)}(?![\w.])", "<noun>", text)
    return answer.status_code, text


def _names_something(name: str) -> bool:
    route, asked = ROUTES[name], name + json.dumps(ROUTES[name].body) + str(ROUTES[name].path)
    return not (route.public or route.administrator) and any(
        f"{{{key}}}" in asked or f"${key}" in asked for key in OWNED
    )


@pytest.mark.parametrize("name", [name for name in ROUTES if _names_something(name)])
def test_what_a_stranger_names_is_to_them_what_does_not_exist(house: House, name: str) -> None:
    nowhere = {key: NOWHERE[key] for key in house.ours}
    there = house.ask(name, who="stranger", project="theirs")
    gone = house.ask(name, who="stranger", project="theirs", nouns=nowhere)
    assert there.status_code in {404} | ROUTES[name].answers or _streamed(there), there.text
    assert _told(there, house.ours) == _told(gone, nowhere)


def _streamed(answer: httpx.Response) -> bool:
    """A stream has begun when it fails: it says so in its last event."""
    return "text/event-stream" in answer.headers["content-type"] and "not_found" in answer.text


@pytest.mark.parametrize(
    "name",
    [n for n, route in ROUTES.items() if not (route.public or route.administrator)],
)
def test_nothing_of_a_project_is_told_to_a_stranger(house: House, name: str) -> None:
    own = house.ask(name, who="stranger", project="theirs")
    told = own.text.replace(house.ours["conversation_id"], "")
    sent = json.dumps(ROUTES[name].body)
    assert CANARY not in told or CANARY in sent, told


@pytest.mark.parametrize("name", [n for n, route in ROUTES.items() if not route.public])
def test_a_project_of_others_is_no_project_to_enter(house: House, name: str) -> None:
    there = house.ask(name, who="stranger", project="mill")
    gone = house.ask(name, who="stranger", project="nowhere")
    assert there.status_code == 404, there.text
    assert _told(there, {"": "mill"}) == _told(gone, {"": "nowhere"})


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────


def _protected() -> list[str]:
    return [name for name, route in ROUTES.items() if route.needs or route.administrator]


@pytest.mark.parametrize("role", RoleName)
@pytest.mark.parametrize("name", _protected())
def test_a_role_is_refused_exactly_where_it_lacks_a_permission(
    house: House, name: str, role: RoleName
) -> None:
    route = ROUTES[name]
    lacks = route.administrator or not route.needs <= ROLES[role]
    answer = house.ask(name, who=role)
    assert answer.status_code != 401
    assert (answer.status_code == 403) == lacks, answer.text
    if lacks:
        assert answer.json()["code"] == "forbidden"
        assert CANARY not in answer.text


@pytest.mark.parametrize("name", [name for name in ROUTES if ROUTES[name].needs])
def test_a_route_takes_exactly_what_the_table_says_from_the_next_request_on(
    house: House, name: str
) -> None:
    needs = ROUTES[name].needs
    house.holds(needs)
    enough = house.ask(name, who="exact")
    assert enough.status_code not in {401, 403}, enough.text
    for missing in needs:
        # What nobody asks here for keeps the role from allowing nothing, which is no role.
        house.holds(needs - {missing} or frozenset(_UNASKED - {missing}))
        refused = house.ask(name, who="exact")
        assert refused.status_code == 403, refused.text
        assert refused.json()["permission"] == missing.value
