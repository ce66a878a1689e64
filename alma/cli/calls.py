"""How a call to ALMA's API is made, and what becomes of an answer that is none: every failure as a CliError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

import httpx

from alma.cli.credentials import project_headers
from alma.cli.documents import Document
from alma.cli.errors import CliError, from_answer
from alma.cli.shapes import Json
from alma.cli.sse import Sent, events_of

API = "/api/v1"
# As many as a page may have.
_PAGE = 500
# A stream has a sign of life at least every 15 s.
_STREAM_TIMEOUT = httpx.Timeout(45.0, connect=5.0)


class Rows(list[Json]):
    """Items of a list, in its order. `total` counts those that were not asked for as well."""

    total = 0

    @property
    def cut(self) -> str | None:
        """What to say of a list that is not shown to its end."""
        left = self.total - len(self)
        return (
            f"{left} more: ask for them with --limit {self.total}, or --all" if left > 0 else None
        )


class Calls:
    """Calls to one server."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        where: str,
        embedded: bool = False,
        socket: str | None = None,
    ) -> None:
        self._http = http
        self.where = where
        self.embedded = embedded
        self.socket = socket

    @property
    def base_url(self) -> str:
        """Where it answers; over `socket`, if that is set."""
        return str(self._http.base_url)

    @property
    def shown(self) -> tuple[httpx.Auth | None, Mapping[str, str]]:
        """What else speaks to the same server for this command shows: the credential, and the project's header."""
        return self._http.auth, project_headers()

    def _items(self, path: str, *, params: Mapping[str, Any] | None = None, **more: Any) -> Rows:
        """Up to `limit` items of a list, page by page as far as it takes; all of them without a limit, or with None."""
        asked = dict(params or {})
        most = asked.get("limit")
        rows = Rows()
        while True:
            if "limit" in asked:
                asked["limit"] = _PAGE if most is None else min(most - len(rows), _PAGE)
            page = self._object("GET", path, params=asked, **more)
            rows += page["items"]
            rows.total = max(page.get("total", 0), len(rows))
            asked["cursor"] = page.get("next_cursor")
            if asked["cursor"] is None or (most is not None and len(rows) >= most):
                return rows

    def _object(self, method: str, path: str, **more: Any) -> Json:
        return cast("Json", self._read(self._ask(method, API + path, **more)))

    def _text(self, method: str, path: str, **more: Any) -> str:
        answer = self._ask(method, API + path, **more)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            self._refuse(answer)
        return answer.text

    def _done(self, method: str, path: str, **more: Any) -> None:
        answer = self._ask(method, API + path, **more)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            self._refuse(answer)

    def stream(self, method: str, path: str, *, last: str | None, **more: Any) -> Iterator[Sent]:
        """The events of a stream as they come, after the one with the id `last`. Raises CliError for a refusal, and
        httpx.TransportError when the connection breaks."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        with self._http.stream(
            method, API + path, headers=headers, timeout=_STREAM_TIMEOUT, **more
        ) as answer:
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                answer.read()
                self._refuse(answer)
            yield from events_of(answer.iter_lines())

    def _send(
        self,
        method: str,
        path: str,
        document: Document,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Json:
        headers = {"Content-Type": document.media_type} | dict(headers or {})
        return self._object(method, path, content=document.content, headers=headers, **more)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.TimeoutException as error:
            raise CliError(
                f"{self.where} did not answer {method} {path} in time",
                hint="it may still be at work: look with `alma status` or `alma deployments list`",
                code="unreachable",
            ) from error
        except httpx.TransportError as error:
            raise self.unreachable(error) from error

    def _read(self, answer: httpx.Response) -> Any:
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            self._refuse(answer)
        try:
            return answer.json()
        except ValueError:
            raise from_answer(answer.status_code, None, doing=self.where) from None

    def _refuse(self, answer: httpx.Response) -> None:
        try:
            body = answer.json()
        except ValueError:
            body = None
        raise from_answer(answer.status_code, body, doing=f"{answer.request.method} {answer.url}")

    def unreachable(self, error: httpx.TransportError, *, following: str = "") -> CliError:
        """A broken connection, in words. `following` is the deployment whose log was read."""
        hint = "start a server with `alma serve`, or leave --server and ALMA_SERVER out to do without one"
        if following:
            hint = (
                f"deployment {following[:8]} goes on as soon as a server runs: "
                f"alma deployments logs {following[:8]} --follow"
            )
        elif self.embedded:
            hint = "its log, alma.log in the data directory, says more"
        # "[Errno 111] Connection refused": the number is for programmers.
        reason = str(error).rpartition("] ")[2].lower() or type(error).__name__
        return CliError(f"no answer from {self.where}: {reason}", hint=hint, code="unreachable")


def part(text: str) -> str:
    """A part of a path, whatever it contains."""
    return quote(text, safe="")
