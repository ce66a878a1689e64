"""A small client of ALMA's API: one method for each call the command line makes, every failure as a CliError."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import httpx

from alma.cli.access_calls import AccessCalls
from alma.cli.audit_calls import AuditCalls
from alma.cli.calls import API, Rows, part
from alma.cli.credentials import Shown, project_headers, shown_to
from alma.cli.documents import Document
from alma.cli.errors import CliError, from_answer
from alma.cli.project_calls import ProjectCalls
from alma.cli.shapes import (
    IPR,
    Connection,
    Council,
    Deployment,
    Discovery,
    Engine,
    Event,
    Json,
    Plan,
    Stack,
)

# A plan asks the engine, and an engine may be slow.
_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
# Verifying waits for health checks, each within its own limit.
_VERIFY_TIMEOUT = httpx.Timeout(900.0, connect=5.0)
# Shorter than any server's, so that a request never goes down a connection that is being closed.
_LIMITS = httpx.Limits(keepalive_expiry=2.0)
_RECONNECTS = 12
_NO_PACE: Mapping[str, Any] = {}
_UNFINISHED = ("queued", "running", "verifying", "rolling_back")


class Client(AuditCalls, AccessCalls, ProjectCalls):
    """A connection to one server."""

    @classmethod
    def at(cls, url: str, *, home: Path | None = None, local: Path | None = None) -> Self:
        """A client of the server at a URL; `http://` may be left out. It shows ALMA_API_KEY, or a sign-in stored in
        `home`, or the token in the file `local`. Raises CliError for what is no URL."""
        full = url if "://" in url else f"http://{url}"
        try:
            parsed = httpx.URL(full)
        except httpx.InvalidURL as error:
            raise CliError(
                f"'{url}' is no URL of a server: {error}",
                hint="write it like http://localhost:8000",
                code="invalid_input",
            ) from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise CliError(
                f"'{url}' is no URL of a server",
                hint="write it like http://localhost:8000",
                code="invalid_input",
            )
        base = full.rstrip("/").removesuffix(API)
        http = httpx.Client(
            base_url=base,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            auth=shown_to(base, home=home, local=local),
            headers=project_headers(),
        )
        return cls(http, where=base)

    @classmethod
    def over(cls, socket: str, *, local: Path | None = None) -> Self:
        """A client of a server in this process, over a unix socket. It shows the token in the file `local`."""
        transport = httpx.HTTPTransport(uds=socket, limits=_LIMITS)
        http = httpx.Client(
            transport=transport,
            base_url="http://localhost",
            timeout=_TIMEOUT,
            auth=Shown("", local=local),
            headers=project_headers(),
        )
        return cls(http, where="the server in this process", embedded=True, socket=socket)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    # ── blueprints ───────────────────────────────────────────────────────────────────────────────

    def blueprints_named(self, name: str) -> Rows:
        """The newest revisions of the blueprints of that name, newest blueprint first."""
        return self._items("/blueprints", params={"name": name})

    def blueprints(self, *, limit: int) -> Rows:
        """The newest revisions of all blueprints, newest blueprint first."""
        return self._items("/blueprints", params={"limit": limit})

    def blueprint(self, id_: int) -> Json:
        """The newest revision of a blueprint."""
        return self._object("GET", f"/blueprints/{id_}")

    def plan_blueprint(
        self, id_: int, *, engine: str | None = None, pace: Mapping[str, Any] = _NO_PACE
    ) -> Plan:
        """What deploying the newest revision of a blueprint would do; `pace` is the strategy and the batch."""
        body = {"engine": engine, **pace}
        return cast("Plan", self._object("POST", f"/blueprints/{id_}/plan", json=body))

    def create_blueprint(self, document: Document) -> Json:
        """Saves a new blueprint."""
        return self._send("POST", "/blueprints", document)

    def update_blueprint(self, id_: int, revision: int, document: Document) -> Json:
        """Saves a further revision, unless somebody saved one after `revision`."""
        headers = {"If-Match": f'"{revision}"'}
        return self._send("PUT", f"/blueprints/{id_}", document, headers=headers)

    def validate(self, document: Document) -> Json:
        """What is to be said about a document: `valid`, `errors`, `diagnostics`."""
        return self._send("POST", "/blueprints/validate", document)

    def convert(self, document: Document, *, form: str | None, name: str) -> Json:
        """What becomes of somebody else's description. Nothing is saved."""
        params = {"name": name} | ({"from": form} if form else {})
        return self._send("POST", "/blueprints/convert", document, params=params)

    def render(self, document: Document, **asked: str | None) -> Json:
        """A document as files for another tool; `engine` and `format` as they are asked for. Nothing is saved."""
        params = {key: value for key, value in asked.items() if value}
        return self._send("POST", "/blueprints/render", document, params=params)

    def render_blueprint(self, id_: int, **asked: str | None) -> Json:
        """A saved blueprint's newest revision, or the one of `revision`, in the same way."""
        params = {key: value for key, value in asked.items() if value}
        return self._object("GET", f"/blueprints/{id_}/render", params=params)

    def schema(self) -> Json:
        """JSON Schema of blueprints."""
        return self._object("GET", "/blueprints/schema")

    def plan(
        self,
        document: Document,
        *,
        engine: str | None = None,
        pace: Mapping[str, Any] = _NO_PACE,
    ) -> Plan:
        """What deploying a document would do. Nothing is saved."""
        params = {**({"engine": engine} if engine else {}), **pace}
        return cast("Plan", self._send("POST", "/blueprints/plan", document, params=params))

    # ── prices ───────────────────────────────────────────────────────────────────────────────────

    def price_books(self) -> list[Json]:
        """The price books."""
        return self._items("/prices")

    def prices(self, provider: str, **filters: str | None) -> list[Json]:
        """What an hour of a provider's machines costs."""
        wanted = {key: value for key, value in filters.items() if value is not None}
        return self._items(f"/prices/{part(provider)}", params=wanted)

    def focus(
        self, provider: str, *, region: str | None = None, document: Document | None = None
    ) -> str:
        """A provider's prices, or what a blueprint costs there, as FOCUS rows."""
        path, params = f"/prices/{part(provider)}/focus", {"region": region} if region else {}
        if document is None:
            return self._text("GET", path, params=params)
        return self._text(
            "POST",
            path,
            content=document.content,
            headers={"Content-Type": document.media_type},
            params=params,
        )

    # ── templates and words ──────────────────────────────────────────────────────────────────────

    def templates(self, **filters: str | None) -> list[Json]:
        """All templates, or those of a category or complexity."""
        wanted = {key: value for key, value in filters.items() if value is not None}
        return self._items("/templates", params=wanted)

    def template(self, id_: str) -> Json:
        """One template with its parameters and its blueprint."""
        return self._object("GET", f"/templates/{part(id_)}")

    def customize(self, id_: str, parameters: Mapping[str, Any]) -> Json:
        """A copy of a template's blueprint with some parameters turned."""
        body = {"parameters": dict(parameters)}
        return self._object("POST", f"/templates/{part(id_)}/customize", json=body)

    def conversations(self, *, limit: int | None) -> Rows:
        """The caller's conversations, the one that moved last first, without what was said."""
        return self._items("/conversation", params={"limit": limit})

    def conversation(self, id_: str) -> Json:
        """One conversation from its first message on."""
        return self._object("GET", f"/conversation/{part(id_)}")

    def standing(self, id_: str) -> Json:
        """Where a conversation stands, and the drawing of the way."""
        return self._object("GET", f"/conversation/{part(id_)}/graph")

    def rename_conversation(self, id_: str, title: str) -> Json:
        """Gives a conversation another title."""
        return self._object("PATCH", f"/conversation/{part(id_)}", json={"title": title})

    def forget_conversation(self, id_: str) -> None:
        """Forgets what was said."""
        self._done("DELETE", f"/conversation/{part(id_)}")

    def stop_turn(self, turn_id: str) -> None:
        """Gives an answer up while it is made."""
        self._done("POST", f"/conversation/turns/{part(turn_id)}/stop")

    # ── tools ──────────────────────────────────────────────────────────────────────────────────────────

    def tools(self) -> Json:
        """Every tool with its schema, and those that can't be used here."""
        return self._object("GET", "/tools")

    def tool(self, name: str) -> Json:
        """One tool: what it takes, what it answers, examples."""
        return self._object("GET", f"/tools/{part(name)}")

    def execute(self, call: Json, *, on_progress: Callable[[str, float | None], None]) -> Json:
        """What a tool says, by its name or in words. `on_progress` hears a sentence and the share that is done."""
        try:
            for sent in self.stream("POST", "/tools/execute-stream", last=None, json=call):
                event: Json = json.loads(sent.data)
                kind = event.pop("type")
                if kind == "complete":
                    return event
                if kind == "error":
                    raise from_answer(httpx.codes.BAD_GATEWAY, event, doing=self.where)
                on_progress(event["content"], event["share"])
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        raise CliError(f"{self.where} ended the answer before it was complete", code="unreachable")

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    def open_ipr(
        self,
        *,
        title: str,
        description: str,
        blueprint_id: int,
        engine: str | None,
        pace: Mapping[str, Any] = _NO_PACE,
    ) -> IPR:
        """Plans a blueprint's newest revision and asks for its approval."""
        body = {
            "title": title,
            "description": description,
            "blueprint_id": blueprint_id,
            "engine": engine,
            **pace,
        }
        return cast("IPR", self._object("POST", "/iprs", json=body))

    def iprs(self, status: str | None = None, *, limit: int | None = 50) -> Rows:
        """Requests, newest first."""
        params: dict[str, Any] = {"limit": limit} | ({"status": status} if status else {})
        return self._items("/iprs", params=params)

    def ipr(self, id_: int) -> IPR:
        """One request with its plan."""
        return cast("IPR", self._object("GET", f"/iprs/{id_}"))

    def review(self, ipr: IPR, action: str, *, comments: str = "") -> IPR:
        """Decides about the plan of exactly this request, as it was shown."""
        body = {"action": action, "comments": comments, "plan_digest": ipr["plan_digest"]}
        return cast("IPR", self._object("POST", f"/iprs/{ipr['id']}/review", json=body))

    def cancel_ipr(self, id_: int) -> IPR:
        """Withdraws a request that is pending or approved."""
        return cast("IPR", self._object("POST", f"/iprs/{id_}/cancel"))

    def replan(self, id_: int, *, engine: str | None, pace: Mapping[str, Any] = _NO_PACE) -> IPR:
        """Plans a request again."""
        body = {"engine": engine, **pace}
        return cast("IPR", self._object("POST", f"/iprs/{id_}/replan", json=body))

    def deploy(self, id_: int, *, on_failure: str) -> str:
        """Queues the approved plan of a request; the deployment's id."""
        answer = self._object("POST", f"/iprs/{id_}/deploy", json={"on_failure": on_failure})
        return str(answer["deployment_id"])

    # ── deployments ──────────────────────────────────────────────────────────────────────────────

    def deployments(self, status: str | None = None, *, limit: int | None = 50) -> Rows:
        """Deployments, newest first, without their steps."""
        params: dict[str, Any] = {"limit": limit} | ({"status": status} if status else {})
        return self._items("/deployments", params=params)

    def unfinished(self) -> list[Deployment]:
        """Deployments that have not ended."""
        found = cast("list[Deployment]", self.deployments(limit=500))
        return [item for item in found if item["status"] in _UNFINISHED]

    def deployment(self, id_: str) -> Deployment:
        """One deployment with its steps and proofs."""
        return cast("Deployment", self._object("GET", f"/deployments/{part(id_)}"))

    def cancel_deployment(self, id_: str) -> Deployment:
        """Asks a run to stop at the next step boundary."""
        return cast("Deployment", self._object("POST", f"/deployments/{part(id_)}/cancel"))

    def retry(self, id_: str) -> str:
        """Deploys the request of a failed deployment again; the new deployment's id."""
        answer = self._object("POST", f"/deployments/{part(id_)}/retry")
        return str(answer["deployment_id"])

    def events(self, id_: str) -> Iterator[Event]:
        """The log so far."""
        after, ended = 0, False
        while not ended:
            page = self._object("GET", f"/deployments/{part(id_)}/events", params={"after": after})
            yield from page["items"]
            ended = page["ended"] or not page["items"]
            after = page["last"]

    def follow(
        self,
        id_: str,
        *,
        after: int = 0,
        on_break: Callable[[int], None] = lambda attempt: None,
        pause: float = 0.25,
    ) -> Iterator[Event]:
        """The log as it grows, until the deployment has ended. A broken connection is made again, going on after the
        last event seen; `on_break` hears of it. Raises CliError when the server stays away."""
        breaks = 0
        while True:
            try:
                for event in self._stream(id_, after):
                    breaks, after = 0, event["seq"]
                    yield event
                    if event["type"] == "complete":
                        return
                if self._ended(id_, after):
                    return
            except httpx.TransportError as error:
                if breaks >= _RECONNECTS:
                    raise self.unreachable(error, following=id_) from error
            breaks += 1
            on_break(breaks)
            time.sleep(min(pause * 2**breaks, 5.0))

    def _stream(self, id_: str, after: int) -> Iterator[Event]:
        path = f"/deployments/{part(id_)}/events"
        for sent in self.stream("GET", path, last=str(after), params={"stream": "true"}):
            event = json.loads(sent.data)
            if event["type"] == "error" and sent.id is None:
                # No line of the log: access was taken back meanwhile.
                raise from_answer(httpx.codes.FORBIDDEN, event, doing=self.where)
            yield cast("Event", event)

    def _ended(self, id_: str, after: int) -> bool:
        page = self._object("GET", f"/deployments/{part(id_)}/events", params={"after": after})
        return bool(page["ended"]) and not page["items"]

    # ── stacks and engines ───────────────────────────────────────────────────────────────────────

    def stacks(self) -> list[Stack]:
        """All stacks, as recorded."""
        return cast("list[Stack]", self._items("/stacks"))

    def stack(self, id_: str) -> Stack:
        """One stack, as its engine sees it now."""
        return cast("Stack", self._object("GET", f"/stacks/{part(id_)}"))

    def verify(self, id_: str) -> Json:
        """Asks every workload of a stack whether it does its work."""
        return self._object("POST", f"/stacks/{part(id_)}/verify", timeout=_VERIFY_TIMEOUT)

    def open_destroy(self, id_: str, *, volumes: bool) -> IPR:
        """Asks for the approval to remove everything of a stack."""
        body = {"volumes": volumes}
        return cast("IPR", self._object("POST", f"/stacks/{part(id_)}/destroy", json=body))

    def discover(self, name: str) -> Discovery:
        """What is on an engine and belongs to no stack."""
        return cast("Discovery", self._object("GET", f"/engines/{part(name)}/discover"))

    def open_import(self, body: Json) -> IPR:
        """Asks for the approval to take objects into a stack as they are."""
        return cast("IPR", self._object("POST", "/imports", json=body))

    def engines(self) -> list[Engine]:
        """All engines, each asked now."""
        return cast("list[Engine]", self._items("/engines"))

    def engine(self, name: str) -> Engine:
        """One engine, asked now."""
        return cast("Engine", self._object("GET", f"/engines/{part(name)}/check"))

    def save_connection(self, name: str, settings: Mapping[str, Any]) -> Connection:
        """Says how an engine is reached, secrets among it, in place of what was said before."""
        path = f"/engines/{part(name)}/connection"
        return cast("Connection", self._object("PUT", path, json=dict(settings)))

    def forget_connection(self, name: str) -> None:
        """Forgets what was saved."""
        self._done("DELETE", f"/engines/{part(name)}/connection")

    # ── policy ───────────────────────────────────────────────────────────────────────────────────

    def rules(self) -> Json:
        """Every rule, what is wrong with their files, and the name of all of them together."""
        return self._object("GET", "/policies")

    def rule(self, rule_id: str) -> Json:
        """One rule."""
        return self._object("GET", f"/policies/{part(rule_id)}")

    def check_policies(
        self, source: Document | Json, *, frameworks: Sequence[str], limit: int
    ) -> Json:
        """What the rules say of a document, or of a saved blueprint; at most so many findings of each kind."""
        if isinstance(source, Document):
            about: Json = {"blueprint": source.values()}
        else:
            about = {"blueprint_id": source["id"]}
        asked = {**about, "frameworks": [*frameworks], "limit": limit}
        return self._object("POST", "/policies/check", json=asked)

    def waivers(self, *, past: bool) -> list[Json]:
        """Who answers for what."""
        return self._items("/policies/waivers", params={"past": past})

    def waive(self, waiver: Json) -> Json:
        """Answers for a broken rule."""
        return self._object("POST", "/policies/waivers", json=waiver)

    def unwaive(self, waiver_id: str) -> Json:
        """Takes a waiver back."""
        return self._object("DELETE", f"/policies/waivers/{part(waiver_id)}")

    # ── council ──────────────────────────────────────────────────────────────────────────────────

    def council(self) -> Json:
        """Who sits in it."""
        return self._object("GET", "/council")

    def convene(self, matter: Json) -> Council:
        """What the council says: of words, a blueprint, a saved one, or a request."""
        return cast("Council", self._object("POST", "/council/convene", json=matter))

    # ── the server itself ────────────────────────────────────────────────────────────────────────

    def welcome(self) -> Json:
        """What answers at the root: `name` and `version`."""
        return cast("Json", self._read(self._ask("GET", "/")))

    def alive(self, *, within: float = 2.0) -> bool:
        """Whether ALMA answers there at all."""
        try:
            # Whoever answers there shall not be shown a credential before it is known to be ALMA.
            answer = self._http.get(f"{API}/monitoring/health/live", timeout=within, auth=None)
            return answer.status_code == httpx.codes.OK and "status" in answer.json()
        except (httpx.HTTPError, ValueError):
            return False
