"""The council: who sits in it, and what it says of a matter."""

from __future__ import annotations

import asyncio

import strawberry

from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.schemas.council import (
    CouncilCall,
    CouncilInfo,
    CouncilView,
    council_info,
    council_view,
)


@noun(CouncilInfo)
class Council:
    """Who sits in the council, and what findings call for."""


@noun(CouncilView)
class CouncilAnswer:
    """What the council says of a matter."""


@taken(CouncilCall)
class ConveneCouncil:
    """What it is to look at: words, a blueprint, a saved one, or a request."""


@strawberry.type
class Queries:
    """What is asked about the council."""

    @strawberry.field(description="Who sits in the council, and what each looks at.")
    async def council(self) -> Council:
        return shown(Council, council_info())


@strawberry.type
class Mutations:
    """What the council is asked."""

    @strawberry.mutation(description="Lets the council look at a matter. Nothing is changed.")
    async def convene_council(self, info: Info, input: ConveneCouncil) -> CouncilAnswer:
        matter = await asyncio.to_thread(read(CouncilCall, input).matter)
        found = await info.context.alma.convening.convene(info.context.caller, matter)
        return shown(CouncilAnswer, council_view(found))
