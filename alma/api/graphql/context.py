"""What every field of a request is given: who asks, the services, and the loaders that ask for many nouns at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry
from pydantic import BaseModel, ValidationError
from starlette.datastructures import MutableHeaders

from alma.api.errors import body_invalid
from alma.api.graphql.charging import Tab
from alma.api.graphql.deriving import Shown, sent
from alma.api.graphql.loading import Loaders
from alma.core.model.principal import Principal

if TYPE_CHECKING:
    from alma.bootstrap import Alma
else:
    Alma = Any

# So long a query is worked on.
PATIENCE_SECONDS = 30.0

T = TypeVar("T")
Body = TypeVar("Body", bound=BaseModel)


@dataclass
class Context:
    """One request, or one connection of a subscriber."""

    alma: Alma
    caller: Principal
    patience: float = PATIENCE_SECONDS
    tab: Tab = field(default_factory=Tab)
    headers: MutableHeaders | None = None
    """Those of the answer, where there is one answer to all of it."""
    load: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.load = Loaders(self.alma, self.caller)

    def keep_nothing(self) -> None:
        """The answer holds a secret, or would be another one soon: nobody on its way may keep it."""
        if self.headers is not None:
            self.headers["Cache-Control"] = "no-store"

    async def ask(self, service: Callable[..., T], *given: Any, **named: Any) -> T:
        """What a service answers the caller, asked in a thread: its statements never hold up the event loop."""
        return await asyncio.to_thread(service, self.caller, *given, **named)


Expected = Annotated[
    str | None,
    strawberry.argument(
        description="The `version` that the change was made on: refused if it is another by now."
    ),
]
Info = strawberry.Info[Context, None]
Root = strawberry.Parent[Shown]


def read(model: type[Body], given: object) -> Body:
    """The body of a mutation, checked as REST checks it. Raises BodyInvalid with everything that is wrong."""
    try:
        return model.model_validate(sent(given) if given is not None else {})
    except ValidationError as error:
        raise body_invalid(error.errors(include_url=False), model) from None
