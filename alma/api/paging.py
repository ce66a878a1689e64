"""Pages of lists: by numbers (`skip`, `limit`), or by a cursor, which neither repeats nor leaves out an item while
others are added and is as fast on the last page as on the first.

A cursor is where the page before ended: the list's name and the last item's place in the list's order. It is opaque to
callers and checked like all that they send; it opens nothing, because every page is asked for as its caller.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from alma.api.deps import Limit, Skip
from alma.api.schemas.common import Page
from alma.core.model.errors import InvalidInput

Item = TypeVar("Item")
View = TypeVar("View")
Key = TypeVar("Key")

_LONGEST = 1024
# What is in a query because of how it was sent, and must not come back in a link.
_UNSAID = frozenset({"skip", "cursor", "access_token"})

Moment = tuple[AwareDatetime, str]
"""A place in a list that is ordered by time, then by id."""


@dataclass(frozen=True)
class Order(Generic[Item, Key]):
    """The order of one list: its name, and what an item's place in it is made of."""

    name: str
    place: Callable[[Item], Key]
    kind: type[Key] | Any
    """The type of a place, for reading it again."""
    sorted: Literal["up", "down"] | None = None
    """How a list that is in memory goes by its places; None for an order of another kind, such as by relevance."""
    _adapter: TypeAdapter[Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_adapter", TypeAdapter(self.kind))

    def cursor(self, item: Item) -> str:
        """The cursor of the page that begins after an item."""
        text = self.name.encode() + b"\n" + self._adapter.dump_json(self.place(item))
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    def read(self, cursor: str) -> Key:
        """Where a cursor stands. Raises InvalidInput for what is none of this list's."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            name, _, key = base64.b64decode(padded, altchars=b"-_", validate=True).partition(b"\n")
            if name == self.name.encode():
                return self._adapter.validate_json(key)
        except (UnicodeEncodeError, binascii.Error, ValidationError):
            pass
        raise InvalidInput(
            f"this is no cursor of the list of {self.name}",
            hint="begin without a cursor, and send next_cursor of an answer as it is",
        )


class Cut(NamedTuple, Generic[Item]):
    """One page of items, and the cursor of the next; None for the last page."""

    items: Sequence[Item]
    next: str | None


class Portion(NamedTuple, Generic[Item]):
    """A page of a list that is in memory, or all of it; `total` counts the whole list."""

    items: Sequence[Item]
    next: str | None
    total: int

    @property
    def ends(self) -> dict[str, Any]:
        """What an answer says beside its items: the fields of `Listed`."""
        return {"total": self.total, "next_cursor": self.next}


@dataclass(frozen=True)
class Asked:
    """Which page of a list a request is for."""

    request: Request
    response: Response
    skip: int
    limit: int
    cursor: str | None

    @property
    def most(self) -> int:
        """How many items to look for: one more than are shown tells whether there is a next page."""
        return self.limit + 1

    def after(self, order: Order[Item, Key]) -> Key | None:
        """The place of the last item that the caller has; None at the beginning. Raises InvalidInput."""
        return None if self.cursor is None else order.read(self.cursor)

    def cut(self, order: Order[Item, Key], found: Sequence[Item]) -> Cut[Item]:
        """The page out of up to `most` items."""
        shown = found[: self.limit]
        return Cut(shown, order.cursor(shown[-1]) if len(found) > len(shown) else None)

    def among(
        self, order: Order[Item, Key], everything: Iterable[Item], view: Callable[[Item], View]
    ) -> Page[View]:
        """The page of a list that is in memory, in its order. Raises InvalidInput."""
        items = in_order(order, everything)
        after = self.after(order)
        start = self.skip if after is None else behind(order, items, after)
        return self.page(order, items[start : start + self.most], len(items), view)

    def page(
        self,
        order: Order[Item, Key],
        found: Sequence[Item],
        total: int,
        view: Callable[[Item], View],
    ) -> Page[View]:
        """The answer out of up to `most` items of `total`; its header `Link` names the next page."""
        cut = self.cut(order, found)
        self.response.headers.update(self.links(cut.next))
        return Page(
            items=[view(item) for item in cut.items],
            total=total,
            skip=self.skip,
            limit=self.limit,
            next_cursor=cut.next,
        )

    def links(self, cursor: str | None) -> dict[str, str]:
        """The header that names the next page, if there is one."""
        if cursor is None:
            return {}
        query = [item for item in parse_qsl(self.request.url.query) if item[0] not in _UNSAID]
        address = f"{self.request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
        return {"Link": f'<{address}>; rel="next"'}


@dataclass(frozen=True)
class AskedPart:
    """Which part of a list that is answered as a whole, unless a page is asked for."""

    request: Request
    response: Response
    limit: int | None
    cursor: str | None

    def of(self, order: Order[Item, Key], everything: Iterable[Item]) -> Portion[Item]:
        """The part, and the header that names what follows. Raises InvalidInput for what is no cursor of the list."""
        items = in_order(order, everything)
        limit = len(items) if self.limit is None else self.limit
        paging = Asked(self.request, self.response, skip=0, limit=limit, cursor=self.cursor)
        after = paging.after(order)
        start = 0 if after is None else behind(order, items, after)
        cut = paging.cut(order, items[start : start + paging.most])
        self.response.headers.update(paging.links(cut.next))
        return Portion(cut.items, cut.next, len(items))


def in_order(order: Order[Item, Key], everything: Iterable[Item]) -> list[Item]:
    """The items by their places. What sorted them before may compare texts by the rules of a language."""
    items = list(everything)
    if order.sorted is not None:
        key: Callable[[Item], Any] = order.place
        items.sort(key=key, reverse=order.sorted == "down")
    return items


def behind(order: Order[Item, Key], items: Sequence[Item], after: Any) -> int:
    """Where the list goes on after a place, which may be empty by now. Raises InvalidInput where that can't be told."""
    places: list[Any] = [order.place(item) for item in items]
    if after in places:
        return places.index(after) + 1
    if order.sorted is None:
        raise InvalidInput(
            f"the list of {order.name} has changed: what the page before ended with is gone",
            hint="begin without a cursor",
        )
    return sum(place < after if order.sorted == "up" else place > after for place in places)


Cursor = Annotated[
    str | None,
    Query(max_length=_LONGEST, description="`next_cursor` of the page before, as it was."),
]


async def asked(
    request: Request,
    response: Response,
    skip: Skip = 0,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Asked:
    """The page asked for. Raises InvalidInput for two ways at once."""
    if cursor is not None and skip:
        raise InvalidInput(
            "a page is asked for by skip or by cursor, not by both", hint="leave skip out"
        )
    return Asked(request=request, response=response, skip=skip, limit=limit, cursor=cursor)


Paging = Annotated[Asked, Depends(asked)]


async def asked_part(
    request: Request,
    response: Response,
    limit: Annotated[
        int | None,
        Query(ge=1, le=500, description="How many to answer with at most; all if unset."),
    ] = None,
    cursor: Cursor = None,
) -> AskedPart:
    """The part asked for."""
    return AskedPart(request=request, response=response, limit=limit, cursor=cursor)


Part = Annotated[AskedPart, Depends(asked_part)]


def part_page(asked: AskedPart, found: Portion[Item], view: Callable[[Item], View]) -> Page[View]:
    """The answer that is a `Page` for lists that always were one."""
    limit = len(found.items) if asked.limit is None else asked.limit
    return Page(items=[view(item) for item in found.items], limit=limit, **found.ends)
