"""Lists in pages: nodes, where the page ends, and how many there are. Cursors are those of the REST lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from alma.api.graphql.context import Context
from alma.api.paging import Order, behind, in_order
from alma.core.model.errors import InvalidInput

Item = TypeVar("Item")
Node = TypeVar("Node")

MOST = 100
USUAL = 20
LONGEST_CURSOR = 1024
First = Annotated[int, strawberry.argument(description=f"How many at most: 1 to {MOST}.")]
After = Annotated[str | None, strawberry.argument(description="`end_cursor` of the page before.")]


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page of a list."""

    nodes: list[Node]
    page_info: PageInfo
    total: int = strawberry.field(description="How many there are on all pages.")


def checked(first: int) -> int:
    """The size of a page. Raises InvalidInput."""
    if not 1 <= first <= MOST:
        raise InvalidInput(
            f"first is {first}, and has to be 1 to {MOST}", hint="ask for the next page with after"
        )
    return first


async def paged(
    context: Context,
    listing: Callable[..., tuple[Sequence[Item], int]],
    show: Callable[[Item], Node],
    *,
    order: Order[Item, Any],
    first: int,
    after: str | None,
    **filters: Any,
) -> Connection[Node]:
    """One page of what a service lists. Raises InvalidInput for a page that can't be."""
    limit = checked(first)
    found, total = await context.ask(listing, limit=limit + 1, after=place(order, after), **filters)
    return page(order, found, limit, total=total, show=show)


def among(
    items: Iterable[Item],
    show: Callable[[Item], Node],
    *,
    order: Order[Item, Any],
    first: int,
    after: str | None,
) -> Connection[Node]:
    """One page of what is in memory, in its order. Raises InvalidInput."""
    everything, limit, start_after = in_order(order, items), checked(first), place(order, after)
    start = 0 if start_after is None else behind(order, everything, start_after)
    found = [*islice(everything, start, start + limit + 1)]
    return page(order, found, limit, total=len(everything), show=show)


def place(order: Order[Item, Any], cursor: str | None) -> Any:
    """Where a cursor stands; None without one. Raises InvalidInput."""
    if cursor is not None and len(cursor) > LONGEST_CURSOR:
        raise InvalidInput(
            "this is no cursor", hint="send `end_cursor` of the page before, or none"
        )
    return None if cursor is None else order.read(cursor)


def page(
    order: Order[Item, Any],
    found: Sequence[Item],
    limit: int,
    *,
    total: int,
    show: Callable[[Item], Node],
) -> Connection[Node]:
    """A page out of up to one item more than it has: that tells whether there is a next one."""
    items = found[:limit]
    end = order.cursor(items[-1]) if items else None
    info = PageInfo(has_next_page=len(found) > limit, end_cursor=end)
    return Connection(nodes=[show(item) for item in items], page_info=info, total=total)
