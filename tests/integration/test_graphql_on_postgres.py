"""Every GraphQL field on PostgreSQL, where pages, searches and counts are other statements than on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from alma.api.graphql.context import Context
from alma.api.graphql.schema import schema
from alma.bootstrap import build
from alma.core.model.principal import LOCAL
from alma.settings import Settings
from tests.api.test_every_field import ADMINISTRATORS, ASKED, Scene, furnished
from tests.people import somebody
from tests.postgres import create_database, database_url, drop_database, postgres_server

__all__ = ["postgres_server"]

# What is taken away last is there for all others.
_ENDS = ("delete_", "revoke_", "forget_", "cancel_", "remove_", "archive_", "change_account")


@pytest.fixture
def database(postgres_server: Path) -> Iterator[str]:
    name = create_database(postgres_server)
    yield database_url(postgres_server, name)
    drop_database(postgres_server, name)


@pytest.fixture
async def scene(tmp_path: Path, database: str) -> AsyncIterator[Scene]:
    alma = build(Settings(home=tmp_path, default_engine="simulation", database_url=database))
    await alma.start()
    try:
        yield Scene(alma, await furnished(alma))
    finally:
        await alma.stop()


async def test_no_field_breaks_for_who_may_everything(scene: Scene) -> None:
    for field in sorted({*ASKED, *ADMINISTRATORS}, key=lambda name: name.startswith(_ENDS)):
        codes = await scene.codes(field, LOCAL)
        assert not codes & {"internal_error", "forbidden", "timeout"}, field


async def test_what_is_of_another_project_stays_there(scene: Scene) -> None:
    stranger = somebody("stranger", project="elsewhere")
    for field in ("blueprints", "iprs", "deployments", "stacks", "keys", "audit"):
        query = f"{{ {field} {{ total }} }}"
        found = await schema().execute(query, context_value=Context(scene.alma, stranger))
        assert found.data == {field: {"total": 0}}


async def test_the_audit_log_is_read_page_by_page(scene: Scene) -> None:
    query = """query ($after: String) { audit(first: 2, after: $after, everywhere: true) {
      total nodes { seq } page_info { has_next_page end_cursor } } }"""
    seen: list[int] = []
    after: str | None = None
    while True:
        found = await schema().execute(
            query, {"after": after}, context_value=Context(scene.alma, LOCAL)
        )
        assert found.data is not None, found.errors
        page = found.data["audit"]
        seen += [node["seq"] for node in page["nodes"]]
        after = page["page_info"]["end_cursor"]
        if not page["page_info"]["has_next_page"]:
            break
    assert seen == sorted({*seen}, reverse=True)
    assert len(seen) == page["total"] > 2
