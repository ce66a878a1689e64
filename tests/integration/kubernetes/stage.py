"""One stack on a real cluster, with the verbs of the tests and a way behind the engine's back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from alma.core.model.blueprint import Resource, ResourceType, SecretRef
from alma.core.model.engine import Outcome
from alma.core.model.plan import Action, Change, FieldChange
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, ObservedResource, RenderedFile, StackRef
from alma.core.model.units import Port, Size
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.names import namespace_of
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.contract.harness import Context, new_key, new_stack
from tests.kubernetes import Outside, kubeconfig

PORT = 8080
CONFIG = "server {{ listen 8080; location / {{ return 200 '{text}'; }} }}\n"


def web(address: str = "web", *, text: str = "one", **update: Any) -> DesiredResource:
    """A web server that answers with a text, as nobody in particular."""
    file = RenderedFile(path="/etc/nginx/conf.d/default.conf", content=CONFIG.format(text=text))
    wish = DesiredResource(
        address=address,
        type=ResourceType.SERVICE,
        resource=Resource(name=address, type=ResourceType.SERVICE),
        software="nginx",
        image="nginx:1.27",
        user=101,
        writable=("/var/cache/nginx", "/var/lib/nginx", "/var/run"),
        cpu=0.1,
        memory=Size("64MiB"),
        env={"MODE": "a"},
        ports=(Port(PORT),),
        files=(file,),
        health=HealthCheck(kind="http", port=PORT, interval=1, start_period=30),
    )
    return wish.model_copy(update=update)


def crashing(address: str = "web", **update: Any) -> DesiredResource:
    """What prints its secret and ends."""
    return web(
        address,
        command=("sh", "-c", 'echo "the password is $PASSWORD"; exit 7'),
        env={"PASSWORD": SecretRef(secret="web.password")},
        files=(),
        **update,
    )


class Stage:
    """A stack of its own on one engine."""

    def __init__(
        self, engine: KubernetesEngine, door: Outside, settings: KubernetesSettings
    ) -> None:
        self.engine = engine
        self.door = door
        self.stack: StackRef = new_stack(engine.name)
        self.context = Context(self.stack)
        self.namespace = namespace_of(self.stack, settings)

    async def apply(
        self,
        action: Action,
        desired: DesiredResource,
        *,
        key: str | None = None,
        fields: Iterable[str] = (),
    ) -> Outcome:
        change = Change(
            address=desired.address,
            type=desired.type,
            action=action,
            reason="a test asks for it",
            desired=None if action is Action.DELETE else desired,
            fields=tuple(FieldChange(path=path) for path in fields),
        )
        return await self.engine.apply(change, key or new_key(), self.context)

    async def create(self, desired: DesiredResource, *, key: str | None = None) -> Outcome:
        return await self.apply(Action.CREATE, desired, key=key)

    async def update(
        self, desired: DesiredResource, *fields: str, key: str | None = None
    ) -> Outcome:
        return await self.apply(Action.UPDATE, desired, key=key, fields=fields)

    async def delete(self, desired: DesiredResource) -> Outcome:
        return await self.apply(Action.DELETE, desired)

    async def see(self, address: str) -> ObservedResource | None:
        found = await self.engine.read(self.stack)
        return next((item for item in found.resources if item.address == address), None)

    # ── behind the engine's back ──

    def path(self, plural: str, name: str = "", *, group: str = "apps/v1") -> str:
        root = f"/apis/{group}" if "/" in group else f"/api/{group}"
        return f"{root}/namespaces/{self.namespace}/{plural}{f'/{name}' if name else ''}"

    async def deployment(self, name: str = "web") -> Mapping[str, Any]:
        found: Mapping[str, Any] = await self.door.get(self.path("deployments", name))
        return found

    async def objects(self, address: str) -> list[str]:
        """Kind and name of everything with the address' label, of the kinds that a service is made of."""
        found = []
        for plural, group in _PLURALS:
            listed = await self.door.get(
                self.path(plural, group=group), labelSelector=f"alma.dev/address={address}"
            )
            found += [f"{plural}/{item['metadata']['name']}" for item in listed["items"]]
        return sorted(found)

    async def make_namespace(self) -> None:
        """The stack's own namespace as ALMA makes it, by a service that goes at once."""
        await self.create(web("first"))

    async def say(self) -> str:
        """What the web server's Service answers."""
        proxied = self.path("services", f"web:{PORT}/proxy/", group="v1")
        answer = await self.door._http.get(proxied)
        return answer.text


_PLURALS = (
    ("deployments", "apps/v1"),
    ("services", "v1"),
    ("configmaps", "v1"),
    ("secrets", "v1"),
    ("networkpolicies", "networking.k8s.io/v1"),
    ("poddisruptionbudgets", "policy/v1beta1"),
)


@asynccontextmanager
async def a_stage(door: Outside, **settings: Any) -> AsyncIterator[Stage]:
    """A stack that is removed again, whatever is left of it."""
    given = KubernetesSettings.model_validate({"kubeconfig": kubeconfig(), **settings})
    engine = KubernetesEngine(given)
    stage = Stage(engine, door, given)
    try:
        yield stage
    finally:
        await engine.close()
        if given.namespace is None:
            await door.remove(f"/api/v1/namespaces/{stage.namespace}")
